"""What labelled images have to offer to be trained on, wherever they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from brainscore_wiring.training.diet.batches import View
from brainscore_wiring.training.recipe import Recipe


class TrainingData(Protocol):
    """Images with their class numbers (n,), `labels`, and the names of the classes."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def labels(self) -> Sequence[int] | np.ndarray: ...

    def __len__(self) -> int: ...

    def manifest_sha256(self) -> str:
        """A hash of which images these are."""
        ...

    def training_view(self, recipe: Recipe, seed: int, epoch: int) -> View:
        """Each image as it is shown in an epoch of a training."""
        ...

    def plain_view(self, image_size: int, indices: Sequence[int] | None = None) -> View:
        """Each image, or those at `indices`, without augmentation."""
        ...


class DataSet(TrainingData, Protocol):
    """Images that more can be drawn from than are shown; `name` is what a record calls them."""

    @property
    def name(self) -> str: ...

    def subset(self, count: int | None, seed: int, balanced: bool = False) -> DataSet:
        """`count` of these images, drawn at random; None is all of them."""
        ...
