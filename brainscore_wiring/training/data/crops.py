"""Random crops of images, a pure function of (seed, epoch, image)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Random numbers that belong to one index of a purpose.
_RESERVED = 128
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
#: Crops tried before the centre is taken, and the range of their aspect ratios, as in torchvision's
#: RandomResizedCrop.
_ATTEMPTS, _RATIOS = 10, (3 / 4, 4 / 3)


def uniform(purpose: str, indices: np.ndarray, count: int) -> np.ndarray:
    """Float64 in [0, 1), (n, count), a function of purpose, index and column alone."""
    key = np.uint64(int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little"))
    counter = indices.astype(np.uint64)[:, None] * np.uint64(_RESERVED) + np.arange(
        count, dtype=np.uint64
    )
    word = key + (counter + np.uint64(1)) * _GOLDEN  # splitmix64 (Steele et al. 2014)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((word ^ (word >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53


@dataclass(frozen=True)
class Crops:
    """Boxes in pixels of the images and whether each is mirrored: five arrays (n,)."""

    left: np.ndarray
    top: np.ndarray
    width: np.ndarray
    height: np.ndarray
    mirrored: np.ndarray


def random_crops(
    seed: int,
    epoch: int,
    indices: Sequence[int],
    width: int,
    height: int,
    scale: tuple[float, float],
) -> Crops:
    """Crops of images of one size, sampled as torchvision's RandomResizedCrop and
    RandomHorizontalFlip draw.

    The area is uniform in `scale`, the logarithm of the aspect ratio uniform; the first of ten
    boxes that fits is taken, else the largest central one whose ratio is allowed.

    >>> crops = random_crops(0, 0, [3, 8], width=64, height=64, scale=(0.5, 1.0))
    >>> bool((crops.left + crops.width <= 64).all())
    True
    """
    chance = uniform(f"crop {seed} {epoch}", np.asarray(indices, dtype=np.int64), 2 * _ATTEMPTS + 3)
    area = width * height * (scale[0] + (scale[1] - scale[0]) * chance[:, :_ATTEMPTS])
    low, high = (math.log(ratio) for ratio in _RATIOS)
    ratio = np.exp(low + (high - low) * chance[:, _ATTEMPTS : 2 * _ATTEMPTS])
    wide, tall = (
        np.rint(np.sqrt(area * ratio)).astype(int),
        np.rint(np.sqrt(area / ratio)).astype(int),
    )
    fits = (wide > 0) & (wide <= width) & (tall > 0) & (tall <= height)
    first = (np.arange(len(chance)), fits.argmax(1))
    found = fits.any(1)
    central_width = min(width, round(height * _RATIOS[1]))
    central_height = min(height, round(width / _RATIOS[0]))
    wide, tall = (
        np.where(found, wide[first], central_width),
        np.where(found, tall[first], central_height),
    )
    across, down, mirror = chance[:, 2 * _ATTEMPTS :].T
    left = np.where(found, np.floor(across * (width - wide + 1)), (width - wide) // 2).astype(int)
    top = np.where(found, np.floor(down * (height - tall + 1)), (height - tall) // 2).astype(int)
    return Crops(left, top, wide, tall, mirror < 0.5)
