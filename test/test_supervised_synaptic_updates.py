"""The benchmark of supervised synaptic updates, as Brain-Score calls it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from test_accounting import RECORD

from brainscore_wiring.accounting import account_of
from brainscore_wiring.benchmarks.supervised_synaptic_updates.benchmark import (
    SupervisedSynapticUpdates,
)
from brainscore_wiring.errors import WiringError


@pytest.fixture(scope="module")
def benchmark():
    return SupervisedSynapticUpdates()


def model(identifier: str, **attributes) -> SimpleNamespace:
    return SimpleNamespace(identifier=identifier, **attributes)


def test_a_trained_model_is_scored_by_its_record_not_by_its_row(benchmark):
    score = benchmark(model("cornet_s_wc_ct", training_record=RECORD))
    assert score.attrs["raw"] == 75_000 * 1_378_560
    assert score.attrs["account"]["status"] == "trained"
    assert 0 < float(score) < 1


def test_an_untrained_recipe_is_scored_as_planned(benchmark):
    score = benchmark(model("cornet_s_wc_ct_500k_images_20_epochs", training_record=None))
    assert score.attrs["raw"] == 13_785_600_000_000
    assert score.attrs["account"]["status"] == "planned"
    assert float(score) == pytest.approx(account_of("cornet_s_wc_ct_500k_images_20_epochs").value)


@pytest.mark.parametrize(
    "identifier", ["cornet_s_kn", "cornet_s_wc", "cornet_s_wc_bn", "pixels", "hmax"]
)
def test_a_model_without_learning_scores_1_and_is_not_planned(benchmark, identifier):
    score = benchmark(model(identifier))
    assert float(score) == 1 and score.attrs["raw"] == 0
    assert score.attrs["account"]["status"] == "at birth"


def test_the_raw_count_is_an_exact_integer(benchmark):
    raw = benchmark(model("cornet_s")).attrs["raw"]
    assert type(raw) is int and raw == 43 * 1_280_000 * 52_860_096


def test_the_score_has_a_ceiling_of_1_and_no_error(benchmark):
    score = benchmark(model("cornet_s_ct"))
    assert (
        float(score.attrs["ceiling"]) == float(benchmark.ceiling) == 1
        and "error" not in score.attrs
    )


def test_both_ways_to_count_are_reported_side_by_side(benchmark):
    account = benchmark(model("cornet_s_wc_ct")).attrs["account"]
    assert (account["trained_synapses_paper"], account["trained_synapses_true"]) == (
        1_378_560,
        1_889_256,
    )
    assert account["supervised_synaptic_updates"] < account["supervised_synaptic_updates_true"]
    assert account["genome_numbers"] == 4_166 and account["unlabelled_images"] == 0


def test_a_model_without_record_or_row_is_refused(benchmark):
    with pytest.raises(WiringError, match="alexnet has no training record"):
        benchmark(model("alexnet"))
    with pytest.raises(WiringError, match="has no training record"):
        benchmark(model("mine", training_record=None))


def test_a_damaged_record_is_refused_and_never_replaced_by_the_row(benchmark):
    with pytest.raises(WiringError, match="contradicts itself"):
        benchmark(model("cornet_s_wc_ct", training_record=RECORD | {"supervised_updates": 1}))
    with pytest.raises(WiringError, match="no entry"):
        benchmark(model("cornet_s_wc_ct", training_record={}))


def test_fewer_updates_never_score_lower(benchmark):
    values = [
        float(benchmark(model(name)))
        for name in (
            "cornet_s_wc",
            "cornet_s_wc_ct_100_images_1_epochs",
            "cornet_s_wc_ct_1k_images_1_epochs",
            "cornet_s_wc_ct",
            "cornet_s_6_epochs",
            "cornet_s",
        )
    ]
    assert values == sorted(values, reverse=True) and values[0] == 1 and values[-1] == 0


def test_brain_score_loads_the_benchmark_by_its_identifier(benchmark):
    from brainscore_core.plugin_management.import_plugin import import_plugin

    import_plugin("brainscore_wiring", "benchmarks", benchmark.identifier)
    from brainscore_vision import benchmark_registry

    loaded = benchmark_registry["Geiger2022-supervised_synaptic_updates"]()
    assert loaded.identifier == benchmark.identifier and loaded.version == 1
    assert re.search(r"url = \{https://", loaded.bibtex)
