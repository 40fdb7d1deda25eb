"""Folders on this machine: `BRAINSCORE_WIRING_HOME`, by default `~/.brain-score/wiring`."""

from __future__ import annotations

import os
from pathlib import Path

from brainscore_wiring.errors import WiringError

HOME_VARIABLE = "BRAINSCORE_WIRING_HOME"


def home() -> Path:
    """The folder for weights, fetched files and caches (not created here).

    Raises `WiringError` for a user without a home folder, as in a container, who names none.
    """
    named = os.environ.get(HOME_VARIABLE)
    try:
        return Path(named).expanduser() if named else Path.home() / ".brain-score" / "wiring"
    except RuntimeError:
        raise WiringError(
            "This user has no home folder: name a folder for weights and caches in "
            f"{HOME_VARIABLE}."
        ) from None


def weight_store() -> Path:
    """The user's own weights: `<identifier>.safetensors`, in the wiring checkpoint format."""
    return home() / "weights"


def cache() -> Path:
    """Files that can be made again: generated stimuli, fetched public data."""
    return home() / "cache"


def packaged() -> Path:
    """The genome and the checkpoints that the package ships."""
    return Path(__file__).parent / "checkpoints" / "packaged"
