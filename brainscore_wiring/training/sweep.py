"""Many trainings as independent jobs: each can be killed and goes on, what is done is skipped, one
table at the end.

A grid is a TOML file:

    models = ["cornet_s", "cornet_s_wc_ct"]
    images = [100, 1000]          # labelled images; left out: the catalogue row's
    epochs = [1, 3, 10]           # one training leaves a model at each
    seeds = [0]

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

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from brainscore_wiring.catalogue import CATALOGUE, FULL, image_count, same_training, variant
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.errors import ERROR_FILE, Stopped, Taken, WiringError, WrongUsage, unknown
from brainscore_wiring.files import write_text

TABLE, OUTPUT = "sweep.csv", "output.txt"
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


@dataclass(frozen=True)
class Job:
    """One training: a model, its images, the epochs at which models are wanted, a seed, and options
    for all.
    """

    model: str
    images: int | None
    epochs: tuple[float, ...]
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The job's folder below the sweep's."""
        images = f"_{image_count(self.images)}_images" if self.images else ""
        seed = f"_seed{self.seed}" if self.seed else ""
        return self.model + "".join(mark for mark in (images, seed) if mark not in self.model)

    def arguments(self, data: str, folder: Path) -> list[str]:
        """The arguments of `brainscore` that run this job; the same ones again go on with it."""
        given = [
            "train",
            self.model,
            "--data",
            data,
            "-o",
            str(folder / self.name),
            "--seed",
            str(self.seed),
            "--epochs",
            ",".join(f"{epochs:g}" for epochs in self.epochs),
        ]
        if self.images is not None:
            given += ["--images", str(self.images)]
        for name, value in self.options.items():
            given += (
                []
                if value is False
                else [f"--{name}"]
                if value is True
                else [f"--{name}", str(value)]
            )
        return given

    def records(self, folder: Path) -> list[tuple[Path, TrainingRecord]]:
        """The models that are there, with their records, fewest epochs first."""
        found = [
            (
                path.with_name(path.name.replace("record", "model", 1)).with_suffix(".safetensors"),
                TrainingRecord.from_json(json.loads(path.read_text(encoding="utf-8"))),
            )
            for path in (folder / self.name).glob("record*.json")
        ]
        return sorted(found, key=lambda one: one[1].images_shown)

    def done(self, folder: Path) -> bool:
        """Whether the last model is there, of a training that was asked for the same models."""
        return any(record.epochs_asked == self.epochs for _, record in self.records(folder))


