"""Whole kernels of Gabors as one Gaussian: V1.conv2 in the paper's alternatives (appendix B.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.entries.factored_gaussian import (
    FactoredGaussian,
    mean_and_factor,
)
from brainscore_wiring.weight_compression.gabor import ENCODED, WEIGHT_GRID, decode, encode, gabor
from brainscore_wiring.weight_compression.gabor_fit import fit_gabors

#: A Gabor of amplitude 1 whose root mean square in a kernel is below this has missed the kernel and
#: stays that small.
SMALLEST_SIZE = 1e-6


@dataclass(frozen=True)
class GaborNormal(FactoredGaussian):
    """One Gaussian with a full covariance over the encoded Gabors of a kernel, 10 numbers per input
    channel.

    As a compression this fails: V1.conv2 has 36,864 weights, for which the authors count 410,241
    numbers, and the factor form still needs 39,007.

    The numbers of a channel are those of `gabor.encode` but for the last, which is the root mean
    square of its weights in place of the scale. The Gabors of 3 x 3 kernels often peak between the
    pixels, with large scales that suit only their own centres and sigmas; sampled with the scale,
    the largest weight was 15 times the largest trained one.
    """

    kind: ClassVar[str] = "gabor_normal"

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of `shape` (out, in, k, k) as float32, the same bits on every machine."""
        out_channels, in_channels, height, width = shape
        numbers = len(self.mean)
        if height != width or in_channels * ENCODED != numbers:
            raise WiringError(
                f"The genome's Gabor normal for {layer} describes {numbers // ENCODED} channels, "
                f"not kernels of shape {in_channels} x {height} x {width}."
            )
        encoded = self.kernels(out_channels, seed, layer, "gabors")
        return _render(encoded.reshape(out_channels, in_channels, ENCODED), height)


def fit_gabor_normal(weights: np.ndarray) -> GaborNormal:
    """The Gaussian of the Gabors fitted to every channel of convolution weights (out, in, k, k)."""
    encoded = encode(fit_gabors(weights)[0])
    encoded[..., -1] = _root_mean_square(np.asarray(weights, np.float64))
    return GaborNormal(*mean_and_factor(encoded.reshape(len(weights), -1)))


def _root_mean_square(kernels: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean(kernels**2, axis=(-2, -1)))


def _render(encoded: np.ndarray, size: int) -> np.ndarray:
    """Kernels (out, channels, size, size), float32, of an encoding (out, channels, 10)."""
    parameters = decode(encoded)
    sizes = parameters[..., 7].copy()
    parameters[..., 7] = 2 * np.pi * parameters[..., 2] * parameters[..., 3]  # amplitude 1
    kernels = gabor(parameters, size)
    kernels *= (sizes / np.maximum(_root_mean_square(kernels), SMALLEST_SIZE))[..., None, None]
    return (np.rint(kernels / WEIGHT_GRID) * WEIGHT_GRID).astype(np.float32)
