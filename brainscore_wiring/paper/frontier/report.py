"""The report on a folder of measurements: findings, tables, figures, evidence. Needs neither torch
nor Brain-Score.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from brainscore_wiring.checkpoints.locate import packaged_genome_sha256
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import write_text
from brainscore_wiring.formatting import other_genome
from brainscore_wiring.paper.comparisons import TESTED_COLUMNS, Difference
from brainscore_wiring.paper.frontier.columns import (
    ALL,
    CONTROLS,
    HALF_A,
    HALF_B,
    HUMAN_IT,
    MONKEY_IT,
    SCORES,
    V1,
)
from brainscore_wiring.paper.frontier.figure import draw_frontier
from brainscore_wiring.paper.frontier.findings import findings, with_p
from brainscore_wiring.paper.frontier.results import (
    BRAIN_MATCH,
    CRITERIA,
    CRITERIA_IN_WORDS,
    LARGEST_GENOME,
    Choice,
    Differences,
    Results,
    best_of_all,
    by_state,
    choices,
    state_comparisons,
)
from brainscore_wiring.paper.frontier.scores_file import Measurement
from brainscore_wiring.paper.frontier.states import (
    DEFAULTS,
    FROM_NOISE,
    KN_REFERENCE,
    NATURAL,
    NATURAL_V1,
    STATES,
    SUFFIXES,
    WC_REFERENCE,
    reference,
)
from brainscore_wiring.paper.pages import markdown, markdown_table, mean_and_spread
from brainscore_wiring.scoring.brainscore_data import PAPER_BENCHMARKS
from brainscore_wiring.scoring.table import read_results
from brainscore_wiring.tables import csv_text
from brainscore_wiring.weight_compression.births import BIRTH_STATES

REPORT, _COMPARISONS, EVIDENCE = "frontier.md", "comparisons.csv", "evidence.json"
#: Figure -> the scores that it shows.
_FIGURES = {"frontier": tuple(CRITERIA), "frontier_scores": (*SCORES, *CONTROLS)}
#: What a folder may hold beside the scores, for models to draw as lines: results of `brainscore
#: score --csv`, or any file with their columns model, benchmark and score (copies of
#: docs/scores.csv and docs/outlines.csv, say).
_REFERENCES = "references*.csv"

#: Kind of statistics -> what a birth with it models.
READINGS = {
    DEFAULTS: "Nothing has been seen: batch norm's statistics are 0 and 1.",
    NATURAL: "Statistics from 128 unlabelled natural images: some experience, but no label and no "
    "update.",
    NATURAL_V1: "The same in V1 alone, which has had its experience before the areas above it.",
    FROM_NOISE: "Statistics from 128 noise images: activity before the eyes open.",
}


def write_report(folder: Path, measurements: Iterable[Measurement]) -> list[Path]:
    """Write the report into `folder`; returns its files. Raises `WiringError` where nothing is
    measured yet.
    """
    results = by_state(measurements)
    if not results:
        raise WiringError(
            f"Nothing is measured in '{folder}' yet: `brainscore frontier -o {folder} --data "
            "IMAGES` does that."
        )
    tests, found = state_comparisons(results), choices(results)
    write_text(folder / _COMPARISONS, _comparisons_csv(tests))
    write_text(folder / EVIDENCE, json.dumps(evidence(found), indent=1, allow_nan=False) + "\n")
    lines = _reference_lines(folder)
    figures = [
        path
        for stem, scores in _FIGURES.items()
        for path in draw_frontier(results, lines, folder / stem, scores)
    ]
    write_text(folder / REPORT, _text(results, tests, found))
    return [folder / REPORT, folder / _COMPARISONS, folder / EVIDENCE, *figures]


def _text(results: Results, tests: Differences, found: Sequence[Choice]) -> str:
    rows = [row for result in results.values() for row in result.rows]
    names = [f"{score}_{ALL}" for score in SCORES]
    seeds = max(len(result.rows) for result in results.values())
    public = {
        benchmark: states
        for benchmark in PAPER_BENCHMARKS
        if (states := _public_scores(results, benchmark))
    }
    kinds = {result.about.statistics for result in results.values()}
    return markdown(
        "frontier.md.j2",
        largest_genome=LARGEST_GENOME,
        results=results,
        networks=len(rows),
        findings=findings(results, tests, found),
        tests=len(tests),
        other_genomes=_other_genomes(results),
        best=_best_table(found),
        readings=READINGS,
        tables={kind: _table(results, tests, kind) for kind in SUFFIXES if kind in kinds},
        scores=len(rows) * len(names),
        clipped=sum(
            row.scores[name] != row.scores[f"{name}_unclipped"] for row in rows for name in names
        ),
        public=public,
        not_public=[name for name in PAPER_BENCHMARKS if name not in public],
        seeds=seeds,
        fewer=[f"`{result.name}`" for result in results.values() if len(result.rows) < seeds],
        absent=[f"`{name}`" for name in STATES if name not in results],
    )


def _other_genomes(results: Results) -> list[str]:
    """Which states were measured with another genome than the one packaged today."""
    births = {name: STATES[name].birth for name in results if name in STATES}
    measured: dict[tuple[str, str], list[str]] = {}
    for name, birth in births.items():
        today = packaged_genome_sha256(birth)
        if BIRTH_STATES[birth].genome_of == birth and today:  # one that is read as it is packaged
            measured.setdefault((results[name].about.genome, today), []).append(f"`{name}`")
    return [
        f"{', '.join(names)} ({genome}, today {today})"
        for (genome, today), names in measured.items()
        if other_genome(genome, today)
    ]


def _best_table(found: Sequence[Choice]) -> str:
    heads = [
        "by",
        "statistics",
        "best on half A",
        "numbers",
        "bits",
        "half A",
        "half B",
        "the same without a seed",
        "half B, minus WC",
        "Cohen's d",
        "half B, minus KN",
        "Cohen's d",
    ]
    rows = []
    for choice in found:
        state, kind = choice.state, choice.state.about.statistics
        cells = [
            CRITERIA_IN_WORDS[choice.criterion],
            kind,
            f"`{state.name}`",
            f"{state.about.numbers:,}",
            f"{state.about.bits:,}",
            f"{state.mean(choice.criterion, HALF_A):.3f}",
            f"{state.mean(choice.criterion, HALF_B):.3f}",
            f"{choice.agreeing} of {len(state.rows)}",
        ]
        for of in (WC_REFERENCE, KN_REFERENCE):
            one = choice.differences.get(reference(kind, of))
            cells += [_shown(one), _size(one)]
        rows.append(cells)
    return markdown_table(heads, rows, "lllrrrrrllll")


def _table(results: Results, tests: Differences, kind: str) -> str:
    others = [reference(kind, of) for of in (WC_REFERENCE, KN_REFERENCE)]
    shown = (*SCORES, *CRITERIA)
    heads = [
        "state",
        "bits",
        "numbers",
        "n",
        *(CRITERIA_IN_WORDS[score] for score in shown),
        *(f"{CRITERIA_IN_WORDS[BRAIN_MATCH]}, minus `{other}`" for other in others),
    ]
    rows = [
        [
            f"`{result.name}`",
            f"{result.about.bits:,}",
            f"{result.about.numbers:,}",
            len(result.rows),
            *(mean_and_spread(result.values(score)) for score in shown),
            *(_shown(tests.get((result.name, other, BRAIN_MATCH))) for other in others),
        ]
        for result in results.values()
        if result.about.statistics == kind
    ]
    return markdown_table(heads, rows, "lrrr" + "l" * (len(heads) - 4))


def _shown(one: Difference | None) -> str:
    return "" if one is None else with_p(one)


def _size(one: Difference | None) -> str:
    if one is None:
        return ""
    return f"{one.cohens_d:+.1f}" + (
        "" if math.isnan(one.d_low) else f" [{one.d_low:+.1f}, {one.d_high:+.1f}]"
    )


def evidence(found: Sequence[Choice]) -> dict:
    """The best state of all by brain match, and by its control, with what half B says of them: for
    JSON, numbers that are not finite as null.
    """
    return {
        criterion: _evidence(choice, sum(len(one.differences) for one in found))
        | {
            "candidates": sum(one.candidates for one in found if one.criterion == criterion),
            "candidates_with_such_statistics": choice.candidates,
        }
        for criterion in CRITERIA
        if (choice := best_of_all(found, criterion)) is not None
    }


def _evidence(choice: Choice, tests: int) -> dict:
    state, about = choice.state, choice.state.about
    return {
        "state": state.name,
        "statistics": about.statistics,
        "numbers": about.numbers,
        "bits": about.bits,
        "genome": about.genome,
        "images": {str(row.seed): row.images for row in state.rows},
        "fingerprints": {str(row.seed): row.fingerprint for row in state.rows},
        "criterion": f"mean of {', '.join(CRITERIA[choice.criterion])}",
        "largest_genome": LARGEST_GENOME,
        "seeds": len(state.rows),
        "seeds_that_agree": choice.agreeing,
        "half_a": state.mean(choice.criterion, HALF_A),
        "half_b": state.mean(choice.criterion, HALF_B),
        "corrected_for_tests": tests,
        "half_b_minus": {
            other: {
                name: value if math.isfinite(value) else None for name, value in asdict(one).items()
            }
            for other, one in choice.differences.items()
        },
    }


def _public_scores(results: Results, benchmark: str) -> list[str]:
    """The mean and spread of each state with scores on one of the paper's benchmarks."""
    values = {
        result.name: [row.scores[benchmark] for row in result.rows if benchmark in row.scores]
        for result in results.values()
    }
    return [f"`{name}` {mean_and_spread(of)}" for name, of in values.items() if of]


