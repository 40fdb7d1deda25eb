"""What a model is trained on: the interface that files, images in memory and generated ones share.

Needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from brainscore_wiring.random_streams import Stream

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor

    from brainscore_wiring.catalogue.training_recipe import Recipe


class ImageView(Protocol):
    """A `torch.utils.data.Dataset` of (image (3, size, size), label), which workers read."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


@runtime_checkable
class BatchView(Protocol):
    """Images as the network sees them, made batch by batch on the device."""

    def __len__(self) -> int: ...

    def batch(self, indices: Sequence[int], device: torch.device, /) -> tuple[Tensor, Tensor]:
        """Images (n, 3, size, size), normalised, float32, and labels (n,), int64, on `device`."""


class TrainingData(Protocol):
    """Labelled images.

    `labels` are numbers of `classes`, one for each image. A view is an `ImageView` or a
    `BatchView`.
    """

    @property
    def name(self) -> str:
        """What the data are called in training records."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def labels(self) -> Sequence[int] | np.ndarray: ...

    def __len__(self) -> int: ...

    def subset(self, count: int | None, seed: int, balanced: bool = False) -> TrainingData:
        """`count` of these images, a function of (images, count, seed, balanced); None keeps all.

        Raises `WrongUsage` for more images than there are.
        """

    def manifest_sha256(self) -> str:
        """A hash of which images these are, for the training record."""

    def training_view(self, recipe: Recipe, seed: int, epoch: int) -> ImageView | BatchView:
        """Each image as an epoch shows it: a function of (image, recipe, seed, epoch)."""

    def plain_view(
        self, image_size: int, indices: Sequence[int] | None = None
    ) -> ImageView | BatchView:
        """Each image without augmentation, or those at `indices`."""


def present(images: TrainingData, order: Sequence[int]) -> list[int]:
    """The numbers in an order without those of images that are lost (`LabelledImages.lost`)."""
    lost: frozenset[int] = getattr(images, "lost", frozenset())
    return [index for index in order if index not in lost] if lost else list(order)


def mixed(images: TrainingData, seed: int, count: int) -> list[int]:
    """`count` of the images in random order, of which those that are there: no labels are used."""
    order = Stream(seed, "images", "statistics").permutation(len(images))[:count].tolist()
    return present(images, order)
