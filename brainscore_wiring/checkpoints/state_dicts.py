"""State dicts from public checkpoints, plain safetensors and wiring checkpoints."""

from __future__ import annotations

import math
import tarfile
import types
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from brainscore_wiring import inert_pickles
from brainscore_wiring.architectures import build
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.checkpoints.header import CHECKPOINT_FORMAT, read_record_if_any
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.checkpoints.tensorflow_graph import GRAPH, GZIP, mobilenet_v1
from brainscore_wiring.checkpoints.training_record import IMAGENET, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import all_finite, read_checkpoint
from brainscore_wiring.downloads import ByteCount
from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, fetch
from brainscore_wiring.weight_compression.birth import fingerprint_of
from brainscore_wiring.weight_compression.births import FITTED

#: The architecture whose weights may come as a frozen graph.
_TENSORFLOW = "mobilenet_v1_tensorflow"
#: Beginning of the file that git leaves in place of one that was not fetched from large-file
#: storage.
GIT_LFS_POINTER = b"version https://git-lfs"
#: How deep in a file a state dict may lie, as `state` > `model` in Composer's checkpoints.
DEEPEST = 2
#: Modules that wrap a network, or a part of it, and add their name to those of its tensors.
WRAPPERS = {"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
#: Last parts of names under which profilers and averages keep their counts beside the weights.
BOOKKEEPING = {"total_ops", "total_params", "n_averaged"}
#: Names of a file that a message shows, and characters of each.
SHOWN, SHOWN_LENGTH = 3, 80


class _Unpickler(inert_pickles.Unpickler):
    """Builds tensors too."""

    known: ClassVar = {
        **inert_pickles.PLAIN_CALLS,
        "torch._utils._rebuild_tensor": torch._utils._rebuild_tensor,
        "torch._utils._rebuild_tensor_v2": lambda *parts: torch._utils._rebuild_tensor(*parts[:4]),
        "torch._utils._rebuild_parameter": lambda data, *_: data,
        "torch._utils._rebuild_parameter_with_state": lambda data, *_: data,
        "torch._tensor._rebuild_from_type_v2": lambda build, _, parts, state: build(*parts),
        "torch.Size": torch.Size,
    }


#: What `torch.load` reads pickles with.
_PICKLES = types.SimpleNamespace(
    __name__="inert_pickles",
    Unpickler=_Unpickler,
    load=lambda file, **options: _Unpickler(file, **options).load(),
)


@dataclass
class ForeignWeights:
    """A state dict in a file of others, by the network's names.

    `epoch`: the one that the file states; `key`: where in the file the state dict is, empty at the
    top; `left_aside`: names of tensors beside it that belong to no part of the network; `without`:
    names of the decoder's parameters where the file has another decoder or none, so that `state`
    lacks them. `complaint`: why it does not fit the architecture, empty where it does; `known`: how
    many of the network's names it has.
    """

    state: dict[str, Tensor]
    epoch: float | None = None
    key: str = ""
    left_aside: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    complaint: str = ""
    known: int = 0

    def same(self, other: ForeignWeights) -> bool:
        """Whether another has the same tensors."""
        return self.state.keys() == other.state.keys() and all(
            torch.equal(value, other.state[name]) for name, value in self.state.items()
        )


def read_state_dict(path: str | Path, architecture: str = "cornet_s") -> dict[str, Tensor]:
    """The float32 state dict for `architecture` in a file, whole; see `read_weights`."""
    weights = read_weights(path, architecture)
    if weights.without:
        raise WiringError(
            f"'{path}' is not a whole {architecture} checkpoint: it has no {weights.without[0]} "
            "of the shape that belongs there."
        )
    return weights.state


def read_weights(
    path: str | Path, architecture: str = "cornet_s", key: str | None = None
) -> ForeignWeights:
    """The float32 state dict for `architecture` in a file, checked name by name and shape by shape.

    Reads safetensors, wiring checkpoints and PyTorch files, in which the state dict (or the whole
    module) lies at the top or up to `DEEPEST` levels down. What wraps all its names (`module.`,
    `_orig_mod.`, `model.`, ...) is taken off. Nothing in a file is executed: tensors and plain
    values are built, and inert placeholders for all other objects. `key` names one of several
    state dicts that fit. TensorFlow's MobileNet v1 is read from its frozen graph
    (`tensorflow_graph`). Raises `WiringError` in one sentence for a file in which none fits, or
    several that differ.
    """
    path = Path(path)
    if not path.is_file():
        raise WiringError(
            f"There is no checkpoint file '{path}': give a file of trained CORnet-S weights, or "
            "the name cornet_s_imagenet for the CORnet authors' own."
        )
    with open(path, "rb") as file:
        start = file.read(len(GIT_LFS_POINTER))
    if not start:
        raise WiringError(
            f"'{path}' is empty (0 bytes), as are the three files of trained weights in the "
            "repository of the paper's authors: ask those who trained them, or fetch it again."
        )
    if start == GIT_LFS_POINTER:
        raise WiringError(
            f"'{path}' is git's pointer to a large file, not the file: `git lfs pull` in its "
            "repository fetches it."
        )
    # safetensors begin with the length of their header, then "{"; zip archives and pickles do not
    if start[8:9] == b"{":
        content = _read_safetensors(path)
    elif architecture == _TENSORFLOW and start.startswith((GRAPH, GZIP)):
        content = mobilenet_v1(path)
    else:
        content = _read_torch(path)
    return _Search(path, architecture, build(architecture)).one(content, key)


def architecture_of(checkpoint: str | Path) -> str:
    """The architecture of a model of the catalogue, or the one that a checkpoint file states.

    A file that states none is taken for a CORnet-S.
    """
    if str(checkpoint) in CATALOGUE:
        return CATALOGUE[str(checkpoint)].architecture
    written = read_record_if_any(checkpoint) if Path(checkpoint).is_file() else None
    return TrainingRecord.from_json(written).architecture if written else FITTED


def state_and_source(
    checkpoint: str | Path, progress: ByteCount | None = None
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state dict in a checkpoint file, of a model of the catalogue, or the CORnet authors' own,
    and what a genome keeps of where it comes from.

    Raises `WiringError` where a model's weights are not here.
    """
    published = str(checkpoint) == CORNET_AUTHORS
    path = fetch(CORNET_S_CHECKPOINT, progress) if published else Path(checkpoint)
    if str(checkpoint) in CATALOGUE and not published:
        model = resolve(str(checkpoint))
        if model.weights is None:
            raise WiringError(
                model.reason or f"{checkpoint} has no trained weights to fit a genome to."
            )
        path = model.weights.path
    state = read_state_dict(path, architecture_of(checkpoint))
    written = read_record_if_any(path)
    record = TrainingRecord.from_json(written) if written else None
    data = IMAGENET if published else record.data.name if record else "unknown"
    row = CATALOGUE.get(record.variant) if record else None
    return state, {
        "checkpoint": path.name,
        "fingerprint": fingerprint_of(state),
        "diet": data,
        "trained_as": record and record.variant,
        "epochs": None if row and row.not_known else record and record.epochs,
    }


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            if (file.metadata() or {}).get("format") == CHECKPOINT_FORMAT:
                return read_checkpoint(path).state
            return {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise WiringError(f"'{path}' is a damaged safetensors file ({error}).") from None


def _read_torch(path: Path) -> Any:
    try:
        with open(path, "rb") as file:
            is_zip = file.read(2) == b"PK"
        if is_zip:
            _check_archive(path)
        if not is_zip and tarfile.is_tarfile(path):
            raise ValueError("a tar archive: name the checkpoint in it")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickle protocols
            return torch.load(path, map_location="cpu", pickle_module=_PICKLES, weights_only=False)
    except Exception as error:  # which one depends on where a damaged file makes torch stumble
        raise WiringError(
            f"'{path}' cannot be read as a PyTorch checkpoint ({type(error).__name__}: "
            f"{str(error).strip().partition(chr(10))[0][:200]}): it is damaged or another kind of "
            "file."
        ) from None


def _check_archive(path: Path) -> None:
    """Raise `ValueError` for a program and for damage, which torch would not notice."""
    with zipfile.ZipFile(path) as archive:
        if any(name.endswith("/constants.pkl") for name in archive.namelist()):
            raise ValueError("a TorchScript program: save its state_dict() instead")
        damaged = archive.testzip()
    if damaged:
        raise ValueError(f"{damaged} in it does not match its checksum")


def _members(value: Any) -> Mapping[Any, Any]:
    """What a dict holds, the state dict of a module, or the attributes of another object."""
    if not isinstance(value, inert_pickles.Foreign):
        return value if isinstance(value, dict) else {}
    state = value.state if isinstance(value.state, dict) else {}
    return dict(_of_module(state)) if "_modules" in state else {**state, **value}


def _of_module(state: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Names and tensors of a pickled module, as its `state_dict` would have them."""
    for kind in ("_parameters", "_buffers"):
        for name, value in _members(state.get(kind)).items():
            yield f"{prefix}{name}", value
    for name, module in _members(state.get("_modules")).items():
        if isinstance(module, inert_pickles.Foreign) and isinstance(module.state, dict):
            yield from _of_module(module.state, f"{prefix}{name}.")


class _Search:
    """Looks for the one state dict of `network` in the content of a file."""

    def __init__(self, path: Path, architecture: str, network: nn.Module):
        self.path, self.architecture = path, architecture
        self.expected = network.state_dict()
        linear = [name for name, part in network.named_modules() if isinstance(part, nn.Linear)]
        #: Name of the decoder, and of the part of the network that holds it.
        self.decoder = f"{linear[-1]}." if linear else None
        self.around_decoder = f"{linear[-1].partition('.')[0]}." if linear else None

    def one(self, content: Any, key: str | None) -> ForeignWeights:
        """The state dict that fits; raises `WiringError` where none does, or several differ."""
        try:
            found = [
                candidate
                for path, epoch, tensors in self._dicts(content)
                for candidate in self._unwrapped(path, epoch, tensors)
            ]
        except RecursionError:
            found = []
        if not found:
            raise WiringError(f"'{self.path}' holds no state dict.")
        if key is not None:
            named = [candidate for candidate in found if candidate.key == key]
            if not named:
                keys = dict.fromkeys(candidate.key or "(the top)" for candidate in found)
                raise WiringError(
                    f"'{self.path}' has no tensors under '{key}', only under {_some(keys)}."
                )
            found = named
        fitting = [candidate for candidate in found if not candidate.complaint]
        if not fitting:
            raise self._misfit(max(found, key=lambda candidate: candidate.known))
        first, *others = fitting
        if not all(first.same(other) for other in others):
            raise WiringError(
                f"'{self.path}' has several state dicts of {self.architecture}, "
                f"{_some(candidate.key or '(the top)' for candidate in fitting)}: name one, as in "
                f"`brainscore import-weights {self.path} --as MODEL --key {fitting[-1].key}`."
            )
        odd = next(
            (
                name
                for name, value in self.expected.items()
                if value.is_floating_point()
                and name in first.state
                and not first.state[name].is_floating_point()
            ),
            None,
        )
        if odd:
            raise WiringError(
                f"'{self.path}' holds {odd} as {first.state[odd].dtype}, not in floating point."
            )
        state = {
            name: first.state[name].to(value.dtype)
            for name, value in self.expected.items()
            if name in first.state
        }
        for name, value in state.items():
            if not all_finite(value):
                raise WiringError(
                    f"'{self.path}' is damaged: {name} holds values that are not finite."
                )
        return replace(first, state=state)

    def _misfit(self, nearest: ForeignWeights) -> WiringError:
        complaint = nearest.complaint
        if not nearest.known:
            complaint += f", but {_some(nearest.state)}"
        return WiringError(f"'{self.path}' is not a {self.architecture} checkpoint: {complaint}.")

    def _dicts(
        self, value: Any, path: tuple[str, ...] = (), epoch: float | None = None
    ) -> Iterator[tuple[str, float | None, dict[str, Tensor]]]:
        """Every dict with tensors: where it is, the epoch stated beside it, and its tensors."""
        members = _members(value)
        stated = _number(members.get("epoch"))
        epoch = epoch if stated is None else stated
        tensors = {
            str(name): one.detach() for name, one in members.items() if isinstance(one, Tensor)
        }
        if tensors:
            yield ".".join(path), epoch, tensors
        if len(path) < DEEPEST:
            for name, one in members.items():
                if isinstance(one, dict):
                    yield from self._dicts(one, (*path, str(name)), epoch)

    def _unwrapped(
        self, key: str, epoch: float | None, tensors: dict[str, Tensor]
    ) -> Iterator[ForeignWeights]:
        """The tensors below every prefix that could be what wraps the network's names."""
        if not any(WRAPPERS & set(name.split(".")) for name in self.expected):
            bare = [".".join(p for p in name.split(".") if p not in WRAPPERS) for name in tensors]
            if len(set(bare)) == len(bare):
                tensors = dict(zip(bare, tensors.values()))
        names = [name for name in self.expected if not self._of_decoder(name)] or [*self.expected]
        prefixes = {
            name.removesuffix(anchor)
            for anchor in (names[0], names[len(names) // 2], names[-1])
            for name in tensors
            if name == anchor or name.endswith(f".{anchor}")
        } or {""}
        for prefix in sorted(prefixes):
            inside = {
                name.removeprefix(prefix): value
                for name, value in tensors.items()
                if name.startswith(prefix)
            }
            outside = tuple(name for name in tensors if not name.startswith(prefix))
            more = f".{prefix.rstrip('.')}" if len(prefixes) > 1 and prefix else ""
            place = f"{key}{more}".lstrip(".")
            yield self._checked(ForeignWeights(inside, epoch, place, outside))

    def _of_decoder(self, name: str) -> bool:
        return self.decoder is not None and name.startswith(self.decoder)

    def _checked(self, candidate: ForeignWeights) -> ForeignWeights:
        """The candidate with what it lacks, and the first thing that does not fit."""
        tensors, expected = candidate.state, self.expected
        counts = [name for name in tensors if name.rpartition(".")[2] in BOOKKEEPING]
        candidate.left_aside += tuple(counts)
        tensors = {name: value for name, value in tensors.items() if name not in counts}
        candidate.known = len(expected.keys() & tensors.keys())
        for name, value in expected.items():
            if name.endswith("num_batches_tracked"):
                tensors.setdefault(name, value)
        wrong = [
            name
            for name, value in expected.items()
            if name not in tensors or tensors[name].shape != value.shape
        ]
        if wrong and all(self._of_decoder(name) for name in wrong):
            candidate.without = tuple(name for name in expected if self._of_decoder(name))
            around = self.around_decoder or self.decoder
            others = [
                name
                for name in tensors
                if name in candidate.without
                or (name not in expected and around and name.startswith(around))
            ]
            candidate.left_aside += tuple(others)
            tensors = {name: value for name, value in tensors.items() if name not in others}
            wrong = []
        unexpected = sorted(tensors.keys() - expected.keys())
        if wrong and wrong[0] not in tensors:
            candidate.complaint = f"it has no {wrong[0]}"
        elif wrong:
            candidate.complaint = (
                f"{wrong[0]} has the shape {tuple(tensors[wrong[0]].shape)}, expected "
                f"{tuple(expected[wrong[0]].shape)}"
            )
        elif unexpected:
            candidate.complaint = f"{self.architecture} has no {unexpected[0][:SHOWN_LENGTH]}"
        if not candidate.complaint or candidate.known:
            candidate.state = tensors
        return candidate


def _some(names: Any) -> str:
    """The first of some names, each cut to a readable length."""
    names = [str(name)[:SHOWN_LENGTH] for name in names]
    return ", ".join(names[:SHOWN]) + (f", ... ({len(names):,} in all)" if names[SHOWN:] else "")


def _number(value: Any) -> float | None:
    """A finite number that a file states as a number, tensor or text; None for anything else."""
    try:
        if isinstance(value, inert_pickles.Foreign):  # a number of numpy
            kind, content = value.arguments
            value = np.frombuffer(content, np.dtype(str(kind.arguments[0])))[0]
        value = value.item() if isinstance(value, Tensor | np.generic) else value
        if isinstance(value, bool) or not math.isfinite(float(value)):
            return None
        return int(value) if float(value).is_integer() else float(value)
    except (ValueError, TypeError, IndexError, AttributeError, RuntimeError, OverflowError):
        return None
