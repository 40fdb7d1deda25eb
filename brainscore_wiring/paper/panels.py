"""What the paper's figures share: a page with its source, panels, percent axes, series with their
seeds, keys.

A large mark is the mean of a network's seeds, small marks are the seeds. Which networks a panel
draws is in the catalogue. A network that lacks a score is not drawn and is counted in a sentence
beside the figure.
"""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from brainscore_wiring.catalogue import CATALOGUE, Variant, model_without_seed
from brainscore_wiring.formatting import number_of
from brainscore_wiring.paper.pages import rendered
from brainscore_wiring.paper.plotting import (
    BLUE,
    GREEN,
    LIGHT_GREY,
    MARGIN,
    MEDIUM_GREY,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    SMALL,
    VERMILLION,
    WIDTH,
    WORD_COLOUR,
    Page,
)
from brainscore_wiring.scoring.points import (
    AVERAGE,
    REGIONS,
    STANDARD,
    TOP1,
    AddedNetwork,
    Point,
    Scores,
)

#: The paper's blues where it names them.
LIGHT_BLUE, DARK_BLUE = SKY_BLUE, "#0B3C8C"
#: Region -> its colour and mark.
REGION_LOOKS = dict(zip(REGIONS, zip((PURPLE, VERMILLION, ORANGE, GREEN, BLUE), "os^Dv")))
PIXELS_MODEL = "pixels"
LINE = 0.13
#: Inches from the top of small words to the middle of their letters.
MIDDLE = 0.041
MEAN_SIZE, SEED_SIZE = 4.6, 2.2
#: Characters of small text across a page.
ACROSS = 138

SeedGroup = list[Point]  # one network's seeds
Look = dict[str, Any]  # matplotlib's properties of a line or mark


@dataclass(frozen=True)
class Series:
    """The networks of some models, drawn alike."""

    models: tuple[str, ...]
    words: str
    colour: str
    marker: str = "o"


