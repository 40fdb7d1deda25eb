"""Any layers of any architecture can be trained: named one by one, exactly counted."""

from __future__ import annotations

import dataclasses
import json

import pytest
import torch
import typer.main
from developing import develop

import brainscore_wiring
from brainscore_wiring.architectures import ARCHITECTURES, TrainableSet, architecture
from brainscore_wiring.architectures.layers import layers_of, parameter_counts
from brainscore_wiring.catalogue import (
    CATALOGUE,
    row_along_the_way,
    training_layers,
    variant,
)
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.commands import _SEVERAL_VALUES, _one_value_each, app, main
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring.loading import check_model_name


def test_an_option_with_several_values_is_one_for_each():
    given = ["train", "m", "--trainable", "V2.conv3", "IT", "--data", "d", "--trainable", "decoder"]
    assert _one_value_each(given) == [
        *("train", "m", "--trainable", "V2.conv3", "--trainable", "IT", "--data", "d"),
        *("--trainable", "decoder"),
    ]
    assert _one_value_each(["score", "--model", "a"]) == ["score", "--model", "a"]


def test_options_with_several_values_are_those_whose_help_shows_several():
    commands = typer.main.get_group(app).commands.values()
    options = [option for one in commands for option in one.params if option.multiple]
    several = {name for option in options for name in option.opts}
    assert set(_SEVERAL_VALUES) <= several
    shown = [option for option in options if (option.metavar or "").endswith("...")]
    assert {name for option in shown for name in option.opts} <= {*_SEVERAL_VALUES}
    assert _one_value_each(["score", "--cluster", "a=1", "b=2"]) == [
        *("score", "--cluster", "a=1", "--cluster", "b=2")
    ]


def test_named_layers_are_a_row_in_any_order():
    row = CATALOGUE["cornet_s_wc_ct+IT.conv2+V2.conv3"]
    assert row.identifier == "cornet_s_wc_ct+V2.conv3+IT.conv2"
    assert (row.trained, row.birth, row.epochs) == ("V2.conv3+IT.conv2", "weight_compression", 38)
    assert row.trained_words == "V2.conv3 and IT.conv2"
    assert row == training_layers(variant("cornet_s_wc_ct"), ["IT.conv2", "V2.conv3"])
    assert row.identifier not in list(CATALOGUE)
    assert training_layers(variant("cornet_s_wc_ct+V1.conv1"), ["IT.conv2", "V2.conv3"]) == row


def test_the_plain_name_of_layers_of_a_promising_row_promises_nothing():
    row = CATALOGUE["cornet_s_wc_imagenet+decoder"]
    assert row.plain_identifier == "cornet_s_wc+decoder"


def test_names_with_layers_are_known_where_there_are_such_layers():
    known = ("cornet_s_wc_ct+IT.conv3+decoder", "cornet_s_wc_ct")
    unknown = ("cornet_s+lora", "cornet_s_wc+", "+decoder", "nothing+decoder")
    assert [name for name in (*known, *unknown) if name in CATALOGUE] == list(known)
    for name in known:
        check_model_name(name)
    with pytest.raises(WrongUsage, match="There is no layer 'lora'"):
        check_model_name("cornet_s+lora")
    with pytest.raises(WrongUsage):
        variant("cornet_s_wc+")


def test_a_layer_is_not_taken_for_a_set_of_its_name(monkeypatch):
    one = architecture("cornet_s")
    monkeypatch.setitem(one.trainable, "IT", TrainableSet(("IT.conv1", "decoder"), "some of IT"))
    with pytest.raises(WiringError, match="'IT' is a layer .* the name of a trainable set"):
        one.named_layers(["IT"])
    assert one.named_layers(["decoder"]) == "decoder"


def test_a_model_at_birth_is_planned_for_one_epoch():
    row = variant("cornet_s_wc_bn+decoder")
    assert (row.epochs, row.images, row.unlabelled_images) == (1, 1_280_000, 0)


def test_a_trainable_set_is_named_in_place_of_its_layers(monkeypatch):
    row = variant("cornet_s_orthogonal+critical_training")
    assert (row.trained, row.birth, row.epochs) == ("critical_training", "orthogonal", 1)
    assert row.trained_words == "the down-sampling layers (critical training)"
    plan = resolve(row.identifier).plan
    assert plan.trained_synapses_true == resolve("cornet_s_ct").plan.trained_synapses_true
    assert training_layers(variant("cornet_s_wc"), ["everything"]).trained == "everything"
    mine = TrainableSet(("V2.skip",), "mine", epochs=20)
    monkeypatch.setitem(architecture("cornet_s").trainable, "mine", mine)
    assert variant("cornet_s_orthogonal+mine").epochs == 20
    assert variant("cornet_s_wc_ct+mine").epochs == 38
    with pytest.raises(WrongUsage, match="no layer 'nothing'"):
        variant("cornet_s_wc+nothing")
    with pytest.raises(
        WrongUsage, match="'mine' is a trainable set of CORnet-S: it is named alone"
    ):
        variant("cornet_s_wc+mine+decoder")
    for trained in ("mobilenet+everything", "cornet_s_wc_ct_continued_full+decoder"):
        with pytest.raises(WrongUsage, match="layers are named of a model that begins at birth"):
            variant(trained)
    row = variant("cornet_s_wc+critical_training")
    assert row_along_the_way(row, 0.1) == row  # cornet_s_wc_ct_0p1_epochs is another name
    with pytest.raises(WrongUsage, match="did you mean critical_training"):
        variant("cornet_s_wc+critical_trainin")


