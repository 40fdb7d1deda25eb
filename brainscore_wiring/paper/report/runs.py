"""RunFolder folders of `brainscore train`: their records and learning curves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from brainscore_wiring.catalogue import model_without_seed
from brainscore_wiring.checkpoints.record_file import read_training_record, record_beside
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.errors import WiringError
from brainscore_wiring.tables import DAMAGE, damaged, read_rows

_LOG, _MODEL = "log.csv", "model.safetensors"
_AGAIN = "take '{path}' away, and the same `brainscore train` command goes on and writes it again"


@dataclass(frozen=True)
class RunFolder:
    """A run folder. `epochs` and `losses`: one for each row of its log; `record`: None while it has
    not ended.
    """

    folder: Path
    epochs: tuple[float, ...]
    losses: tuple[float, ...]
    record: TrainingRecord | None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def model(self) -> str:
        """The model without its seed; the folder's name while there is no record."""
        return model_without_seed(self.record.variant) if self.record else self.name

    @property
    def weights(self) -> Path | None:
        path = self.folder / _MODEL
        return path if path.is_file() else None


def read_runs(folders: Iterable[Path]) -> list[RunFolder]:
    """The runs in some folders, or in their sub-folders where these are no run folders themselves.

    Raises `WiringError` for a folder without any run, and for a log or record that is damaged.
    """
    runs = []
    for folder in folders:
        found = [folder] if (folder / _LOG).is_file() else sorted(folder.glob(f"*/{_LOG}"))
        if not found:
            raise WiringError(
                f"'{folder}' is no run folder and has none in it: `brainscore train MODEL --data "
                f"DIR -o {folder}` makes one, with a {_LOG}."
            )
        runs += [_read(path if path.is_dir() else path.parent) for path in found]
    return runs


def _read(folder: Path) -> RunFolder:
    model = folder / _MODEL
    there = model.exists() or record_beside(model).exists()
    record = read_training_record(model) if there else None
    try:
        log = record.epoch_log if record else ()
        rows = log or read_rows(folder / _LOG, ("epoch", "loss"), _AGAIN)
        if not rows:
            raise ValueError("it has no epoch")
        epochs = tuple(float(row["epoch"]) for row in rows)
        losses = tuple(float(row["loss"]) for row in rows)
    except (OSError, *DAMAGE) as error:
        raise damaged(folder / _LOG, "the log of a training", error) from None
    return RunFolder(folder, epochs, losses, record)
