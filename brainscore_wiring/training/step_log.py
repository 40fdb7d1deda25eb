"""What each update of a run is logged to: `steps.csv`, TensorBoard, Weights & Biases.

    with step_log(["csv", "tensorboard"], folder) as log:
        log(progress, run)  # after each update
        log(progress, run, 0.71)  # where held-out accuracy was measured

A run that goes on replaces what was logged after its saved state. Every log has update, epoch,
images, `loss` (the mean over the update's batch), learning rate, images a second of the run so
far, and `val_accuracy` (the share of held-out images that are right) of the models that a run
leaves.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from brainscore_wiring.errors import WiringError, shortened, unknown
from brainscore_wiring.files import write_text
from brainscore_wiring.training.run import Progress, Run

STEPS = "steps.csv"
_COLUMNS = ("update", "epoch", "images", "loss", "learning_rate", "images_per_second")
ACCURACY = "val_accuracy"


class LogStep(Protocol):
    """What logs an update, and the held-out accuracy after it where one is given."""

    def __call__(self, progress: Progress, run: Run, accuracy: float | None = None) -> None: ...


@contextlib.contextmanager
def step_log(names: Sequence[str], folder: Path) -> Iterator[LogStep]:
    """Gives what is to be called after each update and each held-out accuracy, for all `LOGS` that
    are named.

    Raises `WrongUsage` for another name, `WiringError` where a log's package is not installed.
    """
    for name in names:
        if name not in LOGS:
            raise unknown("log", name, LOGS, "brainscore train --help")
        package, installed_by = LOGS[name].needs
        if package and find_spec(package) is None:
            raise WiringError(
                f"The log {name} needs the package {package}, which is not installed: "
                f"`{installed_by}`."
            )
    logs = [LOGS[name](folder) for name in dict.fromkeys(names)]

    def log(progress: Progress, run: Run, accuracy: float | None = None) -> None:
        for one in logs:
            one.after(progress, run, accuracy)

    try:
        yield log
    finally:
        for one in logs:
            one.close()


class StepLog:
    """Where updates are logged; nothing is written before the first."""

    #: A package and the command that installs it.
    needs = ("", "")

    def __init__(self, folder: Path):
        self.folder = folder
        self._begun = False

    def after(self, progress: Progress, run: Run, accuracy: float | None = None) -> None:
        """Log an update, or the accuracy after it."""
        if not self._begun:
            self.begin(progress.step, run)
            self._update(progress, run)
            self._begun = True
        elif accuracy is None:
            self._update(progress, run)
        if accuracy is not None:
            self.write_accuracy(progress.step, accuracy)

    def _update(self, progress: Progress, run: Run) -> None:
        speed = progress.images_shown / progress.seconds if progress.seconds else 0.0
        row = (
            progress.step,
            progress.step / run.steps_per_epoch,
            progress.images_shown,
            progress.last_loss,
            progress.last_rate,
            round(speed, 2),
        )
        self.write(dict(zip(_COLUMNS, row)))

    def begin(self, step: int, run: Run) -> None:
        """Open, and forget what an earlier process logged of this update and later ones."""

    def write(self, row: dict[str, Any]) -> None:
        """Add an update."""

    def write_accuracy(self, update: int, accuracy: float) -> None:
        """Add the held-out accuracy after the update that was added last."""

    def close(self) -> None:
        """Write no more."""


class CsvLog(StepLog):
    """A row for each update in `steps.csv`; its last column is empty where no accuracy was
    measured.
    """

    def begin(self, step: int, run: Run) -> None:
        self._path = self.folder / STEPS
        text = self._path.read_text("utf-8", errors="replace") if self._path.exists() else ""
        *lines, _half_written = text.split("\n")
        columns = len(_COLUMNS)
        kept = [
            (*row[:columns], "".join(row[columns:]))  # older files have no accuracies
            for row in (line.split(",") for line in lines[1:])
            if columns <= len(row) <= columns + 1 and row[0].isdecimal() and int(row[0]) < step
        ]
        rows = ((*_COLUMNS, ACCURACY), *kept)
        write_text(self._path, "".join(",".join(row) + "\n" for row in rows))

    def write(self, row: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow([*row.values(), ""])

    def write_accuracy(self, update: int, accuracy: float) -> None:
        with self._path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)  # the last row's end
            file.write(f"{accuracy}\n".encode())


class TensorBoardLog(StepLog):
    """Scalars over updates in TensorBoard's event files, on disk after each update as the table's
    rows are.
    """

    needs = ("tensorboard", "pip install '.[tensorboard]'")
    _writer: Any = None

    def begin(self, step: int, run: Run) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(self.folder), purge_step=step)

    def write(self, row: dict[str, Any]) -> None:
        for name in _COLUMNS[1:]:
            self._writer.add_scalar(name, row[name], row["update"])
        self._writer.flush()

    def write_accuracy(self, update: int, accuracy: float) -> None:
        self._writer.add_scalar(ACCURACY, accuracy, update)
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class WandbLog(StepLog):
    """A run of Weights & Biases, as the user's settings say (WANDB_MODE=offline sends nothing).

    A run of the same arguments in the same folder is one run there. An update that it has is not
    logged again: the same run makes it the same.
    """

    needs = ("wandb", "pip install wandb")
    _run: Any = None

    def begin(self, step: int, run: Run) -> None:
        folder = self.folder.resolve()
        identity = repr((str(folder), sorted(run.identity.items())))
        try:
            import wandb

            self._run = wandb.init(
                project=os.environ.get("WANDB_PROJECT", "brainscore_wiring"),
                name=folder.name,
                id=hashlib.sha256(identity.encode()).hexdigest()[:16],
                resume="allow",
                dir=folder,
                config=run.identity["recipe"],
                settings=wandb.Settings(silent=True, console="off"),
            )
        except Exception as error:  # not logged in, no network, a package that it lacks
            raise WiringError(
                f"Weights & Biases cannot be started: {shortened(error)}. The run is saved; "
                "WANDB_MODE=offline logs to its folder."
            ) from error

    def write(self, row: dict[str, Any]) -> None:
        values = {name: row[name] for name in _COLUMNS[1:]}
        self._run.log(values, step=row["update"])

    def write_accuracy(self, update: int, accuracy: float) -> None:
        self._run.log({ACCURACY: accuracy}, step=update)

    def close(self) -> None:
        if self._run is not None:
            self._run.finish()


#: What can be logged to, by its name in `brainscore train --log`.
LOGS: dict[str, type[StepLog]] = {
    "csv": CsvLog,
    "tensorboard": TensorBoardLog,
    "wandb": WandbLog,
}
