"""Generated labelled images: functions of (class, instance, seed) of which nothing is stored.

Images are computed at the coordinates of their pixels, so that a random crop takes no
resampling. Needs torch when images are made, and not before.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks.pixels import normalised
from brainscore_wiring.training.data.crops import uniform
from brainscore_wiring.training.data.images import sampled

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from brainscore_wiring.catalogue.training_recipe import Recipe


@dataclass(frozen=True, eq=False)
class GeneratedImages(ABC):
    """Images with the numbers `instances` (int64); number i is of class i modulo the number of
    classes.

    A kind of images has a `name`, a `version` (another generator makes other images) and `pixels`.
    In a user's file the code counts as well as the version.
    """

    instances: np.ndarray
    classes: tuple[str, ...]
    seed: int = 0
    name: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def split(
        cls, classes: tuple[str, ...], count: int, held_out: int, seed: int = 0
    ) -> tuple[Self, Self]:
        """`count` training images, and held-out ones with other instances of the same classes."""
        first = -(-count // len(classes)) * len(classes)
        return (
            cls(np.arange(count), classes, seed),
            cls(np.arange(first, first + held_out), classes, seed),
        )

    @abstractmethod
    def pixels(
        self, instances: np.ndarray, labels: np.ndarray, across: Tensor, down: Tensor
    ) -> Tensor:
        """RGB from 0 to 1, (n, 3, size, size), of some instances with their labels, (n,) each.

        They are sampled in columns `across` and rows `down`, (n, size) each, of a picture that
        goes from -1 to 1; the result is on their device.
        """

    def check(self) -> None:
        """Raise `WiringError` where the first image is not as `pixels` says, or not the same in
        two calls, before a training.
        """
        import torch  # here: listing training data needs none

        where = torch.linspace(-1, 1, 8)[None]
        pixels = self.pixels(self.instances[:1], self.labels[:1], where, where)
        found = f"{getattr(pixels, 'dtype', type(pixels).__name__)}"
        found += f" {tuple(getattr(pixels, 'shape', ()))}"
        if found != "torch.float32 (1, 3, 8, 8)":
            raise WiringError(
                f"`pixels` of {self.name} gave {found} for one image of 8 px: it returns a tensor, "
                "torch.float32 (1, 3, 8, 8)."
            )
        if not bool(((pixels >= 0) & (pixels <= 1)).all()):  # false for NaN too
            raise WiringError(
                f"`pixels` of {self.name} go from {float(pixels.min()):g} to "
                f"{float(pixels.max()):g}: RGB is from 0 to 1."
            )
        if not torch.equal(pixels, self.pixels(self.instances[:1], self.labels[:1], where, where)):
            raise WiringError(
                f"`pixels` of {self.name} differ from call to call: they are a function of class "
                "and instance, so use `uniform` in place of other random numbers."
            )

    def __len__(self) -> int:
        return len(self.instances)

    @property
    def labels(self) -> np.ndarray:
        return self.instances % len(self.classes)

    def subset(self, count: int | None, seed: int, balanced: bool = False) -> Self:
        """`count` of these images, sampled as by `LabelledImages.subset`."""
        if count is None or count == len(self):
            return self
        if not 0 < count < len(self):
            raise WrongUsage(
                f"{count:,} images were asked for, there are {len(self):,} {self.name}: give "
                f"--images with at most {len(self)}."
            )
        return replace(self, instances=self.instances[sampled(self.labels, count, seed, balanced)])

    def manifest_sha256(self) -> str:
        """A hash of which images these are, of a user's with the code that makes them."""
        from brainscore_wiring.networks.code import class_code  # and torch

        kind = f"{self.name} {self.version} {self.seed} {len(self.classes)}\n"
        digest = hashlib.sha256("".join([kind, *class_code(type(self))]).encode())
        digest.update(self.instances.astype("<i8").tobytes())
        return digest.hexdigest()

    def training_view(self, recipe: Recipe, seed: int, epoch: int) -> GeneratedView:
        """Each image cropped and flipped at random, as it is shown in an epoch of a training."""
        return GeneratedView(self, recipe.image_size, (recipe.crop_scale, seed, epoch))

    def plain_view(self, image_size: int, indices: Sequence[int] | None = None) -> GeneratedView:
        """Each image whole, or those at `indices`."""
        if indices is None:
            return GeneratedView(self, image_size)
        some = self.instances[np.asarray(indices, dtype=np.int64)]
        return GeneratedView(replace(self, instances=some), image_size)


@dataclass(frozen=True, eq=False)
class GeneratedView:
    """Images for the network; `crop`: (share of the area, seed, epoch), None for whole ones."""

    images: GeneratedImages
    image_size: int
    crop: tuple[tuple[float, float], int, int] | None = None

    def __len__(self) -> int:
        return len(self.images)

    def batch(
        self, indices: Sequence[int], device: torch.device | str = "cpu"
    ) -> tuple[Tensor, Tensor]:
        """Normalised images (n, 3, size, size), float32, and labels (n,), int64."""
        import torch  # here: listing training data needs none

        chosen = np.asarray(indices, dtype=np.int64)
        instances = self.images.instances[chosen]
        labels = instances % len(self.images.classes)
        across, down = (
            torch.from_numpy(value.astype(np.float32)).to(device)
            for value in self._coordinates(chosen)
        )
        pixels = self.images.pixels(instances, labels, across, down)
        return normalised(pixels), torch.from_numpy(labels).to(device)

    def _coordinates(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where columns and rows (n, size) lie in the picture, which goes from -1 to 1."""
        grid = (np.arange(self.image_size) + 0.5) * 2 / self.image_size - 1
        if self.crop is None:
            whole = np.broadcast_to(grid, (len(indices), self.image_size))
            return whole, whole
        (least, most), seed, epoch = self.crop
        chance = uniform(f"crop {seed} {epoch}", indices, 5)
        area, ratio = least + (most - least) * chance[:, 0], (4 / 3) ** (2 * chance[:, 1] - 1)
        width, height = np.minimum(np.sqrt(area * ratio), 1), np.minimum(np.sqrt(area / ratio), 1)
        flip = np.where(chance[:, 4] < 0.5, -1, 1)
        left, top = (1 - width) * (2 * chance[:, 2] - 1), (1 - height) * (2 * chance[:, 3] - 1)
        return left[:, None] + (width * flip)[:, None] * grid, top[:, None] + height[:, None] * grid
