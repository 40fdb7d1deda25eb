"""The fast twin of Brain-Score's partial least squares metric gives its numbers, and copies no
features.
"""

from __future__ import annotations

import tracemalloc
import warnings

import numpy as np
import pytest
import scipy.stats
from brainscore_core.metrics import Score
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly, walk_coords
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision import load_benchmark, load_metric
from brainscore_vision.benchmark_helpers.neural_common import NeuralBenchmark
from brainscore_vision.metric_helpers.xarray_utils import XarrayCorrelation
from brainscore_vision.metrics.regression_correlation.metric import (
    CrossRegressedCorrelation,
    ScaledCrossRegressedCorrelation,
    pearsonr_correlation,
    pls_regression,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cross_decomposition import PLSRegression
from small_brainscore import small_brainscore  # noqa: F401

from brainscore_wiring.scoring import exact as exact_module
from brainscore_wiring.scoring.exact import (
    ExactCorrelation,
    RowRegression,
    exact,
    exact_metric,
)
from brainscore_wiring.scoring.inner_products import InnerProducts, RoundingDecides
from brainscore_wiring.scoring.partial_least_squares import PartialLeastSquares

BY_OBJECT = {"crossvalidation_kwargs": {"stratification_coord": "object_name"}}


def data(
    seed: int, images: int, features: int, targets: int, shared: int = 60, dtype: type = np.float32
) -> tuple[np.ndarray, np.ndarray]:
    """Rectified features and noisy responses with `shared` directions of slowly falling variance in
    common.
    """
    random = np.random.default_rng(seed)
    latent = random.normal(size=(images, shared)) / np.sqrt(np.arange(1, shared + 1))
    values = np.maximum(latent @ random.normal(size=(shared, features)) + 0.3, 0)
    return values.astype(dtype), latent @ random.normal(size=(shared, targets)) + random.normal(
        size=(images, targets)
    )


def presentations(images: int) -> dict[str, tuple[str, list[str]]]:
    """Identifiers that are not in order, and four objects."""
    return {
        "stimulus_id": (
            "presentation",
            [f"image{(7 * number) % images:03d}" for number in range(images)],
        ),
        "object_name": ("presentation", [f"object{number % 4}" for number in range(images)]),
    }


def layer(values: np.ndarray) -> NeuroidAssembly:
    count = values.shape[1]
    return NeuroidAssembly(
        values,
        dims=["presentation", "neuroid"],
        coords={
            **presentations(len(values)),
            "neuroid_id": ("neuroid", np.arange(count)),
            "layer": ("neuroid", ["IT"] * count),
        },
    )


def recording(values: np.ndarray) -> NeuroidAssembly:
    """Responses, their images and sites in another order than a layer's."""
    images, sites = values.shape
    assembly = NeuroidAssembly(
        values,
        dims=["presentation", "neuroid"],
        coords={
            **presentations(images),
            "neuroid_id": ("neuroid", [f"site{site}" for site in range(sites)]),
            "region": ("neuroid", ["IT"] * sites),
        },
    )
    return assembly[
        np.random.default_rng(0).permutation(images), np.random.default_rng(1).permutation(sites)
    ]


def outcome(regression, source, targets, left_out: int):
    """Predictions for the first `left_out` images from a fit on the others, or the error that this
    ends in.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            regression.fit(source[left_out:], targets[left_out:])
            return regression.predict(source[:left_out])
        except ValueError as error:
            return str(error)


def row_numbers(features: np.ndarray) -> np.ndarray:
    return np.arange(len(features))[:, np.newaxis]


def assert_same_predictions(stock: PLSRegression, features, targets, left_out: int = 3) -> None:
    """To 1e-9 of each target's spread over images; errors in the same words."""
    ours = outcome(RowRegression(stock, features), row_numbers(features), targets, left_out)
    stock = outcome(stock, features, targets, left_out)
    if isinstance(stock, str):
        assert ours == stock
        return
    spread = np.linalg.norm(stock - stock.mean(axis=0), axis=0)
    assert np.all(np.linalg.norm(ours - stock, axis=0) <= 1e-9 * spread)


def assert_same_score(ours: Score, stock: Score) -> None:
    """To 1e-9 in every number down to the correlation of each site in each split, with the same
    coordinates.
    """
    assert (
        type(ours) is type(stock)
        and ours.dims == stock.dims
        and list(ours.attrs) == list(stock.attrs)
    )
    np.testing.assert_allclose(ours.values, stock.values, rtol=0, atol=1e-9)
    pairs = zip(walk_coords(ours), walk_coords(stock), strict=True)
    for (name, dims, values), (stock_name, stock_dims, stock_values) in pairs:
        assert (name, dims, list(np.atleast_1d(values))) == (
            stock_name,
            stock_dims,
            list(np.atleast_1d(stock_values)),
        )
    for name, value in stock.attrs.items():
        if isinstance(value, Score):
            assert_same_score(ours.attrs[name], value)


# -- the regression
# ------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    images=st.integers(45, 120),
    features=st.integers(60, 400),
    targets=st.integers(1, 60),
    components=st.integers(1, 25),
    iterations=st.sampled_from([1, 3, 500]),
    dtype=st.sampled_from([np.float64, np.float32, np.float16]),
)
def test_ordinary_predictions_are_scikit_learns(
    seed, images, features, targets, components, iterations, dtype
):
    stock = PLSRegression(components, scale=False, max_iter=iterations)
    assert_same_predictions(stock, *data(seed, images, features, targets, dtype=dtype), left_out=5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "images, features, targets", [(60, 1000, 40), (100, 2000, 1), (50, 300, 80)]
)
def test_ordinary_data_are_not_left_to_scikit_learn(seed, images, features, targets):
    values, responses = data(seed, images, features, targets)
    regression = RowRegression(PLSRegression(25, scale=False), values)
    outcome(regression, row_numbers(values), responses, left_out=5)
    assert regression.left_to_stock == 0


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    images=st.integers(6, 50),
    features=st.integers(1, 120),
    targets=st.integers(1, 12),
    shared=st.integers(1, 40),
    components=st.integers(1, 30),
    constant_targets=st.integers(0, 12),
    offset=st.sampled_from([0, 0.1, 1000.3]),
    constant_features=st.integers(0, 120),
    copies=st.integers(0, 20),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_predictions_and_errors_are_scikit_learns_where_data_are_degenerate(
    seed,
    images,
    features,
    targets,
    shared,
    components,
    constant_targets,
    offset,
    constant_features,
    copies,
    dtype,
):
    values, responses = data(seed, images, features, targets, shared, dtype)
    values[:, :constant_features] = values[0, :constant_features]
    responses[:, :constant_targets] = offset
    for copied in range(min(copies, images - 4)):
        values[-1 - copied] = values[copied % 3]
    assert_same_predictions(PLSRegression(components, scale=False), values, responses)


