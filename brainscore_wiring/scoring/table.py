"""The result table: a CSV row for each model and benchmark, filled by one or more processes."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from brainscore_wiring.files import write_text
from brainscore_wiring.scoring.result import NOT_RUN, SCORED, Result
from brainscore_wiring.tables import DAMAGE, SharedTable, damaged, read_rows, table_text

RESULT_COLUMNS = tuple(fact.name for fact in fields(Result) if fact.name != "details")
_NEEDED = ("model", "benchmark", "score")
_AGAIN = (
    "delete the line, and `brainscore score --model {model} --benchmark {benchmark} --csv {path}` "
    "scores it again"
)
_READERS = {"int | None": int, "float | None": float}
#: What reads the cells of columns that hold numbers.
_NUMBERS = {one.name: _READERS[str(one.type)] for one in fields(Result) if one.type in _READERS}


def read_results(path: str | Path) -> list[Result]:
    """The rows of a result table, in its order; columns that an older table lacks are None.

    A table without `status` is one of scores. Rows carry a checksum; those of an older table, of
    other programs and those whose checksum was emptied after an edit have none, which is said.
    Raises `WiringError` for a file that is no such table, and for a row that does not fit its
    checksum.
    """
    return [row for _, row in _rows(path)]


def write_results(path: str | Path, results: Iterable[Result]) -> None:
    """Write a result table atomically."""
    write_text(path, table_text(RESULT_COLUMNS, (result.as_dict() for result in results)))


class ResultTable(SharedTable):
    """A table of results that grows while models are scored."""

    def read(self) -> list[Result]:
        """The rows so far. Raises `WiringError` for another file in its place."""
        return read_results(self.path) if self.path.exists() else []

    def scored(self, **asked: str | None) -> list[Result]:
        """The rows of scores whose fields are as asked."""
        return [
            row
            for row in self.read()
            if row.status == SCORED
            and all(getattr(row, name) == value for name, value in asked.items())
        ]

    def add(self, result: Result, asked_as: str) -> None:
        """Put a result in, at once, in place of the one of the same weights on the same benchmark.

        What could not be run before under the name that was asked for goes, too. Other rows, and
        columns of others, stay as they are.
        """

        def replaced(row: Result) -> bool:
            stale = (
                row.status == NOT_RUN
                and row.fingerprint is None
                and row.model in (asked_as, result.model)
            )
            return row.benchmark == result.benchmark and (stale or row.network == result.network)

        with self.changing():
            rows = _rows(self.path) if self.path.exists() else []
            places = [number for number, (_, row) in enumerate(rows) if replaced(row)]
            kept: list[Mapping[str, Any]] = [cells for cells, row in rows if not replaced(row)]
            kept.insert(min(places, default=len(rows)), result.as_dict())
            self.write(RESULT_COLUMNS, kept)

    @contextlib.contextmanager
    def claim(self, model: Any, wait: bool, benchmarks: Iterable[str] = ()) -> Iterator[bool]:
        """Whether this process may score a model on these benchmarks now, as no other one does
        while the claim lasts; `wait` until it may.
        """
        one = str(model)
        # however its path is written
        one = os.path.realpath(one) if os.path.isfile(one) else one
        what = "\n".join((one, *benchmarks)).encode(errors="surrogateescape")
        with self.claimed(hashlib.sha256(what).hexdigest()[:16], wait) as free:
            yield free


def _rows(path: str | Path) -> list[tuple[dict[str, str], Result]]:
    """The rows of a result table, as they are and as results."""
    try:
        return [(row, _result(row)) for row in read_rows(path, _NEEDED, _AGAIN)]
    except (OSError, *DAMAGE) as error:
        raise damaged(path, "a result table of `brainscore score --csv`", error) from None


def _result(row: dict[str, str]) -> Result:
    facts: dict = {name: row[name] or None for name in RESULT_COLUMNS if name in row}
    facts |= {name: read(row[name]) for name, read in _NUMBERS.items() if row.get(name)}
    raw = row.get("raw", "")
    facts |= {
        "raw": int(raw) if raw.isdigit() else float(raw) if raw else None,
        "reason": row.get("reason", ""),
    }
    if facts.get("score") is not None and not math.isfinite(facts["score"]):
        raise ValueError(f"a row has the score {row['score']}")
    facts.setdefault("status", SCORED if facts.get("score") is not None else NOT_RUN)
    return Result(**facts)
