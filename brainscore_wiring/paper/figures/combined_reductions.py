"""Figures 4 and 8: few supervised synaptic updates by all reductions together (paper, section 6 and
appendix C).

As the authors did, networks with more than 0 and fewer than 1e11 updates are left out of panels A,
which say how many and how high they are. Maps are numbers on a scale of colours, without
interpolation: a cell is the mean of its seeds, and a birth state, which has seen no image, is the
same in every row.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from brainscore_wiring.architectures import architecture
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.paper.claims.values import STAR
from brainscore_wiring.paper.panels import (
    DARK_BLUE,
    LIGHT_BLUE,
    LINE,
    PIXELS_MODEL,
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
)
from brainscore_wiring.paper.plotting import (
    BLACK,
    BLUE,
    DARK_GREY,
    GREEN,
    MEDIUM_GREY,
    REFERENCE,
    SMALL,
    VERMILLION,
    WORD_COLOUR,
    Page,
)
from brainscore_wiring.scoring.points import STANDARD, AddedNetwork, Point, Scores

#: Supervised synaptic updates at which the paper's axis begins and ends; below there is 0 alone.
FEWEST, MOST = 1e11, 10**15.8
FEWER = Series(("cornet_s_kn", STANDARD), "fewer supervised updates", LIGHT_BLUE)
CRITICAL = Series(("cornet_s_ct",), "+CT", DARK_GREY)
COMBINED = Series(("cornet_s_wc", "cornet_s_wc_ct"), "+WC+CT", DARK_BLUE)
#: The star: 0.5 % of the standard's updates.
_STAR_SEED = 0
#: Green where WC+CT is better and red where it is worse, as in the paper; of different lightness,
#: and signed.
BETTER_OR_WORSE = LinearSegmentedColormap.from_list(
    "better or worse", [VERMILLION, "#FFFFFF", GREEN]
)
SCORE_COLOURS = LinearSegmentedColormap.from_list("score", ["#FFFFFF", "#B8D9F0", BLUE, "#06264F"])
END = "end"
_AVERAGE_TITLE = "Average over supervised synaptic updates"
_ONE_EACH = "1, 1"
#: The largest side of a map's cell, in inches.
_CELL = 0.42

MapCell = tuple[int, float | str]  # labelled images in the catalogue, epochs or "end"
Cells = dict[MapCell, list[Point]]


def figure_4(scores: Scores) -> PaperFigure:
    """Score over supervised synaptic updates, and where WC+CT is better than standard training."""
    figure = new_figure("4", "Scores after few supervised synaptic updates", 3.92, scores)
    panel = figure.panel("4A", _AVERAGE_TITLE, 0.62, 0.66, 3.3, 2.5)
    _over_updates(panel, (FEWER, COMBINED))
    panel.pixels_line()
    points = [point for point in points_of(scores, "4B") if scores.relative(point) is not None]
    ours, standard = (
        _cells([point for point in points if point.model in series.models])
        for series in (COMBINED, FEWER)
    )
    both = {
        cell: _mean(scores, ours[cell]) - _mean(scores, standard[cell])
        for cell in ours
        if cell in standard
    }
    largest = max([1.0, *map(abs, both.values())])
    seeds = {cell: f"{len(ours[cell])}, {len(standard[cell])}" for cell in both}
    seeds = {cell: words for cell, words in seeds.items() if words != _ONE_EACH}
    which = "small: n" if seeds else "n = 1 each"
    panel = figure.panel("4B", f"WC+CT minus standard, points ({which})", 4.72, 0.66, 2.15, 2.5)
    panel.with_score()
    compared = (point for cell in both for point in (*ours[cell], *standard[cell]))
    figure.panels["4B"] = list(dict.fromkeys(compared))
    _map(panel, both, points, BETTER_OR_WORSE, (-largest, largest), "+.0f", seeds)
    return figure.finished()


def figure_8(scores: Scores) -> PaperFigure:
    """Figure 4A with CT alone, and the average score of WC+CT and of standard training over epochs
    and images.
    """
    figure = new_figure("8", "WC+CT in detail", 4.4, scores)
    panel = figure.panel("8A", _AVERAGE_TITLE, 0.62, 0.66, 2.95, 3.05)
    _over_updates(panel, (FEWER, CRITICAL, COMBINED))
    for name, title, top in (
        ("8B", "WC+CT, in % of standard training", 0.66),
        ("8C", "Kaiming Normal, all synapses trained, in %", 2.51),
    ):
        panel = figure.panel(name, title, 4.4, top, 2.5, 1.3)
        points = panel.with_score()
        cells = _cells(points)
        numbers = Counter(map(len, cells.values()))
        counts = ", ".join(f"n = {n} in {cells_of}" for n, cells_of in sorted(numbers.items()))
        figure.caption.append(f"Cells of {name[1]}: {counts or 'none'}.")
        values = {cell: _mean(scores, seeds) for cell, seeds in cells.items()}
        highest = max([100.0, *values.values()])
        _map(panel, values, points, SCORE_COLOURS, (0, highest), ".0f", {})
    return figure.finished()


def _over_updates(panel: Panel, series: Sequence[Series]) -> None:
    axis, figure, scores = panel.axis, panel.figure, panel.scores
    points = [point for point in points_of(scores, panel.name) if point.model != PIXELS_MODEL]
    fewest = _fewest(scores, points)
    inside = [
        point
        for point in points
        if point.synaptic_updates == 0 or (point.synaptic_updates or 0) >= fewest
    ]
    drawn = panel.with_score(inside)
    place = log_axis(axis, fewest, MOST, zero=True)

    def place_of(point: Point) -> float:
        return place(point.synaptic_updates or 0)

    besides = [point for point in drawn if point not in scores.standard]
    for one in series:
        mine = [point for point in besides if point.model in one.models]
        draw_groups(axis, groups(mine), place_of, scores.percent, one.colour)
    own = {model for one in series for model in one.models}
    others = [point for point in besides if point.model not in own]
    draw_groups(axis, groups(others), place_of, scores.percent, MEDIUM_GREY, "s", size=4)
    for model in dict.fromkeys(point.model for point in others):
        mine = sorted(
            (point for point in others if point.model == model), key=lambda point: point.updates
        )
        first = next((point for point in mine if point.updates), mine[0])
        shift, side = ((-5, 0), "right") if first.updates else ((5, 0), "left")
        words = architecture(first.row.architecture).words
        look: Look = dict(ha=side, va="center", fontsize=SMALL, color=WORD_COLOUR)
        at = place_of(first), scores.percent(first)
        axis.annotate(words, at, shift, textcoords="offset points", **look)
    standard = [point for point in scores.standard if scores.relative(point) is not None]
    if standard:
        draw_groups(axis, [standard], place_of, scores.percent, BLACK, size=6.5)
    star = _star(panel, drawn)
    star += panel.draw_added(lambda network: _place_of_added(network, fewest, place))
    if not panel.compares(drawn):
        panel.missing("none of its networks was scored.")
        return
    panel.percent_axis(map(scores.percent, drawn))
    axis.set_xlabel(
        "supervised synaptic updates\n(training epochs x labelled images x trained synapses)"
    )
    entries = [(one.words, mark(one.colour)) for one in series]
    entries += [
        ("reference models", mark(MEDIUM_GREY, "s")),
        ("standard training", mark(BLACK)),
        *star,
    ]
    if panel.name == "4A":
        left, top = 2.2, _clear_of_pixels(panel, 2.13, len(entries))
    else:
        left, top = 1.92, 2.5
    key(figure.page, left, top, entries, 0, columns=1)
    _left_of_the_axis(panel, [point for point in points if point not in inside])


def _clear_of_pixels(panel: Panel, top: float, rows: int) -> float:
    """Where a key of so many rows begins, in inches: higher up where the pixels' line would run
    through it.
    """
    bottom = top + 1.15 * LINE * rows
    axis, scores = panel.axis, panel.scores
    for point in scores.select(model=PIXELS_MODEL):
        height = scores.relative(point)
        if height is None:
            continue
        share = axis.get_position().y0 + axis.get_position().height * height / axis.get_ylim()[1]
        line = panel.figure.page.get_figheight() * (1 - share)
        if top < line + LINE and line - LINE < bottom:
            return line - 1.15 * LINE * rows - LINE
    return top


def _place_of_added(
    network: AddedNetwork, fewest: float, place: Callable[[float], float]
) -> float | None:
    """Where an own network is drawn: at 0, or from where the axis begins to where it ends."""
    updates = network.synaptic_updates
    if updates is None or 0 < updates < fewest or updates > MOST:
        return None
    return place(updates)


def _fewest(scores: Scores, points: Sequence[Point]) -> float:
    """Where the axis begins: as in the paper, for own scores where the networks do."""
    if scores.name == "published":
        return FEWEST
    lowest = min(
        (point.synaptic_updates for point in points if point.synaptic_updates), default=FEWEST
    )
    return min(FEWEST, 10.0 ** math.floor(math.log10(lowest)))


def _left_of_the_axis(panel: Panel, points: list[Point]) -> None:
    relative = panel.scores.relative
    values = [value for point in points if (value := relative(point)) is not None]
    if values:
        panel.figure.outside[panel.name] = points
        panel.figure.remarks.append(
            f"Panel {panel.name}: {len(points)} networks with more than 0 and fewer than 1e11 "
            f"updates are left of the axis, as in the paper; their scores are {min(values):.0f} "
            f"to {max(values):.0f}%."
        )


def _star(panel: Panel, drawn: list[Point]) -> list[tuple[str, Look]]:
    """The paper's star; returns its entry in the key, none where there is no star."""
    scores = panel.scores
    point = scores.one(**STAR, seed=_STAR_SEED)
    whole = scores.standard[0].synaptic_updates if scores.standard else None
    if point is None or point not in drawn or not point.synaptic_updates or not whole:
        return []
    look: Look = dict(color=DARK_BLUE, marker="*", markeredgecolor="white", linestyle="")
    large = look | dict(markersize=12, markeredgewidth=0.6, zorder=7)
    panel.axis.plot(point.synaptic_updates, scores.percent(point), **large)
    share = 100 * point.synaptic_updates / whole
    panel.figure.caption.append(
        f"Star: WC+CT on {point.images:,} images for {in_epochs(point.epochs)}, "
        f"{point.synaptic_updates / 1e12:.1f} trillion supervised synaptic updates, {share:.2f}% "
        f"of the standard's, {scores.percent(point):.1f}% of its score (n = 1)."
    )
    small = look | dict(markersize=8, markeredgewidth=0.4)
    return [(f"{share:.1f}% of the standard's updates", small)]


