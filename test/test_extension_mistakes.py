"""Mistakes in the code of an extension: each is one sentence that names what gave what."""

from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace

import fresh_process
import numpy as np
import pytest
import torch

from brainscore_wiring import architectures
from brainscore_wiring.architectures import TrainableSet, architecture, layers
from brainscore_wiring.catalogue.rows import catalogue
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring.runner import benchmark_score
from brainscore_wiring.training import data
from brainscore_wiring.training.data.generated import GeneratedImages
from brainscore_wiring.weight_compression import births
from brainscore_wiring.weight_compression.birth import birth_state
from brainscore_wiring.weight_compression.births import BirthState
from brainscore_wiring.weight_compression.entry import entry_class
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.transfer import transfer


@pytest.mark.parametrize(
    "stated, sentence",
    [
        (dict(modules="decoder"), r"takes several, as in \('decoder',\) with its comma"),
        (dict(modules=("decoder",), epochs=0), "has epochs=0: give a number above 0"),
        (dict(modules=("decoder",), epochs=float("inf")), "has epochs=inf: give a number above 0"),
        (
            dict(modules=("decoder",), paper_counts="all"),
            "paper_counts='all': it can be convolutions or everything",
        ),
    ],
)
def test_a_trainable_set_that_cannot_be_is_refused_where_it_is_stated(stated, sentence):
    with pytest.raises((WiringError, WrongUsage), match=sentence):
        TrainableSet(words="mine", **stated)


def changed(monkeypatch, **facts) -> None:
    """CORnet-S as an extension might have stated it, for a while."""
    monkeypatch.setitem(
        architectures._ARCHITECTURES, "cornet_s", replace(architecture("cornet_s"), **facts)
    )


def test_a_region_that_is_no_module_of_the_network_is_named_with_what_is_near(monkeypatch):
    one = architecture("cornet_s").region_map
    changed(monkeypatch, region_map=replace(one, regions={**one.regions, "V4": "V4.outputs"}))
    with pytest.raises(WiringError, match=r"'V4.outputs' as V4, which is no module .*V4\.output"):
        layers.read_off("cornet_s")


def test_a_network_that_cannot_be_made_is_named(monkeypatch):
    changed(monkeypatch, network=lambda: 1 / 0)
    with pytest.raises(WiringError, match=r"network of the architecture cornet_s failed \(Zero"):
        layers.read_off("cornet_s")


def test_the_row_of_a_birth_state_is_of_the_architecture_that_it_is_fitted_to(monkeypatch):
    mine = BirthState(
        "mine", "mine", {births.OTHERS: "kaiming_normal"}, needs="none", fitted_to="mobilenet_v1"
    )
    monkeypatch.setitem(births._STATES, "mine", mine)
    found = {name: row for name, row in catalogue().items() if row.birth == "mine"}
    assert set(found) == {f"mobilenet_v1_mine{end}" for end in ("", "_bn", "_noise")}
    assert {row.architecture for row in found.values()} == {"mobilenet_v1"}
    assert {row.compressed for row in found.values()} == {layers.areas_of("mobilenet_v1")}


@pytest.mark.parametrize(
    "layer, origin, sentence",
    [
        ("V1.conv9", "V1.conv1", "'V1.conv9', which is neither .* of mobilenet_v1: did you mean"),
        (None, "V9.conv1", r"'V9.conv1', which is neither .* of cornet_s: did you mean V.\.conv1"),
    ],
)
def test_origins_that_are_no_layers_are_named_with_what_is_near(
    monkeypatch, layer, origin, sentence
):
    first, *others = layers.convolutions_of("mobilenet_v1")
    origins = {**dict.fromkeys(others, ""), first: "", layer or first: origin}
    one = replace(architecture("mobilenet_v1"), origins=lambda: origins)
    monkeypatch.setitem(architectures._ARCHITECTURES, "mobilenet_v1", one)
    with pytest.raises(WiringError, match=sentence):
        transfer(Genome({}, "cornet_s", {}), "mobilenet_v1")


def test_a_convolution_without_an_origin_is_named(monkeypatch):
    first, second, *_ = layers.convolutions_of("mobilenet_v1")
    one = replace(architecture("mobilenet_v1"), origins=lambda: {first: "V1.conv1"})
    monkeypatch.setitem(architectures._ARCHITECTURES, "mobilenet_v1", one)
    with pytest.raises(WiringError, match=f"leave out 26 of its convolutions, {second} first"):
        transfer(Genome({}, "cornet_s", {}), "mobilenet_v1")


def test_a_birth_state_that_does_not_fit_its_network_is_refused():
    state = BirthState("mine", "mine", layers={"V9.conv1": "orthogonal"}, needs="none")
    with pytest.raises(WiringError, match="describes 'V9.conv1', which is no convolution of"):
        state.check_layers()
    state = BirthState("mine", "mine", layers={"V1.conv1": "orthogonal"}, needs="none")
    with pytest.raises(WiringError, match="does not say what describes V1.conv2: give its"):
        state.written_genome()


@pytest.fixture(scope="module")
def small_network():
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4))


