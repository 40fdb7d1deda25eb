"""PyTorch as it starts, in place of what a caller has set."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import nn


@contextlib.contextmanager
def pytorch_defaults() -> Iterator[None]:
    """Inside, new tensors are of single precision and on the processor, and gradients are computed;
    outside it is as the caller has set it.

    A network in double precision would be another network, with another fingerprint.
    """
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    torch.set_default_dtype(torch.float32)
    try:
        # as a context the device slows every call down
        place = contextlib.nullcontext() if device.type == "cpu" else torch.device("cpu")
        with place, torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)


def precision_of(network: nn.Module) -> torch.dtype:
    """The type of the images that a network takes: that of its weights."""
    types = (one.dtype for one in network.parameters() if one.is_floating_point())
    return next(types, torch.float32)
