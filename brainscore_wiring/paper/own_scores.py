"""Scores of networks trained here, from result tables that `brainscore score --csv` wrote.

The regions are the paper's five benchmarks where a table has them, on public or on private data,
never a mixture. Without Brain-Score's data, benchmarks that run on any machine stand in for two of
the regions, and are named so.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.formatting import listed, number_of
from brainscore_wiring.paper.trained_on import trained_on
from brainscore_wiring.public_files import digest, fetch
from brainscore_wiring.scoring.brainscore_data import (
    BRAIN_PREDICTIVITY,
    PAPER_BENCHMARKS,
    PREDICTIVITY_VERSION,
    PRIVATE_BRAIN_PREDICTIVITY,
)
from brainscore_wiring.scoring.points import (
    REGIONS,
    STANDARD,
    TOP1,
    AddedNetwork,
    Point,
    Scores,
    in_order,
    model_of,
    point_of,
)
from brainscore_wiring.scoring.published_scores import PRIVATE, PUBLIC, published
from brainscore_wiring.scoring.result import SCORED, Result
from brainscore_wiring.scoring.runner import UPDATES
from brainscore_wiring.scoring.table import read_results

_PUBLIC = {region: benchmark for benchmark, region in PAPER_BENCHMARKS.items()}
_PRIVATE = {region: benchmark.replace("public", "") for region, benchmark in _PUBLIC.items()}
#: Benchmarks of the region that need no data of Brain-Score's, in place of the paper's.
STANDINS = {"V1": "MacaqueV1Tuning", "IT": "Kriegeskorte2008.IT-rdm"}
#: Kinds of benchmarks, region -> benchmark; of two that fill as many regions the first is taken.
_KINDS: tuple[Mapping[str, str], ...] = (_PUBLIC, _PRIVATE, STANDINS)
#: ImageNet accuracy under its names in Brain-Score.
TOP1_BENCHMARKS = ("ImageNet-top1", "Deng2009-top1", "fei-fei.Deng2009-top1")


def own(paths: Collection[str | Path], training_data: str | None = None) -> Scores:
    """The scores in result tables; rows of one network on one benchmark are averaged, and so are
    networks of one recipe, seed and training.

    100 % is the standard model, `cornet_s` trained on all images of a data set; where several data
    sets have one, that with the most updates, or that of `training_data`. Models that the
    catalogue does not have are left out, and so are, with a count, births from another genome than
    most of their kind and what a training left along the way under the name of its end. Raises
    `WiringError` for a file that is no result table and where no table has a score to draw,
    `WrongUsage` for other training data.
    """
    results = [
        row
        for path in paths
        for row in read_results(path)
        if row.status == SCORED and row.score is not None
    ]
    known = _of_newest_version([row for row in results if row.model in CATALOGUE])
    known, of_other_genomes = _of_one_genome(known)
    kind, benchmarks = _benchmarks(known)
    networks: dict[tuple, list[Result]] = {}
    for row in known:
        networks.setdefault((row.model, row.fingerprint, trained_on(row)), []).append(row)
    points = in_order(
        point for rows in networks.values() if (point := _point(rows, benchmarks)) is not None
    )
    if not points:
        raise WiringError(
            f"There is no score of a model of the catalogue on the paper's benchmarks or on "
            f"{listed(list(STANDINS.values()))} in {listed([str(path) for path in paths])}: "
            "`brainscore score --csv FILE` writes such a table."
        )
    points, along_the_way = _last_of_each(points)
    chosen = _standard_data(points, training_data)
    standards = [point for point in points if _is_standard(point) and point.training_data == chosen]
    averaged = tuple(
        region for region in REGIONS if any(region in point.scores for point in standards or points)
    )
    points = tuple(replace(point, averaged=averaged) for point in points)
    return Scores(
        name="own",
        points=points,
        training_data=chosen,
        benchmarks=benchmarks,
        source="; ".join(f"{Path(path).name}, SHA-256 {digest(path)[:16]}" for path in paths),
        measured_on=" ".join(
            [
                _sentence(kind, benchmarks, averaged, standards),
                *_counted(of_other_genomes, "from another genome than most of their kind"),
                *_counted(along_the_way, "left along the way of a longer training"),
            ]
        ),
        unlike=_unlike(kind, averaged, standards),
        standins=frozenset(region for region in benchmarks if kind is STANDINS and region != TOP1),
        left_out=tuple(sorted({row.model for row in results if row.model not in CATALOGUE})),
    )


def with_added(paths: Collection[str | Path]) -> tuple[Scores, list[str]]:
    """The published scores with networks of result tables among them, and what is left out, in
    sentences.

    Only networks that were scored on the paper's mean are added: on private data if any was, else
    on public data, and beside published scores on the same. Raises `WiringError` where none was.
    """
    names = [Path(path).name for path in paths]
    rows = [row for path in paths for row in read_results(path)]
    scored = [row for row in rows if row.status == SCORED and row.score is not None]
    paper_means = {PRIVATE_BRAIN_PREDICTIVITY: PRIVATE, BRAIN_PREDICTIVITY: PUBLIC}
    there = {row.benchmark for row in scored}
    benchmark = next((name for name in paper_means if name in there), None)
    if benchmark is None:
        raise WiringError(
            f"No network of {listed(names)} can be drawn among the published ones: these "
            f"were scored on {' or '.join(paper_means)}, the table has "
            f"{listed(sorted(there - {UPDATES})) or 'no score'}, which do not compare. "
            f"`brainscore score --model MODEL --benchmark {BRAIN_PREDICTIVITY} --csv FILE` scores "
            "them on public data."
        )
    newest = _of_newest_version([row for row in scored if row.benchmark == benchmark])
    chosen = {row.network: row for row in newest}
    left_out = []
    old = sorted({row.model for row in newest if not _is_squared(row)})
    chosen = {key: row for key, row in chosen.items() if _is_squared(row)}
    if old:
        left_out.append(
            f"Not drawn: {number_of(len(old), 'own network')}, scored on another version of "
            f"{benchmark} than {PREDICTIVITY_VERSION}: {listed(old)}."
        )
    elsewhere = {row.model for row in scored if row.network not in {one.network for one in newest}}
    if elsewhere:
        left_out.append(
            f"Not drawn: {number_of(len(elsewhere), 'own network')}, not scored on {benchmark}: "
            f"{listed(sorted(elsewhere))}."
        )
    counted = {key: row for key, row in chosen.items() if row.supervised_updates is not None}
    uncounted = sorted(row.model for key, row in chosen.items() if key not in counted)
    if uncounted:
        left_out.append(
            f"Not drawn: {number_of(len(uncounted), 'own network')}, whose updates are not "
            f"counted: {listed(uncounted)}."
        )
    file = paper_means[benchmark]
    scores = published(file == PRIVATE, fetch(file))
    added = tuple(
        AddedNetwork(
            row.model,
            row.fingerprint or "no fingerprint",
            row.score or 0.0,
            row.supervised_updates or 0,
            row.supervised_synaptic_updates,
        )
        for row in counted.values()
    )
    return replace(scores, added=added), left_out


def _of_one_genome(results: Sequence[Result]) -> tuple[list[Result], int]:
    """The rows whose genome is that of most networks of their model and training data, or is not
    stated, and how many networks have another one.
    """

    def kind(row: Result) -> tuple[str, str | None]:
        return model_of(CATALOGUE[row.model]), row.training_data

    networks = {(kind(row), row.network, row.genome_data) for row in results if row.genome_data}
    genomes: dict[tuple[str, str | None], Counter[str]] = {}
    for of, _, genome in sorted(networks, key=str):
        genomes.setdefault(of, Counter())[genome] += 1
    most = {
        # of as many, the row's own, which is named without its SHA-256
        of: min(found, key=lambda genome: (-found[genome], "(" in genome, genome))
        for of, found in genomes.items()
    }
    kept = [row for row in results if row.genome_data in (None, most.get(kind(row)))]
    return kept, len({row.network for row in results}.difference(row.network for row in kept))


def _last_of_each(points: Sequence[Point]) -> tuple[tuple[Point, ...], int]:
    """One point for each recipe, seed and training data: that of the most updates, the mean of
    several; and how many networks have fewer.
    """
    found: dict[tuple, list[Point]] = {}
    for point in points:
        key = point.row.identifier, point.seed, point.training_data, point.images
        found.setdefault(key, []).append(point)
    last, earlier = [], 0
    for same in found.values():
        most = max(point.updates for point in same)
        ends = [point for point in same if point.updates == most]
        earlier += len(same) - len(ends)
        regions = dict.fromkeys(region for point in ends for region in point.scores)
        scores = {
            region: statistics.fmean(one.scores[region] for one in ends if region in one.scores)
            for region in regions
        }
        last.append(replace(ends[0], scores=scores) if len(ends) > 1 else ends[0])
    return in_order(last), earlier


def _counted(networks: int, what: str) -> list[str]:
    """A sentence on networks that are not drawn; none where there are none."""
    return [f"Not drawn: {number_of(networks, 'network')} {what}."] if networks else []


def _is_squared(row: Result) -> bool:
    """Whether a mean of the paper's benchmarks counts as the published ones do."""
    return row.benchmark_version in (None, str(PREDICTIVITY_VERSION))


