"""Published histograms of macaque V1, and how alike a model's population is to them.

The similarity is Marques, Schrimpf & DiCarlo's (2021, DOI 10.1101/2021.03.01.433495): one minus the
Kolmogorov-Smirnov distance of the binned distributions, divided by the largest distance that the
data allow.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

RESAMPLES = 1000
_SEED = 1982


@dataclass(frozen=True)
class Histogram:
    """One measured property: `counts` (bins,) of neurons between `edges` (bins + 1,), in `unit`.

    `neurons` is the size of the sample; those that the property is not defined for (no suppression,
    no band-pass tuning) are in no bin.
    """

    name: str
    edges: np.ndarray
    counts: np.ndarray
    neurons: int
    unit: str
    source: str
    doi: str
    number: int  # its own random samples

    def with_counts(self, counts: np.ndarray) -> Histogram:
        """The same property with other counts (bins,)."""
        return replace(self, counts=counts)

    def with_missing(self) -> np.ndarray:
        """Counts, followed by the number of neurons without a value."""
        return np.append(self.counts, self.neurons - self.counts.sum())

    def count(self, values: np.ndarray) -> np.ndarray:
        """Number of `values` in each bin, outliers in the outer ones; last, of NaN."""
        defined = values[~np.isnan(values)]
        counts = np.histogram(np.clip(defined, self.edges[0], self.edges[-1]), self.edges)[0]
        return np.append(counts, len(values) - len(defined))


@functools.cache
def histograms() -> dict[str, Histogram]:
    """The seven published histograms by property, in the order of the file."""
    rows: dict[str, list[dict[str, str]]] = {}
    with open(Path(__file__).parent / "histograms.csv", newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            rows.setdefault(row["property"], []).append(row)
    return {
        name: Histogram(
            name,
            np.array([float(bins[0]["bin_low"]), *(float(row["bin_high"]) for row in bins)]),
            np.array([int(row["count"]) for row in bins]),
            int(bins[0]["neurons"]),
            bins[0]["unit"],
            bins[0]["source"],
            bins[0]["doi"],
            number,
        )
        for number, (name, bins) in enumerate(rows.items())
    }


def kolmogorov_smirnov_similarity(model: np.ndarray, data: np.ndarray) -> np.ndarray:
    """1 - D / D_max of counts (..., bins) against counts (bins,); NaN where the model has none.

    D_max is the distance of a population that falls into the first or the last bin as a whole,
    the farther one.
    """
    data = data / data.sum()
    with np.errstate(invalid="ignore"):
        model = model / model.sum(axis=-1, keepdims=True)
    distance = np.abs(np.cumsum(model, axis=-1) - np.cumsum(data)).max(axis=-1)
    return 1 - distance / (1 - min(data[0], data[-1]))


def resampled_similarities(counts: np.ndarray, histogram: Histogram) -> np.ndarray:
    """Similarities (1000,) of samples as large as the experiment's, sampled with replacement from
    the counted neurons.

    `counts` as from `Histogram.count`. Drawing neurons and counting them again is drawing from a
    multinomial distribution. The same counts give the same samples. NaN where a sample holds no
    neuron with a value; all NaN for an empty population.
    """
    if counts.sum() == 0:
        return np.full(RESAMPLES, np.nan)
    random = np.random.default_rng([_SEED, histogram.number])
    samples = random.multinomial(histogram.neurons, counts / counts.sum(), size=RESAMPLES)
    return kolmogorov_smirnov_similarity(samples[:, :-1], histogram.counts)


def ceiling_of(histogram: Histogram) -> tuple[float, float]:
    """Mean and standard deviation of the similarity of data and their resamples."""
    similarities = resampled_similarities(histogram.with_missing(), histogram)
    return float(np.mean(similarities)), float(np.std(similarities))
