"""Learning curves and maps from a sweep's table: figures 1A, 4A and 4B with held-out accuracy for
the brain score.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from brainscore_wiring.files import write_text
from brainscore_wiring.paper.learning.learning_page import learning_text, read_scores
from brainscore_wiring.paper.learning.sweep_points import (
    ERRORS,
    MODEL_PAIRS,
    WC_CT,
    AccuracyDifference,
    GridCell,
    Sweep,
    differences,
    name_of,
    read_sweep,
)
from brainscore_wiring.paper.panels import Look
from brainscore_wiring.paper.plotting import (
    BLUE,
    GREEN,
    MARGIN,
    ORANGE,
    PURPLE,
    REFERENCE,
    SAMPLED,
    SKY_BLUE,
    SMALL,
    TRAINED,
    WIDTH,
    WORD_COLOUR,
    Page,
    save_figure,
    style,
)
from brainscore_wiring.scoring.points import STANDARD

_COLOURS = {STANDARD: TRAINED, "cornet_s_dt_it": REFERENCE, "cornet_s_ct": BLUE, WC_CT: SAMPLED}
OTHER_COLOURS, _MARKERS = (GREEN, PURPLE, ORANGE, SKY_BLUE), "os^DvPX*<>hp"
_TOP, PANEL, _ROW = 0.36, 2.15, 0.17
#: Where maps begin and end, and how wide a cell is in one of few and of many epochs.
MAPS, MAPS_END, _CELL, NARROW_CELL = 0.76, 6.25, 0.42, 0.34


def write_learning(folder: Path, output: Path, scores: Path | None = None) -> list[Path]:
    """Write `learning.svg`, `.png`, `.md` and a copy of the table for the sweep in `folder`;
    returns the files.

    `scores`: a file of `brainscore score --csv` on models of the sweep. Raises `WiringError` before
    it writes anything.
    """
    sweep = read_sweep(folder)
    text = learning_text(sweep, read_scores(scores, sweep) if scores else {})
    pictures = save_figure(draw_learning(sweep), output, "learning")
    write_text(output / "learning.md", text)
    write_text(output / "learning.csv", sweep.table)
    return [output / "learning.md", *pictures, output / "learning.csv"]


def draw_learning(sweep: Sweep) -> Page:
    """Accuracy against supervised and against synaptic updates, and a map of differences for each
    pair of models.
    """
    maps = [(pair, found) for pair in MODEL_PAIRS if (found := differences(sweep, *pair))]
    keys = _rows(sweep.models, 4), _rows(sweep.images, 6)
    below = _TOP + PANEL + 0.42
    legend = _ROW * (len(keys[0]) + len(keys[1]) + 1) + 0.12
    wide = min(
        (_CELL if len(sweep.epochs) <= 4 else NARROW_CELL) * len(sweep.epochs), MAPS_END - MAPS
    )
    pitch = max(wide + 0.64, 1.95)
    in_row = 1 + int((MAPS_END - MAPS - wide) // pitch)
    high = 0.27 * len(sweep.images)
    with style():
        page = Page(below + legend + ((high + 0.8) * -(-len(maps) // in_row) if maps else 0))
        page.write(
            MARGIN,
            0.06,
            f"Held-out accuracy after few labelled images: {sweep.training_data} at "
            f"{sweep.image_size} px, {sweep.held_out:,} held-out images",
            fontsize=9,
        )
        for left, words, name in (
            (0.48, "supervised updates (images x epochs)", "updates"),
            (3.9, "supervised synaptic updates", "synaptic"),
        ):
            axis = page.axes_at(left, _TOP, 2.95, PANEL)
            _draw_curves(axis, sweep, name)
            axis.set(xlabel=words, ylabel="held-out accuracy (%)")
        none = _without_synapses(sweep)
        if none:
            shown = f"{len(none)} of {len(sweep.models)} models"
            words = f"without synaptic updates, left only: {shown}"
            axis.set_title(words, pad=4, fontsize=SMALL, color=WORD_COLOUR, loc="right")
        _draw_keys(page, sweep, keys, below)
        for number, (pair, found) in enumerate(maps):
            row, column = divmod(number, in_row)
            top = below + legend + 0.42 + (high + 0.8) * row
            axis = page.axes_at(MAPS + pitch * column, top, wide, high)
            largest = max(abs(one.points) for _, cells in maps for one in cells.values()) or 1.0
            picture = _draw_map(axis, sweep, found, largest)
            axis.set_title(
                f"{name_of(pair[0])}\nminus {name_of(pair[1])}", pad=4, weight="bold", loc="left"
            )
            axis.set_xlabel("epochs")
            axis.set_ylabel("labelled images" if column == 0 else "")
        if maps:
            page.write(
                MARGIN,
                below + legend - 0.06,
                "Differences of accuracy in percentage points; bold: at least "
                f"{ERRORS} standard errors; blank: not there",
            )
            bar = page.axes_at(MAPS_END + 0.12, below + legend + 0.42, 0.09, high)
            page.colorbar(picture, cax=bar).outline.set_linewidth(0.4)
            bar.set_ylabel("percentage points", labelpad=2)
    return page


def _rows(items: list, length: int) -> list[list]:
    return [items[start : start + length] for start in range(0, len(items), length)]


def colours(models: Iterable[str]) -> dict[str, str]:
    """Model -> its colour."""
    others = [model for model in models if model not in _COLOURS]
    return _COLOURS | {
        model: OTHER_COLOURS[number % len(OTHER_COLOURS)] for number, model in enumerate(others)
    }


def _draw_curves(axis: Axes, sweep: Sweep, name: str) -> None:
    """A line for each model and number of images through the means over seeds; several seeds also
    as dots.
    """
    for model in sweep.models:
        for images, marker in zip(sweep.images, _MARKERS * len(sweep.images)):
            mine = [
                list(found.values())
                for epochs in sweep.epochs
                if (found := sweep.at(model, (images, epochs)))
                and (name == "updates" or model not in _without_synapses(sweep))
            ]
            look: Look = dict(color=colours(sweep.models)[model], marker=marker, markeredgewidth=0)
            at = [getattr(points[0], name) for points in mine]
            means = [100 * statistics.fmean(one.accuracy for one in points) for points in mine]
            axis.plot(at, means, linewidth=0.9, markersize=3.8, alpha=0.9, **look)
            several = [point for points in mine if len(points) > 1 for point in points]
            at = [getattr(point, name) for point in several]
            seeds = [100 * point.accuracy for point in several]
            axis.plot(at, seeds, linestyle="", markersize=2.2, alpha=0.4, **look)
    axis.axhline(100 / sweep.classes, color=REFERENCE, linewidth=0.8, linestyle="--", zorder=0)
    words: Look = dict(ha="right", va="top", fontsize=SMALL, color=WORD_COLOUR)
    words |= dict(xycoords=("axes fraction", "data"), textcoords="offset points")
    axis.annotate("chance", (0.995, 100 / sweep.classes), (0, -2), **words)
    if any(getattr(point, name) for point in sweep.points):  # an empty axis cannot be logarithmic
        axis.set_xscale("log")
    low, high = axis.get_ylim()
    axis.set_ylim(max(0.0, low - 0.05 * (high - low)), high)


def _without_synapses(sweep: Sweep) -> list[str]:
    """The models of which the decoder alone is trained: they have no place on a logarithmic axis
    of synaptic updates.
    """
    return list(dict.fromkeys(point.model for point in sweep.points if not point.synaptic))


def _draw_keys(page: Page, sweep: Sweep, keys: tuple[list, list], top: float) -> None:
    """Colours for models, marks for numbers of images, and how far held-out chance alone moves an
    accuracy.
    """
    places: list[tuple[int, float, str, Look]] = [
        (
            row,
            1.35 + 1.4 * column,
            name_of(model),
            dict(color=colours(sweep.models)[model], linewidth=2),
        )
        for row, models in enumerate(keys[0])
        for column, model in enumerate(models)
    ]
    marks = dict(zip(sweep.images, _MARKERS * len(sweep.images)))
    places += [
        (
            len(keys[0]) + row,
            1.35 + 0.9 * column,
            f"{images:,}",
            dict(color=TRAINED, marker=marks[images], linestyle="", markersize=4),
        )
        for row, counts in enumerate(keys[1])
        for column, images in enumerate(counts)
    ]
    page.write(MARGIN, top, "model", weight="bold")
    page.write(MARGIN, top + _ROW * len(keys[0]), "labelled images", weight="bold")
    for row, left, words, look in places:
        y = 1 - (top + _ROW * row + 0.055) / page.get_figheight()
        ends = [left - 0.22, left - 0.06] if "linewidth" in look else [left - 0.14]
        page.add_artist(Line2D([end / WIDTH for end in ends], [y] * len(ends), **look))
        page.write(left, top + _ROW * row, words)
    best = max(point.accuracy for point in sweep.points)
    page.write(
        MARGIN,
        top + _ROW * (len(keys[0]) + len(keys[1])),
        f"{ERRORS} standard errors of an accuracy: "
        f"{ERRORS * 100 * sweep.error(1 / sweep.classes):.1f} points "
        f"at chance, {ERRORS * 100 * sweep.error(best):.1f} at the best"
        + (
            "; small dots are seeds, lines go through their means"
            if len(sweep.seeds) > 1
            else "; one seed"
        ),
    )


def _draw_map(
    axis: Axes, sweep: Sweep, found: dict[GridCell, AccuracyDifference], largest: float
) -> AxesImage:
    """Differences, few epochs left and few images below."""
    cells = [[found.get((images, epochs)) for epochs in sweep.epochs] for images in sweep.images]
    picture = axis.imshow(
        [[one.points if one else math.nan for one in row] for row in cells],
        cmap="RdBu",
        vmin=-largest,
        vmax=largest,
        aspect="auto",
        origin="lower",
    )
    for y, row in enumerate(cells):
        for x, one in enumerate(row):
            if one:
                axis.text(
                    x,
                    y,
                    f"{one.points:+.1f}".replace("-", "−"),
                    ha="center",
                    va="center",
                    fontsize=SMALL if len(sweep.epochs) < 12 else 4.5,
                    weight="bold" if one.sign else "normal",
                    color="white" if abs(one.points) > 0.6 * largest else "black",
                )
    axis.set_xticks(range(len(sweep.epochs)), [f"{epochs:g}" for epochs in sweep.epochs])
    axis.set_yticks(range(len(sweep.images)), [f"{images:,}" for images in sweep.images])
    axis.tick_params(length=0)
    axis.spines[:].set(visible=True, linewidth=0.4, color=REFERENCE)
    return picture
