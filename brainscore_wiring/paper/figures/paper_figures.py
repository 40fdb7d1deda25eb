"""Figures 1 to 9 of the paper as files: a picture, what it shows in words, and the paper's claims
about it.

    write_figures(published(), Path("pictures"))          # all nine, claims.md and claims.csv
    write_figures(own(["scores.csv"]), Path("pictures"), [1, 4])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.paper.claims.claims_table import claims_text, write_claims
from brainscore_wiring.paper.figures.birth_states import figure_2
from brainscore_wiring.paper.figures.combined_reductions import figure_4, figure_8
from brainscore_wiring.paper.figures.dissected_reductions import figure_5, figure_7
from brainscore_wiring.paper.figures.fewer_synapses import figure_3
from brainscore_wiring.paper.figures.fewer_updates import figure_1, figure_6, figure_9
from brainscore_wiring.paper.panels import PaperFigure, hundred_percent
from brainscore_wiring.paper.plotting import ENDINGS, save_figure, style
from brainscore_wiring.scoring.points import Scores

FIGURES: dict[int, Callable[[Scores], PaperFigure]] = {
    1: figure_1,
    2: figure_2,
    3: figure_3,
    4: figure_4,
    5: figure_5,
    6: figure_6,
    7: figure_7,
    8: figure_8,
    9: figure_9,
}
#: Where all figures are written, and the table of claims with them.
_RULES = "The rules of the verdicts are those of [all claims](claims.md)."


def draw_figure(number: int, scores: Scores) -> PaperFigure:
    """One figure of the paper from some scores."""
    with style():
        return FIGURES[number](scores)


def write_figures(
    scores: Scores,
    folder: Path,
    numbers: Sequence[int] = tuple(FIGURES),
    report: Callable[[str], None] = lambda line: None,
) -> tuple[list[Path], dict[int, str]]:
    """Write `figure_N.svg`, `.png` and `.md` for each number, and the table of claims where all
    figures are asked for.

    A figure none of whose networks was scored is not written. Returns the files, and number -> why
    it is not there. Every file is whole or not at all; raises `WiringError` before the first one
    where the folder cannot be written.
    """
    for number in numbers:
        for ending in (*ENDINGS, "md"):
            check_output(folder / f"figure_{number}.{ending}")
    with_claims = set(numbers) == set(FIGURES)
    written: list[Path] = []
    skipped: dict[int, str] = {}
    for number in numbers:
        report(f"drawing figure {number}")
        figure = draw_figure(number, scores)
        if not any(figure.panels.values()):
            skipped[number] = "; ".join(
                dict.fromkeys(sentence.rstrip(".") for sentence in figure.empty.values())
            )
            continue
        written += save_figure(figure.page, folder, f"figure_{number}")
        page = folder / f"figure_{number}.md"
        write_text(page, figure_page(figure, scores, _RULES if with_claims else None))
        written.append(page)
    if with_claims:
        written += write_claims(scores, folder)
    return written, skipped


def figure_page(figure: PaperFigure, scores: Scores, rules: str | None = None) -> str:
    """What a figure shows, what is left out, what it was drawn from, and the paper's claims about
    it; in Markdown. `rules` stands in place of those of the verdicts.
    """
    claims = partial(claims_text, rules=rules) if rules else claims_text
    counts = ", ".join(f"{len(points)} in {panel}" for panel, points in figure.panels.items())
    left_out = [
        *figure.notes,
        *(f"Panel {panel}: Not drawn: {sentence}" for panel, sentence in figure.empty.items()),
    ]
    if scores.added and not figure.stars:
        left_out.append(
            "Own networks are stars where updates are on the horizontal axis: figures 1A, 4A, 8A."
        )
    if scores.others:
        left_out.append(
            "Networks of other training data than the standard model's: "
            + ", ".join(
                f"{point.row.identifier} ({point.training_data})" for point in scores.others
            )
            + "."
        )
    parts = [
        f"# Figure {figure.number}. {figure.title}",
        f"![Figure {figure.number}](figure_{figure.number}.png)",
        " ".join(figure.caption),
        f"Networks drawn: {counts}. Bars and large marks are means over seeds, small marks the "
        "seeds.",
        f"{scores.measured_on} {hundred_percent(scores)} Source: {scores.source}.",
        *(
            ["Not in the figure:\n\n" + "\n".join(f"- {sentence}" for sentence in left_out)]
            if left_out
            else []
        ),
        claims(scores, int(figure.number), level=2),
    ]
    return "\n\n".join(parts)
