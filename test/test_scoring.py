"""Scoring: ours and theirs by name, identities that cannot be confused, results that say what they
are.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import brainscore_vision
import fresh_process
import numpy as np
import pytest

import brainscore_wiring
from brainscore_wiring.catalogue import model_without_seed
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.commands.score import _show
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring.plugin_folders import plugin_folders
from brainscore_wiring.scoring.result import (
    NOT_RUN,
    PROVENANCE,
    SCORED,
    Result,
    number,
    version_of,
    versions,
)
from brainscore_wiring.scoring.runner import BenchmarkCache, ModelRunner, account_alone
from brainscore_wiring.scoring.summary import Kind, summarise
from brainscore_wiring.scoring.table import read_results

UPDATES = "Geiger2022-supervised_synaptic_updates"


def test_importing_the_package_is_light_and_changes_nothing():
    code = (
        "import ssl, sys, warnings\n"
        "before = ssl._create_default_https_context, list(warnings.filters)\n"
        "import brainscore_wiring\n"
        "assert (ssl._create_default_https_context, warnings.filters) == before\n"
        "assert not {'torch', 'numpy', 'brainscore_vision'} & set(sys.modules)\n"
        "assert brainscore_wiring.list_models()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_training_and_compression_need_no_brain_score():
    code = """
import sys
away = {"brainscore_vision", "brainscore_core", "result_caching"}
for name in away | {name for name in sys.modules if name.partition(".")[0] in away}:
    sys.modules[name] = None  # as if it were not installed
