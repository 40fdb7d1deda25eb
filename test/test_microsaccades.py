"""Trials differ as they do in brainscore_vision's own models, whose code runs beside ours; the
wrapper of a model has what brainscore_vision looks for.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import pytest
import torch
from brainscore_vision.benchmark_helpers.memory import _get_probe_layer
from brainscore_vision.model_helpers.activations.pytorch import (
    PytorchWrapper,
    load_preprocess_images,
)
from brainscore_vision.model_helpers.brain_transformation import ModelCommitment
from brainscore_vision.model_interface import BrainModel
from small_experiments import draw, stimulus_set
from torch import nn

from brainscore_wiring.architectures import RegionMap
from brainscore_wiring.architectures.region_map import Preprocessing
from brainscore_wiring.brain.brain_model import WiringModel, why_no_names
from brainscore_wiring.errors import WiringError

SIDE, TRIALS = 64, 4
REGIONS = {"V1": "conv", "IT": "pool"}


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(3, 6, 7, stride=4),
            relu=nn.ReLU(),
            pool=nn.AdaptiveAvgPool2d(3),
            flat=nn.Flatten(),
            logits=nn.Linear(54, 1000),
        )
    )


@pytest.fixture
def ours() -> WiringModel:
    regions = RegionMap(REGIONS, "pool", "logits", preprocessing=Preprocessing(SIDE))
    return WiringModel("small", network(), regions, "00000000")


@pytest.fixture
def stock() -> ModelCommitment:
    """The same network in brainscore_vision's own wrappers.

    One image in a batch: with more, its extractor gives trials of one image the labels of another.
    """
    wrapper = PytorchWrapper(
        network(),
        functools.partial(load_preprocess_images, image_size=SIDE),
        identifier="small",
        batch_size=1,
    )
    return ModelCommitment("small", wrapper, ["conv", "pool"], "pool", REGIONS, 8)


@pytest.fixture
def stimuli(tmp_path):
    return stimulus_set(draw(tmp_path, 5), "five images")


def in_order(assembly):
    """Values, and the coordinates that tell images and trials, image by image."""
    names = ["stimulus_id", *(f"microsaccade_shift_{axis}_pixels" for axis in "xy")]
    columns = [assembly[name].values for name in names]
    order = np.lexsort(columns[::-1])
    values = assembly.transpose("presentation", ...).values[order]
    return values, [list(column[order]) for column in columns]


def test_trials_are_those_of_the_stock_extractor(ours, stock, stimuli):
    asked = dict(layers=["conv"], number_of_trials=TRIALS, require_variance=True)
    found = ours.activations_model(stimuli, **asked)
    expected = stock.activations_model(stimuli, stimuli_identifier=False, **asked)
    values, labels = in_order(found)
    stock_values, stock_labels = in_order(expected)
    assert labels == stock_labels and len(values) == 5 * TRIALS
    np.testing.assert_allclose(values, stock_values, rtol=0, atol=1e-5)
    first = found.values.reshape(5, TRIALS, -1)[0]
    assert len(np.unique(first, axis=0)) == TRIALS, "trials of an image differ"


def test_choices_with_variance_are_those_of_a_stock_model(ours, stock, stimuli):
    stimuli["image_label"] = list("ababa")
    fitting = stimuli.copy()
    fitting.stimulus_paths, fitting.identifier = stimuli.stimulus_paths, "fitting"
    chosen = []
    for model in (ours, stock):
        model.start_task(
            BrainModel.Task.probabilities,
            fitting_stimuli=fitting,
            number_of_trials=2,
            require_variance=True,
        )
        chosen.append(model.look_at(stimuli, number_of_trials=TRIALS, require_variance=True))
    found, expected = chosen
    assert found.dims == expected.dims and found.shape == (5 * TRIALS, 2)
    assert list(found["stimulus_id"].values) == list(expected["stimulus_id"].values)
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-4)


def test_a_recording_with_variance_has_every_trial_of_every_image(ours, stimuli):
    ours.start_recording("V1", [(70, 170)])
    once = ours.look_at(stimuli, number_of_trials=TRIALS)
    trials = ours.look_at(stimuli, number_of_trials=TRIALS, require_variance=True)
    assert once.sizes["presentation"] == 5 and trials.sizes["presentation"] == 5 * TRIALS
    assert list(trials["stimulus_id"].values) == list(np.repeat(once["stimulus_id"].values, TRIALS))
    np.testing.assert_allclose(trials.values[::TRIALS], once.values, rtol=0, atol=1e-5)


def test_the_size_of_batches_changes_no_trial(ours, stimuli):
    asked = dict(layers=["conv"], number_of_trials=TRIALS, require_variance=True)
    together = ours.activations_model(stimuli, **asked)
    ours.record_on("cpu", batch_size=1)
    np.testing.assert_allclose(
        ours.activations_model(stimuli, **asked).values, together.values, rtol=0, atol=1e-5
    )


def test_brain_score_finds_the_layers_of_a_model(ours, stock):
    """In the comment of a score on the leaderboard, and where memory is foreseen."""
    assert ours.layer_model.region_layer_map == stock.layer_model.region_layer_map == REGIONS
    for region in REGIONS:
        assert _get_probe_layer(ours, region) == _get_probe_layer(stock, region)


@pytest.mark.parametrize(
    "record, refused",
    [
        (
            {"images_shown": 10, "diet": {"images": 5, "name": "Tiny ImageNet", "classes": 200}},
            True,
        ),
        (
            {"images_shown": 10, "diet": {"images": 5, "name": "ImageNet-1k", "classes": 1000}},
            False,
        ),
        (
            {"images_shown": 0, "diet": {"images": 5, "name": "Tiny ImageNet", "classes": 200}},
            False,
        ),
        ({"images_shown": 10, "diet": {"images": 5}}, False),
        ({}, False),
    ],
    ids=["200 classes", "1,000 classes", "no labels", "classes not stated", "no record"],
)
def test_names_of_images_are_refused_by_what_the_record_says(ours, record, refused):
    ours.no_names = why_no_names(record)
    if not refused:
        return ours.start_task(BrainModel.Task.label, "imagenet")
    with pytest.raises(WiringError, match="the 200 classes of Tiny ImageNet"):
        ours.start_task(BrainModel.Task.label, "imagenet")


@pytest.mark.parametrize(
    "check",
    [
        "test_identifier",
        "test_visual_degrees",
        "test_start_task_or_recording",
        "test_look_at_neural_V1",
        "test_look_at_behavior_probabilities",
    ],
)
def test_brain_scores_own_tests_of_a_model_pass(check, ours, tmp_path, monkeypatch):
    """Its functions run as they are, on a model and three images from here."""
    if find_spec("pytest_check") is None:  # which its module's imports ask for, and nothing uses
        monkeypatch.setitem(sys.modules, "pytest_check", ModuleType("pytest_check"))
    from brainscore_vision.model_helpers import generic_plugin_tests

    paths = draw(tmp_path, 3)
    shown = stimulus_set(paths, "three images")
    shown["stimulus_id"] = names = ["stimid1", "stimid2", "stimid3"]
    shown["object_name"], shown["image_label"] = "rgb", ["label1", "label1", "label2"]
    shown.stimulus_paths = dict(zip(names, paths))
    monkeypatch.setattr(generic_plugin_tests, "load_model", lambda identifier: ours)
    monkeypatch.setattr(generic_plugin_tests, "_make_stimulus_set", lambda: shown)
    getattr(generic_plugin_tests, check)("small")
