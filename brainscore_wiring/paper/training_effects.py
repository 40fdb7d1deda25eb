"""Which offline benchmarks distinguish trained from untrained networks, by the rules of
docs/training_effects.md, which were written before its tables were filled.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from brainscore_wiring.catalogue import model_without_seed
from brainscore_wiring.paper.comparisons import (
    SIGNIFICANCE,
    Difference,
    corrected,
    smallest_p,
    stratified,
)
from brainscore_wiring.paper.pages import markdown_table
from brainscore_wiring.scoring.brainscore_data import OFFLINE_BENCHMARKS, OFFLINE_PREDICTIVITY
from brainscore_wiring.scoring.result import SCORED, TRAINING, Result

OFFLINE_COLUMNS = {
    "MacaqueV1Tuning": "V1, 7 properties",
    "MacaqueV1Tuning.v2": "V1, 15 properties",
    "Cichy2014.EVC-rdm": "human early visual cortex",
    "Cowley2023.V4-pls": "V4",
    "Kriegeskorte2008.IT-rdm": "monkey IT",
    "Kriegeskorte2008.IT-rdm.human": "human IT, 4 people",
    "Cichy2014.IT-rdm": "human IT, 15 people",
    "Mur2013.behaviour-rdm": "behaviour",
    OFFLINE_PREDICTIVITY: "mean without V2",
}
STATISTICS = {"_bn": "measured", "": "default"}
BIRTH_OF_TRAINED = {"cornet_s_wc_ct": "cornet_s_wc", "cornet_s_ct": "cornet_s_kn"}
#: Networks in which everything was trained, with the untrained ones of their architecture.
REFERENCES = {
    "cornet_s": ("cornet_s_kn", "cornet_s_kn_bn", "cornet_s_wc", "cornet_s_wc_bn"),
    "mobilenet": (
        "mobilenet_random",
        "mobilenet_random_noise",
        "mobilenet_wc",
        "mobilenet_wc_own",
        "mobilenet_wc_own_noise",
    ),
}

SeedScores = dict[tuple[str, str], list[float]]


@dataclass(frozen=True)
class Effect:
    """What training does to one benchmark.

    `differences`: by the births' statistics ("" or "_bn"); missing where seeds are. `below`: of
    the networks in which everything was trained, how many untrained ones of their architecture
    score lower than the lowest of them, of how many. `seeds`: of the trained networks and of the
    births, by statistics.
    """

    benchmark: str
    differences: dict[str, Difference]
    seeds: dict[str, tuple[int, ...]]
    below: dict[str, tuple[int, int]]

    @property
    def verdict(self) -> str:
        """Rule 2."""
        if set(self.differences) != set(STATISTICS) or set(self.below) != set(REFERENCES):
            return "not yet known"
        higher = {
            statistics: one.value > 0 and one.corrected_p < SIGNIFICANCE
            for statistics, one in self.differences.items()
        }
        if all(higher.values()) and all(lower == of for lower, of in self.below.values()):
            return "yes"
        return "in part" if higher["_bn"] else "no"


def with_means(results: Sequence[Result]) -> list[Result]:
    """The results, and the offline mean of every network whose four parts were scored.

    The mean is what `Geiger2022-brain_predictivity.offline` gives, without its interval; where that
    was scored itself nothing is added.
    """
    networks: dict[tuple, dict[str, Result]] = {}
    for one in results:
        if one.score is not None:
            networks.setdefault(one.network, {})[one.benchmark] = one
    stated = (one.benchmark_version for one in results if one.benchmark == OFFLINE_PREDICTIVITY)
    version = next(stated, None)
    added = []
    for (model, *_), rows in networks.items():
        parts = [rows[name] for name in OFFLINE_BENCHMARKS if name in rows]
        if len(parts) == len(OFFLINE_BENCHMARKS) and OFFLINE_PREDICTIVITY not in rows:
            mean = fmean(part.score for part in parts if part.score is not None)
            about = {name: getattr(parts[0], name) for name in (*TRAINING, "fingerprint", "seed")}
            about["benchmark_version"] = version
            added.append(Result(model, OFFLINE_PREDICTIVITY, SCORED, mean, **about))
    return [*results, *added]


def scores_by_model(results: Sequence[Result]) -> SeedScores:
    """(model without its seed, benchmark) -> the score of each seed, before it was clipped."""
    scores: SeedScores = {}
    for result in results:
        if result.unclipped is not None:
            key = model_without_seed(result.model), result.benchmark
            scores.setdefault(key, []).append(result.unclipped)
    return scores


def effects(results: Sequence[Result]) -> list[Effect]:
    """One for each benchmark, by the rules."""
    scores = scores_by_model(with_means(results))
    family: dict[tuple[str, str], Difference] = {}
    seeds: dict[tuple[str, str], tuple[int, ...]] = {}
    for benchmark in OFFLINE_COLUMNS:
        for statistics in STATISTICS:
            strata = [
                (
                    scores.get((trained, benchmark), []),
                    scores.get((birth + statistics, benchmark), []),
                )
                for trained, birth in BIRTH_OF_TRAINED.items()
            ]
            if _reachable(strata):
                key = benchmark, statistics
                family[key] = stratified(strata)
                seeds[key] = tuple(sum(map(len, groups)) for groups in zip(*strata))
    family = corrected(family)
    return [
        Effect(
            benchmark,
            {one: family[benchmark, one] for one in STATISTICS if (benchmark, one) in family},
            {one: seeds[benchmark, one] for one in STATISTICS if (benchmark, one) in family},
            _below(scores, benchmark),
        )
        for benchmark in OFFLINE_COLUMNS
    ]


def _reachable(strata: Sequence[Sequence[Sequence[float]]]) -> bool:
    """Whether so many networks could be significant after correction at all (rule 4)."""
    sizes = [tuple(map(len, groups)) for groups in strata]
    if any(min(pair) < 2 for pair in sizes):
        return False
    tests = len(OFFLINE_COLUMNS) * len(STATISTICS)
    return smallest_p(*itertools.chain.from_iterable(sizes)) * tests < SIGNIFICANCE


def _below(scores: SeedScores, benchmark: str) -> dict[str, tuple[int, int]]:
    found = {}
    for reference, untrained in REFERENCES.items():
        values = scores.get((reference, benchmark))
        births = [value for name in untrained for value in scores.get((name, benchmark), [])]
        if values and births:
            found[reference] = sum(value < min(values) for value in births), len(births)
    return found


def effects_table(results: Sequence[Result]) -> str:
    """Markdown: a row for each benchmark."""
    heads = ["benchmark", "trained - births, measured statistics"]
    heads += ["trained - births, default statistics", "untrained networks below standard CORnet-S"]
    heads += ["below ImageNet-trained MobileNet", "distinguishes"]
    rows = []
    for effect in effects(results):
        cells = [_difference(effect, statistics) for statistics in STATISTICS]
        cells += [
            "{} of {}".format(*effect.below[name]) if name in effect.below else "not scored"
            for name in REFERENCES
        ]
        name = f"{OFFLINE_COLUMNS[effect.benchmark]} (`{effect.benchmark}`)"
        rows.append([name, *cells, effect.verdict])
    return markdown_table(heads, rows, "lrrrrl")


def _difference(effect: Effect, statistics: str) -> str:
    if statistics not in effect.differences:
        return "too few seeds"
    one = effect.differences[statistics]
    return (
        f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f}), d = {one.cohens_d:.1f}, "
        "n = {} - {}, p = ".format(*effect.seeds[statistics])
        + f"{one.corrected_p:.2g}"
    )
