"""Models in result tables compared: seeds taken together, differences with intervals, effect sizes
and exact tests.

    comparison = compare(read_results("scores.csv"))                    # every pair of alike models
    comparison = compare(read_results("scores.csv"), "cornet_s_kn")     # each against one
    comparison = compare(read_results("scores.csv"), pairs=[("cornet_s_wc", "cornet_s_kn")])
    print(comparison)

Seeds are the unit: p says how the difference compares with those of all ways to exchange seeds
between two models, and is corrected for all tests of the comparison by Holm's method. A difference
with so few seeds that no p could be significant is not tested, and not counted among them.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

from brainscore_wiring.accounting import efficiency
from brainscore_wiring.catalogue import CATALOGUE, Variant, model_without_seed
from brainscore_wiring.errors import WiringError, WrongUsage, unknown
from brainscore_wiring.formatting import count
from brainscore_wiring.paper.comparisons import (
    SIGNIFICANCE,
    TESTED_COLUMNS,
    Difference,
    corrected,
    difference,
    smallest_p,
    testable,
)
from brainscore_wiring.paper.pages import markdown_table, mean_and_spread
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.result import SCORED, Result
from brainscore_wiring.scoring.runner import UPDATES
from brainscore_wiring.scoring.summary import Kind, networks_counted_once, score_by_seed
from brainscore_wiring.tables import csv_text

if TYPE_CHECKING:
    from pandas import DataFrame

#: More differences than these are not tested unless they are asked for.
_MOST_TESTS = 500
_DEFAULTS, _MEASURED = "defaults (0/1)", "measured"
DIFFERENCE_COLUMNS = (
    "benchmark",
    "model",
    "other",
    "n",
    "other_n",
    "mean",
    "other_mean",
    "difference",
    *TESTED_COLUMNS,
    "smallest_p",
    "note",
)


@dataclass(frozen=True)
class ModelSeeds:
    """Networks that differ in nothing but their seed, and all their scores."""

    name: str
    rows: tuple[Result, ...]

    @cached_property
    def scored(self) -> dict[str, list[Result]]:
        """Benchmark -> the networks that have a score."""
        found: dict[str, list[Result]] = {}
        for row in self.rows:
            if row.score is not None:
                found.setdefault(row.benchmark, []).append(row)
        return found

    def values(self, benchmark: str) -> list[float]:
        """A score for each seed, several networks of one seed counting once, as their mean; empty
        where the benchmark was not run.
        """
        return list(score_by_seed(self.scored.get(benchmark, [])).values())

    def unclipped(self, benchmark: str) -> list[float]:
        """The same before scores were clipped to [0, 1], which differences are computed from."""
        rows = self.scored.get(benchmark, [])
        return list(score_by_seed(rows, lambda row: row.unclipped).values())

    def own_interval(self, benchmark: str) -> tuple[float, float] | None:
        """The benchmark's 95 % interval of a single network; None for several, or without one."""
        rows = self.scored.get(benchmark, [])
        if len(rows) != 1 or rows[0].low is None or rows[0].high is None:
            return None
        return rows[0].low, rows[0].high

    @property
    def seeds(self) -> int:
        return max((len(self.values(benchmark)) for benchmark in self.scored), default=0)

    @property
    def row(self) -> Variant | None:
        """The catalogue's row of one of the networks; None for a stock model or one of one's
        own.
        """
        first = self.rows[0]
        return CATALOGUE.get(first.variant or first.model)

    @property
    def batch_norm_statistics(self) -> str | None:
        """`_DEFAULTS` or `_MEASURED`; None for models without them, or where unknown."""
        row = self.row
        if row is None or row.birth == "none":
            return None
        return _DEFAULTS if row.at_birth and not row.measured_statistics else _MEASURED

    def __repr__(self) -> str:
        return f"<ModelSeeds {self.name}: seeds {self.seeds}, benchmarks {len(self.scored)}>"


@dataclass(frozen=True)
class Pair:
    """One model minus another on one benchmark, before scores are clipped. `tested`: both have
    so many seeds there that p could be significant after correction.
    """

    benchmark: str
    model: ModelSeeds
    other: ModelSeeds
    difference: Difference
    tested: bool = True

    @property
    def models(self) -> tuple[ModelSeeds, ModelSeeds]:
        return self.model, self.other

    @property
    def values(self) -> tuple[list[float], list[float]]:
        return self.model.unclipped(self.benchmark), self.other.unclipped(self.benchmark)

    @property
    def several(self) -> bool:
        """Whether both have several seeds."""
        return min(map(len, self.values)) > 1

    @property
    def smallest_p(self) -> float:
        """Below which p cannot be with so few seeds."""
        return smallest_p(*map(len, self.values))

    @property
    def note(self) -> str:
        """Why the two are not alike; empty where they are."""
        if alike(self.model, self.other):
            return ""
        return (
            f"batch-norm statistics {self.model.batch_norm_statistics} against "
            f"{self.other.batch_norm_statistics}"
        )

    def __repr__(self) -> str:
        one = self.difference
        tested = f", p = {one.corrected_p:.2g} after Holm" if self.tested else ""
        return (
            f"<Pair {self.model.name} minus {self.other.name} on {self.benchmark}: "
            f"{_with_interval(one.value, one.low, one.high)}{tested}>"
        )


