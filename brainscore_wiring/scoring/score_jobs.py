"""Models and benchmarks over a cluster: each job is a `brainscore score` that fills one table."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brainscore_wiring.cluster import Requeued, send
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring.own_models import OwnModel


@dataclass(frozen=True)
class ScoreJob(Requeued):
    """One model on some benchmarks, as a command; queued again, it continues its table."""

    name: str
    arguments: tuple[str, ...]

    def __call__(self) -> str:
        command = [sys.executable, "-m", "brainscore_wiring", *self.arguments]
        status = subprocess.run(command, check=False).returncode
        if status:
            raise WiringError(f"{self.name} left with {status}: its log and the table say why.")
        return self.name


def score_jobs(
    models: Sequence[str | OwnModel],
    benchmarks: Sequence[str],
    table: Path,
    options: Sequence[str] = (),
    by_benchmark: bool = False,
) -> list[ScoreJob]:
    """A job for each model, or for each model and benchmark; the latter share no recordings.

    `options`: further arguments of `brainscore score`, of all jobs.
    """
    groups = [(one,) for one in benchmarks] if by_benchmark else [tuple(benchmarks)]
    return [
        ScoreJob(
            " on ".join(
                (model if isinstance(model, str) else model.asked, *group[:1][:by_benchmark])
            ),
            (
                *("score", "--csv", str(table.absolute()), *options),
                *(("--model", model) if isinstance(model, str) else model.arguments),
                *(part for one in group for part in ("--benchmark", one)),
            ),
        )
        for model in models
        for group in groups
    ]


def send_scores(jobs: Sequence[ScoreJob], table: Path, settings: Sequence[str]) -> list[Any]:
    """Queue the jobs; `settings` as in `slurm_partition=gpu timeout_min=60`. Logs lie beside the
    table, in `<its name>.cluster`.

    Raises `WrongUsage` for a setting without a value.
    """
    parameters = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if not name or not value:
            raise WrongUsage(
                f"'{setting}' is no setting of a cluster: give slurm_partition=gpu timeout_min=60, "
                "say."
            )
        parameters[name] = _literal(value)
    return send(jobs, table.absolute().with_suffix(".cluster"), parameters)


def _literal(value: str) -> Any:
    """A number, truth value or quoted text as TOML writes it, else the text itself."""
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
