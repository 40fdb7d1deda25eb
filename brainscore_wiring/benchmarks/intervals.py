"""How uncertain a score is, by resampling the data, as attributes of Brain-Score's `Score`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from brainscore_core.metrics import Score

#: The share of resampled scores between the two ends of an interval.
COVERAGE = 0.95


def ceiled(value: float, raw: float | Score, ceiling: Score) -> Score:
    """A score over its ceiling, clipped to [0, 1], with `raw` and `ceiling` in its attributes."""
    score = Score(float(np.clip(value, 0, 1)))
    score.attrs.update(raw=raw if isinstance(raw, Score) else Score(raw), ceiling=ceiling)
    return score


def in_numbers(score: Score) -> tuple[float, float, float]:
    """A score, the raw value and the ceiling that it is made of."""
    return float(score), float(score.attrs["raw"]), float(score.attrs["ceiling"])


def error_of_mean(errors: Sequence[float]) -> float:
    """The error of the mean of some scores whose errors are independent."""
    return float(np.sqrt(np.sum(np.square(errors)))) / len(errors)


def add_uncertainty(score: Score, resampled: np.ndarray, what: str) -> Score:
    """The score with `error`, `interval` and `resampled` among its attributes.

    `resampled`: scores (resamples,) on resampled data, not clipped, NaN where a draw has none.
    `what` was resampled ("images", "images and neurons"). `error` is their standard deviation,
    `interval` their 2.5th and 97.5th percentile clipped to [0, 1] as scores are; both are 0 where
    nothing could be compared.
    """
    found = resampled[np.isfinite(resampled)]
    score.attrs["error"] = float(found.std()) if len(found) else 0.0
    score.attrs.update(interval=interval(found), resampled=what)
    return score


def interval(resampled: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of scores (resamples,) on resampled data, clipped to [0, 1]; (0, 0) where
    there are none."""
    found = resampled[np.isfinite(resampled)]
    low, high = (
        np.percentile(found, [50 * (1 - COVERAGE), 50 * (1 + COVERAGE)]) if len(found) else (0, 0)
    )
    return float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))
