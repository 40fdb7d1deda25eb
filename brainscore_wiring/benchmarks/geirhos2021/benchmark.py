"""Does a model err on the same images of edges and silhouettes as people do? (Geirhos et al. 2021)

brainscore_vision's own benchmarks and metric (Cohen's kappa of right and wrong between the model
and each of ten people, over that between people), on images of 3 degrees. Where both archives of
`files` are on this machine, the data come from them, else from Brain-Score's servers as
brainscore_vision fetches them. A model needs a decoder of the 1,000 ImageNet classes.
"""

from __future__ import annotations

import numpy as np
from brainscore_core.metrics import Score
from brainscore_vision.benchmark_helpers import bound_score
from brainscore_vision.benchmark_helpers.screen import place_on_screen
from brainscore_vision.benchmarks.geirhos2021.benchmark import _Geirhos2021ErrorConsistency
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.benchmarks.geirhos2021 import files
from brainscore_wiring.benchmarks.intervals import add_uncertainty
from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import FOLDER_VARIABLE

_RESAMPLES = 1000
_SEED = 0


class ErrorConsistency(_Geirhos2021ErrorConsistency):
    """`Geirhos2021edge-error_consistency` or its twin for silhouettes: the stock score, with an
    interval."""

    def __init__(self, dataset: str):
        super().__init__(dataset)
        if files.here():
            self._assembly = files.load_experiment(dataset)

    def __call__(self, candidate: BrainModel) -> Score:
        """Ask for one of 16 names of each image and compare.

        The score's `attrs`: raw, ceiling, error (the stock one: over people, in units of raw),
        interval and resampled (images and people resampled; the ceiling is held fixed), correct
        (the model's share of right answers). Raises `WiringError` for a model without a 1000-way
        decoder.
        """
        people = self._people()
        candidate.start_task(BrainModel.Task.label, sorted(set(people["truth"].values)))
        stimuli = place_on_screen(
            people.stimulus_set,
            target_visual_degrees=candidate.visual_degrees(),
            source_visual_degrees=self._visual_degrees,
        )
        try:
            labels = candidate.look_at(stimuli, number_of_trials=self._number_of_trials)
        except ValueError as error:
            if "1000" not in str(error):
                raise
            raise WiringError(
                f"{candidate.identifier} has no decoder of the 1,000 ImageNet classes, which "
                "naming these images needs: score a model that has one."
            ) from None
        raw, ceiling = self._metric(labels, people), self.ceiling
        score = raw / ceiling
        bound_score(score)
        right, people_right = _right(labels, people)
        add_uncertainty(
            score, resampled(right, people_right) / float(ceiling), "images and subjects"
        )
        score.attrs.update(
            raw=raw, ceiling=ceiling, error=float(raw.attrs["error"]), correct=float(right.mean())
        )
        return score

    def _people(self):
        """People's choices; raises `WiringError` where they are neither in archives nor to be had
        from Brain-Score."""
        try:
            self._assembly["truth"]
        except WiringError:
            raise
        except Exception as error:  # brainscore_vision's own loading raises many
            raise WiringError(
                f"{self.identifier} finds neither {files.IMAGE_ARCHIVE} and "
                f"{files.RESPONSE_ARCHIVE} in the folder of {FOLDER_VARIABLE} nor Brain-Score's "
                f"own files ({type(error).__name__}): put the two archives there, see "
                "docs/benchmarks.md."
            ) from None
        return self._assembly


def kappa(model: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Cohen's kappa (people,) of right answers, model (images,) and people (people, images), as the
    stock metric's."""
    mine, theirs = model.mean(), people.mean(axis=1)
    expected = mine * theirs + (1 - mine) * (1 - theirs)
    with np.errstate(invalid="ignore"):  # both always right, or always wrong
        return ((model == people).mean(axis=1) - expected) / (1 - expected)


def resampled(model: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Raw scores (1000,) when images and people are resampled with replacement."""
    generator = np.random.default_rng(_SEED)
    count, images = people.shape
    scores = []
    for _ in range(_RESAMPLES):
        shown, who = generator.integers(images, size=images), generator.integers(count, size=count)
        scores.append(abs(np.mean(kappa(model[shown], people[np.ix_(who, shown)]))))
    return np.array(scores)


def _right(labels, people) -> tuple[np.ndarray, np.ndarray]:
    """Which answers are right: the model's (images,) and people's (people, images), images in the
    same order."""
    names = sorted(set(people["stimulus_id"].values))
    model = dict(zip(labels["stimulus_id"].values, labels.values.ravel() == labels["truth"].values))
    subjects = sorted(set(people["subject"].values))
    trials = zip(people["subject"].values, people["stimulus_id"].values)
    right = dict(zip(trials, people.values == people["truth"].values))
    return (
        np.array([model[name] for name in names]),
        np.array([[right[subject, name] for name in names] for subject in subjects]),
    )
