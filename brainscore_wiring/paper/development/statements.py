"""The paper's statements on development, judged by the rules of docs/development.md."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from brainscore_wiring.paper.comparisons import difference, t_interval
from brainscore_wiring.paper.development.moments import (
    BIRTHS,
    DATA,
    DECODER,
    DT,
    KN_BIRTHS,
    KN_CT,
    KN_DEFAULT,
    LAST_EPOCH,
    TRAININGS,
    WC_BIRTHS,
    WC_CT,
    Development,
)
from brainscore_wiring.scoring.points import STANDARD

HOLDS, FAILS = "holds", "does not hold"
UNDECIDED, NOT_SCORED = "not decided", "not scored yet"
#: Networks that a comparison needs on each side (rule 2).
FEWEST_SEEDS = 3


@dataclass(frozen=True)
class StatedDifference:
    """A difference that the statement says is above 0. `n`: networks of each side, or seeds that
    have both; `low` and `high` are NaN where there are too few for an interval.
    """

    words: str
    n: tuple[int, ...]
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def side(self) -> int:
        """Rule 3: 1 above, -1 below, 0 neither or too few networks."""
        if min(self.n) < FEWEST_SEEDS:
            return 0
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class Statement:
    """What the paper says, in few words, and the comparisons that test it here."""

    number: int
    words: str
    comparisons: Sequence[StatedDifference]

    @property
    def verdict(self) -> str:
        """Rules 2 and 3."""
        sides = [one.side for one in self.comparisons]
        if not any(all(one.n) for one in self.comparisons):
            return NOT_SCORED
        if -1 in sides:
            return FAILS
        return HOLDS if all(side == 1 for side in sides) else UNDECIDED


def _between(
    found: Development, first: tuple[str, float], second: tuple[str, float]
) -> StatedDifference:
    """Groups of networks: Welch's interval."""
    ours, theirs = (list(found.values(*one).values()) for one in (first, second))
    words = f"{_name(first)} - {_name(second)}"
    if not ours or not theirs:
        return StatedDifference(words, (len(ours), len(theirs)))
    one = difference(ours, theirs)
    return StatedDifference(words, (len(ours), len(theirs)), one.value, one.low, one.high)


def _within(words: str, values: Sequence[float]) -> StatedDifference:
    """One value for each seed: Student's interval."""
    if not values:
        return StatedDifference(words, (0,))
    return StatedDifference(words, (len(values),), statistics.fmean(values), *t_interval(values))


def _name(moment: tuple[str, float]) -> str:
    name, epochs = moment
    if not epochs:
        return BIRTHS[name]
    return f"{TRAININGS[name]}, {round(epochs * DATA[1]):,}"


def _early_gains(found: Development) -> list[StatedDifference]:
    births = found.values(KN_BIRTHS, 0)
    early, final = (found.values(STANDARD, epochs) for epochs in (1, LAST_EPOCH))
    middle = {
        seed: (statistics.fmean(births.values()) + final[seed]) / 2 for seed in final if births
    }
    words = f"{_name((STANDARD, 1))} - middle of births and final"
    return [_within(words, [early[seed] - middle[seed] for seed in early if seed in middle])]


def shares_of_final(found: Development, name: str, epochs: float, region: str) -> dict[int, float]:
    """Seed -> score at a moment over the score of the final network of that seed."""
    final = found.values(STANDARD, LAST_EPOCH, region)
    now = found.values(name, epochs, region)
    return {seed: now[seed] / final[seed] for seed in now if final.get(seed)}


def _areas_in_order(found: Development) -> list[StatedDifference]:
    shares = {
        region: shares_of_final(found, STANDARD, 0.1, region)
        for region in ("V1", "V4", "IT", "behaviour")
    }
    seeds = sorted(set.intersection(*map(set, shares.values())))
    middle = {seed: (shares["V4"][seed] + shares["IT"][seed]) / 2 for seed in seeds}
    return [
        _within(
            "share of final, V1 - V4 and IT", [shares["V1"][seed] - middle[seed] for seed in seeds]
        ),
        _within(
            "share of final, V4 and IT - behaviour",
            [middle[seed] - shares["behaviour"][seed] for seed in seeds],
        ),
    ]


def _pairs(*pairs: tuple[tuple[str, float], tuple[str, float]]) -> Callable:
    return lambda found: [_between(found, *pair) for pair in pairs]


#: Words -> the comparisons of a statement, in the order of the page.
_STATEMENTS: Mapping[str, Callable[[Development], list[StatedDifference]]] = {
    "few updates give most of the gain": _early_gains,
    "V1, then V4 and IT, then behaviour": _areas_in_order,
    "WC is better at birth": _pairs(((WC_BIRTHS, 0), (KN_BIRTHS, 0))),
    "WC is better at birth, scored as in the paper": _pairs(((WC_BIRTHS, 0), (KN_DEFAULT, 0))),
    "WC+CT is above standard training with few updates": _pairs(((WC_CT, 0.1), (STANDARD, 0.1))),
    "WC+CT is best with few synaptic updates": _pairs(
        ((WC_CT, 1), (KN_CT, 1)), ((WC_CT, 1), (DT, 0.1)), ((WC_CT, 1), (STANDARD, 0.1))
    ),
    "standard training overtakes it": _pairs(((STANDARD, LAST_EPOCH), (WC_CT, LAST_EPOCH))),
    "critical training keeps more than downstream training": _pairs(
        ((KN_CT, 1), (DT, 1)), ((KN_CT, 1), (DECODER, 1))
    ),
    "training adds to weight compression": _pairs(((WC_CT, 1), (WC_BIRTHS, 0))),
}


def statements(found: Development) -> list[Statement]:
    """All statements, each with its comparisons and its verdict."""
    return [
        Statement(number, words, compared(found))
        for number, (words, compared) in enumerate(_STATEMENTS.items(), start=1)
    ]
