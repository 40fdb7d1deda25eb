"""What the package ships is what it says it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from brainscore_wiring import accounting, folders
from brainscore_wiring.catalogue import BEST, BEST_NAME, BIRTH_SEEDS, CATALOGUE, variant
from brainscore_wiring.checkpoints.header import read_header
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.locate import checkpoint_path, evidence_of, packaged_genome
from brainscore_wiring.checkpoints.resolve import check_belongs, check_recipe, departure, resolve
from brainscore_wiring.checkpoints.training_record import GenomeSource, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import evidence_in_words
from brainscore_wiring.weight_compression.genome import Genome

CHECKPOINTS = sorted(path.stem for path in folders.packaged().glob("*.safetensors"))
GENOME = packaged_genome()


def test_the_genome_and_the_trained_models_are_there():
    assert {"cornet_s_ct", "cornet_s_wc_ct"} <= set(CHECKPOINTS)
    seeds = ["" if seed == 0 else f"_seed{seed}" for seed in BIRTH_SEEDS]
    assert {f"cornet_s_{birth}_bn{seed}" for birth in ("kn", "wc") for seed in seeds} <= set(
        CHECKPOINTS
    )
    assert Genome.read(GENOME).stored_numbers() == 4166


@pytest.mark.parametrize("identifier", CHECKPOINTS)
def test_a_packaged_record_is_its_catalogue_rows_and_never_passes_for_imagenet(identifier):
    row, path = variant(identifier), folders.packaged() / f"{identifier}.safetensors"
    record = resolve(row).record  # refuses what does not belong to the row
    assert record.data.name != "ImageNet-1k" and row.training_data == "any"
    assert record.seed == row.seed and record.trained == row.trained and record.birth == row.birth
    account = record.account
    assert account.status == ("at birth" if row.at_birth else "trained")
    assert (account.unlabelled_images, account.supervised_updates > 0) == (
        row.unlabelled_images,
        not row.at_birth,
    )
    assert path.stat().st_size < 5e6


@pytest.mark.parametrize(
    "identifier",
    [
        name
        for name in CHECKPOINTS
        if "_wc" in name or (name == BEST_NAME and variant(name).birth == "weight_compression")
    ],
)
def test_compressed_models_are_born_from_the_packaged_genome(identifier):
    metadata = read_header(folders.packaged() / f"{identifier}.safetensors").metadata
    assert Genome.from_json(metadata["genome"]).sha256() == Genome.read(GENOME).sha256()


@pytest.mark.parametrize("identifier", ["cornet_s_ct", "cornet_s_wc_ct", "cornet_s_wc_bn_seed42"])
def test_a_packaged_model_loads_with_every_layer_verified(identifier):
    checkpoint = read_checkpoint(folders.packaged() / f"{identifier}.safetensors")
    assert len(checkpoint.state) == 164 and checkpoint.record["variant"] == identifier


def test_a_genome_of_another_compression_is_refused_by_name():
    with pytest.raises(
        WiringError, match="V1.conv2 by clusters.*low_rank_filters.*--as low_rank_filters"
    ):
        birth_of(variant("cornet_s_low_rank_filters"), genome=GENOME)
    with pytest.raises(WiringError, match="V1.conv2 by low_rank_filters.*--as weight_compression"):
        birth_of(variant("cornet_s_wc_ct"), genome=packaged_genome("low_rank_filters"))


def test_the_best_birth_state_carries_the_evidence_of_the_frontier():
    evidence = evidence_of(variant(BEST_NAME))
    measured = json.loads(
        (Path(__file__).parents[1] / "docs" / "frontier" / "evidence.json").read_text()
    )
    today = Genome.read(packaged_genome(variant(BEST_NAME).birth)).sha256()[:8]
    assert evidence == measured["brain_match_standardised"] | {"packaged_genome": today}
    assert (f"from the packaged one ({today})" in evidence_in_words(evidence)) == (
        evidence["genome"] != today
    )
    assert evidence["state"] == BEST and evidence["numbers"] <= 10_000 and evidence["seeds"] == 10
    best, state = variant(BEST_NAME), variant(BEST)
    assert replace(best, identifier=BEST, section=state.section) == state
    assert not resolve(best).reason and evidence_of(state) is None


@pytest.mark.parametrize("identifier", [name for name in CATALOGUE if name.endswith("_imagenet")])
def test_an_imagenet_model_is_never_filled_by_packaged_weights(identifier):
    assert checkpoint_path(CATALOGUE[identifier]) is None
    assert resolve(CATALOGUE[identifier]).reason


@pytest.mark.parametrize(
    "row, changes",
    [
        ({}, {}),
        ({"epochs": 1.0}, {}),
        ({"images": 100}, {}),
        ({}, {"genome": GenomeSource("CIFAR-10")}),
        ({}, {"name": "CIFAR-10"}),
        ({}, {"image_size": 32}),
        ({}, {"recipe": {"schedule": "one_cycle"}}),
        ({}, {"recipe": {"learning_rate": 0.05}}),
        ({}, {"recipe": {"feedback": "skip_only"}}),
    ],
    ids=str,
)
def test_an_imagenet_name_takes_the_papers_recipe_alone(row, changes):
    asked = CATALOGUE["cornet_s_wc_ct_imagenet"]
    record = TrainingRecord.stated(replace(asked, **row), "ImageNet-1k")
    data = {name: changes.pop(name) for name in ("name", "image_size") if name in changes}
    changed = replace(record, data=replace(record.data, **data), **changes)
    if changed != TrainingRecord.stated(asked, "ImageNet-1k"):
        with pytest.raises(WiringError, match="cornet_s_wc_ct_imagenet promises"):
            check_recipe(asked, changed, GENOME)
    else:
        check_recipe(asked, changed, GENOME)


def test_statistics_of_an_imagenet_name_are_measured_on_imagenet():
    row = CATALOGUE["cornet_s_wc_bn_imagenet"]
    asked = (row, "Tiny ImageNet", row.unlabelled_images, 224, None, "ImageNet-1k", None)
    assert departure(*asked) == "training data Tiny ImageNet"
    assert not departure(row, "ImageNet-1k", *asked[2:])
    assert not departure(CATALOGUE["cornet_s_wc_imagenet"], "none", *asked[2:])


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"variant": "cornet_s_kn_bn_seed42"}, "not of cornet_s_kn_bn"),
        ({"seed": 7}, "seed 7"),
        ({"unlabelled_images": 4}, "unlabelled images 4"),
        ({"birth": "weight_compression"}, "weight_compression"),
        ({"images_shown": -1}, "whole number"),
    ],
    ids=str,
)
def test_a_file_of_another_model_is_not_taken_for_the_one_whose_name_it_has(change, sentence):
    row = CATALOGUE["cornet_s_kn_bn"]
    record = resolve(row).record.to_json()
    with pytest.raises(WiringError, match=sentence):
        check_belongs(row, TrainingRecord.from_json(record | change), GENOME)


@pytest.mark.parametrize(
    "spoil, sentence",
    [
        (
            lambda genome: replace(genome, architecture="resnet50"),
            "is of resnet50, cornet_s_wc is initialised from one of cornet_s",
        ),
        (lambda genome: replace(genome, layers={}), "no entry for V1.conv1"),
        (
            lambda genome: replace(
                genome,
                layers={
                    name: entry for name, entry in genome.layers.items() if name != "IT.norm1_1"
                },
            ),
            "no entry for IT.norm1_1",
        ),
    ],
    ids=["another architecture", "empty", "a batch norm missing"],
)
def test_a_genome_that_leaves_layers_out_is_refused_instead_of_filled_up(tmp_path, spoil, sentence):
    path = tmp_path / "genome.json"
    path.write_text(spoil(Genome.read(GENOME)).to_json())
    with pytest.raises(WiringError, match=sentence):
        birth_of(variant("cornet_s_wc"), genome=path)


@pytest.mark.parametrize(
    "default_norms, kept",
    [((), ()), (("norm3_",), ("V2", "V4", "IT")), (("IT.norm3_",), ("IT",))],
    ids=str,
)
def test_default_norms_are_named_by_the_beginning_of_a_name_or_of_its_last_part(
    default_norms, kept
):
    state = replace(birth_of(variant("cornet_s_wc")), default_norms=default_norms).state()
    at_default = {
        area for area in ("V2", "V4", "IT") if bool((state[f"{area}.norm3_0.weight"] == 1).all())
    }
    assert at_default == set(kept) and not bool((state["IT.norm1_0.weight"] == 1).all())


def test_the_genome_is_counted_for_the_areas_that_are_born_from_it():
    for identifier in ("cornet_s_wc_ct", "cornet_s_wc_ct_v4", "cornet_s_wc_ct_v2", "cornet_s_ct"):
        assert (
            birth_of(variant(identifier)).genome_numbers()
            == accounting.account_of(identifier).genome_numbers
        )
