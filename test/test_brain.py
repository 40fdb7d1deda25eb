"""The brain side: regions, times, behaviour and identity, on real images and through Brain-Score's
own classes.
"""

from __future__ import annotations

import dataclasses
import functools
import mmap
import resource
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from brainscore_core.supported_data_standards.brainio.assemblies import walk_coords
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.model_helpers.activations.pytorch import (
    PytorchWrapper,
    load_preprocess_images,
)
from brainscore_vision.model_interface import BrainModel
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_experiments import draw, experiment, stimulus_set
from small_experiments import subject as subject_of_few_synapses
from torch import nn
from torchvision import transforms

import brainscore_wiring
from brainscore_wiring import folders
from brainscore_wiring.architectures import Preprocessing, architecture
from brainscore_wiring.brain import features
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.brain.extraction import prepared
from brainscore_wiring.errors import WiringError
from brainscore_wiring.networks.devices import BATCH_SIZES
from brainscore_wiring.networks.recording import record
from brainscore_wiring.scoring.shared_recordings import can_share, shared
from brainscore_wiring.weight_compression.birth import Birth

#: A side of images at which a pass takes a tenth of what it takes at the models' own.
SIDE = 64


def subject(network: nn.Module, side: int = SIDE) -> WiringModel:
    region_map = dataclasses.replace(
        architecture("cornet_s").region_map, preprocessing=Preprocessing(side)
    )
    return WiringModel("cornet_s_kn", network, region_map, "seed0000")


@pytest.fixture(scope="module")
def network():
    return Birth("cornet_s", 0).network()


@pytest.fixture(scope="module")
def model(network):
    return subject(network)


@pytest.fixture(scope="module")
def model_at_224(network):
    """With images of the models' own size."""
    return WiringModel("cornet_s_kn", network, architecture("cornet_s").region_map, "seed0000")


@pytest.fixture(scope="module")
def stimuli(labelled_images):
    paths = sorted(Path(labelled_images, "train").rglob("*.*"))[:3]
    stimuli = StimulusSet(
        {
            "stimulus_id": [f"image {n}" for n in range(3)],
            "image_label": ["a", "b", "c"],
            "object_name": list("uvw"),
        }
    )
    stimuli.stimulus_paths = {f"image {n}": str(path) for n, path in enumerate(paths)}
    stimuli.identifier = "three real images"
    return stimuli


@pytest.fixture(scope="module")
def inputs(stimuli):
    """The same images as Brain-Score's own preprocessing prepares them."""
    return torch.from_numpy(
        load_preprocess_images([stimuli.get_stimulus(i) for i in stimuli["stimulus_id"]], SIDE)
    )


@pytest.fixture(scope="module")
def recorded(model, inputs):
    """What each area answers to the images, step by step."""
    return record(model.network, inputs, [f"{area}.output" for area in ("V1", "V2", "V4", "IT")])


@pytest.mark.parametrize(
    "region, time_bin, module, step",
    [
        ("V1", (50, 150), "V1.output", 0),
        ("V1", (150, 250), "V1.output", 0),
        ("V2", (50, 200), "V2.output", 0),
        ("V2", (170, 270), "V2.output", 1),
        ("V4", (70, 170), "V4.output", 0),
        ("V4", (240, 290), "V4.output", 3),
        ("IT", (70, 170), "IT.output", 0),
        ("IT", (200, 300), "IT.output", 1),
    ],
)
def test_a_region_answers_with_its_layer_at_the_nearest_step(
    model, stimuli, recorded, region, time_bin, module, step
):
    model.start_recording(region, time_bins=[time_bin])
    responses = model.look_at(stimuli)
    expected = recorded[module][step].flatten(1)
    assert responses.dims == ("presentation", "neuroid", "time_bin")
    np.testing.assert_allclose(responses.values[..., 0], expected, rtol=1e-3, atol=1e-4)
    assert set(responses["region"].values) == {region}
    assert [responses["time_bin_start"].item(), responses["time_bin_end"].item()] == list(time_bin)


