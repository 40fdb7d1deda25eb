"""Mistakes in the code of an extension: each is one sentence that names what gave what."""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import fresh_process
import numpy as np
import pytest
import torch

from brainscore_wiring import architectures
from brainscore_wiring.architectures import Architecture, TrainableSet, architecture, layers
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.rows import catalogue
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.checkpoints.training_record import GenomeSource
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint, write_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.registry import import_file
from brainscore_wiring.scoring.runner import benchmark_score
from brainscore_wiring.training import data
from brainscore_wiring.training.data.generated import GeneratedImages
from brainscore_wiring.training.develop import _check_runs
from brainscore_wiring.weight_compression import births, entry
from brainscore_wiring.weight_compression.birth import Birth, birth_state
from brainscore_wiring.weight_compression.births import BirthState
from brainscore_wiring.weight_compression.entry import Entry, entry_class
from brainscore_wiring.weight_compression.fits import fit_of
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


@pytest.mark.parametrize(
    "network, sentence",
    [
        (lambda: None, "cornet_s gave None: it is the function, without brackets"),
        (torch.nn.Identity(), "cornet_s is a Identity: it is the function, without brackets"),
    ],
)
def test_what_makes_a_network_is_a_function_that_returns_it(monkeypatch, network, sentence):
    changed(monkeypatch, network=network)
    with pytest.raises(WiringError, match=sentence):
        layers.read_off("cornet_s")


@pytest.mark.parametrize(
    "forward, sentence",
    [
        (lambda images: 1 / 0, "The network mine at 32 px failed .ZeroDivisionError"),
        (lambda images: None, "gives for two images is a NoneType"),
        (lambda images: images, r"of shape \(2, 3, 32, 32\): it is a tensor \(2, number"),
        (lambda images: images[:, 0, 0, :4], "of 5 classes or more"),
    ],
)
def test_a_network_of_an_extension_is_tried_on_two_images_before_a_training(forward, sentence):
    network = torch.nn.Identity()
    network.forward = lambda images: images[:, 0, 0, :5]
    _check_runs(network, "mine", 32, classes=5)
    network.forward = forward
    with pytest.raises(WiringError, match=sentence):
        _check_runs(network, "mine", 32, classes=5)


def test_a_network_that_gives_more_in_training_is_refused_before_it(monkeypatch):
    class WithAuxiliary(torch.nn.Module):
        def forward(self, images):
            logits = images[:, 0, 0, :5]
            return (logits, logits) if self.training else logits

    _check_runs(WithAuxiliary().eval(), "mine", 32, classes=0)
    with pytest.raises(WiringError, match="for two images in training is a tuple: it is a tensor"):
        _check_runs(WithAuxiliary().eval(), "mine", 32, classes=5)


def test_a_network_that_is_tried_keeps_nothing_of_it_and_its_mode():
    class Lazy(torch.nn.Module):
        grid = None

        def forward(self, images):
            self.grid = torch.ones(5) if self.grid is None else self.grid
            return images[:, 0, 0, :5] * self.grid

    network = Lazy().eval()
    _check_runs(network, "mine", 32, classes=5)
    assert network.grid is None and not network.training
    _check_runs(torch.nn.Conv2d(3, 8, 1), "mine", 32, classes=0)  # a birth is measured, no more


def test_weights_of_an_architecture_that_was_another_are_not_called_damaged(tmp_path, monkeypatch):
    named = lambda first: torch.nn.Sequential(OrderedDict([(first, torch.nn.Conv2d(3, 4, 1))]))  # noqa: E731
    region_map = replace(
        architecture("cornet_s").region_map, regions={"V1": ""}, behaviour="", logits=""
    )
    mine = Architecture("mine", "Mine", lambda: named("first"), region_map)
    monkeypatch.setitem(architectures._ARCHITECTURES, "mine", mine)
    birth, file = Birth("mine", 0), tmp_path / "mine.safetensors"
    write_checkpoint(file, birth, birth.network(), [], {})
    assert read_checkpoint(file).birth.seed == 0
    renamed = replace(mine, network=lambda: named("renamed"))
    monkeypatch.setitem(architectures._ARCHITECTURES, "mine", renamed)
    with pytest.raises(WiringError, match="first.* is in the file alone, so the architecture was"):
        read_checkpoint(file)


