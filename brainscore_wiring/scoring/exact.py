"""Stock benchmarks that give the same scores faster: what they ask of a layer's features is worked
out on inner products of images.

Cross-validation, stratification, splits, alignment, correlation of dissimilarities and aggregation
stay brainscore_vision's own objects. In place of a layer's features they are given each image's row
number; only the regression knows which features a row has.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.stats
from brainscore_core.metrics import Score
from brainscore_core.supported_data_standards.brainio.assemblies import DataAssembly, walk_coords
from brainscore_vision.metric_helpers.xarray_utils import XarrayCorrelation, XarrayRegression
from brainscore_vision.metrics.rdm.metric import RDM, RDMCrossValidated, RDMMetric
from brainscore_vision.metrics.regression_correlation.metric import (
    CrossRegressedCorrelation,
    DualRidgeCVRegression,
    DualRidgeRegression,
    ScaledCrossRegressedCorrelation,
    TrainTestSplitCorrelation,
)
from sklearn.cross_decomposition import PLSRegression
from sklearn.linear_model import Ridge as StockRidge
from sklearn.linear_model import RidgeCV

from brainscore_wiring.scoring.inner_products import (
    SETTLED,
    InnerProducts,
    RoundingDecides,
    Stacked,
    correlations,
)
from brainscore_wiring.scoring.partial_least_squares import PartialLeastSquares
from brainscore_wiring.scoring.ridge import Ridge, RidgeFit

#: Where brainscore_vision's benchmarks keep what compares a model with recordings.
_METRICS = ("_similarity_metric", "_rdm")
#: Metrics that pass responses on to another one -> the attribute that holds it.
_AROUND = {
    ScaledCrossRegressedCorrelation: "cross_regressed_correlation",
    RDMMetric: "_rdm",
    RDMCrossValidated: "_metric",
}
_DIMENSIONS = {"presentation", "neuroid"}
#: Dissimilarities closer than this may change places by rounding.
_CLOSE = 1e-13


def exact(benchmark: Any) -> Any:
    """A loaded benchmark with an exact, fast metric in place of the stock one; the same object
    where it has no twin.

    The benchmark given is left as it is. Type, identifier, version and ceiling of the new one are
    its own.
    """
    twins = {name: exact_metric(getattr(benchmark, name, None)) for name in _METRICS}
    return _with(benchmark, **{name: twin for name, twin in twins.items() if twin is not None})


def _with(thing: Any, **changed: Any) -> Any:
    """A copy of an object with other attributes; the object itself where there are none."""
    if not changed:
        return thing
    other = copy.copy(thing)
    vars(other).update(changed)
    return other


def exact_metric(metric: Any) -> Any:
    """The exact, fast twin of a stock metric; None where it has none.

    Unscaled PLS and ridge regression have one, with a given penalty or one chosen by generalised
    cross-validation, over splits or with one fixed split; and dissimilarity matrices.
    """
    kind = type(metric)
    if kind in _AROUND:
        inner = exact_metric(getattr(metric, _AROUND[kind]))
        return None if inner is None else _with(metric, **{_AROUND[kind]: inner})
    if kind is RDM:
        return ExactRDM(metric)
    if kind is CrossRegressedCorrelation and _regresses(metric.regression):
        sees_features = getattr(metric.cross_validation, "_preprocess_indices", None) is not None
        return None if sees_features else ExactCrossRegressedCorrelation(metric)
    if kind is TrainTestSplitCorrelation and _regresses(metric.regression):
        return ExactTrainTestSplitCorrelation(metric)
    return None


def _regresses(regression: Any) -> bool:
    """Whether a stock regression has a twin."""
    if type(regression) is not XarrayRegression:
        return False
    stock = regression._regression
    kind, alphas = type(stock), _alphas(stock)
    if kind is PLSRegression:
        return not stock.scale
    if not alphas or min(alphas) <= 0:
        return False
    if kind is StockRidge:
        plain = stock.solver == "auto" and not stock.positive
        return bool(stock.fit_intercept and len(alphas) == 1 and plain)
    if kind is RidgeCV:
        chosen_plainly = stock.cv is stock.scoring is None and stock.gcv_mode in (None, "auto")
        return bool(stock.fit_intercept and chosen_plainly and not stock.alpha_per_target)
    if kind is DualRidgeCVRegression:
        return not stock._ridgecv_kwargs
    return kind is DualRidgeRegression


def _alphas(stock: Any) -> Sequence[float]:
    """The penalties of a ridge regression; none where they are not plain numbers."""
    alphas = getattr(stock, "alphas", getattr(stock, "alpha", None))
    found = np.atleast_1d(np.asarray(alphas, dtype=object))
    return (
        [] if any(np.ndim(one) or one is None for one in found) else [float(one) for one in found]
    )


class _Twin:
    """In place of a `stock` object, with its settings."""

    def __init__(self, stock: Any):
        self.__dict__.update(vars(stock))
        self.stock = stock


class _OnRows(_Twin):
    """The stock metric, run on row numbers of a layer's inner products."""

    def _score(
        self, sources: Sequence[Any], targets: Sequence[Any], inner: InnerProducts | None = None
    ) -> tuple[Score, InnerProducts | None]:
        """The stock metric's score of sources (presentation, neuroid), their dimensions in any
        order, for targets; and the inner products of all sources, `inner` where they are known.
        """
        if any(set(source.dims) != _DIMENSIONS for source in sources):
            return self.stock(*sources, *targets), None  # whose error says what it expects
        sources = [source.transpose("presentation", "neuroid") for source in sources]
        values = [source.values for source in sources]
        features = values[0] if len(values) == 1 else Stacked(values)
        regression = RowRegression(self.stock.regression._regression, features, inner)
        firsts = np.cumsum([0, *map(len, sources)])
        rows = [_rows(source, first) for source, first in zip(sources, firsts)]
        return _on_rows(self.stock, regression)(*rows, *targets), regression.inner


