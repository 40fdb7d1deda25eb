"""A training as a job: in a process of its own, here or on a cluster. Imports no torch."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brainscore_wiring import stopping
from brainscore_wiring.catalogue import image_count
from brainscore_wiring.cluster import Requeued
from brainscore_wiring.errors import ERROR_FILE, Stopped, WiringError

OUTPUT = "output.txt"


@dataclass(frozen=True)
class Job:
    """One training: a model, its images, the wanted epochs, a seed, and options."""

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
        marks = [mark for mark in (images, seed) if mark and f"{mark}_" not in f"{self.model}_"]
        other = re.search(r"_seed\d+", self.model)
        if other and other[0] != seed:
            marks.append(seed or "_seed0")
        return self.model + "".join(dict.fromkeys(marks))

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
            ",".join(repr(float(epochs)).removesuffix(".0") for epochs in self.epochs),
        ]
        if self.images is not None:
            given += ["--images", str(self.images)]
        for name, value in self.options.items():
            if value is True:
                given.append(f"--{name}")
            elif value is not False:
                for one in value if isinstance(value, list) else [value]:
                    given += [f"--{name}", str(one)]
        return given


@dataclass(frozen=True)
class Failure:
    """A job's exit status, and its error's class and sentence, empty if it was killed."""

    status: int
    kind: str = ""
    sentence: str = ""


def run_job(job: Job, data: str, folder: Path) -> Failure | None:
    """Run a job in a process of its own; None where it succeeded.

    Raises `Stopped` where this process is asked to stop meanwhile: the job is asked, too, and
    waited for.
    """
    output = folder / job.name / OUTPUT
    output.parent.mkdir(parents=True, exist_ok=True)
    with (
        stopping.handled(),
        open(output, "a", encoding="utf-8") as file,
        tempfile.TemporaryDirectory() as scratch,
    ):
        error_file = Path(scratch) / "error.json"
        try:
            with stopping.noted():  # none is left behind that was just started
                process = subprocess.Popen(
                    [sys.executable, "-m", "brainscore_wiring", *job.arguments(data, folder)],
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, ERROR_FILE: str(error_file)},
                )
            status = process.wait()
        except stopping.StopRequested:
            stopping.answered()
            with stopping.noted():
                process.terminate()  # an interrupt in a terminal has reached it already
                process.wait()
                raise Stopped(
                    f"stopped in {job.name}: the same command continues from there.",
                    interrupted=stopping.status() == stopping.INTERRUPTED,
                ) from None
        if not status:
            return None
        if error_file.exists():
            return Failure(status, **json.loads(error_file.read_text(encoding="utf-8")))
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"left with {status}"
    return Failure(status, sentence=f"it {how} and had no time to say why: see '{output}'.")


@dataclass(frozen=True)
class ClusterJob(Requeued):
    """A job as submitit runs it."""

    job: Job
    data: str
    folder: Path

    def __call__(self) -> str:
        failure = run_job(self.job, self.data, self.folder)
        if failure:
            raise WiringError(f"{self.job.name} failed: {failure.sentence}")
        return self.job.name
