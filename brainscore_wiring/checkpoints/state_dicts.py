"""State dicts from files that others wrote: public checkpoints, plain safetensors, our own wiring checkpoints."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from brainscore_wiring.architectures import build
from brainscore_wiring.checkpoints import wiring_checkpoint
from brainscore_wiring.errors import WiringError


def read_state_dict(path: str | Path, architecture: str = "cornet_s") -> dict[str, Tensor]:
    """The float32 state dict for `architecture` in a file, checked name by name and shape by shape.

    Reads safetensors, wiring checkpoints and PyTorch files (a state dict, or a dict with one under `state_dict`; a
    leading `module.` is taken off). PyTorch files are read by torch's restricted reader, which builds tensors and plain
    values and nothing else. Raises `WiringError` in one sentence for everything that is not such a file.
    """
    path = Path(path)
    if not path.is_file():
        raise WiringError(f"There is no checkpoint file '{path}': give a file of trained CORnet-S weights, or the name "
                          "cornet_s_imagenet for the CORnet authors' own.")
    with open(path, "rb") as file:
        start = file.read(9)
    # safetensors begin with the length of their header, then "{"; zip archives and pickles do not
    tensors = _read_safetensors(path) if start[8:9] == b"{" else _read_torch(path)
    return _fitted(tensors, architecture, path)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            if (file.metadata() or {}).get("format") == wiring_checkpoint.FORMAT:
                return wiring_checkpoint.read_checkpoint(path).state
            return {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise WiringError(f"'{path}' is a damaged safetensors file ({error}).") from None


def _read_torch(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickle protocols; what is refused is said below
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WiringError(f"'{path}' is no PyTorch checkpoint of tensors and plain values; whatever it is, files that "
                          "would run code when they are read are refused.") from None
    except Exception as error:  # the restricted reader raises whatever a damaged file makes it stumble over
        raise WiringError(f"'{path}' cannot be read as a PyTorch checkpoint ({type(error).__name__}): "
                          "it is damaged or another kind of file.") from None
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not any(isinstance(value, Tensor) for value in content.values()):
        raise WiringError(f"'{path}' holds no state dict.")
    return {str(name): value for name, value in content.items() if isinstance(value, Tensor)}


def _fitted(tensors: dict[str, Tensor], architecture: str, path: Path) -> dict[str, Tensor]:
    tensors = {name.removeprefix("module."): value for name, value in tensors.items()}
    expected = build(architecture).state_dict()
    for name, value in expected.items():
        if name.endswith("num_batches_tracked"):
            tensors.setdefault(name, value)
        if name not in tensors:
            raise WiringError(f"'{path}' is not a {architecture} checkpoint: it has no {name}.")
        if tensors[name].shape != value.shape:
            raise WiringError(f"'{path}' is not a {architecture} checkpoint: {name} has the shape "
                              f"{tuple(tensors[name].shape)}, expected {tuple(value.shape)}.")
    unexpected = sorted(tensors.keys() - expected.keys())
    if unexpected:
        raise WiringError(f"'{path}' is not a {architecture} checkpoint: {architecture} has no {unexpected[0]}.")
    state = {name: tensors[name].to(value.dtype) for name, value in expected.items()}
    for name, value in state.items():
        if not torch.isfinite(value).all():
            raise WiringError(f"'{path}' is damaged: {name} holds values that are not finite.")
    return state
