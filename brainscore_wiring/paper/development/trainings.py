"""Trains grids and scores each moment while its weights are there: full networks are too large to
be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from brainscore_wiring.catalogue import variant
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.development.moments import asked_cells, development
from brainscore_wiring.progress import shown
from brainscore_wiring.scoring.brainscore_data import OFFLINE_BENCHMARKS
from brainscore_wiring.scoring.points import AVERAGE, model_of
from brainscore_wiring.scoring.score import score_many
from brainscore_wiring.scoring.table import ResultTable
from brainscore_wiring.training.job import Job
from brainscore_wiring.training.request import Training
from brainscore_wiring.training.sweep import SweepFolder, read_grid

#: Weights of more bytes are a full network's.
FULL_NETWORK = 50_000_000
_TrainingOf = Callable[[Job, str, Path], Training]


def train_and_score(
    grids: Sequence[Path],
    data: str,
    folder: Path,
    table: Path,
    training_of: _TrainingOf,
    report: Callable[[str], None],
    discard: bool = False,
) -> None:
    """Train what the grids ask for and score its moments into `table`; the same call goes on.

    A grid's trainings are in the folder of its name below `folder`. A training whose moments are
    all scored is not made. `training_of`: what a job asks for, given the data and the folder, as
    `commands.sweep.training_of_job` says it. `discard`: remove the weights of full networks once
    they are scored.
    Raises `WiringError` for a training that failed, `Stopped` where this process is asked to stop.
    """
    for grid in grids:
        for job in read_grid(str(grid))[0]:
            if not unscored(job, table, grids):
                report(f"{job.name} of {grid.stem} is scored")
                continue
            place = folder / grid.stem
            sweep = _sweep(job, data, place, training_of)
            for reason in sweep.run_here(report).values():
                raise WiringError(f"{job.name} of {grid.stem} failed: {reason}")
            weights = [str(place / str(row["file"])) for row in sweep.table()]
            with shown(say=report):
                score_many(weights, OFFLINE_BENCHMARKS, ResultTable(table))
            if discard and not unscored(job, table, grids):
                _discard(place / job.name, report)


def unscored(job: Job, table: Path, grids: Sequence[Path]) -> list[float]:
    """The epochs of a job whose networks have no score in every region yet."""
    found = development(ResultTable(table).read(), asked_cells(grids))
    name = model_of(variant(job.model))
    return [epochs for epochs in job.epochs if job.seed not in found.values(name, epochs, AVERAGE)]


def _sweep(job: Job, data: str, place: Path, training_of: _TrainingOf) -> SweepFolder:
    return SweepFolder([job], data, place, lambda one: training_of(one, data, place))


def _discard(folder: Path, report: Callable[[str], None]) -> None:
    for path in folder.glob("model*.safetensors"):
        if path.stat().st_size > FULL_NETWORK:
            path.unlink()
            report(f"removed {path}, which is scored")
