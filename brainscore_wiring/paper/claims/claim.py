"""One number of the paper, the rule by which a recomputed one agrees with it, and its verdict.

A rule was chosen from how a number is printed, not from what the data give. There are four
verdicts: it agrees; it agrees up to rounding, as the paper cut digits off or the number rounds to a
bound that it misses; it differs; or it is not testable. Every number with the same rule is judged
alike.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from brainscore_wiring.scoring.points import Scores

#: How far below a number "nearly" reaches.
_NEARLY = 5
#: What is recomputed: one number, or several that are all judged.
Value = float | int | tuple[float | int, ...]
_Judge = Callable[[Sequence[float], Sequence[Decimal]], bool]


class Agreement(StrEnum):
    """A claim's verdict in a word."""

    AGREES = "agrees"
    ROUNDING = "rounding"
    DIFFERS = "differs"
    NOT_TESTABLE = "not testable"


class Missing(Exception):
    """What a claim is about was not measured; the message is one sentence."""


@dataclass(frozen=True)
class Rule:
    """When recomputed numbers agree with printed ones, in words, and when they do so up to
    rounding.
    """

    words: str
    agrees: _Judge
    rounding: _Judge = lambda values, printed: False


def rounded(value: float, digits: int = 0) -> float:
    """Rounded half up, as readers do (79.5 -> 80)."""
    return math.floor(value * 10**digits + 0.5) / 10**digits


def _digits(number: Decimal) -> int:
    """Decimal places that are printed: 2 of 0.42, -11 of 5.2E12."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent


def _rounds(value: float, number: Decimal) -> bool:
    return math.isclose(rounded(value, _digits(number)), number)


def _cut(value: float, number: Decimal) -> bool:
    digits = _digits(number)
    return math.isclose(math.floor(value * 10**digits) / 10**digits, number)


def _to_one_digit(value: float, number: Decimal) -> bool:
    if value == 0:
        return number == 0
    digits = -math.floor(math.log10(abs(value)))
    return math.isclose(math.copysign(rounded(abs(value), digits), value), number)


def _every(accepts: Callable[[float, Decimal], bool]) -> _Judge:
    return lambda values, printed: all(accepts(value, printed[0]) for value in values)


def _some(accepts: Callable[[float, Decimal], bool]) -> _Judge:
    return lambda values, printed: any(accepts(value, printed[0]) for value in values)


#: Rule in the table of claims -> what it means.
RULES = {
    "rounds to": Rule(
        "round to {}", _every(_rounds), _every(lambda v, n: _rounds(v, n) or _cut(v, n))
    ),
    "one of": Rule("round to {} in one of these networks", _some(_rounds), _some(_cut)),
    "about": Rule("round to {} at one significant digit", _every(_to_one_digit)),
    "exactly": Rule("be {}", lambda values, printed: list(values) == [float(n) for n in printed]),
    "over": Rule(
        "be above {}",
        _every(lambda value, number: value > number),
        _every(lambda value, number: value > number or _rounds(value, number)),
    ),
    "below": Rule(
        "be below {}",
        _every(lambda value, number: value < number),
        _every(lambda value, number: value < number or _rounds(value, number)),
    ),
    "nearly": Rule(
        f"be below {{}} by no more than {_NEARLY}",
        _every(lambda value, number: number - _NEARLY <= Decimal(value) < number),
    ),
    "at least": Rule(
        "be {} or more",
        _every(lambda value, number: value >= number),
        _every(lambda value, number: value >= number or _rounds(value, number)),
    ),
    "between": Rule(
        "have {} between them",
        lambda values, printed: min(values) <= printed[0] <= max(values),
    ),
    "within 2": Rule(
        "be within 2 of {}", _every(lambda value, number: abs(value - float(number)) <= 2)
    ),
}


@dataclass(frozen=True)
class Claim:
    """One number of the paper.

    `name` is unique. `where`: section, figure or appendix; `figures`: those it belongs to. `words`:
    the paper's, with its number. `meaning`: what is recomputed, of which networks. `by`: what it is
    recomputed from, "scores", "counting", "parameters" (the authors' files), or "nothing", then
    `because` says why. `rule`, a key of `RULES`, and the printed `numbers`. `recompute` raises
    `Missing`. `unit` and `form` (as in format strings) are for showing. `remark`: one sentence
    beside any verdict.
    """

    name: str
    where: str
    figures: tuple[int, ...]
    words: str
    meaning: str
    by: str
    because: str = ""
    rule: str = ""
    numbers: tuple[str, ...] = ()
    unit: str = ""
    form: str = ""
    recompute: Callable[[Scores], Value] | None = None
    remark: Callable[[Scores], str] | None = None

    @property
    def rule_words(self) -> str:
        """The rule as a sentence's end: "round to 54"; empty where nothing is recomputed."""
        return RULES[self.rule].words.format(", ".join(self.numbers)) if self.rule else ""


@dataclass(frozen=True)
class Verdict:
    """A claim on scores: `recomputed` as shown, `outcome` one of the four verdicts, and a sentence
    where there is something to say.
    """

    claim: Claim
    recomputed: str
    outcome: Agreement
    sentence: str = ""
    of_other_data: bool = False  # and so not compared


def judge(claim: Claim, scores: Scores) -> Verdict:
    """Recompute a claim and compare it by its rule; scores of another kind are shown and not
    compared.
    """
    if claim.recompute is None:
        return Verdict(claim, "", Agreement.NOT_TESTABLE, claim.because)
    try:
        value = claim.recompute(scores)
        values = value if isinstance(value, tuple) else (value,)
        shown = _shown(claim, values)
        if scores.unlike and claim.by == "scores":
            return Verdict(claim, shown, Agreement.NOT_TESTABLE, scores.unlike, of_other_data=True)
        outcome = outcome_of(claim.rule, claim.numbers, values)
    except Missing as missing:
        return Verdict(claim, "", Agreement.NOT_TESTABLE, str(missing))
    sentence = _why(claim, outcome, shown)
    if claim.remark:
        with contextlib.suppress(Missing):  # a remark on networks that were not scored
            sentence = claim.remark(scores)
    return Verdict(claim, shown, outcome, sentence)


def outcome_of(rule: str, numbers: Sequence[str], values: Sequence[float]) -> Agreement:
    """The verdict on recomputed values by a rule and the printed numbers.

    >>> outcome_of("rounds to", ["5.2"], [5.286])
    <Agreement.ROUNDING: 'rounding'>
    """
    printed = [Decimal(number) for number in numbers]
    if RULES[rule].agrees(values, printed):
        return Agreement.AGREES
    return Agreement.ROUNDING if RULES[rule].rounding(values, printed) else Agreement.DIFFERS


def _why(claim: Claim, outcome: Agreement, shown: str) -> str:
    if outcome == Agreement.AGREES:
        return ""
    if outcome == Agreement.ROUNDING and claim.rule in ("rounds to", "one of"):
        return f"It is {shown}: the paper's number is cut off, not rounded."
    if outcome == Agreement.ROUNDING:
        return f"It is {shown}, which reaches {claim.numbers[0]} when rounded."
    return f"It is {shown}; to agree, it has to {claim.rule_words}."


def _shown(claim: Claim, values: Sequence[float]) -> str:
    texts = [
        f"{number:,}" if isinstance(number, int) else format(number, claim.form or ",.1f")
        for number in values
    ]
    return ", ".join(texts) + claim.unit
