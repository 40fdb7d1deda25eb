"""What the measurements say: scores by state, the best states and whether they hold on the other
half of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from brainscore_wiring.paper.comparisons import Difference, corrected, difference
from brainscore_wiring.paper.frontier.columns import (
    ALL,
    CONTROLS,
    HALF_A,
    HALF_B,
    HUMAN_IT,
    HUMAN_IT_STANDARDISED,
    MONKEY_IT,
    MONKEY_IT_STANDARDISED,
    SCORES,
    V1,
)
from brainscore_wiring.paper.frontier.scores_file import Measurement
from brainscore_wiring.paper.frontier.states import KN_REFERENCE, SUFFIXES, WC_REFERENCE, reference

#: The mean of the three scores: the brain match that states are chosen by. Its control reads IT
#: standardised, where what all images evoke alike cannot decide (docs/untrained_it.md).
BRAIN_MATCH, STANDARDISED_MATCH = "brain_match", "brain_match_standardised"
CRITERIA = {BRAIN_MATCH: SCORES, STANDARDISED_MATCH: (V1, *CONTROLS)}
CRITERIA_IN_WORDS = {
    V1: "V1 tuning",
    MONKEY_IT: "monkey IT",
    HUMAN_IT: "human IT",
    BRAIN_MATCH: "mean of the three",
    MONKEY_IT_STANDARDISED: "monkey IT, z-scored",
    HUMAN_IT_STANDARDISED: "human IT, z-scored",
    STANDARDISED_MATCH: "mean, IT z-scored",
}
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
        """A score (a key of `CRITERIA_IN_WORDS`) of each seed."""
        if score in CRITERIA:
            return np.mean([self.values(one, part) for one in CRITERIA[score]], axis=0).tolist()
        return [row.scores[f"{score}_{part}"] for row in self.rows]

    def mean(self, score: str, part: str = ALL) -> float:
        return float(np.mean(self.values(score, part)))


Results = Mapping[str, StateResult]


def by_state(measurements: Iterable[Measurement]) -> dict[str, StateResult]:
    """State -> result, by bits and then by name."""
    rows: dict[str, list[Measurement]] = {}
    for row in sorted(measurements, key=lambda row: (row.bits, row.state, row.seed)):
        rows.setdefault(row.state, []).append(row)
    return {name: StateResult(tuple(group)) for name, group in rows.items()}


def state_comparisons(results: Results) -> Differences:
    """Each state minus weight compression and minus Kaiming Normal with the same kind of
    statistics, on every score.

    p is corrected for all of these tests together.
    """
    family: Differences = {}
    # last: no test twice
    for name in sorted(results, key=lambda name: name.startswith(KN_REFERENCE)):
        for other in references(results, name):
            if (other, name, BRAIN_MATCH) not in family:
                family |= {
                    (name, other, score): difference(
                        results[name].values(score), results[other].values(score)
                    )
                    for score in CRITERIA_IN_WORDS
                }
    return corrected(family)


def references(results: Results, name: str) -> list[str]:
    """What a state is compared with: those of weight compression and Kaiming Normal that are
    others, and measured.
    """
    names = [reference(results[name].about.statistics, of) for of in (WC_REFERENCE, KN_REFERENCE)]
    return [other for other in names if other != name and other in results]


@dataclass(frozen=True)
class Choice:
    """The best state of its kind of statistics by a criterion on half A, and its differences on
    half B.

    `candidates`: how many it was chosen among. `agreeing`: for how many of the seeds it would have
    been chosen without that seed. Halves of the data share their networks, so a choice that rests
    on one seed's luck is not undone on half B; a choice that no single seed decides does not rest
    on it. `differences`: reference -> difference, p corrected for all choices together.
    """

    criterion: str
    state: StateResult
    candidates: int
    agreeing: int
    differences: dict[str, Difference]


def choices(results: Results) -> list[Choice]:
    """The best state of each kind of statistics by each criterion, confirmed on half B, which had
    no part in it.
    """
    found = [
        _choice(results, name, criterion)
        for criterion in CRITERIA
        for name in best(results, criterion).values()
    ]
    family = corrected(
        {
            (number, other): one
            for number, choice in enumerate(found)
            for other, one in choice.differences.items()
        }
    )
    return [
        replace(choice, differences={other: family[number, other] for other in choice.differences})
        for number, choice in enumerate(found)
    ]


def best(results: Results, criterion: str = BRAIN_MATCH) -> dict[str, str]:
    """Kind of statistics -> the state with the best mean on half A, of equals the one with fewest
    bits.

    Only states with as many seeds as any and a genome of at most `LARGEST_GENOME` numbers; a kind
    may have none.
    """
    winners: dict[str, str] = {}
    for kind in SUFFIXES:
        of_kind = [result for result in eligible(results) if result.about.statistics == kind]
        if of_kind:
            winners[kind] = max(of_kind, key=lambda result: result.mean(criterion, HALF_A)).name
    return winners


def best_of_all(found: Iterable[Choice], criterion: str = BRAIN_MATCH) -> Choice | None:
    """The choice with the best mean on half A over all statistics; None where nothing was to be
    chosen.
    """
    return max(
        (choice for choice in found if choice.criterion == criterion),
        key=lambda choice: choice.state.mean(criterion, HALF_A),
        default=None,
    )


def eligible(results: Results) -> list[StateResult]:
    """States that can be chosen: all seeds measured, at most `LARGEST_GENOME` numbers."""
    seeds = max((len(result.rows) for result in results.values()), default=0)
    return [
        result
        for result in results.values()
        if len(result.rows) == seeds and result.about.numbers <= LARGEST_GENOME
    ]


def _choice(results: Results, name: str, criterion: str) -> Choice:
    state = results[name]
    kind = state.about.statistics
    agreeing = sum(
        best(_without(results, row.seed), criterion).get(kind) == name for row in state.rows
    )
    candidates = sum(result.about.statistics == kind for result in eligible(results))
    return Choice(
        criterion,
        state,
        candidates,
        agreeing,
        {
            other: difference(
                state.values(criterion, HALF_B), results[other].values(criterion, HALF_B)
            )
            for other in references(results, name)
        },
    )


def _without(results: Results, seed: int) -> dict[str, StateResult]:
    return by_state(row for result in results.values() for row in result.rows if row.seed != seed)


def frontier_line(points: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    """(bits, best score at no more bits) at every number of bits, by bits."""
    line: list[tuple[int, float]] = []
    for bits, score in sorted(points):
        top = max(score, line[-1][1]) if line else score
        if line and line[-1][0] == bits:
            line.pop()
        line.append((bits, top))
    return line
