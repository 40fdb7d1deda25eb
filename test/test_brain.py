"""The brain side: regions, times, behaviour and identity, on real images and through Brain-Score's own classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.model_helpers.activations.pytorch import PytorchWrapper, load_preprocess_images
from brainscore_vision.model_interface import BrainModel
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from brainscore_wiring.architectures import record
from brainscore_wiring.brain.commitment import COMMITMENTS, WiringModel
from brainscore_wiring.brain.extraction import BATCH_SIZE
from brainscore_wiring.checkpoints.wiring_checkpoint import Birth
from brainscore_wiring.errors import WiringError


def subject(seed: int = 0) -> WiringModel:
    return WiringModel("cornet_s_kn", Birth("cornet_s", seed).network(), COMMITMENTS["cornet_s"], f"seed{seed:04d}")


@pytest.fixture(scope="module")
def model():
    return subject()


@pytest.fixture(scope="module")
def stimuli(labelled_images):
    paths = sorted(Path(labelled_images, "train").rglob("*.*"))[:3]
    stimuli = StimulusSet({"stimulus_id": [f"image {n}" for n in range(3)], "image_label": ["a", "b", "c"],
                           "object_name": list("uvw")})
    stimuli.stimulus_paths = {f"image {n}": str(path) for n, path in enumerate(paths)}
    stimuli.identifier = "three real images"
    return stimuli


@pytest.fixture(scope="module")
def inputs(stimuli):
    """The same images as Brain-Score's own preprocessing prepares them."""
    return torch.from_numpy(load_preprocess_images([stimuli.get_stimulus(i) for i in stimuli["stimulus_id"]], 224))


@pytest.mark.parametrize("region, time_bin, module, step", [
    ("V1", (50, 150), "V1.output", 0), ("V1", (150, 250), "V1.output", 0),
    ("V2", (50, 200), "V2.output", 0), ("V2", (170, 270), "V2.output", 1),
    ("V4", (70, 170), "V4.output", 0), ("V4", (240, 290), "V4.output", 3),
    ("IT", (70, 170), "IT.output", 0), ("IT", (200, 300), "IT.output", 1)])
def test_a_region_answers_with_its_layer_at_the_nearest_step(model, stimuli, inputs, region, time_bin, module, step):
    model.start_recording(region, time_bins=[time_bin])
    responses = model.look_at(stimuli)
    expected = record(model.network, inputs, [module])[module][step].flatten(1)
    assert responses.dims == ("presentation", "neuroid", "time_bin")
    np.testing.assert_allclose(responses.values[..., 0], expected, rtol=1e-3, atol=1e-4)
    assert set(responses["region"].values) == {region}
    assert [responses["time_bin_start"].item(), responses["time_bin_end"].item()] == list(time_bin)


def test_prepares_images_as_brain_score_does(model, stimuli, inputs):
    ours = torch.stack([model.activations_model._image(str(stimuli.get_stimulus(i))) for i in stimuli["stimulus_id"]])
    torch.testing.assert_close(ours, inputs, rtol=0, atol=1e-6)


def test_agrees_with_brain_scores_own_wrapper(model, stimuli):
    wrapper = PytorchWrapper(identifier="stock", model=model.network, batch_size=3,
                             preprocessing=lambda paths: load_preprocess_images(paths, image_size=224))
    wrapper._extractor.identifier = False  # nothing on disk
    stock, ours = wrapper(stimuli, layers=["V1.output"]), model.activations_model(stimuli, ["V1.output"])
    np.testing.assert_allclose(ours.values, stock.values, rtol=1e-3, atol=1e-4)
    for coordinate in ("channel", "channel_x", "channel_y", "neuroid_num"):
        np.testing.assert_array_equal(ours[coordinate].values, stock[coordinate].values)


def test_every_column_of_the_stimuli_and_unique_neuroids_come_back(model, stimuli):
    model.start_recording("IT", time_bins=[(70, 170)])
    responses = model.look_at(stimuli)
    for column in stimuli.columns:
        assert list(responses[column].values) == list(stimuli[column].values)
    assert len(set(responses["neuroid_id"].values)) == responses.sizes["neuroid"] == 512 * 7 * 7


