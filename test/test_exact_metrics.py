"""The fast twins of Brain-Score's ridge regression and dissimilarity matrices give the numbers of
its own code, on small data of the real structure.
"""

from __future__ import annotations

import copy
import tracemalloc
import warnings

import numpy as np
import pytest
from brainscore_core.metrics import Score
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision import load_metric
from brainscore_vision.benchmark_helpers.neural_common import (
    RSABenchmark,
    TrainTestNeuralBenchmark,
)
from brainscore_vision.metrics.rdm.metric import RDM
from brainscore_vision.metrics.regression_correlation.metric import (
    ALPHA_LIST,
    CrossRegressedCorrelation,
    DualRidgeCVRegression,
    DualRidgeRegression,
    dual_ridge_cv_regression,
    dual_ridge_regression,
    pearsonr_correlation,
    ridge_cv_regression,
    ridge_regression,
)
from sklearn.linear_model import Ridge as StockRidge
from sklearn.linear_model import RidgeCV
from test_exact_regression import (
    RecordedModel,
    assert_same_score,
    data,
    layer,
    neural_benchmark,
    outcome,
    recording,
    row_numbers,
)

from brainscore_wiring.scoring import exact as exact_module
from brainscore_wiring.scoring.exact import ExactRDM, RowRegression, exact, exact_metric
from brainscore_wiring.scoring.inner_products import (
    InnerProducts,
    RoundingDecides,
    Stacked,
    correlations,
)
from brainscore_wiring.scoring.ridge import Ridge

REGRESSIONS = {
    "ridge": ridge_regression,
    "ridgecv": ridge_cv_regression,
    "dual ridge": dual_ridge_regression,
    "dual ridgecv": dual_ridge_cv_regression,
}
THREE_SPLITS = {"stratification_coord": "object_name", "splits": 3}
SPLIT = ["pls_split", "ridge_split", "ridgecv_split", "dual_ridge_split", "dual_ridgecv_split"]


def over_splits(name: str) -> CrossRegressedCorrelation:
    return CrossRegressedCorrelation(REGRESSIONS[name](), pearsonr_correlation(), THREE_SPLITS)


# -- the regression
# ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("features", [600, 40], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", REGRESSIONS)
def test_scores_are_the_stock_ones_down_to_every_site_and_split(name, features, dtype):
    values, responses = data(1, 64, features, 5, dtype=dtype)
    source, target, metric = layer(values), recording(responses), over_splits(name)
    assert_same_score(exact_metric(metric)(source, target), metric(source, target))


@pytest.mark.parametrize(
    "stock",
    [
        StockRidge(alpha=1e-3),
        RidgeCV(alphas=[1e-3, 1.0, 1e3]),
        RidgeCV(alphas=[2.0, 2.0]),
        DualRidgeRegression(1.0),
        DualRidgeCVRegression(ALPHA_LIST),
    ],
    ids=["small penalty", "few penalties", "equal penalties", "dual", "dual cv"],
)
@pytest.mark.parametrize("shape", ["copies", "constant target", "few directions", "offset"])
def test_predictions_are_the_stock_ones_where_data_are_degenerate(stock, shape):
    values, responses = data(2, 40, 90, 4, shared=3 if shape == "few directions" else 60)
    values = values.astype(np.float64)
    if shape == "copies":
        values[-8:] = values[:8]
    if shape == "constant target":
        responses[:, 1] = 0.1
    if shape == "offset":
        values, responses = values + 1e4, responses - 1e4
    ours, theirs = RowRegression(stock, values), copy.deepcopy(stock)
    expected = outcome(theirs, values, responses, 5)
    found = outcome(ours, row_numbers(values), responses, 5)
    spread = np.linalg.norm(expected - expected.mean(axis=0), axis=0)
    scale = np.maximum(spread, 1e-12 * np.abs(expected).max())
    assert np.all(np.linalg.norm(found - expected, axis=0) <= 1e-9 * scale)
    assert getattr(ours, "alpha_", None) == getattr(theirs, "alpha_", None)


def test_ordinary_data_are_not_left_to_the_stock_regression():
    values, responses = data(3, 80, 2000, 6)
    for stock in (RidgeCV(alphas=ALPHA_LIST), DualRidgeRegression(1.0)):
        ours = RowRegression(stock, values)
        outcome(ours, row_numbers(values), responses, 5)
        assert ours.left_to_stock == 0


def test_scikit_learns_ridge_works_in_single_precision_and_is_run_as_it_is():
    values, responses = data(4, 60, 3000, 4)
    stock = StockRidge(alpha=1)
    order = np.random.default_rng(0).permutation(3000)
    theirs = outcome(copy.copy(stock), values, responses, 6)
    reordered = outcome(copy.copy(stock), values[:, order], responses, 6)
    assert np.abs(theirs - reordered).max() > 1e-7  # so much of its number is rounding
    ours = RowRegression(stock, values)
    assert (outcome(ours, row_numbers(values), responses, 6) == theirs).all()
    assert ours.inner is None and ours.left_to_stock == 1