@dataclass(frozen=True)
class ModelComparison:
    """Models by rows, benchmarks by columns, and their differences.

    `left_out`: what is not in it, in sentences with counts.
    """

    groups: tuple[ModelSeeds, ...]
    benchmarks: tuple[str, ...]
    pairs: tuple[Pair, ...]
    left_out: tuple[str, ...]

    @property
    def tests(self) -> int:
        return sum(pair.tested for pair in self.pairs)

    def to_frame(self) -> DataFrame:
        """The differences as pandas has them, a row for each with full precision: means, interval,
        effect size and p, NaN where nothing was tested.
        """
        from pandas import DataFrame

        return DataFrame(map(_as_row, self.pairs), columns=DIFFERENCE_COLUMNS)

    def __repr__(self) -> str:
        return (
            f"<ModelComparison: models {len(self.groups)}, benchmarks {len(self.benchmarks)}, "
            f"differences {len(self.pairs)}, tests {self.tests}>"
        )

    def __str__(self) -> str:
        return f"{models_markdown(self)}\n\n{differences_markdown(self)}"

    _repr_markdown_ = __str__


def alike(one: ModelSeeds, other: ModelSeeds) -> bool:
    """Whether no batch-norm statistics at their defaults stand against measured ones."""
    kinds = {one.batch_norm_statistics, other.batch_norm_statistics} - {None}
    return len(kinds) < 2


def compare(
    results: Iterable[Result],
    against: str | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    models: Sequence[str] = (),
    benchmarks: Sequence[str] = (),
) -> ModelComparison:
    """The comparison of the scores in result tables.

    Each model with `against`, and these `pairs`; without both every pair of models with several
    seeds each and the same kind of batch-norm statistics. `models` and `benchmarks` are patterns to
    choose by; several versions of a benchmark are several benchmarks. Raises `WrongUsage` for a
    name or pattern that nothing has, `WiringError` where there is no score.
    """
    results = list(results)
    for pair in pairs:
        if isinstance(pair, str) or len(pair) != 2:
            raise WrongUsage(
                "Each of `pairs` is two models, as in [('cornet_s_wc', 'cornet_s_kn')], not "
                f"{pair!r}."
            )
    scored = [row for row in results if row.status == SCORED and row.score is not None]
    if not scored:
        raise WiringError(
            "There is no score to compare: `brainscore score --csv FILE` writes some."
        )
    if models:  # what these are compared with is chosen, too; "MODEL [...]" is a kind of a model
        compared = filter(None, [against, *chain.from_iterable(pairs)])
        models = [*models, *(name.partition(" [")[0] for name in compared)]
    # the account is exact, so that nothing about it is tested, and its versions do not matter
    accounts = [row for row in scored if row.benchmark == UPDATES]
    tested = _named_by_version([row for row in scored if row.benchmark != UPDATES])
    chosen = _chosen([*accounts, *tested], models, benchmarks)
    groups = _groups(chosen)
    names = tuple(_in_order({row.benchmark for row in chosen} - {UPDATES}))
    differences, left_out = _pairs(groups, names, _couples(groups, against, pairs))
    left_out += networks_counted_once(chosen)
    unscored = len(results) - len(scored)
    if unscored:
        left_out.insert(0, f"{unscored} rows of the table have no score.")
    return ModelComparison(groups, names, differences, tuple(left_out))


def _named_by_version(rows: Sequence[Result]) -> list[Result]:
    """The same rows; of a benchmark of which there are several versions each has its own name."""
    versions: dict[str, set[str | None]] = {}
    for row in rows:
        versions.setdefault(row.benchmark, set()).add(row.benchmark_version)
    return [
        replace(row, benchmark=f"{row.benchmark} (version {row.benchmark_version})")
        if len(versions[row.benchmark]) > 1
        else row
        for row in rows
    ]


