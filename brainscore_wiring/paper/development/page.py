"""docs/development.md: its tables, between its marks, and its two pictures.

write_development(Path("docs"))
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from brainscore_wiring.formatting import count
from brainscore_wiring.paper.comparisons import smallest_p, t_interval
from brainscore_wiring.paper.development.moments import (
    BIRTHS,
    DECODER,
    LAST_EPOCH,
    MEASURES,
    TRAININGS,
    Development,
    asked_cells,
    development,
)
from brainscore_wiring.paper.development.pictures import PAPER_BUDGETS, draw, paper_percent
from brainscore_wiring.paper.development.statements import (
    FEWEST_SEEDS,
    WC_CT,
    StatedDifference,
    statements,
)
from brainscore_wiring.paper.pages import fill, markdown_table, rendered
from brainscore_wiring.paper.plotting import save_figure, style
from brainscore_wiring.public_files import fetch
from brainscore_wiring.scoring.points import AVERAGE, STANDARD, Point, Scores
from brainscore_wiring.scoring.published_scores import PRIVATE, published
from brainscore_wiring.scoring.table import read_results

GRIDS = ("grid.toml", "longer.toml")


def read_development(docs: Path) -> Development:
    """The moments in docs/development/scores.csv, births and final networks in docs/scores.csv."""
    folder = docs / "development"
    tables = (folder / "scores.csv", docs / "scores.csv")
    results = [row for table in tables if table.exists() for row in read_results(table)]
    return development(results, asked_cells(folder / grid for grid in GRIDS))


def development_parts(found: Development) -> dict[str, str]:
    """The page's generated parts that need nothing but the tables."""
    return {
        "cells": cells_sentence(found),
        "verdicts": verdicts_table(found),
        "summary": summary(found),
        "scores": scores_table(found),
    }


def write_tables(docs: Path) -> None:
    """Write those parts alone."""
    fill(docs / "development.md", development_parts(read_development(docs)))


def write_development(docs: Path) -> None:
    """Write the page's tables and pictures, from docs' tables and the authors' database."""
    found, scores = read_development(docs), published(path=fetch(PRIVATE))
    fill(docs / "development.md", {**development_parts(found), "paper": paper_table(scores)})
    for name, axis in (("updates", "updates"), ("synaptic_updates", "synaptic updates")):
        with style():
            drawing = draw(found, scores, axis)
        save_figure(drawing, docs / "development", name)


def cells_sentence(found: Development) -> str:
    """How many cells of the grids are scored, and of which trainings cells are missing."""
    missing = found.missing
    lines = [
        f"**{len(found.asked) - len(missing)} of {len(found.asked)} cells are scored, "
        f"{len(missing)} missing.**"
    ]
    for name, words in TRAININGS.items():
        asked = sum(training == name for training, _, _ in found.asked)
        absent = sum(training == name for training, _, _ in missing)
        there = sorted(
            {
                (epochs, seed)
                for training, epochs, seed in found.asked
                if training == name and (training, epochs, seed) not in missing
            }
        )
        epochs = sorted({one for one, _ in there})
        seeds = [f"{one:g} (n = {sum(other == one for other, _ in there)})" for one in epochs]
        scored = f", scored at {', '.join(seeds)} epochs" if seeds else ""
        lines.append(f"- {words}: {asked - absent} of {asked}{scored}")
    implied = sum(training == DECODER for training, _, _ in missing)
    if implied and any(found.values(DECODER, epochs) for epochs in found.moments):
        lines[0] += (
            f" {implied} of them are of the decoder alone, on which no score depends: a seed has "
            "the same scores at every moment."
        )
    births = [f"{words}, n = {len(found.values(name, 0))}" for name, words in BIRTHS.items()]
    lines.append(f"- at 0: {'; '.join(births)}")
    if found.repeats:
        lines.append(f"- {found.repeats} further networks of a cell that has one are left out.")
    return "\n".join(lines)