@pytest.mark.parametrize("alphas", [[3.0, 3.0], [1e-12]], ids=["a tie", "no penalty to speak of"])
def test_what_rounding_decides_is_refused(alphas):
    values, responses = data(5, 30, 100, 2)
    values[20:] = values[:10]
    ridge, training = Ridge(InnerProducts.of(values), alphas), np.arange(4, 30)
    with pytest.raises(RoundingDecides):
        ridge.fit(training, responses[training]).predict(np.arange(4))


@pytest.mark.parametrize("where", ["features", "targets"])
def test_what_is_not_a_number_is_refused_in_the_stock_regressions_words(where):
    values, responses = data(6, 40, 100, 3)
    (values if where == "features" else responses)[20, 1] = np.nan
    stock = RidgeCV(alphas=ALPHA_LIST)
    refused = outcome(copy.copy(stock), values, responses, 4)
    assert "contains NaN" in refused
    assert outcome(RowRegression(stock, values), row_numbers(values), responses, 4) == refused


@pytest.mark.parametrize(
    "stock",
    [
        StockRidge(positive=True),
        StockRidge(alpha=0),
        StockRidge(solver="lsqr"),
        StockRidge(alpha=[1.0, 2.0]),
        RidgeCV(cv=3),
        RidgeCV(alpha_per_target=True),
        RidgeCV(fit_intercept=False),
        DualRidgeCVRegression(None),
        DualRidgeCVRegression([1.0, 2.0], scoring="r2"),
    ],
    ids=[str(number) for number in range(9)],
)
def test_other_settings_have_no_twin(stock):
    metric = over_splits("ridge")
    metric.regression._regression = stock
    assert exact_metric(metric) is None


def test_a_cross_validation_that_sees_features_has_no_twin():
    metric = over_splits("ridge")
    metric.cross_validation._preprocess_indices = lambda train, test, source: (train, test)
    assert exact_metric(metric) is None


# -- one fixed split
# ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def split_data():
    """Features of 60 training and 20 test images, and sites of two subjects."""
    values, responses = data(7, 80, 400, 6)
    target = recording(responses)
    target = target.assign_coords(subject=("neuroid", list("aabbab")))
    target = NeuroidAssembly(target.transpose("presentation", "neuroid"))
    images = layer(values)["stimulus_id"].values
    train = np.isin(target["stimulus_id"].values, images[:60])
    return values, target[train], target[~train]


@pytest.mark.parametrize("name", SPLIT)
def test_scores_of_one_fixed_split_are_the_stock_ones(name, split_data):
    values, train, test = split_data
    source, metric = layer(values), load_metric(name)
    given = dict(
        source_train=source[:60], source_test=source[60:], target_train=train, target_test=test
    )
    ours, theirs = exact_metric(metric)(**given), metric(**given)
    assert_same_score(ours, theirs)
    assert ours.raw.attrs == theirs.raw.attrs and ("alpha" in ours.raw.attrs) == ("cv" in name)


def test_other_test_images_are_not_taken_for_those_before(split_data):
    values, train, test = split_data
    source = layer(values)
    metric = exact_metric(load_metric(SPLIT[0]))
    given = dict(source_train=source[:60], target_train=train, target_test=test)
    metric(source_test=source[60:], **given)
    other = source[60:].copy(data=source[60:].values[::-1].copy())
    assert_same_score(
        metric(source_test=other, **given), load_metric(SPLIT[0])(source_test=other, **given)
    )


def stimuli_of(assembly, identifier: str) -> StimulusSet:
    columns = ("stimulus_id", "object_name")
    stimuli = StimulusSet({name: assembly[name].values for name in columns})
    stimuli.identifier = identifier
    return stimuli


def timed(assembly, identifier: str):
    """With the time bin and stimulus set that benchmarks read."""
    assembly = assembly.expand_dims("time_bin_start").expand_dims("time_bin_end")
    assembly["time_bin_start"], assembly["time_bin_end"] = [70], [170]
    assembly = assembly.stack(time_bin=["time_bin_start", "time_bin_end"]).squeeze("time_bin")
    assembly.attrs["stimulus_set"] = stimuli_of(assembly, identifier)
    return assembly


def recorded_by(values) -> RecordedModel:
    rows = dict(zip(layer(values)["stimulus_id"].values, values))
    return RecordedModel(
        lambda stimuli: np.array([rows[image] for image in stimuli["stimulus_id"]])
    )


