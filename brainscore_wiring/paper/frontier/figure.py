"""The figure: score against bits, every seed a dot, and the best that can be had for no more
bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from brainscore_wiring.paper.frontier.results import CRITERIA_IN_WORDS, StateResult, frontier_line
from brainscore_wiring.paper.frontier.states import (
    DEFAULTS,
    FROM_NOISE,
    NATURAL,
    NATURAL_V1,
    SUFFIXES,
)
from brainscore_wiring.paper.panels import Look
from brainscore_wiring.paper.plotting import BLUE, READABLE, VERMILLION, save_figure, style

_SETTINGS, _RESOLUTION = READABLE | {"font.size": 8}, 120
#: One column of panels for each: kinds that share a column differ in colour and shape.
_PANELS = {
    "statistics 0/1": (DEFAULTS,),
    "statistics from natural images": (NATURAL, NATURAL_V1),
    "statistics from noise": (FROM_NOISE,),
}
_COLOURS = {DEFAULTS: BLUE, NATURAL: VERMILLION, NATURAL_V1: "#9A4C7D", FROM_NOISE: "#007C5A"}
MARKERS = {DEFAULTS: "o", NATURAL: "s", NATURAL_V1: "D", FROM_NOISE: "^"}
#: Below this many bits the axis is linear, so that 0 has a place: a grey band of its own, up to
#: `BAND` bits.
LINEAR_BITS, BAND = 2_000, 800
#: Distances in fractions of a panel: between points of (nearly) equal bits and between labels below
#: each other, between points whose labels share a column, and from a point to its label.
BESIDE, _LINE, NEIGHBOURS, ASIDE = 0.02, 0.052, 0.22, 0.03
FONT_SIZE = 7.5

#: Words -> score -> value of models that are no birth states.
Lines = Mapping[str, Mapping[str, float]]


def draw_frontier(
    results: Mapping[str, StateResult], lines: Lines, stem: Path, scores: Sequence[str]
) -> list[Path]:
    """Write `stem`.svg and .png with a row of panels for each score; `lines` go across every panel
    of their score.
    """
    with style(_SETTINGS):
        picture = _picture(results, lines, scores)
    return save_figure(picture, stem.parent, stem.name, _SETTINGS, _RESOLUTION)


def _picture(results: Mapping[str, StateResult], lines: Lines, scores: Sequence[str]) -> Figure:
    columns = {
        title: [result for result in results.values() if result.about.statistics in kinds]
        for title, kinds in _PANELS.items()
    }
    columns = {title: group for title, group in columns.items() if group}
    largest = max(LINEAR_BITS, *(result.about.bits for result in results.values()))
    picture = Figure(
        figsize=(3.2 * len(columns) + 1, 2.9 * len(scores) + 0.3), layout="constrained"
    )
    axes = picture.subplots(len(scores), len(columns), squeeze=False, sharex=True, sharey="row")
    bits_along(axes[0, 0], largest, 30)
    for panels, score in zip(axes, scores):
        near = {words: values[score] for words, values in lines.items() if score in values}
        panels[0].set_ylim(
            *_limits(
                [value for result in results.values() for value in result.values(score)],
                list(near.values()),
            )
        )
        panels[0].set_ylabel(f"{CRITERIA_IN_WORDS[score]} (1 = ceiling)")
        for axis, group in zip(panels, columns.values()):
            _points(axis, group, score)
            for value in near.values():
                axis.axhline(value, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
        _words(panels[-1], near)
    for axis, title in zip(axes[0], columns):
        axis.set_title(title, fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("bits in the genome")
    return picture


def bits_along(axis: Axes, largest: int, room: float) -> None:
    """Bits along the axis, linear where they are few, up to `largest` and so many times as far."""
    axis.set_xscale("symlog", linthresh=LINEAR_BITS, linscale=1)
    axis.set_xlim(-BAND, largest * room)
    axis.set_xticks([0, *(10**power for power in range(4, len(str(largest))))])
    axis.set_xticks([], minor=True)


def ground(axis: Axes) -> None:
    """What lies beneath the points: the band of those without a stored number, and a grid."""
    axis.axvspan(-BAND, BAND, color="0.93", zorder=-1)
    axis.grid(axis="y", alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)


def seeds_and_mean(
    axis: Axes, place: float, values: Sequence[float], colour: str, statistics: str
) -> None:
    """A dot for every seed and the mean as an open mark, whose shape tells the statistics."""
    look: Look = dict(color=colour, markersize=4.5)
    axis.plot([place] * len(values), values, ".", alpha=0.6, markeredgewidth=0, **look)
    mean, shape = np.mean(values), MARKERS[statistics]
    axis.plot(place, mean, shape, markerfacecolor="none", zorder=3, **look)


def _limits(points: Sequence[float], lines: Sequence[float]) -> tuple[float, float]:
    """The points' range and a margin, wide enough for lines that are no further from it than half
    its width.
    """
    low, high = min(points), max(points)
    width = max(high - low, 0.05)
    near = [line for line in lines if low - width / 2 < line < high + width / 2]
    low, high = min([low, *near]), max([high, *near])
    return low - 0.05 * width, high + 0.05 * width


def _points(axis: Axes, group: Sequence[StateResult], score: str) -> None:
    """Every seed and mean of a panel, the frontier of each kind of statistics in it, and the
    states' names.
    """
    ground(axis)
    places = _places(axis, group)
    for result, place in zip(group, places):
        kind = result.about.statistics
        seeds_and_mean(axis, place, result.values(score), _COLOURS[kind], kind)
    for kind in dict.fromkeys(result.about.statistics for result in group):
        mine = [result for result in group if result.about.statistics == kind]
        line = frontier_line((result.about.bits, result.mean(score)) for result in mine)
        bits, scores = zip(*line)
        look: Look = dict(color=_COLOURS[kind], alpha=0.45, linewidth=1, zorder=1)
        axis.step([*bits, axis.get_xlim()[1]], [*scores, scores[-1]], where="post", **look)
    _label_points(axis, group, places, [result.mean(score) for result in group])


def _places(axis: Axes, group: Sequence[StateResult]) -> np.ndarray:
    """Where states are drawn along the axis, in bits: those of one kind that would hide each other
    move sideways.
    """
    to_panel = axis.transData + axis.transAxes.inverted()
    panel = to_panel.transform([(result.about.bits, 0) for result in group])
    kinds = np.array([result.about.statistics for result in group])
    for kind in np.unique(kinds):
        panel[kinds == kind, 0] = spread(panel[kinds == kind, 0], BESIDE)
    return to_panel.inverted().transform(panel)[:, 0]


def _label_points(
    axis: Axes, group: Sequence[StateResult], places: np.ndarray, means: Sequence[float]
) -> None:
    """The states' names to the right of their points, with thin lines to them."""
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4}
    points = (axis.transData + axis.transAxes.inverted()).transform(
        np.column_stack([places, means])
    )
    for column in _columns(points[:, 0]):
        x = points[column, 0].max() + ASIDE
        for number, y in zip(column, spread(points[column, 1], _LINE)):
            colour = _COLOURS[group[number].about.statistics]
            line: Look = dict(arrowstyle="-", linewidth=0.4, color=colour, alpha=0.6)
            line |= dict(shrinkA=0, shrinkB=2, relpos=(0, 0.5))
            look: Look = dict(fontsize=FONT_SIZE, va="center", color=colour, zorder=4, bbox=ground)
            look |= dict(xycoords="axes fraction", textcoords="axes fraction", arrowprops=line)
            axis.annotate(short_name(group[number]), points[number], (x, y), **look)


