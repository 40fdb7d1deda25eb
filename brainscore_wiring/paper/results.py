"""The README's tables, comparisons and picture, from the scores, training records and claims in
`docs`.

    write_readme(Path("docs"))       # the parts of README.md between its marks, and results.svg and .png
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from brainscore_wiring.comparisons import permutation_p
from brainscore_wiring.files import write_text
from brainscore_wiring.paper.claims.claims_table import claims_summary
from brainscore_wiring.paper.plotting import PLAIN, save_figure, style
from brainscore_wiring.scoring.result import Result
from brainscore_wiring.scoring.summary import model_without_seed, summarise
from brainscore_wiring.scoring.table import read_results
from brainscore_wiring.formatting import count
from brainscore_wiring.tables import read_rows

_UPDATES = "Geiger2022-supervised_synaptic_updates"
_BENCHMARKS = {"MacaqueV1Tuning": "V1 tuning", "MacaqueV1Tuning-peak_spatial_frequency": "V1 peak frequency",
           "MacaqueV1Tuning-spatial_frequency_bandwidth": "V1 bandwidth", "Kriegeskorte2008.IT-rdm": "monkey IT",
           "Kriegeskorte2008.IT-rdm.human": "human IT"}
#: Birth states compared over seeds.
_COMPARISONS = [("cornet_s_wc", "cornet_s_kn"), ("cornet_s_wc_bn", "cornet_s_kn_bn")]
#: One trained model each, set against the ten seeds of its birth state.
_TRAINED = [("cornet_s_wc_ct", "cornet_s_wc_bn"), ("cornet_s_ct", "cornet_s_kn_bn")]


def models_table(results: list[Result]) -> str:
    """A Markdown row for each model, seeds taken together as mean ± standard deviation."""
    lines = ["| model | n | supervised synaptic updates | their score | " + " | ".join(_BENCHMARKS.values()) + " |",
             "|---|---|---:|---:|" + "---:|" * len(_BENCHMARKS)]
    for (model, _), cells in summarise(results).items():
        updates = cells[_UPDATES]
        scores = [str(cells[name]) if name in cells else "" for name in _BENCHMARKS]
        lines.append(f"| `{model}` | {updates.seeds} | {count(updates.raw or 0)} | {updates.mean:.2f} | "
                     + " | ".join(scores) + " |")
    return "\n".join(lines)


def birth_comparisons(results: list[Result]) -> str:
    """What the scores say on the paper's two claims, sentence by sentence."""
    scores = _by_model(results)
    tests = len(_COMPARISONS) * len(_BENCHMARKS)
    lines = [f"At birth, over ten seeds each (permutation tests; {tests} were made, so p below {0.05 / tests:.1g} survives "
             "correction):", ""]
    for better, worse in _COMPARISONS:
        parts = []
        for benchmark, name in _BENCHMARKS.items():
            first, second = scores[better, benchmark], scores[worse, benchmark]
            parts.append(f"{name} {np.mean(first) - np.mean(second):+.3f} (p = {permutation_p(first, second):.2g})")
        lines.append(f"- `{better}` minus `{worse}`: {', '.join(parts)}.")
    lines += ["", "Critical training, one trained model (seed 0) against the ten births with measured statistics that it "
              "could have started from; one model supports no test:", ""]
    for trained, born in _TRAINED:
        parts = []
        for benchmark, name in _BENCHMARKS.items():
            value, births = scores[trained, benchmark][0], scores[born, benchmark]
            parts.append(f"{name} {value - np.mean(births):+.3f} (above {sum(value > b for b in births)} of {len(births)})")
        lines.append(f"- `{trained}` minus the mean of `{born}`: {', '.join(parts)}.")
    return "\n".join(lines)


def _by_model(results: list[Result]) -> dict[tuple[str, str], list[float]]:
    """(model without its seed, benchmark) -> the score of each seed."""
    scores: dict[tuple[str, str], list[float]] = {}
    for result in results:
        if result.score is not None:
            scores.setdefault((model_without_seed(result.model), result.benchmark), []).append(result.score)
    return scores


def figure(results: list[Result]) -> Figure:
    """Every seed as a dot: V1 tuning and monkey and human IT of each model."""
    panels = ["MacaqueV1Tuning", "Kriegeskorte2008.IT-rdm", "Kriegeskorte2008.IT-rdm.human"]
    models = list(dict.fromkeys(model_without_seed(result.model) for result in results))
    colours = {model: "#1b4f8f" if "_wc" in model else "#7fb2e5" if model.startswith("cornet_s_") else "#333333"
               for model in models}
    scores = _by_model(results)
    drawing = Figure(figsize=(11, 3.6), layout="constrained")
    axes = drawing.subplots(1, len(panels), sharey=True)
    for axis, benchmark in zip(axes, panels):
        for row, model in enumerate(models):
            values = scores.get((model, benchmark), [])
            axis.plot(values, [row] * len(values), "o", color=colours[model], alpha=0.45, markersize=5)
            axis.plot(np.mean(values), row, "|", color=colours[model], markersize=16, markeredgewidth=2)
        axis.set(title=_BENCHMARKS[benchmark], xlim=(0, None))
        axis.set_xlabel("score (1 = noise ceiling)")
        axis.grid(axis="x", alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(models)), models)
    axes[0].invert_yaxis()
    return drawing


def trainings(records: Path) -> str:
    """A Markdown row for each training record in a folder, as `brainscore train` wrote it."""
    lines = ["| training | visual diet | parameters that learn | supervised updates | last epoch's loss | held-out accuracy | "
             "minutes |", "|---|---|---:|---:|---:|---:|---:|"]
    for path in sorted(records.glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        diet, held_out = record["diet"], record["held_out"]
        accuracy = f"{held_out['accuracy']:.1%} of {held_out['images']:,}" if held_out else "no held-out images"
        lines.append(f"| `{record['variant']}` | {record['epochs']:g} x {diet['images']:,} {diet['name']} at "
                     f"{diet['image_size']} px, {record['recipe']['precision']} | {record['trained_parameters']:,} | "
                     f"{record['supervised_updates']:,} | {record['loss'][-1]:.3f} | {accuracy} | "
                     f"{record['wall_seconds'] / 60:.0f} |")
    return "\n".join(lines)


def filled(readme: str, parts: dict[str, str]) -> str:
    """The README's text with each part between `<!-- name -->` and `<!-- end of name -->`."""
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        readme = f"{readme[:readme.index(begin)]}{begin}\n{part}\n{readme[readme.index(end):]}"
    return readme


def parts(docs: Path) -> dict[str, str]:
    """The README's generated parts by name."""
    results = read_results(docs / "scores.csv")
    answers = [row["agrees"] for row in read_rows(docs / "figures" / "claims.csv", ("agrees",))]
    return {"results": f"{models_table(results)}\n\n{birth_comparisons(results)}", "trainings": trainings(docs / "records"),
            "claims": f"**{claims_summary(answers)}**"}


def write_readme(docs: Path) -> None:
    """Write everything anew that is made from what is in `docs`."""
    readme = docs.parent / "README.md"
    write_text(readme, filled(readme.read_text(encoding="utf-8"), parts(docs)))
    with style(PLAIN):
        drawing = figure(read_results(docs / "scores.csv"))
    save_figure(drawing, docs, "results", PLAIN)
