"""The gratings shown to a model: drifting in steps of phase, as in the experiments, on a screen of
8 degrees.

Two grids and a blank. `TUNING`: orientation x spatial frequency x phase in a large aperture.
`SIZE`: aperture x a few orientations and spatial frequencies x phase. Values follow Marques,
Schrimpf & DiCarlo 2021 ("Multi-scale hierarchical neural network models that bridge from single
neurons in the primate primary visual cortex to object recognition behavior", bioRxiv, DOI
10.1101/2021.03.01.433495) on a smaller screen and with fewer phases and positions.
"""

from __future__ import annotations

import itertools
import math
import os
import shutil
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image

from brainscore_wiring import folders
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import is_whole_png

#: Name of the stimulus set and of its folder; the number rises whenever an image changes.
IDENTIFIER = "macaque_v1_tuning-v1"
VISUAL_DEGREES = 8.0
PIXELS = 224
PIXELS_PER_DEGREE = PIXELS / VISUAL_DEGREES
#: Row and column of the pixel that every grating is centred on. A feature map of stride s samples
#: the pixels 0, s, 2 s, ..., so the middle 2 x 2 units of a 56 x 56 map sit at pixels 108 and 112.
CENTRE_PIXEL = 110
GREY, AMPLITUDE = 128, 127

ORIENTATIONS = tuple(float(degrees) for degrees in range(0, 180, 15))
#: Cycles per degree, a quarter of an octave apart, from 0.39 to 12.3 (the screen shows up to 14).
SPATIAL_FREQUENCIES = tuple(float(2 ** (-1.375 + 0.25 * step)) for step in range(21))
#: Aperture radius in degrees of the tuning grid.
LARGE_RADIUS = 2.25
#: Aperture radii in degrees of the size grid: diameters from 0.21 to 6.7 degrees, half an octave
#: apart.
RADII = tuple(float(2 ** (-2.25 + 0.5 * step) / 2) for step in range(11))
SIZE_ORIENTATIONS = ORIENTATIONS[::2]
SIZE_SPATIAL_FREQUENCIES = SPATIAL_FREQUENCIES[4:17:4]
#: Six phases give the modulation of a half-wave rectified cell exactly and its mean within 6 %.
PHASES = tuple(360.0 * step / 6 for step in range(6))
#: For the size grid four do: what they miss of the mean is the same at every size.
SIZE_PHASES = tuple(360.0 * step / 4 for step in range(4))


@dataclass(frozen=True)
class Grating:
    """A sine grating of full contrast in a circular aperture; radius 0 is the blank screen.

    `orientation` (degrees) is the direction in which the luminance changes, from the right towards
    the bottom of the image: 0 has vertical bars. `spatial_frequency` in cycles per degree, `phase`
    in degrees at the centre of the aperture, `radius` in degrees.
    """

    orientation: float
    spatial_frequency: float
    phase: float
    radius: float

    def pixels(self) -> np.ndarray:
        """The image, (224, 224) uint8."""
        image = np.full((PIXELS, PIXELS), GREY, np.uint8)
        # worked out for the square around the aperture alone: half of them are small
        reach = math.ceil(self.radius * PIXELS_PER_DEGREE)
        square = slice(max(CENTRE_PIXEL - reach, 0), CENTRE_PIXEL + reach + 1)
        offset = (np.arange(PIXELS)[square] - CENTRE_PIXEL) / PIXELS_PER_DEGREE
        x, y = offset[np.newaxis, :], offset[:, np.newaxis]
        angle = np.deg2rad(self.orientation)
        cycles = self.spatial_frequency * (x * np.cos(angle) + y * np.sin(angle)) + self.phase / 360
        wave = AMPLITUDE * np.sin(2 * np.pi * cycles)
        # the tiny margin keeps rounding from deciding whether a pixel on the border belongs to a
        # blank or a grating
        inside = x**2 + y**2 < self.radius**2 - 1e-9
        image[square, square][inside] = np.rint(GREY + wave[inside])
        return image


