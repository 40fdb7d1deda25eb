"""Spatial filters with the covariance of trained ones, in few numbers.

The idea is that of Trockman, Willmott and Kolter ("Understanding the covariance structure of
convolutional filters", ICLR 2023, arXiv 2210.03651): neighbouring weights of trained filters vary
together, and filters sampled from a multivariate normal with that covariance are a better start
than independent weights. Where weight compression has cluster centres with the same noise around
each weight, this has one centre and the directions in which filters vary.

What differs from the source: it keeps a whole covariance (k^4 numbers) of depthwise filters, or a
closed form of it; here dense convolutions have a low-rank one, by probabilistic principal
components (Tipping and Bishop 1999, Journal of the Royal Statistical Society B 61,
doi:10.1111/1467-9868.00196). With rank r a layer keeps k^2 mean weights, r k^2 of the directions
and one standard deviation: 37 numbers for 3 x 3 at rank 3, 2 for 1 x 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry, short
from brainscore_wiring.weight_compression.filters import combined, mean_filter, second_moments

LARGEST_RANK = 8


@dataclass(frozen=True)
class LowRankFilters(Entry):
    """A normal distribution over a layer's filters, each (kernel, input channel) an independent
    draw.

    `mean` (k * k); `factor` (rank, k * k): directions in which filters vary, as long as the
    standard deviation along them; `residual_std`: standard deviation of what each weight adds on
    its own. The covariance is factor^T factor + residual_std^2 I.
    """

    kind: ClassVar[str] = "low_rank_filters"
    mean: list[float]
    factor: list[list[float]]
    residual_std: float

    def stored_numbers(self) -> int:
        return len(self.mean) * (1 + len(self.factor)) + 1

    def check(self) -> None:
        if any(len(direction) != len(self.mean) for direction in self.factor):
            raise ValueError("filters of unequal size")
        if not 0 <= len(self.factor) < len(self.mean):
            raise ValueError(
                f"{len(self.factor)} directions for filters of {len(self.mean)} weights"
            )
        if self.residual_std < 0:
            raise ValueError("filters with a negative spread")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        out_channels, in_channels, height, width = shape
        if len(self.mean) != height * width:
            raise WiringError(
                f"The genome's filters for {layer} have {len(self.mean)} weights, "
                f"its kernels {height} x {width}."
            )
        filters = Stream(seed, layer, "weights").normal(out_channels * in_channels, height * width)
        filters *= np.float32(self.residual_std)
        if self.factor:
            z = Stream(seed, layer, "directions").normal(len(self.factor), len(filters))
            filters += combined(z, np.asarray(self.factor))
        filters += np.asarray(self.mean, np.float32)
        return filters.reshape(shape)


def fit_low_rank_filters(weights: np.ndarray, rank: int | None = None) -> LowRankFilters:
    """The genome entry of convolution weights (out, in, k, k), by principal components of all its
    filters in float64.

    `rank`: by default a third of a filter's weights, at most 8 (0 for 1 x 1, 3 for 3 x 3, 8 from 5
    x 5 on). The variance that the directions leave is spread evenly over the weights; where filters
    vary in fewer directions, the others are zero. Raises `WrongUsage` for a rank that filters of
    this size cannot have.
    """
    width = weights.shape[2] * weights.shape[3]
    rank = min(LARGEST_RANK, width // 3) if rank is None else rank
    if not 0 <= rank < width:
        raise WrongUsage(
            f"Filters of {weights.shape[2]} x {weights.shape[3]} weights can have rank 0 to "
            f"{width - 1}, not {rank}."
        )
    mean = mean_filter(weights)
    variances, directions = np.linalg.eigh(second_moments(weights, mean))
    variances, directions = variances[::-1].clip(min=0), directions.T[::-1]
    residual = variances[rank:].mean()
    factor = directions[:rank] * np.sqrt((variances[:rank] - residual).clip(min=0))[:, None]
    largest = np.take_along_axis(factor, np.abs(factor).argmax(axis=1)[:, None], axis=1)
    # a direction's sign means nothing: its largest weight is positive
    factor *= np.where(largest < 0, -1, 1)
    return LowRankFilters(short(mean), short(factor), short(np.sqrt(residual)))
