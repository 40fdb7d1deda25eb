"""The page beside learning curves: every number and sentence is computed from the sweep, by rules
that it states.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any

from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed
from brainscore_wiring.paper.learning.sweep_points import (
    ERRORS,
    MODEL_PAIRS,
    WC_CT,
    AccuracyDifference,
    GridCell,
    Sweep,
    SweepModel,
    differences,
    name_of,
)
from brainscore_wiring.paper.pages import markdown, markdown_table
from brainscore_wiring.paper.trained_on import trained_on
from brainscore_wiring.scoring.points import STANDARD
from brainscore_wiring.scoring.result import Result
from brainscore_wiring.scoring.table import read_results

#: The paper's two corners of figure 4B (brain score, WC+CT minus standard training): what, and
#: percentage points.
PAPER_FEW, PAPER_MANY = ("1,000 images x 1 epoch", 27), ("all images until convergence", -17)
#: In the authors' score database every cell of that map below this many supervised updates is
#: positive, and every one from there on negative but one (50,000 images x 3 epochs, +0.3).
PAPER_TURNS = 100_000
_BENCHMARKS = {
    "MacaqueV1Tuning": "V1 tuning",
    "Kriegeskorte2008.IT-rdm": "monkey IT",
    "Kriegeskorte2008.IT-rdm.human": "human IT",
}
#: Whom WC+CT is set against.
OPPONENTS = (STANDARD, "cornet_s_ct", "cornet_s_dt_it")
AGREES, DISAGREES, OPEN, NOT_DECIDED = "agrees", "does not agree", "not testable", "not decided"
IN_WORDS = {
    AGREES: "this sweep agrees",
    DISAGREES: "this sweep does not agree",
    OPEN: "this sweep cannot test it",
    NOT_DECIDED: "this sweep does not decide it",
}

#: A model's file -> benchmark -> score.
ScoresByFile = dict[str, dict[str, float]]


def read_scores(path: Path, sweep: Sweep) -> ScoresByFile:
    """The scores of the sweep's models in a file of `brainscore score --csv`.

    A row is a model's where its weights are a file whose path ends like the one in the table, and
    its training data and seed are the model's too. Raises `WiringError` for another file, two
    scores of one model, and where no row is of the sweep.
    """
    scores: ScoresByFile = {}
    for result in read_results(path):
        point = next((point for point in sweep.points if _is_of(result, point, sweep)), None)
        if point is None or result.benchmark not in _BENCHMARKS or result.score is None:
            continue
        if (
            scores.setdefault(point.file, {}).setdefault(result.benchmark, result.score)
            != result.score
        ):
            raise WiringError(f"'{path}' has two scores of {point.file} on {result.benchmark}.")
    if not scores:
        raise WiringError(
            f"'{path}' has no score of a model of this sweep: score its files, as in `brainscore "
            f"score --model SWEEP_FOLDER/{sweep.points[-1].file} --csv {path}`."
        )
    return scores


def _is_of(result: Result, point: SweepModel, sweep: Sweep) -> bool:
    end = PurePath(point.file).parts
    return (
        any(
            PurePath(place or "").parts[-len(end) :] == end
            for place in (result.weights, result.model)
        )
        and result.seed == point.seed
        and trained_on(result)
        == (sweep.training_data, point.images, point.epochs, sweep.image_size)
    )


def learning_text(sweep: Sweep, scores: ScoresByFile) -> str:
    """The page in Markdown."""
    against = {other: found for other in OPPONENTS if (found := differences(sweep, WC_CT, other))}
    recipes: dict[str, list[str]] = {}
    for model in sweep.models:
        recipes.setdefault(_recipe(sweep.records[model]["recipe"]), []).append(f"`{model}`")
    return markdown(
        "learning.md.j2",
        sweep=sweep,
        recipes=[
            (f"{listed(models)}: " if len(recipes) > 1 else "") + recipe
            for recipe, models in recipes.items()
        ],
        models=listed([f"`{model}`" for model in sweep.models]),
        images=listed([f"{images:,}" for images in sweep.images]),
        epochs=listed([f"{epochs:g}" for epochs in sweep.epochs]),
        seeds=listed([str(seed) for seed in sweep.seeds]),
        wanted=len(sweep.models) * len(sweep.images) * len(sweep.epochs) * len(sweep.seeds),
        genomes={
            model: source
            for model in sweep.models
            if (source := sweep.records[model].get("genome_source"))
        },
        in_epochs=in_epochs,
        findings=learning_findings(against),
        errors=ERRORS,
        compared=sum(len(found) for found in against.values()),
        paper_turns=PAPER_TURNS,
        budgets=_budgets(against) if against else "",
        all_models=_all_models(sweep),
        scores=_scores(sweep, scores) if scores else "",
    )


def _recipe(recipe: Mapping[str, Any]) -> str:
    """A recipe in words, without the image size and what its schedule does not use."""
    unused = {"image_size"} | (set() if recipe.get("schedule") == "one_cycle" else {"warm_up"})
    return ", ".join(
        f"{name.replace('_', ' ')} "
        + (
            " to ".join(f"{part:g}" for part in value)
            if isinstance(value, list)
            else f"{value}".replace("_", " ")
        )
        for name, value in recipe.items()
        if name not in unused
    )


def _place(cell: GridCell) -> str:
    return f"{cell[0]:,} images x {in_epochs(cell[1])}"


def _count(found: Iterable[AccuracyDifference], sign: int) -> int:
    return sum(one.sign == sign for one in found)


def learning_findings(
    against: Mapping[str, Mapping[GridCell, AccuracyDifference]],
) -> list[str]:
    """What the differences of WC+CT to the others say, sentence by sentence."""
    sentences = []
    for other, found in against.items():
        above, below, untold = (_count(found.values(), sign) for sign in (1, -1, 0))
        most, least = (choose(found.values(), key=lambda one: one.points) for choose in (max, min))
        sentences.append(
            f"**WC+CT against {name_of(other)}:** above in {above} of {len(found)} cells, below "
            f"in {below}, not significantly different in {untold}; from {least.points:+.1f} "
            f"points ({_place(least.cell)}) to {most.points:+.1f} ({_place(most.cell)})."
        )
    if STANDARD not in against:
        return [
            *sentences,
            f"**The paper's finding:** {OPEN}, as no cell has both `{WC_CT}` and `{STANDARD}`.",
        ]
    cells = list(against[STANDARD].values())
    largest = max(one.updates for one in cells)
    for winner, sign in (("standard training", -1), ("WC+CT", 1)):
        start = wins_from(cells, sign)
        sentences.append(
            f"**From which number of supervised updates on {winner} wins:** "
            + (
                f"none here; with the most, {largest:,}, it is not significantly above in every "
                "cell."
                if start is None
                else f"{start:,}; in every cell from there on (to {largest:,}) it is above, told "
                "apart."
            )
        )
    few, many = (
        [one for one in cells if (one.updates < PAPER_TURNS) == small] for small in (True, False)
    )
    for words, (place, points), part, sign in (
        (f"fewer than {PAPER_TURNS:,}", PAPER_FEW, few, 1),
        (f"at least {PAPER_TURNS:,}", PAPER_MANY, many, -1),
    ):
        sentences.append(
            f"**The paper {'gains' if sign > 0 else 'loses'} with {words} supervised updates** "
            f"({points:+d} points of brain score with {place}): {IN_WORDS[verdict(part, sign)]}"
            + (
                f" ({_count(part, 1)} of {len(part)} cells above, {_count(part, -1)} below)."
                if part
                else ", it has no such cell."
            )
        )
    first, last = cells_at_the_ends(cells)
    change = last.points - first.points
    sentences.append(
        f"**The paper's advantage shrinks with the budget** ({PAPER_FEW[1]:+d} to "
        f"{PAPER_MANY[1]:+d}): {IN_WORDS[direction(first, last)]}; from {first.points:+.1f} "
        f"points with {_place(first.cell)} to {last.points:+.1f} with {_place(last.cell)}, a "
        f"change of {change:+.1f} ± {math.hypot(first.error, last.error):.1f}."
    )
    return sentences


def wins_from(cells: Iterable[AccuracyDifference], sign: int) -> int | None:
    """The fewest supervised updates from which on every cell has that sign significantly; None
    where there are none.
    """
    start = None
    for updates, signs in sorted(_by_budget(cells).items(), reverse=True):
        if any(one.sign != sign for one in signs):
            break
        start = updates
    return start


def verdict(cells: list[AccuracyDifference], sign: int) -> str:
    """Whether cells agree with a sign that the paper has in all of them, by the page's rule."""
    if not cells:
        return OPEN
    same, opposite = _count(cells, sign), _count(cells, -sign)
    if same > len(cells) / 2:
        return AGREES
    return DISAGREES if opposite and opposite >= same else NOT_DECIDED


