"""The scores of a CORnet-S at birth on all the data and on two halves of them.

IT is recorded and compared as its benchmarks do, V1 as `v1` describes.
"""

from __future__ import annotations

import numpy as np

from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.dissimilarity import (
    dissimilarities,
    noise_ceiling,
    pairs_among,
    spearman,
)
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment as kriegeskorte
from brainscore_wiring.benchmarks.kriegeskorte2008.benchmark import HUMAN_WINDOW, MONKEY_WINDOW
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import histograms
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import Responses
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.paper.frontier.columns import (
    HUMAN_IT,
    HUMAN_IT_STANDARDISED,
    MONKEY_IT,
    MONKEY_IT_STANDARDISED,
    V1,
)
from brainscore_wiring.paper.frontier.halves import halves_of_images
from brainscore_wiring.paper.frontier.v1 import Undefined, V1Parts, central_responses


class BirthBenchmarks:
    """Stimuli and reference data, prepared once for all networks.

    Raises `WiringError` where the images and dissimilarities of Kriegeskorte et al. 2008 are not to
    be had.
    """

    def __init__(self) -> None:
        self.experiment = kriegeskorte.load_dissimilarities()
        self.image_parts = halves_of_images(self.experiment)
        self._v1 = V1Parts(histograms())

    def scores(self, model: WiringModel) -> dict[str, float]:
        """Every column of `MEASURED` for a CORnet-S."""
        responses = {
            window: objects92.responses(model, "IT", window)
            for window in (MONKEY_WINDOW, HUMAN_WINDOW)
        }
        return self.v1_scores(central_responses(model)) | self.it_scores(responses)

    def v1_scores(self, responses: Responses) -> dict[str, float]:
        """`MacaqueV1Tuning` of responses, ordered by channel, in each part.

        Raises `Undefined` for a silent V1.
        """
        columns: dict[str, float] = {}
        for part, scores in self._v1.scores(responses).items():
            unclipped = [
                float(score.attrs["raw"]) / float(score.attrs["ceiling"]) for score in scores
            ]
            columns |= _columns(
                V1,
                part,
                float(np.mean([float(score) for score in scores])),
                float(np.mean(unclipped)),
            )
        return columns

    def it_scores(self, responses: dict[tuple[int, int], np.ndarray]) -> dict[str, float]:
        """`Kriegeskorte2008.IT-rdm` and `.human` of responses (92, units) per time window, in each
        part.

        Each score also with the responses standardised. A half's ceiling comes from the four human
        subjects' dissimilarities of that half. Raises `Undefined` where a correlation is.
        """
        columns: dict[str, float] = {}
        for part, chosen in self.image_parts.items():
            pairs = pairs_among(chosen, objects92.IMAGES)
            ceiling = noise_ceiling(self.experiment.subjects[:, pairs]).group
            for score, control, window, target in (
                (MONKEY_IT, MONKEY_IT_STANDARDISED, MONKEY_WINDOW, self.experiment.monkey),
                (HUMAN_IT, HUMAN_IT_STANDARDISED, HUMAN_WINDOW, self.experiment.human),
            ):
                evoked = responses[window][chosen]
                for name, compared in ((score, evoked), (control, standardised(evoked))):
                    raw = (
                        spearman(dissimilarities(compared), target[pairs])
                        if compared.size
                        else np.nan
                    )
                    if not np.isfinite(raw):
                        raise Undefined(
                            f"its IT answers alike to images of {part}, or not with numbers, so "
                            f"that {name} is not defined"
                        )
                    value = raw / ceiling
                    columns |= _columns(name, part, float(np.clip(value, 0, 1)), float(value))
        return columns


def standardised(responses: np.ndarray) -> np.ndarray:
    """Responses (images, units) with mean 0 and standard deviation 1 over images, without units
    that never change.
    """
    responses = responses.astype(np.float64)
    spread = responses.std(axis=0)
    alive = spread > 0
    return (responses[:, alive] - responses[:, alive].mean(axis=0)) / spread[alive]


def _columns(score: str, part: str, clipped: float, unclipped: float) -> dict[str, float]:
    return {f"{score}_{part}": clipped, f"{score}_{part}_unclipped": unclipped}
