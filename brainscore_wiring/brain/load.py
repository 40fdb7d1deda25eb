"""Load a resolved model as a Brain-Score candidate."""

from __future__ import annotations

import hashlib
from pathlib import Path

from torch import nn

from brainscore_wiring.architectures import architecture, build
from brainscore_wiring.brain.account_view import with_account_view
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.checkpoints.resolve import ResolvedModel, StoredWeights, resolve
from brainscore_wiring.checkpoints.state_dicts import read_state_dict
from brainscore_wiring.checkpoints.training_record import IMAGENET, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, fetch
from brainscore_wiring.weight_compression.birth import state_sha256
from brainscore_wiring.weight_compression.noise_images import with_noise_statistics


def load_wiring_model(model: str | Path | ResolvedModel) -> WiringModel:
    """A catalogue row by its identifier, the model in a wiring checkpoint file, or a resolved
    model.

    Raises `WrongUsage` for an unknown identifier and `WiringError` where its weights are not on
    this machine, with what to do about it.
    """
    model = model if isinstance(model, ResolvedModel) else resolve(model)
    if model.reason:
        raise WiringError(model.reason)
    if model.weights:
        return _stored(model, model.weights)
    if model.row.birth == "none":
        fingerprint = hashlib.sha256(model.row.architecture.encode()).hexdigest()[:8]
        network = build(model.row.architecture)
        return _candidate(model, network, fingerprint, **model.provenance)
    return _published(model) if model.identifier == CORNET_AUTHORS else _at_birth(model)


def _stored(model: ResolvedModel, weights: StoredWeights) -> WiringModel:
    checkpoint = read_checkpoint(weights.header)
    return _candidate(
        model,
        checkpoint.network,
        checkpoint.fingerprint,
        weights.record,
        **model.provenance,
    )


def _published(model: ResolvedModel) -> WiringModel:
    """The CORnet authors' own checkpoint, trained as they state."""
    path, row = fetch(CORNET_S_CHECKPOINT), model.row
    network = build(row.architecture)
    network.load_state_dict(read_state_dict(path))
    seen = f"{in_epochs(row.epochs)} of {row.images:,} ImageNet images (as its authors state)"
    return _candidate(
        model,
        network,
        state_sha256(network.state_dict())[:8],
        TrainingRecord.stated(row, IMAGENET),
        weights=f"the CORnet authors' {path.name}",
        diet=seen,
        seed=None,
    )


def _at_birth(model: ResolvedModel) -> WiringModel:
    row, birth = model.row, model.birth
    if row.noise_images:
        network = build(row.architecture)
        network.load_state_dict(with_noise_statistics(birth, row.noise_images))
    else:
        network = birth.network()
    return _candidate(
        model,
        network,
        state_sha256(network.state_dict())[:8],
        genome_numbers=birth.genome_numbers(),
        **model.provenance,
    )


def _candidate(
    model: ResolvedModel,
    network: nn.Module,
    fingerprint: str,
    record: TrainingRecord | None = None,
    genome_numbers: int | None = None,
    **provenance: str | int | None,
) -> WiringModel:
    wiring_model = WiringModel(
        model.identifier,
        network,
        architecture(model.row.architecture).region_map,
        fingerprint,
        record,
        {**provenance, "genome_data": model.genome_data},
        genome_numbers,
    )
    return with_account_view(wiring_model)
