"""92 isolated objects (Kriegeskorte et al. 2008), which several experiments showed, and a model's
responses to them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.model_interface import BrainModel
from PIL import Image

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import screen
from brainscore_wiring.benchmarks.matlab import BAD_CONTENT, not_the_data_of, variables
from brainscore_wiring.benchmarks.recordings import (
    Recordings,
    behavioural_readout,
    nothing_stored,
    responses_in_order,
)

STUDY = "Kriegeskorte et al. 2008"
SUPPLEMENT = "Kriegeskorte_Neuron2008_supplementalData.mat"
IMAGES = 92
PAIRS = IMAGES * (IMAGES - 1) // 2
IMAGE_SIZE = 175  # pixels
#: Degrees of visual angle that an image spanned in the experiments.
OBJECT_DEGREES = 2.9
#: Yes or no for every object, as the authors sorted them.
PROPERTIES = ("human", "face", "animal", "natural")

#: Spikes of monkey IT were counted from 71 to 211 ms after onset.
MONKEY_WINDOW = (71, 211)
#: fMRI sums the whole sustained response to a stimulus shown for 300 to 500 ms: its last part,
#: where recurrence has settled (in CORnet-S the second step of IT).
HUMAN_WINDOW = (200, 300)
#: What a model can be asked for: a region's time bins, or none for the layer that its behaviour is
#: read out from.
BEHAVIOUR = "behaviour"
TIME_BINS: dict[str, tuple[tuple[int, int], ...] | None] = {
    "V1": (HUMAN_WINDOW,),
    "IT": (MONKEY_WINDOW, HUMAN_WINDOW),
    BEHAVIOUR: None,
}
#: Images shown again before one recording serves another benchmark.
PROBE_IMAGES = np.array([0, 30, 60, 91])


@dataclass(frozen=True)
class Objects:
    """Images (92, 175, 175, 3), uint8, and what they show. `properties`: name -> (92,) bool."""

    images: np.ndarray
    categories: tuple[str, ...]
    properties: dict[str, np.ndarray]


def load_objects() -> Objects:
    """The objects from the user's folder, the cache, or the public repository (3.6 MB, fetched
    once)."""
    return _read_once(public_files.fetch(SUPPLEMENT))


def read_objects(supplement: Path) -> Objects:
    """The objects from their file. Raises `WiringError` where it is damaged or holds something
    else."""
    data = variables(supplement, STUDY, "stimuli_92objs")
    try:
        objects = data["stimuli_92objs"].ravel()
        images = np.stack([np.asarray(item["image"], np.uint8) for item in objects])
        categories = tuple(str(item["category"].item()) for item in objects)
        properties = {
            name: np.array([bool(item[name].item()) for item in objects]) for name in PROPERTIES
        }
        if images.shape != (IMAGES, IMAGE_SIZE, IMAGE_SIZE, 3):
            raise ValueError(f"its images have the shape {images.shape}")
    except BAD_CONTENT as error:
        raise not_the_data_of(STUDY, supplement, error) from None
    return Objects(images, categories, properties)


#: A file that was fetched was verified, so that what was read from its path before still holds.
_read_once = functools.cache(read_objects)


def as_pairs(values: Any) -> np.ndarray:
    """Dissimilarities (4186,) from as many numbers, or from a symmetric matrix (92, 92).

    In the order of `numpy.triu_indices(92, 1)`. Raises `ValueError` for anything else.
    """
    values = np.asarray(values, np.float64)
    if values.shape == (IMAGES, IMAGES):
        if not np.allclose(values, values.T, equal_nan=True):
            raise ValueError("its dissimilarities are not symmetric")
        values = values[np.triu_indices(IMAGES, 1)]
    values = values.ravel()
    if values.shape != (PAIRS,) or not np.isfinite(values).all():
        raise ValueError(f"it should hold {PAIRS} dissimilarities")
    return values


def objects_on_screen(objects: Objects, visual_degrees: float) -> StimulusSet:
    """The images on a screen of that many degrees (175 pixels on 483 for 8 degrees, so 81 on a
    model's 224)."""
    names = [f"object_{number:02d}" for number in range(1, len(objects.images) + 1)]
    images = {
        name: functools.partial(Image.fromarray, pixels)
        for name, pixels in zip(names, objects.images)
    }
    columns: dict[str, screen.Column] = {"category": list(objects.categories), **objects.properties}
    return screen.on_screen(
        "Kriegeskorte2008", "kriegeskorte2008-v1", images, columns, OBJECT_DEGREES, visual_degrees
    )


def place_object(image: Image.Image, visual_degrees: float) -> Image.Image:
    """An image of 2.9 degrees on a grey screen of `visual_degrees`, or what of it a smaller screen
    shows."""
    return screen.place(image, OBJECT_DEGREES, visual_degrees)


def responses(model: BrainModel, target: str, window: tuple[int, int] | None = None) -> np.ndarray:
    """A model's responses (92, units) in a region's time bin, or in the layer its behaviour is read
    out from.

    `target` is "V1", "IT" or "behaviour". Recorded once per model object (see `Recordings`). Raises
    `WiringError` where the model does not answer every image once, or where the layer
    of its behaviour is unknown.
    """
    return _RECORDINGS[target].of(model)[window]


def look_of(model: BrainModel, target: str) -> tuple[list[str], str | None, Sequence | None]:
    """The image files that `responses` shows a model, and the region and time bins that it
    records."""
    stimuli = objects_on_screen(load_objects(), model.visual_degrees())
    paths = [str(stimuli.get_stimulus(name)) for name in stimuli["stimulus_id"]]
    return paths, None if target == BEHAVIOUR else target, TIME_BINS[target]


def _look(model: BrainModel, target: str, rows: np.ndarray) -> dict[Any, np.ndarray]:
    """Time bin -> responses (images, units) to the images in these rows."""
    stimuli = screen.some_of(objects_on_screen(load_objects(), model.visual_degrees()), rows)
    names = list(stimuli["stimulus_id"])
    windows = TIME_BINS[target]
    with nothing_stored():
        if windows is None:
            return {None: responses_in_order(behavioural_readout(model, stimuli), names)}
        model.start_recording(target, time_bins=list(windows))
        recording = model.look_at(stimuli)
    return {
        window: responses_in_order(recording, names, number)
        for number, window in enumerate(windows)
    }


def _recordings(target: str) -> Recordings[dict[Any, np.ndarray]]:
    first = (TIME_BINS[target] or (None,))[0]

    def record_all(model: BrainModel) -> tuple[dict[Any, np.ndarray], np.ndarray]:
        recorded = _look(model, target, np.arange(IMAGES))
        return recorded, recorded[first][PROBE_IMAGES]

    return Recordings(record_all, lambda model: _look(model, target, PROBE_IMAGES)[first])


_RECORDINGS = {target: _recordings(target) for target in TIME_BINS}
