"""One Gaussian over all numbers of a kernel, kept as its covariance's factor (appendix B.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entries.channel_mixture import exact_product, factor_of
from brainscore_wiring.weight_compression.entry import Entry, short


@dataclass(frozen=True)
class FactoredGaussian(Entry):
    """A Gaussian over the numbers (n) that describe a kernel.

    `mean` (n); `factor` (rank, n): upper triangular, the covariance is factor.T @ factor. The 64
    kernels of an area's first layers span no more than 63 dimensions, so that the factor is exact
    and much smaller than the covariance.
    """

    mean: list[float]
    factor: list[list[float]]

    def stored_numbers(self) -> int:
        """A component's weight, mean and full covariance matrix, as the authors count them."""
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

    def kernels(self, count: int, seed: int, layer: str, purpose: str) -> np.ndarray:
        """The numbers of `count` kernels (count, n) in float64, the same bits on every machine."""
        z = Stream(seed, layer, purpose).normal(count, len(self.factor))
        return exact_product(z, np.reshape(self.factor, (-1, len(self.mean)))) + np.asarray(
            self.mean
        )


@threadpool_limits.wrap(limits=1)  # deterministic for any number of threads
def mean_and_factor(kernels: np.ndarray) -> tuple[list[float], list[list[float]]]:
    """Mean and factor of the Gaussian of kernels (kernels, n).

    Its covariance is the kernels' own; the 1e-6 that the authors' estimator adds to every variance
    is left out.
    """
    mean = kernels.mean(axis=0)
    factor = factor_of((kernels - mean) / np.sqrt(len(kernels)))
    sizes = np.abs(factor).max(axis=1)
    return short(mean), short(factor[sizes > 1e-9 * np.abs(mean).max()])


@dataclass(frozen=True)
class WholeKernels(FactoredGaussian):
    """A Gaussian over all in * k * k weights of a kernel: V1.conv1 without the Gabor prior.

    The authors fit a mixture to the 64 kernels and let the Bayesian information criterion choose 1
    to 14 components. It chooses one, and not by a little: for a CORnet-S after five epochs of Tiny
    ImageNet it is -29,323 for one component and 12,247, 43,643 and 89,938 for two to four, since a
    covariance of 147 x 147 numbers is more than 64 kernels can pay for.
    """

    kind: ClassVar[str] = "whole_kernels"

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of `shape` (out, in, k, k) as float32, the same bits on every machine."""
        if len(self.mean) != np.prod(shape[1:]):
            raise WiringError(
                f"The genome's kernels for {layer} have {len(self.mean)} weights, the layer's "
                f"{' x '.join(map(str, shape[1:]))}."
            )
        return self.kernels(shape[0], seed, layer, "weights").astype(np.float32).reshape(shape)


def fit_whole_kernels(weights: np.ndarray) -> WholeKernels:
    """The Gaussian of the kernels of convolution weights (out, in, k, k)."""
    return WholeKernels(*mean_and_factor(weights.reshape(len(weights), -1).astype(np.float64)))