def test_a_benchmark_of_subjects_scores_the_same_and_sums_inner_products_once(
    split_data, monkeypatch, capsys
):
    values, train, test = split_data
    per_site = Score(
        np.full((2, 6), 0.8),
        dims=["split", "neuroid"],
        coords={
            "split": [0, 1],
            **{
                name: ("neuroid", test[name].values) for name in ("neuroid_id", "subject", "region")
            },
        },
    )
    ceiling = Score(0.8)
    ceiling.attrs["raw"] = per_site
    stock = TrainTestNeuralBenchmark(
        "MadeUp.IT-ridgecv",
        lambda: ceiling,
        1,
        timed(train, "made-up-train"),
        timed(test, "made-up-test"),
        load_metric("ridgecv_split", alphas=ALPHA_LIST),
        visual_degrees=8,
        number_of_trials=1,
        parent="IT",
        alpha_coord="subject",
        bibtex="",
    )
    calls, sum_up = [], InnerProducts.of
    monkeypatch.setattr(
        exact_module.InnerProducts,
        "of",
        lambda features: calls.append(features.shape) or sum_up(features),
    )
    theirs = stock(recorded_by(values))
    ours = exact(stock)
    assert type(ours) is TrainTestNeuralBenchmark
    assert_same_score(ours(recorded_by(values)), theirs)
    assert calls == [(80, 400)]
    ours(recorded_by(values + 1))
    assert calls == [(80, 400)] * 2, "other features have other inner products"


def test_stacked_features_are_read_like_one_array():
    first, second = np.arange(12.0).reshape(3, 4), np.arange(100.0, 108.0).reshape(2, 4)
    whole, stacked = np.vstack([first, second]), Stacked([first, second])
    assert stacked.shape == whole.shape and len(stacked) == 5 and stacked.dtype == whole.dtype
    numbers = np.array([4, 0, 3, 3])
    np.testing.assert_array_equal(stacked[numbers], whole[numbers])
    np.testing.assert_array_equal(stacked[:, slice(1, 3)], whole[:, 1:3])
    np.testing.assert_array_equal(stacked[numbers, slice(2, 4)], whole[numbers, 2:4])


# -- dissimilarities
# ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rdm", "rdm_cv"])
@pytest.mark.parametrize("features", [700, 30], ids=["wide", "narrow"])
def test_similarities_of_dissimilarities_are_the_stock_ones(name, features):
    values, responses = data(8, 60, features, 70)
    source, target, metric = layer(values), recording(responses), load_metric(name)
    assert_same_score(exact_metric(metric)(source, target), metric(source, target))


def test_an_rsa_benchmark_scores_the_same():
    values, responses = data(9, 40, 300, 6)
    assembly = recording(responses).assign_coords(subject=("neuroid", list("aababb")))
    assembly = timed(NeuroidAssembly(assembly.transpose("presentation", "neuroid")), "made-up")
    stock = RSABenchmark("MadeUp.IT-rdm", 1, assembly, "IT", 8, 1, "")
    ours, model = exact(stock), recorded_by(values)
    assert type(ours._rdm) is ExactRDM and type(stock._rdm) is RDM
    assert_same_score(ours(model), stock(model))


def test_a_neural_benchmark_with_dissimilarities_scores_the_same():
    values, responses = data(10, 40, 300, 6)
    stock = neural_benchmark(responses, load_metric("rdm"))
    model = RecordedModel(lambda stimuli: values)
    assert_same_score(exact(stock)(model), stock(model))


@pytest.mark.parametrize("odd", ["copied images", "a silent image", "neuroids first"])
def test_ties_silence_and_another_order_give_the_stock_matrix(odd):
    values, _ = data(11, 30, 200, 1)
    if odd == "copied images":
        values[10:20] = values[:10]
    if odd == "a silent image":
        values[3] = 0
    source = layer(values)
    source = source.transpose("neuroid", "presentation") if odd == "neuroids first" else source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = ExactRDM(RDM())(source), RDM()(source)
    assert ours.dims == theirs.dims and type(ours) is type(theirs)
    np.testing.assert_allclose(ours.values, theirs.values, rtol=0, atol=1e-12)
    if odd == "copied images":  # whose ranks would hang on the last bit
        np.testing.assert_array_equal(ours.values, theirs.values)


def test_correlations_are_the_same_over_many_chunks_and_take_little_memory(monkeypatch, tmp_path):
    values = data(12, 30, 40_000, 1)[0]
    np.save(tmp_path / "features.npy", values)
    features = np.load(tmp_path / "features.npy", mmap_mode="r")
    monkeypatch.setattr("brainscore_wiring.scoring.inner_products._COLUMNS", 1000)
    monkeypatch.setattr("brainscore_wiring.scoring.inner_products._CHUNK", 1000)
    tracemalloc.start()
    try:
        found = correlations(features)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < values.nbytes / 4
    np.testing.assert_allclose(found, np.corrcoef(values), rtol=0, atol=1e-12)
