"""No model gets another one's numbers: upstream's collisions as they happen, and the same
experiments done right.
"""

from __future__ import annotations

import functools
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
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmark_helpers import screen
from brainscore_vision.model_helpers.activations import core
from brainscore_vision.model_helpers.activations.pytorch import (
    PytorchWrapper,
    load_preprocess_images,
)
from brainscore_vision.model_helpers.brain_transformation import ModelCommitment
from brainscore_vision.model_interface import BrainModel
from PIL import Image
from small_experiments import (  # noqa: F401 (fixtures)
    PIXELS,
    Behaviour,
    Network,
    draw,
    experiment,
    kept_ceilings,
    own_cache,
    stimuli,
    stimulus_set,
    subject,
)

from brainscore_wiring import folders, locks
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.caches import cached_ceiling, no_identifier_caches
from brainscore_wiring.scoring.shared_recordings import shared

PREPARE = functools.partial(load_preprocess_images, image_size=PIXELS)
#: The last of three recurrent steps, which is all that Brain-Score's static wrapper keeps.
LATE = [(270, 370)]
EARLY = [(70, 170)]


def stock(seed: int = 0, identifier: str = "small") -> ModelCommitment:
    """The same network in Brain-Score's own commitment."""
    return ModelCommitment(
        identifier,
        PytorchWrapper(Network(seed), PREPARE, identifier),
        layers=["IT.output"],
        behavioral_readout_layer="decoder.avgpool",
        region_layer_map={region: f"{region}.output" for region in ("V1", "V4", "IT")},
    )


def stock_cornet(monkeypatch, identifier: str = "small"):
    """The same network in the commitment of the public CORnet-S."""
    # which it changes
    monkeypatch.setattr(ssl, "_create_default_https_context", ssl._create_default_https_context)
    from brainscore_vision.models.cornet_s.helpers.helpers import (
        CORnetCommitment,
        TemporalPytorchWrapper,
        _build_time_mappings,
    )

    layers = [
        "V1.output-t0",
        *(f"{area}.output-t{step}" for area in ("V4", "IT") for step in range(3)),
        "decoder.avgpool-t0",
    ]
    return CORnetCommitment(
        identifier,
        TemporalPytorchWrapper(Network(), PREPARE, identifier),
        layers,
        _build_time_mappings({"V1": (50, 100, 1), "V4": (70, 100, 3), "IT": (70, 100, 3)}),
    )


def recorded(model: BrainModel, region: str, stimuli: StimulusSet, time_bins=LATE) -> np.ndarray:
    """Responses (presentation, neuroid) in one time bin."""
    model.start_recording(region, time_bins=time_bins)
    responses = model.look_at(stimuli)
    return (
        (responses.squeeze("time_bin") if "time_bin" in responses.dims else responses)
        .transpose("presentation", "neuroid")
        .values
    )


def test_upstream_serves_one_identifiers_responses_for_other_weights_and_we_do_not(stimuli):
    first, second = (recorded(stock(seed, "collides"), "IT", stimuli) for seed in (0, 1))
    np.testing.assert_array_equal(first, second)
    ours = [recorded(subject(seed, "collides"), "IT", stimuli) for seed in (0, 1)]
    np.testing.assert_allclose(ours[0], first, atol=1e-5)
    assert not np.allclose(ours[1], ours[0])
    with no_identifier_caches():
        np.testing.assert_allclose(
            recorded(stock(1, "collides"), "IT", stimuli), ours[1], atol=1e-5
        )


def test_upstreams_cornet_serves_v4_for_it_and_we_do_not(stimuli, monkeypatch):
    cornet, ours = stock_cornet(monkeypatch, "collides"), subject()
    v4, it = (recorded(cornet, region, stimuli) for region in ("V4", "IT"))
    np.testing.assert_array_equal(v4, it)
    with no_identifier_caches():
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
    first, other_data, other_version = (
        float(cached_ceiling(benchmark).ceiling) for benchmark in benchmarks
    )
    assert other_data != first == other_version
    assert len(kept_ceilings()) == 3


def test_upstream_serves_another_folders_images_under_one_name_and_we_do_not(tmp_path):
    folders_of_images = [
        draw(tmp_path / name, count=2, seed=seed) for seed, name in enumerate("ab")
    ]
    sets = [stimulus_set(paths, "Collides2026") for paths in folders_of_images]

    def pixels() -> list[bytes]:
        placed = [
            screen.place_on_screen(one, target_visual_degrees=8, source_visual_degrees=4)
            for one in sets
        ]
        return [Image.open(one.get_stimulus("image 0")).tobytes() for one in placed]

    first, second = pixels()
    assert first == second
    with no_identifier_caches():
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
    np.testing.assert_array_equal(
        benchmarks[1]._similarity_metric.responses[0].values,
        recorded(subject(1), "IT", stimuli, EARLY),
    )


