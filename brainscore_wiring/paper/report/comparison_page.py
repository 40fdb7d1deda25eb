"""A comparison as files: Markdown, CSV, one HTML page that needs no network, and the dot plot."""

from __future__ import annotations

import io
from pathlib import Path

from markupsafe import Markup
from matplotlib.figure import Figure

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.paper.pages import rendered
from brainscore_wiring.paper.plotting import ENDINGS, READABLE, save_figure, style
from brainscore_wiring.paper.report.comparison import (
    LEGEND,
    ModelComparison,
    difference_texts,
    differences_csv,
    differences_markdown,
    footnotes,
    model_rows,
    models_markdown,
    remarks,
    significance_in_words,
)
from brainscore_wiring.paper.report.dot_plot import CAPTION, dot_plot

_NAME = "comparison"
_TITLE = "Models compared"


def write_comparison(
    comparison: ModelComparison, folder: Path, made_from: str, command: str
) -> list[Path]:
    """Write `comparison.md`, `.csv`, `.html`, `.svg` and `.png`, each whole or not at all.

    `made_from`: one sentence on the tables; `command`: what makes the same again. Raises
    `WiringError` before the first file where the folder cannot be written.
    """
    endings = ("md", "csv", "html")
    for ending in (*endings, *ENDINGS):
        check_output(folder / f"{_NAME}.{ending}")
    if not comparison.benchmarks:
        raise WiringError(
            "The table has accounts alone, which are exact: there is nothing to draw or to test."
        )
    with style(READABLE):
        picture = dot_plot(comparison)
    texts = (
        comparison_markdown(comparison, made_from, command),
        differences_csv(comparison),
        comparison_html(comparison, made_from, command, picture),
    )
    for ending, text in zip(endings, texts):
        write_text(folder / f"{_NAME}.{ending}", text)
    return [
        *(folder / f"{_NAME}.{ending}" for ending in endings),
        *save_figure(picture, folder, _NAME, READABLE),
    ]


def comparison_markdown(comparison: ModelComparison, made_from: str, command: str) -> str:
    return (
        f"# {_TITLE}\n\n{made_from}\n\n```\n{command}\n```\n\n{models_markdown(comparison)}\n\n"
        f"![Every seed as a dot]({_NAME}.png)\n\n{CAPTION}\n\n## Differences\n"
        f"{differences_markdown(comparison)}\n"
    )


def comparison_html(
    comparison: ModelComparison, made_from: str, command: str, picture: Figure
) -> str:
    return rendered(
        "comparison.html.j2",
        title=_TITLE,
        made_from=made_from,
        command=command,
        comparison=comparison,
        models=list(model_rows(comparison)),
        footnotes=footnotes(comparison),
        legend=LEGEND,
        picture=Markup(_svg(picture)),
        caption=CAPTION,
        verdict=significance_in_words(comparison),
        differences=difference_texts(comparison),
        remarks=remarks(comparison),
    )


def _svg(figure: Figure) -> str:
    """A drawing to stand in a page."""
    text = io.StringIO()
    with style(READABLE):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue().partition("<svg")[2].join(["<svg", ""])