def _chosen(rows: list[Result], models: Sequence[str], benchmarks: Sequence[str]) -> list[Result]:
    """The rows that match, a model's by its name with or without its seed; each network counts
    once on each benchmark, the last time it was scored.
    """
    for patterns, column in ((models, "model"), (benchmarks, "benchmark")):
        names = {getattr(row, column) for row in rows}
        matched: set[str] = set()
        for pattern in patterns:
            found = {
                name
                for name in names
                if fnmatchcase(name, pattern) or fnmatchcase(model_without_seed(name), pattern)
            }
            if not found:
                raise unknown(column, pattern, names, "brainscore compare TABLE")
            matched |= found
        if patterns:
            rows = [row for row in rows if getattr(row, column) in matched]
    last = {(row.network, row.trained_on, row.benchmark): row for row in rows}
    return list(last.values())


def _groups(rows: Iterable[Result]) -> tuple[ModelSeeds, ...]:
    """The rows by kind of model; kinds of one name are told by what they were trained on, and by
    the layers of their regions where these differ.
    """
    found: dict[Kind, list[Result]] = {}
    for row in rows:
        found.setdefault(Kind.of(row), []).append(row)
    names = [kind.model for kind in found]
    layers: dict[str, set[str | None]] = {}
    for kind in found:
        layers.setdefault(kind.model, set()).add(kind.layers)

    def name(kind: Kind, first: Result) -> str:
        if names.count(kind.model) == 1:
            return kind.model
        told = [first.diet or "training data not stated"]
        if len(layers[kind.model]) > 1:
            told.append(f"layers {kind.layers or 'not stated'}")
        return f"{kind.model} [{'; '.join(told)}]"

    return tuple(
        ModelSeeds(name(kind, members[0]), tuple(members)) for kind, members in found.items()
    )


def _in_order(benchmarks: Iterable[str]) -> list[str]:
    """The package's benchmarks in its order, then others by name."""
    order = {name: place for place, name in enumerate(BENCHMARKS)}
    return sorted(
        benchmarks, key=lambda name: (order.get(name.partition(" (")[0], len(order)), name)
    )


def _couples(
    groups: Sequence[ModelSeeds], against: str | None, pairs: Sequence[tuple[str, str]]
) -> list[tuple[ModelSeeds, ModelSeeds]]:
    """The models that are asked to be compared, the first minus the second, each two once: what is
    asked for again is no further test. Raises `WrongUsage` for a model with itself.
    """
    couples = [(_called(groups, one), _called(groups, other)) for one, other in pairs]
    for one, other in couples:
        if one is other:
            raise WrongUsage(f"{one.name} cannot be compared with itself: name two models.")
    if against is not None:
        reference = _called(groups, against)
        couples += [(group, reference) for group in groups if group is not reference]
    first: dict[frozenset[str], tuple[ModelSeeds, ModelSeeds]] = {}
    for one, other in couples:
        first.setdefault(frozenset((one.name, other.name)), (one, other))
    return list(first.values())


def _pairs(
    groups: Sequence[ModelSeeds],
    benchmarks: Sequence[str],
    asked: Sequence[tuple[ModelSeeds, ModelSeeds]],
) -> tuple[tuple[Pair, ...], list[str]]:
    """The differences, p corrected, and what is not among them."""
    left_out: list[str] = []
    if asked:
        couples = [(name, *couple) for couple in asked for name in benchmarks]
        couples = [one for one in couples if one[1].values(one[0]) and one[2].values(one[0])]
    else:
        couples, left_out = _all_couples(groups, benchmarks)
    pairs = [
        Pair(name, one, other, difference(one.unclipped(name), other.unclipped(name)))
        for name, one, other in couples
    ]
    alone = sum(not pair.several for pair in pairs)
    if alone:
        left_out.append(
            f"{alone} differences have a single seed on one side, which supports no test."
        )
    several = [place for place, pair in enumerate(pairs) if pair.several]
    possible = testable([pairs[place].smallest_p for place in several])
    family = corrected(
        {place: pairs[place].difference for place, can in zip(several, possible) if can}
    )
    return tuple(
        replace(pair, difference=family.get(place, pair.difference), tested=place in family)
        for place, pair in enumerate(pairs)
    ), left_out


