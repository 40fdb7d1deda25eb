"""HMAX (Riesenhuber & Poggio 1999, DOI 10.1038/14819), with the filters and bands of Serre et al.
2007 (DOI 10.1109/TPAMI.2007.56, table 1): a reference model of the paper without training on
labels.

S1: Gabor filters of 16 scales and 4 orientations; C1: their maxima over positions and pairs of
scales, in 8 bands; S2: how near patches of C1 come to prototypes; C2: the maximum of that over
positions and bands.

The universal patch set that Serre et al. published is not part of this package. The prototypes here
are patches of C1 responses to a generated picture of overlapping discs (dead leaves; Lee, Mumford &
Huang 2001, DOI 10.1023/A:1011109015675), which shares edges, occlusion and scale invariance with
natural scenes but shows no object: scores are those of this model, not of the one with the
published patches.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from brainscore_wiring.random_streams import Stream

FILTER_ORIENTATIONS = 4
#: Side of the S1 filters in pixels; two neighbours make a band of C1.
FILTER_SIZES = tuple(range(7, 38, 2))
#: Side in pixels of the neighbourhoods that C1 takes its maximum over, for each band; they overlap
#: by half.
POOLING_SIZES = tuple(range(8, 23, 2))
#: Sides of the prototypes in units of C1, and how many there are of each.
PROTOTYPE_SIZES = (4, 8, 12, 16)
PROTOTYPES = 100
#: The band that prototypes are taken from (the second, as in Serre et al.'s programs).
PROTOTYPE_BAND = 1
#: Sides of twice as many prototypes, and how many positions of C1 lie between the S2 units that
#: `HMAXPrototypes` shows.
ALL_PROTOTYPE_SIZES = tuple(range(2, 17, 2))
S2_STEP = 4
#: Pixels between the S1 units that `s1_out` shows.
S1_STEP = 4
#: Red, green and blue in brightness (ITU-R BT.601).
BRIGHTNESS = (0.299, 0.587, 0.114)
#: Prototypes are multiples of this: it hides the last bits in which mathematics libraries differ.
PROTOTYPE_GRID = 2.0**-14


def gabor_filters(size: int) -> np.ndarray:
    """The filters of one scale, (4, size, size) in float64.

    0 outside a disc, mean 0, sum of squares 1.
    """
    sigma = 0.0036 * size**2 + 0.35 * size + 0.18
    wavelength, aspect = sigma / 0.8, 0.3
    line = np.arange(size) - size // 2
    y, x = np.meshgrid(line, line, indexing="ij")
    inside = np.hypot(x, y) <= size / 2
    filters = np.zeros((FILTER_ORIENTATIONS, size, size))
    for number in range(FILTER_ORIENTATIONS):
        angle = number * math.pi / FILTER_ORIENTATIONS
        along, across = (
            x * math.cos(angle) + y * math.sin(angle),
            y * math.cos(angle) - x * math.sin(angle),
        )
        envelope = np.exp(-(along**2 + (aspect * across) ** 2) / (2 * sigma**2))
        wave = envelope * np.cos(2 * math.pi * along / wavelength)
        filters[number][inside] = wave[inside] - wave[inside].mean()
    return filters / np.sqrt((filters**2).sum(axis=(1, 2), keepdims=True))


def simple_cells(brightness: Tensor, filters: Tensor) -> Tensor:
    """S1 of one scale: |filter * image| over the norm of what the filter sees.

    (b, 1, h, w) -> (b, 4, h, w), 0 to 1.
    """
    size = filters.shape[-1]
    energy = _box_sum(F.pad(brightness**2, [size // 2] * 4), size)
    return F.conv2d(brightness, filters, padding=size // 2).abs() / energy.clamp(min=1e-8).sqrt()


def complex_cells(scales: list[Tensor], band: int) -> Tensor:
    """C1 of a band: the maximum over its two scales and a neighbourhood.

    (b, 4, h, w) each -> (b, 4, rows, columns).
    """
    side = POOLING_SIZES[band]
    return F.max_pool2d(torch.maximum(*scales), side, side // 2)


def best_matches(c1: Tensor, prototypes: Tensor) -> Tensor:
    """C2 of one band: max over positions of exp(-|patch - prototype|^2 / (2 a)).

    (b, 4, h, w) -> (b, prototypes). `prototypes` (number, 4, n, n). a = (n / 4)^2 lets larger
    patches differ by more (Mutch & Lowe 2008, DOI 10.1007/s11263-007-0118-0).
    """
    return matches(c1, prototypes).amax(dim=(2, 3))


def matches(c1: Tensor, prototypes: Tensor) -> Tensor:
    """S2 of one band: exp(-|patch - prototype|^2 / (2 a)) at every position.

    (b, 4, h, w) -> (b, prototypes, rows, columns).
    """
    size = prototypes.shape[-1]
    squares = _box_sum((c1**2).sum(dim=1, keepdim=True), size)
    distances = (
        squares - 2 * F.conv2d(c1, prototypes) + (prototypes**2).sum(dim=(1, 2, 3))[:, None, None]
    )
    return torch.exp(-distances.clamp(min=0) / (2 * (size / 4) ** 2))


def _box_sum(values: Tensor, size: int) -> Tensor:
    """Sums over all squares of `size` pixels that fit into (b, 1, h, w)."""
    rows = F.avg_pool2d(values, (size, 1), 1)
    return F.avg_pool2d(rows, (1, size), 1) * size**2


class _Fixed(nn.Module):
    """What both readings of HMAX compute first, from computed filters and prototypes."""

    brightness: Tensor

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self._sizes = tuple(sizes)
        for size in FILTER_SIZES:
            self._fixed(f"filters_{size}", torch.from_numpy(gabor_filters(size))[:, None].float())
        for size, patches in zip(sizes, prototypes(self._sizes)):
            self._fixed(f"prototypes_{size}", torch.from_numpy(patches).float())
        self._fixed("brightness", torch.tensor(BRIGHTNESS)[:, None, None])

    def _fixed(self, name: str, values: Tensor) -> None:
        self.register_buffer(name, values, persistent=False)

    def _simple(self, images: Tensor) -> list[Tensor]:
        grey = (images * self.brightness).sum(dim=1, keepdim=True)
        return [simple_cells(grey, getattr(self, f"filters_{size}")) for size in FILTER_SIZES]

    def _complex(self, s1: list[Tensor]) -> list[Tensor]:
        return [
            complex_cells(s1[2 * band : 2 * band + 2], band) for band in range(len(POOLING_SIZES))
        ]


class HMAX(_Fixed):
    """HMAX: (batch, 3, h, w) images with values 0 to 1, at least 192 px -> (batch, 400) responses
    of C2.

    Each level shows itself in a module of its own: `s1_out` (batch, 64, h / 4, w / 4), scales
    first, then orientations; `c1_out` (batch, units), all bands side by side (36,764 units at 224
    px); `c2_out` (batch, 400). Nothing in it is a parameter: the filters and prototypes are
    computed, and its state dict is empty.
    """

    def __init__(self) -> None:
        super().__init__(PROTOTYPE_SIZES)
        self.s1_out, self.c1_out, self.c2_out = nn.Identity(), nn.Identity(), nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        s1 = self._simple(images)
        middle = S1_STEP // 2
        self.s1_out(
            torch.cat([scale[..., middle::S1_STEP, middle::S1_STEP] for scale in s1], dim=1)
        )
        c1 = self._complex(s1)
        self.c1_out(torch.cat([band.flatten(1) for band in c1], dim=1))
        c2 = [
            torch.stack(
                [best_matches(band, getattr(self, f"prototypes_{size}")) for band in c1]
            ).amax(dim=0)
            for size in PROTOTYPE_SIZES
        ]
        return self.c2_out(torch.cat(c2, dim=1))


class HMAXPrototypes(_Fixed):
    """S2 of HMAX: (batch, 3, h, w) images with values 0 to 1 -> responses to the largest
    prototypes.

    Modules `s2_<size>`, smallest first, show the responses to the prototypes of each size: (batch,
    100 x places), all bands side by side, at every fourth position.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__(sizes)
        for size in sizes:
            self.add_module(f"s2_{size}", nn.Identity())

    def forward(self, images: Tensor) -> Tensor:
        c1 = self._complex(self._simple(images))
        for size in self._sizes:
            shown = [
                matches(band, getattr(self, f"prototypes_{size}"))[..., ::S2_STEP, ::S2_STEP]
                for band in c1
            ]
            units = getattr(self, f"s2_{size}")(
                torch.cat([band.flatten(1) for band in shown], dim=1)
            )
        return units