def test_features_that_are_not_a_number_are_refused_in_scikit_learns_words():
    values, responses = data(0, 60, 100, 3)
    values[20, 10] = np.nan
    stock = PLSRegression(25, scale=False)
    assert "contains NaN" in outcome(stock, values, responses, 3)
    assert_same_predictions(stock, values, responses)


def test_float32_features_are_centred_in_float32_as_scikit_learn_does():
    values, responses = data(1, 80, 100, 4)
    training, left_out = np.arange(10, 80), np.arange(10)
    stock = PLSRegression(25, scale=False).fit(values[training], responses[training])
    short, exactly = (
        stock.predict(values[left_out]),
        stock.predict(values[left_out].astype(np.float64)),
    )
    ours = (
        PartialLeastSquares(InnerProducts.of(values))
        .fit(training, responses[training])
        .predict(left_out)
    )
    assert np.abs(short - exactly).max() > 1e-9 > 1e3 * np.abs(ours - short).max()


def test_a_fit_that_hangs_on_rounding_is_refused_and_left_to_scikit_learn():
    values, responses = data(2, 27, 100, 4)
    with pytest.raises(RoundingDecides):
        PartialLeastSquares(InnerProducts.of(values)).fit(np.arange(3, 27), responses[3:])
    ours = RowRegression(PLSRegression(25, scale=False), values)
    outcome(ours, row_numbers(values), responses, left_out=3)
    assert ours.left_to_stock == 1


def test_inner_products_are_the_same_over_many_chunks(monkeypatch):
    values, _ = data(3, 30, 100, 1)
    whole = InnerProducts.of(values)
    monkeypatch.setattr("brainscore_wiring.scoring.inner_products._COLUMNS", 7)
    monkeypatch.setattr("brainscore_wiring.scoring.inner_products._CHUNK", 7)
    np.testing.assert_allclose(
        InnerProducts.of(values).products, whole.products, rtol=0, atol=1e-12
    )


