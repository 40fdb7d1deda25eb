"""Scores with their provenance: which weights, trained on which data, against which ceiling.

One or many models on one or many benchmarks. A benchmark is loaded once for all models; a model
sees each image once for all benchmarks that show it. Numbers are brainscore_vision's own: what is
faster here is exact (`exact.py`), and `stock` runs its code as it is.
"""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from brainscore_wiring.arguments import several, whole_number
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.progress import no_other_bars, part_of, shown
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.loading import (
    as_loaded,
    brainscore_vision,
    check_benchmark_name,
    check_model_name,
    model_name,
)
from brainscore_wiring.scoring.own_models import is_own
from brainscore_wiring.scoring.result import SCORED, Result, versions
from brainscore_wiring.scoring.runner import (
    NO_SCORE,
    UPDATES,
    BenchmarkCache,
    ModelRunner,
    Report,
    account_alone,
    benchmark_score,
    computed_on,
    provenance_of,
    record_on,
)
from brainscore_wiring.scoring.table import ResultTable
from brainscore_wiring.scoring.time_left import TimeLeft


def score_one(
    model: Any, benchmark: Any, device: str = "auto", batch_size: int | None = None
) -> Any:
    """Brain-Score's `Score` of a model (identifier, file or loaded model) on a benchmark
    (identifier or loaded benchmark).

    Its attributes say which weights it is of, what they were trained on, and what computed it (see
    `result.PROVENANCE`), and which layers stood for regions, as on the leaderboard.
    """
    if isinstance(benchmark, str) and benchmark == UPDATES and isinstance(model, (str, Path)):
        account = account_alone(model)
        if account is not None and account.status == SCORED:
            return account.as_score()
    from brainscore_wiring.networks.devices import device_of
    from brainscore_wiring.scoring.caches import no_identifier_caches
    from brainscore_wiring.scoring.shared_recordings import shared

    cache, batch_size = BenchmarkCache(), _batch_size(batch_size)
    name, identifier = model_name(model), cache.take(benchmark)
    loaded = as_loaded(model)
    place = device_of(device)
    record_on(loaded, place, batch_size)
    brainscore_vision()
    with shown() as display, no_identifier_caches(), no_other_bars():
        display.stage(f"scoring {name} on {identifier}")
        measure = cache.load(identifier)
        with shared(loaded, cache.parts(identifier)):
            score = benchmark_score(measure, loaded)
    if not np.isfinite(np.asarray(score, dtype=float)).any():
        raise WiringError(f"{name} on {identifier}: {NO_SCORE}")
    found = Result(
        benchmark=identifier,
        status=SCORED,
        benchmark_version=cache.version(identifier),
        computed=computed_on(cache.computed, place),
        versions=versions(),
        **provenance_of(loaded, loaded if loaded is model else name),
    )
    score.attrs.update(
        model_identifier=getattr(loaded, "identifier", name),
        benchmark_identifier=identifier,
        **found.provenance,
    )
    layers = getattr(getattr(loaded, "layer_model", None), "region_layer_map", None)
    if layers is not None:
        score.attrs["comment"] = f"layers: {layers}"
    return score


def _with_folders_as_named(pattern: str) -> str:
    """A pattern of files in which folders that are there stand for themselves: 'runs[1]/*'."""
    parts = pattern.split("/")
    for number in range(1, len(parts)):
        if not os.path.isdir("/".join(parts[:number]) or "/"):
            return "/".join([*map(glob.escape, parts[: number - 1]), *parts[number - 1 :]])
    return "/".join([*map(glob.escape, parts[:-1]), parts[-1]])


def matching(pattern: str) -> list[str]:
    """The models that a name stands for: itself, or for a pattern such as 'cornet_s_kn*' those that
    load here, and for one of files ('runs/*/model.safetensors', 'runs/**/*.safetensors') those that
    are wiring checkpoints.

    Raises `WrongUsage` for a pattern that nothing matches, and for a folder.
    """
    pattern = os.path.expanduser(pattern)
    if os.path.isdir(pattern):
        raise WrongUsage(
            f"'{pattern}' is a folder: name a checkpoint file in it, or all of them by "
            f"'{pattern.rstrip('/')}/**/*.safetensors'."
        )
    if os.path.exists(pattern) or not any(sign in pattern for sign in "*?["):
        return [pattern]
    if "/" not in pattern and not pattern.endswith(".safetensors"):
        names = [name for name in fnmatch.filter(CATALOGUE, pattern) if not resolve(name).reason]
        if not names:
            raise WrongUsage(
                f"No model that loads here matches '{pattern}': `brainscore list models` shows "
                "them all."
            )
        return names
    from brainscore_wiring.checkpoints.header import read_record_if_any

    found = sorted(glob.glob(_with_folders_as_named(pattern), recursive=True))
    names = [
        name for name in found if Path(name).is_file() and read_record_if_any(name) is not None
    ]
    if not names and not any(sign in pattern for sign in "*?"):
        return [pattern]  # brackets in a file's name
    if not names:
        raise WrongUsage(
            "No wiring checkpoint matches "
            f"'{pattern}'{f' ({len(found)} other files do)' if found else ''}"
            ": `brainscore train` leaves one as model.safetensors in its folder."
        )
    return names


