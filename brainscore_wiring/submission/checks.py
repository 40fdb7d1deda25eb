"""What Brain-Score asks of every model, without a network connection. This module travels with
submissions.

Each check raises `AssertionError` in words; `test.py` of a submission calls them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from brainscore_core.supported_data_standards.brainio.assemblies import walk_coords
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.errors import WiringError
from brainscore_wiring.submission.pictures import draw_pictures

RECORDED_REGIONS = ("V1", "V2", "V4", "IT")
#: Milliseconds after the image appears, as in the benchmarks of V4 and IT.
_TIME_BINS = [(70, 170)]
#: How far responses may be from those at export, on another machine or with another torch, relative
#: to their spread.
TOLERANCE = 1e-3


def stimuli(folder: Path) -> StimulusSet:
    """Three pictures, written into a folder, with the columns that benchmarks add."""
    paths = draw_pictures(folder)
    names = [path.stem for path in paths]
    shown = StimulusSet(
        {
            "stimulus_id": names,
            "object_name": ["pattern"] * len(names),
            "image_label": ["stripes", "spots", "stripes"],
            "filename": [path.name for path in paths],
        }
    )
    shown.stimulus_paths = dict(zip(names, paths))
    shown.identifier = "wiring_submission_pictures"
    return shown


def identity(model: BrainModel, identifier: str) -> None:
    assert model.identifier == identifier, f"the model calls itself {model.identifier!r}"
    assert 0 < model.visual_degrees() < 9000, (
        f"an image cannot span {model.visual_degrees()} degrees"
    )


def recording(model: BrainModel, region: str, shown: StimulusSet) -> Any:
    """Record a region: a row for each image, unique neuroids, every column kept."""
    model.start_recording(region, _TIME_BINS)
    responses = model.look_at(shown, number_of_trials=1)
    assert set(responses.dims) - {"time_bin"} == {"presentation", "neuroid"}, (
        f"{region} has dims {responses.dims}"
    )
    kept = {name: list(values) for name, _, values in walk_coords(responses["presentation"])}
    for column in shown.columns:
        assert kept.get(column) == list(shown[column].values), (
            f"{region} does not keep the stimuli's {column}"
        )
    neuroids = responses["neuroid_id"].values
    assert len(neuroids) and len(set(neuroids)) == len(neuroids), (
        f"neuroid ids of {region} are not unique"
    )
    assert np.isfinite(responses.values).all(), f"{region} has responses that are not finite"
    return responses


def probabilities(model: BrainModel, shown: StimulusSet) -> None:
    """Probabilities of the labels, read out by a regression fitted to the stimuli."""
    model.start_task(BrainModel.Task.probabilities, fitting_stimuli=shown)
    chosen = model.look_at(shown, number_of_trials=1)
    assert set(chosen.dims) == {"presentation", "choice"}, f"probabilities have dims {chosen.dims}"
    assert set(chosen["choice"].values) == set(shown["image_label"].values), (
        "choices are not the labels"
    )
    assert ((chosen.values >= 0) & (chosen.values <= 1)).all(), "probabilities leave [0, 1]"
    assert np.allclose(chosen.sum("choice").values, 1), "probabilities do not add up to 1"


def labels(model: BrainModel, shown: StimulusSet) -> None:
    """One of ImageNet's classes for each image, as benchmarks of labels ask for."""
    model.start_task(BrainModel.Task.label, "imagenet")
    chosen = model.look_at(shown, number_of_trials=1)
    assert chosen.sizes["presentation"] == len(shown), "not every image has a label"
    assert all(str(synset).startswith("n") for synset in chosen["synset"].values), (
        "labels are not ImageNet's synsets"
    )


def no_labels(model: BrainModel, shown: StimulusSet) -> None:
    """A decoder of other classes than ImageNet's refuses to name images by them."""
    try:
        model.start_task(BrainModel.Task.label, "imagenet")
    except WiringError:
        return
    raise AssertionError("its decoder has other classes, and yet it names images by ImageNet's")


def recording_summary(responses: Any) -> dict[str, Any]:
    """The number of neurons of a recording, their mean and spread for each image."""
    values = responses.transpose("presentation", ...).values.reshape(
        responses.sizes["presentation"], -1
    )
    return {
        "neurons": values.shape[1],
        "mean": values.mean(1, dtype=float).tolist(),
        "spread": values.std(1, dtype=float).tolist(),
    }


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare the summaries of two recordings."""
    assert found["neurons"] == expected["neurons"], (
        f"there are {found['neurons']} neurons, not {expected['neurons']}"
    )
    for what in ("mean", "spread"):
        off = float(np.max(np.abs(np.subtract(found[what], expected[what]))))
        assert off <= TOLERANCE * max(expected["spread"]), (
            f"the {what} response is off by {off:.3g}"
        )