def test_an_entry_is_a_frozen_dataclass(monkeypatch):
    entry_class("orthogonal")  # all kinds are known from here on
    monkeypatch.setattr(entry, "_CLASSES", dict(entry._CLASSES))

    class Careless(Entry):
        kind = "careless"

        def stored_numbers(self):
            return 0

    with pytest.raises(WiringError, match="Careless .* 'careless' is no frozen dataclass: put"):
        entry_class("careless")
    monkeypatch.setitem(entry._CLASSES, "careless", dataclass(Careless))
    with pytest.raises(WiringError, match="put @dataclass.frozen=True. above it"):
        entry_class("careless")
    monkeypatch.setitem(entry._CLASSES, "careless", dataclass(frozen=True)(Careless))
    assert entry_class("careless").kind == "careless"


def test_a_kind_that_nothing_fits_is_told_what_to_add():
    with pytest.raises(WrongUsage, match='@fits."orthogonal".* needs="none"'):
        fit_of("orthogonal")


def test_a_birth_of_an_unknown_kind_does_not_load(monkeypatch):
    state = BirthState("mine", "mine", {births.OTHERS: "orthogonl"}, needs="none")
    monkeypatch.setitem(births._STATES, "mine", state)
    row = replace(variant("cornet_s_orthogonal"), identifier="cornet_s_mine", birth="mine")
    assert "'orthogonl': did you mean orthogonal" in resolve(row).reason
    monkeypatch.setitem(births._STATES, "mine", replace(state, fitted_to="cornet"))
    with pytest.raises(WiringError, match="mine is fitted_to 'cornet', .* did you mean cornet_s"):
        catalogue()


def test_a_birth_without_stored_numbers_has_no_genome_of_unknown_origin():
    genome = births.BIRTH_STATES["orthogonal"].written_genome()
    assert GenomeSource.of(genome) is None
    assert GenomeSource.of(transfer(genome, "mobilenet_v1")) is None
    assert GenomeSource.of(replace(genome, source={"diet": "mine"})).training_data == "mine"


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


def test_generated_images_are_others_when_their_code_is_edited(tmp_path):
    sums = []
    for grey in ("0.5", "0.5  # the same", "0.6"):
        (tmp_path / "edited.py").write_text(
            "from brainscore_wiring.training.data.generated import GeneratedImages\n"
            f"class Mine(GeneratedImages):\n    name = 'mine'\n    grey = {grey}\n"
            "    def pixels(self, instances, labels, across, down):\n        pass\n"
        )
        module = import_file(tmp_path / "edited.py", "edited")
        sums.append(module.Mine(np.arange(4), ("a",)).manifest_sha256())
        del sys.modules["edited"]
    assert sums[0] == sums[1] != sums[2]


def test_images_of_a_notebook_are_told_by_what_their_class_computes():
    def made(grey, dark=0):
        code = (
            "from brainscore_wiring.training.data.generated import GeneratedImages\n"
            f"class Mine(GeneratedImages):\n    name = 'mine'\n    dark = {dark}\n"
            f"    def pixels(self, instances, labels, across, down):\n        return {grey}\n"
        )
        names = {"__name__": "in_a_notebook"}
        exec(compile(code, "<ipython-input-1>", "exec"), names)
        return names["Mine"](np.arange(4), ("a",)).manifest_sha256()

    assert made(0.5) == made(0.5) != made(0.6)
    assert made(0.5) != made(0.5, dark=1)


