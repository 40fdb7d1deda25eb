"""Figures 1 and 6: brain predictivity after few supervised updates (paper, section 3), and figure
9: the regions of WC+CT (appendix C).

The text does not say how numbers of images look: here each has a shade, and a thin line joins one
training's moments. The three highlighted numbers of updates are answered by the mean and the range
of all networks with as many updates, or of those drawn near there.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from operator import attrgetter

import matplotlib

from brainscore_wiring.paper.panels import (
    LIGHT_BLUE,
    PIXELS_MODEL,
    REGION_LOOKS,
    Look,
    Panel,
    PaperFigure,
    Series,
    draw_groups,
    groups,
    key,
    log_axis,
    mark,
    new_figure,
    points_of,
    region_key,
)
from brainscore_wiring.paper.plotting import (
    BLACK,
    DARK_GREY,
    GREEN,
    ORANGE,
    PURPLE,
    SMALL,
    VERMILLION,
    WORD_COLOUR,
)
from brainscore_wiring.scoring.points import STANDARD, AddedNetwork, Point, Scores

#: Numbers of updates whose scores the paper states, and how near a network must come to be one of
#: them.
MILESTONES, NEAR = (100_000, 1_000_000, 10_000_000), 0.05
UPDATES_AXIS = "supervised updates (training epochs x labelled images)"
_UPDATES = 10**1.6, 10**8
UPDATES_OF = attrgetter("updates")
EPOCHS, _IMAGES = (0.09, 60), (70, 2_000_000)
_HYPER_PARAMETERS = (
    Series((STANDARD,), "as in the other figures", LIGHT_BLUE),
    Series(("cornet_s_learning_rate_1",), "learning rate 1", VERMILLION, "^"),
    Series(("cornet_s_learning_rate_0p01",), "learning rate 0.01", ORANGE, "v"),
    Series(("cornet_s_weight_decay_1e_3",), "weight decay 0.001", PURPLE, "s"),
    Series(("cornet_s_weight_decay_1e_5",), "weight decay 0.00001", GREEN, "D"),
    Series(("cornet_s_schedule_alternative",), "scheduler alternative", DARK_GREY, "P"),
)


def figure_1(scores: Scores) -> PaperFigure:
    """Average score over supervised updates, and the regions' over epochs and over labelled
    images.
    """
    figure = new_figure("1", "Scores after few supervised updates", 4.32, scores)
    panel = figure.panel("1A", "Average over supervised updates", 0.62, 0.66, 3.25, 3.05)
    points = [point for point in points_of(scores, "1A") if point.model != PIXELS_MODEL]
    drawn = panel.with_score(points)
    if panel.compares(drawn):
        _over_updates(panel, drawn)
        panel.pixels_line()
        counts = sorted({point.images for point in drawn})
        entries = [(f"{n:,}", mark(_shade(number, counts))) for number, n in enumerate(counts)]
        entries += panel.draw_added(_place_of_added)
        figure.page.write(2.78, 2.08, "labelled images", fontsize=SMALL, weight="bold")
        key(figure.page, 2.78, 2.23, entries, 0, columns=1)
        _milestones(panel, drawn)
    else:
        panel.missing("no network with fewer updates than standard training was scored.")
    region_key(figure.page, 4.58, 0.1, scores)
    _over_epochs(figure.panel("1B", "Regions over training epochs", 4.72, 0.66, 2.15, 1.3))
    _over_images(figure.panel("1C", "Regions over labelled images", 4.72, 2.58, 2.15, 1.3))
    return figure.finished()


def _place_of_added(network: AddedNetwork) -> float | None:
    low, high = _UPDATES
    return network.updates if low <= network.updates <= high else None


def figure_6(scores: Scores) -> PaperFigure:
    """Figure 1A for other learning rates, weight decays and another schedule."""
    figure = new_figure("6", "Other hyper-parameters", 4.2, scores)
    panel = figure.panel("6", "", 0.62, 0.45, 4.45, 3.2)
    values: list[float] = []
    points = points_of(scores, "6")
    entries = []
    for series in _HYPER_PARAMETERS:
        drawn = panel.with_score(point for point in points if point.model in series.models)
        look = series.colour, series.marker
        draw_groups(panel.axis, groups(drawn), UPDATES_OF, scores.percent, *look)
        values += map(scores.percent, drawn)
        if drawn:
            entries.append((f"{series.words} (n = {len(drawn)})", mark(*look)))
    if not panel.compares(figure.panels["6"]):
        panel.missing("no network with other hyper-parameters was scored.")
        return figure.finished()
    values += _standard(panel)
    log_axis(panel.axis, *_UPDATES)
    panel.percent_axis(values)
    panel.pixels_line()
    panel.axis.set_xlabel(UPDATES_AXIS)
    figure.page.write(5.28, 0.5, "hyper-parameters", weight="bold")
    key(figure.page, 5.28, 0.68, [*entries, ("standard training", mark(BLACK))], 0, columns=1)
    return figure.finished()


def figure_9(scores: Scores) -> PaperFigure:
    """The regions of WC+CT over epochs and over labelled images, beside standard training."""
    figure = new_figure("9", "WC+CT by region", 3.05, scores)
    region_key(figure.page, 4.3, 0.1, scores)
    _over_epochs(figure.panel("9A", "WC+CT over training epochs", 0.62, 0.66, 2.6, 1.75))
    _over_images(figure.panel("9B", "WC+CT over labelled images", 4.02, 0.66, 2.6, 1.75))
    return figure.finished()


def _over_epochs(panel: Panel) -> None:
    """The regions' scores over epochs, from birth behind the axis' break on."""
    axis, scores = panel.axis, panel.scores
    points = points_of(scores, panel.name)
    beside = [point for point in points if point.model == STANDARD] if panel.name == "9A" else []
    points = [point for point in points if point not in beside]
    place = log_axis(axis, *EPOCHS, zero=True)
    values = panel.draw_regions(points, lambda point: place(point.epochs))
    open_mark: Look = dict(markerfacecolor="white", markersize=3.2, markeredgewidth=0.8, zorder=5)
    for region in scores.regions if beside else ():
        colour, marker = REGION_LOOKS[region]
        for point in panel.with_score(beside, region):
            height = scores.percent(point, region)
            axis.plot(point.epochs, height, marker, color=colour, **open_mark)
            values.append(height)
    if beside:
        look: Look = dict(xycoords="axes fraction", ha="right", va="bottom", fontsize=SMALL)
        axis.annotate("standard", (1, 1), **look)
    _finish(panel, points, values, "training epochs")


def _over_images(panel: Panel) -> None:
    """The regions' scores at the end of trainings on so many images."""
    points = points_of(panel.scores, panel.name)
    log_axis(panel.axis, *_IMAGES)
    values = panel.draw_regions(points, lambda point: point.images)
    moment = "converged" if panel.scores.converged else "end of training"
    _finish(panel, points, values, f"labelled images ({moment})")


