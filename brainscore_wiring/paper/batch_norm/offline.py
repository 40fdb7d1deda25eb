"""Birth states with default and with measured batch-norm statistics on the offline benchmarks, by
the rules of docs/batch_norm.md, which were fixed when one seed of each state had been scored.
"""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.batch_norm.births import published_births
from brainscore_wiring.paper.comparisons import (
    SIGNIFICANCE,
    Difference,
    corrected,
    difference,
    t_interval,
)
from brainscore_wiring.paper.development.pictures import paper_percent
from brainscore_wiring.paper.pages import markdown_table, mean_and_spread
from brainscore_wiring.paper.plotting import BLACK, BLUE, MEDIUM_GREY, SKY_BLUE, SMALL, Page
from brainscore_wiring.paper.training_effects import OFFLINE_COLUMNS, scores_by_model
from brainscore_wiring.scoring.brainscore_data import OFFLINE_PREDICTIVITY
from brainscore_wiring.scoring.points import AVERAGE, Point, Scores
from brainscore_wiring.scoring.result import Result

_KN, KN_MEASURED = "cornet_s_kn", "cornet_s_kn_bn"
_WC, WC_MEASURED = "cornet_s_wc", "cornet_s_wc_bn"
FOUR_STATES = {
    _KN: "KN, default",
    KN_MEASURED: "KN, measured",
    _WC: "WC, default",
    WC_MEASURED: "WC, measured",
}
_BENCHMARKS = (
    "MacaqueV1Tuning",
    "Cichy2014.EVC-rdm",
    "Cowley2023.V4-pls",
    "Kriegeskorte2008.IT-rdm",
    "Kriegeskorte2008.IT-rdm.human",
    "Cichy2014.IT-rdm",
    "Mur2013.behaviour-rdm",
)
#: Difference -> the states whose means are subtracted.
DIFFERENCES = {
    "WC - KN, default": (_WC, _KN),
    "WC - KN, measured": (WC_MEASURED, KN_MEASURED),
    "WC measured - KN default": (WC_MEASURED, _KN),
    "measured - default, KN": (KN_MEASURED, _KN),
    "measured - default, WC": (WC_MEASURED, _WC),
}
#: What stands beside the authors' regions; the average is without V2.
_BESIDE = {
    "V1": "MacaqueV1Tuning.v2",
    "V4": "Cowley2023.V4-pls",
    "IT": "Kriegeskorte2008.IT-rdm",
    "behaviour": "Mur2013.behaviour-rdm",
    AVERAGE: OFFLINE_PREDICTIVITY,
}
_FAIR, _MIXED = "WC - KN, measured", "WC measured - KN default"
_COLOURS = dict(zip(FOUR_STATES, (MEDIUM_GREY, BLACK, SKY_BLUE, BLUE)))


@dataclass(frozen=True)
class Combination:
    """One offline benchmark: the scores of each state's seeds before they are clipped, and the
    differences between them.
    """

    benchmark: str
    values: dict[str, list[float]]
    differences: dict[str, Difference]

    def outcome(self, name: str) -> str:
        """Rule 3: "higher", "lower" or "no significant difference"."""
        one = self.differences[name]
        if one.corrected_p >= SIGNIFICANCE:
            return "no significant difference"
        return "higher" if one.value > 0 else "lower"

    @property
    def clipped(self) -> dict[str, list[float]]:
        """The scores as benchmarks give them, from 0 to 1."""
        return {
            state: [min(max(value, 0.0), 1.0) for value in values]
            for state, values in self.values.items()
        }

    @property
    def verdict(self) -> str:
        """Rule 4."""
        if set(self.differences) != set(DIFFERENCES):
            return "not yet known"
        fair, mixed = self.outcome(_FAIR), self.outcome(_MIXED)
        return "no" if fair == mixed else f"yes: {mixed} if mixed, {fair} if both are measured"


def combinations(results: Sequence[Result]) -> list[Combination]:
    """One for each benchmark that has scores of all four states, by the rules."""
    scores = scores_by_model(results)
    values = {
        benchmark: {state: scores.get((state, benchmark), []) for state in FOUR_STATES}
        for benchmark in _BENCHMARKS
    }
    family = {
        (benchmark, name): difference(of[first], of[second])
        for benchmark, of in values.items()
        for name, (first, second) in DIFFERENCES.items()
        if min(len(of[first]), len(of[second])) > 1
    }
    family = corrected(family)
    return [
        Combination(
            benchmark,
            of,
            {name: family[benchmark, name] for name in DIFFERENCES if (benchmark, name) in family},
        )
        for benchmark, of in values.items()
        if all(of.values())
    ]


