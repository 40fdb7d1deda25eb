"""Scores with their provenance: which weights, grown on which visual diet, against which ceiling."""

from __future__ import annotations

import contextlib
import fnmatch
import io
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from brainscore_wiring import accounting
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.checkpoints.store import checkpoint_path, why_not_loadable
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.loading import (check_benchmark_name, check_model_name, first_line, load_benchmark,
                                              load_model)

UPDATES = "Geiger2022-supervised_synaptic_updates"
SCORED, PLANNED, NOT_RUN = "scored", "planned", "not run"


@dataclass(frozen=True)
class Result:
    """One model on one benchmark. `status` is "scored", "planned" (the account of an untrained recipe) or "not run"."""

    model: str
    benchmark: str
    status: str
    score: float | None = None
    raw: float | int | None = None
    ceiling: float | None = None
    error: float | None = None
    reason: str = ""
    fingerprint: str | None = None
    weights: str | None = None
    diet: str | None = None
    seed: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def score_one(model_identifier: Any, benchmark_identifier: str) -> Any:
    """Brain-Score's `Score` of a model (identifier, file or loaded model) on a benchmark."""
    model = model_identifier if hasattr(model_identifier, "look_at") else load_model(model_identifier)
    benchmark = load_benchmark(benchmark_identifier)
    score = benchmark(model)
    score.attrs.update(model_identifier=model.identifier, benchmark_identifier=benchmark_identifier)
    return score


def matching(pattern: str) -> list[str]:
    """The models a pattern such as 'cornet_s_kn*' stands for: those that load here; anything else stands for itself."""
    if pattern.endswith(".safetensors") or not any(sign in pattern for sign in "*?["):
        return [pattern]
    names = [name for name in fnmatch.filter(CATALOGUE, pattern) if not why_not_loadable(CATALOGUE[name])]
    if not names:
        raise WrongUsage(f"No model that loads here matches '{pattern}': `brainscore list models` shows them all.")
    return names


def score_many(models: Sequence[str], benchmarks: Iterable[str] | None = None,
               report: Callable[[str], None] = lambda sentence: None) -> list[Result]:
    """Score every model on every benchmark, or on all default ones; what cannot run is a result that says why.

    Raises `WrongUsage` at once for an unknown model or benchmark.
    """
    models = list(dict.fromkeys(name for pattern in models for name in matching(pattern)))
    wanted = list(dict.fromkeys(benchmarks or (row.identifier for row in BENCHMARKS.values() if row.default)))
    for name in models:
        check_model_name(name)
    for name in wanted:
        check_benchmark_name(name)
    results: list[Result] = []
    for identifier in models:
        report(f"loading {identifier}")
        try:
            model, reason = load_model(identifier), ""
        except WiringError as error:
            model, reason = None, str(error)
        for benchmark in wanted:
            results.append(_unloadable(identifier, benchmark, reason) if model is None
                           else _score(identifier, model, benchmark, report))
    return results


def _score(identifier: str, model: Any, benchmark: str, report: Callable[[str], None]) -> Result:
    known = _provenance(identifier, model)
    missing = BENCHMARKS[benchmark].why_not_here() if benchmark in BENCHMARKS else ""
    if missing:
        return Result(benchmark=benchmark, status=NOT_RUN, reason=missing, **known)
    report(f"scoring {known['model']} on {benchmark}")
    if not hasattr(model, "region_layer_map"):
        model = load_model(identifier)  # a stock model never leaves a task once it has started one
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            score = load_benchmark(benchmark)(model)
    except WiringError as error:
        return Result(benchmark=benchmark, status=NOT_RUN, reason=str(error), **known)
    except Exception as error:  # a benchmark may fail in any way; the others still have to be scored
        logging.getLogger(__name__).debug("scoring %s on %s", identifier, benchmark, exc_info=True)
        return Result(benchmark=benchmark, status=NOT_RUN, reason=f"It failed with {first_line(error)}", **known)
    details = {name: score.attrs[name] for name in ("account", "parts", "neurons", "note", "noise_ceiling")
               if name in score.attrs}
    if _number(score) is None:
        return Result(benchmark=benchmark, status=NOT_RUN, reason="It gave no finite score.", details=details, **known)
    planned = details.get("account", {}).get("status") == "planned"
    return Result(benchmark=benchmark, status=PLANNED if planned else SCORED, score=_number(score),
                  raw=_number(score.attrs.get("raw")), ceiling=_number(score.attrs.get("ceiling")),
                  error=_number(score.attrs.get("error")), reason=score.attrs.get("note", ""), details=details, **known)


def _unloadable(identifier: str, benchmark: str, reason: str) -> Result:
    """A model that nobody has trained here still has an account, its catalogue row's plan; weights in its place that
    cannot be used, or a stock model that does not load, have none."""
    row = CATALOGUE.get(identifier)
    if benchmark == UPDATES and row is not None and checkpoint_path(row) is None:
        try:
            account = accounting.account_of(identifier)
        except WiringError as error:
            return Result(identifier, benchmark, NOT_RUN, reason=str(error))
        return Result(identifier, benchmark, PLANNED, score=account.value, raw=account.supervised_synaptic_updates,
                      ceiling=1.0, reason=reason, details={"account": asdict(account)})
    return Result(identifier, benchmark, NOT_RUN, reason=reason)


def _provenance(identifier: str, model: Any) -> dict[str, Any]:
    provenance = getattr(model, "provenance", None)
    if provenance is None:
        return {"model": model.identifier, "weights": "brainscore_vision's"}
    return {"model": model.identifier, "fingerprint": model.fingerprint, **provenance}


def _number(value: Any) -> float | int | None:
    """A plain number out of a Score, keeping exact integers."""
    if value is None or isinstance(value, int):
        return value
    values = np.asarray(getattr(value, "values", value))
    if values.dtype == object and values.size == 1 and isinstance(values.item(), int):
        return values.item()
    if values.size != 1 and hasattr(value, "sel") and "aggregation" in getattr(value, "dims", ()):
        values = np.asarray(value.sel(aggregation="center").values)
    number = float(np.mean(values)) if values.size else math.nan
    return number if math.isfinite(number) else None
