"""Own and published networks as rows of one table, each number with what it comes from.

A column is one benchmark. Numbers of two benchmarks never share a column: the paper's scores are
squared correlations over ceiling on Brain-Score's data of 2020, and the only own scores of that
kind are those of `Geiger2022-brain_predictivity` and its private twin.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import count
from brainscore_wiring.paper.report.comparison import ModelComparison, ModelSeeds
from brainscore_wiring.paper.trained_on import TrainedOn, trained_on
from brainscore_wiring.scoring.brainscore_data import BRAIN_PREDICTIVITY, PRIVATE_BRAIN_PREDICTIVITY
from brainscore_wiring.scoring.points import REGIONS, TOP1, Point, Scores
from brainscore_wiring.scoring.result import Result

OWN, FROM_PAPER = "own", "published"
#: Means of the paper's five benchmarks as the paper counts them -> the published twin of the data.
PAPER_MEANS = {PRIVATE_BRAIN_PREDICTIVITY: "private", BRAIN_PREDICTIVITY: "public"}


@dataclass(frozen=True)
class ScoredNetwork:
    """One network with its scores. `group`: what it shares with its other seeds.

    `family`: birth and training in a few words. `notes`: benchmark -> what its number comes from;
    `note`: the same for all of them. `statistics`: of the batch norms, empty where there are none
    or where that is not known.
    """

    name: str
    source: str
    group: str
    family: str
    seed: int | None
    data: str
    images: int | None
    epochs: float | None
    updates: int | None
    synaptic_updates: int | None
    statistics: str
    scores: dict[str, float]
    note: str
    command: str
    notes: dict[str, str] = field(default_factory=dict)


def own_networks(comparison: ModelComparison) -> list[ScoredNetwork]:
    """A row for each fingerprint in the tables."""
    rows = []
    for group in comparison.groups:
        members: dict[tuple, list[Result]] = {}
        for row in group.rows:
            members.setdefault(row.network, []).append(row)
        rows += [_own(group, results) for results in members.values()]
    return rows


def _own(group: ModelSeeds, results: Sequence[Result]) -> ScoredNetwork:
    first = results[0]
    data = _training_data(first)
    command = f"brainscore score --model {shlex.quote(first.model)}"
    return ScoredNetwork(
        name=first.model,
        source=OWN,
        group=group.name,
        family=family_of(first.variant or first.model),
        seed=first.seed,
        data=data.label,
        images=data.images,
        epochs=data.epochs,
        updates=first.supervised_updates,
        synaptic_updates=first.supervised_synaptic_updates,
        statistics=group.batch_norm_statistics or "",
        scores={row.benchmark: row.score for row in results if row.score is not None},
        note=f"{_identity(first)}\n{command}",
        command=command,
        notes={row.benchmark: own_note(row) for row in results},
    )


def _training_data(row: Result) -> TrainedOn:
    """What a row was trained on; of weights of others what is stated, in their words."""
    try:
        return trained_on(row)
    except WiringError:
        return TrainedOn(row.diet or "")


def _identity(row: Result) -> str:
    return (
        f"{row.model}@{row.fingerprint or 'no fingerprint'}; weights: {row.weights or 'none'}; "
        f"training data: {row.diet or 'none'}"
    )


def own_note(row: Result) -> str:
    """What one own score comes from."""
    numbers = {"score": row.score, "raw": row.raw, "ceiling": row.ceiling, "error": row.error}
    stated = [f"{name} {_short(value)}" for name, value in numbers.items() if value is not None]
    if row.low is not None and row.high is not None:
        stated.append(f"95 % {row.low:.3f} to {row.high:.3f} (from resampling {row.resampled})")
    lines = [
        _identity(row),
        f"{row.benchmark}, version {row.benchmark_version}: {', '.join(stated)}",
        f"computed: {row.computed}; {row.versions}",
        row.reason,
    ]
    return "\n".join(filter(None, lines))


def _short(value: float | int) -> str:
    return count(value) if isinstance(value, int) else f"{value:.3f}"


def family_of(model: str) -> str:
    """Birth and training in a few words; "other" for models that the catalogue does not have."""
    row = CATALOGUE.get(model)
    if row is None:
        return "other"
    if row.birth == "none":
        return "no learning"
    birth = "from a genome" if row.compressed or row.continues else "from random weights"
    trained = {"nothing": "at birth", "everything": "all trained"}.get(row.trained, "part trained")
    return f"{birth}, {trained}"


def published_benchmark(region: str, twin: str) -> str:
    """The column of a region of the published scores."""
    return f"{region}, the paper's on {twin} data"


def published_columns(scores: Scores, twin: str) -> list[str]:
    """The columns that published scores fill, the mean first."""
    mean = next(name for name, data in PAPER_MEANS.items() if data == twin)
    regions = [region for region in (*REGIONS, TOP1) if region in scores.benchmarks]
    return [mean, *(published_benchmark(region, twin) for region in regions)]


def published_networks(scores: Scores, twin: str) -> list[ScoredNetwork]:
    """A row for each network of the paper."""
    mean, *_ = published_columns(scores, twin)
    return [_published(point, scores, twin, mean) for point in scores.points]


def _published(point: Point, scores: Scores, twin: str, mean: str) -> ScoredNetwork:
    row, command = point.row, f"brainscore show {point.row.identifier}"
    found = {published_benchmark(region, twin): value for region, value in point.scores.items()}
    if point.average is not None:
        found[mean] = point.average
    repeats = max(map(len, point.stored.values()), default=1)
    benchmarks = ", ".join(scores.benchmarks[region] for region in point.scores)
    return ScoredNetwork(
        name=row.identifier,
        source=FROM_PAPER,
        group=point.model,
        family=family_of(row.identifier),
        seed=row.seed,
        data=point.training_data,
        images=point.images,
        epochs=point.epochs,
        updates=point.updates,
        synaptic_updates=point.synaptic_updates,
        statistics="",
        scores=found,
        note=f"{row.identifier}: {row.summary}\nStored by the paper's authors as "
        f"{row.original_name}; {scores.source}.\nScored on {benchmarks} in 2020; for neurons "
        f"(correlation / ceiling)²{f', means of up to {repeats} scores' if repeats > 1 else ''}."
        f"\n{command}",
        command=command,
    )


def columns_of(networks: Iterable[ScoredNetwork], order: Sequence[str]) -> list[str]:
    """The benchmarks that any of the networks has, those of `order` first."""
    found = {name for network in networks for name in network.scores}
    return [name for name in order if name in found] + sorted(found - set(order))
