"""A training run: what is trained on what, and how far it has come."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import nn

from brainscore_wiring.catalogue.training_recipe import SCHEDULES, Recipe
from brainscore_wiring.errors import WiringError, WrongUsage, shortened
from brainscore_wiring.training.data.training_data import TrainingData
from brainscore_wiring.training.data.views import VIEWS_VERSION
from brainscore_wiring.training.run_folder import CHECKPOINT
from brainscore_wiring.training.schedule import SMALLEST_RATE, Schedule
from brainscore_wiring.weight_compression.birth import state_sha256

#: The most epochs that can be asked for.
MOST_EPOCHS = 1_000_000
#: Epochs after which a run that trains until convergence ends without it (the authors' longest
#: took 99).
LONGEST = 100


@dataclass
class Progress:
    """How far a run has come; saved with the weights, so that a stopped run continues where it was.

    `epochs` has a row for each finished epoch. `last_loss` and `last_rate` are of the last update.
    `waiting`: seconds of `seconds` that were spent waiting for images. `left`: the updates after
    which models were left; None in states of version 0.1, which do not say.
    """

    schedule: Schedule
    step: int = 0  # updates made
    images_shown: int = 0
    epoch_loss: float = 0.0  # sum over the images of the epoch so far
    epoch_images: int = 0
    last_loss: float = 0.0  # mean over the batch
    last_rate: float = 0.0
    seconds: float = 0.0
    waiting: float = 0.0
    epochs: list[dict[str, float]] = field(default_factory=list)
    left: list[int] | None = field(default_factory=list)

    @classmethod
    def read(cls, saved: dict[str, Any]) -> Progress:
        """Raises `WiringError` for what another version of this package has written."""
        try:
            return cls(**{"left": None, **saved, "schedule": Schedule(**saved["schedule"])})
        except (TypeError, KeyError) as error:
            raise WiringError(
                f"The saved state is of another version of this package ({shortened(error)}): go "
                "on with that version, or give another folder."
            ) from None

    def add(self, loss: float, rate: float, images: int, run: Run) -> None:
        """Count an update at this rate, whose batch had this mean loss and so many images."""
        self.step += 1
        self.images_shown += images
        self.epoch_images += images
        self.epoch_loss += loss * images
        self.last_loss, self.last_rate = loss, rate
        if self.step % run.steps_per_epoch == 0:
            self.epochs.append(self.row(run.steps_per_epoch))
            self.schedule.after_epoch(run.recipe, [row["loss"] for row in self.epochs], loss)
            self.epoch_loss, self.epoch_images = 0.0, 0

    def log(self, steps_per_epoch: int) -> list[dict[str, float]]:
        """A row for each epoch, an unfinished one included."""
        return self.epochs + ([self.row(steps_per_epoch)] if self.epoch_images else [])

    def row(self, steps_per_epoch: int) -> dict[str, float]:
        return {
            "epoch": self.step / steps_per_epoch,
            "images": self.epoch_images,
            "loss": self.epoch_loss / self.epoch_images,
            "learning_rate": self.schedule.rate,
        }


def check_epochs(epochs: Sequence[float] | None, recipe: Recipe) -> None:
    """Raise `WrongUsage` for numbers of epochs that cannot be, or a schedule that never ends."""
    if epochs is not None and not (epochs and all(0 < one <= MOST_EPOCHS for one in epochs)):
        asked = ", ".join(shortened(one, 20) for one in epochs) or "No"
        raise WrongUsage(
            f"{asked} epochs were asked for; a training takes more than 0 and at most "
            f"{MOST_EPOCHS:,}."
        )
    if epochs is None and recipe.learning_rate < SMALLEST_RATE:
        raise WrongUsage(
            f"A training until convergence ends below a learning rate of {SMALLEST_RATE:g}, and "
            f"{recipe.learning_rate:g} was given: give a higher one, or --epochs N."
        )
    if epochs is None and not SCHEDULES[recipe.schedule].converges:
        raise WrongUsage(f"The schedule {recipe.schedule} never converges: give --epochs N.")


def check_batches(images: int, recipe: Recipe, processes: int = 1) -> None:
    """Raise `WiringError` for a last batch too small for batch norm or the processes."""
    last = images % recipe.batch_size or recipe.batch_size
    if last == 1 and recipe.image_size <= 32:
        raise WiringError(
            f"{images} images in batches of {recipe.batch_size} leave a batch of one, which batch "
            f"norm cannot take at {recipe.image_size} px: change one of the three."
        )
    if last < processes:
        raise WiringError(
            f"The last batch of an epoch would have {last} images for {processes} processes: "
            "change --images or --batch-size."
        )


def steps_after(epochs: float, images: int, recipe: Recipe) -> int:
    """How many updates a number of epochs is: at least one."""
    return max(1, round(epochs * math.ceil(images / recipe.batch_size)))


def images_after(step: int, images: int, recipe: Recipe) -> int:
    """How many images were shown after a number of updates."""
    epochs, more = divmod(step, steps_after(1, images, recipe))
    return epochs * images + more * recipe.batch_size


def steps_of(shown: int, images: int, recipe: Recipe) -> int:
    """How many updates have shown so many images."""
    epochs, more = divmod(shown, images)
    return epochs * steps_after(1, images, recipe) + math.ceil(more / recipe.batch_size)


@dataclass(frozen=True)
class Milestones:
    """Where a run leaves models: after which epochs, and in which files.

    `epochs`: in ascending order, fractions too; the last one ends the run. None trains until
    convergence, at most `LONGEST` epochs. `images`: how many are shown in an epoch. Raises
    `WrongUsage` for epochs that cannot be, or that are the same update.
    """

    epochs: Sequence[float] | None
    images: int
    recipe: Recipe

    def __post_init__(self) -> None:
        check_epochs(self.epochs, self.recipe)
        for one, other in itertools.pairwise(self.epochs or ()):
            paths = {self.path(Path(), self._step(epochs)) for epochs in (one, other)}
            if len(paths) == 1:
                raise WrongUsage(
                    f"{one:g} and {other:g} epochs of {self.images:,} images in batches of "
                    f"{self.recipe.batch_size} are the same update: leave one of them out."
                )

    @cached_property
    def steps(self) -> dict[int, float]:
        """Updates -> epochs, in ascending order."""
        wanted = (LONGEST,) if self.epochs is None else self.epochs
        return {self._step(epochs): epochs for epochs in wanted}

    def _step(self, epochs: float) -> int:
        return steps_after(epochs, self.images, self.recipe)

    @property
    def last(self) -> int:
        """The update that ends the run, if it does not converge before."""
        return max(self.steps)

    def along_the_way(self, folder: Path) -> list[Path]:
        """The files of the models that are left before the last, which is `CHECKPOINT`."""
        return [self.path(folder, step) for step in self.steps if step != self.last]

    def path(self, folder: Path, step: int) -> Path:
        """The file of the model that is left after an update along the way."""
        epochs = step / self._step(1)
        return folder / f"{Path(CHECKPOINT).stem}_{epochs:g}_epochs{Path(CHECKPOINT).suffix}"

    def check_left(self, folder: Path, step: int, left: Sequence[int] | None) -> None:
        """Raise `WiringError` where a run that has come to `step` cannot leave these models: it
        is longer, or past one that it did not leave.
        """
        epochs = step / self._step(1)
        if step > self.last:
            raise longer_run(folder, epochs)
        past = {} if left is None else {one: self.steps[one] for one in self.steps if one < step}
        lost = [
            wanted
            for one, wanted in past.items()
            if one not in (left or ()) and not self.path(folder, one).exists()
        ]
        if lost:
            raise WiringError(
                f"The run in '{folder}' is at {epochs:g} epochs and left no model after "
                f"{lost[0]:g}: ask for later ones alone, or give another folder."
            )


def past_convergence(log: Iterable[Mapping[str, float]]) -> bool:
    """Whether a run went on after it had converged, by its epochs' learning rates."""
    return any(epoch["learning_rate"] < SMALLEST_RATE for epoch in log)


