"""What `look_at` may be given, as image files and the coordinates of their presentations."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from PIL import Image

from brainscore_wiring.errors import WiringError

#: What `look_at` takes.
Stimuli = StimulusSet | str | Path | Sequence[str | Path]
Coordinates = dict[str, tuple[str, np.ndarray]]
PLACES = ("channel", "channel_x", "channel_y")
#: What a recording calls dimensions and coordinates of its own: no column may have such a name.
RESERVED = (
    *("presentation", "neuroid", "time_bin", "time_bin_start", "time_bin_end"),
    *("neuroid_id", "neuroid_num", "model", "layer", "region", *PLACES),
)
ACCEPTED = (
    "`look_at` takes an image file, a folder of them, a list of image files or a Brain-Score "
    "StimulusSet"
)


def presentations(stimuli: Any) -> tuple[list[str], Coordinates]:
    """Image files in the order in which they are shown, and the presentation coordinates.

    Those are all columns of a stimulus set, or just the paths. A path is one image, or a folder
    whose images are shown in the order of their names. Raises `WiringError` for anything else, for
    stimuli without a file, and for columns that a recording names itself or cannot hold.
    """
    if isinstance(stimuli, StimulusSet):
        return _of_stimulus_set(stimuli)
    if isinstance(stimuli, (str, Path)):
        stimuli = _images_in(Path(stimuli)) if Path(stimuli).is_dir() else [stimuli]
    elif isinstance(stimuli, (np.ndarray, pd.Series)) and stimuli.dtype.kind in "OUT":
        stimuli = stimuli.tolist()
    for one in stimuli if isinstance(stimuli, Sequence) else [stimuli]:
        if not isinstance(one, (str, Path)):
            raise _not_accepted(one)
    paths = [str(path) for path in stimuli]
    return paths, {
        "stimulus_path": ("presentation", np.array(paths)),
        "stimulus_id": ("presentation", np.array(paths)),
    }


def _not_accepted(given: Any) -> WiringError:
    save = "; `image.save('image.png')` makes a file" if isinstance(given, Image.Image) else ""
    if isinstance(given, np.ndarray):
        save = "; `PIL.Image.fromarray(array).save('image.png')` makes a file of an array"
    return WiringError(f"A {type(given).__name__} was given: {ACCEPTED}{save}.")


def _images_in(folder: Path) -> list[Path]:
    endings = Image.registered_extensions()
    files = sorted(path for path in folder.iterdir() if path.is_file())
    images = [path for path in files if endings.get(path.suffix.lower()) in Image.OPEN]
    if not images:
        raise WiringError(f"There is no image in the folder '{folder}': {ACCEPTED}.")
    if len(images) < len(files):
        warnings.warn(
            f"{len(files) - len(images)} files in '{folder}' are no images and left out.",
            stacklevel=5,
        )
    return images


def _of_stimulus_set(stimuli: StimulusSet) -> tuple[list[str], Coordinates]:
    twice = stimuli.columns[stimuli.columns.duplicated()]
    if len(twice):
        raise WiringError(
            f"The stimulus set has several columns '{twice[0]}': give each a name of its own."
        )
    columns = {name: stimuli[name].values for name in stimuli.columns}
    for name, values in columns.items():
        odd = next((one for one in values if not isinstance(one, Hashable)), None)
        if odd is not None:
            raise WiringError(
                f"The stimulus set's column '{name}' holds a {type(odd).__name__}, which cannot be "
                f"a coordinate of a recording: leave it out, as in stimuli.drop(columns='{name}')."
            )
    if "stimulus_id" not in columns and "image_id" in columns:  # Brain-Score's name of before
        columns["stimulus_id"] = columns["image_id"]
    if "stimulus_id" not in columns:
        raise WiringError(
            f"The stimulus set has the columns {', '.join(map(str, columns)) or 'none'}: it needs "
            "one that is called stimulus_id."
        )
    taken = [name for name in columns if name in RESERVED]
    if taken:
        raise WiringError(
            f"The stimulus set has a column '{taken[0]}', as a recording calls a coordinate of its "
            f"own: give it another name, as in stimuli.rename(columns={{'{taken[0]}': "
            f"'stimulus_{taken[0]}'}})."
        )
    files = getattr(stimuli, "stimulus_paths", None)
    if files is None:
        files = getattr(stimuli, "image_paths", None)
    if files is None:
        raise WiringError(
            "The stimulus set does not say where its images are: give it `stimulus_paths`, a "
            "dictionary from each stimulus_id to its file."
        )
    missing = [name for name in columns["stimulus_id"] if name not in files]
    if missing:
        raise WiringError(
            f"{len(missing):,} of {len(stimuli):,} stimuli have no file in `stimulus_paths`, "
            f"the first is '{missing[0]}'."
        )
    paths = [str(files[name]) for name in columns["stimulus_id"]]
    coordinates = {name: ("presentation", values) for name, values in columns.items()}
    return paths, coordinates | {"stimulus_path": ("presentation", np.array(paths))}
