"""The rules of the page (`paper/templates/four_benchmarks.md.j2`), applied to the table. They were
written before anything was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from brainscore_wiring.catalogue import BEST
from brainscore_wiring.paper.comparisons import (
    SIGNIFICANCE,
    Difference,
    corrected,
    difference,
    holm,
    smallest_p,
)
from brainscore_wiring.paper.frontier.columns import ALL, HALF_A, HALF_B
from brainscore_wiring.paper.frontier.four_benchmarks.scores import CHEAP, FOUR, Row
from brainscore_wiring.paper.frontier.four_benchmarks.states import ALL_STATES, reference_of
from brainscore_wiring.paper.frontier.results import LARGEST_GENOME

#: Scores of fewer seeds say nothing of how seeds differ.
SEEDS_NEEDED = 2
#: Seeds of a state for which nothing is missing.
ALL_SEEDS = 10
BETTER, NOT_BETTER, WORSE, TOO_FEW = "better", "not shown to be better", "worse", "too few seeds"
#: Verdicts of rule 7 alone: nothing can be chosen, or what is chosen is the best already.
NO_CANDIDATE, SAME = "no candidate", "today's itself"


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


def can_answer(found: Mapping[str, Measured], one: Measured) -> bool:
    """Whether a state has fewer bits than its reference, which is measured."""
    other = found.get(reference_of(one.name))
    return other is not None and one.about.bits < other.about.bits


def selected(found: Mapping[str, Measured]) -> list[str]:
    """Rule 5."""
    return [
        name
        for name, one in found.items()
        if can_answer(found, one)
        and (other := found[reference_of(name)])
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
    pairs, tests = _pairs(found), _tests(found)
    tests = corrected(tests, untested=len(pairs) - len(tests))
    seeds = [[len(found[name].values(FOUR, HALF_B)) for name in pair] for pair in pairs]
    reachable = holm([smallest_p(*counts) if min(counts) else 1.0 for counts in seeds])
    return [
        Confirmation(
            *pair,
            (counts[0], counts[1]),
            one,
            TOO_FEW if one is None or smallest >= SIGNIFICANCE else _verdict(one),
        )
        for pair, counts, smallest, one in zip(pairs, seeds, reachable, map(tests.get, pairs))
    ]


def _pairs(found: Mapping[str, Measured]) -> list[tuple[str, str]]:
    return [(name, reference_of(name)) for name in selected(found)]


def _tests(found: Mapping[str, Measured]) -> dict[tuple[str, str], Difference]:
    """Of the family of rule 6 what can be tested: (state, reference) -> difference on half B, not
    corrected.
    """
    return {pair: one for pair in _pairs(found) if (one := _on_half_b(found, *pair)) is not None}


def _on_half_b(found: Mapping[str, Measured], state: str, other: str) -> Difference | None:
    """A state's match minus another's; None where one has fewer than two seeds."""
    values = [found[name].values(FOUR, HALF_B) for name in (state, other)]
    return difference(*values) if min(map(len, values)) >= SEEDS_NEEDED else None


def _verdict(one: Difference) -> str:
    if one.corrected_p >= SIGNIFICANCE:
        return NOT_BETTER
    return BETTER if one.value > 0 else WORSE


@dataclass(frozen=True)
class BirthBest:
    """What rule 7 says of `cornet_s_birth_best`, which is `today`.

    `candidates`: the states that could be chosen, the highest on half A first. `difference` of that
    one minus today's on half B; None without a candidate, for today's itself, and where today's has
    too few seeds.
    """

    today: str
    candidates: Sequence[str]
    difference: Difference | None
    verdict: str

    @property
    def state(self) -> str:
        """The state that `cornet_s_birth_best` should be."""
        return self.candidates[0] if self.verdict == BETTER else self.today


def birth_best(found: Mapping[str, Measured], today: str = BEST) -> BirthBest:
    """Rule 7."""
    candidates = sorted(
        (
            name
            for name, one in found.items()
            if ALL_STATES[name].group == "CORnet-S"
            and one.about.numbers <= LARGEST_GENOME
            and _has_all_seeds(one)
        ),
        key=lambda name: -found[name].mean(FOUR, HALF_A),
    )
    if not candidates:
        return BirthBest(today, candidates, None, NO_CANDIDATE)
    if candidates[0] == today:
        return BirthBest(today, candidates, None, SAME)
    if today not in found or not _has_all_seeds(found[today]):
        return BirthBest(today, candidates, None, TOO_FEW)
    pair = candidates[0], today
    one = _on_half_b(found, *pair)
    assert one is not None  # both have all seeds
    tests = _tests(found)
    one = corrected(tests | {pair: one}, untested=len(_pairs(found)) - len(tests))[pair]
    return BirthBest(today, candidates, one, _verdict(one))


def _has_all_seeds(one: Measured) -> bool:
    return all(len(one.values(FOUR, part)) >= ALL_SEEDS for part in (HALF_A, HALF_B))
