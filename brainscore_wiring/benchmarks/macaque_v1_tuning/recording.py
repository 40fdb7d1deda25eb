"""Records a model's V1 responses to gratings through Brain-Score's model interface."""

from __future__ import annotations

import os

import numpy as np
from brainscore_core.supported_data_standards.brainio.assemblies import walk_coords
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmark_helpers.screen import place_on_screen
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import Responses
from brainscore_wiring.benchmarks.recordings import (
    Recordings,
    check_comparable,
    nothing_stored,
)
from brainscore_wiring.benchmarks.screen import some_of
from brainscore_wiring.errors import WiringError
from brainscore_wiring.progress import counting

REGION = "V1"
#: Milliseconds after stimulus onset.
TIME_BIN = (50, 150)
#: Stimuli of the first look, which tells how many units a model has.
FIRST_LOOK = 64
#: Bytes of responses (float32) that one look may fill.
LOOK_BYTES = 260_000_000
#: Units sampled, with a fixed seed, from a layer without positions.
UNPLACED_UNITS = 512
#: Stimuli shown again before an earlier recording of the same model object is used.
PROBE_STIMULI = np.linspace(0, len(gratings.STIMULI) - 1, 8).astype(int)


def recorded_responses(model: BrainModel) -> Responses:
    """Responses of the model's central V1 units, recorded once per model object.

    An earlier recording is used again if a few gratings show that the object still is the model it
    was. Raises `WiringError` for responses that are no numbers or no recording.
    """
    return _recordings.of(model)


def _record_all(model: BrainModel) -> tuple[Responses, np.ndarray]:
    values = record_gratings(model, _on_screen(model))
    return Responses.of(values), values[:, PROBE_STIMULI]


def responses_to(model: BrainModel, numbers: np.ndarray) -> np.ndarray:
    """Responses (units, stimuli) of the central V1 units to the stimuli with these numbers."""
    with nothing_stored():
        model.start_recording(REGION, time_bins=[TIME_BIN])
        return _look(model, _on_screen(model), numbers)[0]


_recordings = Recordings(_record_all, lambda model: responses_to(model, PROBE_STIMULI))


def record_gratings(model: BrainModel, stimuli: StimulusSet) -> np.ndarray:
    """Responses (units, stimuli) of the central V1 units, recorded in pieces."""
    parts = []
    with (
        nothing_stored(),
        counting("V1 gratings", len(stimuli)) as advance,
    ):
        model.start_recording(REGION, time_bins=[TIME_BIN])
        start, size = 0, FIRST_LOOK
        while start < len(stimuli):
            numbers = np.arange(start, min(start + size, len(stimuli)))
            values, neuroids = _look(model, stimuli, numbers)
            parts.append(values)
            if not neuroids:
                raise WiringError(f"{model.identifier} has no V1 unit to record from.")
            if len(parts[-1]) != len(parts[0]):
                raise WiringError(
                    f"{model.identifier} answered with {len(parts[0])} and then with "
                    f"{len(parts[-1])} central V1 units: a recording needs the same units for "
                    "every stimulus."
                )
            start += len(numbers)
            size = max(FIRST_LOOK, LOOK_BYTES // (4 * neuroids) // FIRST_LOOK * FIRST_LOOK)
            advance(len(numbers))
    responses = np.concatenate(parts, axis=1)
    check_comparable(responses.T, model, REGION)
    return responses


def central_units(neuroids: dict[str, np.ndarray], count: int) -> np.ndarray:
    """Indices of the units whose receptive fields are at the centre of the gratings.

    With positions in the feature map (`channel_x`, `channel_y`) those in the middle, 2 x 2 where
    the sides are even, of each layer. Without positions all units, or a seeded draw of 512 from
    more.
    """
    layers = neuroids.get("layer", np.zeros(count))
    chosen = [
        _central_of_layer(neuroids, np.flatnonzero(layers == layer))
        for layer in dict.fromkeys(layers.tolist())
    ]
    return np.concatenate(chosen) if chosen else np.arange(0)


def _central_of_layer(neuroids: dict[str, np.ndarray], units: np.ndarray) -> np.ndarray:
    places = [neuroids[name][units] for name in ("channel_x", "channel_y") if name in neuroids]
    sides = [np.unique(place) for place in places]
    # layers without a feature map carry constant or empty coordinates
    if len(sides) == 2 and all(
        len(side) > 1 and np.isfinite(side.astype(float)).all() for side in sides
    ):
        inside = [
            np.isin(place, side[(len(side) - 1) // 2 : len(side) // 2 + 1])
            for place, side in zip(places, sides)
        ]
        return units[inside[0] & inside[1]]
    if len(units) <= UNPLACED_UNITS:
        return units
    return np.sort(np.random.default_rng(0).choice(units, UNPLACED_UNITS, replace=False))


def _look(model: BrainModel, stimuli: StimulusSet, numbers: np.ndarray) -> tuple[np.ndarray, int]:
    """Central units' responses (units, stimuli) to the stimuli with these numbers, and how many
    neuroids there are.
    """
    shown = some_of(stimuli, numbers)
    # a name of its own for every look, for models that remember responses by the stimulus set's
    # name
    shown.identifier = (
        f"{stimuli.identifier}--{'_'.join(map(str, numbers[[0, -1]]))}of{len(numbers)}"
    )
    assembly = model.look_at(shown, number_of_trials=1)
    if not {"presentation", "neuroid"} <= set(getattr(assembly, "dims", ())):
        raise WiringError(
            f"{model.identifier} answers gratings with choices instead of V1 responses, because "
            "it was given a task before: load it again and score it on this benchmark first."
        )
    axes = [
        "neuroid",
        "presentation",
        *(dim for dim in assembly.dims if dim not in ("neuroid", "presentation")),
    ]
    values = np.transpose(assembly.values, [assembly.dims.index(axis) for axis in axes])
    neuroids = {
        name: column
        for name, dims, column in walk_coords(assembly)
        if dims == ("neuroid",) and name in ("layer", "channel_x", "channel_y")
    }
    central = values[central_units(neuroids, len(values))].astype(np.float32)
    central = central.reshape(*central.shape[:2], -1).mean(axis=-1)  # one time bin
    rows = {
        stimulus_id: row for row, stimulus_id in enumerate(assembly["stimulus_id"].values.tolist())
    }
    if not set(shown["stimulus_id"]) <= set(rows):
        raise WiringError(
            f"{model.identifier} was shown {len(shown)} gratings and answered {len(rows)}: a "
            "recording needs a response to each."
        )
    return central[:, [rows[stimulus_id] for stimulus_id in shown["stimulus_id"]]], len(values)


def _on_screen(model: BrainModel) -> StimulusSet:
    """The gratings as the model's screen shows them."""
    stimuli = gratings.grating_stimuli()
    degrees = model.visual_degrees()
    placed = place_on_screen(stimuli, target_visual_degrees=degrees)
    if not all(os.path.isfile(path) for path in placed.stimulus_paths.values()):
        # Brain-Score remembers that it made these images, but they are gone
        with nothing_stored():
            placed = place_on_screen(stimuli, target_visual_degrees=degrees)
    return placed
