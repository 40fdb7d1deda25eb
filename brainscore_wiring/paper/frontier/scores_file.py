"""The file that all measurements go into, one row for each state and seed, shared by several processes."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.locks import lock
from brainscore_wiring.scoring.brainscore_data import PAPER_BENCHMARKS


@dataclass(frozen=True)
class Measurement:
    """One newborn: what it is, what it cost, and its scores by column (absent where a benchmark's data were).

    `numbers` truly needed and `numbers_paper` as the paper counts, `bits` of the former; `genome` and `images`: the
    beginning of their SHA-256; `fingerprint` of all weights and statistics; `seconds` of processor time.
    """

    state: str
    statistics: str
    seed: int
    numbers_paper: int
    numbers: int
    bits: int
    unlabelled_images: int
    noise_images: int
    genome: str
    images: str
    fingerprint: str
    seconds: float
    scores: dict[str, float] = field(hash=False)

    @property
    def key(self) -> tuple[str, int]:
        return self.state, self.seed


_FACTS = {fact.name: {"int": int, "float": float, "str": str}[str(fact.type)] for fact in fields(Measurement)
          if fact.name != "scores"}


class ScoresFile:
    """`scores.csv` in a folder, and who is measuring what right now.

    `columns` are the scores that every row must have; those of Brain-Score's public benchmarks may be empty. The file
    is replaced as a whole under a lock, so that a killed process leaves all rows or all but its own. Claims are locks
    that end with the process that holds them.
    """

    def __init__(self, folder: Path, columns: Collection[str]):
        self.path = folder / "scores.csv"
        self._claims = folder / ".claims"
        self._columns = tuple(columns)
        check_output(self.path)

    def read(self) -> dict[tuple[str, int], Measurement]:
        """(state, seed) -> measurement. Raises `WiringError` for a file that is something else."""
        if not self.path.exists():
            return {}
        try:
            with open(self.path, encoding="utf-8", newline="") as file:
                rows = [self._measurement(row) for row in csv.DictReader(file)]
        except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError) as error:
            raise WiringError(f"'{self.path}' does not hold scores of `brainscore frontier` "
                              f"({type(error).__name__}: {error}): take it away or give another folder.") from None
        return {row.key: row for row in rows}

    def _measurement(self, row: dict[str, str]) -> Measurement:
        facts = {name: kind(row[name]) for name, kind in _FACTS.items()}
        scores = {name: float(row[name]) for name in self._columns}
        return Measurement(**facts, scores=scores | {name: float(row[name]) for name in PAPER_BENCHMARKS if row[name]})

    def add(self, measurement: Measurement) -> None:
        """Write one more row, at once."""
        with lock(self._claims / "scores.csv.lock"):
            rows = self.read() | {measurement.key: measurement}
            text = io.StringIO()
            columns = [*_FACTS, *self._columns, *PAPER_BENCHMARKS]
            writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows({name: getattr(row, name) for name in _FACTS} | row.scores for row in rows.values())
            write_text(self.path, text.getvalue())

    @contextlib.contextmanager
    def claim(self, state: str, seed: int) -> Iterator[bool]:
        """Whether this process may measure this newborn: nobody has, and nobody else is while the claim lasts."""
        if (state, seed) in self.read():
            yield False
            return
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(lock(self._claims / f"{state} {seed}.lock", wait=False))
            except BlockingIOError:
                free = False
            else:
                free = (state, seed) not in self.read()  # it may have been finished a moment ago
            yield free
