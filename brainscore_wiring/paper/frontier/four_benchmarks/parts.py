"""The benchmarks on all data and on two halves of them; each network is recorded once for all
parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import Tensor

from brainscore_wiring.benchmarks.cowley2023.benchmark import V4OneSession
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment
from brainscore_wiring.benchmarks.kriegeskorte2008.benchmark import monkey_it
from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings
from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import MacaqueV1Tuning
from brainscore_wiring.benchmarks.macaque_v1_tuning.recording import recorded_responses
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import (
    Responses,
    firing_rates,
    properties,
)
from brainscore_wiring.benchmarks.mur2013.benchmark import behaviour
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.networks.cornet_s import CORnetS
from brainscore_wiring.paper.frontier.columns import ALL, DATA_PARTS, HALF_A, HALF_B
from brainscore_wiring.paper.frontier.four_benchmarks.scores import (
    BEHAVIOUR_RDM,
    MONKEY_IT_RDM,
    V1_PROPERTIES,
    V4_NEURONS,
)
from brainscore_wiring.paper.frontier.halves import (
    halves_of_channels,
    halves_of_images,
    halves_of_neurons,
)
from brainscore_wiring.paper.frontier.measure import (
    HalfProperty,
    Undefined,
    central_responses,
    windows,
)
from brainscore_wiring.scoring.shared_recordings import shared

_SEED = 2022
#: Units of one channel: those in the middle of its map, 2 x 2 where its sides are even.
_UNITS = 4


@dataclass(frozen=True)
class PartScore:
    """A score in [0, 1], the raw value and the ceiling that it is made of."""

    score: float
    raw: float
    ceiling: float

    @classmethod
    def of(cls, score) -> PartScore:
        return cls(float(score), float(score.attrs["raw"]), float(score.attrs["ceiling"]))


#: Part of the data -> score.
PartScores = dict[str, PartScore]


class FourBenchmarks:
    """Stimuli and data, prepared once for all networks."""

    @cached_property
    def _objects(self) -> dict[str, dict]:
        dealt = halves_of_images(experiment.load_dissimilarities())
        return {
            name: {part: whole.among(images) for part, images in dealt.items()}
            for name, whole in ((MONKEY_IT_RDM, monkey_it()), (BEHAVIOUR_RDM, behaviour()))
        }

    @cached_property
    def _v1(self) -> dict[str, dict[str, HalfProperty]]:
        whole = MacaqueV1Tuning(2).parts
        dealt = {name: halves_of_neurons(one.histogram) for name, one in whole.items()}
        return {
            part: {name: HalfProperty(dealt[name][part]) for name in whole} for part in DATA_PARTS
        }

    @cached_property
    def _gratings(self) -> Tensor:
        return windows(gratings.STIMULI)

    @cached_property
    def _v4(self) -> tuple[V4OneSession, dict[str, tuple[np.ndarray, V4OneSession]]]:
        whole = V4OneSession()
        images = len(whole._session.images)
        return whole, {
            part: (chosen, whole.among(chosen)) for part, chosen in halves_of_v4(images).items()
        }

    def cheap(self, model: WiringModel) -> dict[str, PartScores]:
        """All benchmarks but V4. Raises `WiringError` where responses cannot be compared."""
        with shared(model, [parts[ALL] for parts in self._objects.values()]):
            found = {
                name: {part: PartScore.of(benchmark(model)) for part, benchmark in parts.items()}
                for name, parts in self._objects.items()
            }
        return {V1_PROPERTIES: self.v1_parts(self._v1_responses(model))} | found

    def _v1_responses(self, model: WiringModel) -> Responses:
        """As the benchmark records them; of CORnet-S, whose V1 reads the middle of a grating
        alone, the same responses in a second."""
        if isinstance(model.network, CORnetS):
            return Responses.of(central_responses(model.network, self._gratings))
        return recorded_responses(model)

    def v1_parts(self, responses: Responses) -> PartScores:
        """The mean of the 15 properties of some units against some neurons.

        Raises `Undefined` where no unit of a part responds.
        """
        channel = np.arange(len(responses.blank)) // _UNITS
        found = {}
        for part, channels in halves_of_channels(channel[-1] + 1).items():
            units = np.isin(channel, channels)
            rates = firing_rates(
                Responses(responses.blank[units], responses.tuning[units], responses.size[units])
            )
            if rates is None:
                raise Undefined(f"no V1 unit in {part} responds to a grating: V1 is not defined")
            values = properties(rates)
            scores = [
                PartScore.of(one.score(values.get(name))) for name, one in self._v1[part].items()
            ]
            found[part] = PartScore(
                *(
                    float(np.mean([getattr(one, name) for one in scores]))
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


def halves_of_v4(images: int) -> dict[str, np.ndarray]:
    """Part -> ascending numbers of its images."""
    dealt = np.random.default_rng(_SEED).permutation(images)
    return {ALL: np.arange(images), HALF_A: np.sort(dealt[0::2]), HALF_B: np.sort(dealt[1::2])}
