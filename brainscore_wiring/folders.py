"""Where things are kept on this machine: `BRAINSCORE_WIRING_HOME`, by default
`~/.brain-score/wiring`.
"""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder for weights, fetched files and caches (not created here)."""
    return Path(
        os.environ.get("BRAINSCORE_WIRING_HOME") or Path.home() / ".brain-score" / "wiring"
    ).expanduser()


def weight_store() -> Path:
    """The user's own weights: `<identifier>.safetensors`, in the wiring checkpoint format."""
    return home() / "weights"


def cache() -> Path:
    """Files that can be made again: generated stimuli, fetched public data."""
    return home() / "cache"


def packaged() -> Path:
    """The genome and the checkpoints that the package ships."""
    return Path(__file__).parent / "checkpoints" / "packaged"
