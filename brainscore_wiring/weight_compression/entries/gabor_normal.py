"""Whole kernels of Gabors as one Gaussian: V1.conv2 in the paper's alternatives (appendix B.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entries.channel_mixture import exact_product, factor_of
from brainscore_wiring.weight_compression.entry import Entry, short
from brainscore_wiring.weight_compression.gabor import ENCODED, WEIGHT_GRID, decode, encode, gabor
from brainscore_wiring.weight_compression.gabor_fit import fit_gabors

#: A Gabor of amplitude 1 whose root mean square in a kernel is below this has missed the kernel and
#: stays that small.
SMALLEST_SIZE = 1e-6


@dataclass(frozen=True)
class GaborNormal(Entry):
    """One Gaussian with a full covariance over the encoded Gabors of a kernel, 10 numbers per input
    channel (n).

    `mean` (n); `factor` (rank, n): upper triangular, the covariance is factor.T @ factor. The 64
    kernels of V1.conv2 span no more than 63 of its 640 dimensions, so that the factor is exact and
    much smaller than the covariance.

    As a compression this fails: V1.conv2 has 36,864 weights, for which the authors count 410,241
    numbers, and the factor form still needs 39,007.

    The numbers of a channel are those of `gabor.encode` but for the last, which is the root mean
    square of its weights in place of the scale. The Gabors of 3 x 3 kernels often peak between the
    pixels, with large scales that suit only their own centres and sigmas; sampled with the scale,
    the largest weight was 15 times the largest trained one.
    """

    kind: ClassVar[str] = "gabor_normal"
    mean: list[float]
    factor: list[list[float]]

    def stored_numbers(self) -> int:
        """A component's weight, mean and full covariance matrix, as the authors count them (410,241
        for V1.conv2).
        """
        n = len(self.mean)
        return 1 + n + n * n

    def true_numbers(self) -> int:
        """The mean and the triangular factor without its zeros."""
        n, rank = len(self.mean), len(self.factor)
        return n + rank * n - rank * (rank - 1) // 2

    def check(self) -> None:
        n = len(self.mean)
        if not 0 < n >= len(self.factor) or any(len(row) != n for row in self.factor):
            raise ValueError("a Gaussian of unequal sizes")
        if self.factor and np.tril(self.factor, -1).any():
            raise ValueError("a Gaussian with a factor that is not upper triangular")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of `shape` (out, in, k, k) as float32, the same bits on every machine."""
        out_channels, in_channels, height, width = shape
        numbers = len(self.mean)
        if height != width or in_channels * ENCODED != numbers:
            raise WiringError(
                f"The genome's Gabor normal for {layer} describes {numbers // ENCODED} channels, "
                f"not kernels of shape {in_channels} x {height} x {width}."
            )
        z = Stream(seed, layer, "gabors").normal(out_channels, len(self.factor))
        encoded = exact_product(z, np.reshape(self.factor, (-1, numbers))) + np.asarray(self.mean)
        return _render(encoded.reshape(out_channels, in_channels, ENCODED), height)


@threadpool_limits.wrap(limits=1)
def fit_gabor_normal(weights: np.ndarray) -> GaborNormal:
    """The Gaussian of the Gabors fitted to every channel of convolution weights (out, in, k, k).

    Its covariance is the kernels' own; the 1e-6 that the authors' estimator adds to every variance
    is left out.
    """
    encoded = encode(fit_gabors(weights)[0])
    encoded[..., -1] = _root_mean_square(np.asarray(weights, np.float64))
    encoded = encoded.reshape(len(weights), -1)
    mean = encoded.mean(axis=0)
    factor = factor_of((encoded - mean) / np.sqrt(len(weights)))
    sizes = np.abs(factor).max(axis=1)
    return GaborNormal(mean=short(mean), factor=short(factor[sizes > 1e-9 * np.abs(mean).max()]))


def _root_mean_square(kernels: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean(kernels**2, axis=(-2, -1)))


def _render(encoded: np.ndarray, size: int) -> np.ndarray:
    """Kernels (out, channels, size, size) as float32 from this entry's encoding (out, channels,
    10).
    """
    parameters = decode(encoded)
    sizes = parameters[..., 7].copy()
    parameters[..., 7] = 2 * np.pi * parameters[..., 2] * parameters[..., 3]  # amplitude 1
    kernels = gabor(parameters, size)
    kernels *= (sizes / np.maximum(_root_mean_square(kernels), SMALLEST_SIZE))[..., None, None]
    return (np.rint(kernels / WEIGHT_GRID) * WEIGHT_GRID).astype(np.float32)
