"""What the measurements say: scores by state, the best state and whether it holds on the other half of the data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from brainscore_wiring.frontier.columns import (ALL, HALF_A, HALF_B, HUMAN_IT, HUMAN_IT_STANDARDISED, MONKEY_IT,
                                                MONKEY_IT_STANDARDISED, SCORES, V1)
from brainscore_wiring.frontier.scores_file import Measurement
from brainscore_wiring.frontier.states import KAIMING_NORMAL, SUFFIXES, WEIGHT_COMPRESSION, reference
from brainscore_wiring.frontier.statistics import Difference, corrected, difference

#: The three scores, and their mean: the brain match.
BRAIN_MATCH = "brain_match"
TITLES = {V1: "V1 tuning", MONKEY_IT: "monkey IT", HUMAN_IT: "human IT", BRAIN_MATCH: "mean of the three",
          MONKEY_IT_STANDARDISED: "monkey IT, standardised", HUMAN_IT_STANDARDISED: "human IT, standardised"}
#: The best state is looked for among genomes of at most this many numbers.
LARGEST_GENOME = 10_000
#: (state, state it is compared with, score) -> difference
Differences = dict[tuple[str, str, str], Difference]


@dataclass(frozen=True)
class StateResult:
    """One state's measurements, a row for each seed."""

    rows: tuple[Measurement, ...]

    @property
    def about(self) -> Measurement:
        """Any of the rows, for what they have in common."""
        return self.rows[0]

    @property
    def name(self) -> str:
        return self.about.state

    def values(self, score: str, part: str = ALL) -> list[float]:
        """A score (a key of `TITLES`) of each seed."""
        if score == BRAIN_MATCH:
            return np.mean([self.values(one, part) for one in SCORES], axis=0).tolist()
        return [row.scores[f"{score}_{part}"] for row in self.rows]

    def mean(self, score: str, part: str = ALL) -> float:
        return float(np.mean(self.values(score, part)))


def by_state(measurements: Iterable[Measurement]) -> dict[str, StateResult]:
    """State -> result, by bits and then by name."""
    rows: dict[str, list[Measurement]] = {}
    for row in sorted(measurements, key=lambda row: (row.bits, row.state, row.seed)):
        rows.setdefault(row.state, []).append(row)
    return {name: StateResult(tuple(group)) for name, group in rows.items()}


def comparisons(results: dict[str, StateResult], states: Iterable[str], part: str = ALL) -> Differences:
    """Each state minus weight compression and minus Kaiming Normal with the same kind of statistics, on every score.

    p is corrected for all of these tests together.
    """
    family: Differences = {}
    for name in sorted(states, key=lambda name: name.startswith(KAIMING_NORMAL)):  # last: no test twice
        for of in (WEIGHT_COMPRESSION, KAIMING_NORMAL):
            other = reference(results[name].about.statistics, of)
            if other == name or other not in results or (other, name, BRAIN_MATCH) in family:
                continue
            for score in TITLES:
                family[name, other, score] = difference(results[name].values(score, part),
                                                        results[other].values(score, part))
    return corrected(family)


def best(results: dict[str, StateResult]) -> dict[str, str]:
    """Kind of statistics -> the state with the best brain match on half A; "all" for the best of all.

    Only states with as many seeds as any and a genome of at most `LARGEST_GENOME` numbers; a kind may have none.
    """
    seeds = max((len(result.rows) for result in results.values()), default=0)
    eligible = [result for result in results.values()
                if len(result.rows) == seeds and result.about.numbers <= LARGEST_GENOME]
    winners = {}
    for kind in ("all", *SUFFIXES):
        of_kind = [result for result in eligible if kind in ("all", result.about.statistics)]
        if of_kind:
            winners[kind] = max(of_kind, key=lambda result: result.mean(BRAIN_MATCH, HALF_A)).name
    return winners


def confirmation(results: dict[str, StateResult], winners: dict[str, str]) -> Differences:
    """The comparisons of the best states on half B, which had no part in choosing them."""
    return comparisons(results, dict.fromkeys(winners.values()), HALF_B)


def frontier(points: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    """(bits, best score at no more bits) at every number of bits, by bits."""
    line: list[tuple[int, float]] = []
    for bits, score in sorted(points):
        top = max(score, line[-1][1]) if line else score
        if line and line[-1][0] == bits:
            line.pop()
        line.append((bits, top))
    return line
