"""The 92 images as an experiment shows them: at their size in degrees of visual angle, centred on a grey screen."""

from __future__ import annotations

from PIL import Image

from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmark_helpers.screen import ImageConverter

from brainscore_wiring import folders
from brainscore_wiring.benchmarks.kriegeskorte2008.experiment import Experiment
from brainscore_wiring.files import atomic_write

#: Degrees of visual angle that an image spanned in the experiment.
VISUAL_DEGREES = 2.9


def on_screen(experiment: Experiment, visual_degrees: float) -> StimulusSet:
    """The images on a screen of that many degrees: files in the cache folder, written once, and what they show.

    Upstream's `place_on_screen` fixes the geometry and the grey (175 pixels on 483 for 8 degrees, so 81 on a model's
    224). Its files and index are left aside: they are found again by name alone, lie in two more folders, and a killed
    run leaves half a set. Here each file is whole or not there, and one that is missing is written.
    """
    folder = folders.cache() / "kriegeskorte2008-v1" / f"{visual_degrees:g}_degrees"
    names = [f"object_{number:02d}" for number in range(1, len(experiment.images) + 1)]
    paths = {name: folder / f"{name}.png" for name in names}
    for path, pixels in zip(paths.values(), experiment.images):
        if not path.is_file():
            with atomic_write(path) as temporary:
                place(Image.fromarray(pixels), visual_degrees).save(temporary, format="PNG")
    stimuli = StimulusSet({"stimulus_id": names, "category": list(experiment.categories), **experiment.properties})
    stimuli.stimulus_paths = paths
    stimuli.identifier = f"Kriegeskorte2008--{visual_degrees:g}_degrees"
    return stimuli


def place(image: Image.Image, visual_degrees: float) -> Image.Image:
    """An image of 2.9 degrees on a grey screen of `visual_degrees`, or what of it a smaller screen shows."""
    return ImageConverter(target_dir=folders.cache()).apply_ratio(image, visual_degrees / VISUAL_DEGREES)