@pytest.mark.parametrize(
    "sample, sentence",
    [
        (
            lambda self, shape, seed, name: np.zeros(shape),
            r"entry for 0 \(.*\) gave float64 \(4, 3, 3, 3\): .* float32 \(4, 3, 3, 3\)",
        ),
        (lambda self, shape, seed, name: np.zeros(shape[1:], np.float32), r"float32 \(3, 3, 3\)"),
        (lambda self, shape, seed, name: None, "gave NoneType"),
        (lambda self, shape, seed, name: {}["missing"], "Sampling 0 from its entry .* failed"),
        (
            lambda self, shape, seed, name: np.full(shape, np.nan, np.float32),
            r"sampled from the genome for 0 \(orthogonal\) is not finite",
        ),
    ],
)
def test_what_an_entry_samples_is_float32_of_the_layers_shape(
    small_network, monkeypatch, sample, sentence
):
    entry = entry_class("orthogonal")()
    monkeypatch.setattr(type(entry), "sample", sample)
    with pytest.raises(WiringError, match=sentence):
        birth_state(small_network, 0, Genome({"0": entry}))


def test_an_extension_samples_the_same_weights_again(small_network, monkeypatch):
    entry, chance = entry_class("orthogonal")(), np.random.default_rng(0)
    sample = lambda self, shape, seed, name: chance.random(shape, np.float32)  # noqa: E731
    monkeypatch.setattr(type(entry), "sample", sample)
    birth_state(small_network, 0, Genome({"0": entry}))  # the package's own are tested
    monkeypatch.setattr(type(entry), "__module__", "brainscore_wiring.extensions.mine")
    with pytest.raises(WiringError, match="0 \\(orthogonal\\) gave other weights the second time"):
        birth_state(small_network, 0, Genome({"0": entry}))


def test_what_convolutions_begin_as_is_one_of_two(small_network):
    with pytest.raises(WiringError, match="begin as 'zeros' .* kaiming_normal or uniform_default"):
        birth_state(small_network, initial="zeros")


class Grey(GeneratedImages):
    """Images of one grey, as float32 between 0 and 1."""

    name = "grey"
    image = staticmethod(lambda shape: torch.full(shape, 0.5))

    def pixels(self, instances, labels, down, across):
        return self.image((len(labels), 3, down.shape[1], across.shape[1]))


GREY = Grey(np.arange(4), ("grey",))


@pytest.mark.parametrize(
    "image, sentence",
    [
        (
            lambda shape: torch.zeros(shape, dtype=torch.float64),
            r"torch.float64 \(1, 3, 8, 8\) for",
        ),
        (lambda shape: torch.zeros(shape)[:, :1], r"torch.float32 \(1, 1, 8, 8\) for one image"),
        (lambda shape: torch.full(shape, 255.0), "go from 255 to 255: RGB is from 0 to 1"),
        (lambda shape: torch.full(shape, torch.nan), "go from nan to nan"),
        (lambda shape: 1 / 0, "Making the training data 'grey' failed"),
    ],
)
def test_images_that_no_network_can_be_shown_are_refused_before_a_training(
    monkeypatch, image, sentence
):
    monkeypatch.setattr(data, "by_name", lambda: {"grey": lambda: (GREY, None)})
    assert data.open_training_data("grey")[1] is None
    monkeypatch.setattr(Grey, "image", staticmethod(image))
    with pytest.raises(WiringError, match=sentence):
        data.open_training_data("grey")


def test_a_maker_of_training_data_gives_two_things(monkeypatch):
    monkeypatch.setattr(data, "by_name", lambda: {"grey": lambda: GREY})
    with pytest.raises(WiringError, match="gave a Grey: it returns the training images and"):
        data.open_training_data("grey")


def test_training_data_have_the_name_that_they_are_asked_for_by(monkeypatch):
    monkeypatch.setattr(data, "by_name", lambda: {"gray": lambda: (GREY, None)})
    with pytest.raises(WiringError, match="'gray' call themselves 'grey', which records keep"):
        data.open_training_data("gray")


def test_no_held_out_image_is_as_none(monkeypatch):
    monkeypatch.setattr(data, "by_name", lambda: {"grey": lambda: Grey.split(("grey",), 4, 0)})
    assert data.open_training_data("grey")[1] is None


def test_what_a_benchmark_gives_is_a_score():
    class Mine(SimpleNamespace):
        def __call__(self, model):
            return 0.5

    with pytest.raises(WiringError, match="mine gave a float: a benchmark returns a Score of"):
        benchmark_score(Mine(identifier="mine"), None)


def test_a_file_that_fails_is_named_each_time_anything_is_asked(tmp_path):
    (tmp_path / "mine.py").write_text("import brainscore_wiring\n1 / 0\n")
    (tmp_path / "elsewhere").mkdir()
    code = """
import os
import brainscore_wiring
for _ in range(2):
    try:
        brainscore_wiring.list_models()
    except Exception as error:
        print(error)
    os.chdir("elsewhere")
    os.mkdir("elsewhere")
"""
    environment = {**os.environ, "BRAINSCORE_WIRING_EXTENSIONS": "."}
    done = fresh_process.run(code, environment=environment, folder=tmp_path)
    assert done.stdout.count(f"The extension '{tmp_path}/mine.py' cannot be imported (") == 2
