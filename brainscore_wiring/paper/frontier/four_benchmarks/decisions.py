"""The rules of `rules.py`, applied to the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from brainscore_wiring.comparisons import Difference, corrected, difference, holm, smallest_p
from brainscore_wiring.paper.frontier.columns import ALL, HALF_A, HALF_B
from brainscore_wiring.paper.frontier.findings import LEVEL
from brainscore_wiring.paper.frontier.four_benchmarks.rules import SEEDS_NEEDED
from brainscore_wiring.paper.frontier.four_benchmarks.scores import CHEAP, FOUR, Row
from brainscore_wiring.paper.frontier.four_benchmarks.states import ALL_STATES, reference_of

BETTER, NOT_BETTER, WORSE, TOO_FEW = "better", "not better", "worse", "too few seeds"


@dataclass(frozen=True)
class Measured:
    """What is known of a state. `scores`: (seed, benchmark, part) -> score."""

    about: Row
    scores: Mapping[tuple[int, str, str], float]

    @property
    def name(self) -> str:
        return self.about.state

    def values(self, benchmarks: Sequence[str], part: str = ALL) -> list[float]:
        """The mean of some benchmarks for each seed that has all of them."""
        seeds = dict.fromkeys(seed for seed, _, _ in self.scores)
        return [
            float(np.mean([self.scores[seed, one, part] for one in benchmarks]))
            for seed in seeds
            if all((seed, one, part) in self.scores for one in benchmarks)
        ]

    def mean(self, benchmarks: Sequence[str], part: str = ALL) -> float:
        """The mean over seeds; NaN where none has all of the benchmarks."""
        values = self.values(benchmarks, part)
        return float(np.mean(values)) if values else float("nan")


def measured_states(rows: Iterable[Row]) -> dict[str, Measured]:
    """State -> what is known of it, by bits and then by name."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.bits, row.state)):
        if row.state in ALL_STATES:
            groups.setdefault(row.state, []).append(row)
    return {
        name: Measured(group[0], {(row.seed, row.benchmark, row.part): row.score for row in group})
        for name, group in groups.items()
    }


def selected(found: Mapping[str, Measured]) -> list[str]:
    """Rule 5."""
    return [
        name
        for name, one in found.items()
        if (other := found.get(reference_of(name))) is not None
        and one.about.bits < other.about.bits
        and len(one.values(CHEAP, HALF_A)) >= SEEDS_NEEDED
        and len(other.values(CHEAP, HALF_A)) >= SEEDS_NEEDED
        and one.mean(CHEAP, HALF_A) > other.mean(CHEAP, HALF_A)
    ]


def with_v4(rows: Iterable[Row]) -> set[str]:
    """The states that V4 is measured for: the selected ones and every reference."""
    references = {reference_of(name) for name in ALL_STATES}
    return {*selected(measured_states(rows)), *references}


@dataclass(frozen=True)
class Confirmation:
    """A selected state against its reference on half B; the difference is None where a side has
    fewer than two seeds with all four benchmarks. `seeds`: of both."""

    state: str
    reference: str
    seeds: tuple[int, int]
    difference: Difference | None
    verdict: str


def confirmations(found: Mapping[str, Measured]) -> list[Confirmation]:
    """Rule 6, for every selected state."""
    values = {
        name: tuple(found[one].values(FOUR, HALF_B) for one in (name, reference_of(name)))
        for name in selected(found)
    }
    tests = corrected(
        {
            name: difference(*pair)
            for name, pair in values.items()
            if min(map(len, pair)) >= SEEDS_NEEDED
        }
    )
    reachable = holm(
        [
            smallest_p(len(first), len(second)) if min(len(first), len(second)) else 1.0
            for first, second in values.values()
        ]
    )
    return [
        Confirmation(
            name,
            reference_of(name),
            (len(values[name][0]), len(values[name][1])),
            tests.get(name),
            _verdict(tests.get(name), smallest),
        )
        for name, smallest in zip(values, reachable)
    ]


def _verdict(one: Difference | None, smallest: float) -> str:
    if one is None or smallest >= LEVEL:
        return TOO_FEW
    if one.corrected_p >= LEVEL:
        return NOT_BETTER
    return BETTER if one.value > 0 else WORSE
