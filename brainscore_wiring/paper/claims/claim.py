"""One claim of the paper, the rule by which it agrees, and its verdict on scores.

A rule was chosen from how a number is printed, not from what the data give: a plain number agrees
where the recomputed one rounds to it, "about" where it does so at one significant digit, "over 75
%" above it, "nearly 80 %" up to 5 below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from brainscore_wiring.scoring.points import Scores

YES, NO, UNTOLD = "yes", "no", "cannot be told"
#: How far below a number "nearly" reaches.
NEARLY = 5
#: What is recomputed: one number, or several that are all judged.
Value = float | int | tuple[float | int, ...]


class Missing(Exception):
    """What a claim is about was not measured; the message is one sentence."""


@dataclass(frozen=True)
class Rule:
    """When recomputed numbers agree with the paper's, in words and as a test.

    `cut_off`: whether they would agree if the paper had cut digits off instead of rounding.
    """

    words: str
    holds: Callable[[tuple[float, ...]], bool]
    cut_off: Callable[[tuple[float, ...]], bool] = lambda values: False


@dataclass(frozen=True)
class Claim:
    """One number of the paper.

    `name` is unique. `where`: section, figure or appendix; `figures`: those it belongs to. `words`:
    the paper's, with its number. `meaning`: what is recomputed, of which networks. `recompute`
    raises `Missing`. `unit` and `form` (as in format strings) are for showing. `remark`: one
    sentence on a disagreement. `arithmetic`: told by counting alone, whoever scored.
    """

    name: str
    where: str
    figures: tuple[int, ...]
    words: str
    meaning: str
    rule: Rule
    recompute: Callable[[Scores], Value]
    unit: str = " %"
    form: str = ",.1f"
    remark: Callable[[Scores], str] | None = None
    arithmetic: bool = False


@dataclass(frozen=True)
class Verdict:
    """A claim on scores: `recomputed` as shown, `agrees` "yes", "no" or "cannot be told", and a
    sentence unless yes.
    """

    claim: Claim
    recomputed: str
    agrees: str
    sentence: str = ""
    of_other_data: bool = False  # and so not compared


def judge(claim: Claim, scores: Scores) -> Verdict:
    """Recompute a claim and compare it by its rule; scores of another kind are shown and not
    compared.
    """
    try:
        value = claim.recompute(scores)
        values = value if isinstance(value, tuple) else (value,)
        shown = _shown(claim, values)
        if scores.unlike and not claim.arithmetic:
            return Verdict(claim, shown, UNTOLD, scores.unlike, of_other_data=True)
        if claim.rule.holds(values):
            return Verdict(claim, shown, YES)
        return Verdict(
            claim,
            shown,
            NO,
            claim.remark(scores) if claim.remark else _why_not(claim.rule, values, shown),
        )
    except Missing as missing:
        return Verdict(claim, "", UNTOLD, str(missing))


def _why_not(rule: Rule, values: tuple[float, ...], shown: str) -> str:
    if rule.cut_off(values):
        return f"It is {shown}: the paper's number is cut off, not rounded."
    return f"It is {shown}; to agree, it {rule.words}."


def _shown(claim: Claim, values: tuple[float, ...]) -> str:
    return (
        ", ".join(
            f"{number:,}" if isinstance(number, int) else format(number, claim.form)
            for number in values
        )
        + claim.unit
    )


def rounded(value: float, digits: int = 0) -> float:
    """Rounded half up, as readers do (79.5 -> 80)."""
    return math.floor(value * 10**digits + 0.5) / 10**digits


def _to_one_digit(value: float) -> float:
    return (
        0.0
        if value == 0
        else math.copysign(rounded(abs(value), -math.floor(math.log10(abs(value)))), value)
    )


def rounds_to(number: float, digits: int = 0) -> Rule:
    return Rule(
        f"has to round to {number:,.{max(digits, 0)}f}",
        lambda values: all(math.isclose(rounded(value, digits), number) for value in values),
        lambda values: all(
            math.isclose(math.floor(value * 10**digits) / 10**digits, number) for value in values
        ),
    )


def about(number: float) -> Rule:
    return Rule(
        f"has to round to {number:g} at one significant digit",
        lambda values: all(math.isclose(_to_one_digit(value), number) for value in values),
    )


def exactly(*numbers: float) -> Rule:
    return Rule(
        f"has to be {', '.join(f'{number:,}' for number in numbers)}",
        lambda values: values == numbers,
    )


def over(number: float) -> Rule:
    return Rule(
        f"has to be above {number:g}", lambda values: all(value > number for value in values)
    )


def below(number: float) -> Rule:
    return Rule(
        f"has to be below {number:g}", lambda values: all(value < number for value in values)
    )


def nearly(number: float) -> Rule:
    return Rule(
        f"has to be below {number:g} by no more than {NEARLY}",
        lambda values: all(number - NEARLY <= value < number for value in values),
    )


def at_least(number: float) -> Rule:
    return Rule(
        f"has to round to {number:g} or more",
        lambda values: all(rounded(value) >= number for value in values),
    )


def among(number: float) -> Rule:
    """For a number of which the paper does not say which of several networks it is."""
    return Rule(
        f"has to lie in the range of these, rounded, at {number:g}",
        lambda values: rounded(min(values)) <= number <= rounded(max(values)),
    )


def within(number: float, points: float) -> Rule:
    return Rule(
        f"has to be within {points:g} of {number:g}",
        lambda values: all(abs(value - number) <= points for value in values),
    )


def told_by(source: str) -> Callable[[Scores], Value]:
    """For numbers that neither scores nor counts can tell."""

    def cannot(scores: Scores) -> Value:
        raise Missing(source)

    return cannot