def test_prepares_images_as_brain_score_does(model_at_224, stimuli):
    paths = [str(stimuli.get_stimulus(i)) for i in stimuli["stimulus_id"]]
    ours = torch.stack([model_at_224.activations_model._image(path) for path in paths])
    theirs = torch.from_numpy(load_preprocess_images(paths, 224))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (224, 224)])
def test_prepares_an_image_to_the_bits_of_torchvision(size):
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    image, asked = Image.fromarray(pixels), Preprocessing(224)
    expected = transforms.Compose(
        [
            transforms.Resize((224, 224)),
            transforms.ToTensor(),
            transforms.Normalize(asked.mean, asked.std),
        ]
    )
    assert torch.equal(prepared(image, asked), expected(image))


def test_agrees_with_brain_scores_own_wrapper(model, stimuli):
    wrapper = PytorchWrapper(
        identifier="stock",
        model=model.network,
        batch_size=3,
        preprocessing=lambda paths: load_preprocess_images(paths, image_size=SIDE),
    )
    wrapper._extractor.identifier = False  # nothing on disk
    stock, ours = (
        wrapper(stimuli, layers=["V1.output"]),
        model.activations_model(stimuli, ["V1.output"]),
    )
    np.testing.assert_allclose(ours.values, stock.values, rtol=1e-3, atol=1e-4)
    for coordinate in ("channel", "channel_x", "channel_y", "neuroid_num"):
        np.testing.assert_array_equal(ours[coordinate].values, stock[coordinate].values)


def test_every_column_of_the_stimuli_and_unique_neuroids_come_back(model, stimuli):
    model.start_recording("IT", time_bins=[(70, 170)])
    responses = model.look_at(stimuli)
    for column in stimuli.columns:
        assert list(responses[column].values) == list(stimuli[column].values)
    assert len(set(responses["neuroid_id"].values)) == responses.sizes["neuroid"] == 512 * 2 * 2


def test_a_recording_has_the_indexes_that_xarray_makes_of_its_coordinates(model, stimuli):
    layers = model.activations_model(stimuli, ["V1.output", "IT.output"])
    model.start_recording("V4", time_bins=[(70, 170), (170, 270)])
    for recorded in (layers, model.look_at(stimuli)):
        columns = {name: (dims, values) for name, dims, values in walk_coords(recorded)}
        theirs = type(recorded)(recorded.values, dims=recorded.dims, coords=columns)
        assert list(recorded.coords) == list(theirs.coords)
        for dim in recorded.dims:
            ours, made = recorded.indexes[dim], theirs.indexes[dim]
            assert ours.equals(made) and list(ours.names) == list(made.names)
            for level, other in zip(ours.levels, made.levels, strict=True):
                assert level.equals(other) and level.dtype == other.dtype


def test_without_time_bins_the_first_bin_of_the_papers_benchmarks_is_recorded(model):
    assert model.layers_of("IT", None) == model.layers_of("IT", [(70, 170)])


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
    assert sizes == [256 * 4 * 4, 512 * 2 * 2]


def test_the_same_identifier_with_other_weights_gives_other_responses(stimuli):
    responses = []
    for seed in (0, 1):
        model = subject_of_few_synapses(seed)
        model.start_recording("IT", time_bins=[(70, 170)])
        responses.append(model.look_at(stimuli).values)
        assert model.activations_model.identifier == f"small@seed{seed:04d}"
    assert not np.allclose(*responses)


def test_probabilities_are_fitted_on_the_penultimate_features(model, stimuli, inputs):
    model.start_task(BrainModel.Task.probabilities, stimuli)
    probabilities = model.look_at(stimuli)
    assert probabilities.shape == (3, 3) and list(probabilities["choice"].values) == ["a", "b", "c"]
    np.testing.assert_allclose(probabilities.sum("choice"), 1, rtol=1e-5)
    features = (
        record(model.network, inputs, ["decoder.avgpool"])["decoder.avgpool"][0].flatten(1).numpy()
    )
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3)).fit(
        features, stimuli["image_label"]
    )
    np.testing.assert_allclose(probabilities.values, classifier.predict_proba(features), atol=0.01)


