"""Many results in one table: a row for each model, mean and standard deviation over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from brainscore_wiring.catalogue import model_without_seed, seed_in_name
from brainscore_wiring.scoring.result import PLANNED, Result


@dataclass(frozen=True)
class Cell:
    """One model's scores on one benchmark; spread: standard deviation over seeds (n - 1)."""

    mean: float
    spread: float | None
    seeds: int
    raw: float | int | None  # the seeds' common raw value where it is an exact count
    planned: bool
    relative: float | None = None  # mean fraction of a reference model's score

    def __str__(self) -> str:
        text = f"{self.mean:.3f}"
        if self.spread is not None:
            text += f" ± {self.spread:.3f}"
        if self.relative is not None:
            text += f", {self.relative:.0%}"
        return text + (" (planned)" if self.planned else "")


class Kind(NamedTuple):
    """Models that differ in their seed alone, not in training data or layers of regions."""

    model: str  # without its seed
    trained_on: tuple | str | None
    layers: str | None = None

    @classmethod
    def of(cls, result: Result) -> Kind:
        return cls(model_without_seed(result.model), result.trained_on, result.layers)


def summarise(results: Sequence[Result]) -> dict[Kind, dict[str, Cell]]:
    """Kind of model -> benchmark -> cell; benchmarks that were not run on a model have no cell."""
    scores: dict[Kind, dict[str, list[Result]]] = {}
    for result in results:
        benchmarks = scores.setdefault(Kind.of(result), {})
        if result.ran and result.score is not None:
            benchmarks.setdefault(result.benchmark, []).append(result)
    return {
        kind: {benchmark: _cell(group) for benchmark, group in benchmarks.items()}
        for kind, benchmarks in scores.items()
    }


def score_by_seed(
    results: Iterable[Result], score: Callable[[Result], float | None] = attrgetter("score")
) -> dict[int | None, float]:
    """Seed -> score of networks of one kind; several of one seed count once, as their mean, and so
    do the same weights under several names.
    """
    results = list(results)
    stated = {one.fingerprint: _seed(one) for one in results if _seed(one) is not None}
    stated.pop(None, None)  # of rows that do not tell their weights
    found: dict[int | None, list[float]] = {}
    for one in results:
        value = score(one)
        if value is not None:
            found.setdefault(stated.get(one.fingerprint, _seed(one)), []).append(value)
    return {seed: statistics.fmean(scores) for seed, scores in found.items()}


def networks_counted_once(results: Iterable[Result]) -> list[str]:
    """A sentence for each kind and seed of which several networks count as one."""
    found: dict[tuple[Kind, int | None], set[str | None]] = {}
    for result in results:
        if result.score is not None:
            found.setdefault((Kind.of(result), _seed(result)), set()).add(result.fingerprint)
    return [
        f"{kind.model} is {len(networks)} networks without a seed, which count as one: name them "
        f"{kind.model}_seed0, {kind.model}_seed1 and so on to have them count by seed."
        if seed is None
        else f"{kind.model} has {len(networks)} networks of seed {seed} (fingerprints "
        f"{', '.join(sorted(map(str, networks)))}), which count as one, by their mean: leave out "
        "the rows of those that are not meant."
        for (kind, seed), networks in found.items()
        if len(networks) > 1
    ]


def _seed(result: Result) -> int | None:
    """The seed that a row states, or else its model's name, as in tables of other programs."""
    return seed_in_name(result.model) if result.seed is None else result.seed


def _cell(group: list[Result]) -> Cell:
    values = list(score_by_seed(group).values())
    relative = [result.details["relative"] for result in group if "relative" in result.details]
    raws = {result.raw for result in group}
    raw = raws.pop() if len(raws) == 1 and all(isinstance(value, int) for value in raws) else None
    return Cell(
        statistics.fmean(values),
        statistics.stdev(values) if len(values) > 1 else None,
        len(values),
        raw,
        any(result.status == PLANNED for result in group),
        statistics.fmean(relative) if len(relative) == len(group) else None,
    )
