"""MacaqueV1Tuning: is a model's V1 tuned to gratings as macaque V1 is?

Seven properties of single neurons, as histograms in four classical papers, and eight more from the
neurons of a fifth (Ringach et al. 2002), against the same properties of the model's V1 units.
`MacaqueV1Tuning` is the mean of the seven, `MacaqueV1Tuning.v2` that of all fifteen. The experiment
is Marques, Schrimpf & DiCarlo's (2021), with fewer gratings, at one place on the screen, so that it
takes less than a minute on two processor cores; its scores are its own and not those of
`Marques2020_*`.
"""

from __future__ import annotations

import numpy as np
from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.benchmarks.intervals import ceiled, error_of_mean, in_numbers, interval
from brainscore_wiring.benchmarks.macaque_v1_tuning import ringach
from brainscore_wiring.benchmarks.macaque_v1_tuning.recording import recorded_responses
from brainscore_wiring.benchmarks.macaque_v1_tuning.references import BIBTEX_BY_DOI, METHOD_BIBTEX
from brainscore_wiring.benchmarks.macaque_v1_tuning.rows import PROPERTY_NAMES
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import (
    RESAMPLES,
    Histogram,
    ceiling_of,
    histograms,
    resampled_similarities,
)
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import firing_rates, properties

#: Rises whenever scores of single properties change.
VERSION = 1
#: Version of the mean -> its identifier and the properties that it is the mean of.
_MEANS = {
    1: ("MacaqueV1Tuning", lambda: tuple(histograms())),
    2: ("MacaqueV1Tuning.v2", lambda: (*histograms(), *ringach.BINS)),
}
#: What is resampled for intervals: as many units as the experiment had neurons.
_RESAMPLED = "units"
PARENT = "V1"
#: The share of empty samples above which a property counts as not there at all.
EMPTY_SAMPLES = 0.1


class MacaqueV1Property(BenchmarkBase):
    """One property: `Score` in [0, 1], the similarity of the distributions relative to its ceiling.

    Attributes of the score: `raw` (the similarity), `ceiling`, `error` (standard deviation over
    resamples of the model's units, in units of the score), `interval` (95 %, over the same
    resamples), `neurons` (model units that have the property) and, where the score is 0 for want of
    units, `note`.
    """

    def __init__(self, name: str):
        self.histogram = histogram(name)
        super().__init__(
            f"MacaqueV1Tuning-{name}",
            ceiling_func=None,
            version=VERSION,
            parent=PARENT,
            bibtex=BIBTEX_BY_DOI[self.histogram.doi] + METHOD_BIBTEX,
        )

    def __call__(self, candidate: BrainModel) -> Score:
        rates = firing_rates(recorded_responses(candidate))
        return self.score(None if rates is None else properties(rates)[self.histogram.name])

    def score(self, values: np.ndarray | None) -> Score:
        """Score values (units,), NaN where a unit has none; None for a silent model."""
        return self.scored(values, self.similarities(values))

    def scored(self, values: np.ndarray | None, similarities: np.ndarray | None) -> Score:
        """The score of these values, whose `similarities` are known."""
        ceiling, counts = self.ceiling, self._counts(values)
        reason, mean, error = None, 0.0, 0.0
        if similarities is not None:
            found = similarities[~np.isnan(similarities)]
            mean, error = float(found.mean()), float(found.std())
        elif values is None:
            reason = "no V1 unit responds to any grating"
        else:
            words = PROPERTY_NAMES[self.histogram.name]
            reason = (
                f"too few V1 units have {'an' if words[0] in 'aeiou' else 'a'} {words} "
                f"({counts[:-1].sum()} of {counts.sum()} that respond)"
            )
        score = _score(
            mean / float(ceiling),
            error / float(ceiling),
            _raw(mean, error),
            ceiling,
            self.relative(similarities),
        )
        score.attrs["neurons"] = int(counts[:-1].sum())
        if reason:
            score.attrs["note"] = reason
        return score

    def similarities(self, values: np.ndarray | None) -> np.ndarray | None:
        """Those of resampled units (1000,), NaN where none has a value; None with too few units."""
        found = resampled_similarities(self._counts(values), self.histogram)
        return None if np.isnan(found).mean() > EMPTY_SAMPLES else found

    def relative(self, similarities: np.ndarray | None) -> np.ndarray:
        """Unclipped scores (1000,) of resampled units; 0 with too few units."""
        return np.zeros(RESAMPLES) if similarities is None else similarities / float(self.ceiling)

    def _counts(self, values: np.ndarray | None) -> np.ndarray:
        return self.histogram.count(np.empty(0) if values is None else values)

    @property
    def ceiling(self) -> Score:
        """The data against themselves, by resampling (seeded); never cached."""
        return _raw(*ceiling_of(self.histogram))


