"""What all pictures of the paper share: pages, settings, colours, kernels as bitmaps, atomic
files.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from brainscore_wiring.files import atomic_write

#: Width of a printed page's text, margin and sizes on it, in inches.
WIDTH, MARGIN = 7.0, 0.12
TILE, TILE_PITCH = 0.28, 0.335
#: Okabe and Ito's palette: apart for every kind of colour vision; light and dark also in print.
VERMILLION, ORANGE, GREEN, SKY_BLUE, BLUE, PURPLE = (
    "#D55E00",
    "#E69F00",
    "#009E73",
    "#56B4E9",
    "#0072B2",
    "#CC79A7",
)
BLACK, DARK_GREY, MEDIUM_GREY, LIGHT_GREY = "black", "#595959", "#8C8C8C", "#D9D9D9"
TRAINED, SAMPLED, REFERENCE, WORD_COLOUR = BLACK, VERMILLION, MEDIUM_GREY, DARK_GREY
SMALL = 6.5
#: The same bytes for the same picture.
PLAIN = {"svg.hashsalt": "brainscore_wiring"}
#: Text stays text.
READABLE = PLAIN | {"svg.fonttype": "none"}
#: A page of the paper.
STYLE = READABLE | {
    "font.size": 7.5,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.5,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica"],
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
ENDINGS = ("svg", "png")
RESOLUTION = 150
#: Screen pixels per weight in the bitmaps inside a vector file, so that viewers that smooth them
#: cannot blur them.
MAGNIFIED = 12


class Page(Figure):
    """A figure of the page's width on which everything is placed in inches from the upper left
    corner.
    """

    def __init__(self, height: float):
        super().__init__(figsize=(WIDTH, height))
        FigureCanvasAgg(self)

    def axes_at(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes of that size in inches."""
        page = self.get_figheight()
        return self.add_axes(
            (left / WIDTH, 1 - (top + height) / page, width / WIDTH, height / page)
        )

    def write(self, left: float, top: float, words: str, **style) -> None:
        """Text whose upper left corner is there, in inches (unless `style` aligns it otherwise)."""
        style = {"va": "top"} | style
        self.text(left / WIDTH, 1 - top / self.get_figheight(), words, **style)

    def picture(self, left: float, top: float, side: float, pixels: np.ndarray) -> None:
        """A square bitmap, (n, n) grey or (n, n, 3) colour in [0, 1], in a thin frame."""
        axis = self.axes_at(left, top, side, side)
        magnified = pixels.repeat(MAGNIFIED, 0).repeat(MAGNIFIED, 1)
        axis.imshow(magnified, cmap="gray", vmin=0, vmax=1, interpolation="none")
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(visible=True, linewidth=0.4, color=REFERENCE)


def style(settings: Mapping[str, Any] = STYLE) -> AbstractContextManager[None]:
    """The settings under which pictures are drawn and saved; the user's own come back
    afterwards.
    """
    return matplotlib.rc_context(dict(settings))  # type: ignore[arg-type]  # keys are checked there


def save_figure(
    figure: Figure,
    folder: Path,
    name: str,
    settings: Mapping[str, Any] = STYLE,
    resolution: int = RESOLUTION,
) -> list[Path]:
    """Write `name`.svg and `name`.png, each whole or not at all, the same bytes for the same
    picture.
    """
    paths = [folder / f"{name}.{ending}" for ending in ENDINGS]
    for path, ending in zip(paths, ENDINGS):
        with atomic_write(path) as temporary, style(settings):
            metadata = {"Date": None} if ending == "svg" else None
            figure.savefig(temporary, format=ending, dpi=resolution, metadata=metadata)
    return paths


def as_grey(weights: np.ndarray, largest: float) -> np.ndarray:
    """Weights as grey values in [0, 1]: -`largest` is black, 0 middle grey, +`largest` white."""
    return np.clip(0.5 + 0.5 * weights / (largest or 1.0), 0, 1)


def colour_mosaic(kernels: np.ndarray, scales: np.ndarray | None = None) -> np.ndarray:
    """Colour kernels (n, 3, k, k) as one square picture (side, side, 3) in [0, 1], row by row; 0 is
    middle grey.

    Each kernel is scaled to its own largest absolute weight, or to `scales` (n).
    """
    count, _, size, _ = kernels.shape
    scales = np.abs(kernels).max(axis=(1, 2, 3)) if scales is None else scales
    columns, pitch = int(np.ceil(np.sqrt(count))), size + 1
    picture = np.ones((columns * pitch - 1, columns * pitch - 1, 3))
    for number, (kernel, scale) in enumerate(zip(kernels, scales)):
        row, column = (pitch * position for position in divmod(number, columns))
        picture[row : row + size, column : column + size] = as_grey(
            kernel.transpose(1, 2, 0), scale
        )
    return picture


def grey_scale(page: Page, left: float, top: float, largest: str) -> None:
    """The key of grey pictures: a bar from minus to plus `largest`."""
    axis = page.axes_at(left, top, 1.0, 0.09)
    axis.imshow(np.linspace(0, 1, 64)[None], cmap="gray", aspect="auto", extent=(-1, 1, 0, 1))
    axis.set(xticks=[-1, 0, 1], yticks=[])
    axis.set_xticklabels([f"−{largest}", "0", f"+{largest}"])
    axis.tick_params(length=0, pad=2)
    axis.spines[:].set(visible=True, linewidth=0.4, color=REFERENCE)