@dataclass
class PaperFigure:
    """One figure as it is drawn, on a page whose panels end at `height` inches.

    `panels`: panel -> the networks in it; `outside`: panel -> those beyond its axis; `empty`: panel
    -> why nothing is in it; `caption`: what is drawn, in sentences; `notes`: what is left out;
    `stars`: panel -> how many networks of other tables are drawn in it.
    """

    number: str
    title: str
    height: float
    scores: Scores
    page: Page
    caption: list[str]
    panels: dict[str, list[Point]] = field(default_factory=dict)
    outside: dict[str, list[Point]] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)
    lacking: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    stars: dict[str, int] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What is not drawn and why, in sentences."""
        lacking = [
            f"Panel {panel}, for want of {what}: {', '.join(models)}."
            for (panel, what), models in self.lacking.items()
        ]
        return [*lacking, *self.remarks]

    def panel(
        self, name: str, title: str, left: float, top: float, width: float, height: float
    ) -> Panel:
        """A panel, such as "1A", in inches, under its letter and title where it has one."""
        if title:
            self.page.write(left - 0.42, top - 0.24, name[1:], fontsize=10, weight="bold")
            self.page.write(left - 0.2, top - 0.215, title)
        return Panel(self, name, self.page.axes_at(left, top, width, height))

    def finished(self) -> PaperFigure:
        """The figure, which states on its page how many networks each panel draws."""
        counts = [
            f"{panel[1:]} {len(points)}".strip()
            + (
                f" ({len(self.outside[panel])} more left of the axis)"
                if panel in self.outside
                else ""
            )
            for panel, points in self.panels.items()
        ]
        own = [f"{panel[1:]} {count}" for panel, count in self.stars.items()]
        others = len(self.scores.others)
        self.page.write(
            MARGIN,
            self.height,
            f"Networks drawn: {', '.join(counts)}."
            + (f" Own: {', '.join(own)}." if own else "")
            + (f" Left out for their training data: {others}." if others else ""),
            fontsize=SMALL,
            color=WORD_COLOUR,
        )
        return self


def new_figure(number: str, title: str, height: float, scores: Scores, **facts: str) -> PaperFigure:
    """An empty figure with its title above and, below `height` inches of panels, what it was
    measured on. `facts`: what its caption needs besides.
    """
    lines = textwrap.wrap(
        f"{scores.measured_on} {hundred_percent(scores)} Bars and large marks are means, small "
        f"ones seeds. Source: {scores.source}.",
        ACROSS,
    )
    page = Page(height + LINE * (len(lines) + 1) + 0.12)
    page.write(MARGIN, 0.07, f"Figure {number}. {title}", fontsize=9)
    page.write(
        MARGIN, height + LINE, "\n".join(lines), fontsize=SMALL, color=WORD_COLOUR, linespacing=1.3
    )
    caption = rendered("captions.md.j2", number=number, scores=scores, **facts).strip()
    return PaperFigure(number, title, height, scores, page, [caption])


def hundred_percent(scores: Scores) -> str:
    """What 100 % is, in one sentence; empty where nothing is."""
    if scores.reference is None:
        return ""
    if scores.name != "published":  # what they were measured on says the rest
        return f"On average that is {scores.reference:.2f}."
    seeds = sorted({point.seed for point in scores.standard})
    words = "mean of seeds" if len(seeds) > 1 else "seed"
    return (
        f"100 % is standard training of {STANDARD}: {scores.reference:.2f} on average "
        f"({words} {' and '.join(map(str, seeds))})."
    )


def points_of(scores: Scores, *panels: str) -> list[Point]:
    """The networks in any of some panels, as far as they were scored; sorted as `Scores.select`
    sorts.

    Own networks of any seed: which seeds a panel has is about the paper's runs.
    """

    def name(row: Variant) -> str:
        return row.identifier if scores.name == "published" else model_without_seed(row.identifier)

    drawn = {
        name(row) for row in CATALOGUE.values() if not set(panels).isdisjoint(row.figure.split(";"))
    }
    return [point for point in scores.select() if name(point.row) in drawn]


@dataclass(frozen=True)
class Panel:
    """A panel of a figure by its name, such as "1A", and its axes."""

    figure: PaperFigure
    name: str
    axis: Axes

    @property
    def scores(self) -> Scores:
        return self.figure.scores

    def missing(self, sentence: str) -> None:
        """Say in the panel's place why it has nothing."""
        self.figure.panels[self.name] = []
        self.figure.empty[self.name] = sentence
        self.axis.clear()
        self.axis.set_axis_off()
        characters = int(self.axis.bbox.width / self.axis.figure.dpi * 17)
        words = textwrap.fill(f"Not drawn: {sentence}", characters)
        look: Look = dict(ha="center", va="center", color=WORD_COLOUR)
        self.axis.text(0.5, 0.5, words, transform=self.axis.transAxes, **look)

    def with_score(
        self, points: Iterable[Point] | None = None, region: str = AVERAGE
    ) -> list[Point]:
        """Those of some networks, by default all of the panel's, that have a relative score; they
        are counted as drawn, and the others in the figure's notes.
        """
        points = points_of(self.scores, self.name) if points is None else list(points)
        drawn = [point for point in points if self.scores.relative(point, region) is not None]
        before = self.figure.panels.setdefault(self.name, [])
        before += [point for point in drawn if point not in before]
        lacking = [point.row.identifier for point in points if point not in drawn]
        if lacking:
            what = {AVERAGE: "a score that the average needs", TOP1: "an accuracy on ImageNet"}.get(
                region, region
            )
            self.figure.lacking.setdefault((self.name, what), []).extend(lacking)
        return drawn

    def compares(self, points: Iterable[Point]) -> bool:
        """Whether there is anything to set against the standard model and the pixels."""
        standard = self.scores.standard
        return any(point not in standard and point.model != PIXELS_MODEL for point in points)

    def percent_axis(self, values: Iterable[float], region: str = AVERAGE) -> None:
        """The paper's vertical axis: percent of the standard model from 0 to 100, and higher where
        a value is; a thin line at 100 %.
        """
        values = list(values)
        highest, lowest = max([100.0, *values]), min([0.0, *values])
        axis = self.axis
        axis.set_ylim(min(0.0, 1.1 * lowest), 105 if highest <= 104 else highest + 5)
        axis.set_yticks(range(0, int(axis.get_ylim()[1]) + 1, 20))
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")
        words = score_words(self.scores, region)
        high = axis.bbox.height / axis.figure.dpi > 2.4
        axis.set_ylabel(words if high else words.replace(" (", "\n("))
        axis.axhline(100, color=LIGHT_GREY, linewidth=0.8, zorder=0)

    def pixels_line(self, beside: bool = False) -> None:
        """The paper's dashed line at the average score of the pixels, named on it or, with
        `beside`, right of the axes.
        """
        for point in self.scores.select(model=PIXELS_MODEL):
            height = self.scores.relative(point)
            if height is None:
                continue
            if self.name in point.row.figure.split(";"):
                self.figure.panels.setdefault(self.name, []).append(point)
            dashes: Look = dict(color=MEDIUM_GREY, linewidth=0.9, linestyle=(0, (4, 2)))
            self.axis.axhline(height, **dashes, zorder=0)
            look: Look = dict(fontsize=SMALL, color=WORD_COLOUR, textcoords="offset points")
            look |= dict(ha="left", va="center") if beside else dict(ha="right", va="bottom")
            self.axis.annotate(
                f"pixels{chr(10) if beside else ' '}{height:.0f}%",
                (1.02 if beside else 0.99, height),
                (0, 0 if beside else 2),
                xycoords=("axes fraction", "data"),
                **look,
            )

    def draw_added(self, x: Callable[[AddedNetwork], float | None]) -> list[tuple[str, Look]]:
        """Stars for networks of other tables; returns their entry in the key.

        `x`: where one is drawn, None where it has no place on the axis, which a note says.
        """
        if self.scores.reference is None or not self.scores.added:
            return []
        places = {network: x(network) for network in self.scores.added}
        look = mark(VERMILLION, "*", markersize=10, markeredgecolor="black", markeredgewidth=0.5)
        drawn = {network: place for network, place in places.items() if place is not None}
        for network, place in drawn.items():
            height = 100 * network.average / self.scores.reference
            self.axis.plot(place, height, **look, zorder=8)
        if drawn:
            named = ", ".join(f"{one.name}@{one.fingerprint}" for one in drawn)
            self.figure.caption.append(
                f"Orange stars in {self.name}: {number_of(len(drawn), 'own network')}, {named}."
            )
            self.figure.stars[self.name] = len(drawn)
        beyond = [one.name for one, place in places.items() if place is None]
        if beyond:
            self.figure.remarks.append(
                f"Panel {self.name}, own networks beyond its axis: {', '.join(beyond)}."
            )
        return [(f"own networks (n = {len(drawn)})", look | {"markersize": 7})] if drawn else []

    def draw_regions(self, points: Sequence[Point], x: Callable[[Point], float]) -> list[float]:
        """A line for each region through the means of its networks; returns all values drawn.

        No line of own scores joins networks whose batch-norm statistics are at their defaults with
        others: these are two conditions. (In the paper's figures lines begin at birth.)
        """
        values: list[float] = []
        conditions = [points]
        if self.scores.name != "published":
            defaults = [point for point in points if default_statistics(point)]
            conditions = [defaults, [point for point in points if point not in defaults]]
        for region in self.scores.regions:
            drawn = self.with_score(points, region)
            y = partial(self.scores.percent, region=region)
            for condition in conditions:
                found = groups(point for point in condition if point in drawn)
                draw_groups(self.axis, found, x, y, *REGION_LOOKS[region], "-", size=3.4)
            values += map(y, drawn)
        return values


