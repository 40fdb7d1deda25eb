"""The figure: score against bits, every seed a dot, and the best that can be had for no more bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from brainscore_wiring.files import whole_file
from brainscore_wiring.frontier.results import TITLES, StateResult, frontier
from brainscore_wiring.frontier.states import NATURAL, NATURAL_V1, NEWBORN, NOISE, SUFFIXES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: One row of panels for each: kinds that share a row are told apart by colour and shape.
ROWS = {"statistics 0/1": (NEWBORN,), "statistics from natural images": (NATURAL, NATURAL_V1),
        "statistics from noise": (NOISE,)}
#: Okabe and Ito's colours, which the colour-blind tell apart.
COLOURS = {NEWBORN: "#0072B2", NATURAL: "#D55E00", NATURAL_V1: "#9A4C7D", NOISE: "#007C5A"}
MARKERS = {NEWBORN: "o", NATURAL: "s", NATURAL_V1: "D", NOISE: "^"}
#: Below this many bits the axis is linear, so that 0 has a place.
LINEAR_BITS = 1_000
#: Distances in fractions of a panel: between labels below each other, between points whose labels share a column, and
#: from a point to its label.
LINE, COLUMN, ASIDE = 0.036, 0.22, 0.025
FONT_SIZE = 7

#: Words -> score -> value of models that are no birth states.
Lines = Mapping[str, Mapping[str, float]]


def draw(results: Mapping[str, StateResult], lines: Lines, stem: Path) -> list[Path]:
    """Write `stem`.svg and .png; `lines` go across every panel of their score, if they are anywhere near its points."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "brainscore_wiring", "font.size": 8, "svg.fonttype": "none"}):
        picture = _picture(results, lines)
        return [_save(picture, stem.with_suffix(ending)) for ending in (".svg", ".png")]


def _picture(results: Mapping[str, StateResult], lines: Lines) -> Figure:
    from matplotlib.figure import Figure

    rows = {title: [result for result in results.values() if result.about.statistics in kinds]
            for title, kinds in ROWS.items()}
    rows = {title: group for title, group in rows.items() if group}
    largest = max(LINEAR_BITS, *(result.about.bits for result in results.values()))
    picture = Figure(figsize=(20, 4.4 * len(rows) + 0.3), layout="constrained")
    axes = picture.subplots(len(rows), len(TITLES), squeeze=False, sharex=True, sharey="col")
    axes[0, 0].set_xscale("symlog", linthresh=LINEAR_BITS, linscale=0.8)
    axes[0, 0].set_xlim(-0.1 * LINEAR_BITS, largest * 40)
    for column, (score, words) in enumerate(TITLES.items()):
        axes[0, column].set_ylim(*_limits([value for result in results.values() for value in result.values(score)],
                                          [values[score] for values in lines.values() if score in values]))
        for row, (title, group) in enumerate(rows.items()):
            axes[row, column].set_title(f"{words}, {title}", fontsize=9)
            _points(axes[row, column], group, score)
        axes[-1, column].set_xlabel("bits in the genome")
    for panels, group in zip(axes, rows.values()):
        panels[0].set_ylabel("score (1 = noise ceiling)")
        for axis, score in zip(panels, TITLES):
            _label_points(axis, group, score)
            _lines(axis, {words: values[score] for words, values in lines.items() if score in values})
    return picture


def _limits(points: Sequence[float], lines: Sequence[float]) -> tuple[float, float]:
    """The points' range and a margin, wide enough for lines that are no further from it than half its width."""
    low, high = min(points), max(points)
    width = max(high - low, 0.05)
    near = [line for line in lines if low - width / 2 < line < high + width / 2]
    low, high = min([low, *near]), max([high, *near])
    return low - 0.05 * width, high + 0.05 * width


