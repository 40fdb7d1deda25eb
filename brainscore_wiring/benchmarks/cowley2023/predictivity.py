"""How well features predict neurons, and how well neurons predict themselves."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import KFold

from brainscore_wiring.scoring.exact import RowRegression

COMPONENTS = 25
FOLDS = 10
#: Brain-Score's own seed of its splits.
SPLIT_SEED = 1
#: Random halves of the repeats that a ceiling is the mean of.
_HALVES = 100
_RESAMPLES = 1000
_SEED = 0


@dataclass(frozen=True)
class Predictions:
    """`predicted` (images, neurons), each image by a regression that never saw it; `fold` (images,)
    tells which."""

    predicted: np.ndarray
    measured: np.ndarray
    fold: np.ndarray

    def score(self) -> float:
        """Pearson's r for each neuron, its median over neurons, the mean over folds: Brain-Score's
        order.

        NaN where no neuron's prediction varies.
        """
        return float(_center(self.correlations(np.ones((1, len(self.fold)))))[0])

    def resampled(self) -> np.ndarray:
        """Scores (1000,) when images and neurons are resampled with replacement; regressions are
        not fitted again.

        They spread too widely rather than too little: what is peculiar to single responses is
        sampled with the images and once more with the neurons (at most 3 times its variance).
        """
        generator = np.random.default_rng(_SEED)
        images, neurons = self.predicted.shape
        weights = generator.multinomial(images, np.full(images, 1 / images), size=_RESAMPLES)
        correlations = self.correlations(weights.astype(np.float64))
        chosen = generator.integers(neurons, size=(_RESAMPLES, 1, neurons))
        return _center(
            np.take_along_axis(
                correlations,
                np.broadcast_to(chosen, (_RESAMPLES, correlations.shape[1], neurons)),
                axis=2,
            )
        )

    def correlations(self, weights: np.ndarray) -> np.ndarray:
        """Pearson's r (draws, folds, neurons), each image counted as often as `weights` (draws,
        images) says."""
        folds = [self.fold == number for number in np.unique(self.fold)]
        return np.stack(
            [
                _weighted_correlation(self.predicted[fold], self.measured[fold], weights[:, fold])
                for fold in folds
            ],
            axis=1,
        )


def cross_validated(features: np.ndarray, measured: np.ndarray) -> Predictions:
    """Partial least squares with 25 components in 10 folds, from features (images, units) to
    neurons (images, neurons).

    The numbers are those of brainscore_vision's `pls` metric with `kfold`; its regression is the
    exact, fast one.
    """
    regression = RowRegression(PLSRegression(n_components=COMPONENTS, scale=False), features)
    predicted, fold = np.empty(measured.shape), np.empty(len(measured), int)
    splits = KFold(FOLDS, shuffle=True, random_state=SPLIT_SEED).split(measured)
    rows = np.arange(len(measured))[:, np.newaxis]
    for number, (training, test) in enumerate(splits):
        regression.fit(rows[training], measured[training])
        predicted[test], fold[test] = regression.predict(rows[test]), number
    return Predictions(predicted, measured, fold)


def consistency(repeats: np.ndarray) -> tuple[float, float]:
    """The ceiling and its standard deviation over halves, from repeats (neurons, images, repeats),
    NaN where none.

    As Brain-Score's `internal_consistency`: every image's repeats are dealt into two halves of the
    same size, each neuron's averages over the halves are correlated over images, corrected for the
    halved number of repeats by the Spearman-Brown formula 2 r / (1 + r), the median over neurons is
    taken, and the mean over 100 deals.
    """
    generator = np.random.default_rng(_SEED)
    # (images, repeats), which were recorded from all neurons at once
    there = np.isfinite(repeats).all(axis=0)
    half = there.sum(axis=1) // 2
    filled = np.where(there, repeats, 0)
    ceilings = []
    for _ in range(_HALVES):
        order = (
            np.where(there, generator.random(there.shape), np.inf).argsort(axis=1).argsort(axis=1)
        )
        first, second = order < half[:, np.newaxis], order >= half[:, np.newaxis]
        second &= order < 2 * half[:, np.newaxis]
        one, other = (
            np.einsum("nir,ir->in", filled, chosen) / half[:, np.newaxis]
            for chosen in (first, second)
        )
        r = _weighted_correlation(one, other, np.ones((1, len(half))))[0]
        ceilings.append(np.nanmedian(2 * r / (1 + r)))
    return float(np.mean(ceilings)), float(np.std(ceilings))


def _center(correlations: np.ndarray) -> np.ndarray:
    """(draws,) from (draws, folds, neurons)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no neuron with a correlation: NaN says so
        return np.nanmean(np.nanmedian(correlations, axis=2), axis=1)


def _weighted_correlation(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Pearson's r (draws, columns) of x and y (rows, columns) with rows weighted; NaN where one
    does not vary."""
    with np.errstate(invalid="ignore"):  # a draw without any image of a fold says nothing about it
        weights = weights / weights.sum(axis=1, keepdims=True)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    mean_x, mean_y = weights @ x, weights @ y
    variance_x, variance_y = weights @ x**2 - mean_x**2, weights @ y**2 - mean_y**2
    flat = (variance_x <= 1e-12 * (weights @ x**2)) | (variance_y <= 1e-12 * (weights @ y**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            flat, np.nan, (weights @ (x * y) - mean_x * mean_y) / np.sqrt(variance_x * variance_y)
        )
