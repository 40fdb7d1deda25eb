"""Many trainings as independent jobs: each can be killed and goes on, what is done is skipped, one
table at the end.

A grid is a TOML file:

    models = ["cornet_s", "cornet_s_wc_ct"]
    images = [100, 1000]          # labelled images; left out: the catalogue row's
    epochs = [1, 3, 10]           # one training leaves a model at each
    seeds = [0]                   # left out: each row's own

    [train]                       # options of `brainscore train`
    recipe = "small"
    size = 32

    [slurm]                       # what submitit's executor takes, for `--slurm`
    slurm_partition = "gpu"
    timeout_min = 600

or a pattern of catalogue names ('cornet_s_wc_ct_*_images_*_epochs'): rows that differ in epochs
alone share a training.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from brainscore_wiring import stopping
from brainscore_wiring.architectures import SEVERAL
from brainscore_wiring.arguments import several
from brainscore_wiring.catalogue import CATALOGUE, FULL, same_training, training_layers, variant
from brainscore_wiring.checkpoints.record_file import read_training_record
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.cluster import send
from brainscore_wiring.errors import (
    Stopped,
    Taken,
    WiringError,
    WrongUsage,
    shortened,
    unknown,
)
from brainscore_wiring.files import write_text
from brainscore_wiring.formatting import listed
from brainscore_wiring.tables import table_text
from brainscore_wiring.training.data import open_training_data
from brainscore_wiring.training.job import ClusterJob, Failure, Job, run_job
from brainscore_wiring.training.request import Shown, Training
from brainscore_wiring.training.run_folder import CHECKPOINT

TABLE = "sweep.csv"
_COLUMNS = (
    "job",
    "model",
    "images",
    "epochs",
    "seed",
    "diet",
    "image_size",
    "supervised_updates",
    "supervised_synaptic_updates",
    "trained_parameters",
    "loss",
    "accuracy",
    "minutes",
    "file",
)


def read_grid(grid: str) -> tuple[list[Job], dict[str, Any]]:
    """The jobs of a grid file or a pattern of catalogue names, and the file's [slurm] settings.

    Raises `WrongUsage` or `WiringError` in one sentence for what is neither.
    """
    if not grid.endswith(".toml"):
        if Path(grid).is_file():
            raise WrongUsage(f"'{grid}' is a file that does not end in .toml, as a grid does.")
        return _jobs_of_pattern(grid), {}
    try:
        with open(grid, "rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise WiringError(f"The grid '{grid}' cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:  # also bytes that are no UTF-8
        raise WiringError(f"The grid '{grid}' is not a TOML file ({shortened(error)}).") from None
    known = ("models", "images", "epochs", "seeds", "train", "slurm")
    for name in content:
        if name not in known:
            raise unknown(f"entry of the grid '{grid}'", name, known, "brainscore sweep --help")
    models, images, epochs, seeds = (_list_of(grid, content, name) for name in _LISTS)
    if not models:
        raise WiringError(f"The grid '{grid}' has no models: give models = [\"cornet_s_wc_ct\"].")
    options, settings = (_table_of(grid, content, name) for name in ("train", "slurm"))
    for name, value in options.items():
        given = value if isinstance(value, list) else [value]
        if not (given and all(isinstance(one, (str, int, float)) and one != "" for one in given)):
            raise WrongUsage(
                f"The grid '{grid}' has {name} = {shortened(value)} under [train]: give a value."
            )
    rows = [variant(model) for model in models]
    trainable = [str(one) for one in several(options.get("trainable", ()))]
    planned = {}
    for row in rows:
        if row.by_others or (row.at_birth and not trainable):
            raise WrongUsage(f"Nothing is trained in {row.identifier}.")
        planned[row] = (training_layers(row, trainable) if trainable else row).epochs
    jobs = [
        Job(row.identifier, count, tuple(sorted(epochs or [planned[row]])), int(seed), options)
        for count in images or [None]
        for row in rows
        for seed in seeds or [row.seed]
    ]
    [(folder, twice)] = Counter(job.name for job in jobs).most_common(1)
    if twice > 1:
        both = listed(list(dict.fromkeys(job.model for job in jobs if job.name == folder)))
        raise WrongUsage(
            f"The grid '{grid}' has {twice} jobs called {folder} (of {both}): leave one out."
        )
    return jobs, settings


def _list_of(grid: str, content: Mapping[str, Any], name: str) -> list[Any]:
    """An entry of a grid, each value once; empty where there is no such entry."""
    if name not in content:
        return []
    values = content[name]
    if not isinstance(values, list) or not values:
        raise WiringError(
            f"The grid '{grid}' needs lists, as in models = [\"cornet_s_wc_ct\"] and epochs = [1, "
            f"3]; its {name} is {shortened(values)}."
        )
    takes, fits = _LISTS[name]
    for value in values:
        if not fits(value):
            raise WiringError(f"The grid '{grid}' has {name} {shortened(repr(value))}: {takes}.")
    return list(dict.fromkeys(values))


def _table_of(grid: str, content: Mapping[str, Any], name: str) -> dict[str, Any]:
    values = content.get(name, {})
    if not isinstance(values, dict):
        raise WiringError(
            f"The grid '{grid}' has {name} = {shortened(values)}: it is a table, as in [{name}] "
            "and lines below."
        )
    return values


def _is_seed(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int) and value >= 0


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and 0 < value < 1e9


#: The lists of a grid: what to give, and which values may be in them.
_LISTS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "models": ("give identifiers", lambda value: isinstance(value, str) and bool(value)),
    "images": ("give whole numbers above 0", lambda value: _is_seed(value) and value > 0),
    "epochs": ("give numbers above 0", _is_number),
    "seeds": ("give whole numbers of at least 0", _is_seed),
}


def _jobs_of_pattern(pattern: str) -> list[Job]:
    rows = [
        row
        for name, row in CATALOGUE.items()
        if fnmatchcase(name, pattern) and not (row.at_birth or row.by_others)
    ]
    if not rows:
        raise unknown("trainable model or grid file", pattern, CATALOGUE, "brainscore list models")
    trainings: dict[Any, list] = {}
    for row in rows:
        trainings.setdefault(same_training(row), []).append(row)
    longest = [(max(group, key=lambda row: row.epochs), group) for group in trainings.values()]
    return [
        Job(
            last.identifier,
            None if last.images == FULL else last.images,
            tuple(sorted({row.epochs for row in group})),
            last.seed,
        )
        for last, group in longest
    ]


@dataclass
class SweepFolder:
    """Jobs on the same data with a folder each below `folder`; `training_of` says what a job asks
    for.

    A job is done where its folder holds all of its models, trained as the job asks; a folder that
    holds another training fails its job.
    """

    jobs: Sequence[Job]
    data: str
    folder: Path
    training_of: Callable[[Job], Training]
    _shown: dict[str, Shown] = field(default_factory=dict, repr=False)

    def check(self) -> None:
        """Raise `WrongUsage` or `WiringError`, before any job starts, for what no job could do."""
        for job in self.jobs:
            self.training_of(job)

    def done(self, job: Job) -> bool:
        """Whether a job is done. Raises `WiringError` for another training in its folder."""
        place = self.folder / job.name
        if not (place / CHECKPOINT).exists():
            return False
        return self.training_of(job).finished(place, self._images(job)) is not None

    def missing(self) -> list[Job]:
        """The jobs that are not done."""
        return [job for job in self.jobs if not self._surely_done(job)]

    def _surely_done(self, job: Job) -> bool:
        try:
            return self.done(job)
        except WiringError:
            return False

    def _images(self, job: Job) -> Shown:
        if job.name not in self._shown:
            training, place = self.training_of(job), self.folder / job.name
            self._shown[job.name] = training.open(0, lambda sentence: None, place).identity
        return self._shown[job.name]

    def run_here(self, report: Callable[[str], None]) -> dict[str, str]:
        """Run the jobs that are not done one after the other, each in a process of its own; returns
        job -> what failed.

        What a job prints goes to `output.txt` in its folder. Raises `Stopped` once this process is
        asked to stop; the job that runs has then saved where it is, and no other is started;
        `WiringError` for data that no job could open.
        """
        open_training_data(self.data)
        failed = {}
        for number, job in enumerate(self.jobs, start=1):
            place = f"{number} of {len(self.jobs)}: {job.name}"
            try:
                if self.done(job):
                    report(f"{place} is done")
                    continue
                report(place)
                failure = run_job(job, self.data, self.folder)
            except Stopped:
                raise
            except WiringError as error:
                failure = Failure(1, sentence=str(error))
            if failure is None:
                continue
            if failure.status in (stopping.TRY_AGAIN, stopping.INTERRUPTED):
                raise Stopped(
                    f"stopped in {job.name}: the same command continues from there.",
                    interrupted=failure.status == stopping.INTERRUPTED,
                )
            if failure.kind == Taken.__name__:
                report(f"{job.name} is trained by another process and left to it")
            else:
                failed[job.name] = failure.sentence
                report(f"{job.name} failed: {failure.sentence}")
        return failed

    def submit(self, settings: Mapping[str, Any]) -> list[tuple[Job, Any]]:
        """Queue the jobs that are not done; returns them with submitit's handles. `cluster` in
        `settings` is "slurm" by default.

        Raises `WiringError` where submitit is not installed or there is no such cluster here, and
        where a job's folder holds another training.
        """
        waiting = [job for job in self.jobs if not self.done(job)]
        sent = [ClusterJob(job, self.data, self.folder) for job in waiting]
        return list(zip(waiting, send(sent, self.folder / "cluster", settings)))

    def table(self) -> list[dict[str, Any]]:
        """A row for each model that the jobs have left; also written to `sweep.csv`.

        What a folder holds besides what its job asks for is in no table.
        """
        rows = [row for job in self.jobs for row in self._rows(job)]
        write_table(self.folder, rows)
        return rows

    def _rows(self, job: Job) -> list[dict[str, Any]]:
        place, training = self.folder / job.name, self.training_of(job)
        paths = sorted(place.glob("model*.safetensors"))
        if not paths:
            return []
        try:
            training.refuse_other(place, self._images(job))
            found = [(path, read_training_record(path)) for path in paths]
        except WiringError:  # it is said where the job fails
            return []
        found.sort(key=lambda one: one[1].images_shown)
        return [row_of(job, path.relative_to(self.folder), record) for path, record in found]


def row_of(job: Job, file: Path, record: TrainingRecord) -> dict[str, Any]:
    """The row of a model, whose `file` is relative to the sweep's folder."""
    data, held_out = record.data, record.held_out
    _, plus, layers = record.variant.partition(SEVERAL)
    return {
        "job": job.name,
        "model": f"{job.model.partition(SEVERAL)[0]}{plus}{layers}",
        "images": data.images,
        "epochs": round(record.epochs, 6),
        "seed": job.seed,
        "diet": data.name,
        "image_size": data.image_size,
        "supervised_updates": record.supervised_updates,
        "supervised_synaptic_updates": record.supervised_synaptic_updates,
        "trained_parameters": record.trained_parameters,
        "loss": round(record.loss[-1], 6),
        "accuracy": held_out and round(held_out.accuracy, 6),
        "minutes": record.wall_seconds and round(record.wall_seconds / 60, 2),
        "file": str(file),
    }


def write_table(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the table of a sweep's folder."""
    write_text(folder / TABLE, table_text(_COLUMNS, rows))
