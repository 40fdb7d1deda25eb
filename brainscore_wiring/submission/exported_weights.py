"""A submission's weights: one wiring checkpoint for each model, sampled ones too."""

from __future__ import annotations

import shutil
from pathlib import Path

from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.wiring_checkpoint import write_checkpoint
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.birth import Birth
from brainscore_wiring.weight_compression.noise_images import (
    BATCH,
    noise_images,
    with_noise_statistics,
)


def write_weights(model: ResolvedModel, path: Path) -> None:
    """Write a model's checkpoint, its own or its birth; always the same bytes."""
    if model.weights:
        try:
            shutil.copyfile(model.weights.path, path)
        except OSError as error:
            raise WiringError(
                f"'{model.weights.path}' cannot be copied: {error.strerror or error}."
            ) from None
        return
    row = model.row
    birth = Birth(row.architecture, row.seed) if row.birth == "none" else model.birth
    if row.noise_images:
        birth = birth.aligned(noise_images(row.noise_images, birth.seed).split(BATCH))
    state = with_noise_statistics(birth, row.noise_images) if row.noise_images else None
    write_checkpoint(path, birth, birth.network(state), [], {})
