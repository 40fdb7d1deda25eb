"""docs/batch_norm.md: its tables, between its marks, and its two figures; a sentence in the README.

write_page(Path("docs"))
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from brainscore_wiring.paper.batch_norm import evidence
from brainscore_wiring.paper.batch_norm.births import (
    PublishedBirth,
    published_births,
    published_table,
    published_words,
)
from brainscore_wiring.paper.batch_norm.offline import (
    beside_the_paper,
    combinations_figure,
    combinations_table,
)
from brainscore_wiring.paper.pages import fill, markdown_table
from brainscore_wiring.paper.plotting import (
    BLUE,
    DARK_GREY,
    LIGHT_GREY,
    MEDIUM_GREY,
    SKY_BLUE,
    SMALL,
    VERMILLION,
    Page,
    save_figure,
    style,
)
from brainscore_wiring.public_files import fetch
from brainscore_wiring.scoring.points import Scores
from brainscore_wiring.scoring.published_scores import (
    PRIVATE,
    PUBLIC,
    PUBLIC_REGIONS,
    published,
)
from brainscore_wiring.scoring.table import read_results

#: Where a difference of exactly 0 is drawn on the logarithmic axis.
_FLOOR = 1e-10
_NAMES = {
    "KN": "KN\ndefault",
    "KN measured": "KN\nmeasured",
    "WC drawn": "WC, all\nmeasured",
    "WC": "WC, all\nbut norm3\nmeasured",
}


def write_page(docs: Path) -> None:
    """Write the page's tables and figures, and the README's sentence on it, from the authors'
    database and from docs/scores.csv.
    """
    database = fetch(PRIVATE)
    scores, found = published(path=database), evidence.stored_scores(database)
    public = evidence.stored_scores(fetch(PUBLIC), PUBLIC_REGIONS)
    results = read_results(docs / "scores.csv")
    parts = {
        "summary": published_words(scores, "summary"),
        "seeds": f"- {evidence.seeds_at_birth(found)}",
        "checks": checks_table(found, public),
        "births": published_table(scores),
        "gains": published_words(scores, "gains"),
        "combinations": combinations_table(results),
        "beside": beside_the_paper(scores, results),
    }
    fill(docs / "batch_norm.md", parts)
    fill(docs.parent / "README.md", {"gain": published_words(scores, "readme")})
    with style():
        drawings = {
            "batch_norm": database_figure(scores, found),
            "batch_norm_offline": combinations_figure(results),
        }
    for name, drawing in drawings.items():
        save_figure(drawing, docs, name)


def checks_table(
    found: Sequence[evidence.StoredScore], public: Sequence[evidence.StoredScore]
) -> str:
    """Markdown: each consequence, what would have refuted it, and what was found."""
    checks = evidence.checks(found, public)
    rows = [
        [number, one.consequence, one.refuted_if, one.found, "yes" if one.holds else "**no**"]
        for number, one in enumerate(checks, 1)
    ]
    heads = ["", "if the hypothesis holds", "refuted if", "found", "stands"]
    refuted = sum(not check.holds for check in checks)
    verb = "are" if refuted > 1 else "is"
    stand = f"{refuted or 'None'} of the {len(checks)} predictions {verb} refuted."
    return f"{stand}\n\n{markdown_table(heads, rows, 'rllll')}"


def database_figure(scores: Scores, found: Sequence[evidence.StoredScore]) -> Page:
    """A: V1 of frozen V1 against validation; B: statistics alone; C: birth states compared."""
    page = Page(2.9)
    places = (
        (0.74, "A", "WC, V1 frozen"),
        (3.25, "B", "KN, V1 frozen"),
        (5.42, "C", "At birth"),
    )
    axes = []
    for left, letter, title in places:
        page.write(left - 0.62, 0.1, letter, fontsize=10, weight="bold")
        page.write(left - 0.45, 0.125, title)
        axes.append(page.axes_at(left, 0.42, 1.5, 1.9))
    _draw_offsets(axes[0], found)
    _draw_few_images(axes[1], found)
    _draw_births(axes[2], scores)
    return page


def _draw_offsets(axis: Axes, found: Sequence[evidence.StoredScore]) -> None:
    groups = evidence.initialised(found)
    for validated, colour, words in (
        (True, BLUE, "saved after a validation"),
        (False, VERMILLION, "saved without one"),
    ):
        points = [
            (one.epochs, max(abs(one.score - evidence.centre(members)), _FLOOR))
            for members in groups.values()
            for one in members
            if one.epochs <= 1 and one.validated is validated
        ]
        axis.plot(*zip(*points), "o", color=colour, markersize=2.5, alpha=0.5, label=words)
    axis.set_yscale("log")
    axis.set_ylim(_FLOOR / 2, 10)
    axis.set_xlabel("epochs")
    axis.set_ylabel("V1 score, distance\nfrom the family's median")
    axis.legend(frameon=False, fontsize=SMALL, loc="upper left", handletextpad=0.1)


def _draw_few_images(axis: Axes, found: Sequence[evidence.StoredScore]) -> None:
    path = evidence.few_images(found)
    axis.axhline(path[0], color=LIGHT_GREY, linewidth=0.8)
    later = [
        one.score for one in found if one.family == evidence.DECODER_ALONE and one.region == "V1"
    ]
    axis.axhline(statistics.median(later), color=MEDIUM_GREY, linewidth=0.8)
    axis.annotate("default statistics (0/1)", (83, path[0]), (0, -8), **_words())
    axis.annotate("tracked on ImageNet", (83, statistics.median(later)), (0, -8), **_words())
    axis.plot(list(path), list(path.values()), "o-", color=VERMILLION, markersize=3, linewidth=1)
    axis.set_xlabel("batches of 100 images\nthat statistics have seen")
    axis.set_ylabel("V1 score of KN")
    axis.set_ylim(0.164, 0.192)


def _words() -> dict:
    return dict(textcoords="offset points", ha="right", fontsize=SMALL, color=DARK_GREY)


def _draw_births(axis: Axes, scores: Scores) -> None:
    births = published_births(scores)
    for place, (birth, colour) in enumerate(
        zip(births.values(), (LIGHT_GREY, MEDIUM_GREY, SKY_BLUE, BLUE))
    ):
        _draw_birth(axis, place, birth, scores, colour)
    axis.set_xticks(range(len(births)), [_NAMES[name] for name in births], fontsize=4.8)
    axis.tick_params(axis="x", length=0)
    axis.set_ylim(0, 70)
    axis.set_ylabel("average score\n(% of standard training)")


def _draw_birth(axis: Axes, place: int, birth: PublishedBirth, scores: Scores, colour: str) -> None:
    values = [scores.percent(point) for point in birth.points]
    axis.bar(place, statistics.fmean(values), 0.75, color=colour)
    across = [place + 0.5 * (number + 0.5) / len(values) - 0.25 for number in range(len(values))]
    axis.plot(across, values, "o", color="black", markerfacecolor="white", markersize=2.4, mew=0.5)
    words = f"{statistics.fmean(values):.1f}\nn={birth.networks(scores)}"
    axis.text(place, max(values) + 1, words, ha="center", va="bottom", fontsize=SMALL)
