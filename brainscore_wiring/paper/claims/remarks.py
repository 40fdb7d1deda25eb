"""Sentences beside verdicts: templates in `paper_claims.csv`, filled with numbers made from scores.

A template has the functions that claims are recomputed by (`values.py`, `counts.py`,
`recomputed.py`) and those here, by their names, and `scores`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from brainscore_wiring.paper.batch_norm import births
from brainscore_wiring.paper.claims import counts, recomputed, values
from brainscore_wiring.paper.claims.claim import Missing
from brainscore_wiring.paper.claims.values import percent, same_births, scores_at_birth
from brainscore_wiring.paper.comparisons import permutation_p, smallest_p
from brainscore_wiring.paper.pages import sentence
from brainscore_wiring.scoring.points import Scores

_WC, _KN, _WC_CT = "cornet_s_wc", "cornet_s_kn", "cornet_s_wc_ct"


def remark(template: str, scores: Scores) -> str:
    """A claim's sentence on some scores; raises `Missing` where they lack what it speaks of."""
    return sentence(template, scores=scores, **_functions())


@cache
def _functions() -> dict[str, Any]:
    return {**vars(births), **vars(values), **vars(counts), **vars(recomputed), **globals()}


def spread_after(scores: Scores, updates: int) -> str:
    """How many networks had so many updates, and their scores."""
    found = values.with_updates(updates)(scores)
    if len(found) == 1:
        return f"One network had {updates:,} updates."
    return (
        f"{len(found)} networks had {updates:,} updates, on other numbers of images; they have "
        f"{min(found):.0f} to {max(found):.0f} %."
    )


def twins(scores: Scores) -> str:
    """Which births are one network."""
    pairs = [
        f"seeds {first} and {second} of {model}"
        for model in (_WC, _KN)
        for first, second in same_births(scores, model)
    ]
    if not pairs:
        return "All seeds are different networks."
    return (
        f"The {' and the '.join(pairs)} have the same scores in all regions but one, as one "
        "network scored twice."
    )


def one_sided(scores: Scores) -> str:
    """The exact p of weight compression against Kaiming Normal, and whether its half agrees."""
    groups = scores_at_birth(scores, _WC), scores_at_birth(scores, _KN)
    p, least = permutation_p(*groups), smallest_p(*map(len, groups))
    smallest = ", the smallest that ten seeds against ten can give, as no two of them overlap"
    return (
        f"The exact two-sided p is {p:.2E}{smallest if p <= least else ''}; one-sided it is "
        f"{p / 2:.1E}, which {'agrees' if p / 2 < 1e-5 else 'does not agree either'}."
    )


def birth_with_seed(scores: Scores, seed: int) -> float:
    """Percent of weight compression at birth with a seed."""
    point = scores.birth(_WC_CT, seed)
    if point is None:
        raise Missing(f"Weight compression at birth with seed {seed} is not among the scores.")
    return percent(scores, point)


def gains_in_words(scores: Scores, before: str, after: str) -> str:
    """The gains of one bar of figure 5B over another, the largest first, in percentage points and
    as absolute scores.
    """
    found = recomputed.gains(before, after)(scores)
    order = sorted(found, key=found.__getitem__, reverse=True)
    texts = [
        f"{region} {found[region]:+.0f} points "
        f"({found[region] / 100 * (scores.reference_in(region) or 0):+.3f})"
        for region in order
    ]
    return f"In the figure's bars the gains are {', '.join(texts)}; absolute scores in brackets."


def whole_epoch_spread(scores: Scores) -> float:
    """How far V1 scores of one WC+CT training after whole epochs lie apart."""
    found = recomputed.v1_over_training(scores)
    whole = [value for epochs, value in found.items() if epochs == int(epochs)]
    return max(whole) - min(whole)
