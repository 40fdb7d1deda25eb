"""Small images kept in memory: decoded once, then cropped and resized by the batch, on the
processor or a GPU.

100,000 images of 64 x 64 pixels take 1.2 GB. Cropping, resizing (bilinear, antialiased) and
mirroring are linear in the pixels of a row and of a column, so that a batch is two batched matrix
products. The boxes are those of the views that read files (`views.py`); their pixels are rounded to
whole grey levels in between, these are not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.networks.pixels import normalised
from brainscore_wiring.training.data.batches import CPU, batches
from brainscore_wiring.training.data.crops import Crops, random_crops
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.training.data.training_data import TrainingData, present
from brainscore_wiring.training.data.views import resized_side

#: The most that decoded images may take, in bytes: a rule and not the memory that happens to be
#: free, so that a run that is continued sees the same bits.
LARGEST_DATA_SET = 4 * 2**30
DECODED_AT_A_TIME = 256


def in_memory(
    images: TrainingData, workers: int = 0, report: Callable[[str], None] = lambda sentence: None
) -> TrainingData:
    """The images decoded and kept, if all are of one size and fit into `LARGEST_DATA_SET`; else
    `images` itself.

    `workers` processes decode. Images that are not read from files are returned as they are.
    Raises `WiringError` for a damaged image.
    """
    if type(images) is not LabelledImages or not len(images):
        return images
    width, height = images.picture(present(images, range(len(images)))[0]).size
    if len(images) * 3 * width * height > LARGEST_DATA_SET:
        return images
    report(f"reading {len(images):,} images of {width} x {height} pixels into memory")
    pixels = torch.empty(len(images), 3, height, width, dtype=torch.uint8)
    done = 0
    for some, of_that_size in batches(_Decoded(images, width, height), DECODED_AT_A_TIME, workers):
        if not of_that_size.all():
            return images
        pixels[done : done + len(some)] = some.permute(0, 3, 1, 2)
        done += len(some)
    return KeptImages(**vars(images), pixels=pixels)


class _Decoded(Dataset):
    """Pixels uint8 (height, width, 3), zeros for an image of another size, and whether it fits."""

    def __init__(self, images: LabelledImages, width: int, height: int):
        self.images, self.size = images, (width, height)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, bool]:
        picture = self.images.picture(index)
        if index in self.images.lost:
            picture = picture.resize(self.size)
        if picture.size != self.size:
            return torch.zeros(*reversed(self.size), 3, dtype=torch.uint8), False
        return torch.from_numpy(np.array(picture)), True


@dataclass(frozen=True, eq=False)
class KeptImages(LabelledImages):
    """Labelled images with their `pixels`, uint8 (n, 3, height, width).

    Their views are `BatchView`s.
    """

    pixels: Tensor = field(kw_only=True, repr=False)

    def _of(self, indices: Sequence[int]) -> Self:
        return replace(super()._of(indices), pixels=self.pixels[list(indices)])

    def on(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Pixels and labels (n,), int64, on a device, where they stay."""
        if device not in self._copies:
            self._copies[device] = self.pixels.to(device), torch.tensor(self.labels).to(device)
        return self._copies[device]

    @functools.cached_property
    def _copies(self) -> dict[torch.device, tuple[Tensor, Tensor]]:
        return {}

    def training_view(self, recipe: Recipe, seed: int, epoch: int) -> KeptView:  # type: ignore[override]
        """Each image cropped and mirrored at random, as it is shown in an epoch of a training."""
        height, width = self.pixels.shape[2:]
        every = range(len(self))
        return KeptView(
            self,
            every,
            recipe.image_size,
            random_crops(seed, epoch, every, width, height, recipe.crop_scale),
        )

    def plain_view(self, image_size: int, indices: Sequence[int] | None = None) -> KeptView:  # type: ignore[override]
        """The centre of each image, or of those at `indices`."""
        return KeptView(self, range(len(self)) if indices is None else indices, image_size)


@dataclass(frozen=True, eq=False)
class KeptView:
    """The images at `indices`, cropped as `crops` says for each of all images, or their centres."""

    images: KeptImages
    indices: Sequence[int]
    image_size: int
    crops: Crops | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def batch(self, positions: Sequence[int], device: torch.device = CPU) -> tuple[Tensor, Tensor]:
        """Normalised images (n, 3, size, size), float32, and labels (n,), int64."""
        every, labels = self.images.on(device)
        shown = torch.tensor([self.indices[position] for position in positions]).to(device)
        across, down = self._weights(shown)
        pixels = down[:, None] @ every[shown].float() @ across[:, None].mT
        return normalised(pixels / 255), labels[shown]

    def _weights(self, shown: Tensor) -> tuple[Tensor, Tensor]:
        """Weights of columns and rows in what is shown, (n or 1, size, side)."""
        height, width = self.images.pixels.shape[2:]
        size = self.image_size
        if self.crops is None:  # resized as `PlainView` does, and the centre of that
            short = resized_side(size)
            across, down = (
                _weights(
                    shown.new_zeros(1),
                    shown.new_full((1,), side),
                    int(short * side / min(width, height)),
                    side,
                )
                for side in (width, height)
            )
            left, top = (round((weights.shape[1] - size) / 2) for weights in (across, down))
            return across[:, left : left + size], down[:, top : top + size]
        left, wide, top, tall, mirrored = self._boxes(self.crops, shown.device)[:, shown]
        across = _weights(left, wide, size, width)
        across = torch.where(mirrored.bool()[:, None, None], across.flip(1), across)
        return across, _weights(top, tall, size, height)

    def _boxes(self, crops: Crops, device: torch.device) -> Tensor:
        """Left, width, top, height and mirroring of all crops, (5, n), int64."""
        if device not in self._copies:
            boxes = np.stack([crops.left, crops.width, crops.top, crops.height, crops.mirrored])
            self._copies[device] = torch.from_numpy(boxes.astype(np.int64)).to(device)
        return self._copies[device]

    @functools.cached_property
    def _copies(self) -> dict[torch.device, Tensor]:
        return {}


def _weights(start: Tensor, length: Tensor, size: int, side: int) -> Tensor:
    """How much each pixel of a row of `side` weighs in each of `size` that a stretch of it is
    resized to.

    `start`, `length` (n,) in pixels; the weights (n, size, side) sum to 1. Bilinear with
    antialiasing: a triangle that reaches as far as the distance between two new pixels, or old ones
    if that is more, within the stretch.
    """
    start, length = start[:, None, None], length[:, None, None]
    step = length / size
    centre = start + (torch.arange(size, device=start.device)[:, None] + 0.5) * step
    pixel = torch.arange(side, device=start.device) + 0.5
    weights = (1 - (pixel - centre).abs() / step.clamp(min=1)).clamp(min=0)
    weights = weights * ((pixel > start) & (pixel < start + length))
    return weights / weights.sum(-1, keepdim=True)
