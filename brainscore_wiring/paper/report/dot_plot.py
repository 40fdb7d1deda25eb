"""Every seed of every model as a dot, a panel for each benchmark."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from brainscore_wiring.paper.comparisons import t_interval
from brainscore_wiring.paper.plotting import MEDIUM_GREY
from brainscore_wiring.paper.report.comparison import ModelComparison, ModelSeeds
from brainscore_wiring.scoring.benchmarks import BENCHMARKS

_ACROSS = 4
_FROM_GENOME, _OTHER_BIRTH, _REFERENCE = "#1b4f8f", "#7fb2e5", "#333333"
CAPTION = (
    "Dots: seeds; bars: means; lines: 95 % intervals, of the mean over seeds (t) or, thin, the "
    "benchmark's own of a single seed. Dark blue: from a genome; light blue: other births and "
    "trainings; black: standard training and reference models."
)


def dot_plot(comparison: ModelComparison, benchmarks: Sequence[str] | None = None) -> Figure:
    """The scores of a comparison, at most four panels in a row."""
    names = list(comparison.benchmarks if benchmarks is None else benchmarks)
    rows, columns = math.ceil(len(names) / _ACROSS), min(_ACROSS, len(names))
    height = 1.1 + 0.26 * len(comparison.groups)
    figure = Figure(figsize=(2.2 + 2.4 * columns, rows * height), layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axis in grid.flat[len(names) :]:
        axis.set_visible(False)
    for axis, name in zip(grid.flat, names):
        for place, group in enumerate(comparison.groups):
            _draw(axis, place, group, name)
        part = BENCHMARKS[name].part if name in BENCHMARKS else ""
        axis.set_title(f"{part}\n{name}" if part else name, fontsize=7.5)
        axis.set_xlim(min(0, axis.get_xlim()[0]), None)
        axis.set_xlabel("score (1 = noise ceiling)", fontsize=7.5)
        axis.tick_params(labelsize=7.5)
        axis.grid(axis="x", alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    for row in grid:
        row[0].set_yticks(
            range(len(comparison.groups)),
            [f"{group.name} (n = {group.seeds})" for group in comparison.groups],
        )
    grid[0, 0].invert_yaxis()
    return figure


def _draw(axis: Axes, place: int, group: ModelSeeds, benchmark: str) -> None:
    values, colour = group.values(benchmark), _colour(group)
    if not values:
        axis.text(
            0.02,
            place,
            "not scored",
            color=MEDIUM_GREY,
            fontsize=6,
            va="center",
            transform=axis.get_yaxis_transform(),
        )
        return
    centre = statistics.fmean(values)
    interval = interval_of(group, benchmark)
    if interval:
        axis.plot(interval, [place] * 2, color=colour, linewidth=1.6 if len(values) > 1 else 0.7)
    axis.plot(values, [place] * len(values), "o", color=colour, alpha=0.5, markersize=5)
    axis.plot(centre, place, "|", color=colour, markersize=12, markeredgewidth=2)


def interval_of(group: ModelSeeds, benchmark: str) -> tuple[float, float] | None:
    """The 95 % interval of the mean over seeds, or the benchmark's own of a single network; None
    where there is none.
    """
    values = group.values(benchmark)
    return t_interval(values) if len(values) > 1 else group.own_interval(benchmark)


def _colour(group: ModelSeeds) -> str:
    row = group.row
    if row is None or row.birth == "none":
        return _REFERENCE
    if row.compressed:
        return _FROM_GENOME
    return _OTHER_BIRTH if row.at_birth or row.trained != "everything" else _REFERENCE
