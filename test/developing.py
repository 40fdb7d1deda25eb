"""A training that is asked for and carried out in one call."""

from __future__ import annotations

from brainscore_wiring.training import develop as training
from brainscore_wiring.training.request import Training


def develop(row, birth, data, folder, recipe, workers=0, save_every=180.0, reports=None, **asked):
    """The record of what was trained."""
    wanted = Training.of(row, birth, data, recipe, **asked)
    return training.develop(wanted, folder, workers, save_every, reports)
