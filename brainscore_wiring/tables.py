"""CSV tables: read strictly, written atomically, filled by several processes together.

In tables that the package reads again, each row carries a checksum of the cells to the left of it.
"""

from __future__ import annotations

import contextlib
import csv
import glob
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from brainscore_wiring.checksums import SHA256, row_sum, say_once
from brainscore_wiring.errors import WiringError, shortened
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.locks import lock

#: What reading the cells of a damaged row may raise.
DAMAGE = (csv.Error, UnicodeDecodeError, KeyError, TypeError, ValueError)


def read_rows(
    path: str | Path, needed: Collection[str], again: str | None = None
) -> list[dict[str, str]]:
    """The rows of a CSV file, each column -> cell, every row with as many cells as there are
    columns.

    `again`: of a table whose rows carry checksums, how a row is made again, with {columns} of the
    row and the {path} for `str.format`. How many rows carry none is said once; they have an empty
    one here. Raises `OSError` where the file cannot be read, one of `DAMAGE` where it is no such
    table, and `WiringError` for a row that does not fit its checksum.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:  # spreadsheets write its mark
        text = file.read()
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    columns, rows, lines = reader.fieldnames or (), [], []
    twice = [name for number, name in enumerate(columns) if name and name in columns[:number]]
    if twice:
        raise ValueError(f"it has two columns '{twice[0]}'")
    for row in reader:
        rows.append(row)
        lines.append(reader.line_num)
    lacking = [name for name in needed if name not in columns]
    if lacking:
        other = next((one for one in (";", "\t") if one in text.partition("\n")[0]), "")
        cells = f": its cells have {other!r} between them, not commas" if other else ""
        raise ValueError(f"it has no column {lacking[0]}{cells}")
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("a row has too many or too few cells")
    if again is not None:
        if not rows and not text.endswith("\n"):
            raise ValueError("it is cut off in its first line")
        for line, row in zip(lines, rows):
            if row.setdefault(SHA256, "") not in ("", row_sum(_summed(row))):
                what = ", ".join(f"{name} {shortened(row[name], 80)}" for name in list(needed)[:2])
                how = again.format_map({**row, "path": path})
                raise WiringError(
                    f"Line {line} of '{path}' ({what}) does not fit its {SHA256}, so it is damaged "
                    f"or was edited: {how}; or empty its cell {SHA256} to keep it as it is."
                )
        unchecked = sum(not row[SHA256] for row in rows)
        if unchecked:
            rows_are = "1 row carries" if unchecked == 1 else f"{unchecked:,} rows carry"
            say_once(
                f"'{path}': {rows_are} no {SHA256} (of version 0.1, of another program, or "
                "edited), so that damage there cannot be noticed."
            )
    return rows


def _summed(row: Mapping[str, str]) -> dict[str, str]:
    """The cells that a row's checksum is of: those to the left of it."""
    names = list(row)
    return {name: row[name] for name in names[: names.index(SHA256)]}


def csv_text(columns: Collection[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table as text; what a row lacks is empty, what it has besides the columns is left out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def table_text(columns: Collection[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table as text, each row with its checksum.

    Rows of `read_rows` stay as they are, those without a checksum and columns of others, too.
    """
    rows = list(rows)
    before = list(next((row for row in rows if SHA256 in row), [SHA256]))
    place = before.index(SHA256)
    left = [*before[:place], *(name for name in columns if name not in before)]
    cells = []
    for row in rows:
        if SHA256 not in row:
            row = {name: "" if row.get(name) is None else str(row[name]) for name in left}
            row[SHA256] = row_sum(row)
        cells.append(row)
    return csv_text([*left, *before[place:]], cells)


class SharedTable:
    """A table that grows while it is worked on, by one process or several.

    It is replaced as a whole under a lock: a killed process leaves all rows or all but its own.
    Claims are locks that end with the process that holds them. Nothing but the table says what is
    done: remove it to start again.
    """

    def __init__(self, path: Path):
        check_output(path)
        self.path = path = path.resolve() if path.is_symlink() else path
        self._claims = path.with_name(f".{path.name}.claims")

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """No other process changes the table meanwhile."""
        with lock(self._claims / "table.lock"):
            # by a process that was killed
            for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.????????.part"):
                left.unlink(missing_ok=True)
            yield

    def write(self, columns: Collection[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace the table (see `table_text`); to be called while it is `changing`."""
        write_text(self.path, table_text(columns, rows))

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
