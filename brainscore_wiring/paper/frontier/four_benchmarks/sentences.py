"""Sentences on what the table supports, each made from its numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from brainscore_wiring.catalogue import BEST_NAME
from brainscore_wiring.paper.comparisons import SIGNIFICANCE, smallest_p
from brainscore_wiring.paper.frontier.columns import HALF_A, HALF_B
from brainscore_wiring.paper.frontier.findings import with_p
from brainscore_wiring.paper.frontier.four_benchmarks.decisions import (
    BETTER,
    SAME,
    SEEDS_NEEDED,
    TOO_FEW,
    BirthBest,
    Confirmation,
    Measured,
    birth_best,
    can_answer,
    selected,
)
from brainscore_wiring.paper.frontier.four_benchmarks.scores import (
    BEHAVIOUR_RDM,
    CHEAP,
    FOUR,
    MONKEY_IT_RDM,
    V1_PROPERTIES,
    V4_NEURONS,
)
from brainscore_wiring.paper.frontier.four_benchmarks.states import ALL_STATES, reference_of
from brainscore_wiring.paper.frontier.results import LARGEST_GENOME

TITLES = {
    V1_PROPERTIES: "V1",
    V4_NEURONS: "V4",
    MONKEY_IT_RDM: "monkey IT",
    BEHAVIOUR_RDM: "behaviour",
}


def answer(found: Mapping[str, Measured], tested: Sequence[Confirmation]) -> list[str]:
    """What follows for the question, in a few sentences."""
    able = [one for one in found.values() if can_answer(found, one)]
    judged = [one for one in tested if one.verdict != TOO_FEW and one.difference]
    better = [one for one in judged if one.verdict == BETTER]
    if not judged:
        return ["**No answer yet**: no selected state has seeds enough with all four benchmarks."]
    start = (
        ", ".join(f"`{one.state}` is better than `{one.reference}`" for one in better)
        if better
        else "No birth state is shown to be better than weight compression with fewer bits"
    )
    lines = [
        f"**{start}.** Of {len(able)} states with fewer bits than weight compression with the same "
        f"statistics {len(tested)} are selected on half A and {len(judged)} have seeds enough on "
        f"half B; they differ there by {min(map(_value, judged)):+.3f} to "
        f"{max(map(_value, judged)):+.3f}."
    ]
    fewest = min(judged, key=lambda one: found[one.state].about.bits)
    if fewest not in better:
        lines.append(
            f"`{fewest.state}`, which stores {found[fewest.state].about.bits:,} bits, differs from "
            f"`{fewest.reference}` ({found[fewest.reference].about.bits:,} bits) by "
            f"{with_p(fewest.difference)} on half B. That weight compression is better could not "
            "be shown here: a state that is lower on half A is not tested "
            "([results](../results.md#scores) has tests of both)."
            if fewest.difference
            else ""
        )
    whole = [one for one in found.values() if one.values(FOUR)]
    highest = max(whole, key=lambda one: one.mean(FOUR))
    lines.append(
        f"The highest mean of the four benchmarks, of the {len(whole)} states that have V4, is "
        f"that of `{highest.name}` ({highest.mean(FOUR):.3f}, n = {len(highest.values(FOUR))}); "
        "no test was made."
    )
    return [*lines, _others(found, tested)]


def _value(one: Confirmation) -> float:
    assert one.difference is not None
    return one.difference.value


def _others(found: Mapping[str, Measured], tested: Sequence[Confirmation]) -> str:
    """What becomes of networks other than CORnet-S."""
    names = {one.state for one in tested}
    words, larger = [], []
    for name, one in found.items():
        if ALL_STATES[name].group == "CORnet-S":
            continue
        if not can_answer(found, one):
            larger.append(f"`{name}`")
            continue
        other = found[reference_of(name)]
        seeds = len(one.values(CHEAP, HALF_A))
        verdict = "selected" if name in names else "not selected"
        if seeds < SEEDS_NEEDED or len(other.values(CHEAP, HALF_A)) < SEEDS_NEEDED:
            verdict = "not judged"
        words.append(
            f"`{name}` is {verdict} ({one.mean(CHEAP, HALF_A):.3f} against "
            f"{other.mean(CHEAP, HALF_A):.3f}, n = {seeds})"
        )
    sentence = f"Of other networks, on half A without V4: {'; '.join(words)}."
    if larger:
        sentence += (
            f" {', '.join(larger)} {'has' if len(larger) == 1 else 'have'} more bits than weight "
            "compression and cannot answer."
        )
    return sentence


def measured_sentences(found: Mapping[str, Measured], tested: Sequence[Confirmation]) -> list[str]:
    """Sentences on what the table supports."""
    networks = {(one.name, seed) for one in found.values() for seed, _, _ in one.scores}
    v4 = {
        (one.name, seed)
        for one in found.values()
        for seed, name, _ in one.scores
        if name == V4_NEURONS
    }
    lines = [
        f"{len(found)} of {len(ALL_STATES)} states. Networks measured: {len(networks)}, of these "
        f"with V4: {len(v4)}."
    ]
    verdicts = [one for one in tested if one.verdict != TOO_FEW]
    names = selected(found)
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        lines.append(f"Selected on half A, with fewer bits than their reference: {listed}.")
    elif found:
        lines.append(
            "No state with fewer bits than its reference is selected on half A among those with "
            "two seeds and a measured reference."
        )
    waiting = [one for one in tested if one.verdict == TOO_FEW]
    if waiting or not verdicts:
        lines.append(
            "**The question has no answer yet**"
            + (f" for {len(waiting)} of {len(tested)} selected states" if tested else "")
            + ": too few seeds have all four benchmarks."
        )
    return [*lines, seeds_needed(found), best_sentence(found, birth_best(found))]


def best_sentence(found: Mapping[str, Measured], best: BirthBest) -> str:
    """What rule 7 says of `cornet_s_birth_best`, with its numbers."""
    stays = f"`{BEST_NAME}` stays `{best.today}`"
    listed = ", ".join(f"`{name}`" for name in best.candidates)
    start = (
        f"Rule 7: CORnet-S states of at most {LARGEST_GENOME:,} numbers with ten seeds on all four "
        f"benchmarks: {len(best.candidates)}"
    )
    if not best.candidates:
        return f"{start}. {stays}."
    chosen = best.candidates[0]
    match = found[chosen].mean(FOUR, HALF_A)
    start = f"{start} ({listed}). `{chosen}` is highest on half A ({match:.3f})."
    if best.verdict == SAME:
        return f"{start} {stays}."
    if best.difference is None:
        seeds = len(found[best.today].values(FOUR, HALF_B)) if best.today in found else 0
        return f"{start} {best.verdict.capitalize()}: `{best.today}` has {seeds}. {stays}."
    end = f"`{BEST_NAME}` becomes `{best.state}`" if best.verdict == BETTER else stays
    return (
        f"{start} On half B it is {best.verdict} than `{best.today}` "
        f"({with_p(best.difference)}). {end}."
    )


def seeds_needed(found: Mapping[str, Measured]) -> str:
    """What so many seeds allow."""
    needed = next(
        n
        for n in itertools.count(2)
        if max(len(selected(found)), 1) * smallest_p(n, n) < SIGNIFICANCE
    )
    return (
        "Selection needs two seeds of a state and of its reference, and with fewer than "
        f"{needed} seeds of each no p can be below {SIGNIFICANCE:g} for all selected states."
    )
