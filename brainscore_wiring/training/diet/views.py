"""What an image looks like to the network: a pure function of (seed, epoch, image), or always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch.utils.data import Dataset
from torchvision import transforms

from brainscore_wiring.architectures.region_map import IMAGENET_MEAN, IMAGENET_STD
from brainscore_wiring.training.diet.images import LabelledImages
from brainscore_wiring.training.recipe import Recipe


class TrainingView(Dataset):
    """Random crop and flip of each image; what image i looks like depends on (seed, epoch, i) alone."""

    def __init__(self, images: LabelledImages, recipe: Recipe, seed: int, epoch: int):
        self.images, self.seed, self.epoch = images, seed, epoch
        self.transform = transforms.Compose([
            transforms.RandomResizedCrop(recipe.image_size, scale=recipe.crop_scale),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = self.images.picture(index)
        digest = hashlib.sha256(f"{self.seed} {self.epoch} {index}".encode()).digest()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(int.from_bytes(digest[:8], "little"))
            return self.transform(image), self.images.labels[index]


class PlainView(Dataset):
    """Each image resized so that its centre crop keeps 224 / 256 of the short side, as in ImageNet validation."""

    def __init__(self, images: LabelledImages, image_size: int, indices: Sequence[int] | None = None):
        self.images = images
        self.indices = range(len(images)) if indices is None else indices
        self.transform = transforms.Compose([
            transforms.Resize(round(image_size * 256 / 224)),
            transforms.CenterCrop(image_size),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)])

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, position: int) -> tuple[torch.Tensor, int]:
        index = self.indices[position]
        return self.transform(self.images.picture(index)), self.images.labels[index]
