"""A submission's weights: one wiring checkpoint for each model, sampled ones too."""

from __future__ import annotations

import json
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
    _sort_header(path)


def _sort_header(path: Path) -> None:
    """Give a safetensors file's header an order: the library writes metadata in a random one."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header = {
        name: dict(sorted(header[name].items())) if name == "__metadata__" else header[name]
        for name in sorted(header)
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[end:])
