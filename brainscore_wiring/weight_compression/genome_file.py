"""Genome files as JSON, compared with the SHA-256 that they carry. Needs no numpy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from brainscore_wiring.checksums import SHA256, read_document, say_once
from brainscore_wiring.errors import WiringError

GENOME_FORMAT = 1


def genome_document(path: str | Path) -> dict[str, Any]:
    """What a genome file says, compared with the SHA-256 that it carries, entries unchecked.

    Raises `WiringError` in one sentence where it cannot be read or is something else.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise WiringError(
            f"The genome '{path}' cannot be read: {error.strerror or error}."
        ) from None
    except UnicodeDecodeError:
        raise WiringError(
            f"'{path}' is not a genome file but binary: give a genome's JSON file, or the whole "
            "folder of the authors' parameter files."
        ) from None
    with refused(f"'{path}'"):
        document, checked = parsed(text, f"'{path}'")
    if not checked:
        say_once(
            f"The genome '{path}' carries no {SHA256} (version 0.1 wrote none), so that damage "
            "to it cannot be noticed."
        )
    return document


def parsed(text: str, origin: str) -> tuple[dict[str, Any], bool]:
    """What a genome's text says, and whether it carries its SHA-256."""
    document, fits = read_document(text)
    if fits is False:
        raise WiringError(
            f"{origin} does not match the SHA-256 that it carries: it is damaged, make or fetch it "
            f'again, or was changed on purpose, then take out its "{SHA256}".'
        )
    if document["format"] != GENOME_FORMAT:
        raise WiringError(
            f"{origin} has genome format {document['format']}, this version reads {GENOME_FORMAT}."
        )
    if not isinstance(document["source"], dict) or not isinstance(document["architecture"], str):
        raise ValueError("its source is no mapping or its architecture no name")
    return document, bool(fits)


@contextlib.contextmanager
def refused(origin: str) -> Iterator[None]:
    """What is wrong with a genome as one sentence."""
    try:
        yield
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as error:
        raise WiringError(
            f"{origin} is not a genome file or is damaged ({type(error).__name__}: {error}): "
            "`brainscore compress CHECKPOINT -o GENOME` writes one."
        ) from None
