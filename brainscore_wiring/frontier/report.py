"""The report on a folder of measurements: table, tests, the best state, figure. Needs neither torch nor Brain-Score."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import write_text
from brainscore_wiring.frontier.columns import ALL, HALF_A, HALF_B, HUMAN_IT, MONKEY_IT, V1
from brainscore_wiring.frontier.figure import draw
from brainscore_wiring.frontier.results import (BRAIN_MATCH, LARGEST_GENOME, TITLES, Differences, StateResult, best,
                                                by_state, comparisons, confirmation)
from brainscore_wiring.frontier.scores_file import Measurement
from brainscore_wiring.frontier.states import (KAIMING_NORMAL, NATURAL, NATURAL_V1, NEWBORN, NOISE, STATES, SUFFIXES,
                                                WEIGHT_COMPRESSION, reference)
from brainscore_wiring.frontier.statistics import Difference
from brainscore_wiring.scoring.brainscore_data import PAPER_BENCHMARKS

REPORT, COMPARISONS, FIGURE = "frontier.md", "comparisons.csv", "frontier"
#: What a folder may hold beside the scores: results of `brainscore score --csv` for models to draw as lines.
REFERENCES = "references.csv"

#: Kind of statistics -> what a birth with it stands for.
READINGS = {
    NEWBORN: "Nothing has been seen: batch norm's statistics are the newborn's 0 and 1.",
    NATURAL: "Statistics from 128 unlabelled natural images: some experience, but no label and no update.",
    NATURAL_V1: "The same in V1 alone, which has had its experience before the areas above it.",
    NOISE: "Statistics from 128 noise images: activity before the eyes open.",
}


def write_report(folder: Path, measurements: Iterable[Measurement]) -> list[Path]:
    """Write the report into `folder`; returns its files. Raises `WiringError` where nothing is measured yet."""
    results = by_state(measurements)
    if not results:
        raise WiringError(f"Nothing is measured in '{folder}' yet: `brainscore frontier -o {folder} --data IMAGES` "
                          "does that.")
    tests = comparisons(results, results)
    write_text(folder / COMPARISONS, _comparisons_csv(tests))
    figures = draw(results, _reference_lines(folder / REFERENCES), folder / FIGURE)
    write_text(folder / REPORT, _text(results, tests))
    return [folder / REPORT, folder / COMPARISONS, *figures]


def _text(results: dict[str, StateResult], tests: Differences) -> str:
    kinds = [kind for kind in SUFFIXES if any(result.about.statistics == kind for result in results.values())]
    parts = ["# Brain match at birth against bits in the genome",
             "Scores are relative to each benchmark's ceiling: mean ± standard deviation over n seeds. Bits are those "
             "of the numbers truly needed. Differences are of the mean of the three scores, with a bootstrap 95 % "
             "interval over seeds; p is an exact permutation test over seeds, after Holm's correction for all "
             f"{len(tests)} tests in `{COMPARISONS}`. In the figure every dot is one seed, and the grey line the best "
             "mean of a state at no more bits.",
             f"![Score against bits]({FIGURE}.svg)",
             *(f"## Statistics: {kind}\n\n{READINGS[kind]}\n\n{_table(results, tests, kind)}"
               for kind in kinds),
             _best_text(results), _notes(results)]
    return "\n\n".join(parts) + "\n"


def _table(results: dict[str, StateResult], tests: Differences, kind: str) -> str:
    references = [reference(kind, of) for of in (WEIGHT_COMPRESSION, KAIMING_NORMAL)]
    heads = ["state", "bits", "numbers", "as the paper counts", "images", "n", *TITLES.values(),
             *(f"minus `{other}`" for other in references)]
    lines = [f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---|---:|" + "---|" * (len(heads) - 6)]
    for result in results.values():
        about = result.about
        if about.statistics == kind:
            cells = [f"`{result.name}`", f"{about.bits:,}", f"{about.numbers:,}", f"{about.numbers_paper:,}",
                     _images(about), str(len(result.rows)),
                     *(_mean_and_spread(result.values(score)) for score in TITLES),
                     *(_shown(tests.get((result.name, other, BRAIN_MATCH))) for other in references)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _images(about: Measurement) -> str:
    if about.noise_images:
        return f"{about.noise_images} noise"
    return f"{about.unlabelled_images} unlabelled" if about.unlabelled_images else "none"


def _mean_and_spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f}" + (f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else "")


def _shown(one: Difference | None) -> str:
    return "" if one is None else f"{_with_interval(one)}, p = {one.corrected_p:.2g}"


def _with_interval(one: Difference) -> str:
    return f"{one.value:+.3f}" + ("" if math.isnan(one.low) else f" [{one.low:+.3f}, {one.high:+.3f}]")


def _best_text(results: dict[str, StateResult]) -> str:
    winners = best(results)
    tests = confirmation(results, winners)
    lines = ["## The best at birth",
             f"Chosen by the mean of the three scores on half A, among states of at most {LARGEST_GENOME:,} numbers "
             "whose seeds are all measured; tested on half B, which had no part in the choice (disjoint images for IT; "
             "disjoint macaque neurons and model channels for V1). p after Holm's correction for these "
             f"{len(tests)} tests.",
             "Kinds of statistics answer different questions (what a brain has before it sees, or after it has looked "
             "around), so that the best of all is one reading and the best of each kind another; both are given."]
    chosen = ["| among | best on half A | there | on half B |", "|---|---|---:|---:|",
              *(f"| {kind} | `{name}` | {results[name].mean(BRAIN_MATCH, HALF_A):.3f} | "
                f"{results[name].mean(BRAIN_MATCH, HALF_B):.3f} |" for kind, name in winners.items())]
    tested = ["| state | minus | score | difference on half B | Cohen's d | p |", "|---|---|---|---|---:|---:|",
              *(f"| `{name}` | `{other}` | {TITLES[score]} | {_with_interval(one)} "
                f"| {one.cohens_d:+.1f} | {one.corrected_p:.2g} |" for (name, other, score), one in tests.items())]
    return "\n\n".join([*lines, "\n".join(chosen), "\n".join(tested)])


def _notes(results: dict[str, StateResult]) -> str:
    rows = [row for result in results.values() for row in result.rows]
    names = [f"{score}_{ALL}" for score in TITLES if score != BRAIN_MATCH]
    clipped = sum(row.scores[name] != row.scores[f"{name}_unclipped"] for row in rows for name in names)
    public = [name for name in PAPER_BENCHMARKS if any(name in row.scores for row in rows)]
    notes = [f"- {clipped} of {len(rows) * len(names)} scores are clipped to [0, 1]; `scores.csv` has both."]
    if public:
        notes += [f"- {name}: " + ", ".join(
            f"`{result.name}` {_mean_and_spread([row.scores[name] for row in result.rows if name in row.scores])}"
            for result in results.values() if any(name in row.scores for row in result.rows)) + "." for name in public]
    absent = [name for name in PAPER_BENCHMARKS if name not in public]
    if absent:
        notes.append(f"- Not part of this, because their data were not on the machine: {', '.join(absent)}.")
    missing = [f"`{name}`" for name in STATES if name not in results]
    if missing:
        notes.append(f"- Not measured: {', '.join(missing)}.")
    return "\n".join(["## Notes\n", *notes])


def _comparisons_csv(tests: Differences) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["state", "minus", "score", "difference", "low", "high", "cohens_d", "p", "corrected_p"])
    writer.writerows([*key, one.value, one.low, one.high, one.cohens_d, one.p, one.corrected_p]
                     for key, one in tests.items())
    return text.getvalue()


#: Lines in the figure: model -> its words.
_LINES = {"cornet_s": "trained", "cornet_s_wc_ct": "WC+CT", "pixels": "pixels"}
_BENCHMARKS = {"MacaqueV1Tuning": V1, "Kriegeskorte2008.IT-rdm": MONKEY_IT,
               "Kriegeskorte2008.IT-rdm.human": HUMAN_IT}


def _reference_lines(path: Path) -> dict[str, dict[str, float]]:
    """Words -> score -> value of models that are no birth states, from the user's own results where there are any."""
    if not path.is_file():
        return {}
    lines: dict[str, dict[str, float]] = {}
    try:
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["model"] in _LINES and row["benchmark"] in _BENCHMARKS and row["score"]:
                    lines.setdefault(_LINES[row["model"]], {})[_BENCHMARKS[row["benchmark"]]] = float(row["score"])
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise WiringError(f"'{path}' does not hold results of `brainscore score --csv` ({error!r}): take it "
                          "away.") from None
    for scores in lines.values():
        if len(scores) == len(_BENCHMARKS):
            scores[BRAIN_MATCH] = float(np.mean(list(scores.values())))
    return lines