def _words(axis: Axes, values: Mapping[str, float]) -> None:
    """The words of the lines to the right of their last panel; for those beyond its limits an arrow
    and the value.
    """
    low, high = axis.get_ylim()
    words = [
        name if low <= value <= high else f"{'↓' if value < low else '↑'} {name}: {value:.2f}"
        for name, value in values.items()
    ]
    heights = np.clip([(value - low) / (high - low) for value in values.values()], 0, 1)
    for line, height in zip(words, spread(heights, _LINE)):
        look: Look = dict(va="center", fontsize=FONT_SIZE, color="0.35", annotation_clip=False)
        axis.annotate(line, (1.02, height), xycoords="axes fraction", **look)


def short_name(result: StateResult) -> str:
    """A state's name without what the panel says anyway."""
    words = (
        result.name.removesuffix(SUFFIXES[result.about.statistics])
        .removeprefix("cornet_s_")
        .split("_")
    )
    name = " ".join(word.upper() if word in ("kn", "wc", "v1") else word for word in words)
    return f"{name} (in V1)" if result.about.statistics == NATURAL_V1 else name


def _columns(places: np.ndarray) -> list[np.ndarray]:
    """Numbers of points whose labels stand below each other: neighbours along the axis closer than
    `NEIGHBOURS`.
    """
    order = np.argsort(places, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(places[order]) > NEIGHBOURS) + 1)


def spread(places: np.ndarray, distance: float) -> np.ndarray:
    """Places in [0, 1] moved apart to at least `distance`, in their order, each crowd about its own
    mean.
    """
    crowds: list[list[int]] = []
    for number in np.argsort(places, kind="stable").tolist():
        crowds.append([number])
        while len(crowds) > 1 and (
            _first(places, crowds[-1], distance) - _first(places, crowds[-2], distance)
            < distance * len(crowds[-2])
        ):
            crowds[-2:] = [crowds[-2] + crowds[-1]]
    moved = np.empty(len(places))
    for crowd in crowds:
        moved[crowd] = _first(places, crowd, distance) + distance * np.arange(len(crowd))
    return moved


def _first(places: np.ndarray, crowd: list[int], distance: float) -> float:
    """Where the first of a crowd goes: within the panel, where all of them fit."""
    length = distance * (len(crowd) - 1)
    return float(max(0.0, min(places[crowd].mean() - length / 2, 1 - length)))
