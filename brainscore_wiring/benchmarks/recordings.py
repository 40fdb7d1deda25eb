"""Recordings that several benchmarks share: one per model object, as long as the object lives and stays what it was."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from brainscore_vision.model_interface import BrainModel

Recording = TypeVar("Recording")


class Recordings(Generic[Recording]):
    """Keeps what `record` brings for a model, and hands it out again after a look at a few stimuli.

    `record(model)` returns the recording and its responses to the probe's stimuli; `probe(model)` shows those few
    stimuli again. Where a response differs (the weights were changed in place), everything is recorded anew. Nothing
    is kept on disk, and another object never gets this one's responses.
    """

    def __init__(self, record: Callable[[BrainModel], tuple[Recording, np.ndarray]],
                 probe: Callable[[BrainModel], np.ndarray]):
        self._record, self._probe = record, probe
        self._kept: dict[int, tuple[weakref.ref, Recording, np.ndarray]] = {}

    def of(self, model: BrainModel) -> Recording:
        """The model's recording."""
        kept = self._kept.get(id(model))
        if kept is not None and kept[0]() is model:
            before, now = kept[2], self._probe(model)
            if now.shape == before.shape and np.allclose(now, before, rtol=1e-3,
                                                         atol=1e-3 * np.abs(before).max(initial=0)):
                return kept[1]
        recording, probed = self._record(model)
        with contextlib.suppress(TypeError):  # an object that cannot be referred to weakly is recorded every time
            key = id(model)
            self._kept[key] = weakref.ref(model, lambda _: self._kept.pop(key, None)), recording, probed
        return recording