def test_labels_are_imagenet_synsets(model, stimuli):
    model.start_task(BrainModel.Task.label, "imagenet")
    choices = model.look_at(stimuli)
    assert choices.shape == (1, 3) and all(
        choice.startswith("n") for choice in choices.values.ravel()
    )


def test_a_decoder_of_other_classes_names_no_images(stimuli):
    model = brainscore_wiring.load_model("cornet_s_wc_ct")
    with pytest.raises(WiringError, match="trained on the 200 classes of Tiny ImageNet"):
        model.start_task(BrainModel.Task.label, "imagenet")
    model.start_task(BrainModel.Task.probabilities, stimuli)  # fitted on features: no classes


def test_a_recording_after_a_task_is_a_recording(model, stimuli):
    model.start_task(BrainModel.Task.label, "imagenet")
    model.start_recording("V1", time_bins=[(50, 150)])
    assert model.look_at(stimuli).dims == ("presentation", "neuroid", "time_bin")


def test_a_passive_task_ends_the_task(model, stimuli):
    model.start_recording("V1", time_bins=[(50, 150)])
    model.start_task(BrainModel.Task.label, "imagenet")
    model.start_task(BrainModel.Task.passive)
    assert "neuroid" in model.look_at(stimuli).dims


def test_more_images_than_a_batch_give_the_same_responses(tmp_path):
    paths, model = draw(tmp_path, BATCH_SIZES["cpu"] + 3), subject_of_few_synapses()
    responses = model.activations_model(paths, ["V1.output"]).values
    assert len(responses) == BATCH_SIZES["cpu"] + 3
    alone = [model.activations_model([path], ["V1.output"]).values[0] for path in paths]
    np.testing.assert_allclose(responses, alone, atol=1e-5)


@pytest.mark.parametrize(
    "ask, sentence",
    [
        (lambda model, stimuli: model.start_recording("LGN", [(0, 100)]), "no region 'LGN'"),
        (lambda model, stimuli: model.start_task("juggle"), "cannot perform the task 'juggle'"),
        (lambda model, stimuli: subject(model.network).look_at(stimuli), "before"),
        (lambda model, stimuli: model.activations_model([], ["V1.output"]), "no stimuli"),
        (
            lambda model, stimuli: model.activations_model(["nowhere.png"], ["V1.output"]),
            "nowhere.png",
        ),
        (
            lambda model, stimuli: model.activations_model(
                stimuli, ["V1.output"], number_of_trials=0, require_variance=True
            ),
            "0 trials",
        ),
    ],
    ids=["region", "task", "too early", "no stimuli", "missing image", "no trials"],
)
def test_what_cannot_be_done_is_said_in_one_sentence(model, stimuli, ask, sentence):
    with pytest.raises(WiringError, match=sentence):
        ask(model, stimuli)


@pytest.mark.parametrize(
    "time_bins",
    [
        (70, 170),
        [],
        [(170, 70)],
        [(70.5, 70)],
        [(70, float("nan"))],
        [(0, float("inf"))],
        "70-170",
        [(70, 170, 270)],
    ],
)
def test_what_is_no_time_bin_is_refused_before_stimuli_are_shown(model, time_bins):
    with pytest.raises(WiringError, match="pairs of a start and an end in milliseconds"):
        model.start_recording("IT", time_bins)


# few copies, few passes


@pytest.fixture
def few(tmp_path):
    return stimulus_set(draw(tmp_path / "images"), "twelve images of noise")


def look(model, stimuli, region="IT", time_bins=((70, 170),)):
    model.start_recording(region, time_bins=list(time_bins))
    return model.look_at(stimuli)


def mapped(values: np.ndarray) -> bool:
    """Whether an array is a window onto a file."""
    while values is not None and not isinstance(values, mmap.mmap):
        values = getattr(values, "base", None)
    return values is not None


