"""Stock benchmarks that give the same scores faster: their partial least squares regression works
on inner products.

Cross-validation, stratification, splits, alignment and aggregation stay brainscore_vision's own
objects. In place of a layer's features they are given each image's row number; only the regression
knows which features a row has.
"""

from __future__ import annotations

import contextlib
import copy
import logging
from typing import Any

import numpy as np
import scipy.stats
from brainscore_core.metrics import Metric, Score
from brainscore_core.supported_data_standards.brainio.assemblies import walk_coords
from brainscore_vision.metric_helpers.xarray_utils import XarrayCorrelation, XarrayRegression
from brainscore_vision.metrics.regression_correlation.metric import (
    CrossRegressedCorrelation,
    ScaledCrossRegressedCorrelation,
)
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression

from brainscore_wiring.scoring.partial_least_squares import (
    Fit,
    InnerProducts,
    PartialLeastSquares,
    RoundingDecides,
)

METRIC = "_similarity_metric"  # where brainscore_vision's neural benchmarks keep theirs


def exact(benchmark: Any) -> Any:
    """A loaded benchmark with an exact, fast metric in place of the stock one; the same object
    where it has no twin.

    The benchmark given is left as it is. Type, identifier, version and ceiling of the new one are
    its own.
    """
    if not made_exact(benchmark):
        return benchmark
    twin = copy.copy(benchmark)
    setattr(twin, METRIC, exact_metric(getattr(benchmark, METRIC)))
    return twin


def made_exact(benchmark: Any) -> bool:
    """Whether a loaded benchmark's metric has an exact, fast twin: cross-validated, unscaled PLS
    regression.
    """
    metric: Any = getattr(benchmark, METRIC, None)
    if type(metric) is ScaledCrossRegressedCorrelation:
        metric = metric.cross_regressed_correlation
    if (
        type(metric) is not CrossRegressedCorrelation
        or type(metric.regression) is not XarrayRegression
    ):
        return False
    regression = metric.regression._regression
    sees_features = getattr(metric.cross_validation, "_preprocess_indices", None) is not None
    return type(regression) is PLSRegression and not regression.scale and not sees_features


def exact_metric(metric: Metric) -> Metric:
    """The twin of a stock metric for which `made_exact` holds."""
    if type(metric) is ScaledCrossRegressedCorrelation:
        twin = copy.copy(metric)
        twin.cross_regressed_correlation = exact_metric(metric.cross_regressed_correlation)
        return twin
    return ExactCrossRegressedCorrelation(metric)


class ExactCrossRegressedCorrelation(CrossRegressedCorrelation):
    """The stock metric, run on row numbers of a layer's inner products."""

    def __init__(self, stock: CrossRegressedCorrelation):
        self.__dict__.update(vars(stock))
        self.stock = stock

    def __call__(self, source: Any, target: Any) -> Score:
        """The stock metric's score of a source (presentation, neuroid) for a target; their
        dimensions in any order.
        """
        if set(source.dims) != {"presentation", "neuroid"}:
            return self.stock(source, target)  # whose error says what it expects
        source = source.transpose("presentation", "neuroid")
        rows = source.isel(neuroid=slice(0, 1))
        rows = rows.copy(data=np.arange(len(rows))[:, np.newaxis])
        metric = copy.copy(self.stock)
        metric.regression = copy.copy(self.stock.regression)
        metric.regression._regression = RowRegression(
            self.stock.regression._regression, source.values
        )
        if (
            type(self.correlation) is XarrayCorrelation
            and self.correlation._correlation is scipy.stats.pearsonr
        ):
            metric.correlation = ExactCorrelation(self.correlation)
        return metric(rows, target)


class RowRegression:
    """`PLSRegression` between row numbers of features (images, features) and targets.

    Where rounding decides what the stock regression predicts, the stock regression predicts.
    """

    def __init__(self, stock: PLSRegression, features: np.ndarray):
        self._stock, self._features = stock, features
        self._exact = PartialLeastSquares(
            InnerProducts.of(features), stock.n_components, stock.tol, stock.max_iter
        )
        self.left_to_stock = 0

    def fit(self, rows: Any, targets: Any) -> None:
        self._training, self._targets = _numbers(rows), np.asarray(targets)
        try:
            self._fit: Fit | None = self._exact.fit(self._training, self._targets)
        except RoundingDecides:
            self._fit = None

    def predict(self, rows: Any) -> np.ndarray:
        if self._fit is not None:
            with contextlib.suppress(RoundingDecides):
                return self._fit.predict(_numbers(rows))
        self.left_to_stock += 1
        logging.getLogger(__name__).info(
            "left to scikit-learn: rounding decides the predictions of this split"
        )
        stock = clone(self._stock).fit(self._features[self._training], self._targets)
        return stock.predict(self._features[_numbers(rows)])


def _numbers(rows: Any) -> np.ndarray:
    return np.asarray(rows)[:, 0].astype(np.intp)


class ExactCorrelation(XarrayCorrelation):
    """`XarrayCorrelation` with Pearson's r, of all neuroids in one call."""

    def __init__(self, stock: XarrayCorrelation):
        self.__dict__.update(vars(stock))

    def __call__(self, prediction: Any, target: Any) -> Score:
        """Pearson's r (neuroid,) of prediction and target (presentation, neuroid), matched by their
        coordinates.
        """
        by = [self._correlation_coord, self._neuroid_coord]
        prediction, target = prediction.sortby(by), target.sortby(by)
        for coordinate in by:
            assert (prediction[coordinate].values == target[coordinate].values).all(), (
                f"{coordinate} does not match"
            )
        dimensions = target[self._neuroid_coord].dims
        values = [assembly.transpose(..., *dimensions).values for assembly in (target, prediction)]
        coordinates = {
            name: (dims, values) for name, dims, values in walk_coords(target) if dims == dimensions
        }
        return Score(scipy.stats.pearsonr(*values).statistic, coords=coordinates, dims=dimensions)