def _all_couples(
    groups: Sequence[ModelSeeds], benchmarks: Sequence[str]
) -> tuple[list[tuple[str, ModelSeeds, ModelSeeds]], list[str]]:
    """Every pair of models with several seeds and alike statistics on each benchmark, and what is
    left out.
    """
    left_out = []
    unlike, alone, couples = _unlike(groups), 0, []
    for name in benchmarks:
        scored = [group for group in groups if group.values(name)]
        several = [group for group in scored if len(group.values(name)) > 1]
        alone += math.comb(len(scored), 2) - _unlike(scored)
        alone -= math.comb(len(several), 2) - _unlike(several)
        couples += [(name, *two) for two in combinations(several, 2) if alike(*two)]
    if unlike:
        left_out.append(
            f"{unlike} pairs of models with batch-norm statistics {_DEFAULTS} and {_MEASURED} are "
            "not compared: these are two conditions."
        )
    if alone:
        left_out.append(
            f"{alone} differences have a single seed on one side, which supports no test, and are "
            "not shown: `--against MODEL` shows them."
        )
    if len(couples) > _MOST_TESTS:
        left_out.append(
            f"{len(couples)} pairs are more than {_MOST_TESTS}, so none is tested: `--against "
            "MODEL`, `--pair MODEL,OTHER` or `--benchmark` choose some."
        )
        couples = []
    return couples, left_out


def _unlike(groups: Sequence[ModelSeeds]) -> int:
    """How many pairs are of unlike statistics."""
    kinds = [group.batch_norm_statistics for group in groups]
    return kinds.count(_DEFAULTS) * kinds.count(_MEASURED)


def _called(groups: Sequence[ModelSeeds], asked: str) -> ModelSeeds:
    found = [group for group in groups if asked in (group.name, Kind.of(group.rows[0]).model)]
    if len(found) > 1:
        raise WiringError(
            f"'{asked}' is {len(found)} kinds of models in the table: give one of "
            + ", ".join(f"'{group.name}'" for group in found)
            + "."
        )
    if not found:
        without_seed = model_without_seed(asked)
        if without_seed in (group.name for group in groups):
            raise WrongUsage(
                f"'{asked}' is one seed, and models are compared over their seeds: give "
                f"{without_seed}."
            )
        raise unknown("model", asked, (group.name for group in groups), "brainscore compare TABLE")
    return found[0]


def footnotes(comparison: ModelComparison) -> dict[str, int]:
    """What is to be known about single scores -> its number; such as why one counts as 0."""
    reasons = dict.fromkeys(
        row.reason
        for group in comparison.groups
        for row in group.rows
        if row.reason and row.benchmark in comparison.benchmarks
    )
    return {reason: number for number, reason in enumerate(reasons, 1)}


def model_rows(comparison: ModelComparison) -> Iterator[dict[str, Any]]:
    """For each model its name, seeds, supervised synaptic updates and efficiency (the smallest and
    the largest account's, where its networks differ), and the text of a cell for each benchmark.
    """
    numbers = footnotes(comparison)
    for group in comparison.groups:
        counted = (row.supervised_synaptic_updates for row in group.rows)
        updates = sorted({updates for updates in counted if updates is not None})
        ends = updates[:1] + updates[-1:]
        yield {
            "model": group.name,
            "n": group.seeds,
            "updates": " to ".join(dict.fromkeys(map(count, ends))),
            "efficiency": " to ".join(dict.fromkeys(f"{efficiency(one):.2f}" for one in ends)),
            "cells": [_cell(group, name, numbers) for name in comparison.benchmarks],
        }


def _cell(group: ModelSeeds, benchmark: str, numbers: dict[str, int]) -> str:
    values = group.values(benchmark)
    if not values:
        return ""
    text, interval = mean_and_spread(values), group.own_interval(benchmark)
    if interval:
        text += " ({:.2f} to {:.2f})".format(*interval)
    if len(values) != group.seeds:
        text += f" (n = {len(values)})"
    reasons = {row.reason for row in group.rows if row.benchmark == benchmark and row.reason}
    return text + "".join(f" [{numbers[reason]}]" for reason in sorted(reasons))


def models_markdown(comparison: ModelComparison) -> str:
    """A Markdown row for each model, seeds as mean ± standard deviation, and the footnotes."""
    head = ["model", "n", "supervised synaptic updates", "efficiency", *comparison.benchmarks]
    rows = [
        [f"`{row['model']}`", row["n"], row["updates"], row["efficiency"], *row["cells"]]
        for row in model_rows(comparison)
    ]
    lines = [markdown_table(head, rows, "l" + "r" * (len(head) - 1)), "", LEGEND]
    lines += [f"- [{number}] {reason}." for reason, number in footnotes(comparison).items()]
    return "\n".join(lines)


#: What the numbers of the table of models are.
LEGEND = (
    "Scores are over each benchmark's ceiling: 1 is as good as the data allow. Mean ± standard "
    "deviation over n seeds; of a single network, the benchmark's own 95 % interval (its stimuli, "
    "neurons or units resampled). Efficiency is 1 without any supervised synaptic update, 0 with "
    "as many as the paper's standard training."
)