def _of_newest_version(results: Sequence[Result]) -> list[Result]:
    """Without what a network scored on an earlier version of a benchmark than it did on another."""

    def version(row: Result) -> int:
        return int(row.benchmark_version or 0) if (row.benchmark_version or "").isdigit() else 0

    newest: dict[tuple, int] = {}
    for row in results:
        of = (row.network, row.benchmark)
        newest[of] = max(newest.get(of, 0), version(row))
    return [row for row in results if version(row) == newest[row.network, row.benchmark]]


def _benchmarks(results: Iterable[Result]) -> tuple[Mapping[str, str], dict[str, str]]:
    """The kind of benchmarks that scored most regions, and region -> benchmark, "top1" among
    them.
    """
    scored = {row.benchmark for row in results}
    kind = max(_KINDS, key=lambda kind: len(scored & set(kind.values())))
    top1 = [name for name in TOP1_BENCHMARKS if name in scored][:1]
    return kind, (
        {region: kind[region] for region in REGIONS if kind.get(region) in scored}
        | dict.fromkeys((TOP1,) if top1 else (), *top1)
    )


def _point(rows: Sequence[Result], benchmarks: Mapping[str, str]) -> Point | None:
    """One network's point; None where it has no score in any region."""
    values = {
        region: [row.score for row in rows if row.benchmark == benchmark and row.score is not None]
        for region, benchmark in benchmarks.items()
    }
    if not any(values[region] for region in values if region in REGIONS):
        return None
    data = trained_on(rows[0])
    planned = point_of(
        CATALOGUE[rows[0].model],
        {region: scores for region, scores in values.items() if scores},
        training_data=data.label,
    )
    updates = _stated(row.supervised_updates for row in rows)
    if updates is None:
        updates = round(data.images * data.epochs)
    synaptic = _stated(row.supervised_synaptic_updates for row in rows)
    if synaptic is None and planned.synaptic_updates is not None:
        synaptic = updates * (planned.synaptic_updates // planned.updates) if planned.updates else 0
    return replace(
        planned,
        images=data.images,
        epochs=data.epochs,
        fingerprint=rows[0].fingerprint or "",
        own_seed=rows[0].seed,
        updates=updates,
        synaptic_updates=synaptic,
    )


def _stated(counts: Iterable[int | None]) -> int | None:
    """A count as the table states it; older tables, which do not, imply it by the training data."""
    return next((count for count in counts if count is not None), None)


def _is_standard(point: Point) -> bool:
    return point.model == STANDARD and point.row.images == FULL and point.converged


def _standard_data(points: Sequence[Point], asked: str | None) -> str:
    """The data set of the standard model that is 100 %; empty where there is none."""
    standards = sorted(
        (point for point in points if _is_standard(point)), key=lambda point: point.updates
    )
    known = list(dict.fromkeys(point.training_data for point in standards))
    if asked is not None and asked not in known:
        raise WrongUsage(
            f"No standard model trained on '{asked}' was scored: there is one of {listed(known)}."
            if known
            else f"No standard model was scored, of '{asked}' or other data: score {STANDARD}."
        )
    return asked if asked is not None else known[-1] if known else ""


def _sentence(
    kind: Mapping[str, str],
    benchmarks: Mapping[str, str],
    averaged: Sequence[str],
    standards: Sequence[Point],
) -> str:
    regions = [region for region in REGIONS if region in benchmarks]
    measured = listed([f"{region} is {benchmarks[region]}" for region in regions])
    if kind is STANDINS:
        measured += ", which stand in for the paper's benchmarks, whose data are not here"
    unit = (
        f"100 % is {STANDARD} after {listed(sorted({_seen(point) for point in standards}))}."
        if standards
        else f"There is no {STANDARD} among them, so that nothing is known in percent of it."
    )
    return f"Own scores: {measured}; the average is over {listed(list(averaged))}. {unit}"


def _unlike(kind: Mapping[str, str], averaged: Sequence[str], standards: Sequence[Point]) -> str:
    """Why percentages here are of another kind than the paper's; empty where they are of its
    kind.
    """
    if kind is STANDINS:
        return (
            "This is measured on benchmarks that stand in for the paper's, and is not compared "
            "with it."
        )
    if tuple(averaged) != REGIONS:
        return (
            f"This is an average over {listed(list(averaged))} alone, and is not compared with "
            "the paper's."
        )
    unfinished = [
        point
        for point in standards
        if (point.images, point.epochs) != (point.row.images, point.row.epochs)
    ]
    if unfinished or not standards:
        trained = f" ({STANDARD} saw {_seen(unfinished[0])})" if unfinished else ""
        return (
            f"The standard model was not trained as the paper's{trained}, so that this is not "
            "compared with it."
        )
    return ""


def _seen(point: Point) -> str:
    return (
        f"{point.epochs:g} epoch{'' if point.epochs == 1 else 's'} of {point.images:,} images of "
        f"{point.training_data}"
    )