def longer_run(folder: Path, epochs: float) -> WiringError:
    """The error for a folder with a longer run than was asked for."""
    return WiringError(
        f"'{folder}' holds a run of {epochs:g} epochs already, more than were asked for: give "
        "another folder."
    )


@dataclass
class Run:
    """A training run; a resumed one must have the same values.

    `network` holds its birth state; `trained`: names of the parameters that are; `epochs`: where
    models are wanted, see `Milestones`. `workers` processes decode images beside the training one.
    `code`: what an architecture of an extension computes (`code_of`), which may change.
    Raises `WrongUsage` for epochs that cannot be.
    """

    network: nn.Module
    trained: list[str]
    images: TrainingData
    recipe: Recipe
    epochs: Sequence[float] | None
    seed: int
    workers: int = 0
    code: str | None = None

    def __post_init__(self) -> None:
        self.steps_per_epoch = steps_after(1, len(self.images), self.recipe)
        self.milestones = Milestones(self.epochs, len(self.images), self.recipe)
        prolongable = SCHEDULES[self.recipe.schedule].prolongable
        self.identity = {
            "recipe": dataclasses.asdict(self.recipe),
            "trained": self.trained,
            "seed": self.seed,
            "images": self.images.manifest_sha256(),
            "content": getattr(self.images, "content_sha256", None),
            "labels": _labels_sha256(self.images),
            "code": self.code,
            "views": VIEWS_VERSION,
            "birth": state_sha256(self.network.state_dict()),
            **({} if prolongable else {"epochs": list(self.epochs or ())}),
        }

    def finished(self, progress: Progress) -> bool:
        return progress.step >= self.milestones.last or (
            self.epochs is None and progress.schedule.converged(self.recipe)
        )


def _labels_sha256(images: TrainingData) -> str:
    """A hash of the classes and of each image's."""
    said = json.dumps([list(images.classes), list(map(int, images.labels))])
    return hashlib.sha256(said.encode(errors="surrogateescape")).hexdigest()
