"""The average brain predictivity of freely available data:
`Geiger2022-brain_predictivity.offline`.

Fixed on 2026-11-26, before any model was scored on it: the mean with equal weights of

- V1: `MacaqueV1Tuning.v2`, fifteen distributions of tuning to gratings;
- V4: `Cowley2023.V4-pls`, predictions of a monkey's neurons on natural images;
- IT: `Kriegeskorte2008.IT-rdm`, dissimilarities of 92 objects in monkeys;
- behaviour: `Mur2013.behaviour-rdm`, people's similarity judgments of the same objects;

each over its own ceiling and clipped to [0, 1], as the benchmark itself gives it. V2 is missing:
its public recordings lie in Brain-Score's storage alone. Human early visual cortex and IT stand
outside, as does everything else. The parts' metrics are not those of the paper but for V4's, so
that this mean does not compare with the paper's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brainscore_core.metrics import Score

from brainscore_wiring.benchmarks.brain_predictivity.mean import MeanOfParts
from brainscore_wiring.benchmarks.intervals import ceiled, error_of_mean, in_numbers
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.brainscore_data import OFFLINE_BENCHMARKS, OFFLINE_PREDICTIVITY

#: Part of the paper's mean that this one lacks -> why.
ABSENT = {"V2": "its public recordings lie in Brain-Score's storage alone"}


class OfflinePredictivity(MeanOfParts):
    """`Geiger2022-brain_predictivity.offline`: the mean of four parts, each over its ceiling."""

    def __init__(self) -> None:
        super().__init__(
            OFFLINE_PREDICTIVITY,
            {part: benchmark for benchmark, part in OFFLINE_BENCHMARKS.items()},
        )

    def combine(self, parts: Mapping[str, Score]) -> Score:
        """The mean of the parts' scores.

        `attrs`: raw (the mean itself), ceiling (1), parts (part -> benchmark, score, raw, ceiling,
        error, low, high), absent (part -> why it is not there), error and interval (of the mean:
        the parts' errors taken as independent and 1.96 of them on either side), resampled, note.
        Raises `WiringError` where a part is missing or is not a number.
        """
        self.check_parts(parts)
        rows = {part: self._row(part, parts[part]) for part in self.identifiers}
        mean = float(np.mean([row["score"] for row in rows.values()]))
        error = error_of_mean([row["error"] for row in rows.values()])
        score = ceiled(mean, mean, self.ceiling)
        score.attrs.update(
            parts=rows,
            absent=dict(ABSENT),
            error=error,
            interval=(max(mean - 1.96 * error, 0.0), min(mean + 1.96 * error, 1.0)),
            resampled="each part's own",
            note="; ".join(f"{part} is missing ({reason})" for part, reason in ABSENT.items()),
        )
        return score

    def _row(self, part: str, score: Score) -> dict[str, Any]:
        """One part in numbers."""
        value, raw, ceiling = in_numbers(score)
        if not (np.isfinite(value) and "error" in score.attrs):
            raise WiringError(
                f"The {part} benchmark gave no number for this model: {self.identifier} has no "
                "value."
            )
        low, high = score.attrs.get("interval", (None, None))
        return {
            "benchmark": self.identifiers[part],
            "score": value,
            "raw": raw,
            "ceiling": ceiling,
            "error": float(score.attrs["error"]),
            "low": low,
            "high": high,
        }
