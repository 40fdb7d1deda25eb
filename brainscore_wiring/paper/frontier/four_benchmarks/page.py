"""The page and its picture, from the table. Needs neither torch nor Brain-Score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import write_text
from brainscore_wiring.paper.frontier.columns import HALF_A
from brainscore_wiring.paper.frontier.figure import MARKERS
from brainscore_wiring.paper.frontier.findings import with_p
from brainscore_wiring.paper.frontier.four_benchmarks.decisions import (
    SEEDS_NEEDED,
    Confirmation,
    Measured,
    can_answer,
    confirmations,
    measured_states,
)
from brainscore_wiring.paper.frontier.four_benchmarks.scores import CHEAP, FOUR, Row
from brainscore_wiring.paper.frontier.four_benchmarks.sentences import (
    TITLES,
    answer,
    measured_sentences,
)
from brainscore_wiring.paper.frontier.four_benchmarks.states import ALL_STATES, reference_of
from brainscore_wiring.paper.pages import markdown, markdown_table, mean_and_spread
from brainscore_wiring.paper.plotting import BLUE, READABLE, VERMILLION, save_figure, style

PAGE = "four_benchmarks.md"
_MATCHES = {"cheap match": CHEAP, "match": FOUR}
_COLOURS = {
    "CORnet-S": BLUE,
    "MobileNet": VERMILLION,
    "expansion network": "#007C5A",
    "ResNet-50": "#9A4C7D",
    "ConvNeXt-Tiny": "0.15",
}
_SETTINGS = READABLE | {"font.size": 7}


def write_four_benchmarks(folder: Path, rows: Sequence[Row]) -> list[Path]:
    """Write page and picture into `folder`; returns their files. Raises `WiringError` without
    rows.
    """
    if not rows:
        raise WiringError(
            f"Nothing is measured in '{folder}' yet: `brainscore frontier -o {folder} "
            "--four-benchmarks --data IMAGES` does."
        )
    found = measured_states(rows)
    write_text(folder / PAGE, page_of(found))
    with style(_SETTINGS):
        drawing = picture(found)
    return [folder / PAGE, *save_figure(drawing, folder, "four_benchmarks", _SETTINGS, 120)]


def page_of(found: Mapping[str, Measured]) -> str:
    """The page's text."""
    tested = confirmations(found)
    return markdown(
        "four_benchmarks.md.j2",
        answer=answer(found, tested),
        measured=measured_sentences(found, tested),
        scores=_scores_table(found) if found else "",
        selection=_selection_table(found, tested),
        absent=[name for name in ALL_STATES if name not in found],
    )


def _scores_table(found: Mapping[str, Measured]) -> str:
    heads = ["state", "statistics", "numbers", "bits", "n", *TITLES.values(), *_MATCHES]
    rows = []
    for name, one in found.items():
        seeds = len(one.values(CHEAP))
        about = [f"`{name}`", one.about.statistics, f"{one.about.numbers:,}", f"{one.about.bits:,}"]
        parts = [*((benchmark,) for benchmark in TITLES), *_MATCHES.values()]
        rows.append([*about, seeds, *(_cell(one.values(part), seeds) for part in parts)])
    return markdown_table(heads, rows, "ll" + "r" * (len(heads) - 2))


def _cell(values: Sequence[float], seeds: int) -> str:
    if not values:
        return ""
    return mean_and_spread(values) + ("" if len(values) == seeds else f", n = {len(values)}")


def _selection_table(found: Mapping[str, Measured], tested: Sequence[Confirmation]) -> str:
    confirmed = {one.state: one for one in tested}
    heads = ["state", "reference", "half A: state", "half A: reference", "selected"]
    heads += ["n on half B, both", "half B: state minus reference", "verdict"]
    rows = []
    for name, one in found.items():
        other = found.get(reference_of(name))
        if other is None or not can_answer(found, one):
            continue
        test = confirmed.get(name)
        matches = [f"{state.mean(CHEAP, HALF_A):.3f}" for state in (one, other)]
        alone = min(len(state.values(CHEAP, HALF_A)) for state in (one, other)) < SEEDS_NEEDED
        tested_as = ["no: one seed" if alone else "no", "", "", ""]
        if test:
            seeds = f"{test.seeds[0]} - {test.seeds[1]}"
            shown = with_p(test.difference) if test.difference else ""
            tested_as = ["yes", seeds, shown, test.verdict]
        rows.append([f"`{name}`", f"`{other.name}`", *matches, *tested_as])
    return markdown_table(heads, rows, "llrrllll")


