"""Visual atoms: generated labelled images, a visual diet for machines without data, on the
processor or a GPU.

An atom is a set of nested closed contours whose radius is a Fourier series of the angle, the
class's own (Takashima et al. 2023, "Visual Atoms: Pre-training Vision Transformers with Sinusoidal
Waves", arXiv 2303.01112). It lies on a spectral background: random waves with amplitudes that fall
as 1 / frequency, as in natural images. Place, size, rotation, colours, contrast and background
belong to the instance and say nothing of the class.

An image is a function of (class, instance, seed) and nothing is stored. What is random about it are
integers that a counter gives, the same on every machine; pixels are then computed in float32, and
their last bits depend on the device. Images are computed at the coordinates where they are looked
at, so that a random crop takes no resampling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from brainscore_wiring.architectures.region_map import IMAGENET_MEAN, IMAGENET_STD
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.training.diet import VISUAL_ATOMS
from brainscore_wiring.training.diet.batches import CPU
from brainscore_wiring.training.diet.crops import uniform
from brainscore_wiring.training.diet.images import drawn
from brainscore_wiring.training.recipe import Recipe

CLASSES, TRAINING_IMAGES, HELD_OUT_IMAGES = 1000, 1_280_000, 5_000
#: Goes into the manifest: another generator makes another diet.
VERSION = 1
WAVES = 12


@dataclass(frozen=True, eq=False)
class VisualAtoms:
    """Generated images with the numbers `instances` (int64); number i is of class i modulo the
    number of classes.
    """

    instances: np.ndarray
    classes: tuple[str, ...]
    seed: int = 0
    name: str = VISUAL_ATOMS

    def __len__(self) -> int:
        return len(self.instances)

    @property
    def labels(self) -> np.ndarray:
        return self.instances % len(self.classes)

    def subset(self, count: int | None, seed: int, balanced: bool = False) -> VisualAtoms:
        """`count` of these images, drawn as `LabelledImages.subset` draws."""
        if count is None or count == len(self):
            return self
        if not 0 < count < len(self):
            raise WrongUsage(
                f"{count:,} images were asked for, there are {len(self):,} {self.name}: give "
                "--images "
                f"with at most {len(self)}."
            )
        return replace(self, instances=self.instances[drawn(self.labels, count, seed, balanced)])

    def manifest_sha256(self) -> str:
        """A hash of which images these are."""
        digest = hashlib.sha256(f"{self.name} {VERSION} {self.seed} {len(self.classes)}\n".encode())
        digest.update(self.instances.astype("<i8").tobytes())
        return digest.hexdigest()

    def training_view(self, recipe: Recipe, seed: int, epoch: int) -> AtomsView:
        """Each image cropped and flipped at random, as it is shown in an epoch of a training."""
        return AtomsView(self, recipe.image_size, (recipe.crop_scale, seed, epoch))

    def plain_view(self, image_size: int, indices: Sequence[int] | None = None) -> AtomsView:
        """Each image whole, or those at `indices`."""
        if indices is None:
            return AtomsView(self, image_size)
        return AtomsView(
            replace(self, instances=self.instances[np.asarray(indices, dtype=np.int64)]), image_size
        )


@dataclass(frozen=True, eq=False)
class AtomsView:
    """Images as the network sees them; `crop` is (share of the area, seed, epoch), None for whole
    images.
    """

    images: VisualAtoms
    image_size: int
    crop: tuple[tuple[float, float], int, int] | None = None

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, indices: Sequence[int], device: torch.device = CPU) -> tuple[Tensor, Tensor]:
        """Images (n, 3, size, size), normalised, and labels (n,), on `device`; float32 and
        int64.
        """
        chosen = np.asarray(indices, dtype=np.int64)
        instances = self.images.instances[chosen]
        labels = instances % len(self.images.classes)
        parameters = {
            name: torch.from_numpy(value.astype(np.float32)).to(device)
            for name, value in atom_parameters(instances, labels, self.images.seed).items()
        }
        across, down = (
            torch.from_numpy(value.astype(np.float32)).to(device)
            for value in self._coordinates(chosen)
        )
        pixels = _pixels(parameters, across, down, self.image_size)
        mean, std = (
            torch.tensor(values, device=device)[:, None, None]
            for values in (IMAGENET_MEAN, IMAGENET_STD)
        )
        return (pixels - mean) / std, torch.from_numpy(labels).to(device)

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


def visual_atoms(
    count: int = TRAINING_IMAGES, classes: int = CLASSES, seed: int = 0
) -> tuple[VisualAtoms, VisualAtoms]:
    """Training images, and held-out ones with other instances of the same classes. Raises
    `WrongUsage` for too few.
    """
    if classes < 2 or count < classes:
        raise WrongUsage(
            f"{count:,} visual atoms of {classes:,} classes were asked for: it takes at least 2 "
            "classes "
            "and an image of each."
        )
    names = tuple(f"atom_{number:04d}" for number in range(classes))
    held_out = max(HELD_OUT_IMAGES // classes, 1) * classes
    first = -(-count // classes) * classes
    return (
        VisualAtoms(np.arange(count), names, seed),
        VisualAtoms(np.arange(first, first + held_out), names, seed),
    )


def atom_parameters(instances: np.ndarray, labels: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """What an image is made of, (n,) or (n, k) each: first the class's shape, then what is the
    instance's own.
    """
    shape = uniform(f"atom class {seed}", labels, 5)
    slow = 2 + np.floor(shape[:, 0] * 4)
    own = uniform(f"atom instance {seed}", instances, 15)
    waves = uniform(f"atom background {seed}", instances, WAVES * 6).reshape(-1, 6, WAVES)
    cycles = 0.5 * 24 ** waves[:, 0]  # over half the picture
    return {
        "slow": slow,
        "fast": slow + 1 + np.floor(shape[:, 1] * 6),
        "slow_depth": 0.15 + 0.2 * shape[:, 2],
        "fast_depth": 0.05 + 0.2 * shape[:, 3],
        "rings": 1 + np.floor(shape[:, 4] * 4),
        "across": 0.7 * own[:, 0] - 0.35,
        "down": 0.7 * own[:, 1] - 0.35,
        "radius": 0.3 + 0.35 * own[:, 2],
        "turn": 2 * np.pi * own[:, 3],
        "ring_phase": 2 * np.pi * own[:, 4],
        "contrast": 0.6 + 0.4 * own[:, 5],
        "line": own[:, 6:9],
        "ground": own[:, 9:12],
        "brightness": 0.3 + 0.4 * own[:, 12:15],
        "wave_across": 2 * np.pi * cycles * np.cos(2 * np.pi * waves[:, 1]),
        "wave_down": 2 * np.pi * cycles * np.sin(2 * np.pi * waves[:, 1]),
        "wave_phase": 2 * np.pi * waves[:, 2],
        "wave_colours": (0.5 + waves[:, 3:6]) * 0.3 / (1 + cycles)[:, None],
    }


def _pixels(made_of: Mapping[str, Tensor], across: Tensor, down: Tensor, size: int) -> Tensor:
    """RGB from 0 to 1, (n, 3, size, size), at columns `across` and rows `down`, (n, size) each."""

    def each(name: str) -> Tensor:
        return made_of[name][:, None, None]

    x, y = across[:, None, :] - each("across"), down[:, :, None] - each("down")
    angle = torch.atan2(y, x) + each("turn")
    reach = (
        1
        + each("slow_depth") * torch.sin(each("slow") * angle)
        + each("fast_depth") * torch.sin(each("fast") * angle)
    ).mul_(each("radius"))
    distance = torch.hypot(x, y) / reach
    inside = torch.sigmoid((1 - distance) * (size / 8))[:, None]
    rings = (0.5 + 0.5 * torch.cos(2 * torch.pi * each("rings") * distance + each("ring_phase")))[
        :, None
    ]
    pixels = made_of["brightness"][:, :, None, None].repeat(1, 1, size, size)
    for wave in range(WAVES):
        phase = (
            made_of["wave_across"][:, wave, None] * across + made_of["wave_phase"][:, wave, None]
        )
        height = torch.sin(
            phase[:, None, :] + (made_of["wave_down"][:, wave, None] * down)[:, :, None]
        )
        pixels.addcmul_(height[:, None], made_of["wave_colours"][:, :, wave, None, None])
    line, ground = made_of["line"][:, :, None, None], made_of["ground"][:, :, None, None]
    atom = ground + (line - ground) * rings
    return pixels.lerp_(atom, inside * made_of["contrast"][:, None, None, None]).clamp_(0, 1)
