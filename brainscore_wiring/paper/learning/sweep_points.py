"""What learning curves are drawn from: a sweep's table with its training records, and differences
of accuracy.
"""

from __future__ import annotations

import math
import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brainscore_wiring.checkpoints.record_file import record_beside, record_entries
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.points import STANDARD
from brainscore_wiring.tables import DAMAGE, read_rows
from brainscore_wiring.training.sweep import TABLE

WC_CT = "cornet_s_wc_ct"
NAMES = {
    STANDARD: "standard training",
    "cornet_s_dt_it": "DT (IT alone)",
    "cornet_s_ct": "KN+CT",
    WC_CT: "WC+CT",
}
#: What is read of the table.
NEEDED = (
    "model",
    "images",
    "epochs",
    "seed",
    "supervised_updates",
    "supervised_synaptic_updates",
    "accuracy",
    "file",
)
_MAKE = "`brainscore sweep GRID --data DIR -o {}` writes it"
#: The maps: the first minus the second.
MODEL_PAIRS = [(WC_CT, STANDARD), ("cornet_s_ct", STANDARD), ("cornet_s_dt_it", "cornet_s_ct")]
#: A difference below this many standard errors is not significant.
ERRORS = 2

GridCell = tuple[int, float]  # labelled images, epochs


@dataclass(frozen=True)
class SweepModel:
    """One model of a sweep, from the table's row; `updates` are supervised, `synaptic` as the paper
    counts.
    """

    model: str
    images: int
    epochs: float
    seed: int
    updates: int
    synaptic: int
    accuracy: float
    file: str

    @property
    def cell(self) -> GridCell:
        return self.images, self.epochs


@dataclass(frozen=True)
class Sweep:
    """A sweep's table as it was read, its models with held-out accuracy, and a training record of
    each model.

    `training_data`, `image_size`, `classes` and `held_out` images are those of all its records.
    """

    table: str
    points: tuple[SweepModel, ...]
    records: dict[str, dict[str, Any]]
    training_data: str
    image_size: int
    classes: int
    held_out: int

    @property
    def models(self) -> list[str]:
        return sorted(
            {point.model for point in self.points},
            key=lambda name: (list(NAMES).index(name) if name in NAMES else len(NAMES), name),
        )

    @property
    def cells(self) -> list[GridCell]:
        return sorted({point.cell for point in self.points})

    @property
    def images(self) -> list[int]:
        return sorted({images for images, _ in self.cells})

    @property
    def epochs(self) -> list[float]:
        return sorted({epochs for _, epochs in self.cells})

    @property
    def seeds(self) -> list[int]:
        return sorted({point.seed for point in self.points})

    def at(self, model: str, cell: GridCell) -> dict[int, SweepModel]:
        """Seed -> the model's point in a cell."""
        return {
            point.seed: point for point in self.points if (point.model, point.cell) == (model, cell)
        }

    def error(self, accuracy: float) -> float:
        """Binomial standard error of an accuracy on the held-out images."""
        return math.sqrt(accuracy * (1 - accuracy) / self.held_out)


def name_of(model: str) -> str:
    """A model's name in pictures and sentences."""
    return NAMES.get(model, model)


def read_sweep(folder: Path) -> Sweep:
    """The sweep in a folder; raises `WiringError` where its table or a record is missing, damaged
    or another's.
    """
    path = folder / TABLE
    try:
        rows = read_rows(path, NEEDED, f"{_MAKE.format(folder)} again")
    except FileNotFoundError:
        single = folder / "model.safetensors"
        made = _MAKE.format(folder)
        how = "`brainscore report FOLDER` draws a single run" if single.exists() else made
        raise WiringError(f"There is no table '{path}': {how}.") from None
    except OSError as error:
        raise WiringError(f"'{path}' cannot be read: {error.strerror or error}.") from None
    except DAMAGE as error:
        raise WiringError(f"'{path}' is not a sweep's table or is damaged ({error}).") from None
    points: dict[tuple, SweepModel] = {}
    for line, row in enumerate(rows, start=2):
        point = (
            None if row["accuracy"] == "" else _point(row, f"'{path}' is damaged in line {line}")
        )
        if point and points.setdefault((point.model, point.cell, point.seed), point) is not point:
            raise WiringError(
                f"'{path}' has {point.model} with {point.images:,} images, {point.epochs:g} "
                f"epochs and seed {point.seed} twice."
            )
    if not points:
        raise WiringError(
            f"'{path}' has no held-out accuracy to draw: `brainscore sweep` measures it where the "
            "data have held-out images."
        )
    records = {key: _record(folder, point) for key, point in points.items()}
    kinds = {
        (
            record["diet"]["name"],
            record["diet"]["image_size"],
            record["diet"]["classes"],
            record["held_out"]["images"],
        )
        for record in records.values()
    }
    if len(kinds) > 1:
        raise WiringError(
            f"The sweep '{folder}' mixes training data, image sizes, classes or held-out images: "
            "its accuracies cannot be compared."
        )
    first: dict[str, dict[str, Any]] = {}
    for (model, *_), record in records.items():
        if any(
            first.setdefault(model, record).get(name) != record.get(name)
            for name in ("recipe", "genome_source")
        ):
            raise WiringError(
                f"The sweep '{folder}' mixes recipes or genomes of {model}: they make no curves."
            )
    return Sweep(path.read_bytes().decode("utf-8"), tuple(points.values()), first, *kinds.pop())


