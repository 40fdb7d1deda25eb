"""The scores on a card: of the weights that it describes, and as the paper's authors published."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from brainscore_wiring.cards.markdown import bullets, paragraphs, table
from brainscore_wiring.checkpoints.locate import has_own_genome
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed, three_decimals

if TYPE_CHECKING:
    from brainscore_wiring.scoring.points import Scores
    from brainscore_wiring.scoring.result import Result

HEADER = ("benchmark", "what it compares", "score", "error", "raw", "ceiling", "over seeds")


def measured(model: ResolvedModel, results: Sequence[Result]) -> str:
    """Scores from the result table: a table for each set of weights, with its training data.

    Those of other weights are not shown, only said to be there; without results, how to add some.
    """
    if not results:
        return (
            f"`brainscore card {model.row.identifier} --scores FILE` adds those of a table that "
            "`brainscore score --csv FILE` wrote."
        )
    shown = of_these_weights(model, results)
    measured_with = {
        "stored": "Measured with the weights here",
        "missing": "Measured with weights that are not in their place on this machine, the "
        "recipe asks for",
        "computed": "Measured with what is computed",
    }.get(model.source, "Measured with the weights as they were sampled")
    hidden = [
        fingerprint for fingerprint in _by_fingerprint(model, results) if fingerprint not in shown
    ]
    names = listed(
        [f"`{fingerprint}`" if fingerprint else "an unstated one" for fingerprint in hidden]
    )
    others = [
        "The result table also has scores under this name of weights with another fingerprint "
        f"({names}): they are not shown, since a score belongs to the weights that it was measured "
        "with."
    ] * bool(hidden)
    tables = (_table(model, found, results, measured_with) for found in shown.values())
    return paragraphs(*tables, *others)


def of_these_weights(
    model: ResolvedModel, results: Sequence[Result]
) -> dict[str | None, list[Result]]:
    """Fingerprint -> scores that may stand on the card.

    Where the fingerprint of the model's weights is known, or they are sampled from a genome of the
    user's, those alone; else none from another genome, nor any where the table has several
    fingerprints under the name, as nothing says which one is today's. Without weights on this
    machine, all.
    """
    found = _by_fingerprint(model, results)
    own = model.fingerprint
    if model.source == "sampled":
        if has_own_genome(model.row):
            from brainscore_wiring.weight_compression.birth import fingerprint_of

            own = fingerprint_of(model.birth.state())  # it may have been fitted again
        known = (None, model.provenance["genome_data"])
        found = {one: rows for one, rows in found.items() if rows[0].genome_data in known}
    if own:
        return {own: found[own]} if own in found else {}
    return found if model.reason or len(found) < 2 else {}


def _by_fingerprint(
    model: ResolvedModel, results: Sequence[Result]
) -> dict[str | None, list[Result]]:
    from brainscore_wiring.scoring.result import SCORED

    found: dict[str | None, list[Result]] = {}
    for result in results:
        if (
            result.model == model.row.identifier
            and result.status == SCORED
            and result.score is not None
        ):
            found.setdefault(result.fingerprint, []).append(result)
    return found


def _table(
    model: ResolvedModel, found: list[Result], results: Sequence[Result], measured_with: str
) -> str:
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS

    first = found[0]
    data = f"; training data: {first.diet}" if first.diet else ""
    rows = [
        [
            f"`{result.benchmark}`",
            BENCHMARKS[result.benchmark].measures if result.benchmark in BENCHMARKS else "",
            three_decimals(result.score),
            three_decimals(result.error),
            three_decimals(result.raw),
            three_decimals(result.ceiling),
            "" if model.row.birth == "none" else _over_seeds(results, result),
        ]
        for result in found
    ]
    notes = [f"`{result.benchmark}`: {result.reason}." for result in found if result.reason]
    return paragraphs(
        f"{measured_with} (fingerprint `{first.fingerprint}`{data}). A score is relative to the "
        "ceiling, its error the benchmark's own:",
        table(HEADER, rows, numbers=5),
        bullets(notes),
    )


def _over_seeds(results: Sequence[Result], result: Result) -> str:
    """Mean, standard deviation and number of the seeds of a model with the same training data,
    scored the same way.

    A seed that the table has with several fingerprints is left out: nothing says which one belongs
    to the others.
    """
    from brainscore_wiring.scoring.result import SCORED
    from brainscore_wiring.scoring.summary import Kind

    def same(one: Result) -> tuple:
        return Kind.of(one), one.benchmark, one.status, one.benchmark_version, one.computed

    seeds: dict[str, dict[str | None, float]] = {}
    for one in results:
        if one.status == SCORED and one.score is not None and same(one) == same(result):
            seeds.setdefault(one.model, {})[one.fingerprint] = one.score
    values = [
        score for of_seed in seeds.values() if len(of_seed) == 1 for score in of_seed.values()
    ]
    if len(values) < 2:
        return "one seed"
    return f"{statistics.fmean(values):.3f} ± {statistics.stdev(values):.3f} (n = {len(values)})"


def published_score(model: ResolvedModel) -> str:
    """The row's score in the authors' database, empty where the file is not here."""
    row = model.row
    if not row.original_name:
        return ""
    from brainscore_wiring.public_files import locate
    from brainscore_wiring.scoring.points import AVERAGE, REGIONS, TOP1
    from brainscore_wiring.scoring.published_scores import PRIVATE

    path = None
    with contextlib.suppress(WiringError):  # `brainscore data status` says what is wrong with it
        path = locate(PRIVATE)
    if path is None:
        return ""
    found = _published(path, path.stat().st_mtime_ns)
    name = row.plain_identifier
    point = next((point for point in found.points if point.row.identifier == name), None)
    if point is None:
        return ""
    names = {**dict.fromkeys(REGIONS, ""), AVERAGE: "mean of the five", TOP1: "ImageNet top-1"}
    scores = {name or region: point.score(region) for region, name in names.items()}
    relative = found.relative(point)
    whole = (
        f" Their mean is {relative:.0f} % of the standard model's." if relative is not None else ""
    )
    values = ["not measured" if value is None else f"{value:.3f}" for value in scores.values()]
    return paragraphs(
        f"{found.measured_on} Stored as `{row.original_name}`; {found.source}.",
        table(list(scores), [values], numbers=len(scores)),
        f"They are scores of the authors' own model; what loads here was retrained.{whole}",
    )


@cache
def _published(path: Path, modified: int) -> Scores:
    """The authors' scores, read once."""
    from brainscore_wiring.scoring.published_scores import published

    return published(path=path)
