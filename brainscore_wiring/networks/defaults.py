"""PyTorch as it starts, in place of what a caller has set."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn


@contextlib.contextmanager
def pytorch_defaults() -> Iterator[None]:
    """Inside, new tensors are of single precision and on the processor, gradients are computed,
    and products and convolutions are in full single precision and deterministic; outside it is as
    the caller has set it.

    A network in double precision would be another network, with another fingerprint; one that
    runs under `torch.autocast` or `torch.set_float32_matmul_precision("medium")` answers
    otherwise.
    """
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    # as a context the device slows every call down
    place = contextlib.nullcontext() if device.type == "cpu" else torch.device("cpu")
    torch.set_default_dtype(torch.float32)
    try:
        with _full_precision(), place, torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)


@contextlib.contextmanager
def _full_precision() -> Iterator[None]:
    backends: Any = torch.backends  # whose stubs know no precisions
    cudnn = backends.cudnn
    products = (backends.cuda.matmul, backends.mkldnn.matmul)
    places = (*products, backends.mkldnn.conv, cudnn.conv, cudnn.rnn)
    precisions = [place.fp32_precision for place in places]
    flags = cudnn.deterministic, cudnn.benchmark
    try:
        for place in places:
            place.fp32_precision = "ieee"
        cudnn.deterministic, cudnn.benchmark = True, False
        with torch.autocast("cpu", enabled=False), torch.autocast("cuda", enabled=False):
            yield
    finally:
        for place, precision in zip(places, precisions, strict=True):
            place.fp32_precision = precision
        cudnn.deterministic, cudnn.benchmark = flags


def precision_of(network: nn.Module) -> torch.dtype:
    """The type of the images that a network takes: that of its weights."""
    types = (one.dtype for one in network.parameters() if one.is_floating_point())
    return next(types, torch.float32)