def picture(found: Mapping[str, Measured]) -> Figure:
    """A row for each state, by what it has seen and by bits; a column for each benchmark, for the
    match without V4 on half A, less the reference's, and for the match on half B, less it.
    """
    groups: dict[str, list[Measured]] = {}
    for name, one in found.items():
        groups.setdefault(reference_of(name), []).append(one)
    tested = {one.state: one for one in confirmations(found)}
    drawing = Figure(figsize=(10.5, 2.1 + 0.17 * (len(found) + len(groups))), layout="constrained")
    axes = drawing.subplots(1, len(TITLES) + 2, sharey=True)
    rows: list[tuple[float, str]] = []
    for reference, group in groups.items():
        first = -len(rows) - 1.2 * list(groups).index(reference)
        places = {one.name: first - place for place, one in enumerate(group)}
        rows += [(place, _row(found[name])) for name, place in places.items()]
        ends = (first + 0.6, first - len(group) + 0.4)
        for axis, benchmark in zip(axes, TITLES):
            for one in group:
                _dots(axis, places[one.name], one, one.values((benchmark,)))
            if reference in found and found[reference].values((benchmark,)):
                mean = found[reference].mean((benchmark,))
                axis.plot([mean, mean], ends, "--", color="0.5", linewidth=0.8, zorder=0)
        for axis in axes[len(TITLES) :]:
            axis.plot([0, 0], ends, "--", color="0.5", linewidth=0.8, zorder=0)
        for one in group:
            if can_answer(found, one):
                _differences(axes[-2:], places[one.name], one, found[reference], tested)
    axes[0].set_yticks(*zip(*rows))
    axes[0].set_ylim(min(place for place, _ in rows) - 0.8, 0.8)
    titles = [*TITLES.values(), "half A, without V4:\nless WC", "half B, all four:\nless WC"]
    for axis, title in zip(axes, titles):
        axis.set_title(title)
        axis.grid(axis="y", color="0.93", linewidth=0.5)
        axis.set_axisbelow(True)
        axis.tick_params(axis="y", length=0)
    for word, look in (("score (1 = ceiling)", axes[0]), ("difference", axes[-1])):
        look.set_xlabel(word)
    present = {ALL_STATES[name].group for name in found}
    for name, colour in _COLOURS.items():
        if name in present:
            axes[0].plot([], [], "o", color=colour, mfc="none", label=name)
    axes[0].plot([], [], "--", color="0.5", linewidth=0.8, label="WC with the same statistics")
    drawing.legend(loc="outside lower center", ncols=6, frameon=False)
    return drawing


def _row(one: Measured) -> str:
    return f"{one.name}  {one.about.bits / 1000:,.0f} kbit"


def _dots(axis: Axes, place: float, one: Measured, values: Sequence[float]) -> None:
    """A dot for each seed and an open mark at their mean."""
    if values:
        colour = _COLOURS[ALL_STATES[one.name].group]
        axis.plot(values, [place] * len(values), "o", color=colour, markersize=2, alpha=0.6, mew=0)
        marker = MARKERS[one.about.statistics]
        axis.plot(float(np.mean(values)), place, marker, color=colour, mfc="none", markersize=5)


def _differences(
    axes: Sequence[Axes],
    place: float,
    one: Measured,
    other: Measured,
    tested: Mapping[str, Confirmation],
) -> None:
    values = [value - other.mean(CHEAP, HALF_A) for value in one.values(CHEAP, HALF_A)]
    _dots(axes[0], place, one, values)
    test = tested.get(one.name)
    if test and test.difference:
        colour = _COLOURS[ALL_STATES[one.name].group]
        found = test.difference
        axes[1].plot([found.low, found.high], [place, place], color=colour, linewidth=1)
        marker = MARKERS[one.about.statistics]
        axes[1].plot(found.value, place, marker, color=colour, mfc="white", markersize=5)
