"""Every number of the paper next to what scores or counts tell: which of them agree.

    verdicts = claims_table(published())          # or figure=4: the claims of one figure
    print(claims_summary([verdict.outcome for verdict in verdicts]))
    write_claims(published(), folder)             # claims.md and claims.csv

The numbers, their rules and what is recomputed in words are rows of `paper_claims.csv`;
`recomputed.py` has the functions, by the same names.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.paper.claims.claim import Agreement, Claim, Verdict, judge
from brainscore_wiring.paper.claims.recomputed import RECOMPUTED
from brainscore_wiring.paper.claims.remarks import remark
from brainscore_wiring.paper.pages import markdown_table
from brainscore_wiring.scoring.points import Scores, one_stored
from brainscore_wiring.tables import csv_text, read_rows

FIGURE_NUMBERS = range(1, 10)
_TABLE = Path(__file__).with_name("paper_claims.csv")
_RULES = (
    "**Rules**, fixed by how a number is printed, the same for all numbers. A number agrees where "
    'the recomputed one rounds to it; after "about" or "\\~" where it does so at one significant '
    'digit; "over" and "below" are inequalities, "nearly" is at most 5 below. Where a number is '
    "said of a network that several fit, one of them has to agree. *Rounding*: digits were cut off "
    "instead of rounded, or the number misses a bound that it rounds to. *Not testable*: neither "
    "scores nor counts show it. Percentages are of the standard model's average score unless "
    "something else is said."
)
#: Which of its texts the paper is quoted from.
QUOTED = (
    "The text is that of the submission to ICLR 2021; the version that ICLR published in 2022 was "
    "revised and is not compared."
)
#: What counts as far apart for two scores of one network on one benchmark.
WIDE = 0.05
#: Verdicts as they are counted in a sentence.
_COUNTED = {
    Agreement.AGREES: "agree",
    Agreement.ROUNDING: "agree up to rounding",
    Agreement.DIFFERS: "differ",
}
#: Verdict -> the heading of a list of its claims.
_LISTED = {Agreement.DIFFERS: "What differs", Agreement.ROUNDING: "What agrees up to rounding"}


def _claim(row: dict[str, str]) -> Claim:
    name = row["name"]
    return Claim(
        name=name,
        where=row["where"],
        figures=tuple(int(number) for number in row["figures"].split(";") if number),
        words=row["words"],
        meaning=row["meaning"],
        by=row["by"],
        because=row["because"],
        rule=row["rule"],
        numbers=tuple(number for number in row["number"].split("; ") if number),
        unit=row["unit"],
        form=row["form"],
        recompute=RECOMPUTED[name] if row["rule"] else None,
        remark=partial(remark, row["remark"]) if row["remark"] else None,
    )


#: In the order of reading the paper.
CLAIMS: tuple[Claim, ...] = tuple(_claim(row) for row in read_rows(_TABLE, ("name", "rule")))


def claims_table(scores: Scores, figure: int | None = None) -> list[Verdict]:
    """All claims, or those of one figure, judged on some scores. Raises `WrongUsage` for a figure
    that is not there.
    """
    if figure is not None and figure not in FIGURE_NUMBERS:
        raise WrongUsage(
            f"The paper has no figure {figure}: it has {FIGURE_NUMBERS[0]} to {FIGURE_NUMBERS[-1]}."
        )
    return [judge(claim, scores) for claim in CLAIMS if figure is None or figure in claim.figures]


def claims_summary(outcomes: Sequence[str]) -> str:
    """How many have each verdict, in one sentence."""
    agree, rounding, differ, untested = (outcomes.count(outcome) for outcome in Agreement)
    return (
        f"Of {len(outcomes)} numbers {agree} agree, {rounding} agree up to rounding, {differ} "
        f"{'differs' if differ == 1 else 'differ'}, and {untested} cannot be tested."
    )


def claims_text(
    scores: Scores, figure: int | None = None, level: int = 1, rules: str = _RULES
) -> str:
    """The table in Markdown, by sections and figures, with the summary first.

    `level` of its title. At 1 it is a page of its own, which lists what differs before the tables;
    else it is part of one that says where the scores are from. `rules` are those of the verdicts.
    """
    verdicts = claims_table(scores, figure)
    heading = "#" * level
    title = f"{heading} The paper's claims" + (f" in figure {figure}" if figure else "")
    if not verdicts:
        return f"{title}\n\nThe paper states no number here.\n"
    lines = [title, "", f"**{claims_summary([verdict.outcome for verdict in verdicts])}**", ""]
    if level == 1:
        lines += [f"{scores.measured_on} Source: {scores.source}.", "", QUOTED, ""]
    lines.append(rules)
    if scores.unlike:
        lines += ["", f"Percentages are shown and not compared. {scores.unlike}"]
    listed = _LISTED if level == 1 else {}
    for outcome, words in listed.items():
        found = [verdict for verdict in verdicts if verdict.outcome == outcome]
        if found:
            lines += ["", f"{heading}# {words}", ""]
            lines += [
                f"- {verdict.claim.where}, *{_cell(verdict.claim.words)}*: "
                f"{_cell(verdict.sentence)}"
                for verdict in found
            ]
    if level == 1:
        lines += _of_repeated_scores(scores, verdicts, heading)
    for where, group in groupby(verdicts, key=lambda verdict: verdict.claim.where):
        rows = [
            [
                _cell(_sentence_case(verdict.claim.meaning)),
                _cell(verdict.claim.words),
                _cell(verdict.recomputed) or "-",
                _cell(_answer(verdict, listed)),
            ]
            for verdict in group
        ]
        heads = ["claim", "paper's text", "recomputed", "verdict"]
        lines += ["", f"{heading}# {where}", "", markdown_table(heads, rows, "llll")]
    return "\n".join(lines) + "\n"


def _of_repeated_scores(scores: Scores, verdicts: Sequence[Verdict], heading: str) -> list[str]:
    """What hangs on the mean of the authors' scores that were stored several times."""
    repeated = [point for point in scores.points if max(map(len, point.stored.values())) > 1]
    if scores.unlike or not repeated:
        return []
    alone = {
        "first": claims_table(one_stored(scores, 0)),
        "last": claims_table(one_stored(scores, -1)),
    }
    counts = "; with the ".join(
        f"{name} alone "
        + ", ".join(
            f"{[one.outcome for one in judged].count(outcome)} {words}"
            for outcome, words in _COUNTED.items()
        )
        for name, judged in alone.items()
    )
    changed = [
        f"- {verdict.claim.where}, *{_cell(verdict.claim.words)}*: {_cell(verdict.recomputed)}, "
        f"{verdict.outcome}; "
        + "; ".join(
            f"{name} {_cell(other.recomputed)}, {other.outcome}"
            for name, other in zip(alone, others)
            if other.outcome != verdict.outcome
        )
        for verdict, *others in zip(verdicts, *alone.values())
        if any(other.outcome != verdict.outcome for other in others)
    ]
    wide = [
        f"- `{point.row.identifier}`, {region}: "
        + ", ".join(f"{value:.3f}" for value in sorted({round(one, 3) for one in values}))
        for point in repeated
        for region, values in point.stored.items()
        if max(values) - min(values) > WIDE
    ]
    return [
        "",
        f"{heading}# Where scores were stored several times",
        "",
        f"{len(repeated)} of {len(scores.points)} networks have a score that was stored more than "
        "once; as in the authors' plots their mean is taken. Some names stood for two networks, as "
        f"top-1 accuracies show. With the {counts}. Verdicts that change:",
        "",
        *changed,
        "",
        f"Scores under one name that are more than {WIDE} apart, which make dips in the figures:",
        "",
        *wide,
    ]