def _finish(panel: Panel, points: list[Point], values: list[float], words: str) -> None:
    if not panel.compares(points if values else ()):
        panel.missing("besides standard training none of its networks was scored.")
        return
    panel.percent_axis(values)
    panel.axis.set(xlabel=words, ylabel="score (% of standard)")


def _over_updates(panel: Panel, drawn: list[Point]) -> None:
    axis, scores = panel.axis, panel.scores
    counts = sorted({point.images for point in drawn})
    for number, count in enumerate(counts):
        found = groups(
            point for point in drawn if point.images == count and point not in scores.standard
        )
        colour = _shade(number, counts)
        draw_groups(axis, found, UPDATES_OF, scores.percent, colour)
        first = sorted((group[0] for group in found), key=UPDATES_OF)
        line: Look = dict(color=colour, linewidth=0.6, alpha=0.6, zorder=2)
        axis.plot(list(map(UPDATES_OF, first)), list(map(scores.percent, first)), **line)
    values = [*map(scores.percent, drawn), *_standard(panel)]
    log_axis(axis, *_UPDATES)
    panel.percent_axis(values)
    axis.set_xlabel(UPDATES_AXIS)


def _standard(panel: Panel) -> list[float]:
    """Standard training in black; returns its values."""
    axis, scores = panel.axis, panel.scores
    standard = [point for point in scores.standard if scores.relative(point) is not None]
    if standard:
        draw_groups(axis, [standard], UPDATES_OF, scores.percent, BLACK, size=6.5)
        look: Look = dict(ha="right", va="bottom", fontsize=SMALL, annotation_clip=False)
        place = standard[0].updates, 100
        axis.annotate("standard training", place, (-4, 8), textcoords="offset points", **look)
    return [scores.percent(point) for point in standard]


def _milestones(panel: Panel, drawn: list[Point]) -> None:
    """What so many updates reach: the mean and range over all networks drawn there, with an
    arrow.
    """
    scores = panel.scores
    arrow: Look = dict(arrowstyle="-|>", linewidth=0.6, color=WORD_COLOUR, shrinkB=4)
    ground = dict(facecolor="white", edgecolor="none", pad=0.6)
    look: Look = dict(ha="right", va="center", zorder=6, arrowprops=arrow, bbox=ground)
    full = scores.standard[0].updates if scores.standard else 0
    for updates in MILESTONES:
        # 50 and 76 %, which the paper marks there, are networks that its grid of epochs leaves out
        there = [
            point
            for point in scores.select(model=STANDARD)
            if point.updates == updates and scores.relative(point) is not None
        ]
        exact = bool(there)
        there = there or [one for one in drawn if abs(one.updates / updates - 1) <= NEAR]
        if not there or updates > full / 2:
            continue
        values = list(map(scores.percent, there))
        average = statistics.fmean(values)
        spread = (
            f" ({min(values):.0f} to {max(values):.0f}%, n = {len(values)})"
            if len(values) > 1
            else " (n = 1)"
        )
        share = f"{float(f'{100 * updates / full:.1g}'):g}% of"
        words = f"{share} updates:\n{average:.0f}%{spread}"
        beside = updates / 12, min(average + 11, 98)
        panel.axis.annotate(words, (updates, average), beside, fontsize=SMALL, **look)
        panel.figure.caption.append(
            f"At {updates:,} updates ({share} the standard's): {average:.1f}% on average"
            f"{' over all networks with as many' if exact and len(values) > 1 else ''}{spread}."
        )


def _shade(number: int, counts: Sequence[int]) -> str:
    """Few images light, many dark."""
    share = 0.25 + 0.65 * (number / max(1, len(counts) - 1))
    return matplotlib.colors.to_hex(matplotlib.colormaps["Blues"](share))