def _comparisons_csv(tests: Differences) -> str:
    rows = [
        dict(state=state, minus=minus, score=score, difference=one.value) | asdict(one)
        for (state, minus, score), one in tests.items()
    ]
    return csv_text(("state", "minus", "score", "difference", *TESTED_COLUMNS), rows)


#: Lines in the figure: model -> its words.
_LINES = {
    "cornet_s": "trained",
    "cornet_s_wc_ct": "WC+CT",
    "pixels": "pixels",
    "outlines": "outlines alone",
}
_BENCHMARKS = {
    "MacaqueV1Tuning": V1,
    "Kriegeskorte2008.IT-rdm": MONKEY_IT,
    "Kriegeskorte2008.IT-rdm.human": HUMAN_IT,
}


def _reference_lines(folder: Path) -> dict[str, dict[str, float]]:
    """Words -> score -> value of models that are no birth states, from the user's own results where
    there are any.
    """
    lines: dict[str, dict[str, float]] = {}
    for result in itertools.chain.from_iterable(
        map(read_results, sorted(folder.glob(_REFERENCES)))
    ):
        if result.model in _LINES and result.benchmark in _BENCHMARKS and result.score is not None:
            lines.setdefault(_LINES[result.model], {})[_BENCHMARKS[result.benchmark]] = result.score
    for scores in lines.values():
        if len(scores) == len(_BENCHMARKS):
            scores[BRAIN_MATCH] = float(np.mean(list(scores.values())))
    return lines
