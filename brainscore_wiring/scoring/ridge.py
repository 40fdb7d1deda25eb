"""Ridge regression from inner products of images, for layers with far more features than images.

Predictions are inner products with the training images, weighted: the weights solve one linear
system of as many equations as there are training images, for any number of features. The
penalty is given, or the one of several whose predictions of training images that are left out one
at a time are best, as scikit-learn's `RidgeCV` chooses it.

Rounding of the inner products is held against the predictions, and against the difference between
penalties; what it decides is refused with `RoundingDecides`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from brainscore_wiring.scoring.inner_products import (
    EPSILON,
    SETTLED,
    InnerProducts,
    RoundingDecides,
)

#: Roundings of the inner products that predictions are held against.
_ROUNDINGS = 10


@dataclass(frozen=True)
class Ridge:
    """Ridge regression with an intercept on inner products; `alphas`: penalties above 0."""

    inner: InnerProducts
    alphas: Sequence[float]

    def fit(self, training: np.ndarray, targets: np.ndarray) -> RidgeFit:
        """Fit targets (images, targets) from the images with these row numbers. Raises
        `RoundingDecides`.
        """
        products = self.inner.with_training(training, training)
        targets = np.array(targets, np.float64)
        if not (np.isfinite(products).all() and np.isfinite(targets).all()):
            raise RoundingDecides  # the stock regression says what is wrong with them
        mean = targets.mean(axis=0)
        rounding = _ROUNDINGS * EPSILON * np.trace(products)
        alpha, weights = (
            _best(products, targets - mean, np.asarray(self.alphas, np.float64))
            if len(self.alphas) > 1
            else _only(products, targets - mean, self.alphas[0])
        )
        return RidgeFit(self.inner, training, mean, weights, alpha, rounding)


@dataclass(frozen=True)
class RidgeFit:
    """What was fitted: `weights` (training images, targets) of inner products, and the penalty."""

    inner: InnerProducts
    training: np.ndarray
    mean: np.ndarray
    weights: np.ndarray
    alpha: float
    rounding: float

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Predicted targets (images, targets) of the images with these row numbers. Raises
        `RoundingDecides`.
        """
        predicted = self.inner.with_training(images, self.training) @ self.weights
        change = self.rounding * np.linalg.norm(self.weights, axis=0)
        spread = np.linalg.norm(predicted - predicted.mean(axis=0), axis=0)
        if not np.all(change <= SETTLED * spread):
            raise RoundingDecides
        return predicted + self.mean


def _only(products: np.ndarray, centred: np.ndarray, alpha: float) -> tuple[float, np.ndarray]:
    products[np.diag_indices_from(products)] += alpha
    try:
        return alpha, scipy.linalg.solve(products, centred, assume_a="pos", overwrite_a=True)
    except np.linalg.LinAlgError as error:
        raise RoundingDecides from error


def _best(
    products: np.ndarray, centred: np.ndarray, alphas: np.ndarray
) -> tuple[float, np.ndarray]:
    """The penalty with the least squared error on images that are left out, and its weights.

    Where the weights of all images are `c = G y`, leaving image i out leaves `c_i / G_ii` of its
    target unexplained (Golub, Heath & Wahba 1979). The intercept is the direction that is the same
    for all images; as the strongest of all it is the last eigenvector, and is left out.
    """
    images = len(products)
    products += 2 * np.trace(products) / images
    strengths, directions = scipy.linalg.eigh(products, overwrite_a=True)
    strengths, directions = strengths[:-1], directions[:, :-1]
    along = directions.T @ centred
    shrunk = 1 / (strengths[:, np.newaxis] + alphas)
    diagonals = directions**2 @ shrunk
    errors = np.array(
        [
            np.mean((directions @ (shrink[:, np.newaxis] * along) / diagonal[:, np.newaxis]) ** 2)
            for shrink, diagonal in zip(shrunk.T, diagonals.T)
        ]
    )
    best = int(np.argmin(errors))
    others = np.delete(errors, best)
    if not np.all(others - errors[best] > SETTLED * errors[best]):
        raise RoundingDecides
    return float(alphas[best]), directions @ (shrunk[:, best, np.newaxis] * along)