def test_a_large_recording_is_a_window_onto_a_file_without_a_name(few, monkeypatch):
    model, bins = subject_of_few_synapses(), [(70, 170), (170, 270)]
    small = [
        look(model, few),
        look(model, few, time_bins=bins),
        model.activations_model(few, ["V1.output"]),
    ]
    monkeypatch.setattr(features, "LARGEST_IN_MEMORY", 0)
    large = [
        look(model, few),
        look(model, few, time_bins=bins),
        model.activations_model(few, ["V1.output"]),
    ]
    for one, other in zip(small, large):
        assert not mapped(one.values) and mapped(other.values)
        assert other.identical(one)
    assert not list(folders.cache().glob("features*"))


def test_a_benchmark_takes_a_large_recording_without_a_copy(few, monkeypatch):
    monkeypatch.setattr(features, "LARGEST_IN_MEMORY", 0)
    benchmark = experiment("IT", few)
    benchmark(subject_of_few_synapses())
    [responses] = benchmark._similarity_metric.responses
    assert responses.dims == ("presentation", "neuroid") and mapped(responses.values)
    assert mapped(responses.transpose("presentation", "neuroid").values)
    assert responses.values.flags.c_contiguous


def test_bins_of_one_layer_share_their_values(few):
    responses = look(
        subject_of_few_synapses(), few, "V1", [(50, 150), (150, 250), (250, 350)]
    ).values
    assert responses.shape[-1] == 3 and np.shares_memory(responses[..., 0], responses[..., 2])


def test_what_one_benchmark_does_to_its_responses_no_other_one_sees(few, monkeypatch):
    for largest in (0, 2**30):
        monkeypatch.setattr(features, "LARGEST_IN_MEMORY", largest)
        model, benchmarks = subject_of_few_synapses(), [experiment("IT", few) for _ in range(2)]
        with shared(model, benchmarks):
            benchmarks[0](model)
            first = benchmarks[0]._similarity_metric.responses[0].values
            before = first.copy()
            first[:] = 0
            benchmarks[1](model)
        np.testing.assert_array_equal(benchmarks[1]._similarity_metric.responses[0].values, before)


def test_a_full_disk_is_said_in_one_sentence(few, monkeypatch):
    monkeypatch.setattr(features, "LARGEST_IN_MEMORY", 0)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(
            WiringError, match="no room in .*File too large.*BRAINSCORE_WIRING_HOME"
        ):
            look(subject_of_few_synapses(), few)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_an_image_that_is_shown_twice_is_run_once(tmp_path):
    model, (first, second) = subject_of_few_synapses(), draw(tmp_path, 2)
    responses = model.activations_model([first, second, first], ["V1.output"]).values
    assert model.network.shown == 2
    np.testing.assert_array_equal(responses[0], responses[2])
    assert not np.allclose(responses[0], responses[1])


def test_no_recurrent_step_later_than_asked_for_is_computed(model, stimuli):
    steps = []
    norms = [getattr(model.network.V4, f"norm1_{step}") for step in range(4)]
    handles = [
        norm.register_forward_hook(lambda norm, *_: steps.append(norms.index(norm)))
        for norm in norms
    ]
    try:
        look(model, stimuli, "V4", [(150, 200)])
    finally:
        for handle in handles:
            handle.remove()
    assert steps == [0, 1]


def stock_subject():
    from brainscore_vision.model_helpers.brain_transformation import ModelCommitment

    network = subject_of_few_synapses().network
    wrapper = PytorchWrapper(
        network, functools.partial(load_preprocess_images, image_size=32), "shares"
    )
    return ModelCommitment(
        "shares",
        wrapper,
        ["V1.output", "IT.output"],
        "decoder.avgpool",
        {"V1": "V1.output", "V4": ["V1.output", "V4.output"], "IT": "IT.output"},
    )


