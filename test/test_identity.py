"""Nobody's numbers for anybody else's: upstream's collisions as they happen, and the same experiments done right."""

from __future__ import annotations

import functools
import json
import multiprocessing
import os
import ssl
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import result_caching
import xarray as xr
from brainscore_core.supported_data_standards.brainio.assemblies import BehavioralAssembly
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision import load_metric
from brainscore_vision.benchmark_helpers import screen
from brainscore_vision.benchmark_helpers.neural_common import explained_variance
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.benchmarks.rajalingham2018.benchmarks.benchmark import _DicarloRajalingham2018
from brainscore_vision.metrics.internal_consistency.ceiling import InternalConsistency
from brainscore_vision.model_helpers.activations import core
from brainscore_vision.model_helpers.activations.pytorch import PytorchWrapper, load_preprocess_images
from brainscore_vision.model_helpers.brain_transformation import ModelCommitment
from brainscore_vision.model_interface import BrainModel
from small_experiments import PIXELS, Network, draw, experiment, stimulus_set, subject

from brainscore_wiring import folders, locks
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.caches import kept_ceiling, no_name_caches
from brainscore_wiring.scoring.contents import digest_of
from brainscore_wiring.scoring.recordings import shared

PREPARE = functools.partial(load_preprocess_images, image_size=PIXELS)
#: The last of three recurrent steps, which is all that Brain-Score's static wrapper keeps.
LATE = [(270, 370)]
EARLY = [(70, 170)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing in this package's cache folder, and plain answers from Brain-Score's."""
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))


@pytest.fixture
def stimuli(tmp_path, request) -> StimulusSet:
    return stimulus_set(draw(tmp_path / "images"), request.node.name)


def stock(seed: int = 0, identifier: str = "small") -> ModelCommitment:
    """The same network in Brain-Score's own commitment."""
    return ModelCommitment(identifier, PytorchWrapper(Network(seed), PREPARE, identifier), layers=["IT.output"],
                           behavioral_readout_layer="decoder.avgpool",
                           region_layer_map={region: f"{region}.output" for region in ("V1", "V4", "IT")})


def stock_cornet(monkeypatch, identifier: str = "small"):
    """The same network in the commitment of the public CORnet-S."""
    monkeypatch.setattr(ssl, "_create_default_https_context", ssl._create_default_https_context)  # which it changes
    from brainscore_vision.models.cornet_s.helpers.helpers import (CORnetCommitment, TemporalPytorchWrapper,
                                                                   _build_time_mappings)
    layers = ["V1.output-t0", *(f"{area}.output-t{step}" for area in ("V4", "IT") for step in range(3)),
              "decoder.avgpool-t0"]
    return CORnetCommitment(identifier, TemporalPytorchWrapper(Network(), PREPARE, identifier), layers,
                            _build_time_mappings({"V1": (50, 100, 1), "V4": (70, 100, 3), "IT": (70, 100, 3)}))


def recorded(model: BrainModel, region: str, stimuli: StimulusSet, time_bins=LATE) -> np.ndarray:
    """Responses (presentation, neuroid) in one time bin."""
    model.start_recording(region, time_bins=time_bins)
    responses = model.look_at(stimuli)
    return (responses.squeeze("time_bin") if "time_bin" in responses.dims else responses).transpose(
        "presentation", "neuroid").values


def test_upstream_serves_one_identifiers_responses_for_other_weights_and_we_do_not(stimuli):
    first, second = (recorded(stock(seed, "collides"), "IT", stimuli) for seed in (0, 1))
    np.testing.assert_array_equal(first, second)
    ours = [recorded(subject(seed, "collides"), "IT", stimuli) for seed in (0, 1)]
    np.testing.assert_allclose(ours[0], first, atol=1e-5)
    assert not np.allclose(ours[1], ours[0])
    with no_name_caches():
        np.testing.assert_allclose(recorded(stock(1, "collides"), "IT", stimuli), ours[1], atol=1e-5)


def test_upstreams_cornet_serves_v4_for_it_and_we_do_not(stimuli, monkeypatch):
    cornet, ours = stock_cornet(monkeypatch, "collides"), subject()
    v4, it = (recorded(cornet, region, stimuli) for region in ("V4", "IT"))
    np.testing.assert_array_equal(v4, it)
    with no_name_caches():
        right = recorded(stock_cornet(monkeypatch, "collides"), "IT", stimuli)
    assert not np.allclose(right, v4)
    np.testing.assert_allclose(recorded(ours, "V4", stimuli), v4, atol=1e-5)
    np.testing.assert_allclose(recorded(ours, "IT", stimuli), right, atol=1e-5)


def test_upstream_stays_in_a_task_and_we_do_not(stimuli):
    model, ours = stock(identifier="stays"), subject()
    for one in (model, ours):
        one.start_task(BrainModel.Task.probabilities, stimuli)
        one.start_recording("IT", time_bins=LATE)
    assert "choice" in model.look_at(stimuli).dims
    assert "neuroid" in ours.look_at(stimuli).dims
    with shared(model, []):
        model.start_recording("IT", time_bins=LATE)
        assert "neuroid" in model.look_at(stimuli).dims


def test_upstream_serves_an_older_benchmarks_ceiling_and_we_do_not(stimuli):
    make = functools.partial(experiment, "IT", stimuli, "Collides2026-pls", ceiled=True)
    benchmarks = [make(**case) for case in (dict(), dict(seed=1), dict(version=2))]
    assert len({float(benchmark.ceiling) for benchmark in benchmarks}) == 1
    first, other_data, other_version = (float(kept_ceiling(benchmark).ceiling) for benchmark in benchmarks)
    assert other_data != first == other_version
    assert len(kept_files()) == 3


def test_upstream_serves_another_folders_images_under_one_name_and_we_do_not(tmp_path):
    folders_of_images = [draw(tmp_path / name, count=2, seed=seed) for seed, name in enumerate("ab")]
    sets = [stimulus_set(paths, "Collides2026") for paths in folders_of_images]

    def pixels() -> list[bytes]:
        placed = [screen.place_on_screen(one, target_visual_degrees=8, source_visual_degrees=4) for one in sets]
        return [Path(one.get_stimulus("image 0")).read_bytes() for one in placed]

    first, second = pixels()
    assert first == second
    with no_name_caches():
        ours, other = pixels()
    assert ours == first and other != ours


def test_two_time_bins_are_two_recordings_inside_a_shared_look_too(stimuli):
    model = subject()
    expected = [recorded(model, "IT", stimuli, time_bins) for time_bins in (EARLY, LATE)]
    benchmarks = [experiment("IT", stimuli, time_bin=time_bins[0]) for time_bins in (EARLY, LATE)]
    with shared(model, benchmarks):
        for benchmark in benchmarks:
            benchmark(model)
    for benchmark, values in zip(benchmarks, expected):
        np.testing.assert_array_equal(benchmark._similarity_metric.responses[0].values, values)
    assert not np.allclose(*expected)


def test_weights_changed_between_two_benchmarks_are_not_served_old_responses(stimuli):
    model, benchmarks = subject(), [experiment(region, stimuli) for region in ("V4", "IT")]
    with shared(model, benchmarks):
        benchmarks[0](model)
        model.network.load_state_dict(Network(seed=1).state_dict())
        benchmarks[1](model)
    np.testing.assert_array_equal(benchmarks[1]._similarity_metric.responses[0].values,
                                  recorded(subject(1), "IT", stimuli, EARLY))


def test_images_changed_between_two_benchmarks_are_looked_at_anew(stimuli, tmp_path):
    model, benchmarks = subject(), [experiment(region, stimuli) for region in ("V4", "IT")]
    with shared(model, benchmarks):
        benchmarks[0](model)
        draw(tmp_path / "images", seed=1)
        benchmarks[1](model)
    np.testing.assert_array_equal(benchmarks[1]._similarity_metric.responses[0].values,
                                  recorded(model, "IT", stimuli, EARLY))


def test_the_public_cornets_commitment_shares_one_pass_and_leaves_its_task(stimuli, monkeypatch):
    behaviour, neurons = Behaviour(stimuli), [experiment(region, stimuli) for region in ("V4", "IT")]
    with no_name_caches():
        apart = [stock_cornet(monkeypatch) for _ in range(3)]
        expected = [float(benchmark(model)) for benchmark, model in zip((behaviour, *neurons), apart)]
        together = stock_cornet(monkeypatch)
        together.activations_model._model.shown = 0
        with shared(together, [behaviour, *neurons]):
            assert [float(benchmark(together)) for benchmark in (behaviour, *neurons)] == pytest.approx(expected)
    assert together.activations_model._model.shown == len(stimuli)
    for benchmark in neurons:
        first, second = benchmark._similarity_metric.responses
        np.testing.assert_allclose(second.values, first.values, atol=1e-5)


def test_a_readout_is_fitted_and_tested_on_the_same_images_in_one_pass(stimuli):
    model, benchmark = subject(), Behaviour(stimuli)
    apart = float(benchmark(model))
    model.network.shown = 0
    with shared(model, [benchmark]):
        assert float(benchmark(model)) == apart
    assert model.network.shown == len(stimuli)


# Brain-Score's caches, left aside


def test_upstreams_caches_are_neither_read_nor_written_and_everything_is_as_before_afterwards(stimuli, monkeypatch):
    def stored() -> set[Path]:
        return set(Path(os.environ["RESULTCACHING_HOME"]).rglob("*")) | set(screen.root_path.rglob("*"))

    monkeypatch.delenv("RESULTCACHING_DISABLE", raising=False)
    before, enabled, render = stored(), result_caching.is_enabled, screen._place_on_screen
    with no_name_caches():
        os.environ["RESULTCACHING_DISABLE"] = "something"  # as the stock hmax does when it is called
        benchmark = experiment("IT", stimuli, degrees=4)
        benchmark(stock(identifier="leaves nothing"))
    assert stored() == before
    assert "RESULTCACHING_DISABLE" not in os.environ
    assert (result_caching.is_enabled, screen._place_on_screen) == (enabled, render)
    assert not list(folders.cache().rglob("*.png"))


def test_no_temporary_folder_of_upstreams_is_left(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with no_name_caches():
        monkeypatch.setattr(core, "_probe_image_path", None)
        stock()
        assert list(tmp_path.glob("brainscore-*"))
    assert not list(tmp_path.glob("brainscore-*"))


def test_stimuli_are_put_on_the_screen_once_for_two_benchmarks(tmp_path):
    draw(tmp_path / "images")
    first, second = (stimulus_set(sorted((tmp_path / "images").iterdir()), "Once2026") for _ in range(2))
    with no_name_caches():
        place = functools.partial(screen.place_on_screen, source_visual_degrees=4)
        placed = place(first, target_visual_degrees=8)
        assert place(second, target_visual_degrees=8) is placed
        assert screen.root_path.is_relative_to(folders.cache())
        assert place(first, target_visual_degrees=2) is not placed


def test_a_process_that_was_killed_leaves_nothing_for_long():
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_killed_with_images_on_its_screen)
    child.start()
    child.join()
    [left] = folders.cache().rglob("*.png")
    with no_name_caches():
        assert not left.exists()
    assert not list(folders.cache().rglob("*"))


def _killed_with_images_on_its_screen() -> None:
    with no_name_caches():
        [folder] = [path for path in (folders.cache() / "on_screen").iterdir() if path.is_dir()]
        (folder / "image.png").touch()
        os._exit(9)


def test_processes_that_come_and_go_at_once_keep_their_own_screens(stimuli):
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_come_and_go, args=(stimuli.iloc[:1], stimuli.stimulus_paths)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert not list(folders.cache().rglob("*"))


def _come_and_go(stimuli: StimulusSet, paths: dict[str, Path]) -> None:
    stimuli.stimulus_paths, stimuli.identifier = paths, "one image"
    for _ in range(30):
        with no_name_caches():
            placed = screen.place_on_screen(stimuli, target_visual_degrees=8, source_visual_degrees=4)
            assert Path(placed.get_stimulus("image 0")).is_file()


def test_two_threads_take_turns(monkeypatch):
    before = result_caching.is_enabled, screen._place_on_screen
    first_is_in, is_off = threading.Event(), []

    def first() -> None:
        with no_name_caches():
            first_is_in.set()
            time.sleep(.1)

    def second() -> None:
        first_is_in.wait()
        with no_name_caches():
            time.sleep(.2)
            is_off.append(not result_caching.is_enabled("anything"))

    threads = [threading.Thread(target=run) for run in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert is_off == [True] and (result_caching.is_enabled, screen._place_on_screen) == before


@pytest.mark.parametrize("in_the_way", ["a file for a folder", "a file for the parent"])
def test_a_cache_folder_that_cannot_be_is_refused_in_one_sentence(in_the_way, tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "ATTEMPTS", 3)
    place = folders.cache() / "on_screen" if in_the_way == "a file for a folder" else folders.cache()
    place.parent.mkdir(parents=True)
    place.write_text("in the way")
    with pytest.raises(WiringError, match="cannot be locked"), no_name_caches():
        pass


# ceilings


def kept_files() -> list[Path]:
    return sorted((folders.cache() / "ceilings").glob("*.json"))


class Behaviour(_DicarloRajalingham2018):
    """Brain-Score's behavioural benchmark on made-up choices."""

    def __init__(self, stimuli: StimulusSet, seed: int = 0):
        self._metric, self._fitting_stimuli = load_metric("i2n"), stimuli
        self._visual_degrees, self._number_of_trials = 8, 2
        random, truths = np.random.RandomState(seed), stimuli["object_name"].values
        objects = sorted(set(truths))
        right = {(name, other): .6 + .4 * random.rand() for name in stimuli["stimulus_id"] for other in objects}
        trials = [(name, truth, other, truth if random.rand() < right[name, other] else other) for _ in range(30)
                  for other in objects for name, truth in zip(stimuli["stimulus_id"], truths) if other != truth]
        names, truth, other, choices = zip(*trials)
        self._assembly = BehavioralAssembly(list(choices), dims=["presentation"], coords={
            "stimulus_id": ("presentation", list(names)), "truth": ("presentation", list(truth)),
            "sample_obj": ("presentation", list(truth)), "dist_obj": ("presentation", list(other))})
        self._assembly.attrs["stimulus_set"] = stimuli
        BenchmarkBase.__init__(self, "Small2026-i2n", lambda: self._metric.ceiling(self._assembly), version=1)


def benchmark_called(name: str, stimuli: StimulusSet):
    return Behaviour(stimuli) if name == "behaviour" else experiment("IT", stimuli, ceiled=True)


def assert_same(one: xr.DataArray, other: xr.DataArray) -> None:
    assert type(one) is type(other) and one.dtype == other.dtype and one.attrs.keys() == other.attrs.keys()
    xr.testing.assert_identical(one.copy().pipe(_bare), other.copy().pipe(_bare))
    for name, value in one.attrs.items():
        assert_same(value, other.attrs[name])


def _bare(score: xr.DataArray) -> xr.DataArray:
    score.attrs = {}
    return score


@pytest.mark.parametrize("kind", ["neurons", "behaviour"])
def test_a_kept_ceiling_is_the_computed_one_to_the_last_bit(kind, stimuli, monkeypatch):
    computed = benchmark_called(kind, stimuli)._ceiling_func()
    assert_same(kept_ceiling(benchmark_called(kind, stimuli)).ceiling, computed)
    again = benchmark_called(kind, stimuli)
    owner, method = (InternalConsistency, "__call__") if kind == "neurons" else (type(again._metric), "compute_ceiling")
    monkeypatch.setattr(owner, method, lambda *args, **kwargs: pytest.fail("computed again"))
    assert_same(kept_ceiling(again).ceiling, computed)


def test_a_score_under_a_kept_ceiling_is_the_stock_score(stimuli):
    kept, plain = (make(benchmark_called("behaviour", stimuli)) for make in (kept_ceiling, lambda benchmark: benchmark))
    with no_name_caches():
        scores = [benchmark(subject()) for benchmark in (kept, kept, plain)]
        assert float(scores[0]) == float(scores[1]) == float(scores[2])
        neurons = kept_ceiling(experiment("IT", stimuli))
        assert float(neurons(subject())) == float(explained_variance(xr.DataArray(.5), neurons._ceiling_func()))


@pytest.mark.parametrize("damage", [lambda text: text[:len(text) // 2], lambda text: "", lambda text: "[]",
                                    lambda text: text.replace("0.", "0.1", 1), lambda text: json.dumps({"key": 1})],
                         ids=["cut off", "empty", "something else", "a digit", "another key"])
def test_a_damaged_ceiling_is_computed_anew(damage, stimuli):
    true = float(kept_ceiling(experiment("IT", stimuli)).ceiling)
    [file] = kept_files()
    whole = file.read_text()
    file.write_text(damage(whole))
    assert float(kept_ceiling(experiment("IT", stimuli)).ceiling) == true
    assert file.read_text() == whole


def test_a_change_of_one_trial_of_a_ceilings_data_is_another_ceiling(stimuli):
    first, second = Behaviour(stimuli), Behaviour(stimuli)
    second._assembly.values[0] = "object 2"
    assert {float(kept_ceiling(one).ceiling) for one in (first, second)} and len(kept_files()) == 2


def test_what_text_cannot_hold_is_kept_for_the_process(stimuli):
    calls, benchmark = [], experiment("IT", stimuli)

    def strange():
        calls.append(1)
        return xr.DataArray(.5, attrs={"maker": object()})

    benchmark._ceiling_func = strange
    kept_ceiling(benchmark)
    assert benchmark.ceiling is benchmark.ceiling
    assert calls == [1] and not kept_files()


def test_a_benchmark_with_a_ceiling_of_its_own_stays_as_it_is():
    class Own(BenchmarkBase):
        @property
        def ceiling(self):
            return 1

    own = Own("own", None, 1)
    assert kept_ceiling(own) is own and "_ceiling" not in vars(own)


@pytest.mark.parametrize("one, other", [([[1], 2], [[1, 2]]), ([{1: 2}, 3], [{1: 2, 3: None}]), ((1, ()), ((1,),))])
def test_contents_that_are_put_together_in_another_way_have_another_digest(one, other):
    assert digest_of(one) != digest_of(other)


def test_a_thing_that_comes_twice_is_told_from_another_that_does():
    first, second = np.arange(3), np.arange(3) + 1
    assert digest_of([first, second, first]) != digest_of([first, second, second])


def test_a_number_that_a_function_uses_is_part_of_its_digest(monkeypatch):
    def uses() -> int:
        return REPETITIONS

    before = digest_of(uses)
    monkeypatch.setitem(globals(), "REPETITIONS", 3)
    assert digest_of(uses) != before


REPETITIONS = 2
