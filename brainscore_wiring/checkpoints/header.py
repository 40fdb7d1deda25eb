"""The header of a wiring checkpoint, read and checked without loading weights. Needs no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import safetensors_metadata

CHECKPOINT_FORMAT = "brainscore_wiring checkpoint 1"


@dataclass(frozen=True)
class Header:
    """What a wiring checkpoint says of itself, checked against its own SHA-256.

    `path`: where it lies, absolute; `size` in bytes.
    """

    path: Path
    metadata: Mapping[str, str]
    size: int = 0

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights."""
        return self.metadata["sha256"]

    @property
    def fingerprint(self) -> str:
        """The first eight digits of the SHA-256 of the weights, which scores carry."""
        return self.sha256[:8]

    @cached_property
    def record(self) -> dict[str, Any]:
        """The training record as it is written; `TrainingRecord.from_json` checks it."""
        try:
            return dict(json.loads(self.metadata["record"]))
        except (ValueError, TypeError, RecursionError) as error:
            raise self.damaged(error) from None

    @cached_property
    def architecture(self) -> str:
        """The architecture of the network that the weights are of."""
        try:
            return str(json.loads(self.metadata["birth"])["architecture"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self.damaged(error) from None

    @cached_property
    def sampled(self) -> dict[str, str]:
        """Parameter -> SHA-256, of those that the file does not hold: they are sampled again."""
        try:
            hashes = dict(json.loads(self.metadata["regenerated"]))
            if not all(isinstance(value, str) for value in hashes.values()):
                raise ValueError("hashes that are none")
        except (ValueError, TypeError, RecursionError) as error:
            raise self.damaged(error) from None
        return hashes

    def damaged(self, error: Exception) -> WiringError:
        return WiringError(
            f"The header of '{self.path}' is damaged ({type(error).__name__}: {error})."
        )


def read_header(
    path: str | Path, advice: str = "`brainscore train MODEL --data DIR -o FOLDER` writes one"
) -> Header:
    """The header of a wiring checkpoint.

    Raises `WiringError` in one sentence for a damaged file, and for another one with `advice` on
    what to do then.
    """
    metadata = safetensors_metadata(path)
    header = Header(Path(path).absolute(), metadata, Path(path).stat().st_size)
    if metadata.get("format") != CHECKPOINT_FORMAT:
        if "format" not in metadata:
            raise WiringError(
                f"'{path}' is not a wiring checkpoint: it has weights, but no record of how they "
                "came about. A birth is scored by its model's name; weights of others become a "
                f"checkpoint by `brainscore import-weights`; {advice}."
            )
        raise WiringError(
            f"'{path}' is not a wiring checkpoint (its format is {metadata['format'][:40]!r}, "
            f"expected {CHECKPOINT_FORMAT!r}): {advice}."
        )
    if metadata.get("header_sha256") != header_sha256(metadata):
        raise WiringError(
            f"The header of '{path}' does not match its own SHA-256: the file is damaged, make it "
            "or fetch it again."
        )
    for name in ("birth", "genome", "regenerated", "sha256", "record"):
        if name not in metadata:
            raise header.damaged(KeyError(name))
    return header


def read_record(path: str | Path) -> dict[str, Any]:
    """The training record in a wiring checkpoint, as it is written."""
    return read_header(path).record


def read_record_if_any(path: str | Path) -> dict[str, Any] | None:
    """The training record in a wiring checkpoint, None for another file."""
    try:
        return read_record(path)
    except WiringError:
        return None


def header_sha256(metadata: Mapping[str, str]) -> str:
    """SHA-256 of the header (birth, genome, record, the weights' own hashes)."""
    said = {name: metadata[name] for name in sorted(metadata) if name != "header_sha256"}
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