def test_the_hash_of_generated_images_is_that_of_the_class_that_runs(tmp_path):
    text = (
        "from brainscore_wiring.training.data.generated import GeneratedImages\n"
        "class Mine(GeneratedImages):\n    name = 'mine'\n    grey = 0.5\n"
        "    def pixels(self, instances, labels, across, down):\n        pass\n"
    )
    (tmp_path / "edited_later.py").write_text(text)
    images = import_file(tmp_path / "edited_later.py", "edited_later").Mine(np.arange(4), ("a",))
    before = images.manifest_sha256()
    (tmp_path / "edited_later.py").write_text(text.replace("0.5", "0.6"))
    assert images.manifest_sha256() == before


def test_no_held_out_image_is_as_none(monkeypatch):
    monkeypatch.setattr(data, "by_name", lambda: {"grey": lambda: Grey.split(("grey",), 4, 0)})
    assert data.open_training_data("grey")[1] is None


def test_what_a_benchmark_gives_is_a_score():
    class Mine(SimpleNamespace):
        def __call__(self, model):
            return 0.5

    with pytest.raises(WiringError, match="mine gave a float: a benchmark returns a Score of"):
        benchmark_score(Mine(identifier="mine"), None)


def listed(*folders: Path) -> str:
    """What listing the models says on standard error with these folders of extensions."""
    environment = {**os.environ, "BRAINSCORE_WIRING_EXTENSIONS": os.pathsep.join(map(str, folders))}
    done = fresh_process.run(fresh_process.COMMAND, "list", "models", environment=environment)
    return done.stderr


def test_two_files_of_one_name_are_both_named(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text("")
    said = listed(tmp_path / "a", tmp_path / "b")
    assert f"extensions called mine, '{tmp_path}/a/mine.py' and '{tmp_path}/b/mine.py'" in said


def test_a_file_in_a_sub_folder_is_not_left_out_in_silence(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "helpers.py").write_text("x = 1\n")
    assert not listed(tmp_path)
    (tmp_path / "sub" / "mine.py").write_text("register_training_data('mine', None)\n")
    assert f"'{tmp_path}/sub/mine.py' is not read: put it into '{tmp_path}' itself" in listed(
        tmp_path
    )


def test_a_folder_counts_once_however_it_is_named_and_may_hold_another(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    data = "from brainscore_wiring.training.data import register_training_data\n"
    data += "register_training_data('mine', None)\n"
    (tmp_path / "inner" / "mine.py").write_text(data)
    (tmp_path / "other.py").write_text(data.replace("mine", "other"))
    assert not listed(tmp_path, tmp_path / "link", f"{tmp_path}/", tmp_path / "inner")


def test_what_editors_leave_in_a_folder_does_not_matter(tmp_path):
    for folder in (".ipynb_checkpoints", "benchmarks"):
        (tmp_path / folder).mkdir()
    (tmp_path / ".ipynb_checkpoints" / "x-checkpoint.py").write_text("register_training_data()\n")
    (tmp_path / "benchmarks" / ".#x.py").symlink_to("nobody@nowhere")
    (tmp_path / ".#y.py").symlink_to("nobody@nowhere")
    assert not listed(tmp_path)


@pytest.mark.parametrize("name", ["__init__.py", "signs_v1.5.py"])
def test_a_file_whose_name_is_no_modules_is_not_left_out_in_silence(tmp_path, name):
    (tmp_path / name).write_text("register_training_data('mine', None)\n")
    assert f"'{tmp_path}/{name}' is not read: its name is that of no module" in listed(tmp_path)


def test_the_line_that_fails_is_named_where_one_file_imports_another(tmp_path):
    (tmp_path / "first.py").write_text("from brainscore_wiring.extensions.second import turn\n")
    (tmp_path / "second.py").write_text("x = 1\n1 / 0\n")
    assert "division by zero, in second.py, line 2)" in listed(tmp_path)


def test_the_file_that_fails_is_named_and_not_the_one_that_looks_something_up(tmp_path):
    looks_up = "from brainscore_wiring.architectures import ARCHITECTURES\nlen(ARCHITECTURES)\n"
    (tmp_path / "first.py").write_text(looks_up)
    (tmp_path / "second.py").write_text("1 / 0\n")
    said = listed(tmp_path)
    assert f"'{tmp_path}/second.py' cannot be imported (Zero" in said and "first.py" not in said


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
