"""Many models in one call: patterns, a table that continues where it was, no model scored twice,
each image once.
"""

from __future__ import annotations

import multiprocessing
from types import SimpleNamespace

import pytest
from brainscore_core.metrics import Score

from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring import loading, runner, score
from brainscore_wiring.scoring.result import NOT_RUN, SCORED, STOCK_REGRESSION, Result
from brainscore_wiring.scoring.score import matching, relative_to_first, score_many
from brainscore_wiring.scoring.table import ResultTable

BENCHMARKS = ("MacaqueV1Tuning", "MacaqueV1Tuning-preferred_orientation")
MODELS = ("cornet_s_kn", "cornet_s_kn_seed12", "cornet_s_kn_seed32")


class Quick:
    """A benchmark that takes no time and writes down whom it saw."""

    version = 1
    ceiling = 1.0

    def __init__(self, identifier: str, seen: list):
        self.identifier, self._seen = identifier, seen

    def __call__(self, model):
        self._seen.append((model.identifier, self.identifier))
        if model.identifier == "cornet_s_kn_seed32" and self.identifier == "interrupted":
            raise KeyboardInterrupt
        found = Score(len(model.identifier) / 100)
        found.attrs.update(raw=Score(0.5), ceiling=Score(0.8), error=0.01)
        found.attrs.update(interval=(0.05, 0.3), resampled="images")
        return found


@pytest.fixture
def seen(monkeypatch) -> list:
    """The (model, benchmark) pairs that were really scored; models and benchmarks take no time."""
    pairs: list = []
    monkeypatch.setattr(runner, "load_benchmark", lambda identifier: Quick(identifier, pairs))
    monkeypatch.setattr(
        loading,
        "load_model",
        lambda model: SimpleNamespace(
            identifier=model.identifier,
            fingerprint=f"of {model.identifier}",
            training_record=None,
            region_layer_map={},
            provenance={"weights": "sampled at birth", "diet": "none", "seed": 0},
        ),
    )
    return pairs


def test_what_the_table_has_is_not_scored_again(seen, tmp_path):
    first = score_many(MODELS, BENCHMARKS, table=ResultTable(tmp_path / "scores.csv"))
    assert len(seen) == 6 and {result.status for result in first} == {SCORED}
    again = score_many(
        [*MODELS, "cornet_s_kn_seed42"], BENCHMARKS, table=ResultTable(tmp_path / "scores.csv")
    )
    assert seen[6:] == [("cornet_s_kn_seed42", benchmark) for benchmark in BENCHMARKS]
    assert again[:6] == first


def test_a_new_version_of_a_benchmark_is_scored_again(seen, tmp_path, monkeypatch):
    table = ResultTable(tmp_path / "scores.csv")
    score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    monkeypatch.setattr(Quick, "version", 2)
    (result,) = score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    assert len(seen) == 2 and result.benchmark_version == "2" and table.read() == [result]


def test_a_row_has_the_scores_raw_value_ceiling_error_and_interval(seen):
    (row,) = score_many(MODELS[:1], BENCHMARKS[:1])
    assert (row.score, row.raw, row.ceiling, row.error) == (0.11, 0.5, 0.8, 0.01)
    assert (row.low, row.high, row.resampled) == (0.05, 0.3, "images")


def test_what_other_versions_of_libraries_scored_is_scored_again(seen, tmp_path, monkeypatch):
    table = ResultTable(tmp_path / "scores.csv")
    score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    monkeypatch.setattr(runner, "versions", lambda: "brainscore_vision 99")
    (row,) = score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    assert len(seen) == 2 and row.versions == "brainscore_vision 99"


def test_a_score_with_other_layers_is_another_models(seen, tmp_path, monkeypatch):
    table = ResultTable(tmp_path / "scores.csv")
    score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    known = runner.provenance_of
    monkeypatch.setattr(
        runner, "provenance_of", lambda *about: known(*about) | {"layers": "V4=features.3"}
    )
    (row,) = score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    assert len(seen) == 2 and row.layers == "V4=features.3" and len(table.read()) == 2


