"""A weights file beside the module that names it. This module travels with submissions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from brainscore_wiring.errors import WiringError


@dataclass(frozen=True)
class WeightsFile:
    """A safetensors file by name, size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str

    def path(self, folder: Path) -> Path:
        """The verified file for a plugin folder. Raises `WiringError` if missing or another."""
        return self.verified(folder / self.name)

    def verified(self, path: Path) -> Path:
        try:
            with open(path, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise WiringError(
                f"The weights '{path}' cannot be read: {error.strerror or error}."
            ) from None
        if found != self.sha256:
            raise WiringError(
                f"'{path}' is not the file it should be (SHA-256 {found}, expected {self.sha256}): "
                "it is damaged, put the original in its place."
            )
        return path
