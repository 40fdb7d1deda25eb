"""What was found in images, networks and benchmarks, kept between runs; damaged entries are made
again."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from brainscore_wiring import folders
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import write_text

LISTS, DAMAGED, SEARCHED_LAYERS, CEILINGS = "image_trees", "damaged_images", "layers", "ceilings"


def _path(kind: str, key: str) -> Path:
    return (
        folders.cache()
        / kind
        / f"{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()[:24]}.json"
    )


def read(kind: str, key: str) -> Any | None:
    """What `write` saved under this key; None where there is nothing, or not all of it."""
    try:
        digest, _, text = _path(kind, key).read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return json.loads(text) if digest == hashlib.sha256(text.encode()).hexdigest() else None


def write(kind: str, key: str, value: Any) -> None:
    """Save a JSON value if possible, under a first line with its checksum."""
    text = json.dumps(value)
    with contextlib.suppress(WiringError):
        write_text(_path(kind, key), f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")


def forget(kind: str, key: str) -> None:
    """Remove what is saved under this key, if anything."""
    with contextlib.suppress(OSError):
        _path(kind, key).unlink(missing_ok=True)
