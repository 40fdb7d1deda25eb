"""Every number of a training that is neither the model nor its training data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from brainscore_wiring.arguments import real_number, several, whole_number
from brainscore_wiring.errors import WrongUsage, unknown


@dataclass(frozen=True)
class ScheduleKind:
    """What holds of all runs of a schedule; `training.schedule` says what each one does.

    `patience`: epochs in a row without a new best loss after which the rate is cut. `converges`:
    whether it comes to an end by itself. `prolongable`: whether the rate depends on nothing but the
    past, so that a run may be made longer.
    """

    patience: int | None = None
    converges: bool = True
    prolongable: bool = True


SCHEDULES = {
    "plateau": ScheduleKind(patience=3),
    "plateau_as_run": ScheduleKind(patience=4),
    "small_improvement": ScheduleKind(),
    "one_cycle": ScheduleKind(converges=False, prolongable=False),
    "constant": ScheduleKind(converges=False),
}
#: What a field of `Recipe` may say where it says it in words.
CHOICES = {
    "optimizer": ("sgd", "adam", "adagrad"),
    "schedule": tuple(SCHEDULES),
    "precision": ("fp32", "bf16"),
    "feedback": ("exact", "skip_only"),
    "frozen_layers": ("live", "cached"),
}


#: Fields that are whole numbers -> the smallest one.
_WHOLE = {"batch_size": 1, "image_size": 1, "warm_up": 0}


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of one training run; the defaults are the paper's (section 3 and appendix
    E).

    `optimizer`: "sgd" (with `momentum`), "adam" or "adagrad" (PyTorch's defaults, with this rate
    and weight decay). `schedule`: how the learning rate changes and when a run has converged, see
    `training.schedule`; `warm_up` updates are for "one_cycle" alone. `image_size` in pixels;
    `crop_scale` is the share of an image's area that a random crop keeps. `precision` "fp32" or
    "bf16" (autocast: trained weights and their updates stay float32). `feedback`: "exact"
    gradients, or "skip_only": inside the areas of CORnet-S errors travel through skip connections
    alone, not back through conv2 and conv1 (half the work, and another gradient). `frozen_layers`:
    "live", or "cached": what comes before the first trained synapse is computed once for each
    image, which takes one fixed view of it (no augmentation), batch-norm statistics measured
    beforehand for these layers, and memory.

    Raises `WrongUsage` for a value that cannot be.
    """

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    batch_size: int = 256
    image_size: int = 224
    crop_scale: tuple[float, float] = (0.08, 1.0)
    optimizer: str = "sgd"
    schedule: str = "plateau"
    precision: str = "fp32"
    feedback: str = "exact"
    frozen_layers: str = "live"
    warm_up: int = 50

    def __post_init__(self) -> None:
        plain: dict[str, Any] = {
            name: real_number(name, getattr(self, name))
            for name in ("learning_rate", "momentum", "weight_decay")
        }
        for name, least in _WHOLE.items():
            plain[name] = whole_number(name, getattr(self, name), least)
        plain["crop_scale"] = tuple(
            real_number("crop_scale", end) for end in several(self.crop_scale)
        )
        for name, value in plain.items():
            object.__setattr__(self, name, value)
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise unknown(name, str(getattr(self, name)), choices, "brainscore train --help")
        if not (
            0 < self.learning_rate < float("inf")
            and 0 <= self.momentum < 1
            and 0 <= self.weight_decay < float("inf")
        ):
            raise WrongUsage(
                f"A learning rate of {self.learning_rate:g}, momentum {self.momentum:g} and weight "
                f"decay {self.weight_decay:g} were asked for; they must be above 0, from 0 to "
                "below 1, and at least 0, and finite."
            )
        if len(self.crop_scale) != 2:
            raise WrongUsage(
                f"crop_scale={self.crop_scale} was given: it takes the smallest and the largest "
                "share of an image's area that a random crop keeps, such as (0.08, 1.0)."
            )
        smallest, largest = self.crop_scale
        if not 0 < smallest <= largest < float("inf"):
            raise WrongUsage(
                f"Random crops of {smallest:g} to {largest:g} of an image's area were asked for; "
                "the smallest share is above 0 and at most the largest."
            )


RECIPES: dict[str, Recipe] = {
    "paper": Recipe(),
    # the packaged models: small images, few epochs, processors without a GPU
    "small": Recipe(
        learning_rate=0.05,
        batch_size=64,
        image_size=64,
        crop_scale=(0.5, 1.0),
        schedule="one_cycle",
        precision="bf16",
    ),
}