def test_two_time_bins_are_two_recurrent_steps(model, stimuli):
    model.start_recording("IT", time_bins=[(70, 170), (170, 270)])
    both = model.look_at(stimuli)
    assert both.sizes["time_bin"] == 2
    assert not np.allclose(both.values[..., 0], both.values[..., 1])


def test_v4_then_it_on_the_same_stimuli_are_different_recordings(model, stimuli):
    sizes = []
    for region in ("V4", "IT"):
        model.start_recording(region, time_bins=[(70, 170)])
        sizes.append(model.look_at(stimuli).sizes["neuroid"])
    assert sizes == [256 * 14 * 14, 512 * 7 * 7]


def test_the_same_identifier_with_other_weights_gives_other_responses(stimuli):
    responses = []
    for seed in (0, 1):
        model = subject(seed)
        model.start_recording("IT", time_bins=[(70, 170)])
        responses.append(model.look_at(stimuli).values)
        assert model.activations_model.identifier == f"cornet_s_kn@seed{seed:04d}"
    assert not np.allclose(*responses)


def test_probabilities_are_fitted_on_the_penultimate_features(model, stimuli, inputs):
    model.start_task(BrainModel.Task.probabilities, stimuli)
    probabilities = model.look_at(stimuli)
    assert probabilities.shape == (3, 3) and list(probabilities["choice"].values) == ["a", "b", "c"]
    np.testing.assert_allclose(probabilities.sum("choice"), 1, rtol=1e-5)
    features = record(model.network, inputs, ["decoder.avgpool"])["decoder.avgpool"][0].flatten(1).numpy()
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3)).fit(features, stimuli["image_label"])
    np.testing.assert_allclose(probabilities.values, classifier.predict_proba(features), atol=0.01)


def test_labels_are_imagenet_synsets(model, stimuli):
    model.start_task(BrainModel.Task.label, "imagenet")
    choices = model.look_at(stimuli)
    assert choices.shape == (1, 3) and all(choice.startswith("n") for choice in choices.values.ravel())


def test_a_recording_after_a_task_is_a_recording(model, stimuli):
    model.start_task(BrainModel.Task.label, "imagenet")
    model.start_recording("V1", time_bins=[(50, 150)])
    assert model.look_at(stimuli).dims == ("presentation", "neuroid", "time_bin")


def test_a_passive_task_ends_the_task(model, stimuli):
    model.start_recording("V1", time_bins=[(50, 150)])
    model.start_task(BrainModel.Task.label, "imagenet")
    model.start_task(BrainModel.Task.passive)
    assert "neuroid" in model.look_at(stimuli).dims


def test_more_images_than_a_batch_give_the_same_responses(model, stimuli):
    paths = [str(stimuli.get_stimulus(i)) for i in stimuli["stimulus_id"]]
    many = (paths * BATCH_SIZE)[:BATCH_SIZE + 3]
    responses = model.activations_model(many, ["V1.output"]).values
    assert len(responses) == BATCH_SIZE + 3
    np.testing.assert_allclose(responses[:3], responses[3:6], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("ask, sentence", [
    (lambda model, stimuli: model.start_recording("LGN", [(0, 100)]), "no region 'LGN'"),
    (lambda model, stimuli: model.start_task("juggle"), "cannot perform the task 'juggle'"),
    (lambda model, stimuli: subject().look_at(stimuli), "before"),
    (lambda model, stimuli: model.activations_model([], ["V1.output"]), "no stimuli"),
    (lambda model, stimuli: model.activations_model(["nowhere.png"], ["V1.output"]), "nowhere.png"),
    (lambda model, stimuli: model.activations_model(stimuli, ["V1.output"], require_variance=True), "variance"),
], ids=["region", "task", "too early", "no stimuli", "missing image", "variance"])
def test_what_cannot_be_done_is_said_in_one_sentence(model, stimuli, ask, sentence):
    with pytest.raises(WiringError, match=sentence):
        ask(model, stimuli)
