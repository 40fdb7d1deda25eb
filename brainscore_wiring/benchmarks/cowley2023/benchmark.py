"""How well does a model's V4 predict neurons of macaque V4? (Cowley et al. 2023)

Utah arrays in three monkeys; spike counts in 100 ms after natural images. The metric is that of
Geiger et al. 2022 (section 2): partial least squares with 25 components from the model's V4,
10-fold cross-validation, Pearson's r of predicted and measured responses for each neuron, median
over neurons, divided by the ceiling, which is the same median of split-half reliabilities
(Spearman-Brown) over repeats, as in Brain-Score's own V4 benchmark. Brain-Score today returns raw
** 2 / ceiling instead; that stands beside it as `explained_variance`. The paper's scores are
(raw / ceiling) ** 2.

`Cowley2023.V4-pls` is the one session whose single repeats are a small public file (210325: 50
neurons, 640 images). `Cowley2023.V4-pls.sessions` is all five: a session without repeats has no
ceiling, its score is raw, and it never enters the headline, which is the mean over monkeys of those
that have one.
"""

from __future__ import annotations

import copy
import functools
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.benchmarks.cowley2023 import sessions
from brainscore_wiring.benchmarks.cowley2023.predictivity import (
    Predictions,
    consistency,
    cross_validated,
)
from brainscore_wiring.benchmarks.cowley2023.sessions import (
    MONKEYS,
    SCREEN_DEGREES,
    WITH_REPEATS,
    Session,
)
from brainscore_wiring.benchmarks.intervals import add_uncertainty, ceiled
from brainscore_wiring.benchmarks.recordings import (
    check_comparable,
    nothing_stored,
    responses_in_order,
)
from brainscore_wiring.errors import WiringError

_REGION = "V4"
#: 100 ms as in Brain-Score's V4 benchmark; the readme tells the length, not the start. In CORnet-S
#: the first step.
_TIME_BIN = (70, 170)
_RESAMPLED = "images and neurons"

BIBTEX = """@article{cowley2023compact,
  title={Compact deep neural network models of visual cortex},
  author={Cowley, Benjamin R and Stan, Patricia L and Pillow, Jonathan W and Smith, Matthew A},
  journal={bioRxiv},
  year={2023},
  doi={10.1101/2023.11.22.568315},
  url={https://doi.org/10.1101/2023.11.22.568315}
}"""


class _V4Benchmark(BenchmarkBase):
    """What both share: how a session is shown to a model, recorded and predicted."""

    def __init__(self, identifier: str, version: int | str):
        super().__init__(
            identifier=identifier, version=version, parent=_REGION, bibtex=BIBTEX, ceiling_func=None
        )

    @property
    @abstractmethod
    def _sessions(self) -> tuple[Session, ...]: ...

    def looks(self, model: BrainModel) -> list[tuple]:
        """What the benchmark will show a model and record, so that benchmarks with the same images
        share one look."""
        placed = [session.on_screen(model.visual_degrees()) for session in self._sessions]
        return [
            (
                [str(stimuli.get_stimulus(name)) for name in stimuli["stimulus_id"]],
                _REGION,
                [_TIME_BIN],
            )
            for stimuli in placed
        ]


class V4OneSession(_V4Benchmark):
    """`Cowley2023.V4-pls`: `Score` in [0, 1], raw / ceiling on session 210325."""

    def __init__(self):
        super().__init__("Cowley2023.V4-pls", version=1)
        self._session = sessions.load_session(WITH_REPEATS)

    @property
    def _sessions(self) -> tuple[Session, ...]:
        return (self._session,)

    @functools.cached_property
    def ceiling(self) -> Score:
        """Split-half reliability of the session's neurons; recomputed, no cache on disk can be
        stale."""
        return _ceiling(self._session)

    def __call__(self, candidate: BrainModel) -> Score:
        """Show the 640 images at 8 degrees (assumed), record V4 and predict.

        The score's `attrs`: raw, ceiling, error, interval and resampled (see
        `intervals.add_uncertainty`; regressions and ceiling are held fixed), explained_variance
        (raw ** 2 / ceiling), session, images, neurons, time_bin, visual_degrees. Raises
        `WiringError` where the responses predict nothing.
        """
        return self.score(_recorded(candidate, self._session), candidate.identifier)

    def recorded(self, candidate: BrainModel) -> np.ndarray:
        """A model's V4 responses (640, units), which `score` takes."""
        return _recorded(candidate, self._session)

    def among(self, images: np.ndarray) -> V4OneSession:
        """The benchmark on some of the images (their numbers), with a ceiling of their own, to
        `score` their responses."""
        part = copy.copy(self)
        part.__dict__.pop("ceiling", None)
        session = self._session
        assert session.repeats is not None
        part._session = replace(
            session,
            images=tuple(session.images[number] for number in images),
            responses=session.responses[:, images],
            repeats=session.repeats[:, images],
        )
        return part

    def score(self, responses: np.ndarray, identifier: str) -> Score:
        """The score of responses (images, units) of the model of that name."""
        predictions = _predicted(responses, self._session, identifier)
        raw = predictions.score()
        score = ceiled(raw / float(self.ceiling), raw, self.ceiling)
        add_uncertainty(score, predictions.resampled() / float(self.ceiling), _RESAMPLED)
        score.attrs.update(
            explained_variance=raw * abs(raw) / float(self.ceiling),
            session=WITH_REPEATS,
            images=len(self._session.images),
            neurons=len(self._session.responses),
            time_bin=_TIME_BIN,
            visual_degrees=SCREEN_DEGREES,
        )
        return score