# -- the metric
# ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "features", [2000, 30], ids=["more features than images", "fewer features than images"]
)
def test_the_metrics_score_is_the_stock_one_down_to_every_site_and_split(features):
    values, responses = data(4, 60, features, 8)
    metric = load_metric("pls", **BY_OBJECT)
    source, target = layer(values), recording(responses)
    assert_same_score(exact_metric(metric)(source, target), metric(source, target))


def test_neither_the_order_of_images_nor_that_of_dimensions_matters_more_than_in_the_stock_metric():
    values, responses = data(5, 60, 300, 5)
    metric = load_metric("pls", **BY_OBJECT)
    source = layer(values)[::-1].transpose("neuroid", "presentation")
    target = recording(responses).transpose("neuroid", "presentation")
    assert_same_score(exact_metric(metric)(source, target), metric(source, target))


def test_targets_are_scaled_where_the_stock_metric_scales_them():
    values, responses = data(6, 60, 300, 5)
    metric = ScaledCrossRegressedCorrelation(
        pls_regression(), pearsonr_correlation(), {"stratification_coord": None}
    )
    source, target = layer(values), recording(responses * 50 + 3)
    assert_same_score(exact_metric(metric)(source, target), metric(source, target))


def test_one_sum_of_inner_products_serves_all_splits(monkeypatch):
    calls = []
    sum_up = InnerProducts.of
    monkeypatch.setattr(
        exact_module.InnerProducts,
        "of",
        lambda features: calls.append(features) or sum_up(features),
    )
    values, responses = data(7, 60, 300, 3)
    exact_metric(load_metric("pls", **BY_OBJECT))(layer(values), recording(responses))
    assert len(calls) == 1


def test_features_in_a_file_are_scored_with_less_memory_than_they_would_take(tmp_path):
    random = np.random.default_rng(8)
    np.save(tmp_path / "features.npy", random.random((60, 120_000), np.float32))
    source, target = (
        layer(np.load(tmp_path / "features.npy", mmap_mode="r")),
        recording(random.random((60, 3))),
    )
    metric = exact_metric(load_metric("pls", **BY_OBJECT))
    tracemalloc.start()
    try:
        metric(source, target)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < source.nbytes


def test_a_source_over_time_is_refused_as_the_stock_metric_refuses_it():
    values, responses = data(9, 60, 100, 3)
    source = layer(values).expand_dims("time_bin")
    with pytest.raises(AssertionError, match="Expected .*but got"):
        exact_metric(load_metric("pls", **BY_OBJECT))(source, recording(responses))