def test_images_changed_between_two_benchmarks_are_recorded_again(stimuli, tmp_path):
    model, benchmarks = subject(), [experiment(region, stimuli) for region in ("V4", "IT")]
    with shared(model, benchmarks):
        benchmarks[0](model)
        draw(tmp_path / "images", seed=1)
        benchmarks[1](model)
    np.testing.assert_array_equal(
        benchmarks[1]._similarity_metric.responses[0].values, recorded(model, "IT", stimuli, EARLY)
    )


def test_the_public_cornets_commitment_shares_one_pass_and_leaves_its_task(stimuli, monkeypatch):
    behaviour, neurons = (
        Behaviour(stimuli),
        [experiment(region, stimuli) for region in ("V4", "IT")],
    )
    with no_identifier_caches():
        apart = [stock_cornet(monkeypatch) for _ in range(3)]
        expected = [
            float(benchmark(model)) for benchmark, model in zip((behaviour, *neurons), apart)
        ]
        together = stock_cornet(monkeypatch)
        together.activations_model._model.shown = 0
        with shared(together, [behaviour, *neurons]):
            assert [
                float(benchmark(together)) for benchmark in (behaviour, *neurons)
            ] == pytest.approx(expected)
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


def test_upstreams_caches_are_neither_read_nor_written_and_everything_is_as_before_afterwards(
    stimuli, monkeypatch
):
    def stored() -> set[Path]:
        return set(Path(os.environ["RESULTCACHING_HOME"]).rglob("*")) | set(
            screen.root_path.rglob("*")
        )

    monkeypatch.delenv("RESULTCACHING_DISABLE", raising=False)
    before, enabled, render = stored(), result_caching.is_enabled, screen._place_on_screen
    with no_identifier_caches():
        os.environ["RESULTCACHING_DISABLE"] = (
            "something"  # as the stock hmax does when it is called
        )
        benchmark = experiment("IT", stimuli, degrees=4)
        benchmark(stock(identifier="leaves nothing"))
    assert stored() == before
    assert "RESULTCACHING_DISABLE" not in os.environ
    assert (result_caching.is_enabled, screen._place_on_screen) == (enabled, render)
    assert not list(folders.cache().rglob("*.png"))


def test_no_temporary_folder_of_upstreams_is_left(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with no_identifier_caches():
        monkeypatch.setattr(core, "_probe_image_path", None)
        stock()
        assert list(tmp_path.glob("brainscore-*"))
    assert not list(tmp_path.glob("brainscore-*"))


def test_stimuli_are_put_on_the_screen_once_for_two_benchmarks(tmp_path):
    draw(tmp_path / "images")
    first, second = (
        stimulus_set(sorted((tmp_path / "images").iterdir()), "Once2026") for _ in range(2)
    )
    with no_identifier_caches():
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
    with no_identifier_caches():
        assert not left.exists()
    assert not list(folders.cache().rglob("*"))


def _killed_with_images_on_its_screen() -> None:
    with no_identifier_caches():
        [folder] = [path for path in (folders.cache() / "on_screen").iterdir() if path.is_dir()]
        (folder / "image.png").touch()
        os._exit(9)


def test_processes_that_come_and_go_at_once_keep_their_own_screens(stimuli):
    context = multiprocessing.get_context("fork")
    children = [
        context.Process(target=_come_and_go, args=(stimuli.iloc[:1], stimuli.stimulus_paths))
        for _ in range(3)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert not list(folders.cache().rglob("*"))


def _come_and_go(stimuli: StimulusSet, paths: dict[str, Path]) -> None:
    stimuli.stimulus_paths, stimuli.identifier = paths, "one image"
    for _ in range(30):
        with no_identifier_caches():
            placed = screen.place_on_screen(
                stimuli, target_visual_degrees=8, source_visual_degrees=4
            )
            assert Path(placed.get_stimulus("image 0")).is_file()


def test_two_threads_take_turns(monkeypatch):
    before = result_caching.is_enabled, screen._place_on_screen
    first_is_in, is_off = threading.Event(), []

    def first() -> None:
        with no_identifier_caches():
            first_is_in.set()
            time.sleep(0.1)

    def second() -> None:
        first_is_in.wait()
        with no_identifier_caches():
            time.sleep(0.2)
            is_off.append(not result_caching.is_enabled("anything"))

    threads = [threading.Thread(target=run) for run in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert is_off == [True] and (result_caching.is_enabled, screen._place_on_screen) == before


@pytest.mark.parametrize("in_the_way", ["a file for a folder", "a file for the parent"])
def test_a_cache_folder_that_cannot_be_is_refused_in_one_sentence(
    in_the_way, tmp_path, monkeypatch
):
    monkeypatch.setattr(locks, "_ATTEMPTS", 3)
    place = (
        folders.cache() / "on_screen" if in_the_way == "a file for a folder" else folders.cache()
    )
    place.parent.mkdir(parents=True)
    place.write_text("in the way")
    with pytest.raises(WiringError, match="cannot be locked"), no_identifier_caches():
        pass
