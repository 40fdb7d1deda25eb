"""The parts of docs/results.md that are made from tables and records, and the claims' summary in
the README.

score_models(Path("docs"))       # scores what docs/scores.csv has not yet
write_pages(Path("docs"))        # the parts of the pages between their marks, results.svg and .png
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from brainscore_wiring.catalogue import BIRTH_SEEDS, in_epochs, model_without_seed
from brainscore_wiring.paper import training_effects
from brainscore_wiring.paper.batch_norm.offline import combinations_figure, combinations_table
from brainscore_wiring.paper.claims.claims_table import claims_summary
from brainscore_wiring.paper.claims.values import STAR_UPDATES
from brainscore_wiring.paper.comparisons import permutation_p
from brainscore_wiring.paper.pages import fill, markdown_table
from brainscore_wiring.paper.plotting import PLAIN, save_figure, style
from brainscore_wiring.paper.report.comparison import compare, differences_markdown, models_markdown
from brainscore_wiring.paper.report.dot_plot import dot_plot
from brainscore_wiring.progress import shown
from brainscore_wiring.scoring.result import Result
from brainscore_wiring.scoring.runner import UPDATES
from brainscore_wiring.scoring.score import score_many
from brainscore_wiring.scoring.table import ResultTable, read_results
from brainscore_wiring.tables import read_rows

_V4 = "Cowley2023.V4-pls"
#: What the table's models are scored on.
_BENCHMARKS = (
    "MacaqueV1Tuning",
    "MacaqueV1Tuning-peak_spatial_frequency",
    _V4,
    "Kriegeskorte2008.IT-rdm",
    "Kriegeskorte2008.IT-rdm.human",
    "Mur2013.behaviour-rdm",
)
#: What is tested: each pair differs in one thing.
_PAIRS = [
    ("cornet_s_wc", "cornet_s_kn"),
    ("cornet_s_wc_bn", "cornet_s_kn_bn"),
    ("cornet_s_wc_ct", "cornet_s_wc_bn"),
    ("cornet_s_ct", "cornet_s_kn_bn"),
    ("cornet_s_wc_ct", "cornet_s_ct"),
]
#: What the README's picture shows.
_PANELS = ("MacaqueV1Tuning.v2", _V4, "Kriegeskorte2008.IT-rdm", "Mur2013.behaviour-rdm")
#: Full networks do not travel with the package (docs/training.md has the command).
_STANDARD = tuple(
    f"runs/{run}/model.safetensors" for run in ("cornet_s", "cornet_s_seed1", "cornet_s_seed2")
)
_BIRTH_STATES = ("cornet_s_kn", "cornet_s_kn_bn", "cornet_s_wc", "cornet_s_wc_bn")


#: The trained models, each with two further seeds.
_TRAINED = ("cornet_s_wc_ct", "cornet_s_ct")
_REFERENCES = ("pixels", "hmax", "resnet50_kn", "resnet50_wc", "mobilenet_wc", "mobilenet")
#: Untrained networks of the reference's architecture -> seeds.
_UNTRAINED_REFERENCES = {
    "mobilenet_random": range(5),
    "mobilenet_wc_own": range(3),
    "mobilenet_random_noise": range(1),
    "mobilenet_wc_own_noise": range(1),
}


def _models() -> list[str]:
    """What the table has, in the order in which it is scored."""

    def seeds_of(names: Sequence[str], seed: int) -> list[str]:
        return [f"{name}_seed{seed}" if seed else name for name in names]

    trained = [name for seed in (0, 1, 2) for name in seeds_of(_TRAINED, seed)]
    births = [name for seed in BIRTH_SEEDS for name in seeds_of(_BIRTH_STATES, seed)]
    untrained = [
        name
        for model, seeds in _UNTRAINED_REFERENCES.items()
        for seed in seeds
        for name in seeds_of([model], seed)
    ]
    return [*trained, *_STANDARD, *_REFERENCES, *births, *untrained]


def score_models(docs: Path, say: Callable[[str], None] = print) -> None:
    """Score all models on all offline benchmarks; go on where it stopped.

    Trained models come first, then births, seed by seed.
    """
    table = ResultTable(docs / "scores.csv")
    benchmarks = (UPDATES, *dict.fromkeys((*_BENCHMARKS, *training_effects.OFFLINE_COLUMNS)))
    with shown(say=say):
        for name in _models():
            score_many([name], benchmarks, table)


def _measured(docs: Path) -> list[Result]:
    """The rows of docs/scores.csv in the order of `models`."""
    names = [model_without_seed("cornet_s" if name in _STANDARD else name) for name in _models()]
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    results = read_results(docs / "scores.csv")
    return sorted(results, key=lambda row: order.get(model_without_seed(row.model), len(order)))


def trainings(records: Path) -> str:
    """A Markdown row for each training record in a folder."""
    heads = ["model", "seed", "trained on", "trained parameters", "supervised updates"]
    heads += ["loss by epoch", "held-out accuracy", "seconds, on"]
    rows = []
    for record in _records(records):
        data, held_out = record["diet"], record["held_out"]
        accuracy = "no held-out images"
        if held_out:
            accuracy = f"{held_out['accuracy']:.1%} of {held_out['images']:,}"
        cells = [
            f"`{record['variant']}`",
            record["seed"],
            f"{record['epochs']:g} x {data['images']:,} {data['name']} at "
            f"{data['image_size']} px, {record['recipe']['precision']}",
            f"{record['trained_parameters']:,}",
            f"{record['supervised_updates']:,}",
            ", ".join(f"{loss:.2f}" for loss in record["loss"]),
            accuracy,
            f"{record['wall_seconds']:.0f}, {record['hardware']}",
        ]
        rows.append(cells)
    return markdown_table(heads, rows, "lrlrrlrr")


def _records(folder: Path) -> list[dict[str, Any]]:
    """The training records in a folder, as `brainscore train` wrote them."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def learning_curves(records: Path) -> Figure:
    """Mean loss of each epoch and held-out accuracy of the trainings in a folder."""
    drawing = Figure(figsize=(8, 3), layout="constrained")
    losses, accuracy = drawing.subplots(1, 2)
    colours = {"cornet_s": "#333333", "cornet_s_ct": "#7fb2e5", "cornet_s_wc_ct": "#1b4f8f"}
    for record in _records(records):
        model = model_without_seed(record["variant"])
        epochs = range(1, len(record["loss"]) + 1)
        label = model if record["seed"] == 0 and len(record["loss"]) > 1 else None
        style_of = {"color": colours[model], "marker": "o", "markersize": 3, "alpha": 0.7}
        losses.plot(epochs, record["loss"], label=label, **style_of)
        accuracy.plot(record["epochs"], 100 * record["held_out"]["accuracy"], **style_of)
    losses.set(xlabel="epoch", ylabel="mean training loss")
    losses.legend(frameon=False)
    accuracy.set(xlabel="epochs of the training", ylabel="held-out accuracy, %", ylim=(0, None))
    for axis in (losses, accuracy):
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_xlim(0.5, 5.5)
    return drawing


