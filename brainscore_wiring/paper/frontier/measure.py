"""The scores of a CORnet-S at birth on all the data and on two halves of them.

IT is recorded and compared as its benchmarks do. The gratings of `MacaqueV1Tuning` are shown to the
part of V1 that the benchmark reads out alone: the same responses in a second, where the benchmark
itself takes a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from brainscore_core.metrics import Score
from torch import Tensor, nn
from torchvision import transforms

from brainscore_wiring.architectures import architecture
from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.dissimilarity import dissimilarities, noise_ceiling, spearman
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment as kriegeskorte
from brainscore_wiring.benchmarks.kriegeskorte2008.benchmark import HUMAN_WINDOW, MONKEY_WINDOW
from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings
from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import MacaqueV1Property
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import (
    Histogram,
    histograms,
    resampled_similarities,
)
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import (
    Responses,
    firing_rates,
    properties,
)
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.brain.extraction import MEMORY_FORMAT
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.frontier.columns import (
    DATA_PARTS,
    HUMAN_IT,
    HUMAN_IT_STANDARDISED,
    MONKEY_IT,
    MONKEY_IT_STANDARDISED,
    V1,
)
from brainscore_wiring.paper.frontier.halves import (
    halves_of_channels,
    halves_of_images,
    halves_of_neurons,
)

COMMITMENT = architecture("cornet_s").region_map
#: The middle 2 x 2 units of V1 look at pixels 99 to 121. This window holds them with a margin,
#: begins at a multiple of V1's stride of 4, and its own middle 2 x 2 units are the same ones:
#: exactly their responses, at 1/49 of the cost.
WINDOW = slice(96, 128)
CENTRE = slice(3, 5)
GRATINGS_AT_ONCE = 256
#: Values from 0 to 255 become the network's input.
PREPARE = transforms.Compose(
    [
        transforms.ToTensor(),
        transforms.Normalize(COMMITMENT.preprocessing.mean, COMMITMENT.preprocessing.std),
    ]
)


class Undefined(WiringError):
    """A network has no score: its activity is constant, or is no number."""


class HalfProperty(MacaqueV1Property):
    """The benchmark of one tuning property against some of its neurons, with a ceiling of their
    own.
    """

    def __init__(self, histogram: Histogram):
        super().__init__(histogram.name)
        self.histogram = histogram
        self._ceiling = float(np.mean(resampled_similarities(histogram.with_missing(), histogram)))

    def _make_ceiling(self) -> Score:
        return Score(self._ceiling)


class BirthBenchmarks:
    """Stimuli and reference data, prepared once for all networks.

    Raises `WiringError` where the images and dissimilarities of Kriegeskorte et al. 2008 are not to
    be had.
    """

    def __init__(self) -> None:
        self.experiment = kriegeskorte.load_dissimilarities()
        self.image_parts = halves_of_images(self.experiment)
        dealt = {name: halves_of_neurons(histogram) for name, histogram in histograms().items()}
        self._properties = {
            part: {name: HalfProperty(parts[part]) for name, parts in dealt.items()}
            for part in DATA_PARTS
        }

    @cached_property
    def gratings(self) -> Tensor:
        """The middle of all gratings (stimuli, 3, 32, 32), in the benchmark's order."""
        return windows(gratings.STIMULI)

    def scores(self, model: WiringModel) -> dict[str, float]:
        """Every column of `MEASURED` for a CORnet-S."""
        responses = {
            window: objects92.responses(model, "IT", window)
            for window in (MONKEY_WINDOW, HUMAN_WINDOW)
        }
        return self.v1_scores(central_responses(model.network, self.gratings)) | self.it_scores(
            responses
        )

    def v1_scores(self, responses: np.ndarray) -> dict[str, float]:
        """`MacaqueV1Tuning` of responses (units, stimuli), ordered by channel, in each part.

        Raises `Undefined` for a silent V1.
        """
        channels = responses.reshape(-1, 4, responses.shape[-1])
        columns: dict[str, float] = {}
        for part, chosen in halves_of_channels(len(channels)).items():
            rates = firing_rates(Responses.of(channels[chosen].reshape(-1, responses.shape[-1])))
            if rates is None:
                raise Undefined(f"no V1 unit in {part} responds to a grating: {V1} is not defined")
            values = properties(rates)
            scores = [
                benchmark.score(values.get(name))
                for name, benchmark in self._properties[part].items()
            ]
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


def pairs_among(chosen: np.ndarray, count: int) -> np.ndarray:
    """Positions, among the pairs of `count` images, of the pairs within `chosen` (sorted), in the
    same order.
    """
    first, second = np.triu_indices(count, 1)
    return np.flatnonzero(np.isin(first, chosen) & np.isin(second, chosen))


def windows(shown: Sequence[gratings.Grating]) -> Tensor:
    """The middle of gratings (stimuli, 3, 32, 32), normalised: all that V1's middle units see."""
    return torch.stack(
        [PREPARE(np.repeat(grating.pixels()[WINDOW, WINDOW, None], 3, axis=2)) for grating in shown]
    )


@torch.inference_mode()
def central_responses(network: nn.Module, images: Tensor) -> np.ndarray:
    """Responses (units, stimuli) of V1's middle 2 x 2 units to windows of gratings, ordered as in
    `MacaqueV1Tuning`.
    """
    parts = [
        network.get_submodule("V1")(batch.contiguous(memory_format=MEMORY_FORMAT))[
            :, :, CENTRE, CENTRE
        ].flatten(1)
        for batch in images.split(GRATINGS_AT_ONCE)
    ]
    return torch.cat(parts).numpy().T
