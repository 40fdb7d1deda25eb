"""A brain model from a wiring checkpoint alone, as submissions load it."""

from __future__ import annotations

from pathlib import Path

from brainscore_wiring.architectures import architecture
from brainscore_wiring.brain.brain_model import WiringModel, why_no_names
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint


def model_from_checkpoint(identifier: str, path: str | Path) -> WiringModel:
    """The model in a wiring checkpoint under a public identifier.

    Raises `WiringError` where the file is damaged or what is sampled for it differs from what it
    was written with.
    """
    checkpoint = read_checkpoint(path)
    return WiringModel(
        identifier,
        checkpoint.network,
        architecture(checkpoint.birth.architecture).region_map,
        checkpoint.fingerprint,
        checkpoint.record or None,
        no_names=why_no_names(checkpoint.record),
    )
