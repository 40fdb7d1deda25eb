"""The table: one row for each network, benchmark and part of the data. Needs no torch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from brainscore_wiring.paper.frontier.scores_file import AGAIN
from brainscore_wiring.tables import DAMAGE, SharedTable, damaged, read_rows

V1_PROPERTIES, V4_NEURONS, MONKEY_IT_RDM, BEHAVIOUR_RDM = FOUR = (
    "MacaqueV1Tuning.v2",
    "Cowley2023.V4-pls",
    "Kriegeskorte2008.IT-rdm",
    "Mur2013.behaviour-rdm",
)
CHEAP = (V1_PROPERTIES, MONKEY_IT_RDM, BEHAVIOUR_RDM)
FILE = "four_benchmarks.csv"


@dataclass(frozen=True)
class Row:
    """A score in [0, 1] with its raw value and ceiling; `numbers` and `bits` that are stored for
    the network, `genome` and `images` (that batch-norm statistics are measured on): the beginning
    of their SHA-256; `fingerprint` of all weights and statistics; `seconds` of processor time for
    the network on this benchmark and those measured along with it.
    """

    state: str
    seed: int
    benchmark: str
    part: str
    score: float
    raw: float
    ceiling: float
    statistics: str
    numbers: int
    bits: int
    genome: str
    images: str
    fingerprint: str
    seconds: float


_TYPES = {one.name: {"int": int, "float": float, "str": str}[str(one.type)] for one in fields(Row)}


class ScoreTable(SharedTable):
    """`four_benchmarks.csv` in a folder, filled by several processes."""

    def __init__(self, folder: Path):
        super().__init__(folder / FILE)

    def read(self) -> list[Row]:
        """All rows. Raises `WiringError` for a file that is something else."""
        return [row for _, row in self._rows()]

    def _rows(self) -> list[tuple[dict[str, str], Row]]:
        """The rows, as they are and as what they say."""
        if not self.path.exists():
            return []
        try:
            return [
                (cells, Row(**{name: kind(cells[name]) for name, kind in _TYPES.items()}))
                for cells in read_rows(self.path, _TYPES, AGAIN)
            ]
        except (OSError, *DAMAGE) as error:
            raise damaged(self.path, "a table of `brainscore frontier`", error) from None

    def add(self, rows: Iterable[Row]) -> None:
        """Write more rows, at once."""
        with self.changing():
            self.write(_TYPES, [*(cells for cells, _ in self._rows()), *map(asdict, rows)])

    @contextlib.contextmanager
    def claim(self, state: str, seed: int, benchmarks: Iterable[str]) -> Iterator[bool]:
        """Whether this process may measure a network on these benchmarks: none has, and no other
        can while the claim lasts."""
        first = next(iter(benchmarks))
        with self.claimed(f"{state} {seed} {first}") as free:
            yield free and not any(
                (row.state, row.seed, row.benchmark) == (state, seed, first) for row in self.read()
            )