def accuracies(records: Path) -> str:
    """Held-out accuracy by model and epochs, and how two models of three seeds differ."""
    found: dict[tuple[float, str], list[float]] = {}
    for record in _records(records):
        key = record["epochs"], model_without_seed(record["variant"])
        found.setdefault(key, []).append(100 * record["held_out"]["accuracy"])
    lines = []
    for (epochs, model), values in sorted(found.items()):
        spread = f" (seeds {min(values):.1f} to {max(values):.1f})" if len(values) > 1 else ""
        lines.append(
            f"- {in_epochs(epochs)} of `{model}`: {np.mean(values):.1f} %{spread}, "
            f"n = {len(values)}"
        )
    longest = max(epochs for epochs, _ in found)
    one, other = (found[longest, model] for model in _TRAINED)
    lines += [
        "",
        f"After {in_epochs(longest)} `{_TRAINED[0]}` less `{_TRAINED[1]}` is "
        f"{np.mean(one) - np.mean(other):+.1f} points (exact permutation test over seeds, p = "
        f"{permutation_p(one, other):.2g}; three against three cannot give less than .1).",
    ]
    return "\n".join(lines)


def parts(docs: Path) -> dict[str, dict[str, str]]:
    """Page -> its generated parts by name."""
    results = _measured(docs)
    compared = compare(training_effects.with_means(results), pairs=_PAIRS)
    claims = {row["name"]: row for row in read_rows(docs / "figures" / "claims.csv", ("name",))}
    summary = claims_summary([row["verdict"] for row in claims.values()])
    score, updates, standard = (
        claims[name]["recomputed"] for name in ("6-79-percent", "6-14-trillion", "6-3000-trillion")
    )
    return {
        "README.md": {
            "claims": f"  **{summary}** The paper's headline, `{STAR_UPDATES}`: {score} of the "
            f"standard model's match after {updates}, not {standard}, supervised synaptic updates."
        },
        "docs/results.md": {
            "results": f"{models_markdown(compared)}\n\n{differences_markdown(compared)}",
            "trainings": trainings(docs / "records"),
            "accuracies": accuracies(docs / "records"),
        },
        "docs/batch_norm.md": {"combinations": combinations_table(results)},
        "docs/training_effects.md": {"effects": training_effects.effects_table(results)},
    }


def write_pages(docs: Path) -> None:
    """Write all pages and figures that are made from the tables in `docs`."""
    for name, generated in parts(docs).items():
        fill(docs.parent / name, generated)
    with style(PLAIN):
        drawings = {
            "results": dot_plot(compare(_measured(docs)), _PANELS),
            "trainings": learning_curves(docs / "records"),
        }
    for name, drawing in drawings.items():
        save_figure(drawing, docs, name, PLAIN)
    with style():
        save_figure(combinations_figure(_measured(docs)), docs, "batch_norm_offline")
