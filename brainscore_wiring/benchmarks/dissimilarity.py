"""Representational dissimilarity matrices, their agreement, and how well the best model could agree
(noise ceiling)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

#: Dissimilarities that differ by less are equal: what is left of them is rounding.
_ROUNDING = 1e-9
#: Random halves of the subjects that a ceiling is the mean of.
_HALVES = 100


def dissimilarities(responses: np.ndarray) -> np.ndarray:
    """1 - Pearson correlation over units, (images, units) -> (pairs,), in the order of
    `numpy.triu_indices`.

    NaN for pairs with an image to which all units respond alike: their correlation is not defined.
    """
    responses = np.asarray(responses, np.float64)
    with np.errstate(invalid="ignore"):  # what is not finite stays so
        centred = responses - responses.mean(axis=1, keepdims=True)
        norms = np.linalg.norm(centred, axis=1)
        norms[norms <= _ROUNDING * np.linalg.norm(responses, axis=1)] = np.nan
        centred /= norms[:, None]
        return 1 - (centred @ centred.T)[np.triu_indices(len(centred), 1)]


def pairs_among(chosen: np.ndarray, count: int) -> np.ndarray:
    """Positions, among the pairs of `count` images, of the pairs within `chosen` (sorted), in the
    same order.
    """
    first, second = np.triu_indices(count, 1)
    return np.flatnonzero(np.isin(first, chosen) & np.isin(second, chosen))


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation of two vectors; NaN where one is constant up to rounding."""
    if min(np.ptp(first), np.ptp(second)) <= _ROUNDING:
        return float("nan")
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])


def _ranks_among(values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What gives `rankdata(values[chosen])` for many choices with repetition: the values are
    sorted once, and those of each choice counted.
    """
    if np.isnan(values).any():
        return lambda chosen: rankdata(values[chosen])
    different, places = np.unique(values, return_inverse=True)

    def ranks(chosen: np.ndarray) -> np.ndarray:
        counts = np.bincount(places[chosen], minlength=len(different))
        return (counts.cumsum() - (counts - 1) / 2)[places[chosen]]

    return ranks


def resampled_correlations(
    model: np.ndarray, target: np.ndarray, images: int, resamples: int, seed: int
) -> np.ndarray:
    """Spearman's correlations (resamples,) when the images are resampled with replacement.

    `model` is (pairs,). `target` is (pairs,), or (subjects, pairs): then the subjects are sampled
    again, too, and their mean is the target. Pairs of an image with itself are left out (Nili et
    al. 2014, doi:10.1371/journal.pcbi.1003553). NaN where a draw leaves nothing to rank.
    """
    pair = np.zeros((images, images), int)
    above = np.triu_indices(images, 1)
    pair[above] = np.arange(len(above[0]))
    pair += pair.T
    generator = np.random.default_rng(seed)
    model_ranks, again = _ranks_among(model), target
    target_ranks = _ranks_among(target) if target.ndim == 1 else None
    correlations = []
    for _ in range(resamples):
        chosen = generator.integers(images, size=images)
        one, other = chosen[above[0]], chosen[above[1]]
        chosen = pair[one, other][one != other]
        if target_ranks is None:
            again = target[generator.integers(len(target), size=len(target))].mean(axis=0)
        if min(np.ptp(model[chosen]), np.ptp(again[chosen])) <= _ROUNDING:
            correlations.append(np.nan)
            continue
        theirs = target_ranks(chosen) if target_ranks else rankdata(again[chosen])
        correlations.append(np.corrcoef(model_ranks(chosen), theirs)[0, 1])
    return np.array(correlations)


@dataclass(frozen=True)
class NoiseCeiling:
    """How well a model without error would agree, from the dissimilarities of several subjects.

    `lower` and `upper` bound the mean correlation of a model with single subjects' dissimilarities
    (Nili et al. 2014). `group` is the correlation to be expected with the mean over these subjects,
    which is less noisy than any one of them: the square root of its reliability by the
    Spearman-Brown formula, n r / (1 + (n - 1) r).
    """

    lower: float
    upper: float
    group: float


def noise_ceiling(subjects: np.ndarray, halves: bool = False) -> NoiseCeiling:
    """The noise ceiling from (subjects, pairs) dissimilarities, each bound as tight as simple
    averaging makes it.

    Upper: each subject with the mean of all subjects' ranks, the vector that correlates best with
    them on average. Lower: each subject with the mean dissimilarities of the others (with their
    mean ranks the bound is looser: .372 instead of .379 for the four subjects of Kriegeskorte et
    al. 2008). Group: r is the mean rank correlation between two subjects, n their number; with
    `halves` r is that between the means over two random halves of the subjects, n the number of
    times that all of them are more than a half. The formula is about means of what is correlated,
    and ranks of means are not means of ranks: the further the formula has to reach, the more that
    shows (.945 from the pairs of Mur et al.'s 16 people, .884 from halves; .771 and .776 from the
    four subjects of 2008), so that halves are better where there are many subjects.
    """
    count = len(subjects)
    mean_ranks = np.mean([rankdata(subject) for subject in subjects], axis=0)
    upper = np.mean([spearman(subject, mean_ranks) for subject in subjects])
    lower = np.mean(
        [spearman(subjects[i], np.delete(subjects, i, axis=0).mean(axis=0)) for i in range(count)]
    )
    if halves:
        between, times = _between_halves(subjects), count / (count // 2)
    else:
        between = float(
            np.mean([spearman(subjects[i], subjects[j]) for i in range(count) for j in range(i)])
        )
        times = count
    return NoiseCeiling(
        float(lower), float(upper), float(np.sqrt(times * between / (1 + (times - 1) * between)))
    )


def _between_halves(subjects: np.ndarray) -> float:
    """Mean rank correlation between the means over two random halves of the subjects, an odd one
    left out."""
    generator, half = np.random.default_rng(0), len(subjects) // 2
    orders = [generator.permutation(len(subjects)) for _ in range(_HALVES)]
    return float(
        np.mean(
            [
                spearman(
                    subjects[order[:half]].mean(axis=0),
                    subjects[order[half : 2 * half]].mean(axis=0),
                )
                for order in orders
            ]
        )
    )