def _points(axis: Axes, group: Sequence[StateResult], score: str) -> None:
    for result in group:
        about, values = result.about, result.values(score)
        colour, marker = COLOURS[about.statistics], MARKERS[about.statistics]
        axis.plot([about.bits] * len(values), values, marker, color=colour, alpha=0.2, markersize=3.5,
                  markeredgewidth=0)
        axis.plot(about.bits, np.mean(values), marker, color=colour, markersize=6, markeredgecolor="white",
                  markeredgewidth=0.6, zorder=3)
    bits, scores = zip(*frontier([(result.about.bits, result.mean(score)) for result in group]))
    axis.step([*bits, axis.get_xlim()[1]], [*scores, scores[-1]], where="post", color="0.55", linewidth=1, zorder=1)
    axis.grid(axis="y", alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)


def _label_points(axis: Axes, group: Sequence[StateResult], score: str) -> None:
    """The states' names to the right of their points, with thin lines to them."""
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4}
    to_panel = axis.transData + axis.transAxes.inverted()
    points = to_panel.transform([(result.about.bits, result.mean(score)) for result in group])
    for column in _columns(points[:, 0]):
        x = points[column, 0].max() + ASIDE
        for number, y in zip(column, spread(points[column, 1])):
            colour = COLOURS[group[number].about.statistics]
            axis.annotate(short_name(group[number]), points[number], (x, y), xycoords="axes fraction",
                          textcoords="axes fraction", fontsize=FONT_SIZE, va="center", color=colour, zorder=4,
                          bbox=ground,
                          arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": colour, "alpha": 0.6,
                                      "shrinkA": 0, "shrinkB": 2, "relpos": (0, 0.5)})


def _lines(axis: Axes, values: Mapping[str, float]) -> None:
    """Dotted lines with their words to the right of the panel; those beyond its limits are left out."""
    low, high = axis.get_ylim()
    inside = {words: value for words, value in values.items() if low <= value <= high}
    heights = spread(np.array([(value - low) / (high - low) for value in inside.values()]))
    for (words, value), height in zip(inside.items(), heights):
        axis.axhline(value, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
        axis.annotate(words, (1.01, height), xycoords="axes fraction", va="center", fontsize=FONT_SIZE, color="0.35",
                      annotation_clip=False)


def short_name(result: StateResult) -> str:
    """A state's name without what the panel says anyway."""
    words = result.name.removesuffix(SUFFIXES[result.about.statistics]).removeprefix("cornet_s_").split("_")
    name = " ".join(word.upper() if word in ("kn", "wc", "v1") else word for word in words)
    return f"{name} (in V1)" if result.about.statistics == NATURAL_V1 else name


def _columns(places: np.ndarray) -> list[np.ndarray]:
    """Numbers of points whose labels stand below each other: neighbours along the axis closer than `COLUMN`."""
    order = np.argsort(places, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(places[order]) > COLUMN) + 1)


def spread(heights: np.ndarray) -> np.ndarray:
    """Heights in [0, 1] moved apart to at least `LINE`, in their order, each crowd about its own mean."""
    crowds: list[list[int]] = []
    for number in np.argsort(heights, kind="stable").tolist():
        crowds.append([number])
        while len(crowds) > 1 and _lowest(heights, crowds[-1]) - _highest(heights, crowds[-2]) < LINE:
            crowds[-2:] = [crowds[-2] + crowds[-1]]
    moved = np.empty(len(heights))
    for crowd in crowds:
        moved[crowd] = _lowest(heights, crowd) + LINE * np.arange(len(crowd))
    return moved


def _lowest(heights: np.ndarray, crowd: list[int]) -> float:
    """Where the lowest label of a crowd goes: within the panel, where all of them fit."""
    length = LINE * (len(crowd) - 1)
    return float(max(0.0, min(heights[crowd].mean() - length / 2, 1 - length)))


def _highest(heights: np.ndarray, crowd: list[int]) -> float:
    return _lowest(heights, crowd) + LINE * (len(crowd) - 1)


def _save(picture: Figure, path: Path) -> Path:
    ending = path.suffix.removeprefix(".")
    with whole_file(path) as temporary:
        picture.savefig(temporary, format=ending, dpi=90, metadata={"Date": None} if ending == "svg" else None)
    return path
