"""Microsaccades: how a network that always responds the same way responds differently from trial to
trial, as Brain-Score's own models do.

The prepared image is shifted by less than a tenth of a degree, further from one trial to the next
along a spiral; the shifts and the interpolation are brainscore_vision's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from brainscore_vision.model_helpers.activations.core import MicrosaccadeHelper

from brainscore_wiring.arguments import whole_number
from brainscore_wiring.errors import WiringError


@dataclass(frozen=True)
class Microsaccades:
    """Where the image is in each trial, right and down of its place: in pixels and in degrees."""

    pixels: list[tuple[float, float]]
    degrees: list[tuple[float, float]]

    @classmethod
    def of(cls, trials: int, side: int, visual_degrees: float) -> Microsaccades:
        """Those of a number of trials for images of `side` pixels."""
        trials = whole_number("number_of_trials", trials)
        if trials < 1:
            raise WiringError(f"Stimuli cannot be shown in {trials} trials: at least 1 is needed.")
        helper = MicrosaccadeHelper()
        helper.number_of_trials, helper.visual_degrees = trials, visual_degrees
        helper.build_microsaccades("image", (side, side))
        return cls(
            helper.microsaccades["pixels"]["image"], helper.microsaccades["degrees"]["image"]
        )

    def coordinates(self, images: int) -> dict[str, tuple[str, np.ndarray]]:
        """Presentation coordinates of so many images, the trials of an image one after another."""
        return {
            f"microsaccade_shift_{axis}_{unit}": (
                "presentation",
                np.tile([shift[number] for shift in shifts], images),
            )
            for unit, shifts in (("pixels", self.pixels), ("degrees", self.degrees))
            for number, axis in enumerate("xy")
        }


def shifted(image: torch.Tensor, shift: tuple[float, float] | None) -> torch.Tensor:
    """A prepared image (channel, row, column), shifted if need be; its border is continued."""
    if shift is None:
        return image
    moved = MicrosaccadeHelper.translate(
        image.numpy(), shift, tuple(image.shape[1:]), image_is_channels_first=True
    )
    return torch.from_numpy(np.ascontiguousarray(moved))
