"""Ceilings that are kept on disk: to the last bit, and under everything they are computed from."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import xarray as xr
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmark_helpers.neural_common import explained_variance
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.metrics.internal_consistency.ceiling import InternalConsistency
from small_experiments import Behaviour, experiment, kept_ceilings, own_cache, stimuli, subject  # noqa: F401 (fixtures)

from brainscore_wiring.errors import WiringError
from brainscore_wiring.registry import import_file
from brainscore_wiring.scoring import caches
from brainscore_wiring.scoring.caches import cached_ceiling, no_identifier_caches
from brainscore_wiring.scoring.content_hash import content_hash


def benchmark_called(name: str, stimuli: StimulusSet):
    return Behaviour(stimuli) if name == "behaviour" else experiment("IT", stimuli, ceiled=True)


def assert_same(one: xr.DataArray, other: xr.DataArray) -> None:
    assert (
        type(one) is type(other)
        and one.dtype == other.dtype
        and one.attrs.keys() == other.attrs.keys()
    )
    xr.testing.assert_identical(one.copy().pipe(_bare), other.copy().pipe(_bare))
    for name, value in one.attrs.items():
        assert_same(value, other.attrs[name])


def _bare(score: xr.DataArray) -> xr.DataArray:
    score.attrs = {}
    return score


@pytest.mark.parametrize("kind", ["neurons", "behaviour"])
def test_a_kept_ceiling_is_the_computed_one_to_the_last_bit(kind, stimuli, monkeypatch):
    computed = benchmark_called(kind, stimuli)._ceiling_func()
    assert_same(cached_ceiling(benchmark_called(kind, stimuli)).ceiling, computed)
    again = benchmark_called(kind, stimuli)
    owner, method = (
        (InternalConsistency, "__call__")
        if kind == "neurons"
        else (type(again._metric), "compute_ceiling")
    )
    monkeypatch.setattr(owner, method, lambda *args, **kwargs: pytest.fail("computed again"))
    assert_same(cached_ceiling(again).ceiling, computed)


def test_a_score_under_a_kept_ceiling_is_the_stock_score(stimuli):
    kept, plain = (
        make(benchmark_called("behaviour", stimuli))
        for make in (cached_ceiling, lambda benchmark: benchmark)
    )
    with no_identifier_caches():
        scores = [benchmark(subject()) for benchmark in (kept, kept, plain)]
        assert float(scores[0]) == float(scores[1]) == float(scores[2])
        neurons = cached_ceiling(experiment("IT", stimuli))
        assert float(neurons(subject())) == float(
            explained_variance(xr.DataArray(0.5), neurons._ceiling_func())
        )


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace("0.", "0.1", 1),
        lambda text: json.dumps({"key": 1}),
    ],
    ids=["cut off", "empty", "something else", "a digit", "another key"],
)
def test_a_damaged_ceiling_is_computed_again(damage, stimuli):
    true = float(cached_ceiling(experiment("IT", stimuli)).ceiling)
    [file] = kept_ceilings()
    whole = file.read_text()
    file.write_text(damage(whole))
    assert float(cached_ceiling(experiment("IT", stimuli)).ceiling) == true
    assert file.read_text() == whole


def test_a_change_of_one_trial_of_a_ceilings_data_is_another_ceiling(stimuli):
    first, second = Behaviour(stimuli), Behaviour(stimuli)
    second._assembly.values[0] = "object 2"
    assert (
        len({float(cached_ceiling(one).ceiling) for one in (first, second)})
        == len(kept_ceilings())
        == 2
    )


@pytest.mark.parametrize("changed", ["identifier", "library"])
def test_another_benchmark_and_another_library_have_another_ceiling(changed, stimuli, monkeypatch):
    cached_ceiling(benchmark_called("neurons", stimuli)).ceiling  # noqa: B018
    again = benchmark_called("neurons", stimuli)
    if changed == "identifier":
        again._identifier = "another"
    else:
        monkeypatch.setattr(caches, "version_of", lambda name: "0.0.1")
    computed, plain = [], InternalConsistency.__call__

    def counted(*given, **named):
        computed.append(1)
        return plain(*given, **named)

    monkeypatch.setattr(InternalConsistency, "__call__", counted)
    cached_ceiling(benchmark_called("neurons", stimuli)).ceiling  # noqa: B018
    assert len(computed) == (changed == "library")
    cached_ceiling(again).ceiling  # noqa: B018
    assert computed


def test_a_change_of_what_a_users_ceiling_calls_is_another_ceiling(tmp_path, monkeypatch):
    found = []
    for value in (0.5, 0.875):
        file = tmp_path / "mine.py"
        file.write_text(
            "from brainscore_core.metrics import Score\n"
            "from brainscore_vision.benchmarks import BenchmarkBase\n"
            "class Mine(BenchmarkBase):\n"
            "    def __init__(self):\n"
            "        super().__init__('Mine', self.work_out, 1, 'IT')\n"
            "    def work_out(self): return Score(self.value())\n"
            f"    def value(self): return {value}\n"
        )
        monkeypatch.delitem(sys.modules, "mine", raising=False)
        found += [float(cached_ceiling(import_file(file, "mine").Mine()).ceiling) for _ in "ab"]
    assert found == [0.5, 0.5, 0.875, 0.875] and len(kept_ceilings()) == 2


def test_what_text_cannot_hold_is_kept_for_the_process(stimuli):
    calls, benchmark = [], experiment("IT", stimuli)

    def strange():
        calls.append(1)
        return xr.DataArray(0.5, attrs={"maker": object()})

    benchmark._ceiling_func = strange
    cached_ceiling(benchmark)
    assert benchmark.ceiling is benchmark.ceiling
    assert calls == [1] and not kept_ceilings()


def test_a_benchmark_with_a_ceiling_of_its_own_stays_as_it_is():
    class Own(BenchmarkBase):
        @property
        def ceiling(self):
            return 1

    own = Own("own", None, 1)
    assert cached_ceiling(own) is own and "_ceiling" not in vars(own)


@pytest.mark.parametrize(
    "one, other", [([[1], 2], [[1, 2]]), ([{1: 2}, 3], [{1: 2, 3: None}]), ((1, ()), ((1,),))]
)
def test_contents_that_are_put_together_in_another_way_have_another_digest(one, other):
    assert content_hash(one) != content_hash(other)


def test_a_thing_that_comes_twice_is_told_from_another_that_does():
    first, second = np.arange(3), np.arange(3) + 1
    assert content_hash([first, second, first]) != content_hash([first, second, second])


def test_a_number_that_a_function_uses_is_part_of_its_digest(monkeypatch):
    def uses() -> int:
        return REPETITIONS

    before = content_hash(uses)
    monkeypatch.setitem(globals(), "REPETITIONS", 3)
    assert content_hash(uses) != before


REPETITIONS = 2


def test_a_cache_folder_that_cannot_be_made_is_told_by_the_variable_that_names_another(
    tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "file"))
    said = "let BRAINSCORE_WIRING_HOME name another folder"
    with pytest.raises(WiringError, match=said), no_identifier_caches():
        pass
