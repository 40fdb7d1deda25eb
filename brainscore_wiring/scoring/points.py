"""What figures and claims are made from: networks at moments of their training, and how like a
brain each one is.

`published_scores` reads such points from the authors' score database, `own_scores` from tables that
`brainscore score --csv` wrote. A score is absolute and over its ceiling (0.42, not 42 %); one that
was not measured is missing, never 0. `Scores.relative` gives percent of the standard model, the
paper's unit. In use:

    scores = published()                                   # or own(["scores.csv"])
    scores.select(model="cornet_s", images=FULL, seed=0)   # one training, in order of its epochs
    scores.select(model="cornet_s_wc_ct", epochs=1)       # over numbers of images
    scores.birth("cornet_s_wc_ct")                         # it before any training, or None
    [scores.relative(point) for point in points]           # percent of the standard, or None
    [scores.relative(point, "V4") for point in points]     # of one region, or of "top1"
    scores.label("V1"), scores.measured_on                 # for an axis, and under the figure

Needs neither torch, Brain-Score nor pandas.
"""

from __future__ import annotations

import contextlib
import re
import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

from brainscore_wiring.accounting import STANDARD_MODEL, account_of_variant
from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.catalogue.paper_runs import FULL, RUNS
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.benchmark_row import REGIONS

#: The paper's five benchmarks by what they compare, in its order; ImageNet's top-1 accuracy stands
#: beside them.
TOP1 = "top1"
AVERAGE = "average"
STANDARD = STANDARD_MODEL

#: What a point can be asked for: a value, or several of which it must have one.
Asked = object | Collection[object]


@dataclass(frozen=True)
class Point:
    """One network at one moment of its training.

    `row`: its line in the catalogue. `model`: the recipe alone, without numbers of images and
    epochs and the seed (`cornet_s_wc_ct`; `cornet_s_wc` at birth). `converged`: whether its
    training ended here. `scores`: region or "top1" -> score, only what was measured; `stored`: each
    time that it was, the earliest first, as the score is their mean. `updates`: supervised ones;
    `synaptic_updates` as the paper counts, None where its synapses are not counted. `images`,
    `epochs` and `training_data` ("" without training) are what this network saw, which may differ
    from its row.
    `averaged`: the regions that its average is over.
    """

    row: Variant
    model: str
    converged: bool
    scores: Mapping[str, float] = field(hash=False)
    stored: Mapping[str, tuple[float, ...]] = field(hash=False)
    updates: int
    synaptic_updates: int | None
    images: int
    epochs: float
    training_data: str
    averaged: tuple[str, ...] = REGIONS
    fingerprint: str = ""
    own_seed: int | None = None  # where that is not the row's

    @property
    def seed(self) -> int:
        return self.row.seed if self.own_seed is None else self.own_seed

    @property
    def average(self) -> float | None:
        """The mean over the regions, the paper's brain predictivity; None where one is missing."""
        if not self.averaged or any(region not in self.scores for region in self.averaged):
            return None
        return statistics.fmean(self.scores[region] for region in self.averaged)

    def score(self, region: str = AVERAGE) -> float | None:
        """The score in a region, of "top1" or the average; None where it is missing."""
        return self.average if region == AVERAGE else self.scores.get(region)


@dataclass(frozen=True)
class AddedNetwork:
    """A network of another table, scored on the same benchmarks, to be drawn among the points.

    `average`: over the regions, of the ceiling; the rest as in `Point`.
    """

    name: str
    fingerprint: str
    average: float
    updates: int
    synaptic_updates: int | None


