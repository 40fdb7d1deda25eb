"""CSV tables: read strictly, written atomically, filled by several processes together."""

from __future__ import annotations

import contextlib
import csv
import glob
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.locks import lock

#: What reading the cells of a damaged row may raise.
DAMAGE = (csv.Error, UnicodeDecodeError, KeyError, TypeError, ValueError)


def read_rows(path: str | Path, needed: Collection[str]) -> list[dict[str, str]]:
    """The rows of a CSV file, each column -> cell, every row with as many cells as there are
    columns.

    Raises `OSError` where the file cannot be read, and one of `DAMAGE` where it is no such table.
    """
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        columns, rows = reader.fieldnames or (), list(reader)
    lacking = [name for name in needed if name not in columns]
    if lacking:
        raise ValueError(f"it has no column {lacking[0]}")
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("a row has too many or too few cells")
    return rows


def csv_text(columns: Collection[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table as text; what a row lacks is empty, what it has besides the columns is left out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


class SharedTable:
    """A table that grows while it is worked on, by one process or several.

    It is replaced as a whole under a lock: a killed process leaves all rows or all but its own.
    Claims are locks that end with the process that holds them. Nothing but the table says what is
    done: remove it to start again.
    """

    def __init__(self, path: Path):
        check_output(path)
        self.path = path
        self._claims = path.with_name(f".{path.name}.claims")

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """No other process changes the table meanwhile."""
        with lock(self._claims / "table.lock"):
            # by a process that was killed
            for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.*.part"):
                left.unlink(missing_ok=True)
            yield

    def write(self, columns: Collection[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace the table; to be called while it is `changing`."""
        write_text(self.path, csv_text(columns, rows))

    @contextlib.contextmanager
    def claimed(self, name: str, wait: bool = False) -> Iterator[bool]:
        """Whether this process may work on something; no other may while the claim lasts."""
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(lock(self._claims / f"{name}.lock", wait))
            except BlockingIOError:
                yield False
            else:
                yield True


def damaged(path: str | Path, what: str, error: Exception) -> WiringError:
    """The refusal of a file that is not the table it should be."""
    if isinstance(error, OSError):
        return WiringError(f"The table '{path}' cannot be read: {error.strerror or error}.")
    return WiringError(
        f"'{path}' is not {what} or is damaged ({error}): give another file, or take it away."
    )