def claims_csv(scores: Scores) -> str:
    """The table as CSV, with the rule of each claim and where the paper has it."""
    rows = [
        {
            "name": verdict.claim.name,
            "where": verdict.claim.where,
            "figures": ";".join(map(str, verdict.claim.figures)),
            "claim": verdict.claim.meaning,
            "paper": verdict.claim.words,
            "recomputed": verdict.recomputed,
            "verdict": verdict.outcome,
            "rule": verdict.claim.rule_words,
            "sentence": verdict.sentence,
        }
        for verdict in claims_table(scores)
    ]
    columns = "name where figures claim paper recomputed verdict rule sentence".split()
    return csv_text(columns, rows)


def write_claims(scores: Scores, folder: Path) -> list[Path]:
    """Write `claims.md` and `claims.csv`, each whole or not at all; returns the files."""
    texts = {folder / "claims.md": claims_text(scores), folder / "claims.csv": claims_csv(scores)}
    for path in texts:
        check_output(path)
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def _answer(verdict: Verdict, listed: Container[Agreement]) -> str:
    if verdict.outcome in listed:  # with its sentence, above the tables
        return f"**{verdict.outcome}**"
    sentence = "measured on other data" if verdict.of_other_data else verdict.sentence
    if verdict.outcome == Agreement.AGREES:
        return f"{Agreement.AGREES}: {sentence}" if sentence else Agreement.AGREES
    return f"**{verdict.outcome}**: {sentence}"


def _sentence_case(words: str) -> str:
    return words[0].upper() + words[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("~", "\\~")