def score_words(scores: Scores, region: str = AVERAGE) -> str:
    """The vertical axis in words; the paper's own where the scores are of its benchmarks."""
    if region == TOP1:
        return "ImageNet top-1 (% of standard training)"
    if scores.regions == REGIONS and not scores.standins:
        return "brain predictivity (% of standard training)"
    return f"mean score in {' and '.join(scores.regions)} (% of standard training)"


def default_statistics(point: Point) -> bool:
    """Whether a network's batch-norm statistics are 0 and 1 because none were measured."""
    return point.row.at_birth and not point.row.measured_statistics and point.row.birth != "none"


def moment(point: Point) -> tuple:
    """What the seeds of one network share: its recipe, and the same epochs or that both
    converged.
    """
    return point.model, point.row.images, "converged" if point.converged else point.row.epochs


def groups(points: Iterable[Point], key: Callable[[Point], tuple] = moment) -> list[SeedGroup]:
    """Points gathered by network, each group by its seeds."""
    found: dict[tuple, SeedGroup] = {}
    for point in sorted(points, key=lambda point: point.seed):
        found.setdefault(key(point), []).append(point)
    return list(found.values())


def draw_groups(
    axis: Axes,
    found: Sequence[SeedGroup],
    x: Callable[[Point], float],
    y: Callable[[Point], float],
    colour: str,
    marker: str = "o",
    line: str = "",
    size: float = MEAN_SIZE,
    width: float = 1.1,
) -> None:
    """A large mark at the mean of each group, at the place of its first seed, small ones at the
    seeds where there are several, and a line of that style through the means.
    """
    found = sorted(found, key=lambda group: x(group[0]))
    means = [statistics.fmean(map(y, group)) for group in found]
    large = mark(colour, marker, linestyle=line, linewidth=width, markersize=size)
    axis.plot([x(group[0]) for group in found], means, **large, zorder=3)
    seeds = [point for group in found if len(group) > 1 for point in group]
    small = mark(colour, marker, markersize=SEED_SIZE, markeredgewidth=0, alpha=0.75)
    small.pop("markeredgecolor")
    axis.plot(list(map(x, seeds)), list(map(y, seeds)), **small, zorder=4)


