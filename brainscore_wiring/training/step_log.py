"""A row for each update of a run, as it is made: `steps.csv` beside the model."""

from __future__ import annotations

import csv
from pathlib import Path

from brainscore_wiring.files import write_text
from brainscore_wiring.training.run import Progress, Run

STEPS = "steps.csv"
_COLUMNS = ("update", "epoch", "images", "loss", "learning_rate", "images_per_second")


class StepLog:
    """Writes a row after each update; a run that goes on replaces the rows after its saved state.

    `loss` is the mean over the update's batch, `images_per_second` that of the run so far.
    """

    def __init__(self, folder: Path):
        self._path = folder / STEPS
        self._started = False

    def __call__(self, progress: Progress, run: Run) -> None:
        if not self._started:
            self._keep_before(progress.step)
        speed = progress.images_shown / progress.seconds if progress.seconds else 0.0
        row = (
            progress.step,
            progress.step / run.steps_per_epoch,
            progress.images_shown,
            progress.last_loss,
            progress.schedule.rate,
            round(speed, 2),
        )
        with self._path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(row)

    def _keep_before(self, step: int) -> None:
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        rows = (line.split(",") for line in lines[1:])
        kept = [row for row in rows if len(row) == len(_COLUMNS) and int(row[0]) < step]
        write_text(self._path, "".join(",".join(row) + "\n" for row in (_COLUMNS, *kept)))
        self._started = True
