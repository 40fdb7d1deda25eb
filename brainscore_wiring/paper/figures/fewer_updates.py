"""Figures 1 and 6: brain predictivity after few supervised updates (paper, section 3 and appendix
A), and figure 9: the regions of WC+CT (appendix C).

The text does not say how numbers of images look: here each has a shade, and a thin line joins one
training's moments. The three highlighted numbers of updates are answered by the mean and the range
of all networks drawn there.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes

from brainscore_wiring.paper.panels import (
    LIGHT_BLUE,
    PIXELS_MODEL,
    REGION_LOOKS,
    PaperFigure,
    Series,
    compares,
    draw_added,
    draw_groups,
    draw_regions,
    finish,
    groups,
    key,
    log_axis,
    mark,
    new_figure,
    percent_axis,
    pixels_line,
    points_of,
    region_key,
    standard_line,
    with_score,
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
    figure.caption.append(
        "**A** Average score against supervised updates (epochs x labelled images, logarithmic); "
        "a mark for every network, shaded by its number of labelled images, thin lines along one "
        "training; black: standard training. **B** Scores by region over the epochs of a training "
        f"on all images. **C** Scores by region of trainings to {_last_in_words(scores)} on fewer "
        "images."
    )
    axis = figure.axes("A", "Average over supervised updates", 0.62, 0.66, 3.25, 3.05)
    points = [point for point in points_of(scores, "1A") if point.model != PIXELS_MODEL]
    drawn = with_score(figure, scores, points, "1A")
    if compares(scores, drawn):
        _over_updates(axis, scores, drawn)
        pixels_line(axis, figure, scores, "1A")
        counts = sorted({point.images for point in drawn})
        stars = draw_added(axis, figure, scores, "1A", _place_of_added)
        figure.page.write(2.78, 2.08, "labelled images", fontsize=SMALL, weight="bold")
        key(
            figure.page,
            2.78,
            2.23,
            [
                *(
                    (f"{count:,}", mark(_shade(number, counts)))
                    for number, count in enumerate(counts)
                ),
                *stars,
            ],
            0,
            columns=1,
        )
        _milestones(axis, figure, scores, drawn)
    else:
        figure.missing(
            axis, "1A", "no network with fewer updates than standard training was scored."
        )
    region_key(figure.page, 4.58, 0.1, scores)
    over_epochs(figure, scores, "1B", "B", "Regions over training epochs", 0.66, ("1B",))
    over_images(figure, scores, "1C", "C", "Regions over labelled images", 2.58, ("1C",))
    return finish(figure, scores)


def _place_of_added(network: AddedNetwork) -> float | None:
    low, high = _UPDATES
    return network.updates if low <= network.updates <= high else None


def figure_6(scores: Scores) -> PaperFigure:
    """Figure 1A for other learning rates, weight decays and another schedule."""
    figure = new_figure("6", "Other hyper-parameters", 4.2, scores)
    figure.caption.append(
        "Average score against supervised updates as in figure 1A, for other initial learning "
        "rates (0.1 elsewhere), weight decays (0.0001 elsewhere) and a schedule that lowers the "
        "learning rate sooner."
    )
    axis = figure.page.axes_at(0.62, 0.45, 4.45, 3.2)
    values: list[float] = []
    points = points_of(scores, "6")
    left = 5.28
    entries = []
    for series in _HYPER_PARAMETERS:
        drawn = with_score(
            figure, scores, [point for point in points if point.model in series.models], "6"
        )
        draw_groups(
            axis,
            groups(drawn),
            lambda point: point.updates,
            scores.percent,
            series.colour,
            series.marker,
        )
        values += map(scores.percent, drawn)
        entries += (
            [(f"{series.words} (n = {len(drawn)})", mark(series.colour, series.marker))]
            if drawn
            else []
        )
    if not compares(scores, figure.panels["6"]):
        figure.missing(axis, "6", "no network with other hyper-parameters was scored.")
        return finish(figure, scores)
    values += _standard(axis, scores)
    log_axis(axis, *_UPDATES)
    percent_axis(axis, scores, values)
    standard_line(axis)
    pixels_line(axis, figure, scores, "6")
    axis.set_xlabel(UPDATES_AXIS)
    figure.page.write(left, 0.5, "hyper-parameters", weight="bold")
    key(figure.page, left, 0.68, [*entries, ("standard training", mark(BLACK))], 0, columns=1)
    return finish(figure, scores)


def figure_9(scores: Scores) -> PaperFigure:
    """The regions of WC+CT over epochs and over labelled images, beside standard training."""
    figure = new_figure("9", "WC+CT by region", 3.05, scores)
    figure.caption.append(
        "**A** Scores by region of WC+CT over the epochs of a training on all images, from birth "
        "on; open marks at the right: standard training. **B** The same for trainings to "
        f"{_last_in_words(scores)} on fewer labelled images."
    )
    region_key(figure.page, 4.3, 0.1, scores)
    over_epochs(
        figure,
        scores,
        "9A",
        "A",
        "WC+CT over training epochs",
        0.66,
        ("9A",),
        left=0.62,
        width=2.6,
        height=1.75,
    )
    over_images(
        figure,
        scores,
        "9B",
        "B",
        "WC+CT over labelled images",
        0.66,
        ("9B",),
        left=4.02,
        width=2.6,
        height=1.75,
    )
    return finish(figure, scores)


def over_epochs(
    figure: PaperFigure,
    scores: Scores,
    panel: str,
    letter: str,
    title: str,
    top: float,
    of: Sequence[str],
    left: float = 4.72,
    width: float = 2.15,
    height: float = 1.3,
) -> None:
    """The regions' scores over epochs, from birth behind the axis' break on."""
    axis = figure.axes(letter, title, left, top, width, height)
    points = points_of(scores, *of)
    beside = [point for point in points if point.model == STANDARD] if panel == "9A" else []
    points = [point for point in points if point not in beside]
    place = log_axis(axis, *EPOCHS, zero=True)
    values = draw_regions(axis, figure, scores, panel, points, lambda point: place(point.epochs))
    for region in scores.regions if beside else ():
        colour, marker = REGION_LOOKS[region]
        for point in with_score(figure, scores, beside, panel, region):
            axis.plot(
                point.epochs,
                scores.percent(point, region),
                marker,
                color=colour,
                markerfacecolor="white",
                markersize=3.2,
                markeredgewidth=0.8,
                zorder=5,
            )
            values.append(scores.percent(point, region))
    if beside:
        axis.annotate(
            "standard", (1, 1), xycoords="axes fraction", ha="right", va="bottom", fontsize=SMALL
        )
    _finish(axis, figure, scores, panel, points, values, "training epochs")


def over_images(
    figure: PaperFigure,
    scores: Scores,
    panel: str,
    letter: str,
    title: str,
    top: float,
    of: Sequence[str],
    left: float = 4.72,
    width: float = 2.15,
    height: float = 1.3,
) -> None:
    """The regions' scores at the end of trainings on so many images."""
    axis = figure.axes(letter, title, left, top, width, height)
    points = points_of(scores, *of)
    log_axis(axis, *_IMAGES)
    values = draw_regions(axis, figure, scores, panel, points, lambda point: point.images)
    _finish(axis, figure, scores, panel, points, values, _images_axis(scores))