def _point(row: dict[str, str], damaged: str) -> SweepModel:
    try:
        point = SweepModel(
            re.sub(r"_seed\d+|_\d+k?_images|_\d+(p\d+)?_epochs", "", row["model"]),
            int(row["images"]),
            float(row["epochs"]),
            int(row["seed"]),
            int(row["supervised_updates"]),
            int(row["supervised_synaptic_updates"]),
            float(row["accuracy"]),
            row["file"],
        )
        if not (
            point.model
            and point.file
            and min(point.images, point.epochs, point.updates) > 0
            and point.synaptic >= 0  # none where the decoder alone is trained
            and 0 <= point.accuracy <= 1
            and math.isfinite(point.epochs)
        ):
            raise ValueError("a value that cannot be")
    except (ValueError, TypeError) as error:
        raise WiringError(f"{damaged} ({error}).") from None
    return point


def _record(folder: Path, point: SweepModel) -> dict[str, Any]:
    """A model's training record; refused where it is of another training than the
    table's row.
    """
    model = folder / point.file
    path = model if model.exists() else record_beside(model)
    try:
        record = record_entries(model)
        data, held_out = record["diet"], record["held_out"]
        stated = (
            data["images"],
            round(record["epochs"], 6),
            record["seed"],
            record["supervised_updates"],
            record["supervised_synaptic_updates"],
            round(held_out["accuracy"], 6),
        )
        whole = (
            isinstance(data["name"], str)
            and isinstance(record["recipe"], dict)
            and all(
                isinstance(number, int) and number > 0
                for number in (data["image_size"], data["classes"], held_out["images"])
            )
        )
    except OSError as error:
        raise WiringError(
            f"The training record '{path}' cannot be read: {error.strerror or error}."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise WiringError(
            f"The training record '{path}' is damaged ({type(error).__name__}: {error})."
        ) from None
    if not whole:
        raise WiringError(
            f"The training record '{path}' is damaged: its data, recipe or held-out images cannot "
            "be."
        )
    if stated != (*point.cell, point.seed, point.updates, point.synaptic, point.accuracy):
        raise WiringError(
            f"The training record '{path}' is not of the model in the sweep's table: `brainscore "
            "sweep` writes the table again."
        )
    return record


@dataclass(frozen=True)
class AccuracyDifference:
    """Accuracy of one model minus another's in a cell, in percentage points, over the seeds that
    both have.
    """

    cell: GridCell
    updates: int
    points: float
    error: float

    @property
    def sign(self) -> int:
        """1 or -1 where the two differ significantly, else 0."""
        return (
            0
            if abs(self.points) < ERRORS * self.error or not self.points
            else int(math.copysign(1, self.points))
        )


def differences(sweep: Sweep, first: str, second: str) -> dict[GridCell, AccuracyDifference]:
    """First minus second in each cell that has both.

    Its standard error is that of two binomial accuracies (no smaller with more seeds: all seeds see
    the same held-out images), and with several seeds also that of the mean of their differences.
    """
    found = {}
    for cell in sweep.cells:
        ours, theirs = sweep.at(first, cell), sweep.at(second, cell)
        seeds = sorted(ours.keys() & theirs.keys())
        if not seeds:
            continue
        gaps = [ours[seed].accuracy - theirs[seed].accuracy for seed in seeds]
        variance = sum(
            sweep.error(statistics.fmean(points[seed].accuracy for seed in seeds)) ** 2
            for points in (ours, theirs)
        ) + (statistics.variance(gaps) / len(gaps) if len(gaps) > 1 else 0)
        found[cell] = AccuracyDifference(
            cell, ours[seeds[0]].updates, 100 * statistics.fmean(gaps), 100 * math.sqrt(variance)
        )
    return found
