"""Spatial filters as scaled copies of a few Gaussian derivatives that all layers share.

The idea is that of Babaiee, Kiassari, Rus and Grosu ("The quest for universal master key filters in
DS-CNNs", 2025, arXiv 2509.11711): trained depthwise filters are nearly all scaled and shifted
copies of eight, which resemble Gaussians, their differences and their derivatives. Such a bank
(Koenderink and van Doorn 1987, "Representation of local geometry in the visual system", Biological
Cybernetics 55, doi:10.1007/BF00318371) is written down here and costs nothing: a layer keeps only
how much of its variance is that of each.

What differs from the source: its eight filters were found by a search in trained networks; here
they are a formula, an orientation is random instead of along x or y, and noise takes the place of
the shift. A layer keeps 7 numbers for 3 x 3 filters (mean and spread of the Gaussian, spreads of
Laplacian, first and second derivative, residual, correlation of channels), 12 from 5 x 5 on, where
the bank has two widths, and 2 for 1 x 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry, short
from brainscore_wiring.weight_compression.filters import (
    PATTERN_GRID,
    combined,
    mean_filter,
    random_signs,
    second_moments,
)

#: Standard deviations of the bank's Gaussians as shares of the kernel's side; the second is used
#: from a side of 5 on.
BANK_WIDTHS = (0.3, 0.15)
SIDE_OF_TWO_WIDTHS = 5
SMALLEST_SIDE = 3
#: Filters of one width: Gaussian, Laplacian, the two first derivatives, the two oriented second
#: derivatives.
PER_WIDTH = 6
#: Kinds of filters of one width, a pair of derivatives in all its orientations being one.
KINDS_PER_WIDTH = 4
#: Random orientations; a byte holds one.
BANK_ORIENTATIONS = 256


@dataclass(frozen=True)
class DerivativeBank(Entry):
    """How much of a layer's variance is that of each shared filter.

    Each (kernel, input channel) is one filter of the bank with a random sign and orientation, plus
    the mean and noise. A kind of filter occurs in proportion to its variance, so that all
    coefficients have one size: in trained networks they differ less than normal ones would, and no
    filter is noise alone.

    `gaussian_means` (widths): mean coefficient of the Gaussians; `stds` (widths, 4): root mean
    square over all filters of the coefficients of Gaussian, Laplacian, first and second derivative;
    `residual_std`: standard deviation of what each weight adds on its own; `channel_correlation`:
    correlation of two channels of a kernel, large where channels are colours. A channel shows the
    filter that its kernel's channels have in common with a probability of the square root of this,
    else one of its own. Kernels too small for derivatives have one mean and no `stds`: their
    weights are independent normals.
    """

    kind: ClassVar[str] = "derivative_bank"
    gaussian_means: list[float]
    stds: list[list[float]]
    residual_std: float
    channel_correlation: float

    def stored_numbers(self) -> int:
        """Without `stds` there is nothing for channels to have in common, and one number less."""
        return len(self.gaussian_means) + KINDS_PER_WIDTH * len(self.stds) + 1 + bool(self.stds)

    def check(self) -> None:
        if len(self.gaussian_means) != max(1, len(self.stds)) or any(
            len(row) != KINDS_PER_WIDTH for row in self.stds
        ):
            raise ValueError("a bank of unequal sizes")
        if (
            min(chain([self.residual_std], *self.stds)) < 0
            or not 0 <= self.channel_correlation <= 1
        ):
            raise ValueError("a bank with a negative spread or an impossible correlation")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        out_channels, in_channels, height, width = shape
        if height != width or len(self.stds) != widths(height):
            raise WiringError(
                f"The genome's derivative bank for {layer} has {len(self.stds)} widths, "
                f"which does not fit kernels of {height} x {width}."
            )
        filters = self._filters(out_channels * in_channels, height, seed, layer, "own")
        if not self.stds:
            return (filters + np.float32(self.gaussian_means[0])).reshape(shape)
        filters = filters.reshape(out_channels, in_channels, -1)
        common = self._filters(out_channels, height, seed, layer, "common")
        shown = Stream(seed, layer, "channels of the common filter").uniform(
            out_channels, in_channels
        )
        kernels, channels = np.nonzero(shown < math.sqrt(self.channel_correlation))
        filters[kernels, channels] = common[kernels]
        filters += combined(np.asarray(self.gaussian_means)[:, None], bank(height)[::PER_WIDTH])
        return filters.reshape(shape)

    def _filters(self, count: int, side: int, seed: int, layer: str, purpose: str) -> np.ndarray:
        """Filters (count, side * side) of mean 0 in float32."""
        filters = Stream(seed, layer, f"{purpose} residual").normal(count, side * side)
        filters *= np.float32(self.residual_std)
        if self.stds:
            ends = np.cumsum(np.square(np.asarray(self.stds, np.float64).ravel()))
            picks = Stream(seed, layer, f"{purpose} kinds").uniform(count) * ends[-1]
            kinds = np.searchsorted(ends[:-1], picks, side="right")
            words = Stream(seed, layer, f"{purpose} orientations").words(-(-count // 8))
            angles = words.astype("<u8", copy=False).view(np.uint8)[:count]
            scales = random_signs(count, seed, layer, f"{purpose} signs") * np.float32(
                math.sqrt(ends[-1])
            )
            copies = turned_bank(side)[kinds, angles]
            copies *= scales[:, None]
            filters += copies
        return filters


def widths(side: int) -> int:
    """How many widths of Gaussians a kernel of this side has room for."""
    return (side >= SMALLEST_SIDE) + (side >= SIDE_OF_TWO_WIDTHS)


def bank(side: int) -> np.ndarray:
    """The shared filters (6 * widths, side * side) in float32: orthonormal, the wider ones first.

    Of each width Gaussian, Laplacian, d/dx, d/dy, d2/dx2 - d2/dy2 and 2 d2/dxdy; the pairs turn
    into each other. From each filter what earlier ones hold of it is taken away: the second
    Gaussian becomes a difference of Gaussians. Orthonormal filters give the variances that are
    asked for, and a fit is a projection.
    """
    line = np.arange(side) - (side - 1) / 2
    y, x = np.meshgrid(line, line, indexing="ij")
    filters: list[np.ndarray] = []
    for share in BANK_WIDTHS[: widths(side)]:
        variance = (share * side) ** 2
        gaussian = np.exp(-(x * x + y * y) / (2 * variance))
        for factor in (np.ones_like(x), (x * x + y * y) / variance - 2, x, y, x * x - y * y, x * y):
            values = (factor * gaussian).ravel()
            for earlier in filters:
                values = values - earlier * math.fsum((values * earlier).tolist())
            filters.append(values / math.sqrt(math.fsum((values * values).tolist())))
    return _on_grid(np.array(filters))


def turned_bank(side: int) -> np.ndarray:
    """Each kind of filter at each orientation.

    (4 * widths, 256, side * side) in float32, of norm 1. Gaussian and Laplacian look the same at
    all; the n-th derivative is steered from its pair by n times the angle.
    """
    angles = 2 * np.pi * np.arange(BANK_ORIENTATIONS) / BANK_ORIENTATIONS
    kinds = []
    for one_width in np.split(bank(side).astype(np.float64), widths(side)):
        kinds += [
            np.tile(one_width[0], (BANK_ORIENTATIONS, 1)),
            np.tile(one_width[1], (BANK_ORIENTATIONS, 1)),
        ]
        kinds += [
            np.cos(order * angles)[:, None] * one_width[2 * order]
            + np.sin(order * angles)[:, None] * one_width[2 * order + 1]
            for order in (1, 2)
        ]
    return _on_grid(np.array(kinds))


def _on_grid(values: np.ndarray) -> np.ndarray:
    return (np.rint(values / PATTERN_GRID) * PATTERN_GRID).astype(np.float32)


def fit_derivative_bank(weights: np.ndarray) -> DerivativeBank:
    """The genome entry of convolution weights (out, in, k, k), by projection of all its filters
    onto the bank.

    Of the mean filter only its Gaussians are kept as a mean, the rest counts as spread. What no
    filter of the bank holds is spread evenly over the weights, and taken off the bank's filters,
    which hold their share of it. Raises `WiringError` for kernels that are not square.
    """
    side = weights.shape[2]
    if side != weights.shape[3]:
        raise WiringError(
            f"A derivative bank needs square kernels, not {side} x {weights.shape[3]}."
        )
    if not widths(side):
        mean = weights.mean(dtype=np.float64)
        return DerivativeBank([short(mean)], [], short(weights.std(dtype=np.float64)), 0.0)
    filters = bank(side).astype(np.float64)
    gaussians = filters[::PER_WIDTH]
    means = gaussians @ mean_filter(weights)
    centre = means @ gaussians
    moments = second_moments(weights, centre)
    held = np.einsum("fi,ij,fj->f", filters, moments, filters)
    residual = max(0.0, np.trace(moments) - held.sum()) / (side * side - len(filters))
    gaussian, laplacian, *pairs = (held - residual).clip(min=0).reshape(-1, PER_WIDTH).T
    variances = np.stack([gaussian, laplacian, pairs[0] + pairs[1], pairs[2] + pairs[3]], axis=1)
    return DerivativeBank(
        short(means),
        short(np.sqrt(variances)),
        short(np.sqrt(residual)),
        short(_channel_correlation(weights, centre)),
    )


def _channel_correlation(weights: np.ndarray, centre: np.ndarray) -> float:
    """Mean product of two channels' filters of a kernel, around `centre`, relative to that of a
    filter with itself.
    """
    out_channels, in_channels = weights.shape[:2]
    between = within = 0.0
    for kernel in weights.reshape(out_channels, in_channels, -1):
        deviations = kernel - centre
        squares = (deviations**2).sum()
        between += (deviations.sum(axis=0) ** 2).sum() - squares
        within += squares
    return (
        min(1.0, max(0.0, between / (within * (in_channels - 1))))
        if within and in_channels > 1
        else 0.0
    )
