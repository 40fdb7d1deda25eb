"""The Gabor prior of the first layer.

A Gaussian mixture over encoded Gabor parameters (paper, appendix B.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.gabor import ENCODED, render

#: The most components that make sense for 64 kernels.
LARGEST_COMPONENTS = 64


@dataclass(frozen=True)
class GaborMixture(Entry):
    """A Gaussian mixture over a kernel's encoded Gabor parameters (appendix B.1).

    10 numbers per input channel. `weights` (components), `means` (components, n), `covariances`
    (components, n, n).
    """

    kind: ClassVar[str] = "gabor_mixture"
    weights: list[float]
    means: list[list[float]]
    covariances: list[list[list[float]]]

    def stored_numbers(self) -> int:
        """Weights, means and full covariance matrices, as the authors count them (3,724 for 4
        components).

        They are kept in full, so they count in full as true numbers too, although a birth reads one
        triangle of each covariance (465 of 900 numbers).
        """
        n = len(self.means[0])
        return len(self.weights) * (1 + n + n * n)

    def check(self) -> None:
        check_mixture(self.weights, self.means, self.covariances)
        if np.diagonal(self.covariances, axis1=1, axis2=2).min() < 0:
            raise ValueError("a mixture with a negative variance")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        out_channels, in_channels, height, width = shape
        numbers = len(self.means[0])
        if height != width or in_channels * ENCODED != numbers:
            raise WiringError(
                f"The genome's Gabor mixture for {layer} describes {numbers // ENCODED} channels, "
                f"not kernels of shape {in_channels} x {height} x {width}."
            )
        components = Stream(seed, layer, "components").choices(self.weights, out_channels)
        factors = [cholesky(covariance) for covariance in self.covariances]
        z = Stream(seed, layer, "gabors").normal(out_channels, numbers)
        encoded = np.array(
            [_affine(self.means[c], factors[c], row) for c, row in zip(components, z.tolist())]
        )
        return render(encoded, height)


def check_mixture(
    weights: list[float], means: list[list[float]], matrices: list[list[list[float]]]
) -> None:
    """Raise ValueError for unequal sizes, or weights that are no probabilities."""
    n = len(means[0])
    if not (
        len(weights) == len(means) == len(matrices)
        and all(len(row) == n for row in means)
        and all(len(c) == n and all(len(row) == n for row in c) for c in matrices)
    ):
        raise ValueError("a mixture of unequal sizes")
    if min(weights) < 0 or sum(weights) <= 0:
        raise ValueError("a mixture whose weights are no probabilities")


def cholesky(covariance: list[list[float]]) -> list[list[float]]:
    """Lower triangular factor, in plain Python.

    The order of operations, and so every bit, is fixed.
    """
    size = len(covariance)
    factor = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = covariance[i][j]
            for k in range(j):
                rest -= factor[i][k] * factor[j][k]
            if i == j:
                factor[i][i] = math.sqrt(max(rest, 0.0))
            else:
                factor[i][j] = rest / factor[j][j] if factor[j][j] else 0.0
    return factor


def _affine(mean: list[float], factor: list[list[float]], z: list[float]) -> list[float]:
    """mean + factor @ z in plain Python, for the same reason."""
    values = []
    for centre, row in zip(mean, factor):
        value = centre
        for weight, normal in zip(row, z):
            value += weight * normal
        values.append(value)
    return values
