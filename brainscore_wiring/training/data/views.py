"""An image as the network gets it: a pure function of (seed, epoch, image), or constant."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image
from torch.utils.data import Dataset

from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.networks.pixels import as_tensor, centre_crop, normalised
from brainscore_wiring.training.data.crops import random_crops
from brainscore_wiring.training.data.images import LabelledImages

#: Which pixels (seed, epoch, image) gives: part of a run's identity, so that a run never goes
#: on with others.
VIEWS_VERSION = 2


def resized_side(image_size: int) -> int:
    """Short side of an image before its centre crop: 256 for 224, as in ImageNet validation."""
    return round(image_size * 256 / 224)


class TrainingView(Dataset):
    """Random crop and flip of each image, a function of (seed, epoch, i) alone."""

    def __init__(self, images: LabelledImages, recipe: Recipe, seed: int, epoch: int):
        self.images, self.recipe, self.seed, self.epoch = images, recipe, seed, epoch

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = self.images.picture(index)
        crops = random_crops(self.seed, self.epoch, [index], *image.size, self.recipe.crop_scale)
        left, top, width, height = (
            int(value[0]) for value in (crops.left, crops.top, crops.width, crops.height)
        )
        size = self.recipe.image_size
        image = image.crop((left, top, left + width, top + height)).resize(
            (size, size), Image.Resampling.BILINEAR
        )
        if crops.mirrored[0]:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return normalised(as_tensor(image)), self.images.labels[index]


class PlainView(Dataset):
    """Centre crops that keep 224 / 256 of the short side, as in ImageNet validation."""

    def __init__(
        self, images: LabelledImages, image_size: int, indices: Sequence[int] | None = None
    ):
        self.images = images
        self.indices = range(len(images)) if indices is None else indices
        self.image_size = image_size

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, position: int) -> tuple[torch.Tensor, int]:
        index = self.indices[position]
        picture = self.images.picture(index)
        crop = centre_crop(picture, resized_side(self.image_size), self.image_size)
        return normalised(as_tensor(crop)), self.images.labels[index]
