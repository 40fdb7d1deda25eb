"""Representational dissimilarity matrices, their agreement, and how well the best model could agree (noise ceiling)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

#: Dissimilarities that differ by less are equal: what is left of them is rounding.
ROUNDING = 1e-9


def dissimilarities(responses: np.ndarray) -> np.ndarray:
    """1 - Pearson correlation over units, (images, units) -> (pairs,), in the order of `numpy.triu_indices`.

    NaN for pairs with an image to which all units respond alike: their correlation is not defined.
    """
    responses = np.asarray(responses, np.float64)
    with np.errstate(invalid="ignore"):  # what is not finite stays so
        centred = responses - responses.mean(axis=1, keepdims=True)
        norms = np.linalg.norm(centred, axis=1)
        norms[norms <= ROUNDING * np.linalg.norm(responses, axis=1)] = np.nan
        centred /= norms[:, None]
        return 1 - (centred @ centred.T)[np.triu_indices(len(centred), 1)]


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation of two vectors; NaN where one is constant up to rounding."""
    if min(np.ptp(first), np.ptp(second)) <= ROUNDING:
        return float("nan")
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])


def bootstrap_error(first: np.ndarray, second: np.ndarray, images: int, resamples: int, seed: int) -> float:
    """Standard deviation of Spearman's correlation when the images are drawn again with replacement.

    Pairs of an image with itself are left out (Nili et al. 2014, doi:10.1371/journal.pcbi.1003553).
    """
    pair = np.zeros((images, images), int)
    above = np.triu_indices(images, 1)
    pair[above] = np.arange(len(above[0]))
    pair += pair.T
    generator = np.random.default_rng(seed)
    correlations = []
    for _ in range(resamples):
        drawn = generator.integers(images, size=images)
        one, other = drawn[above[0]], drawn[above[1]]
        chosen = pair[one, other][one != other]
        correlations.append(spearman(first[chosen], second[chosen]))
    return float(np.nanstd(correlations))


@dataclass(frozen=True)
class NoiseCeiling:
    """How well a model without error would agree, from the dissimilarities of several subjects.

    `lower` and `upper` bound the mean correlation of a model with single subjects' dissimilarities (Nili et al. 2014).
    `group` is the correlation to be expected with the mean over these subjects, which is less noisy than any one of
    them: the square root of its reliability by the Spearman-Brown formula, n r / (1 + (n - 1) r), with r the mean
    rank correlation between two subjects.
    """

    lower: float
    upper: float
    group: float


def noise_ceiling(subjects: np.ndarray) -> NoiseCeiling:
    """The noise ceiling from (subjects, pairs) dissimilarities, each bound as tight as simple averaging makes it.

    Upper: each subject with the mean of all subjects' ranks, the vector that correlates best with them on average.
    Lower: each subject with the mean dissimilarities of the others (with their mean ranks the bound is looser: .372
    instead of .379 for the four subjects of Kriegeskorte et al. 2008).
    """
    count = len(subjects)
    mean_ranks = np.mean([rankdata(subject) for subject in subjects], axis=0)
    upper = np.mean([spearman(subject, mean_ranks) for subject in subjects])
    lower = np.mean([spearman(subjects[i], np.delete(subjects, i, axis=0).mean(axis=0)) for i in range(count)])
    between = np.mean([spearman(subjects[i], subjects[j]) for i in range(count) for j in range(i)])
    return NoiseCeiling(float(lower), float(upper), float(np.sqrt(count * between / (1 + (count - 1) * between))))
