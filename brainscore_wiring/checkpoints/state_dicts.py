"""State dicts from files that others wrote: public checkpoints, plain safetensors, our own wiring
checkpoints.
"""

from __future__ import annotations

import math
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from brainscore_wiring.architectures import build
from brainscore_wiring.checkpoints.header import CHECKPOINT_FORMAT, read_record_if_any
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.checkpoints.training_record import IMAGENET, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.downloads import ByteCount
from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, fetch
from brainscore_wiring.weight_compression.birth import state_sha256

#: Where a dict of tensors and other things may have its state dict.
STATE_DICT_KEYS = ("state_dict", "model_state_dict", "model")
#: Beginning of the file that git leaves in place of one that was not fetched from large-file
#: storage.
GIT_LFS_POINTER = b"version https://git-lfs"
_NUMBERS = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)
_SCALAR: Any = np.float64(0).__reduce__()[0]
#: What the restricted reader may build beside tensors and plain values: numpy's single numbers, as
#: optimizers keep them, under the names of numpy 1 and 2. None of it runs anything.
HARMLESS: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [
    np.dtype,
    *(type(np.dtype(name)) for name in _NUMBERS),
    *((_SCALAR, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
]


class ForeignWeights(NamedTuple):
    """What a file of others holds: a state dict that fits the architecture, and the epoch that the
    file states.
    """

    state: dict[str, Tensor]
    epoch: float | None


def read_state_dict(path: str | Path, architecture: str = "cornet_s") -> dict[str, Tensor]:
    """The float32 state dict for `architecture` in a file; see `read_weights`."""
    return read_weights(path, architecture).state


def read_weights(path: str | Path, architecture: str = "cornet_s") -> ForeignWeights:
    """The float32 state dict for `architecture` in a file, checked name by name and shape by shape.

    Reads safetensors, wiring checkpoints and PyTorch files (a state dict, or a dict with one under
    a name of `STATE_DICT_KEYS`; a leading `module.` is taken off). PyTorch files are read by
    torch's restricted reader, which builds tensors, plain values and `HARMLESS`, and nothing else.
    Raises `WiringError` in one sentence for everything that is not such a file.
    """
    path = Path(path)
    if not path.is_file():
        raise WiringError(
            f"There is no checkpoint file '{path}': give a file of trained CORnet-S weights, or "
            "the name "
            "cornet_s_imagenet for the CORnet authors' own."
        )
    with open(path, "rb") as file:
        start = file.read(len(GIT_LFS_POINTER))
    if start == GIT_LFS_POINTER:
        raise WiringError(
            f"'{path}' is git's pointer to a large file, not the file: `git lfs pull` in its "
            "repository "
            "fetches it."
        )
    # safetensors begin with the length of their header, then "{"; zip archives and pickles do not
    tensors, epoch = (_read_safetensors(path), None) if start[8:9] == b"{" else _read_torch(path)
    return ForeignWeights(_fitted(tensors, architecture, path), epoch)


def state_and_source(
    checkpoint: str | Path, progress: ByteCount | None = None
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state dict in a checkpoint file, or the CORnet authors' own, and what a genome keeps of
    where it comes from.
    """
    published = str(checkpoint) == CORNET_AUTHORS
    path = fetch(CORNET_S_CHECKPOINT, progress) if published else Path(checkpoint)
    state = read_state_dict(path)
    written = read_record_if_any(path)
    record = TrainingRecord.from_json(written) if written else None
    data = IMAGENET if published else record.data.name if record else "unknown"
    return state, {
        "checkpoint": path.name,
        "fingerprint": state_sha256(state)[:8],
        "diet": data,
        "trained_as": record and record.variant,
        "epochs": record and record.epochs,
    }


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            if (file.metadata() or {}).get("format") == CHECKPOINT_FORMAT:
                return read_checkpoint(path).state
            return {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise WiringError(f"'{path}' is a damaged safetensors file ({error}).") from None


def _read_torch(path: Path) -> tuple[dict[str, Tensor], float | None]:
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(HARMLESS):
            warnings.simplefilter("ignore")  # about pickle protocols; what is refused is said below
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WiringError(
            f"'{path}' is no PyTorch checkpoint of tensors and plain values; whatever it is, "
            "files that "
            "would run code when they are read are refused."
        ) from None
    except (
        Exception
    ) as error:  # the restricted reader raises whatever a damaged file makes it stumble over
        raise WiringError(
            f"'{path}' cannot be read as a PyTorch checkpoint ({type(error).__name__}): "
            "it is damaged or another kind of file."
        ) from None
    content = content if isinstance(content, dict) else {}
    tensors = next(
        (content[key] for key in STATE_DICT_KEYS if isinstance(content.get(key), dict)), content
    )
    if not any(isinstance(value, Tensor) for value in tensors.values()):
        raise WiringError(f"'{path}' holds no state dict.")
    return (
        {str(name): value for name, value in tensors.items() if isinstance(value, Tensor)},
        _number(content.get("epoch")),
    )


def _number(value: Any) -> float | None:
    """A finite number that a file states, None for anything else."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


def _fitted(tensors: dict[str, Tensor], architecture: str, path: Path) -> dict[str, Tensor]:
    tensors = {name.removeprefix("module."): value for name, value in tensors.items()}
    expected = build(architecture).state_dict()
    for name, value in expected.items():
        if name.endswith("num_batches_tracked"):
            tensors.setdefault(name, value)
        if name not in tensors:
            raise WiringError(f"'{path}' is not a {architecture} checkpoint: it has no {name}.")
        if tensors[name].shape != value.shape:
            raise WiringError(
                f"'{path}' is not a {architecture} checkpoint: {name} has the shape "
                f"{tuple(tensors[name].shape)}, expected {tuple(value.shape)}."
            )
    unexpected = sorted(tensors.keys() - expected.keys())
    if unexpected:
        raise WiringError(
            f"'{path}' is not a {architecture} checkpoint: {architecture} has no {unexpected[0]}."
        )
    state = {name: tensors[name].to(value.dtype) for name, value in expected.items()}
    for name, value in state.items():
        if not torch.isfinite(value).all():
            raise WiringError(f"'{path}' is damaged: {name} holds values that are not finite.")
    return state
