"""Partial least squares regression from inner products of images, for layers with far more features
than images.

Every vector in feature space that the method meets is a weighted sum of the training images, so
that features enter through the images' inner products alone, which serve every training set. The
iteration, its start and its stopping rule are those of scikit-learn's `PLSRegression(scale=False)`;
the lengths of weights and scores, which cancel in the predictions, are left out.

Inner products carry half of the digits of the features themselves. Each fit is therefore repeated
on inputs disturbed by far more than rounding, and a prediction that this changes is refused with
`RoundingDecides`.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from brainscore_wiring.scoring.inner_products import (
    EPSILON,
    SETTLED,
    InnerProducts,
    RoundingDecides,
)

#: Relative size of the disturbance: hundreds of roundings.
DISTURBANCE = 1e-13


@dataclass(frozen=True)
class PartialLeastSquares:
    """scikit-learn's `PLSRegression(scale=False)` on rows of inner products."""

    inner: InnerProducts
    components: int = 25
    tolerance: float = 1e-6
    iterations: int = 500

    def fit(self, training: np.ndarray, targets: np.ndarray) -> Fit:
        """Fit targets (images, targets) from the images with these row numbers. Raises
        `RoundingDecides`.
        """
        if self.components > min(len(training) - 1, self.inner.features.shape[1]):
            raise RoundingDecides
        targets = np.array(targets, np.float64)
        products = self.inner.with_training(training, training)
        with np.errstate(divide="ignore", invalid="ignore"):  # what is not a number is refused
            weights, disturbed = (
                self._weights(products, targets, size) for size in (0.0, DISTURBANCE)
            )
        return Fit(self.inner, training, targets.mean(axis=0), weights, disturbed)

    def _weights(self, products: np.ndarray, targets: np.ndarray, disturbance: float) -> np.ndarray:
        """Weights (images, targets) from inner products to centred predictions."""
        random = np.random.default_rng(0)
        extra = random.normal(size=len(targets))
        extra *= np.sqrt(disturbance * np.trace(products) / len(targets))

        def times(vectors: np.ndarray) -> np.ndarray:
            return products @ vectors + np.multiply.outer(extra, extra @ vectors)

        residual = targets - targets.mean(axis=0)
        noise = np.abs(targets).max(axis=0) * random.normal(size=targets.shape)
        residual += disturbance * noise * (residual != 0)
        centred = residual.copy()
        image_products = times(residual)
        scores: list[np.ndarray] = []
        sources: list[np.ndarray] = []
        for _ in range(self.components):
            residual[:, np.all(np.abs(residual) < 10 * EPSILON, axis=0)] = 0
            mixture = self._strongest_mixture(residual, image_products)
            source, score = residual @ mixture, image_products @ mixture
            for _ in range(2):  # once more for the digits that the first subtraction cancels
                for earlier in scores:
                    score -= earlier * (earlier @ score)
            score /= np.linalg.norm(score)
            loadings = score @ residual
            residual -= np.outer(score, loadings)
            image_products -= np.outer(times(score), loadings)
            scores.append(score)
            sources.append(source / np.linalg.norm(source))
        scored, sourced = np.array(scores), np.array(sources).T
        triangle = np.triu(scored @ times(sourced))
        try:
            return sourced @ np.linalg.solve(triangle, scored @ centred)
        except np.linalg.LinAlgError as error:
            raise RoundingDecides from error

    def _strongest_mixture(self, residual: np.ndarray, image_products: np.ndarray) -> np.ndarray:
        """The mixture (targets,) of the residual targets that covaries most with the features, by
        power iteration.

        Both inputs are (images, targets). It starts from the first target that is not constant and
        stops where the squared move of the unit vector in feature space falls below `tolerance`, as
        scikit-learn's does.
        """
        images, count = residual.shape
        varying = np.flatnonzero(np.any(np.abs(residual) > EPSILON, axis=0))
        if not len(varying):
            raise RoundingDecides
        covariance = residual.T @ image_products if count <= images else None

        def times(mixture: np.ndarray) -> np.ndarray:
            return (
                residual.T @ (image_products @ mixture)
                if covariance is None
                else covariance @ mixture
            )

        mixture = before = np.zeros(count)
        mixture[varying[0]] = 1
        for iteration in range(self.iterations):
            following = times(mixture)
            squared_length = mixture @ following
            if not squared_length > 0:
                raise RoundingDecides
            mixture = mixture / math.sqrt(squared_length)
            move = mixture - before
            if count == 1 or (iteration and move @ times(move) < self.tolerance):
                return mixture
            before, mixture = mixture, following / math.sqrt(following @ following)
        warnings.warn("Maximum number of iterations reached", stacklevel=2)
        return before


@dataclass(frozen=True)
class Fit:
    """What was fitted: `weights` (training images, targets) of inner products, and those of the
    disturbed inputs.
    """

    inner: InnerProducts
    training: np.ndarray
    mean: np.ndarray
    weights: np.ndarray
    disturbed: np.ndarray

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Predicted targets (images, targets) of the images with these row numbers. Raises
        `RoundingDecides`.
        """
        products = self.inner.with_training(images, self.training)
        predicted = products @ self.weights
        change = np.linalg.norm(products @ self.disturbed - predicted, axis=0)
        if not np.all(
            change <= SETTLED * np.linalg.norm(predicted - predicted.mean(axis=0), axis=0)
        ):
            raise RoundingDecides
        return predicted + self.inner.rounding(images, self.training, self.weights) + self.mean