import brainscore_wiring.training.develop
import brainscore_wiring.checkpoints.state_dicts
import brainscore_wiring.weight_compression.fitting
"""
    done = fresh_process.run(code)
    assert done.returncode == 0, done.stderr


def test_the_public_surface_loads_a_birth_state_and_scores_it():
    model = brainscore_wiring.load_model("mobilenet_wc")
    score = brainscore_wiring.score(model, UPDATES)
    assert float(score) == 1 and score.attrs["raw"] == 0
    assert score.attrs["model_identifier"] == "mobilenet_wc"
    assert model.activations_model.identifier == f"mobilenet_wc@{model.fingerprint}"


def test_a_score_says_which_weights_it_is_of_and_so_does_its_row_in_a_table(tmp_path):
    score = brainscore_wiring.score("cornet_s_wc_ct", UPDATES)
    model = brainscore_wiring.resolve("cornet_s_wc_ct")
    assert score.attrs["fingerprint"] == model.fingerprint
    assert score.attrs["training_data"] == model.record.data.name == "Tiny ImageNet"
    assert score.attrs["training_images"] == 100_000 and score.attrs["training_epochs"] == 5
    assert "Tiny ImageNet" in score.attrs["diet"] and score.attrs["computed"] == "exact"
    assert score.attrs["versions"] == versions() and score.attrs["benchmark_version"] == "1"
    table = tmp_path / "scores.csv"
    brainscore_wiring.score_many(["cornet_s_wc_ct"], [UPDATES], table)
    [row] = read_results(table)
    again = row.as_score()
    assert float(again) == float(score) and int(again.attrs["raw"]) == score.attrs["raw"]
    for name in PROVENANCE:
        assert again.attrs.get(name) == score.attrs.get(name), name


def test_a_score_of_a_model_at_birth_claims_no_training():
    attributes = brainscore_wiring.score("cornet_s_kn", UPDATES).attrs
    assert attributes["training_images"] == 0 and "training_data" not in attributes
    assert attributes["diet"] == "none" and attributes["weights"] == "sampled at birth"


def test_the_same_name_with_another_seed_has_another_fingerprint():
    first, second = (
        brainscore_wiring.load_model(f"mobilenet_random{suffix}") for suffix in ("", "_seed1")
    )
    assert first.fingerprint != second.fingerprint


def test_a_result_is_shown_in_a_line():
    scored = Result("net", "IT", SCORED, 0.51234, fingerprint="0123abcd", low=0.4, high=0.61)
    assert repr(scored) == "<Result net@0123abcd on IT: 0.512 (0.400 to 0.610)>"
    assert repr(Result("net", "IT", NOT_RUN, reason="no data")) == "<Result net on IT: not run>"


def test_stock_models_and_benchmarks_are_found_by_name():
    assert {"alexnet", "pixels", "hmax"} <= plugin_folders("brainscore_vision", "models").keys()
    assert "MajajHong2015public.IT-pls" in plugin_folders("brainscore_vision", "benchmarks")


def test_any_error_of_a_stock_plugin_is_one_sentence(monkeypatch):
    def broken(identifier):
        raise RuntimeError("no\nnetwork")

    monkeypatch.setattr(brainscore_vision, "load_benchmark", broken)
    with pytest.raises(
        WiringError, match="could not load MajajHong2015public.IT-pls.*.RuntimeError: no network"
    ):
        brainscore_wiring.load_benchmark("MajajHong2015public.IT-pls")


def test_a_stock_model_without_a_record_is_refused_an_account():
    class Stranger:
        identifier = "stranger"

        def look_at(self, stimuli):
            raise AssertionError("the account records no image")

    with pytest.raises(WiringError, match="no training record"):
        brainscore_wiring.score(Stranger(), UPDATES)


def test_unknown_names_are_refused_with_the_nearest_of_both_packages():
    with pytest.raises(WrongUsage, match="alexnet"):
        brainscore_wiring.load_model("alexnett")
    with pytest.raises(WrongUsage, match="MajajHong2015public.IT-pls"):
        brainscore_wiring.load_benchmark("MajajHong2015public.IT-plss")


def test_after_enable_brainscore_vision_finds_ours_and_keeps_theirs(monkeypatch):
    for name in ("import_plugin", "load_model_bibtex"):
        monkeypatch.setattr(brainscore_vision, name, getattr(brainscore_vision, name))
    brainscore_wiring.enable()
    brainscore_wiring.enable()  # twice is once
    assert brainscore_vision.load_model("mobilenet_wc").identifier == "mobilenet_wc"
    assert brainscore_vision.load_benchmark(UPDATES).identifier == UPDATES
    assert type(brainscore_vision.load_model("pixels")).__module__.startswith("brainscore_vision.")
    assert "Wiring Up Vision" in brainscore_vision.load_model_bibtex("mobilenet_wc")
    assert "Wiring Up Vision" not in str(brainscore_vision.load_model_bibtex("pixels"))
    score = brainscore_vision._run_score("mobilenet_wc", UPDATES)
    assert float(score) == 1


def test_a_pattern_stands_for_the_models_that_load_here():
    from brainscore_wiring.scoring.score import matching

    assert len(matching("cornet_s_kn_seed*")) == 9
    assert matching("cornet_s_kn") == ["cornet_s_kn"]
    with pytest.raises(WrongUsage, match="mobilenet_wc_ct"):
        matching("mobilenet_wc_ct*")


def test_the_benchmarks_in_words_are_those_that_are_registered_and_the_papers():
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS
    from brainscore_wiring.scoring.brainscore_data import BENCHMARK_FILES

    ours = plugin_folders("brainscore_wiring", "benchmarks")
    assert set(BENCHMARKS) == {*ours, *BENCHMARK_FILES}


def test_seeds_are_summarised_as_mean_and_standard_deviation():
    results = [
        Result(f"cornet_s_wc{suffix}", "B", "scored", score=value, weights="")
        for suffix, value in (("", 0.1), ("_seed12", 0.2), ("_seed42", 0.6))
    ]
    cell = summarise(results)[Kind("cornet_s_wc", None)]["B"]
    assert (cell.mean, cell.spread, cell.seeds) == (pytest.approx(0.3), pytest.approx(0.2645751), 3)
    assert str(cell) == "0.300 ± 0.265"


def test_a_cell_is_relative_or_trained_only_where_all_of_its_networks_are():
    def cell(*changes):
        rows = [
            Result(f"cornet_s_wc_seed{seed}", "B", "scored", score=0.5, weights="", **change)
            for seed, change in enumerate(changes)
        ]
        return summarise(rows)[Kind("cornet_s_wc", None)]["B"]

    half, whole = {"details": {"relative": 0.5}}, {"details": {"relative": 1.0}}
    assert cell(half, whole).relative == 0.75 and cell(half, {}).relative is None
    assert cell({}, {"raw": 1}).planned is False
    rows = [
        Result(f"cornet_s_wc_seed{seed}", "B", status, score=0.5, weights="")
        for seed, status in enumerate(("scored", "planned"))
    ]
    assert summarise(rows)[Kind("cornet_s_wc", None)]["B"].planned


def test_a_seed_counts_once_and_a_score_of_fewer_seeds_says_so(capsys):
    results = [
        Result("cornet_s_kn" + (f"_seed{seed}" if seed else ""), benchmark, "scored", value,
               seed=seed, fingerprint=f"{benchmark}{value}", weights="runs")
        for benchmark, seed, value in (("A", 0, 0.1), ("A", 12, 0.2), ("B", 0, 0.3), ("B", 0, 0.5))
    ]  # fmt: skip
    _show(results, None)
    [line] = [line for line in capsys.readouterr().out.splitlines() if "cornet_s_kn |" in line]
    assert [cell.strip() for cell in line.strip("| ").split("|")] == [
        "cornet_s_kn", "2", "0.150 ± 0.071", "0.400 (n = 1)",
    ]  # fmt: skip


def test_weights_of_another_diet_are_another_row():
    results = [
        Result("cornet_s_wc_ct", "B", "scored", score=0.1, diet="CIFAR-10"),
        Result("cornet_s_wc_ct", "B", "scored", score=0.9, diet="ImageNet-1k"),
    ]
    assert [cells["B"].mean for cells in summarise(results).values()] == [0.1, 0.9]


@pytest.mark.parametrize(
    "identifier, model",
    [
        ("cornet_s_wc_bn_seed42", "cornet_s_wc_bn"),
        ("cornet_s_wc", "cornet_s_wc"),
        ("cornet_s_wc_ct_seed42_imagenet", "cornet_s_wc_ct_imagenet"),
    ],
)
def test_a_seed_belongs_to_its_model(identifier, model):
    assert model_without_seed(identifier) == model


def test_a_score_of_several_numbers_is_not_averaged():
    from brainscore_core.metrics import Score

    assert number(Score(0.5)) == 0.5 and number(Score(float("nan"))) is None
    with pytest.raises(WiringError, match=r"2 numbers \(along time_bin\), not one score"):
        number(Score([0.1, 0.2], dims=["time_bin"]))


def test_versions_are_those_of_the_source_that_runs():
    assert version_of("brainscore-wiring") == brainscore_wiring.__version__
    assert f"brainscore_wiring {brainscore_wiring.__version__}" in versions()
    assert version_of("numpy") == np.__version__


def test_an_account_alone_needs_neither_brainscore_vision_nor_weights():
    code = (
        "import sys; from brainscore_wiring.scoring.score import score_many, score_one\n"
        "models = ['cornet_s_wc_ct', 'cornet_s_kn', 'cornet_s']\n"
        f"print(*(found.raw for found in score_many(models, ['{UPDATES}'])))\n"
        "print({'torch', 'brainscore_vision', 'xarray'} & set(sys.modules))\n"
        f"print(*(score_one(model, '{UPDATES}').attrs['raw'] for model in models[:2]))\n"
        "print({'torch', 'brainscore_vision'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    planned = resolve("cornet_s").plan.supervised_synaptic_updates
    assert done.stdout.split("\n")[:4] == [
        f"689280000000 0 {planned}", "set()", "689280000000 0", "set()"
    ]  # fmt: skip


@pytest.mark.parametrize("model", ["cornet_s_wc_ct", "mobilenet_wc", "pixels"])
def test_an_account_alone_is_that_of_the_loaded_model(model):
    alone = account_alone(model)
    [loaded] = ModelRunner(model, BenchmarkCache(), None, print).results([UPDATES])
    sampled = resolve(model).account.status == "at birth"  # their weights are not looked at
    assert alone == (replace(loaded, fingerprint=None) if sampled else loaded)
    assert alone.details == loaded.details


def test_a_planned_account_alone_is_that_of_a_model_that_does_not_load():
    planned, _ = brainscore_wiring.score_many(["mobilenet_wc_ct"], [UPDATES, "MacaqueV1Tuning"])
    alone = account_alone("mobilenet_wc_ct")
    assert alone == planned and alone.details == planned.details


def test_an_account_in_a_table_has_the_fingerprint_of_its_model(tmp_path):
    assert account_alone("mobilenet_wc", identified=True) is None
    brainscore_wiring.score_many(["mobilenet_wc"], [UPDATES], tmp_path / "scores.csv")
    [row] = read_results(tmp_path / "scores.csv")
    assert row.fingerprint == brainscore_wiring.load_model("mobilenet_wc").fingerprint
