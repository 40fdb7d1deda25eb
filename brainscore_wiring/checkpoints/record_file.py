"""`record.json`: the copy of a checkpoint's training record that lies beside it. Needs no torch.

Where both are there, the checkpoint is what is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from brainscore_wiring.checkpoints.header import read_record
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.checksums import SHA256, document_text, read_document, say_once
from brainscore_wiring.errors import WiringError, shortened
from brainscore_wiring.files import write_text


def record_beside(checkpoint: Path) -> Path:
    """Where the record of a run's checkpoint lies."""
    return checkpoint.with_name(checkpoint.name.replace("model", "record", 1)).with_suffix(".json")


def write_record(checkpoint: Path, record: Mapping[str, Any]) -> None:
    """Write a checkpoint's record beside it, with its SHA-256."""
    write_text(record_beside(checkpoint), document_text(record, indent=2))


def renew_record(checkpoint: Path) -> None:
    """Write the record beside a checkpoint again where it is missing or another one, which is
    said.
    """
    record, beside = read_record(checkpoint), record_beside(checkpoint)
    there = beside.exists()
    if there and beside.read_bytes() == document_text(record, indent=2).encode():
        return
    write_record(checkpoint, record)
    if there:
        say_once(
            f"'{beside}' was damaged, edited or of version 0.1: it is written again from "
            f"{checkpoint.name}."
        )


def record_entries(checkpoint: Path) -> dict[str, Any]:
    """A run's record as it is written: that in the checkpoint, or the one beside it where the
    checkpoint was taken away.

    Raises `OSError` where neither is there, `WiringError` for a damaged checkpoint, `ValueError`
    or `RecursionError` for a damaged copy.
    """
    if checkpoint.exists():
        return read_record(checkpoint)
    path = record_beside(checkpoint)
    record, fits = read_document(path.read_text(encoding="utf-8"))
    if fits is None:
        say_once(
            f"'{path}' carries no {SHA256} (version 0.1 wrote none), so that damage to it cannot "
            "be noticed."
        )
    elif not fits:
        raise ValueError("it does not match the SHA-256 that it carries")
    return record


def read_training_record(checkpoint: Path) -> TrainingRecord:
    """A run's record (see `record_entries`), checked. Raises `WiringError` for a damaged one."""
    path = checkpoint if checkpoint.exists() else record_beside(checkpoint)
    try:
        return TrainingRecord.from_json(record_entries(checkpoint))
    except (WiringError, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise WiringError(
            f"'{path}' is damaged ({shortened(error)}): take it away, and what can be told from "
            "the rest of the run is written again."
        ) from None


def records_in(folder: Path) -> Iterator[tuple[Path, TrainingRecord]]:
    """Each model in a run's folder, and each record without its model, with what was trained.

    Raises `WiringError` for a damaged one, with what to do.
    """
    models = {*folder.glob("model*.safetensors")}
    copies = {*folder.glob("record*.json")} - {record_beside(model) for model in models}
    models |= {
        copy.with_name(copy.name.replace("record", "model", 1)).with_suffix(".safetensors")
        for copy in copies
    }
    for model in sorted(models):
        yield model if model.exists() else record_beside(model), read_training_record(model)