@pytest.mark.parametrize(
    "make, network_of",
    [
        (subject_of_few_synapses, lambda model: model.network),
        (stock_subject, lambda model: model.activations_model._model),
    ],
    ids=["ours", "stock"],
)
def test_benchmarks_that_share_images_share_one_pass(few, make, network_of, monkeypatch):
    monkeypatch.setenv("RESULTCACHING_DISABLE", "1")
    benchmarks = [experiment(region, few) for region in ("V1", "V4", "IT")]
    alone, together = make(), make()
    for benchmark in benchmarks:
        benchmark(alone)
    network_of(together).shown = 0
    with shared(together, benchmarks):
        for benchmark in benchmarks:
            benchmark(together)
            assert network_of(together).shown == len(few)
        together.start_task(BrainModel.Task.probabilities, few)  # which none of them announced
        assert network_of(together).shown == 2 * len(few)
    for benchmark in benchmarks:
        first, second = benchmark._similarity_metric.responses
        np.testing.assert_allclose(second.values, first.values, atol=1e-5)
        assert second.indexes["neuroid"].equals(first.indexes["neuroid"])
        assert second.indexes["presentation"].equals(first.indexes["presentation"])
    assert can_share(together)


def test_regions_of_a_mean_of_benchmarks_share_one_pass(few):
    mean = SimpleNamespace(benchmarks={region: experiment(region, few) for region in ("V4", "IT")})
    model = subject_of_few_synapses()
    with shared(model, [mean]):
        for benchmark in mean.benchmarks.values():
            benchmark(model)
    assert model.network.shown == len(few)


def test_a_recording_is_freed_when_the_last_benchmark_has_had_it(few):
    model, benchmarks = (
        subject_of_few_synapses(),
        [experiment(region, few) for region in ("V4", "IT")],
    )
    with shared(model, benchmarks):
        expected = model.activations_model._expected
        benchmarks[0](model)
        assert [list(kept) for _, kept in expected._kept.values()] == [[("IT.output-t0",)]]
        benchmarks[1](model)
        assert not expected._kept
    assert model.activations_model._expected is None


def test_a_benchmark_without_its_data_keeps_no_other_from_sharing(few):
    broken = experiment("V1", few)
    broken._assembly = None
    model, benchmarks = (
        subject_of_few_synapses(),
        [experiment(region, few) for region in ("V4", "IT")],
    )
    with shared(model, [broken, *benchmarks]):
        for benchmark in benchmarks:
            benchmark(model)
    assert model.network.shown == len(few)


def test_stock_pixels_are_recorded_unpadded_and_into_a_file(few, monkeypatch):
    from brainscore_vision.model_helpers.brain_transformation import ModelCommitment
    from brainscore_vision.models.pixels.model import PixelModel

    monkeypatch.setenv("RESULTCACHING_DISABLE", "1")
    monkeypatch.setattr(features, "LARGEST_IN_MEMORY", 0)
    model = ModelCommitment(
        "pixels", PixelModel(), ["pixels"], region_layer_map={"V1": "pixels", "IT": "pixels"}
    )
    read, benchmarks = [], [experiment(region, few) for region in ("V1", "IT")]
    stock_parse = model.activations_model._parse_image
    monkeypatch.setattr(
        model.activations_model,
        "_parse_image",
        lambda path: read.append(path) or stock_parse(path)[::8, ::8],
    )
    benchmarks[0](model)
    assert len(read) == 64
    with shared(model, benchmarks):
        for benchmark in benchmarks:
            benchmark(model)
    assert len(read) == 64 + len(few)
    for responses in (
        benchmarks[0]._similarity_metric.responses[1],
        benchmarks[1]._similarity_metric.responses[0],
    ):
        np.testing.assert_array_equal(
            responses.values, benchmarks[0]._similarity_metric.responses[0].values
        )


def test_a_model_of_another_kind_is_left_as_it_is(few):
    class Stranger:
        identifier = "stranger"

    stranger = Stranger()
    with shared(stranger, [experiment("IT", few)]):
        assert not vars(stranger) and not can_share(stranger)