class MacaqueV1Tuning(BenchmarkBase):
    """The mean of the properties' scores: of seven (version 1), or of fifteen (version 2).

    Attributes of the score: `raw` and `ceiling` (means over properties), `error` (standard
    deviation over resamples), `interval` (95 %, over resamples), `parts` ({property: {'score',
    'raw', 'ceiling', 'error'}}), `neurons` (model units recorded from) and, for a silent model,
    `note`.
    """

    def __init__(self, version: int = 1):
        identifier, names = _MEANS[version]
        self.parts = {name: MacaqueV1Property(name) for name in names()}
        papers = dict.fromkeys(part.histogram.doi for part in self.parts.values())
        bibtex = "".join(BIBTEX_BY_DOI[doi] for doi in papers) + METHOD_BIBTEX
        super().__init__(
            identifier, ceiling_func=None, version=version, parent=PARENT, bibtex=bibtex
        )

    def __call__(self, candidate: BrainModel) -> Score:
        responses = recorded_responses(candidate)
        rates = firing_rates(responses)
        values = {} if rates is None else properties(rates)
        score = self.score({name: values.get(name) for name in self.parts})
        score.attrs["neurons"] = len(responses.blank)
        return score

    def score(self, values: dict[str, np.ndarray | None]) -> Score:
        """Score a population's values of all properties, each (units,)."""
        found = {name: part.similarities(values[name]) for name, part in self.parts.items()}
        # NaN where a property has no unit: such a resample is left out, as in the property's score
        relative = np.mean(
            [part.relative(found[name]) for name, part in self.parts.items()], axis=0
        )
        scores = {name: part.scored(values[name], found[name]) for name, part in self.parts.items()}
        columns = ("score", "raw", "ceiling", "error")
        parts = {
            name: dict(zip(columns, (*in_numbers(score), score.attrs["error"])))
            for name, score in scores.items()
        }
        # the properties are resampled independently of each other
        error = error_of_mean([part["error"] for part in parts.values()])
        raw_error = error_of_mean([score.attrs["raw"].attrs["error"] for score in scores.values()])
        raw = _raw(float(np.mean([part["raw"] for part in parts.values()])), raw_error)
        total = _score(
            float(np.mean([part["score"] for part in parts.values()])),
            error,
            raw,
            self.ceiling,
            relative,
        )
        total.attrs["parts"] = parts
        reasons = list(
            dict.fromkeys(score.attrs["note"] for score in scores.values() if "note" in score.attrs)
        )
        if reasons:
            total.attrs["note"] = f"{'; '.join(reasons)}: each counts as 0"
        return total

    @property
    def ceiling(self) -> Score:
        """The data against themselves, by resampling (seeded); never cached."""
        means, errors = zip(*(ceiling_of(part.histogram) for part in self.parts.values()))
        return _raw(float(np.mean(means)), error_of_mean(errors))


def histogram(name: str) -> Histogram:
    """The data of a property; those of Ringach et al. 2002 are fetched where they are not here."""
    return ringach.ringach_histograms()[name] if name in ringach.BINS else histograms()[name]


def _raw(mean: float, error: float) -> Score:
    score = Score(mean)
    score.attrs["error"] = error
    return score


def _score(value: float, error: float, raw: Score, ceiling: Score, relative: np.ndarray) -> Score:
    """A ceiled score, clipped to [0, 1]; `relative` are those of resamples (1000,)."""
    score = ceiled(value, raw, ceiling)
    found = interval(relative)
    score.attrs.update(error=error, resamples=RESAMPLES, interval=found, resampled=_RESAMPLED)
    return score