BLANK = Grating(orientation=0.0, spatial_frequency=0.0, phase=0.0, radius=0.0)
#: Axes (spatial frequency, orientation, phase).
TUNING = tuple(
    Grating(orientation, frequency, phase, LARGE_RADIUS)
    for frequency, orientation, phase in itertools.product(
        SPATIAL_FREQUENCIES, ORIENTATIONS, PHASES
    )
)
TUNING_SHAPE = (len(SPATIAL_FREQUENCIES), len(ORIENTATIONS), len(PHASES))
#: Axes (radius, spatial frequency, orientation, phase).
SIZE_TUNING = tuple(
    Grating(orientation, frequency, phase, radius)
    for radius, frequency, orientation, phase in itertools.product(
        RADII, SIZE_SPATIAL_FREQUENCIES, SIZE_ORIENTATIONS, SIZE_PHASES
    )
)
SIZE_SHAPE = (len(RADII), len(SIZE_SPATIAL_FREQUENCIES), len(SIZE_ORIENTATIONS), len(SIZE_PHASES))
#: All stimuli, in the order in which they are shown.
STIMULI = (BLANK, *TUNING, *SIZE_TUNING)


def file_name(number: int) -> str:
    """The image file of `STIMULI[number]`."""
    return f"grating_{number:04d}.png"


def image_folder() -> Path:
    """The folder with all images, made on first use.

    The images are written into a folder of their own, which then takes the name: a run killed at
    any instant leaves no half set. A set with missing, strange or truncated files is written again.
    Raises `WiringError` if the cache folder cannot be written.
    """
    folder = folders.cache() / IDENTIFIER
    if _complete(folder):
        return folder
    temporary = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(
            tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent)
        )
        for number, grating in enumerate(STIMULI):
            Image.fromarray(grating.pixels()).convert("RGB").save(
                temporary / file_name(number), compress_level=1
            )
        temporary.chmod(0o755)
        _take_name(temporary, folder)
    except OSError as error:
        raise WiringError(
            f"The gratings cannot be written to '{folder}': {error.strerror or error}."
        ) from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _take_name(temporary: Path, folder: Path) -> None:
    """Rename a finished set; a damaged one moves away first, another run's whole one stays."""
    if folder.exists():
        if _complete(folder):
            return
        damaged = Path(
            tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".damaged", dir=folder.parent)
        )
        os.replace(folder, damaged)
        shutil.rmtree(damaged, ignore_errors=True)
    try:
        os.replace(temporary, folder)
    except OSError:
        if not _complete(folder):  # else another run was faster, with the same images
            raise


def _complete(folder: Path) -> bool:
    """Whether the folder holds all the images, each up to its last byte, and nothing else."""
    try:
        if sorted(entry.name for entry in os.scandir(folder)) != [
            file_name(i) for i in range(len(STIMULI))
        ]:
            return False
        return all(is_whole_png(folder / file_name(number)) for number in range(len(STIMULI)))
    except OSError:
        return False


def grating_stimuli():
    """All stimuli as a `StimulusSet`, one row per image with its grating's parameters."""
    from brainscore_wiring.benchmarks.screen import stimulus_set

    folder, count = image_folder(), len(STIMULI)
    paths = {f"{IDENTIFIER}-{number:04d}": folder / file_name(number) for number in range(count)}
    centre = np.full(count, (CENTRE_PIXEL - (PIXELS - 1) / 2) / PIXELS_PER_DEGREE)
    columns = {
        **{one.name: [getattr(shown, one.name) for shown in STIMULI] for one in fields(Grating)},
        "position_x": centre,
        "position_y": centre,
        "contrast": [float(grating.radius > 0) for grating in STIMULI],
        "degrees": np.full(count, VISUAL_DEGREES),
    }
    return stimulus_set(IDENTIFIER, paths, columns)
