"""Every number of the paper that scores or counts can tell, next to what they tell: which of them
agree.

    verdicts = claims_table(published())          # or figure=4: the claims of one figure
    print(claims_summary([verdict.agrees for verdict in verdicts]))           # 82 of 116 agree, ...
    write_claims(published(), folder)             # claims.md and claims.csv
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.paper.claims.claim import NO, UNTOLD, YES, Claim, Verdict, judge
from brainscore_wiring.paper.claims.of_birth import BIRTH_CLAIMS
from brainscore_wiring.paper.claims.of_experience import EXPERIENCE_CLAIMS
from brainscore_wiring.paper.claims.of_synapses import SYNAPSE_CLAIMS
from brainscore_wiring.scoring.points import Scores
from brainscore_wiring.tables import csv_text

#: The paper's parts in the order of reading it.
PAPER_PARTS = (
    "Abstract",
    "Section 3",
    "Figure 1",
    "Figure 6",
    "Section 4",
    "Figure 2",
    "Figure 7",
    "Section 5",
    "Figure 3",
    "Section 6",
    "Section 7",
    "Figure 9",
    "Appendix B",
    "Appendix C",
    "Appendix D",
    "Appendix E",
)
CLAIMS: tuple[Claim, ...] = tuple(
    sorted(
        (*EXPERIENCE_CLAIMS, *BIRTH_CLAIMS, *SYNAPSE_CLAIMS),
        key=lambda claim: PAPER_PARTS.index(claim.where),
    )
)
FIGURE_NUMBERS = range(1, 10)


def claims_table(scores: Scores, figure: int | None = None) -> list[Verdict]:
    """All claims, or those of one figure, judged on some scores. Raises `WrongUsage` for a figure
    that is not there.
    """
    if figure is not None and figure not in FIGURE_NUMBERS:
        raise WrongUsage(
            f"The paper has no figure {figure}: it has {FIGURE_NUMBERS[0]} to {FIGURE_NUMBERS[-1]}."
        )
    return [judge(claim, scores) for claim in CLAIMS if figure is None or figure in claim.figures]


def claims_summary(answers: Sequence[str]) -> str:
    """How many of how many agree, in one sentence."""
    agree, differ, untold = (answers.count(answer) for answer in (YES, NO, UNTOLD))
    return (
        f"{agree} of {len(answers)} agree, {differ} {'does' if differ == 1 else 'do'} not, and "
        f"{untold} cannot be "
        "told."
    )


def claims_text(scores: Scores, figure: int | None = None, level: int = 1) -> str:
    """The table in Markdown, by sections and figures, with the summary first.

    `level` of its title; below 1 it is part of a page that says where the scores are from.
    """
    verdicts = claims_table(scores, figure)
    heading = "#" * level
    title = f"{heading} The paper's claims" + (f" in figure {figure}" if figure else "")
    if not verdicts:
        return f"{title}\n\nThe paper states no number here.\n"
    source = [f"{scores.measured_on} Source: {scores.source}.", ""] if level == 1 else []
    lines = [
        title,
        "",
        f"**{claims_summary([verdict.agrees for verdict in verdicts])}**",
        "",
        *source,
        'A number agrees where the recomputed one rounds to it, after "about" or "\\~" at one '
        "significant "
        'digit; "over" and "below" are inequalities, "nearly" is at most 5 below. Percentages are '
        "of the "
        "standard model's average score unless something else is said.",
    ]
    if scores.unlike:
        lines += ["", f"Percentages are shown and not compared. {scores.unlike}"]
    differ = [verdict for verdict in verdicts if verdict.agrees == NO]
    if differ:
        lines += ["", f"{heading}# What does not agree", ""]
        lines += [
            f"- {verdict.claim.where}, *{_cell(verdict.claim.words)}*: {_cell(verdict.sentence)}"
            for verdict in differ
        ]
    for where, group in groupby(verdicts, key=lambda verdict: verdict.claim.where):
        lines += [
            "",
            f"{heading}# {where}",
            "",
            "| claim | paper's text | recomputed | agrees |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {_cell(_sentence_case(verdict.claim.meaning))} | {_cell(verdict.claim.words)} | "
            f"{_cell(verdict.recomputed) or '-'} | {_cell(_answer(verdict))} |"
            for verdict in group
        ]
    return "\n".join(lines) + "\n"


def claims_csv(scores: Scores, figure: int | None = None) -> str:
    """The table as CSV, with the rule of each claim and where the paper has it."""
    columns = (
        "name",
        "where",
        "figures",
        "claim",
        "paper",
        "recomputed",
        "agrees",
        "rule",
        "sentence",
    )
    rows = [
        (
            verdict.claim.name,
            verdict.claim.where,
            ";".join(map(str, verdict.claim.figures)),
            verdict.claim.meaning,
            verdict.claim.words,
            verdict.recomputed,
            verdict.agrees,
            verdict.claim.rule.words,
            verdict.sentence,
        )
        for verdict in claims_table(scores, figure)
    ]
    return csv_text(columns, (dict(zip(columns, row)) for row in rows))


def write_claims(
    scores: Scores, folder: str | Path, figure: int | None = None, name: str = "claims"
) -> list[Path]:
    """Write `name`.md and `name`.csv, each whole or not at all; returns the files."""
    texts = {
        Path(folder) / f"{name}.md": claims_text(scores, figure),
        Path(folder) / f"{name}.csv": claims_csv(scores, figure),
    }
    for path in texts:
        check_output(path)
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def _answer(verdict: Verdict) -> str:
    if verdict.agrees == YES:
        return YES
    sentence = "measured on other data" if verdict.of_other_data else verdict.sentence
    return f"**{verdict.agrees}**: {sentence}"


def _sentence_case(words: str) -> str:
    return words[0].upper() + words[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("~", "\\~")
