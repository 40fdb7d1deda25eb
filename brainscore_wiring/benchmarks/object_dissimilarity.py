"""Does a model find the same of 92 objects alike as primates do? What benchmarks on these objects
have in common."""

from __future__ import annotations

import copy
from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.dissimilarity import (
    NoiseCeiling,
    dissimilarities,
    noise_ceiling,
    pairs_among,
    resampled_correlations,
    spearman,
)
from brainscore_wiring.benchmarks.intervals import add_uncertainty, ceiled
from brainscore_wiring.benchmarks.recordings import check_comparable
from brainscore_wiring.errors import WiringError

_RESAMPLES = 200
_SEED = 0


class ObjectDissimilarity(BenchmarkBase):
    """Spearman's correlation of a model's dissimilarities with a target's, over the ceiling.

    The model's are 1 - Pearson correlation over the units of `recorded` ("V1", "IT" or "behaviour")
    in a time bin. `subjects` (n, 4186) give the ceiling: the correlation to be expected of a model
    without error with their mean (`dissimilarity.NoiseCeiling.group`, from halves of them). The
    target is that mean, or another `target` (4186,): one that was published without single
    subjects' data, or made of four, too few for halves.
    """

    def __init__(
        self,
        identifier: str,
        *,
        subjects: np.ndarray,
        recorded: str,
        window: tuple[int, int] | None,
        ceiling_source: str,
        parent: str,
        bibtex: str,
        target: np.ndarray | None = None,
        facts: dict[str, Any] | None = None,
    ):
        super().__init__(
            identifier=identifier, version=1, parent=parent, bibtex=bibtex, ceiling_func=None
        )
        self._subjects, self._recorded, self._window = subjects, recorded, window
        self._target = subjects.mean(axis=0) if target is None else target
        self._drawn_again = subjects if target is None else target
        self._ceiling_source, self._facts = ceiling_source, facts or {}
        self._images = np.arange(objects92.IMAGES)

    def among(self, images: np.ndarray) -> ObjectDissimilarity:
        """The benchmark on some of the images (their numbers, ascending), with a ceiling of their
        own. It takes the responses to all 92, so that one recording serves every part."""
        part = copy.copy(self)
        part.__dict__.pop("noise_ceiling", None)
        pairs = pairs_among(images, len(self._images))
        part._images = self._images[images]
        part._subjects, part._target = self._subjects[:, pairs], self._target[pairs]
        part._drawn_again = self._drawn_again[..., pairs]
        return part

    @cached_property
    def noise_ceiling(self) -> NoiseCeiling:
        """The bounds for single subjects and the ceiling for their mean."""
        return noise_ceiling(self._subjects, halves=self._drawn_again.ndim == 2)

    @property
    def ceiling(self) -> Score:
        """The correlation to be expected of a model without error, recomputed: no cache on disk
        can be stale."""
        ceiling = Score(self.noise_ceiling.group)
        ceiling.attrs["noise_ceiling"] = asdict(self.noise_ceiling) | {
            "source": self._ceiling_source
        }
        return ceiling

    def looks(self, model: BrainModel) -> list[tuple]:
        """What the benchmark will show a model and record, so that benchmarks with the same images
        share one look."""
        return [objects92.look_of(model, self._recorded)]

    def __call__(self, candidate: BrainModel) -> Score:
        """Show the 92 images at 2.9 degrees, record and compare.

        The score's `attrs`: raw, ceiling, error, interval and resampled (see
        `intervals.add_uncertainty`; the ceiling is held fixed), noise_ceiling (lower and upper for
        single subjects, group for their mean, source), mean_over_subjects (the model's mean
        correlation with single subjects, to which lower and upper apply), images, neuroids,
        time_bin, visual_degrees. Raises `WiringError` where the model does not answer every image
        once, or where its dissimilarities cannot be ranked.
        """
        return self.score(self.recorded(candidate), candidate)

    def recorded(self, candidate: BrainModel) -> np.ndarray:
        """A model's responses to all 92 images (92, units), which `score` takes."""
        return objects92.responses(candidate, self._recorded, self._window)

    def score(self, recorded: np.ndarray, candidate: BrainModel) -> Score:
        """The score of a model's responses to all 92 images."""
        responses = recorded[self._images]
        check_comparable(responses, candidate, self._recorded)
        model = dissimilarities(responses)
        self._check_rankable(model)
        raw = spearman(model, self._target)
        resampled = resampled_correlations(
            model, self._drawn_again, len(self._images), _RESAMPLES, _SEED
        )
        over_subjects = float(np.mean([spearman(model, subject) for subject in self._subjects]))
        ceiling = self.ceiling
        score = ceiled(raw / float(ceiling), raw, ceiling)
        what = "images" if self._drawn_again.ndim == 1 else "images and subjects"
        add_uncertainty(score, resampled / float(ceiling), what)
        score.attrs.update(
            noise_ceiling=ceiling.attrs["noise_ceiling"],
            mean_over_subjects=over_subjects,
            images=len(self._images),
            neuroids=responses.shape[1],
            time_bin=self._window,
            visual_degrees=objects92.OBJECT_DEGREES,
            **self._facts,
        )
        return score

    def _check_rankable(self, model: np.ndarray) -> None:
        """Raise `WiringError` where the model's dissimilarities cannot be ranked."""
        if np.isnan(model).any():
            raise WiringError(
                f"Some images drive all units of the model's {self._recorded} alike, so that no "
                "correlation with them is defined."
            )
        if np.isnan(spearman(model, np.arange(len(model)))):
            raise WiringError(
                f"All images evoke the same response in the model's {self._recorded}: there is "
                "nothing to compare."
            )
