"""Every kernel as the distribution that fits the layer's kernels best (appendix B.3).

The authors look among 45 distributions of SciPy's, some with numbers for their shape. Here are four
that are symmetrical and have a place and a scale alone, so that each kernel takes two numbers: most
kernels of trained layers are won by the normal distribution or by one with somewhat heavier tails.
As in their code, a distribution fits a kernel best whose density lies nearest to the kernel's
histogram; a layer has the distribution that most of its kernels have (their code takes the one that
was found last).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar, NamedTuple

import numpy as np

from brainscore_wiring.random_streams import TABLE_SCALE, Stream
from brainscore_wiring.weight_compression.entries.kernel_normals import on_scale
from brainscore_wiring.weight_compression.entry import Entry, short

#: Bins of a kernel's histogram, as the authors have them.
_BINS = 200
#: Kernels of a layer that vote, evenly spaced, and steps of the fit, which then stands still.
_VOTERS, _STEPS = 64, 40


class Family(NamedTuple):
    """A distribution with a place and a scale.

    `quantile`: probability -> standard value; `density` of standard values; `slope`: the negative
    derivative of the density's logarithm; `place` and `scale`: the information that a value has on
    either.
    """

    name: str
    quantile: Callable[[float], float]
    density: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    place: float
    scale: float


DISTRIBUTIONS = (
    Family(
        "normal",
        NormalDist().inv_cdf,
        lambda z: np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi),
        lambda z: z,
        1,
        2,
    ),
    Family(
        "hyperbolic secant",
        lambda p: math.log(math.tan(math.pi * p / 2)),
        lambda z: 2 / math.pi * np.exp(-np.abs(z)) / (1 + np.exp(-2 * np.abs(z))),
        np.tanh,
        1 / 2,
        math.pi**2 / 8,
    ),
    Family(
        "logistic",
        lambda p: math.log(p / (1 - p)),
        lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2,
        lambda z: np.tanh(z / 2),
        1 / 3,
        (3 + math.pi**2) / 9,
    ),
    Family(
        "Laplace",
        lambda p: math.log(2 * p) if p < 0.5 else -math.log(2 - 2 * p),
        lambda z: np.exp(-np.abs(z)) / 2,
        np.sign,
        1,
        1,
    ),
)


@functools.cache
def quantile_table(family: int) -> np.ndarray:
    """65,536 equally likely values of a family, in units of 1/4096.

    Like the normal ones, they hide the last bits in which mathematics libraries differ.
    """
    quantile = DISTRIBUTIONS[family].quantile
    upper = [round(quantile((i + 0.5) / 65536) * TABLE_SCALE) for i in range(32768, 65536)]
    return np.array([-value for value in reversed(upper)] + upper, dtype="<i4")


@dataclass(frozen=True)
class BestDistribution(Entry):
    """Places and scales (kernels) of the kernels' weights in the family with this number.

    The authors do not count what it stores; here the choice of the family is one number.
    """

    kind: ClassVar[str] = "best_distribution"
    family: int
    places: list[float]
    scales: list[float]

    def stored_numbers(self) -> int:
        return 1 + 2 * len(self.places)

    def check(self) -> None:
        if not 0 <= self.family < len(DISTRIBUTIONS):
            raise ValueError(f"a distribution with the number {self.family}")
        if len(self.places) != len(self.scales) or not self.places:
            raise ValueError("distributions of unequal length or without kernels")
        if min(self.scales) < 0:
            raise ValueError("a kernel with a negative spread")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of any `shape` (out, in, k, k) as float32, the same bits on every machine.

        Kernel i is sampled from the distribution of trained kernel i; a layer with more kernels
        starts again at the first one, one with fewer leaves out the last ones.
        """
        weights = Stream(seed, layer, "weights").looked_up(quantile_table(self.family), *shape)
        return on_scale(weights, self.places, self.scales)


def fit_best_distribution(weights: np.ndarray) -> BestDistribution:
    """The family of most kernels (out, in, k, k), fitted to each by maximum likelihood."""
    kernels = weights.reshape(len(weights), -1)
    voters = kernels[:: -(-len(kernels) // _VOTERS)]
    distances = np.array([_distances(voters, family) for family in DISTRIBUTIONS])
    family = int(np.bincount(distances.argmin(axis=0), minlength=len(DISTRIBUTIONS)).argmax())
    # kernel by kernel: in double precision the largest layer would take 300 MB at once
    fitted = [fit_family(kernel[None], DISTRIBUTIONS[family]) for kernel in kernels]
    places, scales = (np.array([fit[part][0] for fit in fitted]) for part in (0, 1))
    return BestDistribution(family, short(places), short(scales))


def fit_family(kernels: np.ndarray, family: Family) -> tuple[np.ndarray, np.ndarray]:
    """Place and scale of each row of `kernels` by maximum likelihood, in Fisher's scoring steps."""
    values = kernels.astype(np.float64)
    if family.name == "normal":
        return values.mean(axis=1), values.std(axis=1)
    place = np.median(values, axis=1)
    scale = np.abs(values - place[:, None]).mean(axis=1)
    if family.name == "Laplace":
        return place, scale
    scale = np.median(np.abs(values - place[:, None]), axis=1)
    scale = np.where(scale > 0, scale, np.abs(values).max(axis=1) * 1e-6)
    for _ in range(_STEPS):
        if not (scale > 0).all():
            return place, np.zeros_like(scale)  # all weights are 0
        z = (values - place[:, None]) / scale[:, None]
        slope = family.slope(z)
        place = place + scale * slope.mean(axis=1) / family.place
        step = ((z * slope).mean(axis=1) - 1) / family.scale
        scale = scale * np.exp(np.clip(step, -1, 1))
    return place, scale


def _distances(kernels: np.ndarray, family: Family) -> np.ndarray:
    """Squared distance of each kernel's histogram from the family's density."""
    places, scales = fit_family(kernels, family)
    distances = []
    for kernel, place, scale in zip(kernels, places, scales):
        heights, edges = np.histogram(kernel, _BINS, density=True)
        z = ((edges[1:] + edges[:-1]) / 2 - place) / scale if scale > 0 else np.zeros(_BINS)
        distances.append(((heights - family.density(z) / (scale or 1)) ** 2).sum())
    return np.array(distances)
