"""The file that all measurements go into, one row for each state and seed, shared by several
processes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from brainscore_wiring.scoring.brainscore_data import PAPER_BENCHMARKS
from brainscore_wiring.tables import DAMAGE, SharedTable, damaged, read_rows

#: How a damaged row of the tables here is made again.
AGAIN = (
    "delete the lines of {state} with seed {seed}, and the same `brainscore frontier` command "
    "measures them again"
)


@dataclass(frozen=True)
class Measurement:
    """One network at birth: what it is, what it cost, and its scores by column (absent where a
    benchmark's data were).

    `numbers` truly needed and `numbers_paper` as the paper counts, `bits` of the former; `genome`
    and `images`: the beginning of their SHA-256; `fingerprint` of all weights and statistics;
    `seconds` of processor time.
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


_FACTS = {
    fact.name: {"int": int, "float": float, "str": str}[str(fact.type)]
    for fact in fields(Measurement)
    if fact.name != "scores"
}


class ScoresFile(SharedTable):
    """`scores.csv` in a folder, and who is measuring what right now.

    `columns` are the scores that every row must have; those of Brain-Score's public benchmarks may
    be empty.
    """

    def __init__(self, folder: Path, columns: Collection[str]):
        super().__init__(folder / "scores.csv")
        self._columns = tuple(columns)

    def read(self) -> dict[tuple[str, int], Measurement]:
        """(state, seed) -> measurement. Raises `WiringError` for a file that is something else."""
        return {row.key: row for _, row in self._rows()}

    def _rows(self) -> list[tuple[dict[str, str], Measurement]]:
        """The rows, as they are and as measurements."""
        if not self.path.exists():
            return []
        needed = [*_FACTS, *self._columns, *PAPER_BENCHMARKS]
        try:
            return [(row, self._measurement(row)) for row in read_rows(self.path, needed, AGAIN)]
        except (OSError, *DAMAGE) as error:
            raise damaged(self.path, "a table of `brainscore frontier`", error) from None

    def _measurement(self, row: dict[str, str]) -> Measurement:
        facts = {name: kind(row[name]) for name, kind in _FACTS.items()}
        scores = {name: float(row[name]) for name in self._columns}
        public = {name: float(row[name]) for name in PAPER_BENCHMARKS if row[name]}
        return Measurement(**facts, scores=scores | public)

    def add(self, measurement: Measurement) -> None:
        """Write one more row, at once."""
        with self.changing():
            rows: list[Mapping[str, Any]] = [
                cells for cells, row in self._rows() if row.key != measurement.key
            ]
            rows.append({name: getattr(measurement, name) for name in _FACTS} | measurement.scores)
            self.write([*_FACTS, *self._columns, *PAPER_BENCHMARKS], rows)

    @contextlib.contextmanager
    def claim(self, state: str, seed: int) -> Iterator[bool]:
        """Whether this process may measure this network: no process has, and no other
        can while the claim lasts.
        """
        if (state, seed) in self.read():
            yield False
            return
        with self.claimed(f"{state} {seed}") as free:
            # it may have been finished a moment ago
            yield (free and (state, seed) not in self.read())