def score_many(
    models: Any,
    benchmarks: Any = None,
    table: ResultTable | None = None,
    stock: bool = False,
    device: str = "auto",
    batch_size: int | None = None,
) -> list[Result]:
    """Score every model on every benchmark, or on all default ones; what cannot run is a result
    that says why.

    Models are names, patterns, files, networks of others (`OwnModel`) and loaded models, benchmarks
    identifiers and loaded ones, each several or a single one. Recordings run on `device`,
    `batch_size` images at a time (see `WiringModel.record_on`).

    With a `table`, what it has is not scored again, each result is written to it at once, and
    models that another process is scoring are left to it until last. Raises `WrongUsage` at once
    for an unknown model or benchmark, and `WiringError` where the only model cannot be loaded.
    """
    cache, batch_size = BenchmarkCache(stock), _batch_size(batch_size)
    defaults = [row.identifier for row in BENCHMARKS.values() if row.default]
    asked = defaults if benchmarks is None else several(benchmarks)
    models, wanted = check_asked(models, asked, cache)
    if table is not None:
        table.read()  # another file in its place is refused before anything is computed
    results: dict[Any, list[Result]] = {}
    if asked == [UPDATES]:
        identified = table is not None  # rows of one model are told by its fingerprint
        alone = (
            (one, account_alone(one, stock, identified)) for one in models if isinstance(one, str)
        )
        results = {one: [found] for one, found in alone if found is not None}
        if table is not None:
            for one, [found] in results.items():
                table.add(found, one)
        if len(results) == len(models):
            return [found for one in models for found in results[one]]
    from brainscore_wiring.networks.devices import device_of

    device_of(device)
    with shown() as display, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries' own about what brainscore_vision asks of them
        display.stage("importing Brain-Score")
        brainscore_vision()
        from brainscore_wiring.scoring.caches import no_identifier_caches

        time_left = TimeLeft(len(models) - len(results), wanted)
        with no_identifier_caches(), no_other_bars(), part_of(time_left):
            for wait in (False, True):
                for number, one in enumerate(models, start=1):
                    if one in results:
                        continue
                    which = f"model {number} of {len(models)}, " if len(models) > 1 else ""
                    with (
                        table.claim(one, wait, wanted)
                        if table is not None
                        else contextlib.nullcontext(True) as mine
                    ):
                        if not mine:
                            display.stage(f"{model_name(one)} is being scored by another process")
                            continue
                        telling = _beginning(which, display.stage)
                        runner = ModelRunner(
                            one, cache, table, telling, device, batch_size, time_left
                        )
                        try:
                            results[one] = runner.results(wanted)
                        except WiringError as error:  # nothing to load: the others are scored
                            if len(models) == 1 and not runner.without_file:
                                raise
                            results[one] = runner.unloadable(wanted, str(error))
                        time_left.next_model()
    return [result for one in models for result in results[one]]


def check_asked(models: Any, benchmarks: Any, cache: BenchmarkCache) -> tuple[list[Any], list[str]]:
    """The models that the given ones stand for, and the benchmarks' identifiers, each once.

    Raises `WrongUsage` for an unknown model or benchmark.
    """
    found = [one for given in several(models) for one in _each(given)]
    for one in found:
        if isinstance(one, str):
            check_model_name(one)
        model_name(one)
    found = list(dict.fromkeys(found))
    benchmarks = several(benchmarks)
    for benchmark in benchmarks:
        if isinstance(benchmark, str):
            check_benchmark_name(benchmark)
    return found, list(dict.fromkeys(map(cache.take, benchmarks)))


def _batch_size(asked: Any) -> int | None:
    """How many images at a time; raises `WrongUsage` for a number that cannot be."""
    return None if asked is None else whole_number("batch_size", asked, 1)


def _each(model: Any) -> list[Any]:
    """The models that one stands for: several for a pattern."""
    if not isinstance(model, (str, Path)):
        return [model]
    name = str(model)
    return [name] if is_own(name) else matching(name)


def _beginning(words: str, report: Report) -> Report:
    return lambda sentence: report(words + sentence)


def relative_to_first(results: Sequence[Result]) -> list[Result]:
    """The results of `score_many` with `details["relative"]`: the fraction of the first model's
    score on a benchmark.

    Parts of a mean have their own: as the paper counts them, or as their benchmarks score. There is
    none where the first model has no score above 0.
    """
    benchmarks = len({result.benchmark for result in results})
    standards = {result.benchmark: result for result in results[:benchmarks]}
    return [_relative(result, standards[result.benchmark]) for result in results]


def _relative(result: Result, standard: Result) -> Result:
    if not (result.score is not None and standard.score and standard.score > 0):
        return result
    details = result.details | {"relative": result.score / standard.score}
    # the paper's means; that of offline data
    for mark, value in (
        ("today", "paper"),
        ("absent", "score"),
    ):
        if mark in result.details and mark in standard.details:
            wholes = {part: row[value] for part, row in standard.details["parts"].items()}
            details["parts"] = {
                part: _relative_part(row, value, wholes.get(part, 0))
                for part, row in result.details["parts"].items()
            }
    return replace(result, details=details)


def _relative_part(row: dict[str, Any], value: str, whole: float) -> dict[str, Any]:
    return row | {"relative": row[value] / whole} if whole > 0 else row
