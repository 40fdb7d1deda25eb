"""Two disjoint halves of everything that a score rests on: birth states are chosen on one and
confirmed on the other.

IT: two halves of the 92 images, each with its own noise ceiling. V1: half a tuning curve is no
measurement of tuning, so all gratings are shown in both halves. Instead the macaque neurons behind
each histogram are dealt into two halves, and so are the model's channels: the two share neither a
neuron whose luck could be fitted nor a unit of the model.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brainscore_wiring.benchmarks.kriegeskorte2008.experiment import Experiment
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import Histogram
from brainscore_wiring.benchmarks.objects92 import PROPERTIES
from brainscore_wiring.paper.frontier.columns import ALL, HALF_A, HALF_B

_SEED = 2022


def halves_of_images(experiment: Experiment) -> dict[str, np.ndarray]:
    """Part -> sorted numbers of its images; both halves hold half of each category (human, face,
    animal, natural).
    """
    random = np.random.default_rng(_SEED)
    categories = np.array([experiment.properties[name] for name in PROPERTIES]).T
    by_category = np.lexsort((random.permutation(len(categories)), *categories.T))
    return {
        ALL: np.arange(len(categories)),
        HALF_A: np.sort(by_category[0::2]),
        HALF_B: np.sort(by_category[1::2]),
    }


def halves_of(count: int) -> dict[str, np.ndarray]:
    """Part -> sorted numbers of its channels, or of V4's images."""
    dealt = np.random.default_rng(_SEED).permutation(count)
    return {ALL: np.arange(count), HALF_A: np.sort(dealt[0::2]), HALF_B: np.sort(dealt[1::2])}


def halves_of_neurons(histogram: Histogram) -> dict[str, Histogram]:
    """Part -> a histogram of its neurons; those without a value are dealt out too."""
    bins = np.repeat(np.arange(len(histogram.counts) + 1), histogram.with_missing())
    dealt = np.random.default_rng(_SEED).permutation(bins)
    parts = {ALL: histogram}
    for part, chosen in ((HALF_A, dealt[0::2]), (HALF_B, dealt[1::2])):
        counts = np.bincount(chosen, minlength=len(histogram.counts) + 1)
        parts[part] = replace(histogram, counts=counts[:-1], neurons=len(chosen))
    return parts