class ExactCrossRegressedCorrelation(_OnRows, CrossRegressedCorrelation):
    """The exact twin of the metric over splits."""

    def __call__(self, source: Any, target: Any) -> Score:
        return self._score([source], [target])[0]


class ExactTrainTestSplitCorrelation(_OnRows, TrainTestSplitCorrelation):
    """The exact twin of the metric of one fixed split; sources that it is given again are not
    summed again.
    """

    _summed: tuple[Sequence[weakref.ref], InnerProducts] | None = None

    def __call__(
        self, source_train: Any, source_test: Any, target_train: Any, target_test: Any
    ) -> Score:
        sources = [source_train, source_test]
        references, known = self._summed or ((), None)
        same = all(reference() is one for reference, one in zip(references, sources))
        score, inner = self._score(sources, [target_train, target_test], known if same else None)
        if inner is not None:
            self._summed = [weakref.ref(source) for source in sources], inner
        return score


def _rows(source: Any, first: int = 0) -> Any:
    """Each image's row number, from `first` on, in place of a source's features."""
    rows = source.isel(neuroid=slice(0, 1))
    return rows.copy(data=first + np.arange(len(rows))[:, np.newaxis])


def _on_rows(stock: Any, regression: RowRegression) -> Any:
    """A stock metric with a regression on row numbers, and Pearson's r of all neuroids at once."""
    correlation = stock.correlation
    if type(correlation) is XarrayCorrelation and correlation._correlation is scipy.stats.pearsonr:
        correlation = ExactCorrelation(correlation)
    of_rows = _with(stock.regression, _regression=regression)
    return _with(stock, regression=of_rows, correlation=correlation)


class RowRegression:
    """A stock regression between row numbers of features (images, features) and targets.

    Where rounding decides what the stock regression predicts, the stock regression predicts. It
    does so throughout for ridge regression of no more features than images, and for scikit-learn's
    `Ridge` of single-precision features, which works in single precision: its seventh digit is
    rounding.
    """

    def __init__(self, stock: Any, features: Any, inner: InnerProducts | None = None):
        self._stock, self._features = stock, features
        self.inner = inner
        self._exact = self._twin()
        self.left_to_stock = 0

    def _twin(self) -> PartialLeastSquares | Ridge | None:
        """The regression on inner products; None where the stock one is to run."""
        pls = type(self._stock) is PLSRegression
        images, width = self._features.shape
        single = self._features.dtype == np.float32 and type(self._stock) is StockRidge
        if not pls and (width <= images or single):
            return None
        if self.inner is None:
            self.inner = InnerProducts.of(self._features)
        if pls:
            return PartialLeastSquares(
                self.inner, self._stock.n_components, self._stock.tol, self._stock.max_iter
            )
        return Ridge(self.inner, _alphas(self._stock))

    def fit(self, rows: Any, targets: Any) -> None:
        self._training, self._targets = _numbers(rows), np.asarray(targets)
        self._fit = None
        if self._exact is not None:
            with contextlib.suppress(RoundingDecides):
                self._fit = self._exact.fit(self._training, self._targets)
        if isinstance(self._fit, RidgeFit) and hasattr(self._stock, "alphas"):
            self.alpha_ = self._fit.alpha

    def predict(self, rows: Any) -> np.ndarray:
        if self._fit is not None:
            with contextlib.suppress(RoundingDecides):
                return self._fit.predict(_numbers(rows))
        self.left_to_stock += 1
        logging.getLogger(__name__).info("left to the stock regression: %s", self._stock)
        stock = copy.copy(self._stock)
        stock.fit(self._features[self._training], self._targets)
        if hasattr(stock, "alpha_"):
            self.alpha_ = stock.alpha_
        return stock.predict(self._features[_numbers(rows)])


def _numbers(rows: Any) -> np.ndarray:
    return np.asarray(rows)[:, 0].astype(np.intp)


class ExactRDM(_Twin, RDM):
    """The stock dissimilarity matrix, 1 - Pearson's r of images over neuroids, summed in chunks."""

    def __call__(self, assembly: Any) -> Any:
        """Dissimilarities (presentation, presentation) of an assembly (presentation, neuroid).

        The stock matrix where images are as many as neuroids, or where rounding would decide on the
        ranks of dissimilarities.
        """
        if len(assembly.dims) != 2 or assembly.dims[-1] != self._neuroid_dim:
            return self.stock(assembly)
        images, width = assembly.shape
        if width <= images or assembly.dtype.kind != "f":
            return self.stock(assembly)
        found = correlations(assembly.values)
        ranked = np.sort(found[np.triu_indices(images, k=1)])
        # two of N ranks that change places move Spearman's correlation by at most 12 / N ** 2
        if 12 * np.count_nonzero(np.diff(ranked) < _CLOSE) > SETTLED * len(ranked) ** 2:
            return self.stock(assembly)
        coords = {name: one for name, one in assembly.coords.items() if name != self._neuroid_dim}
        return 1 - DataAssembly(found, coords=coords, dims=[assembly.dims[0]] * 2)


class ExactCorrelation(_Twin, XarrayCorrelation):
    """`XarrayCorrelation` with Pearson's r, of all neuroids in one call."""

    def __call__(self, prediction: Any, target: Any) -> Score:
        """Pearson's r (neuroid,) of prediction and target, matched by coordinates."""
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
