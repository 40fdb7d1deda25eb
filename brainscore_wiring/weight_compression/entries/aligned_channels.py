"""Channel variances aligned with activity.

How much of a layer's weights lies along each principal axis of its input. After Guth, Menard,
Rochette and Mallat, "A rainbow in deep network black boxes" (JMLR 25, 2024, arXiv:2305.18512): the
weights of a trained layer look like draws from a normal distribution with a low-rank covariance
over input channels, once a rotation has aligned those channels with the activity below. What
differs here:

- only variances are kept, one for each of the first principal axes of the input activity and one
  for all other axes, where the source keeps full covariances; a diagonal matrix knows no signs, so
  none have to be aligned;
- the axes are not kept at all: the untrained network finds them in its own activity, layer after
  layer, where the source rotates towards the activity of the trained network;
- axes are those of centred activity, and it is the sampled weights of another entry (weight
  compression's clusters) that get the variances, instead of white Gaussian weights, so that spatial
  structure stays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entry import Entry, check_field

#: Entries whose weights can be aligned.
BASES: dict[str, type[Clusters]] = {Clusters.kind: Clusters}
#: Axes are multiples of this, and weights of 2^-16 of the power of two above the largest: sums of
#: their products are exact in double precision, in any order and on any number of threads.
AXIS_GRID = 2.0**-17
WEIGHT_BITS = 16
#: Filters that are handled at a time.
_BLOCK = 256


@dataclass(frozen=True)
class AlignedChannels(Entry):
    """Another entry's weights with given variances along the principal axes of the layer's input.

    `base`: the other entry, with its `kind`. `spectrum` (rank + 1): second moment of the weights
    along each of the first axes and along all others, relative to the mean over the input channels
    (which is 1). Moments are about zero: a mean weight counts as variance along the axes that point
    to it, when fitted as when aligned.
    """

    kind: ClassVar[str] = "aligned_channels"
    base: dict[str, Any]
    spectrum: list[float]

    @property
    def unaligned(self) -> Clusters:
        """The entry that samples the weights."""
        return BASES[self.base["kind"]](
            **{name: value for name, value in self.base.items() if name != "kind"}
        )

    @property
    def in_channels(self) -> int:
        return self.unaligned.in_channels

    @property
    def rank(self) -> int:
        """Axes with a variance of their own."""
        return len(self.spectrum) - 1

    def stored_numbers(self) -> int:
        return self.unaligned.stored_numbers() + len(self.spectrum)

    def check_finite(self) -> None:
        self.unaligned.check_finite()
        check_field("spectrum", self.spectrum, "list[float]")

    def check(self) -> None:
        self.unaligned.check()
        if not 1 <= self.rank < self.in_channels:
            raise ValueError(f"variances along {self.rank} axes of {self.in_channels} channels")
        mean = (
            sum(self.spectrum[:-1]) + (self.in_channels - self.rank) * self.spectrum[-1]
        ) / self.in_channels
        if min(self.spectrum) < 0 or abs(mean - 1) > 1e-3:
            raise ValueError(f"variances that are negative or have the mean {mean:g} instead of 1")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """The weights before alignment."""
        return self.unaligned.sample(shape, seed, layer)

    def align(self, weights: np.ndarray, axes: np.ndarray, layer: str = "the layer") -> np.ndarray:
        """Weights (out, in, k, k) with this spectrum along `axes` (in, rank), as float32.

        Their sum of squares stays. Each component along an axis is scaled, so aligning twice is
        aligning once. What the weights themselves have along an axis is divided out: clusters with
        uneven frequencies have more than 1 along the mean of all channels, which often is close to
        the first axis and would otherwise count twice. The same bits on every machine. Raises
        `WiringError` where axes and weights do not belong together.
        """
        if axes.shape != (self.in_channels, self.rank) or weights.shape[1] != self.in_channels:
            raise WiringError(
                f"The principal axes of {layer} are {' x '.join(map(str, axes.shape))} numbers, "
                f"its genome entry needs {self.in_channels} x {self.rank} for weights of "
                f"{weights.shape[1]} input channels: the file is damaged or belongs to another "
                "genome."
            )
        if not np.isfinite(axes).all():
            raise WiringError(f"The principal axes of {layer} are not finite: the file is damaged.")
        axes = np.rint(axes.astype(np.float64) / AXIS_GRID)
        unit = 2.0 ** (math.frexp(float(np.abs(weights).max()))[1] - WEIGHT_BITS)
        blocks = [slice(start, start + _BLOCK) for start in range(0, len(weights), _BLOCK)]
        components, squares = [], 0
        for block in blocks:
            whole = np.rint(_by_channel(weights[block]) / unit)
            squares += int(np.square(whole.astype(np.int64)).sum())
            components.append(np.rint((whole @ axes) * AXIS_GRID))
        along_axes = sum(
            np.square(part.astype(np.int64)).sum(axis=0) for part in components
        ).tolist()
        gains, other_gain = self._gains(along_axes, squares)
        aligned = np.empty(weights.shape, np.float32)
        for block, part in zip(blocks, components):
            whole = np.rint(_by_channel(weights[block]) / unit) * other_gain
            whole += (np.rint(part * (gains - other_gain)) @ axes.T) * AXIS_GRID
            whole *= unit
            out_channels, in_channels, height, width = aligned[block].shape
            aligned[block] = np.moveaxis(
                whole.reshape(out_channels, height, width, in_channels), -1, 1
            )
        return aligned

    def _gains(self, along_axes: list[int], squares: int) -> tuple[np.ndarray, float]:
        """Factors for the components along the axes (rank), and for what lies along no axis."""
        per_channel = squares / self.in_channels
        rest = max(squares - sum(along_axes), 0) / (self.in_channels - self.rank)
        *wanted, wanted_rest = (variance * per_channel for variance in self.spectrum)
        return (
            np.array([_gain(want, found) for want, found in zip(wanted, along_axes)]),
            _gain(wanted_rest, rest),
        )


def _gain(wanted: float, found: float) -> float:
    # where there is nothing, there is nothing to scale
    return math.sqrt(wanted / found) if found > 0 else 1.0


def _by_channel(weights: np.ndarray) -> np.ndarray:
    """Weights (out, in, k, k) as float64 rows (out * k * k, in)."""
    return np.moveaxis(weights, 1, -1).reshape(-1, weights.shape[1]).astype(np.float64)


def channel_spectrum(weights: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Second moment (n) of weights (out, in, k, k) along each of `axes` (in, n), relative to the
    mean over channels.
    """
    rows = _by_channel(weights)
    return np.square(rows @ axes.astype(np.float64)).mean(axis=0) / np.square(rows).mean()
