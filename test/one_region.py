"""A model that answers stimuli with the rows of a matrix, for tests of benchmarks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_vision.model_interface import BrainModel


class Matrix(BrainModel):
    """Responses (stimuli, units) of every region and of the layer that behaviour is read out from.

    `row` turns a stimulus's name into the number of its row; answers come in an order of their own.
    """

    identifier = "matrix"

    def __init__(self, responses: np.ndarray, row: Callable[[str], int], degrees: float = 8):
        self.responses, self.row, self.degrees = responses, row, degrees
        self.recorded: list = []
        self.looks: list[int] = []

    def visual_degrees(self) -> float:
        return self.degrees

    def start_task(self, task, *args, **kwargs) -> None:
        raise NotImplementedError

    def start_recording(self, recording_target, time_bins) -> None:
        self.recorded.append((recording_target, [tuple(time_bin) for time_bin in time_bins]))

    def layers_of(self, region, time_bins) -> tuple[str, ...]:
        return ("decoder.avgpool",)

    def activations_model(self, stimuli, layers):
        self.recorded.append((layers, None))
        return self.look_at(stimuli)

    def look_at(self, stimuli, number_of_trials=1, require_variance=False):
        self.looks.append(len(stimuli))
        names = np.random.default_rng(0).permutation(stimuli["stimulus_id"].values)
        values = self.responses[[self.row(name) for name in names]]
        return NeuroidAssembly(
            values,
            dims=["presentation", "neuroid"],
            coords={
                "stimulus_id": ("presentation", names),
                "place": ("presentation", np.arange(len(names))),
                "neuroid_id": ("neuroid", np.arange(values.shape[1])),
                "region": ("neuroid", ["x"] * values.shape[1]),
            },
        )