def cells_at_the_ends(
    cells: Iterable[AccuracyDifference],
) -> tuple[AccuracyDifference, AccuracyDifference]:
    """The cells of fewest and of most supervised updates; of several, that of fewest and of most
    images.
    """
    ordered = sorted(cells, key=lambda one: (one.updates, one.cell))
    return ordered[0], ordered[-1]


def direction(first: AccuracyDifference, last: AccuracyDifference) -> str:
    """Whether the advantage falls from the smallest to the largest budget; the page states the
    rule.
    """
    change = last.points - first.points
    if first.updates == last.updates:
        return OPEN
    if abs(change) < ERRORS * math.hypot(first.error, last.error) or not change:
        return NOT_DECIDED
    return AGREES if change < 0 else DISAGREES


def _by_budget(cells: Iterable[AccuracyDifference]) -> dict[int, list[AccuracyDifference]]:
    budgets: dict[int, list[AccuracyDifference]] = {}
    for one in cells:
        budgets.setdefault(one.updates, []).append(one)
    return dict(sorted(budgets.items()))


def _budgets(against: Mapping[str, Mapping[GridCell, AccuracyDifference]]) -> str:
    budgets = {other: _by_budget(found.values()) for other, found in against.items()}
    rows = []
    for updates in sorted({updates for found in budgets.values() for updates in found}):
        words = [
            f"above in {_count(cells, 1)} of {len(cells)}, below in {_count(cells, -1)}"
            if (cells := found.get(updates))
            else ""
            for found in budgets.values()
        ]
        rows.append([f"{updates:,}", *words])
    heads = ["supervised updates", *(f"against {name_of(other)}" for other in against)]
    return markdown_table(heads, rows, "r" + "l" * len(against))


