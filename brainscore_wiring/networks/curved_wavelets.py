"""Curved wavelets: Gabor-like filters bent along their stripes ("banana wavelets", Krueger and
Peters 2000)."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

DIRECTIONS = 12
#: How far a stripe bends, in pixels of its square length.
CURVATURES = tuple(np.logspace(-2, -0.1, 3).tolist())
#: Radians per pixel, and how much longer the envelope is along the stripes than across.
FREQUENCY, LENGTH = 1.2, 5
SIZE = 15


@functools.cache
def curved_wavelets() -> np.ndarray:
    """All filters (36, 15, 15), float32: three curvatures in twelve directions, mean 0."""
    middle = SIZE // 2
    x, y = np.mgrid[-middle : middle + 1, middle : -middle - 1 : -1].astype(np.float64)
    filters = []
    for curvature, number in itertools.product(CURVATURES, range(DIRECTIONS)):
        angle = 2 * math.pi * number / DIRECTIONS
        along = -x * math.sin(angle) + y * math.cos(angle)
        across = x * math.cos(angle) + y * math.sin(angle) + curvature * along**2
        envelope = np.exp(-(FREQUENCY**2) * (across**2 + (along / LENGTH) ** 2) / 2)
        wavelet = envelope * (np.cos(FREQUENCY * across) - math.exp(-0.5))
        filters.append(wavelet - wavelet.mean())
    return np.array(filters, np.float32)


class CurvedWavelets(nn.Module):
    """Every filter on every colour: (batch, 3, h, w) -> (batch, 108, h - 2, w - 2), without a
    parameter."""

    channels = 3 * DIRECTIONS * len(CURVATURES)

    def forward(self, images: Tensor) -> Tensor:
        filters = torch.from_numpy(curved_wavelets()).to(images)[:, None]
        return functional.conv2d(
            images, filters.repeat(images.shape[1], 1, 1, 1), padding=6, groups=images.shape[1]
        )