def test_a_score_that_is_no_number_is_no_score(seen, monkeypatch):
    monkeypatch.setattr(Quick, "__call__", lambda self, model: Score(float("nan")))
    (row,) = score_many(MODELS[:1], BENCHMARKS[:1])
    assert (row.status, row.score, row.reason) == (NOT_RUN, None, runner.NO_SCORE)


def test_other_weights_under_the_same_name_are_scored_and_both_stay(seen, tmp_path, monkeypatch):
    table = ResultTable(tmp_path / "scores.csv")
    score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    before = loading.load_model
    monkeypatch.setattr(
        loading,
        "load_model",
        lambda identifier: SimpleNamespace(**vars(before(identifier)) | {"fingerprint": "another"}),
    )
    score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    assert len(seen) == 2 and [row.fingerprint for row in table.read()] == [
        "of cornet_s_kn",
        "another",
    ]


def test_stock_numbers_do_not_stand_for_exact_ones(seen, tmp_path):
    table = ResultTable(tmp_path / "scores.csv")
    score_many(MODELS[:1], BENCHMARKS[:1], table=table)
    (result,) = score_many(MODELS[:1], BENCHMARKS[:1], table=table, stock=True)
    assert len(seen) == 2 and result.computed == STOCK_REGRESSION


def test_an_interrupted_call_keeps_what_it_had_and_goes_on_there(seen, tmp_path, monkeypatch):
    table = ResultTable(tmp_path / "scores.csv")
    monkeypatch.setattr(score, "check_benchmark_name", lambda name: None)
    benchmarks = [BENCHMARKS[0], "interrupted"]
    with pytest.raises(KeyboardInterrupt):
        score_many(MODELS, benchmarks, table=table)
    assert len(table.read()) == 5 and [path.name for path in tmp_path.iterdir()] == ["scores.csv"]
    monkeypatch.setattr(
        Quick,
        "__call__",
        lambda self, model: seen.append((model.identifier, self.identifier)) or Score(1.0),
    )
    score_many(MODELS, benchmarks, table=table)
    assert seen[6:] == [("cornet_s_kn_seed32", "interrupted")] and len(table.read()) == 6