@dataclass(frozen=True)
class Scores:
    """All points of one source. `name`: "published" or "own"; `source`: one sentence on the file
    and its hash.

    `benchmarks`: region or "top1" -> the benchmark that scored it; `standins`: the regions among
    them that the paper scored with another benchmark. `training_data`: that of the standard model,
    which is 100 %, and `standard_seeds` its seeds (None: all there are). `left_out`: stored models
    that are no rows of the catalogue. `unlike`: one sentence on why percentages are not the
    paper's, empty where they may be compared with it. `epoch_seconds`: what was trained -> measured
    times of an epoch. `added`: networks of other tables.
    """

    name: str
    source: str
    measured_on: str
    benchmarks: Mapping[str, str]
    points: tuple[Point, ...]
    training_data: str
    standins: frozenset[str] = frozenset()
    standard_seeds: tuple[int, ...] | None = None
    left_out: tuple[str, ...] = ()
    unlike: str = ""
    epoch_seconds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    added: tuple[AddedNetwork, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that were scored, in the paper's order."""
        return tuple(region for region in REGIONS if region in self.benchmarks)

    @property
    def others(self) -> tuple[Point, ...]:
        """Networks with other training data than the standard model's: not comparable."""
        return tuple(
            point for point in self.points if point.training_data not in ("", self.training_data)
        )

    def select(
        self,
        model: Asked = None,
        images: Asked = None,
        epochs: Asked = None,
        seed: Asked = None,
        converged: bool | None = None,
        training_data: Asked = None,
    ) -> list[Point]:
        """The points that are all of what is asked, each a value or several; sorted by model,
        images, seed and epochs.

        Images and epochs are those of the catalogue's row (images=FULL: no restriction). Without
        `training_data` only points of the standard's data set and untrained ones.
        """
        training_data = (self.training_data, "") if training_data is None else training_data
        found: Sequence[Point] = self.points
        if isinstance(model, str):
            found, model = self._by_model.get(model, ()), None
        for value_of, wanted in (
            (attrgetter("model"), model),
            (attrgetter("row.images"), images),
            (attrgetter("row.epochs"), epochs),
            (attrgetter("seed"), seed),
            (attrgetter("converged"), converged),
            (attrgetter("training_data"), training_data),
        ):
            if wanted is not None:
                values = _values(wanted)
                found = [point for point in found if value_of(point) in values]
        return list(found)

    @cached_property
    def _by_model(self) -> dict[str, list[Point]]:
        found: dict[str, list[Point]] = {}
        for point in self.points:
            found.setdefault(point.model, []).append(point)
        return found

    def one(self, **asked: Any) -> Point | None:
        """The only point that is all of this, or None; raises `WiringError` for several."""
        found = self.select(**asked)
        if len(found) > 1:
            raise WiringError(
                f"{len(found)} points of the {self.name} scores are {asked}, one was expected."
            )
        return found[0] if found else None

    def birth(self, model: str, seed: int = 0) -> Point | None:
        """The network that a model's training begins with; None where it is not there."""
        names = [name for name in _births_of(model) if CATALOGUE[name].seed == seed]
        return next((point for point in self.points if point.row.identifier in names), None)

    @cached_property
    def standard(self) -> tuple[Point, ...]:
        """The runs of the standard model, fully trained, that together are 100 %."""
        return tuple(
            self.select(model=STANDARD, images=FULL, converged=True, seed=self.standard_seeds)
        )

    @property
    def reference(self) -> float | None:
        """The average score that is 100 %; None where the standard model is missing."""
        return self.reference_in(AVERAGE)

    def reference_in(self, region: str) -> float | None:
        """The standard model's mean score in a region, of "top1" or on average."""
        return mean(point.score(region) for point in self.standard)

    def relative(self, point: Point, region: str = AVERAGE) -> float | None:
        """A point's score in percent of the standard model's; None if one is missing."""
        reference, score = self.reference_in(region), point.score(region)
        return None if reference is None or score is None else 100 * score / reference

    def percent(self, point: Point, region: str = AVERAGE) -> float:
        """As `relative`; raises `WiringError` for a point without a score."""
        found = self.relative(point, region)
        if found is None:
            raise WiringError(
                f"{point.row.identifier} has no score in percent of {STANDARD} ({region})."
            )
        return found

    @property
    def converged(self) -> bool:
        """Whether all trainings that have ended were trained as far as the catalogue says."""
        return all(
            (point.images, point.epochs) == (point.row.images, point.row.epochs)
            for point in self.points
            if point.converged
        )

    def label(self, region: str) -> str:
        """What to call a region on an axis: with its benchmark where that is not the paper's."""
        return f"{region} ({self.benchmarks[region]})" if region in self.standins else region


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that are there; None where none is."""
    there = [value for value in values if value is not None]
    return statistics.fmean(there) if there else None


def point_of(
    row: Variant, stored: Mapping[str, Sequence[float]], *, training_data: str, **seen: Any
) -> Point:
    """A point of a catalogue row that was trained as the row says; `seen` replaces what differs.

    `stored`: region or "top1" -> each time that it was scored; their mean is its score.
    """
    updates, synaptic_updates = round(row.epochs * row.images), None
    with contextlib.suppress(WiringError):  # side experiments whose synapses are not counted
        account = account_of_variant(row)
        updates, synaptic_updates = account.supervised_updates, account.supervised_synaptic_updates
    point = Point(
        row=row,
        model=model_of(row),
        converged=is_converged(row),
        scores={region: statistics.fmean(found) for region, found in stored.items()},
        stored={region: tuple(found) for region, found in stored.items()},
        updates=updates,
        synaptic_updates=synaptic_updates,
        images=row.images,
        epochs=row.epochs,
        training_data="" if row.at_birth else training_data,
    )
    return replace(point, **seen)


def one_stored(scores: Scores, place: int) -> Scores:
    """Of what was measured several times one score alone, not their mean: 0 is the first, -1 the
    last."""
    return replace(
        scores,
        points=tuple(
            replace(point, scores={region: of[place] for region, of in point.stored.items()})
            for point in scores.points
        ),
    )


def in_order(points: Iterable[Point]) -> tuple[Point, ...]:
    """Points sorted by model, images, seed and epochs."""
    place = ("model", "row.images", "seed", "row.epochs", "training_data", "row.identifier")
    return tuple(sorted(points, key=attrgetter(*place)))


def model_of(row: Variant) -> str:
    """cornet_s_wc_ct_1k_images_1_epochs_seed42 -> cornet_s_wc_ct: the recipe alone."""
    return re.sub(
        r"(_\d+k?_images)?(_[\dp]+_epochs)?(_seed\d+)?(_imagenet)?$", "", row.identifier, count=1
    )


def is_converged(row: Variant) -> bool:
    """Whether a row is where its training ended, as the authors' database says."""
    return row.epochs > 0 and _ends().get((model_of(row), row.images, row.seed)) == row.epochs


@cache
def _ends() -> dict[tuple[str, int, int], float]:
    """(model, images, seed) -> the epoch at which training had converged."""
    return {
        (model, images, seed): float(epochs.removesuffix("*"))
        for model, images, seed, moments in RUNS
        for epochs in moments.split()
        if epochs.endswith("*")
    }


@cache
def _births_of(model: str) -> tuple[str, ...]:
    """The catalogue's rows, one for each seed, for what a model is before training."""

    def born(row: Variant) -> tuple:
        return row.architecture, row.birth, row.compressed, row.default_norms

    row = CATALOGUE.get(model)
    return (
        ()
        if row is None
        else tuple(
            other.identifier
            for other in CATALOGUE.values()
            if other.at_birth
            and born(other) == born(row)
            and not other.measured_statistics
            and other.training_data == "any"
        )
    )


def _values(wanted: Asked) -> Collection[object]:
    if isinstance(wanted, Collection) and not isinstance(wanted, str):
        return wanted
    return (wanted,)
