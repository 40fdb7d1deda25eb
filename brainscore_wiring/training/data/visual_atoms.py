"""Visual atoms: generated labelled images, training data for machines without data, on the
processor or a GPU.

An atom is a set of nested closed contours whose radius is a Fourier series of the angle, the
class's own (Takashima et al. 2023, "Visual Atoms: Pre-training Vision Transformers with Sinusoidal
Waves", arXiv 2303.01112). It lies on a spectral background: random waves with amplitudes that fall
as 1 / frequency, as in natural images. Place, size, rotation, colours, contrast and background
belong to the instance and say nothing of the class.

What is random about an image are integers that a counter gives, the same on every machine; pixels
are then computed in float32, and their last bits depend on the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.training.data import register_training_data
from brainscore_wiring.training.data.crops import uniform
from brainscore_wiring.training.data.generated import GeneratedImages

CLASSES, TRAINING_IMAGES, HELD_OUT_IMAGES = 1000, 1_280_000, 5_000
WAVES = 12


@dataclass(frozen=True, eq=False)
class VisualAtoms(GeneratedImages):
    """Atoms on backgrounds of waves."""

    name: ClassVar[str] = "visual-atoms"

    def pixels(
        self, instances: np.ndarray, labels: np.ndarray, across: Tensor, down: Tensor
    ) -> Tensor:
        made_of = {
            name: torch.from_numpy(value.astype(np.float32)).to(across.device)
            for name, value in atom_parameters(instances, labels, self.seed).items()
        }
        return _pixels(made_of, across, down)


def visual_atoms(
    count: int = TRAINING_IMAGES, classes: int = CLASSES, seed: int = 0
) -> tuple[VisualAtoms, VisualAtoms]:
    """Training images, and held-out ones with other instances of the same classes. Raises
    `WrongUsage` for too few.
    """
    if classes < 2 or count < classes:
        raise WrongUsage(
            f"{count:,} visual atoms of {classes:,} classes were asked for: it takes at least 2 "
            "classes and an image of each."
        )
    names = tuple(f"atom_{number:04d}" for number in range(classes))
    return VisualAtoms.split(names, count, max(HELD_OUT_IMAGES // classes, 1) * classes, seed)


register_training_data(VisualAtoms.name, visual_atoms)


def atom_parameters(instances: np.ndarray, labels: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Parameters of images, (n,) or (n, k): first the class's, then the instance's own."""
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


def _pixels(made_of: Mapping[str, Tensor], across: Tensor, down: Tensor) -> Tensor:
    """RGB from 0 to 1, (n, 3, size, size), at columns `across` and rows `down`, (n, size) each."""
    size = across.shape[1]

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