class V4AllSessions(_V4Benchmark):
    """`Cowley2023.V4-pls.sessions`: the mean over monkeys of the mean over those of their sessions
    that have a ceiling.

    Which sessions have one hangs on the files on this machine, so that `version` names them: values
    of different versions do not compare.
    """

    def __init__(self):
        self._loaded = {name: sessions.load_session(name) for name in MONKEYS}
        ceiled = [name for name, session in self._loaded.items() if session.repeats is not None]
        super().__init__("Cowley2023.V4-pls.sessions", version=f"1 with {', '.join(ceiled)}")

    @property
    def _sessions(self) -> tuple[Session, ...]:
        return tuple(self._loaded.values())

    @functools.cached_property
    def ceilings(self) -> dict[str, Score]:
        """Session -> its ceiling, for those with single repeats."""
        return {
            name: _ceiling(session)
            for name, session in self._loaded.items()
            if session.repeats is not None
        }

    @property
    def ceiling(self) -> Score:
        """The mean over monkeys of their sessions' ceilings."""
        return Score(
            _over_monkeys({name: float(ceiling) for name, ceiling in self.ceilings.items()})
        )

    def __call__(self, candidate: BrainModel) -> Score:
        """Show all sessions, one after the other.

        The score's `attrs`: raw and ceiling (means over the same monkeys and sessions as the
        score), error, interval and resampled, parts (session -> monkey, raw, interval_raw, ceiling
        and score or None, neurons, images, note), raw_over_monkeys (the mean over all three monkeys
        of raw values, with no ceiling), visual_degrees, time_bin.
        """
        parts, resampled = {}, {}
        for name, session in self._loaded.items():
            predictions = _predicted(_recorded(candidate, session), session, candidate.identifier)
            raw = predictions.score()
            resampled[name] = predictions.resampled()
            ceiling = float(self.ceilings[name]) if name in self.ceilings else None
            low, high = np.nanpercentile(resampled[name], [2.5, 97.5])
            parts[name] = {
                "monkey": session.monkey,
                "raw": raw,
                "interval_raw": (float(low), float(high)),
                "ceiling": ceiling,
                "score": None if ceiling is None else raw / ceiling,
                "neurons": len(session.responses),
                "images": len(session.images),
                "note": "" if ceiling else "no single repeats, so no ceiling: raw",
            }
        with_ceiling = {name: part for name, part in parts.items() if part["ceiling"]}
        value, raw = (
            _over_monkeys({name: part[column] for name, part in with_ceiling.items()})
            for column in ("score", "raw")
        )
        score = ceiled(value, raw, self.ceiling)
        drawn = {name: resampled[name] / part["ceiling"] for name, part in with_ceiling.items()}
        add_uncertainty(score, _over_monkeys(drawn), _RESAMPLED)
        score.attrs.update(
            parts=parts,
            time_bin=_TIME_BIN,
            visual_degrees=SCREEN_DEGREES,
            raw_over_monkeys=_over_monkeys({name: part["raw"] for name, part in parts.items()}),
            note=f"ceilings of {', '.join(with_ceiling)} only; other sessions are raw, apart"
            if len(with_ceiling) < len(parts)
            else "",
        )
        return score


def _over_monkeys(by_session: Mapping[str, Any]) -> Any:
    """The mean over monkeys of the mean over each one's sessions."""
    monkeys: dict[str, list] = {}
    for name, value in by_session.items():
        monkeys.setdefault(MONKEYS[name], []).append(value)
    return np.mean([np.mean(values, axis=0) for values in monkeys.values()], axis=0)


def _ceiling(session: Session) -> Score:
    assert session.repeats is not None
    center, spread = consistency(session.repeats)
    ceiling = Score(center)
    ceiling.attrs["error"] = spread
    return ceiling


def _recorded(model: BrainModel, session: Session) -> np.ndarray:
    """A model's responses (images, units) to a session's images."""
    stimuli = session.on_screen(model.visual_degrees())
    with nothing_stored():
        model.start_recording(_REGION, time_bins=[_TIME_BIN])
        recording = model.look_at(stimuli)
    responses = responses_in_order(recording, list(stimuli["stimulus_id"]))
    check_comparable(responses, model, _REGION)
    return responses


def _predicted(responses: np.ndarray, session: Session, identifier: str) -> Predictions:
    """Predictions of a session's neurons.

    Raises `WiringError` where the model's responses predict nothing.
    """
    predictions = cross_validated(responses, session.responses.T)
    if np.isnan(predictions.score()):
        raise WiringError(
            f"No prediction from the {_REGION} of {identifier} varies over images: there is "
            "nothing to compare."
        )
    return predictions