@functools.cache
def prototypes(all_sizes: tuple[int, ...] = PROTOTYPE_SIZES) -> tuple[np.ndarray, ...]:
    """C1 patches at 100 random places of a dead-leaves picture for each size n.

    (100, 4, n, n) in float64.
    """
    c1, patches = _c1_of_leaves(), []
    for size in all_sizes:
        places = Stream(0, "hmax", f"prototypes of {size}").uniform(PROTOTYPES, 2)
        corners = (places * (c1.shape[-1] - size + 1)).astype(int)
        patches.append(
            np.stack([c1[:, row : row + size, column : column + size] for row, column in corners])
        )
    return tuple(np.rint(patch / PROTOTYPE_GRID) * PROTOTYPE_GRID for patch in patches)


@functools.cache
def _c1_of_leaves() -> np.ndarray:
    """The band of C1 responses to a dead-leaves picture that prototypes are taken from."""
    picture = torch.from_numpy(dead_leaves(600))[None, None]
    sizes = FILTER_SIZES[2 * PROTOTYPE_BAND : 2 * PROTOTYPE_BAND + 2]
    simple = [simple_cells(picture, torch.from_numpy(gabor_filters(n))[:, None]) for n in sizes]
    return complex_cells(simple, PROTOTYPE_BAND)[0].numpy()


def dead_leaves(side: int, seed: int = 0) -> np.ndarray:
    """A square picture of opaque discs of random brightness, the last ones on top.

    (side, side) in float64, 0 to 1. Radii have a density proportional to r^-3 from 4 to 70 pixels,
    which makes the picture look the same at every scale. There are enough discs to cover each pixel
    about five times.
    """
    smallest, largest = 4, 70
    mean_area = 2 * math.pi * math.log(largest / smallest) / (smallest**-2 - largest**-2)
    count = math.ceil(5 * (side + 2 * largest) ** 2 / mean_area)
    y, x, size, shade = Stream(seed, "hmax", "dead leaves").uniform(4, count)
    radii = 1 / np.sqrt(smallest**-2 + size * (largest**-2 - smallest**-2))
    centres = np.stack([y, x]) * (side + 2 * largest) - largest
    picture = np.full((side, side), 0.5)
    for centre, radius, value in zip(centres.T, radii, shade):
        rows, columns = (
            slice(max(0, math.ceil(c - radius)), max(0, math.floor(c + radius) + 1)) for c in centre
        )
        leaf = picture[rows, columns]
        y, x = np.ogrid[
            rows.start : rows.start + leaf.shape[0], columns.start : columns.start + leaf.shape[1]
        ]
        leaf[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2] = value
    return picture
