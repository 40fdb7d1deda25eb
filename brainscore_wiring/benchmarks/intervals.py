"""How uncertain a score is, by resampling the data, as attributes of Brain-Score's `Score`."""

from __future__ import annotations

import numpy as np
from brainscore_core.metrics import Score

#: The share of resampled scores between the two ends of an interval.
COVERAGE = 0.95


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
