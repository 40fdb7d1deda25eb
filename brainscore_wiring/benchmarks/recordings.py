"""Recordings that several benchmarks share: one per model object, as long as the object lives and
stays what it was."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.errors import WiringError

Recording = TypeVar("Recording")


class Recordings(Generic[Recording]):
    """Keeps what `record` returns for a model; it serves again after a probe with a few stimuli.

    `record(model)` returns the recording and its responses to the probe's stimuli; `probe(model)`
    shows those few stimuli again. Where a response differs (the weights were changed in place),
    everything is recorded again. Nothing is kept on disk, and another object never gets this one's
    responses.
    """

    def __init__(
        self,
        record: Callable[[BrainModel], tuple[Recording, np.ndarray]],
        probe: Callable[[BrainModel], np.ndarray],
    ):
        self._record, self._probe = record, probe
        self._kept: dict[int, tuple[weakref.ref, Recording, np.ndarray]] = {}

    def of(self, model: BrainModel) -> Recording:
        """The model's recording."""
        kept = self._kept.get(id(model))
        if kept is not None and kept[0]() is model:
            before, now = kept[2], self._probe(model)
            if now.shape == before.shape and np.allclose(
                now, before, rtol=1e-3, atol=1e-3 * np.abs(before).max(initial=0)
            ):
                return kept[1]
        recording, probed = self._record(model)
        # an object that cannot be referred to weakly is recorded every time
        with contextlib.suppress(TypeError):
            key = id(model)
            self._kept[key] = (
                weakref.ref(model, lambda _: self._kept.pop(key, None)),
                recording,
                probed,
            )
        return recording


@contextlib.contextmanager
def nothing_stored() -> Iterator[None]:
    """Switch off Brain-Score's result cache, whose keys do not know the weights."""
    before = os.environ.get("RESULTCACHING_DISABLE")
    os.environ["RESULTCACHING_DISABLE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["RESULTCACHING_DISABLE"]
        else:
            os.environ["RESULTCACHING_DISABLE"] = before


def responses_in_order(recording: Any, names: Sequence[str], number: int = 0) -> np.ndarray:
    """(images, units) in one time bin, the images in the order of `names`; a recording without time
    serves every bin.

    Raises `WiringError` where the model did not answer every image once.
    """
    if "time_bin" in recording.dims:
        recording = recording.isel(time_bin=min(number, recording.sizes["time_bin"] - 1))
    recording = recording.transpose("presentation", "neuroid")
    rows = {name: row for row, name in enumerate(recording["stimulus_id"].values)}
    if len(recording) != len(names) or set(rows) != set(names):
        raise WiringError(
            f"The model answered {len(set(rows) & set(names))} of the {len(names)} images in "
            f"{len(recording)} responses: `look_at` should give one for each image."
        )
    return np.asarray(recording.values)[[rows[name] for name in names]]


def check_comparable(responses: np.ndarray, model: BrainModel, region: str) -> None:
    """Raise `WiringError` for responses (stimuli, units) that no score can be computed from: some
    are not finite, or all stimuli evoke the same.
    """
    if not np.isfinite(responses).all():
        raise WiringError(
            f"{model.identifier} answers with {region} responses that are no numbers (NaN or "
            "infinite): its weights or batch-norm statistics are damaged."
        )
    if (responses == responses[:1]).all():
        raise WiringError(
            f"All images evoke the same response in the {region} of {model.identifier}: there is "
            "nothing to compare."
        )


def behavioural_readout(model: BrainModel, stimuli: StimulusSet) -> Any:
    """Responses (presentation, neuroid) of the layer that a model commits to for behaviour.

    Brain-Score's interface has no name for it; the models of this package and Brain-Score's own
    commitments name it. Raises `WiringError` for any other model.
    """
    if hasattr(model, "layers_of"):
        return model.activations_model(stimuli, layers=list(model.layers_of(None, None)))
    readouts = getattr(getattr(model, "behavior_model", None), "mapping", {})
    readout = readouts.get(BrainModel.Task.probabilities)
    if readout is None:
        raise WiringError(
            f"{model.identifier} does not tell which layer its behaviour is read out from: commit "
            "to one with the `behavioral_readout_layer` of brainscore_vision's `ModelCommitment`."
        )
    layers = [readout.readout] if isinstance(readout.readout, str) else list(readout.readout)
    return readout.activations_model(stimuli, layers=layers, stimuli_identifier=False)