def _cells(points: Sequence[Point]) -> Cells:
    """Networks by labelled images and epochs; a birth is a cell of every row."""
    counts = sorted({point.row.images for point in points if point.row.images})
    cells: Cells = {}
    for point in points:
        for images in [point.row.images] if point.row.images else counts:
            epochs = END if point.converged else point.row.epochs
            cells.setdefault((images, epochs), []).append(point)
    return cells


def _mean(scores: Scores, seeds: Sequence[Point]) -> float:
    return statistics.fmean(scores.percent(point) for point in seeds)


def _map(
    panel: Panel,
    values: Mapping[MapCell, float],
    points: Sequence[Point],
    colours: Colormap,
    limits: tuple[float, float],
    form: str,
    seeds: Mapping[MapCell, str],
) -> None:
    """Numbers in coloured cells with numbers of seeds, few images below and few epochs left."""
    axis, figure = panel.axis, panel.figure
    if not panel.compares(figure.panels.get(panel.name, ())):
        panel.missing("besides standard training none of its networks was scored.")
        return
    counts = sorted({images for images, _ in values})
    moments = {epochs for _, epochs in values}
    columns = [*sorted(moments - {END}), *({END} & moments)]
    axis.imshow(
        [[values.get((images, epochs), float("nan")) for epochs in columns] for images in counts],
        cmap=colours,
        vmin=limits[0],
        vmax=limits[1],
        aspect="auto",
        origin="lower",
        interpolation="none",
    )
    for (images, epochs), value in values.items():
        x, y = columns.index(epochs), counts.index(images)
        red, green, blue, _ = colours((value - limits[0]) / (limits[1] - limits[0]))
        dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        look: Look = dict(ha="center", va="center", color="white" if dark else "black")
        axis.text(x, y, f"{value:{form}}".replace("-", "−"), fontsize=SMALL, **look)
        if (images, epochs) in seeds:
            axis.text(x, y - 0.34, seeds[images, epochs], fontsize=SMALL - 2.5, **look)
    labels = [epochs if epochs == END else f"{epochs:g}" for epochs in columns]
    axis.set_xticks(range(len(columns)), labels)
    seen = [{point.images for point in points if point.row.images == images} for images in counts]
    labels = [" / ".join(f"{count:,}" for count in sorted(found)) for found in seen]
    axis.set_yticks(range(len(counts)), labels)
    axis.set_xlabel("" if panel.name == "8B" else "training epochs")
    axis.set_ylabel("labelled images" if len(counts) > 3 else "images")
    _shrink(figure.page, axis, _CELL * len(columns), _CELL * len(counts))
    axis.tick_params(length=0)
    axis.spines[:].set(visible=True, linewidth=0.4, color=REFERENCE)


def _shrink(page: Page, axis: Axes, width: float, height: float) -> None:
    """Keep the upper left corner of axes that are larger than so many inches."""
    place, (across, high) = axis.get_position(), page.get_size_inches()
    width, height = min(place.width, width / across), min(place.height, height / high)
    axis.set_position((place.x0, place.y1 - height, width, height))