def read_grid(grid: str) -> tuple[list[Job], dict[str, Any]]:
    """The jobs of a grid file or a pattern of catalogue names, and the file's [slurm] settings.

    Raises `WrongUsage` or `WiringError` in one sentence for what is neither.
    """
    if not grid.endswith(".toml"):
        return _jobs_of_pattern(grid), {}
    try:
        with open(grid, "rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise WiringError(f"The grid '{grid}' cannot be read: {error.strerror or error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise WiringError(f"The grid '{grid}' is not a TOML file ({error}).") from None
    known = ("models", "images", "epochs", "seeds", "train", "slurm")
    for name in content:
        if name not in known:
            raise unknown(f"entry of the grid '{grid}'", name, known, "brainscore sweep --help")
    defaults: dict[str, Any] = {"models": [], "images": [None], "epochs": None, "seeds": [0]}
    models, images, epochs, seeds = (
        content.get(name, default) for name, default in defaults.items()
    )
    if not models or not all(
        isinstance(given, list) for given in (models, images, epochs or [], seeds)
    ):
        raise WiringError(
            f"The grid '{grid}' needs lists, as in models = [\"cornet_s_wc_ct\"] and epochs = [1, "
            "3]."
        )
    for name, values in (("images", images), ("epochs", epochs or []), ("seeds", seeds)):
        for value in values:
            if value is not None and (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or value < 0
                or (name != "epochs" and value != int(value))
            ):
                raise WiringError(f"The grid '{grid}' has {name} {value!r}: give numbers.")
    rows = [variant(model) for model in models]
    for row in rows:
        if row.at_birth or row.needs:
            raise WrongUsage(
                f"Nothing learns in {row.identifier}."
                if row.at_birth
                else f"{row.identifier} cannot be trained. {row.needs}"
            )
    return [
        Job(
            row.identifier,
            count,
            tuple(sorted(epochs or [row.epochs])),
            seed,
            content.get("train", {}),
        )
        for count in images
        for row in rows
        for seed in seeds
    ], content.get("slurm", {})


def _jobs_of_pattern(pattern: str) -> list[Job]:
    rows = [
        row
        for name, row in CATALOGUE.items()
        if fnmatchcase(name, pattern) and not row.at_birth and not row.needs
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


def run_here(
    jobs: Sequence[Job], data: str, folder: Path, report: Callable[[str], None]
) -> dict[str, str]:
    """Run the jobs that are not done one after the other, each in a process of its own; returns job
    -> what failed.

    What a job prints goes to `output.txt` in its folder. Raises `Stopped` once this process is
    asked to stop; the job that runs has then saved where it is.
    """
    failed = {}
    for number, job in enumerate(jobs, start=1):
        if job.done(folder):
            report(f"{number} of {len(jobs)}: {job.name} is done")
            continue
        report(f"{number} of {len(jobs)}: {job.name}")
        failure = _run(job, data, folder)
        if failure is None:
            continue
        if failure.status in (75, 130):
            raise Stopped(
                f"stopped in {job.name}: the same command goes on from there.",
                interrupted=failure.status == 130,
            )
        if failure.kind == Taken.__name__:
            report(f"{job.name} is trained by another process and left to it")
        else:
            failed[job.name] = failure.sentence
            report(f"{job.name} failed: {failure.sentence}")
    return failed


@dataclass(frozen=True)
class Failure:
    """How a job failed: its exit status, and the class and sentence of its error, empty for a
    process that was killed.
    """

    status: int
    kind: str = ""
    sentence: str = ""


def _run(job: Job, data: str, folder: Path) -> Failure | None:
    """Run a job in a process of its own; None where it succeeded."""
    output = folder / job.name / OUTPUT
    output.parent.mkdir(parents=True, exist_ok=True)
    with open(output, "a", encoding="utf-8") as file, tempfile.TemporaryDirectory() as scratch:
        error_file = Path(scratch) / "error.json"
        process = subprocess.Popen(
            [sys.executable, "-m", "brainscore_wiring", *job.arguments(data, folder)],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, ERROR_FILE: str(error_file)},
        )
        before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            status = process.wait()
        except KeyboardInterrupt:  # the job got the interrupt too, and saves
            status = process.wait()
        finally:
            signal.signal(signal.SIGTERM, before)
        if not status:
            return None
        if error_file.exists():
            return Failure(status, **json.loads(error_file.read_text(encoding="utf-8")))
    lines = output.read_text(encoding="utf-8").strip().splitlines()  # it had no time to say why
    return Failure(
        status, sentence=lines[-1] if lines else f"it printed nothing and left with {status}"
    )


class ClusterJob:
    """A job as submitit runs it; where the cluster's time runs out, it is queued again and goes
    on.
    """

    def __init__(self, job: Job, data: str, folder: Path):
        self.job, self.data, self.folder = job, data, folder

    def __call__(self) -> str:
        failure = _run(self.job, self.data, self.folder)
        if failure:
            raise WiringError(f"{self.job.name} failed: {failure.sentence}")
        return self.job.name

    def checkpoint(self, *_: Any) -> Any:
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def submit(
    jobs: Sequence[Job], data: str, folder: Path, settings: Mapping[str, Any]
) -> list[tuple[Job, Any]]:
    """Queue the jobs that are not done; returns them with submitit's handles. `cluster` in
    `settings` is "slurm" by default.

    Raises `WiringError` where submitit is not installed or there is no such cluster here.
    """
    try:
        import submitit
    except ImportError:
        raise WiringError(
            "Jobs are sent to a cluster by submitit, which is not installed: "
            "`pip install 'brainscore_wiring[slurm]'`."
        ) from None
    settings = dict(settings)
    try:
        executor = submitit.AutoExecutor(
            folder / "cluster", cluster=settings.pop("cluster", "slurm")
        )
        executor.update_parameters(**settings)
        waiting = [job for job in jobs if not job.done(folder)]
        return [(job, executor.submit(ClusterJob(job, data, folder))) for job in waiting]
    except (RuntimeError, ValueError, NameError, TypeError) as error:
        raise WiringError(
            f"The jobs could not be sent to the cluster: {str(error).strip().splitlines()[0]}"
        ) from None


def sweep_table(jobs: Sequence[Job], folder: Path) -> list[dict[str, Any]]:
    """A row for each model that the jobs have left; also written to `sweep.csv`."""
    rows = list(_rows(jobs, folder))
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(folder / TABLE, text.getvalue())
    return rows


def _rows(jobs: Sequence[Job], folder: Path) -> Iterator[dict[str, Any]]:
    for job in jobs:
        for path, record in job.records(folder):
            data, held_out = record.data, record.held_out
            yield {
                "job": job.name,
                "model": job.model,
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
                "file": str(path.relative_to(folder)),
            }
