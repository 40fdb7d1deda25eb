"""Pictures to try a model on without image files. This module travels with submissions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 224


def draw_pictures(folder: Path) -> list[Path]:
    """Write three fixed RGB pictures: a tilted grating, coloured discs, a checkerboard."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    grating = np.stack(
        [0.5 + 0.5 * np.sin(2 * np.pi * (8 * x + cycles * y)) for cycles in (2, 3, 5)], axis=-1
    )
    discs = np.full((SIDE, SIDE, 3), 0.4)
    for row, column, radius, colour in (
        (0.3, 0.3, 0.2, (0.9, 0.1, 0.1)),
        (0.6, 0.5, 0.25, (0.1, 0.7, 0.3)),
        (0.4, 0.75, 0.15, (0.2, 0.3, 0.9)),
    ):
        discs[np.hypot(y - row, x - column) < radius] = colour
    board = np.where(
        ((8 * y).astype(int) + (8 * x).astype(int))[..., None] % 2, (0.9, 0.9, 0.6), (0.1, 0.2, 0.3)
    )
    paths = []
    for name, picture in (("grating", grating), ("discs", discs), ("board", board)):
        paths.append(folder / f"{name}.png")
        Image.fromarray(np.rint(255 * picture).astype(np.uint8)).save(paths[-1])
    return paths
