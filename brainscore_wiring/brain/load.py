"""Load a resolved model as a Brain-Score candidate."""

from __future__ import annotations

import hashlib
from pathlib import Path

from brainscore_wiring.accounting import account_of_variant
from brainscore_wiring.architectures import architecture, build
from brainscore_wiring.brain.brain_model import WiringModel, why_no_names
from brainscore_wiring.brain.own_network import how_it_answers
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.checkpoints.resolve import ResolvedModel, resolve, training_facts
from brainscore_wiring.checkpoints.state_dicts import read_state_dict
from brainscore_wiring.checkpoints.training_record import IMAGENET, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, fetch
from brainscore_wiring.weight_compression.birth import fingerprint_of
from brainscore_wiring.weight_compression.noise_images import with_noise_statistics


def load_wiring_model(model: str | Path | ResolvedModel) -> WiringModel:
    """A catalogue row by its identifier, the model in a wiring checkpoint file, or a resolved
    model.

    Raises `WrongUsage` for an unknown identifier and `WiringError` where its weights are not on
    this machine, with what to do about it.
    """
    model = resolve(model)
    if model.source == "missing":
        raise WiringError(model.reason)
    row, record, fingerprint = model.row, model.record, model.fingerprint
    numbers, stated = None, {}
    if model.weights:
        network = read_checkpoint(model.weights.header).network
    elif model.source == "sampled":
        birth, noise = model.birth, model.row.noise_images
        state = with_noise_statistics(birth, noise) if noise else None
        network, numbers = birth.network(state), birth.genome_numbers()
    else:
        network = build(row.architecture)
    if model.source == "computed":  # what has no weights goes by its name
        fingerprint = hashlib.sha256(row.architecture.encode()).hexdigest()[:8]
    if model.source == "authors":
        path, record = fetch(CORNET_S_CHECKPOINT), TrainingRecord.stated(row, IMAGENET)
        network.load_state_dict(read_state_dict(path))
        seen = f"{in_epochs(row.epochs)} of {row.images:,} ImageNet images (as its authors state)"
        stated = {"weights": f"the CORnet authors' {path.name}", "diet": seen, "seed": None}
        stated |= training_facts(row.identifier, record, None)
    one = architecture(row.architecture)
    provenance = stated or model.provenance
    if one.of_an_extension:
        provenance["layers"] = how_it_answers(network, one.region_map)
    return WiringModel(
        model.identifier,
        network,
        one.region_map,
        fingerprint or fingerprint_of(network.state_dict()),
        record,
        provenance,
        record.account if record else account_of_variant(row, numbers),
        no_names=why_no_names(record.to_json()) if record else "",
    )
