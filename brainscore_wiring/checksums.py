"""Checksums that files carry themselves: a JSON document's, and those of a table's rows."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

#: The entry of a document, and the column of a table, that holds the checksum.
SHA256 = "sha256"
#: Digits of a row's checksum.
_DIGITS = 16


def document_sum(document: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON document."""
    return _sha256(json.dumps(document) + "\n")


def document_text(document: Mapping[str, Any], indent: int | None = None) -> str:
    """A JSON document as text, with its SHA-256 as the last entry."""
    return json.dumps({**document, SHA256: document_sum(document)}, indent=indent) + "\n"


def read_document(text: str) -> tuple[dict[str, Any], bool | None]:
    """A JSON document without its SHA-256, and whether that fits; None where it carries none.

    Raises `ValueError` or `RecursionError` for another text.
    """
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError(f"it is a {type(document).__name__}, not a mapping")
    stated = document.pop(SHA256, None)
    return document, None if stated is None else stated == document_sum(document)


def row_sum(cells: Mapping[str, str]) -> str:
    """The beginning of the SHA-256 of a row: of its cells with their columns, without empty ones
    and in alphabetical order, so that columns may be added and change their places. Columns
    without a name, such as pandas' index, do not count.
    """
    filled = sorted((name, cell) for name, cell in cells.items() if name and cell)
    return _sha256(json.dumps(filled))[:_DIGITS]


@cache
def say_once(sentence: str) -> None:
    """Log a warning; a process says each but once."""
    logging.getLogger(__name__).warning("%s", sentence)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
