"""Networks at moments of their training, as result tables have them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.paper.learning.sweep_points import WC_CT
from brainscore_wiring.paper.trained_on import trained_on
from brainscore_wiring.paper.training_effects import with_means
from brainscore_wiring.scoring.brainscore_data import OFFLINE_BENCHMARKS, OFFLINE_PREDICTIVITY
from brainscore_wiring.scoring.points import AVERAGE, STANDARD, model_of
from brainscore_wiring.scoring.result import Result
from brainscore_wiring.training.sweep import read_grid

KN_CT, DT, DECODER = "cornet_s_ct", "cornet_s_dt_it", "cornet_s_dt_decoder"
#: Training -> what to call it.
TRAININGS = {
    STANDARD: "standard training",
    KN_CT: "KN+CT",
    WC_CT: "WC+CT",
    DT: "DT (IT alone)",
    DECODER: "decoder alone",
}
KN_BIRTHS, WC_BIRTHS, KN_DEFAULT = "cornet_s_kn_bn", "cornet_s_wc_bn", "cornet_s_kn"
#: The states at 0: those that trainings begin from, and Kaiming Normal as the paper scored it.
BIRTHS = {
    KN_BIRTHS: "KN births",
    WC_BIRTHS: "WC births",
    KN_DEFAULT: "KN births, default statistics",
}
#: Training -> the births that it begins from.
BEGINS = {name: WC_BIRTHS if name == WC_CT else KN_BIRTHS for name in TRAININGS}
#: Where the shorter trainings end, and the longer ones.
SHORT, LAST_EPOCH = 1, 5
#: Benchmark -> region; the mean without V2 is the average.
REGION_OF = {**OFFLINE_BENCHMARKS, OFFLINE_PREDICTIVITY: AVERAGE}
MEASURES = (AVERAGE, *OFFLINE_BENCHMARKS.values())
#: What the trainings see; networks of other images are of no moment here.
DATA = "Tiny ImageNet", 100_000, 64
#: Moments lie between two updates: 0.0998 epochs are 0.1.
_NEAR = 0.02

#: (training or birth state, epochs)
Moment = tuple[str, float]


@dataclass(frozen=True)
class NetworkScores:
    """One network at one moment. `scores`: region or "average" -> score over the ceiling; updates
    are supervised ones.
    """

    seed: int
    scores: Mapping[str, float]
    updates: int
    synaptic_updates: int | None


@dataclass(frozen=True)
class Development:
    """All networks by moment, and the cells that a grid asks for: (training, epochs, seed).

    `repeats`: networks left out, because another of the same training, moment and seed stands
    before them in the tables.
    """

    networks: Mapping[Moment, Sequence[NetworkScores]]
    asked: Sequence[tuple[str, float, int]]
    repeats: int

    def values(self, name: str, epochs: float, region: str = AVERAGE) -> dict[int, float]:
        """Seed -> score, of those that have it."""
        return {
            one.seed: one.scores[region]
            for one in self.networks.get((name, epochs), ())
            if region in one.scores
        }

    def updates(self, name: str, epochs: float) -> tuple[int, int | None]:
        """Supervised updates and synaptic ones of a moment that has networks."""
        first = self.networks[name, epochs][0]
        return first.updates, first.synaptic_updates

    @property
    def moments(self) -> list[float]:
        """The epochs after birth that are asked for."""
        return sorted({epochs for _, epochs, _ in self.asked})

    @property
    def missing(self) -> list[tuple[str, float, int]]:
        """The cells that have no score of the mean yet."""
        return [
            (name, epochs, seed)
            for name, epochs, seed in self.asked
            if seed not in self.values(name, epochs)
        ]


def asked_cells(grids: Iterable[Path]) -> list[tuple[str, float, int]]:
    """(training, epochs, seed) of all models that grid files ask for."""
    jobs = [job for grid in grids for job in read_grid(str(grid))[0]]
    return [(job.model, epochs, job.seed) for job in jobs for epochs in job.epochs]


def development(results: Iterable[Result], asked: Sequence[tuple[str, float, int]]) -> Development:
    """The moments in result tables; rows of other models and of other images are left aside."""
    networks: dict[tuple, list[Result]] = {}
    for result in results:
        if result.benchmark in REGION_OF and result.score is not None:
            cell = _cell(result, asked)
            if cell is not None:
                networks.setdefault((cell, result.fingerprint), []).append(result)
    found: dict[Moment, dict[int, NetworkScores]] = {}
    repeats = 0
    for ((name, epochs, seed), _), rows in networks.items():
        there = found.setdefault((name, epochs), {})
        repeats += seed in there
        there.setdefault(seed, _network(seed, rows))
    return Development(
        {moment: list(seeds.values()) for moment, seeds in found.items()}, asked, repeats
    )


def _cell(result: Result, asked: Iterable[tuple[str, float, int]]) -> tuple[str, float, int] | None:
    row = CATALOGUE.get(result.variant or "")
    if row is None:
        return None
    name, seed = model_of(row), row.seed if result.seed is None else result.seed
    if name in BIRTHS:
        return name, 0.0, seed
    data = trained_on(result)
    if name not in TRAININGS or (data.name, data.images, data.image_size) != DATA:
        return None
    return next(
        (
            (name, epochs, seed)
            for _, epochs, _ in asked
            if math.isclose(epochs, data.epochs, rel_tol=_NEAR)
        ),
        None,
    )


def _network(seed: int, rows: Sequence[Result]) -> NetworkScores:
    scores = {
        REGION_OF[row.benchmark]: row.score
        for row in with_means(rows)
        if row.benchmark in REGION_OF and row.score is not None
    }
    updates = rows[0].supervised_updates or 0
    return NetworkScores(seed, scores, updates, rows[0].supervised_synaptic_updates)
