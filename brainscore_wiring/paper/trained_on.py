"""What the weights behind a row of a result table were trained on."""

from __future__ import annotations

import re
from typing import NamedTuple

from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.result import Result

#: What tables state it in.
_COLUMNS = ("training_data", "training_images", "training_epochs", "image_size")


class TrainedOn(NamedTuple):
    """The data set, empty without training, how many of its labelled images, and how often each.

    `image_size` is in pixels, None where it is not stated.
    """

    name: str = ""
    images: int = 0
    epochs: float = 0
    image_size: int | None = None

    @property
    def label(self) -> str:
        """The data set with its image size: images of another size are other data."""
        return self.name + (f" at {self.image_size} px" if self.image_size else "")


def trained_on(result: Result) -> TrainedOn:
    """The training data that a row states.

    Raises `WiringError` for a row that states some which cannot be read.
    """
    name, images, epochs, image_size = (getattr(result, column, None) for column in _COLUMNS)
    if images is None:
        return _in_older_table(result)
    return TrainedOn(name or "", images, epochs or 0, image_size) if images else TrainedOn()


def _in_older_table(result: Result) -> TrainedOn:
    """Older tables have a sentence: "1 epoch of 50,000 CIFAR-10 images at 64 px; genome from
    CIFAR-10".
    """
    stated = result.diet or "none"
    if stated.partition(";")[0] == "none":
        return TrainedOn()
    found = re.match(r"([\d.]+) epochs? of ([\d,]+) (.+?) images(?: at (\d+) px)?", stated)
    if not found:
        raise WiringError(
            f"What {result.model} was trained on cannot be read from '{stated}' in the table: "
            "score it again."
        )
    epochs, images, name, pixels = found.groups()
    return TrainedOn(
        name, int(images.replace(",", "")), float(epochs), int(pixels) if pixels else None
    )
