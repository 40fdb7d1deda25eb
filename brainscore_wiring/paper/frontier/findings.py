"""Sentences on what the measurements support, each made from the numbers: none stands if they do
not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import spearmanr

from brainscore_wiring.formatting import listed
from brainscore_wiring.paper.comparisons import SIGNIFICANCE, Difference, holm, smallest_p
from brainscore_wiring.paper.frontier.columns import HALF_A, HALF_B
from brainscore_wiring.paper.frontier.results import (
    BRAIN_MATCH,
    CRITERIA,
    CRITERIA_IN_WORDS,
    STANDARDISED_MATCH,
    Choice,
    Differences,
    Results,
    best_of_all,
)
from brainscore_wiring.paper.frontier.states import KN_REFERENCE, SUFFIXES, WC_REFERENCE, reference

#: Fewer states than this have no order to speak of.
FEWEST_STATES = 3


def findings(results: Results, tests: Differences, found: Sequence[Choice]) -> list[str]:
    """The sentences, in the order of the questions: which state is best, by which reading, and how
    sure is that.
    """
    return [
        *(_chosen(choice) for choice in found if choice.criterion == BRAIN_MATCH),
        *_overall(results, found),
        *_control(found),
        *_against_references(tests),
        *_halves_agree(results),
        *_too_few_seeds(found),
    ]


def with_interval(one: Difference) -> str:
    return f"{one.value:+.3f}" + (
        "" if math.isnan(one.low) else f" [{one.low:+.3f}, {one.high:+.3f}]"
    )


def with_p(one: Difference) -> str:
    """A difference with its interval and corrected p."""
    return f"{with_interval(one)}, p = {one.corrected_p:.2g}"


def _chosen(choice: Choice) -> str:
    about = choice.state.about
    return (
        f"**Statistics {about.statistics}:** of {choice.candidates} states, `{about.state}` "
        f"({about.bits:,} bits) is best on half A. On half B it is {_verdicts(choice)}."
    )


def _verdicts(choice: Choice) -> str:
    parts = [
        f"{_verdict(one)} `{other}` ({with_p(one)})" for other, one in choice.differences.items()
    ]
    return " and ".join(parts) or "compared with nothing, as no other reference is measured"


def _sign(one: Difference) -> int:
    """1 or -1 where a difference is significant, else 0."""
    return 0 if one.corrected_p >= SIGNIFICANCE else 1 if one.value > 0 else -1


def _verdict(one: Difference) -> str:
    return {1: "better than", -1: "worse than", 0: "not significantly different from"}[_sign(one)]


def _overall(results: Results, found: Sequence[Choice]) -> list[str]:
    parts = [
        f"`{choice.state.name}` (by the {CRITERIA_IN_WORDS[criterion]})"
        for criterion in CRITERIA
        if (choice := best_of_all(found, criterion)) is not None
    ]
    born = {
        kind: results[reference(kind, KN_REFERENCE)]
        for kind in SUFFIXES
        if reference(kind, KN_REFERENCE) in results
    }
    shifts = "; ".join(
        f"{kind} {result.mean(BRAIN_MATCH):.3f} ({result.mean(STANDARDISED_MATCH):.3f} with IT "
        "z-scored)"
        for kind, result in born.items()
    )
    return (
        [
            f"**Over all statistics,** best on half A: {', '.join(parts)}. What the choice of "
            f"statistics alone does to Kaiming Normal: {shifts or 'not measured'}."
        ]
        if parts
        else []
    )


def _control(found: Sequence[Choice]) -> list[str]:
    """By the control: another choice, or the same, for each kind of statistics, in short."""
    plain = {
        choice.state.about.statistics: choice.state.name
        for choice in found
        if choice.criterion == BRAIN_MATCH
    }
    parts: list[str] = []
    for choice in found:
        if choice.criterion == STANDARDISED_MATCH:
            kind, name = choice.state.about.statistics, choice.state.name
            others: dict[str, list[str]] = {}
            for other, one in choice.differences.items():
                others.setdefault(_verdict(one), []).append(f"`{other}`")
            verdicts = "; ".join(f"{verdict} {listed(those)}" for verdict, those in others.items())
            parts.append(
                f"{kind}, {'still' if plain[kind] == name else 'instead'} `{name}`"
                + (f" ({verdicts})" if verdicts else "")
            )
    return (
        [
            "**With IT z-scored per unit** (control), chosen on half A (and on half B): "
            f"{'; '.join(parts)}."
        ]
        if parts
        else []
    )


def _against_references(tests: Differences) -> list[str]:
    parts = []
    for of, words in ((WC_REFERENCE, "weight compression"), (KN_REFERENCE, "Kaiming Normal")):
        others = {reference(kind, of) for kind in SUFFIXES}
        signs = [
            _sign(one)
            for (_, other, score), one in tests.items()
            if score == BRAIN_MATCH and other in others
        ]
        parts.append(
            f"{signs.count(1)} are better and {signs.count(-1)} worse than {words} ({len(signs)} "
            "compared)"
        )
    return [
        f"**All states, of any size,** by the {CRITERIA_IN_WORDS[BRAIN_MATCH]} on all data: "
        f"{', '.join(parts)}."
    ]


def _halves_agree(results: Results) -> list[str]:
    """How far the halves agree: on states (should be high), and on the seeds of a state (choosing
    is fair at 0).
    """
    parts = []
    for kind in SUFFIXES:
        group = [result for result in results.values() if result.about.statistics == kind]
        if len(group) >= FEWEST_STATES:
            halves = [
                [result.mean(BRAIN_MATCH, part) for result in group] for part in (HALF_A, HALF_B)
            ]
            if min(map(np.ptp, halves)) > 0:
                parts.append(f"{spearmanr(*halves).statistic:.2f} ({kind}, {len(group)} states)")
    return (
        [
            "**Other images and neurons:** halves A and B rank states with Spearman's r = "
            f"{', '.join(parts)}; 1 would be the same order.{_seeds_across_halves(results)}"
        ]
        if parts
        else []
    )


def _seeds_across_halves(results: Results) -> str:
    halves = [
        np.concatenate(
            [
                np.subtract(result.values(BRAIN_MATCH, part), result.mean(BRAIN_MATCH, part))
                for result in results.values()
            ]
        )
        for part in (HALF_A, HALF_B)
    ]
    if min(map(np.ptp, halves)) == 0:
        return ""
    return (
        " Within a state, its seeds correlate across halves at r = "
        f"{np.corrcoef(*halves)[0, 1]:.2f} (0: half B is independent of the choice on half A)."
    )


def _too_few_seeds(found: Sequence[Choice]) -> list[str]:
    seeds = [len(choice.state.rows) for choice in found for _ in choice.differences]
    if (
        not seeds
        or (lowest := holm([smallest_p(count, count) for count in seeds])[0]) < SIGNIFICANCE
    ):
        return []
    return [
        f"**Too few seeds:** with {max(seeds)} of each state, no p can be below {lowest:.2g} "
        "after correction: no difference can be significant yet."
    ]