def _last_in_words(scores: Scores) -> str:
    return "convergence" if scores.converged else "their last epoch, not to convergence,"


def _images_axis(scores: Scores) -> str:
    return f"labelled images ({'converged' if scores.converged else 'end of training'})"


def _finish(
    axis: Axes,
    figure: PaperFigure,
    scores: Scores,
    panel: str,
    points: list[Point],
    values: list[float],
    words: str,
) -> None:
    if not compares(scores, points if values else ()):
        figure.missing(axis, panel, "besides standard training none of its networks was scored.")
        return
    percent_axis(axis, scores, values)
    axis.set(xlabel=words, ylabel="score (% of standard)")
    standard_line(axis)


def _over_updates(axis: Axes, scores: Scores, drawn: list[Point]) -> None:
    counts = sorted({point.images for point in drawn})
    for number, count in enumerate(counts):
        found = groups(
            point for point in drawn if point.images == count and point not in scores.standard
        )
        colour = _shade(number, counts)
        draw_groups(axis, found, lambda point: point.updates, scores.percent, colour)
        first = sorted(
            (point for group in found for point in group[:1]), key=lambda point: point.updates
        )
        axis.plot(
            [point.updates for point in first],
            [scores.percent(point) for point in first],
            color=colour,
            linewidth=0.6,
            alpha=0.6,
            zorder=2,
        )
    values = [*map(scores.percent, drawn), *_standard(axis, scores)]
    log_axis(axis, *_UPDATES)
    percent_axis(axis, scores, values)
    standard_line(axis)
    axis.set_xlabel(UPDATES_AXIS)


def _standard(axis: Axes, scores: Scores) -> list[float]:
    """Standard training in black; returns its values."""
    standard = [point for point in scores.standard if scores.relative(point) is not None]
    if standard:
        draw_groups(axis, [standard], lambda point: point.updates, scores.percent, BLACK, size=6.5)
        x = standard[0].updates
        axis.annotate(
            "standard training",
            (x, 100),
            (-4, 8),
            textcoords="offset points",
            fontsize=SMALL,
            ha="right",
            va="bottom",
            annotation_clip=False,
        )
    return [scores.percent(point) for point in standard]


def _milestones(axis: Axes, figure: PaperFigure, scores: Scores, drawn: list[Point]) -> None:
    """What so many updates reach: the mean and range over all networks drawn there, with an
    arrow.
    """
    full = scores.standard[0].updates if scores.standard else 0
    for updates in MILESTONES:
        there = [point for point in drawn if abs(point.updates / updates - 1) <= NEAR]
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
        axis.annotate(
            f"{share} updates:\n{average:.0f}%{spread}",
            (updates, average),
            (updates / 12, min(average + 11, 98)),
            fontsize=SMALL,
            ha="right",
            va="center",
            arrowprops=dict(arrowstyle="-|>", linewidth=0.6, color=WORD_COLOUR, shrinkB=4),
            zorder=6,
            bbox=dict(facecolor="white", edgecolor="none", pad=0.6),
        )
        figure.caption.append(
            f"At {updates:,} updates ({share} the standard's): {average:.1f}% on average{spread}."
        )


def _shade(number: int, counts: Sequence[int]) -> str:
    """Few images light, many dark."""
    share = 0.25 + 0.65 * (number / max(1, len(counts) - 1))
    return matplotlib.colors.to_hex(matplotlib.colormaps["Blues"](share))
