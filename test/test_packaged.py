"""What the package ships is what it says it is."""

from __future__ import annotations

import pytest

from brainscore_wiring import accounting, folders
from brainscore_wiring.catalogue import BIRTH_SEEDS, CATALOGUE, variant
from brainscore_wiring.checkpoints import store
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint, read_metadata
from brainscore_wiring.weight_compression.genome import Genome

CHECKPOINTS = sorted(path.stem for path in folders.packaged().glob("*.safetensors"))
GENOME = folders.packaged() / store.PACKAGED_GENOME


def test_the_genome_and_the_trained_models_are_there():
    assert {"cornet_s_ct", "cornet_s_wc_ct"} <= set(CHECKPOINTS)
    seeds = ["" if seed == 0 else f"_seed{seed}" for seed in BIRTH_SEEDS]
    assert {f"cornet_s_{birth}_bn{seed}" for birth in ("kn", "wc") for seed in seeds} <= set(CHECKPOINTS)
    assert Genome.read(GENOME).stored_numbers() == 4166


@pytest.mark.parametrize("identifier", CHECKPOINTS)
def test_a_packaged_record_is_its_catalogue_rows_and_never_passes_for_imagenet(identifier):
    row, path = variant(identifier), folders.packaged() / f"{identifier}.safetensors"
    record = store.stored_record(row)
    store.check_belongs(row, record, path)
    assert record["diet"]["name"] != "ImageNet-1k" and row.diet == "any"
    assert record["seed"] == row.seed and record["trained"] == row.trained and record["birth"] == row.birth
    account = accounting.account_of_record(record)
    assert account.status == ("at birth" if row.at_birth else "trained")
    assert (account.unlabelled_images, account.supervised_updates > 0) == (row.unlabelled_images, not row.at_birth)
    assert path.stat().st_size < 5e6


@pytest.mark.parametrize("identifier", [name for name in CHECKPOINTS if "_wc" in name])
def test_compressed_models_are_born_from_the_packaged_genome(identifier):
    metadata = read_metadata(folders.packaged() / f"{identifier}.safetensors")
    assert Genome.from_json(metadata["genome"]).sha256() == Genome.read(GENOME).sha256()


@pytest.mark.parametrize("identifier", ["cornet_s_ct", "cornet_s_wc_ct", "cornet_s_wc_bn_seed42"])
def test_a_packaged_model_loads_with_every_layer_verified(identifier):
    checkpoint = read_checkpoint(folders.packaged() / f"{identifier}.safetensors")
    assert len(checkpoint.state) == 164 and checkpoint.record["variant"] == identifier


@pytest.mark.parametrize("identifier", [name for name in CATALOGUE if name.endswith("_imagenet")])
def test_an_imagenet_model_is_never_filled_by_packaged_weights(identifier):
    assert store.checkpoint_path(CATALOGUE[identifier]) is None
    assert store.why_not_loadable(CATALOGUE[identifier])
