"""The match of each region against supervised updates, and against supervised synaptic updates: our
trainings above, the paper's networks below, each in percent of its own standard training.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.paper.comparisons import t_interval
from brainscore_wiring.paper.development.moments import (
    BEGINS,
    DECODER,
    DT,
    KN_CT,
    LAST_EPOCH,
    MEASURES,
    SHORT,
    TRAININGS,
    WC_CT,
    Development,
)
from brainscore_wiring.paper.development.statements import FEWEST_SEEDS
from brainscore_wiring.paper.panels import key, log_axis
from brainscore_wiring.paper.plotting import (
    BLACK,
    BLUE,
    GREEN,
    LIGHT_GREY,
    MARGIN,
    MEDIUM_GREY,
    SMALL,
    VERMILLION,
    Page,
)
from brainscore_wiring.scoring.points import AVERAGE, STANDARD, Point, Scores

#: (labelled images, epochs) of the paper's networks that are set beside ours.
PAPER_BUDGETS = (
    (10_000, 1),
    (10_000, 2),
    (50_000, 1),
    (100_000, 1),
    (100_000, 3),
    (100_000, 5),
    (FULL, 1),
)
LOOKS = {
    STANDARD: (BLACK, "o"),
    KN_CT: (BLUE, "s"),
    WC_CT: (VERMILLION, "^"),
    DT: (GREEN, "D"),
    DECODER: (MEDIUM_GREY, "v"),
}
#: What is on the horizontal axis -> its words and ends.
_AXES = {
    "updates": ("supervised updates", 8e3, 8e7),
    "synaptic updates": ("supervised synaptic updates", 8e9, 8e15),
}
_LEFT, _WIDE, _PITCH, _HIGH, _TOPS = 0.5, 1.03, 1.31, 1.2, (0.55, 2.45)
_PERCENT = (-15, 140)


@dataclass(frozen=True)
class Mark:
    """Networks after so many updates. `follows`: it is the next moment of the training that the
    mark before it belongs to.
    """

    at: int
    values: Sequence[float]
    follows: bool = True


def paper_percent(scores: Scores, point: Point, region: str) -> float | None:
    """A published score in percent of the standard training's; the average is without V2, as ours
    is.
    """
    if region != AVERAGE:
        return scores.relative(point, region)
    parts = [(point.score(one), scores.reference_in(one)) for one in MEASURES if one != AVERAGE]
    if any(value is None or whole is None for value, whole in parts):
        return None
    return 100 * sum(value or 0 for value, _ in parts) / sum(whole or 0 for _, whole in parts)


def draw(found: Development, scores: Scores, along: str) -> Page:
    """Two rows of panels, ours and the paper's, the average and each region. `along`: "updates" or
    "synaptic updates".
    """
    words, low, high = _AXES[along]
    page = Page(4.4)
    final = {region: _final(found, region) for region in MEASURES}
    known = all(final.values())
    titles = (
        "Ours: 64 px, percent of standard training after 500,000 updates (n = "
        f"{len(found.values(STANDARD, LAST_EPOCH))} there; its own spread is not in the bars)"
        if known
        else "Ours: 64 px, percent of the ceiling (no standard training of 5 epochs is scored)",
        "The paper's: 224 px, percent of standard training after 55,040,000 updates, n = "
        f"{len(scores.standard)}",
    )
    for letter, title, top in zip("AB", titles, _TOPS):
        page.write(MARGIN, top - 0.46, letter, fontsize=10, weight="bold")
        page.write(MARGIN + 0.17, top - 0.435, title)
    for column, region in enumerate(MEASURES):
        for row, top in enumerate(_TOPS):
            axis = page.axes_at(_LEFT + _PITCH * column, top, _WIDE, _HIGH)
            place = log_axis(axis, low, high, zero=True)
            _thin_labels(axis)
            axis.axhline(100, color=LIGHT_GREY, linewidth=0.8, zorder=0)
            for name in reversed(TRAININGS):
                marks = (
                    _published(scores, name, region, along)
                    if row
                    else _own(found, name, region, along, final[region] or 1)
                )
                if marks:
                    _draw_marks(axis, name, marks, place)
            axis.set_ylim(*_PERCENT)
            axis.set_title(
                "mean without V2" if region == AVERAGE else region, fontsize=SMALL, pad=3
            )
            if not column:
                axis.set_ylabel("% of standard" if row or known else "% of the ceiling")
    page.write(3.5, _TOPS[1] + _HIGH + 0.22, words, ha="center")
    key(
        page,
        MARGIN + 0.1,
        _TOPS[1] + _HIGH + 0.44,
        [
            (
                TRAININGS[name],
                dict(color=colour, marker=marker, markersize=3.5, linestyle=""),
            )
            for name, (colour, marker) in LOOKS.items()
        ],
        1.32,
    )
    return page


def _final(found: Development, region: str) -> float | None:
    values = found.values(STANDARD, LAST_EPOCH, region).values()
    return statistics.fmean(values) if values else None


def _own(found: Development, name: str, region: str, along: str, whole: float) -> list[Mark]:
    marks, follows = [], False
    for moment in [(BEGINS[name], 0.0), *((name, epochs) for epochs in found.moments)]:
        values = [100 * value / whole for value in found.values(*moment, region).values()]
        if values:
            updates, synaptic = found.updates(*moment)
            at = updates if along == "updates" else synaptic or 0
            marks.append(Mark(at, values, follows))
        follows = bool(values) and moment[1] != SHORT
    return marks if len(marks) > 1 else []


def _published(scores: Scores, name: str, region: str, along: str) -> list[Mark]:
    birth = scores.birth(name)
    points = [
        point
        for point in scores.select(model=name)
        if point.row.images == FULL or (point.row.images, point.row.epochs) in PAPER_BUDGETS
    ]
    found: dict[int, list[float]] = {}
    for point in [*([birth] if birth else []), *points]:
        value = paper_percent(scores, point, region)
        at = point.updates if along == "updates" else point.synaptic_updates
        if value is not None and at is not None:
            found.setdefault(at, []).append(value)
    return [Mark(at, values) for at, values in sorted(found.items())]


def _draw_marks(
    axis: Axes, name: str, marks: Sequence[Mark], place: Callable[[float], float]
) -> None:
    colour, marker = LOOKS[name]
    means = [(place(mark.at), statistics.fmean(mark.values)) for mark in marks]
    for mark, (x, _) in zip(marks, means):
        if len(mark.values) >= FEWEST_SEEDS:
            axis.plot([x, x], t_interval(mark.values), color=colour, linewidth=0.7, alpha=0.7)
        axis.plot([x] * len(mark.values), mark.values, ".", color=colour, markersize=1.5, mew=0)
    for before, mark, after in zip(means, marks[1:], means[1:]):
        line = dict(linewidth=0.7) if mark.follows else dict(linewidth=0.6, dashes=(1, 2))
        axis.plot(*zip(before, after), color=colour, alpha=0.85, **line)
    axis.plot(*zip(*means), marker, color=colour, markersize=2.8, mew=0, alpha=0.85)


def _thin_labels(axis: Axes) -> None:
    """Every second decade has its number where there are many."""
    labels: Sequence[str] = [one.get_text() for one in axis.get_xticklabels()]
    if len(labels) > 5:
        axis.set_xticklabels([words if at % 2 == 0 else "" for at, words in enumerate(labels)])
