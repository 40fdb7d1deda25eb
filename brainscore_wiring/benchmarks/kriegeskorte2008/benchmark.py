"""Does a model's IT find the same objects alike as the IT of monkeys and of humans? (Kriegeskorte et al. 2008)

92 images of isolated objects; the model's dissimilarities, 1 - Pearson correlation over its IT units, against those
of 674 neurons of monkey IT or of 316 voxels of human IT; raw score: Spearman's correlation over the 4,186 pairs.

Ceiling: the human dissimilarities are the mean over four subjects, so raw is divided by the correlation that a model
without error can be expected to reach with such a mean (.771, see `dissimilarity.NoiseCeiling`). The bounds for
single subjects (.379 to .666) are given beside it but do not apply: a mean of four is less noisy than one. The monkey
dissimilarities are published only as one matrix, from which no ceiling can be computed; the human one stands in.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property

import numpy as np
from brainscore_core.metrics import Score
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment as published
from brainscore_wiring.benchmarks.kriegeskorte2008.dissimilarity import (NoiseCeiling, bootstrap_error, dissimilarities,
                                                                         noise_ceiling, spearman)
from brainscore_wiring.benchmarks.kriegeskorte2008.stimuli import VISUAL_DEGREES, on_screen
from brainscore_wiring.benchmarks.recordings import Recordings
from brainscore_wiring.errors import WiringError

#: Spikes were counted from 71 to 211 ms after onset.
MONKEY_WINDOW = (71, 211)
#: fMRI sums the whole sustained response to a stimulus shown for 300 ms: its last part, where recurrence has settled
#: (in CORnet-S the second step of IT).
HUMAN_WINDOW = (200, 300)

#: Images shown again before one recording serves the second benchmark.
PROBE = np.array([0, 30, 60, 91])
BOOTSTRAPS = 200
SEED = 0

BIBTEX = """@article{kriegeskorte2008matching,
  title={Matching categorical object representations in inferior temporal cortex of man and monkey},
  author={Kriegeskorte, Nikolaus and Mur, Marieke and Ruff, Douglas A and Kiani, Roozbeh and Bodurka, Jerzy and
          Esteky, Hossein and Tanaka, Keiji and Bandettini, Peter A},
  journal={Neuron},
  volume={60},
  number={6},
  pages={1126--1141},
  year={2008},
  doi={10.1016/j.neuron.2008.10.043},
  url={https://doi.org/10.1016/j.neuron.2008.10.043}
}"""


def monkey_it() -> ITDissimilarity:
    """The benchmark `Kriegeskorte2008.IT-rdm`."""
    data = published.load()
    return ITDissimilarity("Kriegeskorte2008.IT-rdm", data, data.monkey, MONKEY_WINDOW,
                           ceiling_source="four human subjects, in place of the monkeys, whose data are one matrix")


def human_it() -> ITDissimilarity:
    """The benchmark `Kriegeskorte2008.IT-rdm.human`."""
    data = published.load()
    return ITDissimilarity("Kriegeskorte2008.IT-rdm.human", data, data.human, HUMAN_WINDOW,
                           ceiling_source="the four human subjects whose mean is the target")


class ITDissimilarity(BenchmarkBase):
    """Spearman's correlation of a model's IT dissimilarities with `target` (4186,), over the ceiling, in [0, 1]."""

    def __init__(self, identifier: str, experiment: published.Experiment, target: np.ndarray, window: tuple[int, int],
                 ceiling_source: str):
        super().__init__(identifier=identifier, version=1, parent="IT", bibtex=BIBTEX, ceiling_func=None)
        self._experiment = experiment
        self._target = target
        self._window = window
        self._ceiling_source = ceiling_source

    @cached_property
    def noise_ceiling(self) -> NoiseCeiling:
        """The bounds for single human subjects and the ceiling for their mean."""
        return noise_ceiling(self._experiment.subjects)

    @property
    def ceiling(self) -> Score:
        """The correlation to be expected of a model without error, computed anew: no cache on disk can be stale."""
        ceiling = Score(self.noise_ceiling.group)
        ceiling.attrs["noise_ceiling"] = asdict(self.noise_ceiling) | {"source": self._ceiling_source}
        return ceiling

    def __call__(self, candidate: BrainModel) -> Score:
        """Show the 92 images at 2.9 degrees, record IT and compare.

        The score's `attrs`: raw, ceiling, error (standard deviation over resampled images, in the score's units),
        noise_ceiling (lower and upper for single human subjects, group for their mean, source), mean_over_subjects (the
        model's mean correlation with single subjects, to which lower and upper apply), monkey_human (the two
        species' correlation), images, neuroids, time_bin, visual_degrees, and, where nothing can be compared, a note
        that gives the reason for the 0. Raises `WiringError` where the model does not answer every image once.
        """
        responses = recorded_responses(candidate)[self._window]
        return self._score(dissimilarities(responses), responses)

    def _score(self, model: np.ndarray, responses: np.ndarray) -> Score:
        reason = _incomparable(model, responses)
        raw = error = over_subjects = 0.0
        if not reason:
            raw = spearman(model, self._target)
            error = bootstrap_error(model, self._target, published.IMAGES, BOOTSTRAPS, SEED)
            over_subjects = float(np.mean([spearman(model, subject) for subject in self._experiment.subjects]))
        ceiling = self.ceiling
        score = Score(min(max(raw / float(ceiling), 0.0), 1.0))
        score.attrs[Score.RAW_VALUES_KEY] = Score(raw)
        score.attrs["ceiling"] = ceiling
        score.attrs["error"] = error / float(ceiling)
        score.attrs.update(
            noise_ceiling=ceiling.attrs["noise_ceiling"], mean_over_subjects=over_subjects,
            monkey_human=spearman(self._experiment.monkey, self._experiment.human),
            images=published.IMAGES, neuroids=responses.shape[1], time_bin=self._window, visual_degrees=VISUAL_DEGREES)
        if reason:
            score.attrs["note"] = reason
        return score


def recorded_responses(model: BrainModel) -> dict[tuple[int, int], np.ndarray]:
    """A model's IT responses (images, units) in both windows, recorded once per model object."""
    return _recordings.of(model)


def _record_all(model: BrainModel) -> tuple[dict[tuple[int, int], np.ndarray], np.ndarray]:
    responses = _look(model, np.arange(published.IMAGES))
    return responses, responses[MONKEY_WINDOW][PROBE]


def _look(model: BrainModel, images: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """A model's IT responses (images, units) in both windows to the images with these numbers."""
    stimuli = on_screen(published.load(), model.visual_degrees())
    shown = StimulusSet(stimuli.iloc[images].reset_index(drop=True))
    shown.stimulus_paths = {name: stimuli.stimulus_paths[name] for name in shown["stimulus_id"]}
    shown.identifier = f"{stimuli.identifier}--{len(images)}"
    windows = [MONKEY_WINDOW, HUMAN_WINDOW]
    model.start_recording("IT", time_bins=windows)
    recording = model.look_at(shown)
    return {window: _responses(recording, number, list(shown["stimulus_id"])) for number, window in enumerate(windows)}


_recordings = Recordings(_record_all, lambda model: _look(model, PROBE)[MONKEY_WINDOW])


def _responses(recording, number: int, names: list[str]) -> np.ndarray:
    """(images, units) in one time bin, the images in the order of `names`; a recording without time serves every bin."""
    if "time_bin" in recording.dims:
        recording = recording.isel(time_bin=min(number, recording.sizes["time_bin"] - 1))
    recording = recording.transpose("presentation", "neuroid")
    rows = {name: row for row, name in enumerate(recording["stimulus_id"].values)}
    if len(recording) != len(names) or set(rows) != set(names):
        raise WiringError(f"The model answered {len(set(rows) & set(names))} of the {len(names)} images in "
                          f"{len(recording)} responses: `look_at` should give one for each image.")
    return np.asarray(recording.values)[[rows[name] for name in names]]


def _incomparable(model: np.ndarray, responses: np.ndarray) -> str:
    """Why the model's dissimilarities cannot be ranked; empty where they can."""
    if not np.isfinite(responses).all():
        return "The model's IT responses are not all finite numbers."
    if np.isnan(model).any():
        return "Some images drive all units of the model's IT alike, so that no correlation with them is defined."
    if np.isnan(spearman(model, np.arange(len(model)))):
        return "All images evoke the same response in the model's IT."
    return ""