def test_the_account_counts_these_layers_and_nothing_else():
    plan = resolve("cornet_s_wc_ct+V2.conv3+IT.conv2").plan
    weights = parameter_counts("cornet_s")
    true = weights["V2.conv3.weight"] + weights["IT.conv2.weight"]
    gammas = sum(weights[f"{norm}.weight"] for norm in ("V2.norm3_0", "V2.norm3_1"))
    gammas += sum(weights[f"{norm}.weight"] for norm in ("IT.norm2_0", "IT.norm2_1"))
    assert plan.trained_synapses_true == true
    # initialised from a genome: as the paper counts
    assert plan.trained_synapses_paper == true + gammas
    assert plan.supervised_synaptic_updates_true == 38 * 1_280_000 * true
    without = resolve("cornet_s_ct+V2.conv3+IT.conv2").plan
    assert without.trained_synapses_paper == without.trained_synapses_true == true


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if name not in ("pixels", "hmax")])
def test_every_layer_of_every_architecture_can_be_named(name):
    one = architecture(name)
    counts = parameter_counts(name)
    for module in layers_of(name):
        condition = one.named_layers([module])
        assert one.trainable_set(condition).modules == (module,)
        held = [parameter for parameter in counts if parameter.startswith(f"{module}.")]
        assert held


def test_the_same_set_under_its_name_and_layer_by_layer_is_counted_alike():
    by_name = resolve("cornet_s_wc_ct").plan
    one_by_one = resolve("cornet_s_wc_ct+V2.conv3+V4.conv3+IT.conv3+decoder").plan
    assert one_by_one.trained_synapses_true == by_name.trained_synapses_true == 1_889_256
    assert one_by_one.trained_synapses_paper == by_name.trained_synapses_paper == 1_378_560


@pytest.mark.parametrize(
    "model, said",
    [
        (
            "cornet_s_wc+V2.conv9",
            "no layer 'V2.conv9' with parameters in CORnet-S: did you mean V2",
        ),
        ("cornet_s_wc+nose", "no layer 'nose' .* in CORnet-S, only in V1, V2, V4, IT, decoder"),
        ("cornet_s_wc+IT.output", "no layer 'IT.output'"),
        ("pixels+V1", "no layer 'V1' with parameters in Pixels, only in nothing"),
        ("no_model+V1", "There is no model 'no_model"),
    ],
)
def test_unknown_layers_are_named_with_the_nearest(model, said):
    with pytest.raises(WrongUsage, match=said):
        variant(model)


def test_named_layers_are_trained_recorded_scored_and_shown(tmp_path, capsys):
    arguments = dict(
        images=8,
        epochs=1,
        recipe="small",
        image_size=40,
        batch_size=8,
        held_out_images=4,
    )
    trainable = ["block12.pointwise", "block5.depthwise"]
    record = brainscore_wiring.train(
        "mobilenet_wc", "visual-atoms", tmp_path, trainable=trainable, **arguments
    )
    counts = parameter_counts("mobilenet_v1")
    true = sum(
        count
        for name, count in counts.items()
        if name.startswith(("block12.pointwise.", "block5.depthwise."))
    )
    assert record.variant == "mobilenet_wc+block5.depthwise+block12.pointwise"
    assert record.trained_parameters == true
    assert record.supervised_synaptic_updates_true == 8 * true

    file = tmp_path / "model.safetensors"
    trained = read_checkpoint(file).network.state_dict()
    born = brainscore_wiring.birth("mobilenet_wc")
    changed = {name for name in counts if not torch.equal(trained[name], born[name])}
    assert changed == {
        name for name in counts if name.startswith(("block12.pointwise.", "block5.depthwise."))
    }

    with pytest.raises(WiringError, match=r"it is .*, not mobilenet_wc\+block12.pointwise"):
        brainscore_wiring.train(
            "mobilenet_wc", "visual-atoms", tmp_path, trainable=["block12.pointwise"], **arguments
        )
    updates = "Geiger2022-supervised_synaptic_updates"
    assert brainscore_wiring.score(file, updates).attrs["account"]["trained_synapses_true"] == true
    with pytest.raises(SystemExit):
        main(["show", str(file), "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["identifier"] == record.variant
    assert shown["record_account"]["supervised_synaptic_updates_true"] == 8 * true


def test_a_set_that_names_other_layers_since_is_not_taken_for_the_old_training(
    tmp_path, monkeypatch
):
    sets = architecture("mobilenet_v1").trainable
    row = dataclasses.replace(variant("mobilenet_wc"), trained="mine", epochs=1)
    recipe = Recipe(image_size=40, batch_size=8)

    def train(layer):
        monkeypatch.setitem(sets, "mine", TrainableSet((layer,), "mine"))
        asked = dict(images=8, epochs=1, held_out_images=4)
        develop(row, birth_of(row), "visual-atoms", tmp_path, recipe, **asked)

    train("block8.pointwise")
    written = (tmp_path / "model.safetensors").stat().st_mtime_ns
    train("block8.pointwise")  # it is done
    assert (tmp_path / "model.safetensors").stat().st_mtime_ns == written
    with pytest.raises(WiringError, match="trained other parameters as 'mine'"):
        train("block9.pointwise")  # of the same size
