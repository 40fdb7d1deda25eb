"""Arguments of the public functions as a notebook gives them: numpy's numbers, a name in place of a
list, and what cannot be.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import torch

import brainscore_wiring
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.training.request import Training

UPDATES = "Geiger2022-supervised_synaptic_updates"
ROW = variant("mobilenet_wc_ct")


def asked(seed=3, images=4, epochs=(0.5, 2), held_out_images=2, **recipe) -> str:
    """What a training keeps of its numbers, as its record and state write it."""
    training = Training.of(
        ROW, birth_of(ROW, seed), "visual-atoms", Recipe(**recipe),
        images=images, epochs=epochs, held_out_images=held_out_images,
    )  # fmt: skip
    kept = [training.birth.seed, training.images, training.epochs, training.held_out_images]
    return json.dumps([*kept, asdict(training.recipe)])


def test_numbers_of_numpy_make_the_training_that_pythons_make():
    ours = asked(learning_rate=0.5, image_size=32, batch_size=4, crop_scale=(0.5, 1.0))
    assert ours == asked(
        np.int64(3), np.uint8(4), [np.float32(0.5), np.int64(2)], np.int64(2),
        learning_rate=np.float32(0.5), image_size=np.int64(32), batch_size=np.int32(4),
        crop_scale=np.array([0.5, 1.0]),
    )  # fmt: skip


@pytest.mark.parametrize(
    "epochs", [np.array([2, 1]), (one for one in (1, 2)), {1, 2}, pd.Series([1, 2]), range(1, 3)]
)
def test_epochs_are_any_collection_of_numbers(epochs):
    assert asked(epochs=epochs) == asked(epochs=[1, 2])


@pytest.mark.parametrize("seed", [-1, 1.5, "1", 2**32, True, np.nan])
def test_a_seed_that_is_none_is_refused_at_birth_and_in_training(seed, tmp_path):
    with pytest.raises(WrongUsage, match=f"seed={seed!r} was given: it takes a"):
        brainscore_wiring.birth("mobilenet_wc", seed)
    with pytest.raises(WrongUsage, match=f"seed={seed!r} was given: it takes a"):
        brainscore_wiring.train("mobilenet_wc_ct", "visual-atoms", tmp_path, seed=seed)


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"images": 4.5}, "images=4.5 was given: it takes a whole number"),
        ({"images": "4"}, "images='4' was given: it takes a number"),
        ({"epochs": "1"}, "epochs='1' was given"),
        ({"epochs": [1, None]}, "epochs=None was given"),
        ({"held_out_images": 0}, "held_out_images=0 .* of at least 1"),
        ({"batch_size": 0}, "batch_size=0 .* of at least 1"),
        ({"batch_size": 2.5}, "batch_size=2.5"),
        ({"image_size": -5}, "image_size=-5"),
        ({"warm_up": -1}, "warm_up=-1 .* of at least 0"),
        ({"learning_rate": "0.1"}, "learning_rate='0.1' was given"),
        ({"weight_decay": float("inf")}, "weight decay inf were asked for"),
        ({"crop_scale": 0.5}, r"crop_scale=\(0.5,\) was given: it takes the smallest and the larg"),
    ],
)
def test_a_number_that_cannot_be_is_named_before_anything_is_made(given, sentence, tmp_path):
    with pytest.raises(WrongUsage, match=sentence):
        brainscore_wiring.train("mobilenet_wc_ct", "visual-atoms", tmp_path / "run", **given)
    assert not (tmp_path / "run").exists()


def test_one_model_and_benchmark_need_no_list():
    [listed] = brainscore_wiring.score_many(["mobilenet_wc"], [UPDATES])
    assert brainscore_wiring.score_many("mobilenet_wc", UPDATES) == [listed]
    assert brainscore_wiring.score_many(pd.Series(["mobilenet_wc"]), pd.Series([UPDATES])) == [
        listed
    ]


def test_no_benchmark_is_not_every_benchmark():
    assert brainscore_wiring.score_many(["mobilenet_wc"], []) == []


@pytest.mark.parametrize("size", [0, -1, 2.5, "8"])
def test_a_batch_of_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(WrongUsage, match=f"batch_size={size!r} was given"):
        brainscore_wiring.score_many(["mobilenet_wc"], [UPDATES], batch_size=size)
    with pytest.raises(WrongUsage, match=f"batch_size={size!r} was given"):
        brainscore_wiring.score("mobilenet_wc", "MacaqueV1Tuning", batch_size=size)


@pytest.mark.parametrize("name", ["trainable", "log"])
def test_one_layer_and_one_log_are_names_not_letters(name, tmp_path):
    with pytest.raises(WrongUsage, match="no (layer|log) 'tsv'"):
        brainscore_wiring.train("mobilenet_wc_ct", "visual-atoms", tmp_path, **{name: "tsv"})


@pytest.mark.parametrize("given", [None, ["MacaqueV1Tuning"]])
def test_what_is_no_name_of_a_benchmark_is_refused_in_a_sentence(given):
    with pytest.raises(WrongUsage, match="is no name of a benchmark: `brainscore list"):
        brainscore_wiring.load_benchmark(given)


def test_a_resolved_model_stands_for_its_name():
    model = brainscore_wiring.resolve("mobilenet_wc")
    assert brainscore_wiring.resolve(model) is model
    assert brainscore_wiring.account(model) == brainscore_wiring.account("mobilenet_wc")
    assert float(brainscore_wiring.score(model, UPDATES)) == 1


@pytest.mark.parametrize(
    "name, call",
    [
        ("genome", lambda given: brainscore_wiring.birth("mobilenet_wc", genome=given)),
        ("checkpoint", brainscore_wiring.compress),
        ("tables", brainscore_wiring.compare),
        ("tables", lambda given: brainscore_wiring.compare([given])),
        ("table", lambda given: brainscore_wiring.card("pixels", given)),
        ("table", lambda given: brainscore_wiring.score_many("pixels", UPDATES, given)),
        ("folder", lambda given: brainscore_wiring.train("mobilenet_wc_ct", "images", given)),
        ("data", lambda given: brainscore_wiring.train("mobilenet_wc_ct", given, "folder")),
    ],
)
def test_what_is_no_path_is_refused_in_a_sentence(name, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUsage, match=f"^{name}=3 was given: it takes the path of a file"):
        call(3)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ask", ["resolve", "load_model", "account", "card", "birth"])
def test_a_network_in_place_of_a_models_name_is_told_in_a_line(ask):
    with pytest.raises(WrongUsage, match="Linear is ") as refused:
        getattr(brainscore_wiring, ask)(torch.nn.Linear(2, 3))
    assert "in_features" not in str(refused.value)


def test_models_are_listed_by_a_part_of_their_name_as_by_the_command(run):
    found = brainscore_wiring.list_models("LOW_rank")
    assert found and set(found) < set(brainscore_wiring.list_models())
    _, listed, _ = run("list", "models", "LOW_rank", "--json")
    assert [row["identifier"] for row in json.loads(listed)] == found
    for no_name in ("cornet_s_wcc", 3):
        with pytest.raises(WrongUsage, match="`brainscore list models` shows them all"):
            brainscore_wiring.list_models(no_name)


def test_a_genome_is_given_as_an_object_as_it_is_by_its_file(tmp_path):
    genome = brainscore_wiring.resolve("cornet_s_wc").birth.genome
    layers = genome.layers["V2.conv2"]
    genome = replace(genome, layers={**genome.layers, "V2.conv2": replace(layers, noise=[0] * 5)})
    genome.write(tmp_path / "genome.json")
    ours, theirs = (
        brainscore_wiring.birth("mobilenet_wc", genome=given)
        for given in (genome, tmp_path / "genome.json")
    )
    assert all(ours[name].equal(theirs[name]) for name in theirs)
    own = brainscore_wiring.birth("mobilenet_wc")
    assert any(not own[name].equal(ours[name]) for name in own)
    assert repr(genome) == "<Genome of cornet_s: 4,166 numbers for 46 layers>"


def test_a_genome_that_was_transferred_is_taken_back_by_its_own_architecture():
    transferred = brainscore_wiring.resolve("mobilenet_wc").birth.genome
    again = brainscore_wiring.birth("mobilenet_wc", genome=transferred)
    assert all(
        again[name].equal(one) for name, one in brainscore_wiring.birth("mobilenet_wc").items()
    )
    with pytest.raises(WiringError, match="'given' is of mobilenet_v1, resnet50_wc .* cornet_s"):
        brainscore_wiring.birth("resnet50_wc", genome=transferred)


def test_an_entry_that_cannot_be_is_named():
    genome = brainscore_wiring.resolve("cornet_s_wc").birth.genome
    layers = replace(genome.layers["V2.conv2"], noise=[np.nan] * 5)
    genome = replace(genome, layers={**genome.layers, "V2.conv2": layers})
    with pytest.raises(WiringError, match="entry for V2.conv2 cannot be: noise holds a value"):
        brainscore_wiring.birth("cornet_s_wc", genome=genome)


def test_a_genome_that_needs_images_is_not_fitted_without():
    with pytest.raises(WrongUsage, match="--as rainbow_4 --data DIR"):
        brainscore_wiring.compress("cornet_s_ct", "rainbow_4")


@pytest.mark.parametrize("ask", ["resolve", "load_model", "account", "card"])
def test_a_run_folder_in_place_of_its_model_is_told_what_is_in_it(ask, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.safetensors").touch()
    for folder in (tmp_path, tmp_path / "run"):
        with pytest.raises(WrongUsage, match=f"'{folder}' is a folder: .*run/model.safetensors'"):
            getattr(brainscore_wiring, ask)(folder)


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", ["cornet_s"], 3])
def test_a_name_that_no_file_can_have_is_that_of_no_model(name):
    for ask in ("resolve", "load_model", "account"):
        with pytest.raises(
            WrongUsage, match=r"(?s)There is no model|is no (name of a )?model|\[\.\.\.\]"
        ):
            getattr(brainscore_wiring, ask)(name)
    with pytest.raises(WrongUsage):
        brainscore_wiring.score_many([name], [UPDATES])


def test_a_pytorch_file_in_place_of_a_model_is_told_what_makes_one_of_it():
    for ask in ("resolve", "load_model", "account", "card", "birth"):
        with pytest.raises(WrongUsage, match="`brainscore import-weights x.pth --as MODEL -o "):
            getattr(brainscore_wiring, ask)("x.pth")


def test_a_folder_with_the_name_of_a_model_does_not_stand_in_its_way(tmp_path, monkeypatch):
    (tmp_path / "mobilenet_wc").mkdir()
    monkeypatch.chdir(tmp_path)
    assert brainscore_wiring.resolve("mobilenet_wc").identifier == "mobilenet_wc"


def test_a_model_that_was_taken_away_after_it_was_resolved_is_one_sentence(tmp_path):
    file = tmp_path / "mine.safetensors"
    shutil.copy(brainscore_wiring.resolve("cornet_s_wc_ct").file, file)
    model = brainscore_wiring.resolve(file)
    file.unlink()
    with pytest.raises(WiringError, match="mine.safetensors' cannot be read any more"):
        brainscore_wiring.load_model(model)


def test_a_path_that_begins_with_a_tilde_is_below_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    small = dict(images=4, epochs=1, recipe="small", image_size=40, batch_size=4)
    small |= dict(held_out_images=4)
    brainscore_wiring.train("mobilenet_wc_ct", "visual-atoms", "~/run", **small)
    [result] = brainscore_wiring.score_many("~/r*/model.safetensors", UPDATES, "~/scores.csv")
    model = brainscore_wiring.resolve("~/run/model.safetensors")
    assert model.fingerprint == result.fingerprint
    assert result.fingerprint in brainscore_wiring.card(model, "~/scores.csv")
    with pytest.raises(WiringError, match=f"no folder or archive '{tmp_path}/home/images'"):
        brainscore_wiring.train("mobilenet_wc_ct", "~/images", "~/other")
    assert not (tmp_path / "~").exists()