def test_calls_side_by_side_share_the_models_and_both_have_all_results(seen, tmp_path):
    path, context = tmp_path / "scores.csv", multiprocessing.get_context("fork")
    outcomes, together = context.Queue(), context.Barrier(2)

    def call() -> None:
        together.wait()
        results = score_many(MODELS, BENCHMARKS, table=ResultTable(path))
        outcomes.put((results, seen))

    processes = [context.Process(target=call) for _ in range(2)]
    for process in processes:
        process.start()
    (one, seen_by_one), (other, seen_by_other) = (outcomes.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    everything = sorted((model, benchmark) for model in MODELS for benchmark in BENCHMARKS)
    assert sorted(seen_by_one + seen_by_other) == everything
    assert one == other and len(ResultTable(path).read()) == 6


def test_a_stock_model_is_not_given_the_numbers_of_another_that_calls_itself_the_same(
    seen, tmp_path, monkeypatch
):
    """Two registered models may be one network with other layers, under one identifier of their
    own.
    """
    monkeypatch.setattr(
        loading, "load_model", lambda identifier: SimpleNamespace(identifier="shared")
    )
    monkeypatch.setattr(runner, "_fingerprint_of_stock", lambda model: "the same")
    results = score_many(
        ["alexnet", "CORnet-S"], BENCHMARKS[:1], table=ResultTable(tmp_path / "scores.csv")
    )
    assert [result.model for result in results] == ["alexnet", "CORnet-S"] and len(seen) == 2


def test_a_failing_benchmark_stops_no_other_and_is_tried_again(seen, tmp_path, monkeypatch):
    def fail(self, model):
        raise RuntimeError("no\nmemory")

    table = ResultTable(tmp_path / "scores.csv")
    with monkeypatch.context() as context:
        context.setattr(Quick, "__call__", fail)
        results = score_many(MODELS[:1], BENCHMARKS, table=table)
    assert {result.status for result in results} == {
        NOT_RUN
    } and "RuntimeError: no memory" in results[0].reason
    score_many(MODELS[:1], BENCHMARKS, table=table)
    assert {row.status for row in table.read()} == {SCORED} and len(table.read()) == 2


def test_a_row_says_what_the_weights_took(seen, tmp_path):
    (row,) = score_many(MODELS[:1], BENCHMARKS[:1], table=ResultTable(tmp_path / "scores.csv"))
    assert (
        row.supervised_updates == row.supervised_synaptic_updates == 0
        and "brainscore_vision" in row.versions
    )
    assert (row.seed, row.diet, row.error) == (0, "none", 0.01)


def test_scores_relative_to_a_reference_model(seen):
    results = relative_to_first(score_many(MODELS[:2], BENCHMARKS[:1]))
    assert [result.details["relative"] for result in results] == [1, pytest.approx(18 / 11)]


def test_parts_of_a_mean_are_relative_too_where_the_reference_has_a_score():
    def mean(model: str, score: float, **parts: float) -> Result:
        return Result(
            model,
            "mean",
            SCORED,
            score,
            details={
                "today": score,
                "parts": {
                    part: {"paper": value, "today": value**2} for part, value in parts.items()
                },
            },
        )

    standard, other = relative_to_first(
        [mean("standard", 0.5, V1=0.4, V2=-0.1), mean("other", 0.25, V1=0.1, V2=0.2)]
    )
    assert (standard.details["relative"], other.details["relative"]) == (1, 0.5)
    relative = {part: row.get("relative") for part, row in other.details["parts"].items()}
    assert relative == {"V1": 0.25, "V2": None}  # as the paper counts, not as it scores today
    lacking = relative_to_first(
        [mean("standard", 0.5, V1=0.4), mean("other", 0.25, V1=0.1, V4=1.0)]
    )
    assert "relative" not in lacking[1].details["parts"]["V4"]
    blind = relative_to_first([mean("blind", 0.0), mean("other", 1.0)])
    assert all("relative" not in result.details for result in blind)


def test_a_pattern_of_files_stands_for_the_checkpoints_among_them(tmp_path):
    import shutil

    from brainscore_wiring import folders

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shutil.copy(
            folders.packaged() / "cornet_s_kn_bn.safetensors", tmp_path / name / "model.safetensors"
        )
    (tmp_path / "two" / "state.safetensors").write_bytes(b"not one")
    assert matching(f"{tmp_path}/**/*.safetensors") == [
        f"{tmp_path}/{name}/model.safetensors" for name in ("one", "two")
    ]
    with pytest.raises(WrongUsage, match=r"\(1 other files do\)"):
        matching(f"{tmp_path}/*/state.safetensors")
    with pytest.raises(WrongUsage, match="is a folder"):
        matching(str(tmp_path))
    (tmp_path / "two").rename(tmp_path / "two [2]")
    for pattern in ("two [2]/m*.safetensors", "t* [[]2]/*.safetensors", "*/model.safetensors"):
        assert f"{tmp_path}/two [2]/model.safetensors" in matching(f"{tmp_path}/{pattern}")


def test_another_file_in_the_tables_place_is_refused_before_anything_is_scored(seen, tmp_path):
    (tmp_path / "scores.csv").write_text("a,b\n")
    with pytest.raises(WiringError, match="not a result table"):
        score_many(MODELS, BENCHMARKS, table=ResultTable(tmp_path / "scores.csv"))
    assert not seen


def test_weights_of_another_model_in_a_models_place_are_refused_for_any_table(
    tmp_path, monkeypatch
):
    import shutil

    from brainscore_wiring import folders

    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    packaged = folders.packaged() / "cornet_s_kn_bn.safetensors"
    assert resolve("cornet_s_kn_bn").fingerprint == resolve(str(packaged)).fingerprint
    folders.weight_store().mkdir(parents=True)
    shutil.copy(packaged, folders.weight_store() / "cornet_s_kn_bn_seed12.safetensors")
    assert resolve("cornet_s_kn_bn_seed12").fingerprint is None
    with pytest.raises(WiringError, match="cornet_s_kn_bn"):
        score_many(
            ["cornet_s_kn_bn_seed12"], BENCHMARKS[:1], table=ResultTable(tmp_path / "scores.csv")
        )
