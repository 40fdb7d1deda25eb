"""Weights too large for a plugin folder: fetched once, kept where Brain-Score keeps such files.
Travels, too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from brainscore_wiring.downloads import download
from brainscore_wiring.submission.weights_file import WeightsFile


def weight_folder(plugin: str, home: str | Path | None = None) -> Path:
    """A plugin's folder below `home`, else `BRAINSCORE_HOME`, else `~/.brain-score`."""
    home = home or os.environ.get("BRAINSCORE_HOME") or "~/.brain-score"
    return Path(home).expanduser() / "brainscore-vision" / "models" / plugin


@dataclass(frozen=True)
class FetchedWeightsFile(WeightsFile):
    """A safetensors file that lies at a web address."""

    url: str

    def path(self, folder: Path) -> Path:
        """Where the file is for a plugin folder, fetched if need be and verified.

        Raises `WiringError` where it cannot be fetched or is another one, of which nothing is kept.
        """
        path = weight_folder(folder.name) / self.name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            download(
                self.url, path, self.sha256, size=self.size, advice=f"put the original at '{path}'"
            )
        return self.verified(path)
