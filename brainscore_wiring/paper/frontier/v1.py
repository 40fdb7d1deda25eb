"""V1's responses to gratings from the middle of the screen alone, and their tuning against halves
of the macaque neurons.

`MacaqueV1Tuning` reads out the units in the middle of V1's map, which look at few of a grating's
pixels. Where the middle gives their responses, showing it alone saves the rest: nearly all of a
network's V1, and the coordinates of up to a million units.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import torch
from brainscore_core.metrics import Score
from torch import Tensor

from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings
from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import MacaqueV1Property
from brainscore_wiring.benchmarks.macaque_v1_tuning.recording import (
    PROBE_STIMULI,
    REGION,
    TIME_BIN,
    recorded_responses,
    responses_to,
)
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import (
    Histogram,
    resampled_similarities,
)
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import (
    Responses,
    firing_rates,
    properties,
)
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.brain.extraction import MEMORY_FORMAT, module_and_step
from brainscore_wiring.errors import WiringError
from brainscore_wiring.networks.pixels import normalised
from brainscore_wiring.networks.recording import record
from brainscore_wiring.paper.frontier.columns import DATA_PARTS
from brainscore_wiring.paper.frontier.halves import halves_of, halves_of_neurons

#: Sides in pixels of what is shown, the smallest first. About pixel 112, where strides of up to 16
#: meet: the middle units of the part are those of the whole. CORnet-S needs 32.
SIDES = (32, 64, 96, 128)
_AT_ONCE = 256
#: The share of the largest response that the order of sums may change.
_ROUNDING = 1e-5
#: Units of one channel: those in the middle of its map, 2 x 2 where its sides are even.
_UNITS = 4


class Undefined(WiringError):
    """A network has no score: its activity is constant, or is no number."""


def central_responses(model: WiringModel) -> Responses:
    """The responses that `MacaqueV1Tuning` records of a convolutional network.

    From the smallest of `SIDES` that answers some gratings as the whole screen does; from the whole
    screen where none does.
    """
    probed = responses_to(model, PROBE_STIMULI)
    for side in SIDES if probed.any() else ():  # silence says nothing of a window
        shown = middles(side)
        part = _responses(model, shown[PROBE_STIMULI])
        if part.shape == probed.shape and np.allclose(
            part, probed, rtol=0, atol=_ROUNDING * np.abs(probed).max()
        ):
            return Responses.of(_responses(model, shown))
    return recorded_responses(model)


def middles(side: int) -> np.ndarray:
    """The middle of all gratings (stimuli, side, side), uint8, in the benchmark's order."""
    inside = _inside(side, SIDES[-1])
    return _widest_middles()[:, inside, inside]


@functools.cache
def _widest_middles() -> np.ndarray:
    inside = _inside(SIDES[-1], gratings.PIXELS)
    return np.stack([grating.pixels()[inside, inside] for grating in gratings.STIMULI])


def _inside(side: int, whole: int) -> slice:
    return slice((whole - side) // 2, (whole + side) // 2)


def _responses(model: WiringModel, shown: np.ndarray) -> np.ndarray:
    """Responses (units, stimuli) of the units in the middle of V1's map, ordered as the benchmark
    orders them."""
    [layer] = model.layers_of(REGION, [TIME_BIN])
    module, step = module_and_step(layer, model.network)
    parts = []
    for start in range(0, len(shown), _AT_ONCE):
        images = _prepared(shown[start : start + _AT_ONCE], model.region_map.preprocessing)
        values = record(model.network, images, [module])[module][step]
        rows, columns = (slice((side - 1) // 2, side // 2 + 1) for side in values.shape[2:])
        parts.append(values[:, :, rows, columns].flatten(1))
    return torch.cat(parts).numpy().T


def _prepared(shown: np.ndarray, preprocessing: Preprocessing) -> Tensor:
    """Grey values (stimuli, h, w) from 0 to 255 as a network's input (stimuli, 3, h, w)."""
    grey = torch.from_numpy(shown)[:, None].float().div(255).expand(-1, 3, -1, -1)
    images = normalised(grey, preprocessing.mean, preprocessing.std)
    return images.contiguous(memory_format=MEMORY_FORMAT)


class HalfProperty(MacaqueV1Property):
    """The benchmark of one tuning property against some of its neurons, with a ceiling of their
    own.
    """

    def __init__(self, histogram: Histogram):
        super().__init__(histogram.name)
        self.histogram = histogram
        self._ceiling = float(np.mean(resampled_similarities(histogram.with_missing(), histogram)))

    @property
    def ceiling(self) -> Score:
        return Score(self._ceiling)


class V1Parts:
    """Tuning properties against all macaque neurons and against halves of them."""

    def __init__(self, whole: Mapping[str, Histogram]):
        dealt = {name: halves_of_neurons(one) for name, one in whole.items()}
        self._properties = {
            part: {name: HalfProperty(one[part]) for name, one in dealt.items()}
            for part in DATA_PARTS
        }

    def scores(self, responses: Responses) -> dict[str, list[Score]]:
        """Part -> the scores of all properties of its units against its neurons.

        Raises `Undefined` where no unit of a part responds.
        """
        channel = np.arange(len(responses.blank)) // _UNITS
        found = {}
        for part, channels in halves_of(channel[-1] + 1).items():
            units = np.isin(channel, channels)
            rates = firing_rates(
                Responses(responses.blank[units], responses.tuning[units], responses.size[units])
            )
            if rates is None:
                raise Undefined(f"no V1 unit in {part} responds to a grating: V1 is not defined")
            values = properties(rates)
            found[part] = [
                one.score(values.get(name)) for name, one in self._properties[part].items()
            ]
        return found