def verdicts_table(found: Development) -> str:
    """Markdown: the statements, their comparisons and verdicts."""
    rows = [
        [one.number, one.words, "; ".join(map(_compared, one.comparisons)), one.verdict]
        for one in statements(found)
    ]
    return markdown_table(["", "statement", "here", "verdict"], rows, "rlll")


def _compared(one: StatedDifference) -> str:
    n = f"n = {' and '.join(map(str, one.n))}"
    return f"{one.words}: {n if math.isnan(one.value) else f'{_value(one)}, {n}'}"


def _value(one: StatedDifference) -> str:
    interval = "" if math.isnan(one.low) else f" ({one.low:+.3f} to {one.high:+.3f})"
    return "not scored" if math.isnan(one.value) else f"{one.value:+.3f}{interval}"


def summary(found: Development) -> str:
    """What the comparisons and moments are, in a paragraph."""
    judged = statements(found)
    return rendered(
        "development.md.j2",
        at=lambda name, epochs: _mean(list(found.values(name, epochs).values())) or "no score",
        synaptic=lambda name, epochs: count(found.updates(name, epochs)[1] or 0),
        smallest_p=smallest_p(FEWEST_SEEDS, FEWEST_SEEDS),
        verdicts=Counter(one.verdict for one in judged),
        STANDARD=STANDARD,
        WC_CT=WC_CT,
    ).strip()


def scores_table(found: Development) -> str:
    """Markdown: every moment that has a network, and the share of the final score."""
    heads = ["", "epochs", "supervised updates", "synaptic updates", "mean without V2"]
    heads += ["% of final", "V1", "V4", "IT", "behaviour"]
    rows = []
    final = list(found.values(STANDARD, LAST_EPOCH).values())
    moments = [(name, 0.0, words) for name, words in BIRTHS.items()]
    moments += [(name, one, words) for name, words in TRAININGS.items() for one in found.moments]
    for name, epochs, words in moments:
        if (name, epochs) not in found.networks:
            continue
        updates, synaptic = found.updates(name, epochs)
        mean, *regions = (list(found.values(name, epochs, one).values()) for one in MEASURES)
        share = ""
        if mean and final:
            share = f"{100 * statistics.fmean(mean) / statistics.fmean(final):.0f}"
        synapses = "" if synaptic is None else count(synaptic)
        cells = [_mean(mean), share, *map(_mean, regions)]
        rows.append([words, f"{epochs:g}", f"{updates:,}", synapses, *cells])
    return markdown_table(heads, rows, "l" + "r" * 9)


def _mean(values: Sequence[float]) -> str:
    if not values:
        return ""
    several = len(values) >= FEWEST_SEEDS
    interval = " ({:.3f} to {:.3f})".format(*t_interval(values)) if several else ""
    return f"{statistics.fmean(values):.3f}{interval}, n = {len(values)}"


def paper_table(scores: Scores) -> str:
    """Markdown: the paper's own networks after as many updates, in percent of its standard
    training; the mean of its five benchmarks, and without V2.
    """
    births = [_paper_cell(scores, [scores.birth(name)]) for name in TRAININGS]
    rows = [["0", "births (seed 0)", *births]]
    for images, epochs in PAPER_BUDGETS:
        cells = [
            _paper_cell(scores, scores.select(model=name, images=images, epochs=epochs))
            for name in TRAININGS
        ]
        rows.append([f"{round(images * epochs):,}", f"{images:,} x {epochs:g}", *cells])
    heads = ["supervised updates", "images x epochs", *TRAININGS.values()]
    return markdown_table(heads, rows, "rl" + "r" * len(TRAININGS))


def _paper_cell(scores: Scores, points: Sequence[Point | None]) -> str:
    there = [point for point in points if point is not None]
    means: list[Callable] = [
        lambda point: paper_percent(scores, point, AVERAGE),
        lambda point: scores.relative(point),
    ]
    without, whole = ([value for point in there if (value := one(point))] for one in means)
    if not without or not whole:
        return ""
    n = f", n = {len(whole)}" if len(whole) > 1 else ""
    return f"{statistics.fmean(whole):.0f} ({statistics.fmean(without):.0f}{n})"
