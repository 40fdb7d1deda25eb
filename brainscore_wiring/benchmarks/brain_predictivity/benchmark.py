"""The paper's average brain predictivity: the mean of V1, V2, V4, IT and behavioural scores (section 2).

The four neural parts are raw / ceiling, as in the paper: the median correlation of held-out predictions over the data's
split-half consistency. brainscore-vision 2.4 itself returns raw ** 2 / ceiling for them, so its values are lower and do
not compare with the paper's. The behavioural part is Brain-Score's own value (raw over the square root of the ceiling,
split by split). The paper scored the private twins of these five public benchmarks.
"""

from __future__ import annotations

from functools import cached_property

import brainscore_vision
import numpy as np
from brainscore_core.benchmarks import score_benchmark
from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import Benchmark, BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.brainscore_data import BRAIN_PREDICTIVITY, PAPER_BENCHMARKS, missing_sentence


class BrainPredictivity(BenchmarkBase):
    """`Geiger2022-brain_predictivity`, on the five public benchmarks; without all of their data it is refused."""

    def __init__(self) -> None:
        super().__init__(identifier=BRAIN_PREDICTIVITY, version=1, parent="neural", bibtex=BIBTEX, ceiling_func=None)
        missing = missing_sentence(BRAIN_PREDICTIVITY)
        if missing:
            raise WiringError(missing)

    @cached_property
    def _benchmarks(self) -> dict[str, Benchmark]:
        return {part: brainscore_vision.load_benchmark(identifier) for identifier, part in PAPER_BENCHMARKS.items()}

    @property
    def ceiling(self) -> Score:
        """1: every part is already divided by its own ceiling."""
        return Score(1.0)

    def __call__(self, candidate: BrainModel) -> Score:
        """The mean of the five parts, clipped to [0, 1]; `attrs`: raw (not clipped), ceiling, parts (name -> value)."""
        parts = {part: predictivity(part, score_benchmark(benchmark, candidate))
                 for part, benchmark in self._benchmarks.items()}
        mean = float(np.mean(list(parts.values())))
        score = Score(min(max(mean, 0.0), 1.0))
        score.attrs[Score.RAW_VALUES_KEY] = Score(mean)
        score.attrs["ceiling"] = self.ceiling
        score.attrs["parts"] = parts
        return score


def predictivity(part: str, score: Score) -> float:
    """One part as the paper counts it, from Brain-Score's score. Raises `WiringError` where it is not a number."""
    neural = part != "behaviour"
    value = float(score.attrs[Score.RAW_VALUES_KEY]) / float(score.attrs["ceiling"]) if neural else float(score)
    if not np.isfinite(value):
        raise WiringError(f"The {part} benchmark gave no number for this model: its brain predictivity has no value.")
    return value


def relative_to(score: Score, standard: Score) -> Score:
    """The same score with `attrs['relative']`, the fraction of the standard model's (cornet_s, the paper's 100 %).

    Both have to be measured by this benchmark; published numbers come from private data and are no substitute.
    """
    relative = Score(score)
    relative.attrs.update(score.attrs, relative=float(score) / float(standard))
    return relative
