"""The paper's average brain predictivity: the mean of V1, V2, V4, IT and behavioural scores
(section 2).

The four neural parts count as raw / ceiling, as in the paper: the median correlation of held-out
predictions over the data's split-half consistency. brainscore-vision 2.4 itself returns raw ** 2 /
ceiling for them, so its values do not compare with the paper's; both stand in `attrs["parts"]`. The
behavioural part is Brain-Score's own value in both (raw over the square root of the ceiling, split
by split).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial

import brainscore_vision
import numpy as np
from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import Benchmark, BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed
from brainscore_wiring.scoring.brainscore_data import MEANS, missing_sentence

#: The paper's 100 %: CORnet-S with all weights trained on ImageNet, mean of two runs (seed 0 at
#: epoch 43, seed 42 at epoch 29) on the private benchmarks, from the authors' score database
#: (`scores.sqlite`); section 3 rounds it to 0.42.
PUBLISHED = {"V1": 0.221344, "V2": 0.234525, "V4": 0.581334, "IT": 0.533569, "behaviour": 0.536749}


class BrainPredictivity(BenchmarkBase):
    """`Geiger2022-brain_predictivity` (public data) or its private twin; refused where data of a
    part are missing.

    `identifiers`: part (V1, V2, V4, IT, behaviour) -> identifier of its benchmark.
    """

    def __init__(self, identifier: str):
        super().__init__(
            identifier=identifier, version=1, parent="neural", bibtex=BIBTEX, ceiling_func=None
        )
        missing = missing_sentence(identifier)
        if missing:
            raise WiringError(missing)
        self.identifiers = {part: benchmark for benchmark, part in MEANS[identifier].items()}

    @cached_property
    def benchmarks(self) -> dict[str, Benchmark]:
        """Part -> its benchmark, loaded at first use; others may be put in their place."""
        return {
            part: brainscore_vision.load_benchmark(identifier)
            for part, identifier in self.identifiers.items()
        }

    @property
    def ceiling(self) -> Score:
        """1: every part is already divided by its own ceiling."""
        return Score(1.0)

    def __call__(self, candidate: BrainModel) -> Score:
        """Score all parts and combine them, without Brain-Score's forecast of memory, which is for
        its own regression.
        """
        return self.combine(
            {part: benchmark(candidate) for part, benchmark in self.benchmarks.items()}
        )

    def combine(self, parts: Mapping[str, Score]) -> Score:
        """The mean of the five parts as the paper counts them, clipped to [0, 1], from
        Brain-Score's score of each.

        `attrs`: raw (the mean, not clipped), ceiling (1), today (the mean of Brain-Score's own
        values), published (the paper's for standard CORnet-S, on private data), parts (part ->
        today, paper, raw, ceiling, published and, where the part has one, error), error (of the
        mean, where every part has one: theirs taken as independent, from Brain-Score's standard
        errors over splits and, for behaviour, standard deviation over halves). Raises `WiringError`
        where a part is missing or is not a number.
        """
        absent = [part for part in self.identifiers if part not in parts]
        if absent or set(parts) - set(self.identifiers):
            raise WiringError(
                f"{self.identifier} is the mean of {listed(list(self.identifiers))} and has no "
                "value "
                f"from {listed(list(parts)) if parts else 'nothing'}."
            )
        rows = {part: _row(part, parts[part]) for part in self.identifiers}
        mean = _mean(rows, "paper")
        score = Score(min(max(mean, 0.0), 1.0))
        score.attrs[Score.RAW_VALUES_KEY] = Score(mean)
        score.attrs.update(
            ceiling=self.ceiling,
            today=_mean(rows, "today"),
            published=_mean(rows, "published"),
            parts=rows,
        )
        errors = [row["error"] for row in rows.values() if "error" in row]
        if len(errors) == len(rows):
            score.attrs["error"] = float(np.sqrt(np.sum(np.square(errors)))) / len(rows)
        return score


#: The mean over public benchmarks, for anyone, and over the private ones, which the paper reports.
public = partial(BrainPredictivity, "Geiger2022-brain_predictivity")
private = partial(BrainPredictivity, "Geiger2022-brain_predictivity.private")


def _row(part: str, score: Score) -> dict[str, float]:
    """One part in numbers."""
    today, raw, ceiling = (
        float(score),
        float(score.attrs[Score.RAW_VALUES_KEY]),
        float(score.attrs["ceiling"]),
    )
    neural = part != "behaviour"
    if not np.isfinite(today) or (neural and not (np.isfinite(raw) and ceiling > 0)):
        raise WiringError(
            f"The {part} benchmark gave no number for this model: its brain predictivity has no "
            "value."
        )
    row = {
        "today": today,
        "paper": raw / ceiling if neural else today,
        "raw": raw,
        "ceiling": ceiling,
        "published": PUBLISHED[part],
    }
    if (
        "error" in score.attrs
    ):  # Brain-Score gives that of raw for the neural parts, of its own value for behaviour
        row["error"] = float(score.attrs["error"]) / (ceiling if neural else 1)
    return row


def _mean(rows: dict[str, dict[str, float]], column: str) -> float:
    return float(np.mean([row[column] for row in rows.values()]))
