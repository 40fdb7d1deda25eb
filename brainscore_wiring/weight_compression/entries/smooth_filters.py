"""Smooth random filters.

A birth state without any stored number, white noise made smooth and local. The ideas are those of
Pandey, Pachitariu, Brunton and Harris ("Structured random receptive fields enable informative
sensory encodings", PLOS Computational Biology 2022, doi:10.1371/journal.pcbi.1010484), whose model
of V1 receptive fields is a Gaussian process that is smooth within a local envelope, and of
Trockman, Willmott and Kolter (ICLR 2023, arXiv 2210.03651), who write the covariance of trained
filters down in closed form. It is the control for births that keep numbers: what they gain over
this one is more than "filters are smooth". No numbers are kept.

What differs from the sources: one covariance in every layer instead of one fitted to neurons or
graded with depth, envelopes centred on the kernel, and the mean variance of Kaiming Normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.filters import PATTERN_GRID, combined
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal

#: Distance over which weights vary together, and width of the envelope, as shares of the kernel's
#: side.
CORRELATION_LENGTH = 0.2
ENVELOPE = 0.35
#: Share of the variance that the three colour channels of a kernel have in common: luminance.
LUMINANCE = 0.75
COLOUR_CHANNELS = 3


@dataclass(frozen=True)
class SmoothFilters(Entry):
    """Filters of a Gaussian process with covariance exp(-d^2 / 2 l^2) exp(-(r^2 + r'^2) / 4 s^2).

    d is the distance of two weights, r and r' theirs from the kernel's centre, l and s are
    `CORRELATION_LENGTH` and `ENVELOPE` times the kernel's side; the variance falls with r as a
    Gaussian of width s. Filters are independent, but the three of a kernel with three input
    channels, colours, share `LUMINANCE` of their variance: a common pattern is added to their own.
    1 x 1 layers are Kaiming Normal's, bit for bit.
    """

    kind: ClassVar[str] = "smooth_filters"

    def stored_numbers(self) -> int:
        return 0

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        out_channels, in_channels, height, width = shape
        if height != width:
            raise WiringError(
                f"Smooth filters are square, the kernels of {layer} are {height} x {width}."
            )
        if height == 1:
            return kaiming_normal(shape, seed, layer)
        z = Stream(seed, layer, "smooth filters").normal(height * width, out_channels * in_channels)
        if in_channels == COLOUR_CHANNELS:
            common = (
                Stream(seed, layer, "luminance")
                .normal(height * width, out_channels)
                .repeat(COLOUR_CHANNELS, axis=1)
            )
            z *= np.float32(math.sqrt(1 - LUMINANCE))
            z += common * np.float32(math.sqrt(LUMINANCE))
        filters = combined(z, smooth_patterns(height))
        filters *= np.float32(math.sqrt(2 / (height * width * out_channels)))
        return filters.reshape(shape)


def smooth_patterns(size: int) -> np.ndarray:
    """Patterns (k * k, k * k) whose sum with independent standard normals is a smooth filter of
    mean variance 1.

    Covariance and envelope are products of a part along x and a part along y, and so are the
    patterns.
    """
    places = [place - (size - 1) / 2 for place in range(size)]
    length, envelope = CORRELATION_LENGTH * size, ENVELOPE * size
    line = _cholesky(
        [
            [
                math.exp(-(((a - b) / length) ** 2) / 2 - (a * a + b * b) / envelope**2 / 4)
                for b in places
            ]
            for a in places
        ]
    )
    patterns = np.kron(line, line).T
    patterns /= math.sqrt(math.fsum((patterns**2).ravel().tolist()) / size**2)
    return (np.rint(patterns / PATTERN_GRID) * PATTERN_GRID).astype(np.float32)


def _cholesky(covariance: list[list[float]]) -> np.ndarray:
    """Lower triangular factor, in plain Python: the order of operations is fixed.

    Huge kernels are nearly singular.
    """
    factor = np.zeros((len(covariance), len(covariance)))
    for i, row in enumerate(covariance):
        for j in range(i + 1):
            rest = row[j] - math.fsum(factor[i, k] * factor[j, k] for k in range(j))
            if i == j:
                factor[i, i] = math.sqrt(max(rest, 0.0))
            elif factor[j, j]:
                factor[i, j] = rest / factor[j, j]
    return factor