def _all_models(sweep: Sweep) -> str:
    maps = {pair: found for pair in MODEL_PAIRS if (found := differences(sweep, *pair))}
    heads = [
        "images",
        "epochs",
        "supervised updates",
        "seeds",
        *(name_of(model) for model in sweep.models),
        *(f"{name_of(first)} minus {name_of(second)}" for first, second in maps),
    ]
    rows = []
    for cell in sweep.cells:
        points = {model: list(sweep.at(model, cell).values()) for model in sweep.models}
        seeds = sorted({len(found) for found in points.values() if found})
        columns = [
            f"{cell[0]:,}",
            f"{cell[1]:g}",
            f"{max(found[0].updates for found in points.values() if found):,}",
            " to ".join(map(str, dict.fromkeys((seeds[0], seeds[-1])))),
            *(_accuracy(found) for found in points.values()),
            *(_difference(found.get(cell)) for found in maps.values()),
        ]
        rows.append(columns)
    return markdown_table(heads, rows, "r" * len(heads))


def _accuracy(points: list[SweepModel]) -> str:
    values = [100 * point.accuracy for point in points]
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.1f}{spread}%" if values else ""


def _difference(one: AccuracyDifference | None) -> str:
    if one is None:
        return ""
    return (
        f"**{one.points:+.1f}** ± {one.error:.1f}"
        if one.sign
        else f"{one.points:+.1f} ± {one.error:.1f}"
    )


def _scores(sweep: Sweep, scores: ScoresByFile) -> str:
    rows = []
    order = {model: number for number, model in enumerate(sweep.models)}
    for point in sorted(
        sweep.points, key=lambda point: (point.cell, order[point.model], point.seed)
    ):
        if found := scores.get(point.file):
            budget = f"{point.images:,} x {point.epochs:g}"
            about = [name_of(point.model), budget, point.seed, f"{100 * point.accuracy:.1f}%"]
            values = [f"{found[name]:.3f}" if name in found else "" for name in _BENCHMARKS]
            rows.append([*about, *values])
    heads = ["model", "images x epochs", "seed", "accuracy", *_BENCHMARKS.values()]
    return markdown_table(heads, rows, "llrr" + "r" * len(_BENCHMARKS))
