"""The paper's average brain predictivity: the mean of V1, V2, V4, IT and behavioural scores
(section 2).

The four neural parts count as (raw / ceiling) ** 2: raw is the median correlation of held-out
predictions, the ceiling the data's split-half consistency. The paper's text says "normalized by the
respective ceiling"; the square is that of Brain-Score at the commit that appendix A names
(github.com/brain-score/vision, 96b0711, `explained_variance`), whose values the authors stored.
brainscore-vision 2.4 itself returns raw ** 2 / ceiling, so its values do not compare with the
paper's; both stand in `attrs["parts"]`. The behavioural part is Brain-Score's own value in both
(raw over the square root of the ceiling, split by split). Images of V1 and V2 are shown with an
aperture, as in Brain-Score today; appendix A of the paper presented them without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from brainscore_core.metrics import Score

from brainscore_wiring.benchmarks.brain_predictivity.mean import MeanOfParts
from brainscore_wiring.benchmarks.intervals import ceiled, error_of_mean, in_numbers
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.brainscore_data import MEANS, PREDICTIVITY_VERSION, missing_sentence

#: The paper's 100 %: CORnet-S with all weights trained on ImageNet, mean of two runs (seed 0 at
#: epoch 43, seed 42 at epoch 29) on the private benchmarks, from the authors' score database
#: (`scores.sqlite`); section 3 rounds it to 0.42.
PUBLISHED = {"V1": 0.221344, "V2": 0.234525, "V4": 0.581334, "IT": 0.533569, "behaviour": 0.536749}


class BrainPredictivity(MeanOfParts):
    """`Geiger2022-brain_predictivity` (public data) or its private twin; refused where data of a
    part are missing.

    `identifiers`: part (V1, V2, V4, IT, behaviour) -> identifier of its benchmark.
    """

    def __init__(self, identifier: str):
        parts = {part: benchmark for benchmark, part in MEANS[identifier].items()}
        super().__init__(identifier, parts, PREDICTIVITY_VERSION)
        missing = missing_sentence(identifier)
        if missing:
            raise WiringError(missing)

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
        self.check_parts(parts)
        rows = {part: _row(part, parts[part]) for part in self.identifiers}
        mean = _mean(rows, "paper")
        score = ceiled(mean, mean, self.ceiling)
        today, published = _mean(rows, "today"), _mean(rows, "published")
        score.attrs.update(today=today, published=published, parts=rows)
        errors = [row["error"] for row in rows.values() if "error" in row]
        if len(errors) == len(rows):
            score.attrs["error"] = error_of_mean(errors)
        return score


#: The mean over public benchmarks, for anyone, and over the private ones, which the paper reports.
public = partial(BrainPredictivity, "Geiger2022-brain_predictivity")
private = partial(BrainPredictivity, "Geiger2022-brain_predictivity.private")


def _row(part: str, score: Score) -> dict[str, float]:
    """One part in numbers."""
    today, raw, ceiling = in_numbers(score)
    neural = part != "behaviour"
    if not np.isfinite(today) or (neural and not (np.isfinite(raw) and ceiling > 0)):
        raise WiringError(
            f"The {part} benchmark gave no number for this model: its brain predictivity has no "
            "value."
        )
    row = {
        "today": today,
        "paper": (raw / ceiling) ** 2 if neural else today,
        "raw": raw,
        "ceiling": ceiling,
        "published": PUBLISHED[part],
    }
    # Brain-Score gives that of raw for the neural parts, of its own value for behaviour
    if "error" in score.attrs:
        slope = 2 * abs(raw) / ceiling**2 if neural else 1
        row["error"] = float(score.attrs["error"]) * slope
    return row


def _mean(rows: dict[str, dict[str, float]], column: str) -> float:
    return float(np.mean([row[column] for row in rows.values()]))