def combinations_table(results: Sequence[Result]) -> str:
    """Markdown: means of the four states, the differences, and whether statistics matter."""
    found = combinations(results)
    if not found:
        return "No benchmark has scores of all four states yet."
    names = [OFFLINE_COLUMNS[one.benchmark] for one in found]
    means = [
        [name, *(f"{mean_and_spread(seeds)} (n = {len(seeds)})" for seeds in one.clipped.values())]
        for name, one in zip(names, found)
    ]
    compared = [
        [name, *(_difference(one, difference) for difference in DIFFERENCES), one.verdict]
        for name, one in zip(names, found)
    ]
    parts = [
        markdown_table(["benchmark", *FOUR_STATES.values()], means, "l" + "r" * len(FOUR_STATES)),
        markdown_table(
            ["benchmark", *DIFFERENCES, "the mixed comparison misleads"],
            compared,
            f"l{'r' * len(DIFFERENCES)}l",
        ),
    ]
    known = [one for one in found if one.verdict != "not yet known"]
    if known:
        matter = sum(one.verdict != "no" for one in known)
        parts.append(f"The mixed comparison misleads on {matter} of {len(known)} benchmarks.")
    return "\n\n".join([*parts, *clipped_sentences(found)])


def clipped_sentences(found: Sequence[Combination]) -> list[str]:
    """Where scores of states lie below 0, and what they are there."""
    sentences = []
    for one in found:
        below = [
            f"{sum(value < 0 for value in values)} of {len(values)} networks of "
            f"{FOUR_STATES[state]} ({min(values):.3f} to {max(values):.3f})"
            for state, values in one.values.items()
            if min(values) < 0
        ]
        if below:
            sentences.append(
                f"Below 0 before clipping, in {OFFLINE_COLUMNS[one.benchmark]}: "
                f"{'; '.join(below)}. Means are of clipped scores, differences of scores before "
                "clipping, which the rules did not foresee."
            )
    return sentences


def beside_the_paper(scores: Scores, results: Sequence[Result]) -> str:
    """Markdown: what the mixed difference is made of, in the authors' scores and here."""
    births, own = published_births(scores), scores_by_model(results)
    names = {_MIXED: "mixed", "measured - default, KN": "KN by measuring", _FAIR: "WC - KN"}
    rows = []
    for region, benchmark in _BESIDE.items():
        default, kn, wc = (
            statistics.fmean(_percent(scores, point, region) for point in points)
            for points in (
                births["KN"].points[:1],
                births["KN measured"].points,
                births["WC drawn"].points,
            )
        )
        theirs = (wc - default, kn - default, wc - kn)
        cells = []
        for name, value in zip(names, theirs):
            first, second = DIFFERENCES[name]
            ours = difference(own[first, benchmark], own[second, benchmark])
            cells += [f"{value:+.1f}", f"{ours.value:+.3f} ({ours.low:+.3f} to {ours.high:+.3f})"]
        rows.append(["mean without V2" if region == AVERAGE else region, *cells])
    heads = [f"{words}, {whose}" for words in names.values() for whose in ("theirs", "here")]
    return markdown_table(["", *heads], rows, "l" + "rr" * len(names))


def _percent(scores: Scores, point: Point, region: str) -> float:
    found = paper_percent(scores, point, region)
    if found is None:
        raise WiringError(f"{point.row.identifier} has no score in {region}.")
    return found


def _difference(one: Combination, name: str) -> str:
    if name not in one.differences:
        first, second = (statistics.fmean(one.values[state]) for state in DIFFERENCES[name])
        return f"{first - second:+.3f}, too few seeds"
    found = one.differences[name]
    return (
        f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}), p = {found.corrected_p:.2g}"
    )


def combinations_figure(results: Sequence[Result]) -> Page:
    """The four states on each offline benchmark: a dot for each of ten seeds, a line at the mean,
    grey its 95 % interval.
    """
    found = combinations(results)
    page = Page(2.5)
    width = 6.75 / max(len(found), 4)
    for number, one in enumerate(found):
        axis = page.axes_at(0.45 + width * number, 0.4, width - 0.32, 1.3)
        for place, (state, values) in enumerate(one.clipped.items()):
            colour = _COLOURS[state]
            axis.plot(
                [place] * len(values), values, "o", color=colour, markersize=3, mew=0, alpha=0.8
            )
            mean = statistics.fmean(values)
            if len(values) > 1:
                low, high = t_interval(values)
                axis.bar(place, high - low, 0.6, low, color="0.85")
            axis.plot([place - 0.3, place + 0.3], [mean, mean], color="black", linewidth=1.2)
        axis.set_title(textwrap.fill(OFFLINE_COLUMNS[one.benchmark], 14), fontsize=SMALL)
        if not number:
            axis.set_ylabel("score (1 = ceiling)", fontsize=SMALL)
        axis.set_xticks(range(len(FOUR_STATES)), FOUR_STATES.values(), rotation=90, fontsize=5.5)
        axis.tick_params(axis="y", labelsize=5.5)
        axis.set_xlim(-0.6, len(FOUR_STATES) - 0.4)
        axis.set_ylim(0, 1.15 * max(max(values) for values in one.values.values()))
    return page
