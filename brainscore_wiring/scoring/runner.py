"""Scores one model on many benchmarks, loaded once for all models, with one pass over images."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from brainscore_wiring.accounting import SCORE_VERSION, Account
from brainscore_wiring.architectures import architecture
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.training_record import account_of_model
from brainscore_wiring.downloads import digest
from brainscore_wiring.errors import WiringError, WrongUsage, first_line
from brainscore_wiring.extensions import place_of
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.brainscore_data import PARTS_OF
from brainscore_wiring.scoring.loading import (
    as_loaded,
    find_model,
    load_benchmark,
    model_name,
)
from brainscore_wiring.scoring.own_models import OwnModel, is_own
from brainscore_wiring.scoring.result import (
    EXACT,
    NOT_RUN,
    PLANNED,
    SCORED,
    STOCK_REGRESSION,
    TRAINING,
    UPDATE_COUNTS,
    Result,
    number,
    versions,
)
from brainscore_wiring.scoring.table import ResultTable
from brainscore_wiring.scoring.time_left import TimeLeft

UPDATES = "Geiger2022-supervised_synaptic_updates"
#: Attributes of a score that its result keeps.
DETAILS = (
    "account",
    "parts",
    "today",
    "published",
    "neurons",
    "note",
    "noise_ceiling",
    "absent",
    "explained_variance",
    "raw_over_monkeys",
    "mean_over_subjects",
)
NO_SCORE = (
    "It gave no finite score: its regression or correlation has no value on these responses, as "
    "where they are all alike."
)
Report = Callable[[str], None]


class BenchmarkCache:
    """Benchmarks, each loaded once for all models: exact with a kept ceiling, or stock."""

    def __init__(self, stock: bool = False):
        self.computed = STOCK_REGRESSION if stock else EXACT
        self._loaded: dict[str, Any] = {}
        self._missing: dict[str, str] = {}
        self._taken: dict[str, Any] = {}
        self._versions: dict[str, str] = {}

    def load(self, identifier: str) -> Any:
        """A benchmark; raises `WiringError`, the same one each time, where it cannot be loaded."""
        if identifier not in self._loaded:
            try:
                self._loaded[identifier] = self._load(identifier)
            except WiringError as error:
                self._loaded[identifier] = error
        found = self._loaded[identifier]
        if isinstance(found, WiringError):
            raise found
        return found

    def take(self, benchmark: Any) -> str:
        """The identifier of a benchmark, which may be a loaded one; that one is scored on then."""
        if isinstance(benchmark, str):
            return benchmark
        identifier = getattr(benchmark, "identifier", None)
        if not isinstance(identifier, str) or not hasattr(type(benchmark), "ceiling"):
            raise WrongUsage(
                f"A {type(benchmark).__name__} is no benchmark: give an identifier of `brainscore "
                "list benchmarks`, or an object of brainscore_vision's BenchmarkBase."
            )
        if self._taken.setdefault(identifier, benchmark) is not benchmark:
            raise WrongUsage(
                f"Two benchmarks are called {identifier}: give them other identifiers."
            )
        return identifier

    def _load(self, identifier: str) -> Any:
        from brainscore_wiring.scoring.caches import cached_ceiling
        from brainscore_wiring.scoring.exact import exact

        if identifier in self._taken:
            benchmark = copy.copy(self._taken[identifier])  # the user's own stays as it is
        else:
            benchmark = load_benchmark(identifier)
        if identifier in PARTS_OF:
            benchmark.benchmarks = {
                region: self.load(part) for part, region in PARTS_OF[identifier].items()
            }
            return benchmark
        return benchmark if self.computed == STOCK_REGRESSION else cached_ceiling(exact(benchmark))

    def version(self, identifier: str) -> str:
        """The version of a benchmark; of one that was given and holds something else than the one
        that goes by its identifier, with a digest of its content.
        """
        if identifier not in self._versions:
            version = str(getattr(self.load(identifier), "version", None))
            for one in (identifier, *PARTS_OF.get(identifier, ())):
                if one in self._taken:
                    version += self._content(one)
            self._versions[identifier] = version
        return self._versions[identifier]

    def _content(self, identifier: str) -> str:
        from brainscore_wiring.scoring.content_hash import content_hash

        content = content_hash(self._taken[identifier])
        try:
            usual = content_hash(load_benchmark(identifier))
        except WiringError:  # there is none
            usual = ""
        return "" if content == usual else f"; content {content[:8]}"

    def why_not(self, identifier: str) -> str:
        """One sentence on why a benchmark cannot run here, empty where it can; found out once."""
        if identifier not in self._missing:
            known = identifier in BENCHMARKS and identifier not in self._taken
            self._missing[identifier] = BENCHMARKS[identifier].why_not_here() if known else ""
        if self._missing[identifier]:
            return self._missing[identifier]
        try:
            self.load(identifier)
        except WiringError as error:
            return str(error)
        return ""

    def parts(self, identifier: str) -> list[Any]:
        """The benchmarks that a benchmark shows images through: its parts, or itself."""
        return [self.load(part) for part in PARTS_OF.get(identifier, [identifier])]


class ModelRunner:
    """Scores one model on benchmarks.

    `asked`: a name, an `OwnModel` or a loaded model; `device` and `batch_size` as `record_on` of a
    model takes them; `time_left` is told of each benchmark that is done.
    """

    def __init__(
        self,
        asked: Any,
        cache: BenchmarkCache,
        table: ResultTable | None,
        report: Report,
        device: str = "auto",
        batch_size: int | None = None,
        time_left: TimeLeft | None = None,
    ):
        from brainscore_wiring.networks.devices import device_of

        self._time_left = time_left or TimeLeft(1, ())
        self._given, self._cache, self._table, self._report = asked, cache, table, report
        self._asked = model_name(asked)
        self._device, self._batch_size = device_of(device), batch_size
        self._computed = computed_on(cache.computed, self._device)
        self._scores: dict[str, Any] = {}
        self._model: ResolvedModel | None = None

    def results(self, wanted: Sequence[str]) -> list[Result]:
        """A result for each benchmark, in their order.

        Raises `WiringError` where there is nothing to load: no weights, no such file or name, or
        one that gives no model (see `unloadable`).
        """
        self._model = find_model(self._given) if isinstance(self._given, str) else None
        model, found = self._model, dict[str, Result]()
        extended = model is not None and architecture(model.row.architecture).of_an_extension
        if model is not None and model.weights is not None and not extended:
            known = {
                "model": model.identifier,
                "fingerprint": model.fingerprint,
                **model.provenance,
            }
            found = self._from_table(wanted, known)
        left = [benchmark for benchmark in wanted if benchmark not in found]
        if left:
            found |= self._scored(left)
        return [found[benchmark] for benchmark in wanted]

    def _load(self) -> Any:
        model = as_loaded(self._given if self._model is None else self._model)
        record_on(model, self._device, self._batch_size)
        return model

    def _scored(self, wanted: Sequence[str]) -> dict[str, Result]:
        from brainscore_wiring.scoring.shared_recordings import shared

        self._report(f"loading {self._asked}")
        model = self._load()
        known = provenance_of(model, self._given)
        found = self._from_table(wanted, known)
        left = sorted((one for one in wanted if one not in found), key=self._shows_a_task)
        every_part = dict.fromkeys(part for one in left for part in PARTS_OF.get(one, [one]))
        parts = [part for part in every_part if not self._cache.why_not(part)]
        in_table = self._from_table([part for part in parts if part not in left], known)
        self._scores = {part: row.as_score() for part, row in in_table.items()}
        recorded = [self._cache.load(part) for part in parts if part not in in_table]
        # brainscore_vision's own code runs as it is
        stock = self._cache.computed == STOCK_REGRESSION
        with contextlib.nullcontext() if stock else shared(model, recorded):
            runs_here = [one for one in left if not self._cache.why_not(one)]
            self._time_left.begin(runs_here)
            for benchmark in left:
                which = ""
                if benchmark in runs_here and len(runs_here) > 1:
                    which = f"benchmark {runs_here.index(benchmark) + 1} of {len(runs_here)}: "
                found[benchmark] = self._kept(self._result(model, benchmark, known, which))
                if benchmark in runs_here:
                    self._time_left.finished(benchmark)
        return found

    @property
    def without_file(self) -> bool:
        """Whether a catalogue row was asked for that has no file of weights here."""
        return self._model is not None and self._model.file is None

    def unloadable(self, wanted: Sequence[str], reason: str) -> list[Result]:
        """The results of a model that cannot be loaded: its planned account, and no other."""
        return [
            self._kept(
                planned_result(self._asked, self._model, reason)
                if benchmark == UPDATES and self._model is not None
                else Result(self._asked, benchmark, NOT_RUN, reason=reason)
            )
            for benchmark in wanted
        ]

    def _from_table(self, wanted: Sequence[str], known: Mapping[str, Any]) -> dict[str, Result]:
        """What the table has for these weights; accounts are computed again, with details."""
        if self._table is None or known["fingerprint"] is None:
            return {}
        training: dict[str, Any] = {name: known.get(name) for name in (*TRAINING, "layers")}
        stated = {name: known[name] for name in ("diet", *UPDATE_COUNTS) if name in known}
        rows = self._table.scored(
            model=known["model"],
            fingerprint=known["fingerprint"],
            layers=training["layers"],
            computed=self._computed,
            versions=versions(),
        )
        return {
            row.benchmark: replace(row, **training, **stated)
            for row in reversed(rows)  # of several the first
            if row.benchmark in wanted
            and row.benchmark != UPDATES
            and not self._cache.why_not(row.benchmark)
            and row.benchmark_version == self._cache.version(row.benchmark)
        }

    def _kept(self, result: Result) -> Result:
        if self._table is not None:
            self._table.add(result, self._asked)
        return result

    def _shows_a_task(self, benchmark: str) -> bool:
        """Whether a benchmark may leave a stock model in a task for good: it comes last."""
        from brainscore_vision.benchmark_helpers.neural_common import NeuralBenchmark

        if self._cache.why_not(benchmark):
            return False
        return not isinstance(self._cache.load(benchmark), NeuralBenchmark)

    def _leaves_tasks(self, model: Any) -> bool:
        """Whether a model records after a task: ours, and stock ones that share recordings."""
        from brainscore_wiring.scoring.shared_recordings import can_share

        return hasattr(model, "provenance") or (self._cache.computed == EXACT and can_share(model))

    def _result(self, model: Any, benchmark: str, known: dict[str, Any], which: str = "") -> Result:
        result = functools.partial(Result, benchmark=benchmark, **known)
        missing = self._cache.why_not(benchmark)
        if missing:
            return result(status=NOT_RUN, reason=missing)
        result = functools.partial(
            result,
            benchmark_version=self._cache.version(benchmark),
            computed=self._computed,
            versions=versions(),
        )
        self._report(f"{which or 'scoring '}{known['model']} on {benchmark}")
        try:
            score = self._score(model, benchmark)
            value = number(score)
        except WiringError as error:
            return result(status=NOT_RUN, reason=str(error))
        except Exception as error:  # it may fail in any way; the others still have to be scored
            logging.getLogger(__name__).debug(
                "scoring %s on %s", self._asked, benchmark, exc_info=True
            )
            return result(
                status=NOT_RUN, reason=f"It failed with {first_line(error)}{place_of(error)}"
            )
        details = {name: score.attrs[name] for name in DETAILS if name in score.attrs}
        if value is None:
            return result(status=NOT_RUN, reason=NO_SCORE, details=details)
        planned = details.get("account", {}).get("status") == "planned"
        low, high = score.attrs.get("interval", (None, None))
        notes = [score.attrs.get("note", "")]
        if benchmark in getattr(model, "searched_on", ()):
            notes.append(
                "The region's layer was searched on data of this benchmark, which raises the score."
            )
        return result(
            status=PLANNED if planned else SCORED,
            score=value,
            raw=_single(score.attrs.get("raw")),
            ceiling=_single(score.attrs.get("ceiling")),
            error=_single(score.attrs.get("error")),
            low=low,
            high=high,
            resampled=score.attrs.get("resampled"),
            reason=" ".join(filter(None, notes)),
            details=details,
        )

    def _score(self, model: Any, benchmark: str) -> Any:
        """The score of a benchmark, or of a mean from its parts, measured once."""
        if benchmark not in self._scores:
            loaded = self._cache.load(benchmark)
            if benchmark in PARTS_OF:
                parts = PARTS_OF[benchmark]
                score = loaded.combine(
                    {region: self._score(model, part) for part, region in parts.items()}
                )
            else:
                if self._shows_a_task(benchmark) and not self._leaves_tasks(model):
                    model = self._load()
                with contextlib.redirect_stdout(io.StringIO()):
                    score = benchmark_score(loaded, model)
            self._scores[benchmark] = score
        return self._scores[benchmark]


def benchmark_score(benchmark: Any, model: Any) -> Any:
    """The score that a benchmark gives; raises `WiringError` where it gives something else."""
    score = benchmark(model)
    if not hasattr(score, "attrs"):
        raise WiringError(
            f"{benchmark.identifier} gave a {type(score).__name__}: a benchmark returns a Score of "
            "brainscore_core.metrics."
        )
    return score


def _single(value: Any) -> float | int | None:
    """A number, None where there are several or none."""
    try:
        return number(value)
    except WiringError:
        return None


def computed_on(way: str, device: Any) -> str:
    """How a number was computed, with the device that it was recorded on where that is no
    processor: its last digits are others.
    """
    return way if device.type == "cpu" else f"{way} on {device.type}"


def record_on(model: Any, device: Any, batch_size: int | None) -> None:
    """Record from a model on a device, from stock ones if they are PyTorch networks."""
    from brainscore_wiring.scoring.stock_models import record_stock_on

    if hasattr(model, "record_on"):
        model.record_on(device, batch_size)
    else:
        record_stock_on(model, device, batch_size)


def provenance_of(model: Any, asked: Any) -> dict[str, Any]:
    """Whose weights these are and what they took, as the fields of a `Result`.

    A stock model goes by the name that it was asked for: its own identifier may be another model's,
    too. One that was given goes by its layers as well, and by how it sees images.
    """
    from brainscore_wiring.scoring.stock_models import how_stock_answers

    provenance = getattr(model, "provenance", None)
    if provenance is None:
        own = OwnModel(asked) if isinstance(asked, str) and is_own(asked) else asked
        file = own.source_file if isinstance(own, OwnModel) else None
        by_name = isinstance(own, str)
        layers = f"its own; code {digest(file)[:8]}" if file else None
        if not by_name and not isinstance(own, OwnModel):
            layers = how_stock_answers(model)
        return {
            **({"layers": layers} if layers else {}),
            "model": model_name(asked),
            "weights": "brainscore_vision's" if by_name else f"from {model_name(asked)}",
            "fingerprint": _fingerprint_of_stock(model),
        }
    known = {"model": model.identifier, "fingerprint": model.fingerprint, **provenance}
    try:
        return known | update_fields(account_of_model(model))
    except WiringError:  # nothing tells how it was trained
        return known


def planned_result(asked: str, model: ResolvedModel, reason: str) -> Result:
    """The planned account of a model that does not load for this reason; none where there are
    weights that cannot be used, or where its trained parameters are not counted.
    """
    plan = model.plan
    if model.file is not None or plan is None:
        why = reason if model.file is not None else model.uncounted
        return Result(asked, UPDATES, NOT_RUN, reason=why)
    return account_result(
        asked,
        PLANNED,
        plan,
        reason=reason,
        variant=model.identifier,
        training_images=model.row.images,
        training_epochs=model.row.epochs,
    )


def account_alone(name: str | Path, stock: bool = False, identified: bool = False) -> Result | None:
    """What scoring a model on `UPDATES` gives; None where it has to be loaded to be told.

    The weights of a model at birth are not sampled for it, and the result has no fingerprint of
    them; None for these where it has to be `identified` by one.
    """
    try:
        model = find_model(name)
    except WiringError:  # said where it is loaded
        return None
    if model is None or model.identifier == CORNET_AUTHORS:
        return None
    if model.reason:
        return planned_result(model.identifier, model, model.reason)
    account = model.account
    if account is None or (identified and model.fingerprint is None):
        return None
    return account_result(
        model.identifier,
        SCORED,
        account,
        fingerprint=model.fingerprint,
        benchmark_version=str(SCORE_VERSION),
        computed=STOCK_REGRESSION if stock else EXACT,
        versions=versions(),
        **model.provenance,
    )


def account_result(model: str, status: str, account: Account, **known: Any) -> Result:
    """What scoring a model on `UPDATES` gives."""
    return Result(
        model,
        UPDATES,
        status,
        score=account.value,
        raw=account.supervised_synaptic_updates,
        ceiling=1.0,
        details={"account": asdict(account)},
        **update_fields(account),
        **known,
    )


def update_fields(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in UPDATE_COUNTS}


def _fingerprint_of_stock(model: Any) -> str | None:
    """The fingerprint of a stock PyTorch model's weights; None for other models."""
    from torch import nn

    from brainscore_wiring.weight_compression.birth import fingerprint_of

    network = getattr(getattr(model, "activations_model", None), "_model", None)
    return (
        fingerprint_of(network.state_dict())
        if isinstance(network, nn.Module) and network.state_dict()
        else None
    )
