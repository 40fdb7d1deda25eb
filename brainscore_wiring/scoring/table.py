"""The result table: one tidy CSV row for each model and benchmark, which several processes may fill together."""

from __future__ import annotations

import contextlib
import csv
import glob
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.locks import lock
from brainscore_wiring.scoring.result import NOT_RUN, SCORED, Result

RESULT_COLUMNS = tuple(fact.name for fact in fields(Result) if fact.name != "details")
_NEEDED = ("model", "benchmark", "status", "score")
_KINDS = {"score": float, "ceiling": float, "error": float, "seed": int, "supervised_updates": int,
          "supervised_synaptic_updates": int, "supervised_synaptic_updates_true": int, "training_images": int,
          "training_epochs": float, "image_size": int}


def read_results(path: str | Path) -> list[Result]:
    """The rows of a result table, in its order; columns that an older table lacks are None.

    Raises `WiringError` for a file that is no such table.
    """
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            lacking = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
            if lacking:
                raise ValueError(f"it has no column {lacking[0]}")
            return [_result(row) for row in reader]
    except OSError as error:
        raise WiringError(f"The table '{path}' cannot be read: {error.strerror or error}.") from None
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        raise WiringError(f"'{path}' is not a result table of `brainscore score --csv` or is damaged ({error}): give "
                          "another file, or take it away.") from None


def write_results(path: str | Path, results: Iterable[Result]) -> None:
    """Write a result table atomically."""
    text = io.StringIO()
    writer = csv.DictWriter(text, RESULT_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(result.as_dict() for result in results)
    write_text(path, text.getvalue())


class ResultTable:
    """A table that grows while models are scored, by one process or several.

    It is replaced as a whole under a lock: a killed process leaves all rows or all but its own. Claims are locks that
    end with the process that holds them. Nothing but the table says what is done: take it away to start anew.
    """

    def __init__(self, path: Path):
        check_output(path)
        self.path = path
        self._claims = path.with_name(f".{path.name}.claims")

    def read(self) -> list[Result]:
        """The rows so far. Raises `WiringError` for another file in its place."""
        return read_results(self.path) if self.path.exists() else []

    def done(self, asked: Result) -> Result | None:
        """The row that was scored with the same weights, benchmark, version of it, way of computing and packages.

        `asked` states these; None where there is no such row, or where `asked` has no fingerprint.
        """
        same = ("model", "fingerprint", "benchmark", "benchmark_version", "computed", "versions")
        return next((row for row in self.read() if row.status == SCORED and row.fingerprint is not None
                     and all(getattr(row, name) == getattr(asked, name) for name in same)), None)

    def add(self, result: Result, asked_as: str) -> None:
        """Put a result in, at once, in place of the one of the same weights on the same benchmark.

        What could not be run before under the name that was asked for goes, too.
        """
        def replaced(row: Result) -> bool:
            stale = row.status == NOT_RUN and row.fingerprint is None and row.model in (asked_as, result.model)
            same = (row.model, row.fingerprint) == (result.model, result.fingerprint)
            return row.benchmark == result.benchmark and (stale or same)

        with lock(self._claims / "table.lock"):
            for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.*.part"):  # by a process that was killed
                left.unlink(missing_ok=True)
            rows = self.read()
            place = next((number for number, row in enumerate(rows) if replaced(row)), len(rows))
            kept = [row for row in rows if not replaced(row)]
            write_results(self.path, [*kept[:place], result, *kept[place:]])

    @contextlib.contextmanager
    def claim(self, model: str, wait: bool) -> Iterator[bool]:
        """Whether this process may score a model now, as no other one does while the claim lasts; `wait` until it may."""
        one = str(Path(model).resolve()) if Path(model).is_file() else model  # however its path is written
        name = hashlib.sha256(one.encode()).hexdigest()[:16]
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(lock(self._claims / f"{name}.lock", wait))
            except BlockingIOError:
                yield False
            else:
                yield True


def _result(row: dict[str, str]) -> Result:
    if None in row or None in row.values():
        raise ValueError("a row has too many or too few cells")
    facts: dict = {name: row[name] or None for name in RESULT_COLUMNS if name in row}
    facts |= {name: kind(row[name]) for name, kind in _KINDS.items() if row.get(name)}
    raw = row.get("raw", "")
    facts |= {"raw": int(raw) if raw.isdigit() else float(raw) if raw else None, "reason": row.get("reason", "")}
    return Result(**facts)
