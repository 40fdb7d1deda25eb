"""The page and its picture, from the table. Needs neither torch nor Brain-Score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from brainscore_wiring.files import write_text
from brainscore_wiring.paper.frontier.columns import HALF_A
from brainscore_wiring.paper.frontier.figure import (
    BAND,
    LINEAR_BITS,
    bits_along,
    ground,
    seeds_and_mean,
)
from brainscore_wiring.paper.frontier.findings import with_p
from brainscore_wiring.paper.frontier.four_benchmarks.decisions import (
    ALL_SEEDS,
    SEEDS_NEEDED,
    Confirmation,
    Measured,
    confirmations,
    measured_states,
    selected,
)
from brainscore_wiring.paper.frontier.four_benchmarks.scores import CHEAP, FOUR, V4_NEURONS, Row
from brainscore_wiring.paper.frontier.four_benchmarks.sentences import (
    TITLES,
    in_words,
    measured_sentences,
)
from brainscore_wiring.paper.frontier.four_benchmarks.states import ALL_STATES, reference_of
from brainscore_wiring.paper.frontier.states import WC_REFERENCE
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
_SETTINGS = READABLE | {"font.size": 8}


def write_four_benchmarks(folder: Path, rows: Sequence[Row]) -> list[Path]:
    """Write page and picture into `folder`; returns their files."""
    found = measured_states(rows)
    paths = [folder / PAGE]
    write_text(paths[0], page_of(found))
    if found:
        with style(_SETTINGS):
            drawing = picture(found)
        paths += save_figure(drawing, folder, "four_benchmarks", _SETTINGS, 120)
    return paths


def page_of(found: Mapping[str, Measured]) -> str:
    """The page's text."""
    tested = confirmations(found)
    return markdown(
        "four_benchmarks.md.j2",
        measured=measured_sentences(found, tested),
        in_words=in_words(found),
        scores=_scores_table(found) if found else "",
        selection=_selection_table(found, tested),
        missing=_missing(found),
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
        if other is None or other is one or one.about.bits >= other.about.bits:
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


def _missing(found: Mapping[str, Measured]) -> dict[str, list[str]]:
    """What is missing -> states, with the seeds that are there."""
    wanted = dict.fromkeys([*selected(found), *map(reference_of, found)])

    def fewer(names: Iterable[str], benchmarks: tuple[str, ...]) -> list[str]:
        seeds = {name: len(found[name].values(benchmarks)) for name in names if name in found}
        return [f"`{name}` ({number})" for name, number in seeds.items() if number < ALL_SEEDS]

    return {
        "Not measured": [f"`{name}`" for name in ALL_STATES if name not in found],
        f"Fewer than {ALL_SEEDS} seeds without V4": fewer(found, CHEAP),
        f"Fewer than {ALL_SEEDS} seeds with V4, of the references and selected states": fewer(
            wanted, (V4_NEURONS,)
        ),
    }


#: State -> its words and line in the picture.
_REFERENCES = (
    (WC_REFERENCE, "WC, nothing seen", "--"),
    (f"{WC_REFERENCE}_bn", "WC, natural images", ":"),
)


def picture(found: Mapping[str, Measured]) -> Figure:
    """Scores against bits: a panel for each benchmark, the cheap match and the match."""
    panels = {title: (name,) for name, title in TITLES.items()} | _MATCHES
    drawing = Figure(figsize=(10.5, 7.2), layout="constrained")
    axes = drawing.subplots(2, 3, sharex=True)
    bits_along(axes[0, 0], max(LINEAR_BITS, *(one.about.bits for one in found.values())), 4)
    places = _places(found)
    for axis, (title, benchmarks) in zip(axes.flat, panels.items()):
        ground(axis)
        for name, one in found.items():
            if values := one.values(benchmarks):
                colour = _COLOURS[ALL_STATES[name].group]
                seeds_and_mean(axis, places[name], values, colour, one.about.statistics)
        for reference, _, line in _REFERENCES:
            if reference in found and found[reference].values(benchmarks):
                axis.axhline(
                    found[reference].mean(benchmarks), color="0.5", linewidth=0.8, linestyle=line
                )
        axis.set_title(title)
        axis.set_ylim(min(0.0, axis.dataLim.y0), max(0.1, 1.1 * axis.dataLim.y1))
    for axis in axes[:, 0]:
        axis.set_ylabel("score (1 = ceiling)")
    for axis in axes[1]:
        axis.set_xlabel("bits in the genome")
    groups = {ALL_STATES[name].group for name in found}
    for name, colour in _COLOURS.items():
        if name in groups:
            axes[0, 0].plot([], [], "o", color=colour, mfc="none", label=name)
    for reference, words, line in _REFERENCES:
        if reference in found:
            axes[0, 0].plot([], [], line, color="0.5", linewidth=0.8, label=words)
    drawing.legend(loc="outside lower center", ncols=7, frameon=False)
    return drawing


def _places(found: Mapping[str, Measured]) -> dict[str, float]:
    """Bits, with states of none side by side in their band."""
    none = [name for name, one in found.items() if not one.about.bits]
    aside = np.linspace(-0.8 * BAND, 0.8 * BAND, max(len(none), 2)).tolist()
    return {name: float(one.about.bits) for name, one in found.items()} | dict(zip(none, aside))
