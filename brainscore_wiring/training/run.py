"""A training run: what is trained on what, and how far it has come."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from brainscore_wiring.errors import WiringError, WrongUsage, shortened
from brainscore_wiring.training.data.training_data import TrainingData
from brainscore_wiring.training.data.views import VIEWS_VERSION
from brainscore_wiring.training.recipe import Recipe
from brainscore_wiring.training.schedule import PROLONGABLE, Schedule
from brainscore_wiring.weight_compression.birth import state_sha256

#: The most epochs that can be asked for.
MOST_EPOCHS = 1_000_000
#: Epochs after which a run that trains until convergence ends without it (the authors' longest
#: took 99).
LONGEST = 100


@dataclass
class Progress:
    """How far a run has come; saved with the weights, so that a stopped run continues where it was.

    `epochs` has a row for each finished epoch. `waiting`: seconds of `seconds` that were spent
    waiting for images.
    """

    schedule: Schedule
    step: int = 0  # updates made
    images_shown: int = 0
    epoch_loss: float = 0.0  # sum over the images of the epoch so far
    epoch_images: int = 0
    last_loss: float = 0.0  # mean over the last batch
    seconds: float = 0.0
    waiting: float = 0.0
    epochs: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def read(cls, saved: dict[str, Any]) -> Progress:
        return cls(**{**saved, "schedule": Schedule(**saved["schedule"])})

    def add(self, loss: float, images: int, run: Run) -> None:
        """Count an update whose batch had this mean loss and so many images."""
        self.step += 1
        self.images_shown += images
        self.epoch_images += images
        self.epoch_loss += loss * images
        self.last_loss = loss
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
    if epochs is None and recipe.schedule not in PROLONGABLE[:-1]:
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


@dataclass
class Run:
    """What to train on what: the arguments that two halves of a resumed run must share.

    `network` holds its birth state; `trained`: names of the parameters that are; `epochs`: where
    models are wanted, in ascending order, fractions too; the last one ends the run. None trains
    until the schedule says that it has converged. `workers` processes decode images beside the
    training one. Raises `WiringError` where batch norm would see a single value per channel,
    `WrongUsage` for epochs that cannot be.
    """

    network: nn.Module
    trained: list[str]
    images: TrainingData
    recipe: Recipe
    epochs: Sequence[float] | None
    seed: int
    workers: int = 0

    def __post_init__(self) -> None:
        check_epochs(self.epochs, self.recipe)
        check_batches(len(self.images), self.recipe)
        self.steps_per_epoch = steps_after(1, len(self.images), self.recipe)
        wanted = (LONGEST,) if self.epochs is None else self.epochs
        self.milestones = [steps_after(epochs, len(self.images), self.recipe) for epochs in wanted]
        self.steps = self.milestones[-1]
        self.identity = {
            "recipe": dataclasses.asdict(self.recipe),
            "trained": self.trained,
            "seed": self.seed,
            "images": self.images.manifest_sha256(),
            "content": getattr(self.images, "content_sha256", None),
            "views": VIEWS_VERSION,
            "birth": state_sha256(self.network.state_dict()),
            **({} if self.recipe.schedule in PROLONGABLE else {"epochs": list(self.epochs or ())}),
        }

    def finished(self, progress: Progress) -> bool:
        return progress.step >= self.steps or (
            self.epochs is None and progress.schedule.converged(self.recipe)
        )
