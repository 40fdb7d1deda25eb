"""Images as an experiment shows them: at their size in degrees of visual angle, centred on a grey
screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmark_helpers.screen import ImageConverter
from PIL import Image

from brainscore_wiring import folders
from brainscore_wiring.files import atomic_write, is_whole_png

#: What is said of each of a number of images.
Column = Sequence[Any] | np.ndarray


def on_screen(
    study: str,
    folder: str,
    images: Mapping[str, Callable[[], Image.Image]],
    columns: Mapping[str, Column],
    image_degrees: float,
    screen_degrees: float,
) -> StimulusSet:
    """Images on a screen of that many degrees: files in the cache folder, written once, and what
    they show.

    `images`: name -> what opens the image. Upstream's `place_on_screen` fixes the geometry and the
    grey. Its files and index are left aside: they are found again by name alone, lie in two more
    folders, and a killed run leaves half a set. Here one that is missing or not whole is written.
    """
    place_in = folders.cache() / folder / f"{screen_degrees:g}_degrees"
    paths = {name: place_in / f"{name}.png" for name in images}
    for name, path in paths.items():
        if not is_whole_png(path):
            with atomic_write(path, flush=False) as temporary:
                shown = place(images[name](), image_degrees, screen_degrees)
                shown.save(temporary, format="PNG", compress_level=1)  # in half the time
    return stimulus_set(f"{study}--{screen_degrees:g}_degrees", paths, columns)


def stimulus_set(
    identifier: str, paths: Mapping[str, Any], columns: Mapping[str, Column]
) -> StimulusSet:
    """A stimulus set of image files by name, with further columns."""
    stimuli = StimulusSet({"stimulus_id": list(paths), **columns})
    stimuli.stimulus_paths = dict(paths)
    stimuli.identifier = identifier
    return stimuli


def some_of(stimuli: StimulusSet, rows: Sequence[int] | np.ndarray) -> StimulusSet:
    """The stimuli in these rows, under a name that tells how many there are."""
    shown = StimulusSet(stimuli.iloc[rows].reset_index(drop=True))
    shown.stimulus_paths = {name: stimuli.stimulus_paths[name] for name in shown["stimulus_id"]}
    shown.identifier = f"{stimuli.identifier}--{len(rows)}"
    return shown


def place(image: Image.Image, image_degrees: float, screen_degrees: float) -> Image.Image:
    """An image on a grey screen, or what of it a smaller screen shows."""
    converter = ImageConverter(target_dir=folders.cache())
    return converter.apply_ratio(image, screen_degrees / image_degrees)
