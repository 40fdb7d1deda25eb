"""Kaiming Normal (KN), the paper's baseline birth state, as in the CORnet authors' code."""

from __future__ import annotations

import math

import numpy as np

from brainscore_wiring.random_streams import Stream


def kaiming_normal(shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
    """Convolution weights (out, in, k, k) sampled from N(0, sqrt(2 / (k * k * out))), as float32.

    The paper's section 4 writes the number of incoming connections; its authors' models and CORnet
    itself use the outgoing ones, which is what is done here.
    """
    out_channels, _, height, width = shape
    weights = Stream(seed, layer, "kaiming normal").normal(*shape)
    weights *= np.float32(math.sqrt(2 / (height * width * out_channels)))
    return weights


def uniform_default(shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
    """PyTorch's weights (out, in, k, k), uniform in +-1 / sqrt(in * k * k), float32."""
    _, in_channels, height, width = shape
    return linear_default(shape, in_channels * height * width, seed, f"{layer}.weight")


def linear_default(shape: tuple[int, ...], fan_in: int, seed: int, parameter: str) -> np.ndarray:
    """PyTorch's weight or bias of a linear layer, uniform in +-1 / sqrt(fan_in), float32."""
    bound = 1 / math.sqrt(fan_in)
    return ((Stream(seed, parameter, "linear").uniform(*shape) * 2 - 1) * bound).astype(np.float32)


#: What convolutions are initialised from without a genome, by the name in
#: `architectures.Architecture.initial`.
INITIAL = {"kaiming_normal": kaiming_normal, "uniform_default": uniform_default}
