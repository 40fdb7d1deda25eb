"""The benchmarks on all data and on two halves of them; each network is recorded once for all
parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from brainscore_wiring.benchmarks.cowley2023.benchmark import V4OneSession
from brainscore_wiring.benchmarks.intervals import in_numbers
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment
from brainscore_wiring.benchmarks.kriegeskorte2008.benchmark import monkey_it
from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import MacaqueV1Tuning
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import Responses
from brainscore_wiring.benchmarks.mur2013.benchmark import behaviour
from brainscore_wiring.benchmarks.object_dissimilarity import ObjectDissimilarity
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.paper.frontier.columns import ALL
from brainscore_wiring.paper.frontier.four_benchmarks.scores import (
    BEHAVIOUR_RDM,
    MONKEY_IT_RDM,
    V1_PROPERTIES,
    V4_NEURONS,
)
from brainscore_wiring.paper.frontier.halves import halves_of, halves_of_images
from brainscore_wiring.paper.frontier.v1 import V1Parts, central_responses
from brainscore_wiring.scoring.shared_recordings import shared


@dataclass(frozen=True)
class PartScore:
    """A score in [0, 1], the raw value and the ceiling that it is made of."""

    score: float
    raw: float
    ceiling: float

    @classmethod
    def of(cls, score) -> PartScore:
        return cls(*in_numbers(score))


#: Part of the data -> score.
PartScores = dict[str, PartScore]


class FourBenchmarks:
    """Stimuli and data, prepared once for all networks."""

    @cached_property
    def _objects(self) -> dict[str, dict[str, ObjectDissimilarity]]:
        dealt = halves_of_images(experiment.load_dissimilarities())
        return {
            name: {part: whole.among(images) for part, images in dealt.items()}
            for name, whole in ((MONKEY_IT_RDM, monkey_it()), (BEHAVIOUR_RDM, behaviour()))
        }

    @cached_property
    def _v1(self) -> V1Parts:
        return V1Parts({name: one.histogram for name, one in MacaqueV1Tuning(2).parts.items()})

    @cached_property
    def _v4(self) -> tuple[V4OneSession, dict[str, tuple[np.ndarray, V4OneSession]]]:
        whole = V4OneSession()
        images = len(whole._session.images)
        return whole, {
            part: (chosen, whole.among(chosen)) for part, chosen in halves_of(images).items()
        }

    def cheap(self, model: WiringModel) -> dict[str, PartScores]:
        """All benchmarks but V4. Raises `WiringError` where responses cannot be compared."""
        with shared(model, [parts[ALL] for parts in self._objects.values()]):
            recorded = {name: parts[ALL].recorded(model) for name, parts in self._objects.items()}
        return {V1_PROPERTIES: self.v1_parts(central_responses(model))} | {
            name: {
                part: PartScore.of(benchmark.score(recorded[name], model))
                for part, benchmark in parts.items()
            }
            for name, parts in self._objects.items()
        }

    def v1_parts(self, responses: Responses) -> PartScores:
        """The mean of the 15 properties of some units against some neurons.

        Raises `Undefined` where no unit of a part responds.
        """
        found = {}
        for part, scores in self._v1.scores(responses).items():
            parts = [PartScore.of(one) for one in scores]
            found[part] = PartScore(
                *(
                    float(np.mean([getattr(one, name) for one in parts]))
                    for name in ("score", "raw", "ceiling")
                )
            )
        return found

    def v4(self, model: WiringModel) -> dict[str, PartScores]:
        """V4, recorded once. Raises `WiringError` where responses predict nothing."""
        whole, parts = self._v4
        responses = whole.recorded(model)
        return {
            V4_NEURONS: {
                part: PartScore.of(benchmark.score(responses[images], model.identifier))
                for part, (images, benchmark) in parts.items()
            }
        }