def log_axis(axis: Axes, low: float, high: float, zero: bool = False) -> Callable[[float], float]:
    """A logarithmic horizontal axis; with `zero` it begins with 0 behind a break. Returns where a
    value is drawn.
    """
    axis.set_xscale("log")
    at = low / 10**0.62
    axis.set_xlim(at / 10**0.3 if zero else low, high)
    if not zero:
        return lambda value: value
    decades = [10**power for power in range(-3, 20) if low <= 10**power <= high]
    axis.set_xticks([at, *decades], ["0", *(_power(value) for value in decades)])
    axis.set_xticks(
        [
            digit * value
            for value in [low / 10, *decades]
            for digit in range(2, 10)
            if low <= digit * value <= high
        ],
        minor=True,
    )
    middle = (at * low) ** 0.5
    for shift in (-0.05, 0.05):
        ends = [middle * 10 ** (shift - 0.04), middle * 10 ** (shift + 0.04)]
        look: Look = dict(color="black", linewidth=0.7, clip_on=False, zorder=6)
        axis.plot(ends, [-0.016, 0.016], transform=axis.get_xaxis_transform(), **look)
    return lambda value: value if value else at


def _power(value: float) -> str:
    return f"{value:g}" if value < 100 else f"$\\mathregular{{10^{{{len(str(int(value))) - 1}}}}}$"


def key(
    page: Page,
    left: float,
    top: float,
    entries: Iterable[tuple[str, Look]],
    pitch: float | Sequence[float],
    columns: int = 99,
) -> None:
    """Marks with words, in rows of so many columns; `pitch` inches from one to the next, or each
    column's offset.
    """
    for number, (words, look) in enumerate(entries):
        row, column = divmod(number, columns)
        x = left + (pitch * column if isinstance(pitch, (int, float)) else pitch[column])
        y = 1 - (top + LINE * 1.15 * row + MIDDLE) / page.get_figheight()
        ends = [x, x + 0.16] if look.get("linestyle", "") not in ("", "None") else [x + 0.08]
        page.add_artist(Line2D([end / WIDTH for end in ends], [y] * len(ends), **look))
        ground = dict(facecolor="white", edgecolor="none", pad=0.6)
        page.write(x + 0.2, top + LINE * 1.15 * row, words, fontsize=SMALL, bbox=ground)


def mark(colour: str, marker: str = "o", **more: Any) -> Look:
    """The look of a mark in a key."""
    look = dict(color=colour, marker=marker, linestyle="", markersize=MEAN_SIZE)
    return look | dict(markeredgecolor="white", markeredgewidth=0.4) | more


def region_key(page: Page, left: float, top: float, scores: Scores) -> None:
    """Marks of the regions in one row, or each with its benchmark in a row of its own where that is
    not the paper's.
    """
    entries = [(scores.label(region), mark(*REGION_LOOKS[region])) for region in scores.regions]
    if scores.standins:
        key(page, left, top, entries, 0, columns=1)
    else:
        key(page, left, top, entries, (0, 0.4, 0.8, 1.2, 1.53))


def bar(
    axis: Axes, place: float, values: Sequence[float], colour: str, width: float, words: bool = True
) -> None:
    """A bar to the mean of some seeds, which stands above it, and the seeds as dots where there are
    several.
    """
    mean, count = statistics.fmean(values), len(values)
    axis.bar(place, mean, width, color=colour, zorder=2)
    if words:
        look: Look = dict(ha="center", va="bottom", textcoords="offset points", fontsize=SMALL)
        axis.annotate(f"{mean:.0f}", (place, max(values)), (0, 2.5), **look)
    if count > 1:
        across = [place + width * (0.7 * number / (count - 1) - 0.35) for number in range(count)]
        dots: Look = dict(markerfacecolor="white", markersize=2.8, markeredgewidth=0.6)
        axis.plot(across, values, "o", color="black", zorder=4, **dots)