def differences_markdown(comparison: ModelComparison) -> str:
    """A Markdown row for each difference, and what was tested."""
    lines = [significance_in_words(comparison), ""]
    if comparison.pairs:
        heads = ["model", "minus", "benchmark", "n", "difference [95 %]", "Cohen's d [95 %]"]
        heads += ["p", "p, Holm"]
        lines.append(markdown_table(heads, difference_texts(comparison), "llllrrrr"))
    return "\n".join([*lines, "", *(f"- {remark}" for remark in remarks(comparison))]).rstrip()


def remarks(comparison: ModelComparison) -> list[str]:
    """What was left out, what was clipped, and what a * stands for."""
    notes = dict.fromkeys(pair.note for pair in comparison.pairs if pair.note)
    clipped = _clipped(comparison)
    return [
        *comparison.left_out,
        *(
            f"{benchmark}: {count} scores lie outside 0 to 1 and are clipped in the table of "
            "models; differences are of the scores before clipping (raw over ceiling)."
            for benchmark, count in clipped.items()
        ),
        *(f"* {note}: two conditions, not a difference of models alone." for note in notes),
    ]


def _clipped(comparison: ModelComparison) -> Counter[str]:
    """Benchmark -> how many scores of models that are compared there were clipped."""
    compared = {(pair.benchmark, one.name): one for pair in comparison.pairs for one in pair.models}
    return Counter(
        benchmark
        for (benchmark, _), group in compared.items()
        for row in group.scored[benchmark]
        if row.unclipped != row.score
    )


def difference_texts(comparison: ModelComparison) -> list[list[str]]:
    """For each difference: model, other, benchmark, seeds, difference, effect size, p and corrected
    p; a * marks pairs that are not alike.
    """
    return [
        [
            pair.model.name,
            pair.other.name + (" *" if pair.note else ""),
            pair.benchmark,
            " and ".join(str(len(values)) for values in pair.values),
            _with_interval(one.value, one.low, one.high),
            _with_interval(one.cohens_d, one.d_low, one.d_high, ".1f") if pair.several else "",
            f"{one.p:.2g}" if pair.tested else "too few seeds" if pair.several else "",
            f"{one.corrected_p:.2g}" if pair.tested else "",
        ]
        for pair in comparison.pairs
        for one in [pair.difference]
    ]


def _with_interval(value: float, low: float, high: float, form: str = ".3f") -> str:
    text = f"{value:+{form}}"
    return text if math.isnan(low) else f"{text} [{low:+{form}}, {high:+{form}}]"


def significance_in_words(comparison: ModelComparison) -> str:
    """How many differences are significant, and whether so few seeds could show any."""
    tested = [pair for pair in comparison.pairs if pair.tested]
    few = [pair for pair in comparison.pairs if pair.several and not pair.tested]
    if not tested and not few:
        return (
            "Nothing is tested: no two models that are compared have two seeds each on one "
            "benchmark."
        )
    if not tested:
        best = min(pair.smallest_p for pair in few)
        return (
            f"Nothing is tested: with these numbers of seeds no p can be below {best:.2g}, nor "
            "significant after correction. More seeds are needed before anything can be."
        )
    significant = [pair for pair in tested if pair.difference.corrected_p < SIGNIFICANCE]
    text = (
        f"{len(significant)} of {len(tested)} differences are significant (two-sided permutation "
        f"tests over seeds, p < {SIGNIFICANCE} after Holm's correction for {len(tested)} tests)."
    )
    if few:
        text += (
            f" {len(few)} more are not tested: with so few seeds no p can be significant after "
            "correction."
        )
    return text


def differences_csv(comparison: ModelComparison) -> str:
    """All differences with full precision; p is empty where nothing was tested."""
    return csv_text(DIFFERENCE_COLUMNS, map(_as_row, comparison.pairs))


def _as_row(pair: Pair) -> dict[str, Any]:
    first, second = pair.values
    facts = asdict(pair.difference) | {"smallest_p": pair.smallest_p}
    untested = () if pair.tested else ("p", "corrected_p")
    untested = untested if pair.several else (*untested, "cohens_d", "smallest_p")
    return {
        "benchmark": pair.benchmark,
        "model": pair.model.name,
        "other": pair.other.name,
        "n": len(first),
        "other_n": len(second),
        "mean": statistics.fmean(first),
        "other_mean": statistics.fmean(second),
        "difference": pair.difference.value,
        "note": pair.note,
        **{
            name: value
            for name, value in facts.items()
            if name not in untested and not math.isnan(value)
        },
    }