@pytest.mark.parametrize("images", [2, 3, 20])
def test_correlations_of_all_sites_at_once_are_those_of_one_after_another(images):
    random = np.random.default_rng(10)
    target, prediction = random.normal(size=(images, 6)), random.normal(size=(images, 6))
    target[:, 0], prediction[:, 1] = 3, -0.1  # constant
    target[0, 2] = np.nan
    prediction[:, 3] = 2 * target[:, 3] + 1
    stock = XarrayCorrelation(scipy.stats.pearsonr)
    pair = recording(prediction), recording(target)[::-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = ExactCorrelation(stock)(*pair), stock(*pair)
    assert np.isnan(ours.values).sum() == 3
    assert_same_score(ours, theirs)


def test_predictions_of_other_sites_are_not_correlated():
    values = np.random.default_rng(11).normal(size=(20, 3))
    other = recording(values)[:, [0, 1, 1]]
    with pytest.raises(AssertionError):
        ExactCorrelation(XarrayCorrelation(scipy.stats.pearsonr))(recording(values), other)


# -- the benchmark
# ------------------------------------------------------------------------------------------


class RecordedModel:
    """A stock-like model that knows nothing of this package: its responses were recorded before."""

    identifier = "recorded"

    def __init__(self, make_values):
        self._make_values = make_values

    def visual_degrees(self) -> int:
        return 8

    def start_recording(self, region, time_bins) -> None:
        pass

    def look_at(self, stimuli, number_of_trials=1):
        values = self._make_values(stimuli)
        presentation = {name: ("presentation", stimuli[name].values) for name in stimuli.columns}
        return NeuroidAssembly(
            values[:, :, np.newaxis],
            dims=["presentation", "neuroid", "time_bin"],
            coords={
                **presentation,
                "neuroid_id": ("neuroid", np.arange(values.shape[1])),
                "layer": ("neuroid", ["IT"] * values.shape[1]),
                "time_bin_start": ("time_bin", [70]),
                "time_bin_end": ("time_bin", [170]),
            },
        )


def neural_benchmark(responses: np.ndarray, metric) -> NeuralBenchmark:
    assembly = recording(responses).expand_dims("time_bin_start").expand_dims("time_bin_end")
    assembly["time_bin_start"], assembly["time_bin_end"] = [70], [170]
    assembly = assembly.stack(time_bin=["time_bin_start", "time_bin_end"]).squeeze("time_bin")
    stimuli = StimulusSet(
        {name: values for name, (_, values) in presentations(len(responses)).items()}
    )
    stimuli.identifier = "made-up"
    assembly.attrs["stimulus_set"] = stimuli
    return NeuralBenchmark(
        "MadeUp.IT-pls",
        assembly,
        metric,
        visual_degrees=8,
        number_of_trials=1,
        version=3,
        parent="IT",
        ceiling_func=lambda: Score(0.8),
    )


def test_a_benchmark_keeps_what_it_is_and_its_score():
    values, responses = data(12, 60, 500, 5)
    stock = neural_benchmark(responses, load_metric("pls", **BY_OBJECT))
    metric = stock._similarity_metric
    ours, model = exact(stock), RecordedModel(lambda stimuli: values)
    assert stock._similarity_metric is metric and not isinstance(
        metric, exact_module.ExactCrossRegressedCorrelation
    )
    assert isinstance(ours._similarity_metric, exact_module.ExactCrossRegressedCorrelation)
    assert type(ours) is NeuralBenchmark
    assert (ours.identifier, ours.version, ours.parent) == ("MadeUp.IT-pls", 3, "IT")
    assert float(ours.ceiling) == 0.8
    assert_same_score(ours(model), stock(model))


def test_a_benchmark_of_the_paper_scores_the_same(small_brainscore):
    stock = load_benchmark("FreemanZiemba2013public.V1-pls")
    responses = stock._assembly.transpose("presentation", "neuroid").values
    random = np.random.default_rng(13)
    drive = responses @ random.normal(size=(responses.shape[1], 700))
    values = np.maximum(drive + drive.std() * random.normal(size=drive.shape), 0).astype(np.float32)
    rows = {image: values[row] for row, image in enumerate(stock._assembly["stimulus_id"].values)}
    stimuli = stock._assembly.stimulus_set
    source = RecordedModel(
        lambda stimuli: np.array([rows[image] for image in stimuli["stimulus_id"]])
    ).look_at(stimuli)
    source = source.squeeze("time_bin")
    assert exact(stock) is not stock
    assert_same_score(
        exact(stock)._similarity_metric(source, stock._assembly),
        stock._similarity_metric(source, stock._assembly),
    )


@pytest.mark.parametrize(
    "metric, twin",
    [
        (lambda: load_metric("pls", **BY_OBJECT), True),
        (lambda: ScaledCrossRegressedCorrelation(pls_regression(), pearsonr_correlation()), True),
        (
            lambda: CrossRegressedCorrelation(
                pls_regression({"scale": True}), pearsonr_correlation()
            ),
            False,
        ),
        *(
            (lambda name=name: load_metric(name), False)
            for name in (
                "linear_predictivity",
                "neuron_to_neuron",
                "spantime_pls",
                "spantime_ridge",
                "reverse_pls",
                "linear_predictivity_split",
                "cka",
            )
        ),
    ],
    ids=[
        "pls",
        "scaled targets",
        "scaled features",
        "linear",
        "neuron to neuron",
        "pls over time",
        "ridge over time",
        "reverse",
        "linear with one split",
        "cka",
    ],
)
def test_only_metrics_whose_numbers_are_known_to_stay_are_replaced(metric, twin):
    benchmark = neural_benchmark(np.random.default_rng(14).normal(size=(20, 3)), metric())
    assert (exact(benchmark) is not benchmark) is twin
    assert (exact(benchmark) is not benchmark) is twin


def test_what_has_no_metric_is_returned_as_it_is():
    anything = object()
    assert exact(anything) is anything
