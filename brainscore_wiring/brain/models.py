"""Load a catalogue variant, or a trained checkpoint file, as a Brain-Score model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from torch import Tensor

from brainscore_wiring import accounting
from brainscore_wiring.architectures import build
from brainscore_wiring.architectures import architecture
from brainscore_wiring.brain.commitment import WiringModel
from brainscore_wiring.catalogue import Variant, in_epochs, variant as variant_called
from brainscore_wiring.checkpoints import store
from brainscore_wiring.checkpoints.wiring_checkpoint import WiringCheckpoint, read_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, fetch
from brainscore_wiring.weight_compression.birth import state_sha256
from brainscore_wiring.weight_compression.genome import Genome


def load_model(identifier: str | Path) -> WiringModel:
    """A catalogue variant by its identifier, or the model in a wiring checkpoint file by its path.

    Raises `WrongUsage` for an unknown identifier and `WiringError` where its weights are not on this machine, with
    what to do about it.
    """
    if str(identifier).endswith(".safetensors"):
        checkpoint = read_checkpoint(identifier)
        variant = _named_in(checkpoint.record, identifier)
        store.check_promise(variant, checkpoint.record, identifier)
        return _from_checkpoint(variant, checkpoint, str(identifier))
    variant = variant_called(str(identifier))
    reason = store.why_not_loadable(variant)
    if reason:
        raise WiringError(reason)
    path = store.checkpoint_path(variant)
    if path is not None:
        checkpoint = read_checkpoint(path)
        store.check_belongs(variant, checkpoint.record, path)
        where = "packaged" if path.parent == store.folders.packaged() else str(path)
        return _from_checkpoint(variant, checkpoint, where)
    if variant.birth == "none":
        return _model(variant, {}, None, {"weights": "none", "diet": "none", "seed": None})
    if variant.identifier == store.PUBLISHED:
        return _published(variant)
    birth = store.birth_of(variant)
    genome = birth.genome
    seen = f"none; statistics from {variant.noise_images:,} noise images" if variant.noise_images else "none"
    return _model(variant, store.birth_state_of(variant), None, {
        "weights": "sampled at birth", "seed": variant.seed,
        "diet": f"{seen}; genome from {genome.source.get('diet', 'unknown')}" if _fitted(genome) else seen},
        birth.genome_numbers())


def _fitted(genome: Genome | None) -> bool:
    """Whether a genome keeps anything of a trained network."""
    return genome is not None and genome.true_numbers() > 0


def _named_in(record: dict[str, Any], path: str | Path) -> Variant:
    """The catalogue row of a training record; raises `WiringError` for a record that cannot be relied on."""
    account = accounting.account_of_record(record)
    try:
        return variant_called(account.model)
    except WrongUsage:
        raise WiringError(f"'{path}' holds weights of {account.model}, which is not in the catalogue.") from None


def _from_checkpoint(variant: Variant, checkpoint: WiringCheckpoint, where: str) -> WiringModel:
    record = checkpoint.record
    accounting.account_of_record(record)
    diet = record["diet"]
    shown = (f"{in_epochs(record['epochs'])} of {diet['images']:,} {diet.get('name')} images" if record["images_shown"]
             else f"none; statistics from {record['unlabelled_images']:,} unlabelled {diet.get('name')} images")
    genome = record.get("genome_source")
    pixels = f" at {diet['image_size']} px" if "image_size" in diet else ""
    shown += pixels + (f"; genome from {genome.get('diet', 'unknown')}" if genome else "")
    return _model(variant, checkpoint.state, record,
                  {"weights": where, "diet": shown, "seed": record.get("seed")})


def _published(variant: Variant) -> WiringModel:
    from brainscore_wiring.checkpoints.state_dicts import read_state_dict
    path = fetch(CORNET_S_CHECKPOINT)
    return _model(variant, read_state_dict(path), _stated_record(variant), {
        "weights": f"the CORnet authors' {path.name}", "seed": None,
        "diet": f"{in_epochs(variant.epochs)} of {variant.images:,} ImageNet images (as its authors state)"})


def _stated_record(variant: Variant) -> dict[str, Any]:
    """A training record out of what the catalogue row says was done, for weights that come without one."""
    account = accounting.account_of_variant(variant)
    return {"variant": variant.identifier, "architecture": variant.architecture, "birth": variant.birth,
            "trained": variant.trained, "diet": {"name": "ImageNet-1k", "images": variant.images},
            "epochs": variant.epochs, "images_shown": account.supervised_updates, "images_skipped": 0,
            "unlabelled_images": 0, "genome_numbers": account.genome_numbers,
            "trained_parameters": account.trained_synapses_true,
            "trained_parameters_paper": account.trained_synapses_paper,
            "supervised_updates": account.supervised_updates,
            "supervised_synaptic_updates": account.supervised_synaptic_updates,
            "supervised_synaptic_updates_true": account.supervised_synaptic_updates_true}


def _model(variant: Variant, state: dict[str, Tensor], record: dict[str, Any] | None,
           provenance: dict[str, Any], genome_numbers: int | None = None) -> WiringModel:
    network = build(variant.architecture)
    network.load_state_dict(state)
    fingerprint = (state_sha256(state) if state else hashlib.sha256(variant.architecture.encode()).hexdigest())[:8]
    return WiringModel(variant.identifier, network, architecture(variant.architecture).region_map, fingerprint, record, provenance,
                       genome_numbers)
