"""Numbers in sentences that were written by hand are those of the tables."""

from __future__ import annotations

import csv
import re
import statistics
from pathlib import Path

import pytest
from conftest import shared

from brainscore_wiring.catalogue import model_without_seed
from brainscore_wiring.paper.batch_norm.births import published_births
from brainscore_wiring.scoring.published_scores import published
from brainscore_wiring.scoring.table import read_results

DOCS = Path(__file__).parents[1] / "docs"


def text(page: str) -> str:
    return " ".join((DOCS / page).read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def scores():
    return published(path=shared("reference/scores.sqlite"))


def test_intervals_between_critically_trained_models():
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"cornet_s_wc_ct \| cornet_s_ct \| (\S+) \| 3 and 3 \| (\S+) \[(\S+), (\S+)\]", page
    )
    bounds = {benchmark: (float(low), float(high)) for benchmark, _, low, high in rows}
    v1, early = ("MacaqueV1Tuning", "Cichy2014.EVC-rdm")
    others = [
        bounds[name]
        for name in bounds
        if not name.startswith((v1, early, "Geiger2022"))  # V4, IT and behaviour
    ]
    assert len(others) == 5 and all(low < 0 < high for low, high in others)
    halves = sorted((high - low) / 2 for low, high in others)
    (difference,) = (float(value) for name, value, _, _ in rows if name == v1)
    assert bounds[v1][0] > 0
    assert (
        f"(half-widths {halves[0]:.2f} to {halves[-1]:.2f}) and exclude it in V1 "
        f"({difference:+.2f})" in text("results.md")
    )


def test_standard_training_in_words():
    found: dict[str, dict[str, list[float]]] = {}
    for row in read_results(DOCS / "scores.csv"):
        if row.score is not None and row.model.startswith("cornet_s"):
            models = found.setdefault(row.benchmark, {})
            models.setdefault(model_without_seed(row.model), []).append(row.score)
    higher = {
        benchmark
        for benchmark, models in found.items()
        if min(models["cornet_s"])
        > max(value for name, values in models.items() if name != "cornet_s" for value in values)
    }
    assert {"Cowley2023.V4-pls", "Kriegeskorte2008.IT-rdm", "Mur2013.behaviour-rdm"} <= higher
    assert "Cichy2014.IT-rdm" not in higher  # which is why the sentence says "monkey IT"
    assert (
        "In V4, monkey IT and behaviour each of the three networks of standard training is above "
        "every other CORnet-S here" in text("results.md")
    )
    three = ("MacaqueV1Tuning", "Kriegeskorte2008.IT-rdm", "Kriegeskorte2008.IT-rdm.human")
    means = {
        model: statistics.fmean(statistics.fmean(found[name][model]) for name in three)
        for model in ("cornet_s_wc_ct", "cornet_s")
    }
    assert (
        f"today's WC+CT has {means['cornet_s_wc_ct']:.3f} (n = 3), standard training "
        f"{means['cornet_s']:.3f} (n = {len(found[three[0]]['cornet_s'])})" in text("results.md")
    )


def test_births_in_words():
    page = (DOCS / "results.md").read_text(encoding="utf-8")

    def outcomes(model: str, other: str) -> dict[str, str]:
        """Benchmark -> above, below or neither, by p after correction."""
        rows = re.findall(
            rf"\| {model} \| {other} \| (\S+) \| 10 and 10 \| ([+-]).*\| (\S+) \|", page
        )
        return {
            benchmark: "neither" if float(p) >= 0.05 else {"+": "above", "-": "below"}[sign]
            for benchmark, sign, p in rows
        }

    measured = outcomes("cornet_s_wc_bn", "cornet_s_kn_bn")
    assert len(measured) == 10 and measured.pop("Cowley2023.V4-pls") == "neither"
    assert set(measured.values()) == {"above"}
    assert "significantly above Kaiming Normal on every benchmark but V4" in text("results.md")
    default = outcomes("cornet_s_wc", "cornet_s_kn")
    same = {name for name, outcome in default.items() if outcome == "neither"}
    assert same == {"Cichy2014.EVC-rdm", "Geiger2022-brain_predictivity.offline"}
    assert {name: default[name] for name in set(default) - same} == {
        **dict.fromkeys((name for name in default if "V1Tuning" in name), "above"),
        **dict.fromkeys((name for name in default if "IT-rdm" in name), "below"),
        "Cowley2023.V4-pls": "below",
        "Mur2013.behaviour-rdm": "below",
    }
    assert (
        "With default statistics it is above in V1, below in V4, all three IT benchmarks and "
        "behaviour, and not significantly different in early visual cortex and the mean"
    ) in text("results.md")


def test_learning_curves_in_words():
    with (DOCS / "learning" / "learning.csv").open(encoding="utf-8") as file:
        accuracy = {
            (row["model"], int(row["images"]), float(row["epochs"])): float(row["accuracy"])
            for row in csv.DictReader(file)
        }
    lead = {
        round(images * epochs): []
        for model, images, epochs in accuracy
        if model == "cornet_s_wc_ct"
    }
    for model, images, epochs in accuracy:
        if model == "cornet_s_wc_ct":
            standard = accuracy["cornet_s", images, epochs]
            lead[round(images * epochs)].append(100 * (accuracy[model, images, epochs] - standard))
    ahead = [one for updates, all_of in lead.items() if updates >= 3200 for one in all_of]
    page = text("results.md")
    assert (
        f"Its lead on standard training, {min(ahead):.1f} to {max(ahead):.1f} points, has" in page
    )
    history = (DOCS / "history.md").read_text(encoding="utf-8")
    found = [
        re.search(rf"\| `{model}` \| 1 x 50,000 .*\| ([\d.]+)% of 10,000", history)[1]
        for model in ("cornet_s", "cornet_s_wc_ct")
    ]
    assert f"({found[0]} % against {found[1]} %)" in page


def test_what_the_pictures_of_the_paper_show(scores):
    mean = {name: birth.mean(scores) for name, birth in published_births(scores).items()}
    gains = [mean[name] - mean["KN measured"] for name in ("WC drawn", "WC")]
    page = text("figures/README.md")
    assert (
        f"Of the {mean['WC'] - mean['KN']:.0f} points between them {gains[0]:.1f} to "
        f"{gains[1]:.1f} are left" in page
    )

    def percent(model: str, images: int, epochs: float) -> float:
        (point,) = scores.select(model=model, images=images, epochs=epochs, seed=(0,))
        return scores.percent(point)

    born = {name: scores.percent(scores.birth(name)) for name in ("cornet_s", "cornet_s_wc_ct")}
    after = {name: percent(name, 1000, 1) for name in born}
    fall = born["cornet_s"] - after["cornet_s"]
    apart = after["cornet_s_wc_ct"] - after["cornet_s"]
    assert (
        f"Of the {apart:.0f} points after one epoch on 1,000 images {fall:.0f} come from standard "
        f"training, which falls from {born['cornet_s']:.0f} to {after['cornet_s']:.0f} %" in page
    )
    births = [one for one in published_births(scores)["WC"].points if one.seed in (0, 42)]
    later = scores.select(model="cornet_s_wc_ct", images=1000, epochs=1, seed=(0, 42))
    of_8b = [[scores.percent(point) for point in points] for points in (births, later)]
    first, second = map(statistics.fmean, of_8b)
    assert f"({first:.0f} to {second:.0f} %, 8B)" in page
    for updates, words in ((100_000, "100,000 updates differ"), (1_000_000, "of 1,000,000")):
        there = [
            scores.percent(point)
            for point in scores.select(model="cornet_s")
            if point.updates == updates
        ]
        assert f"{words} by {max(there) - min(there):.0f}" in page
    rows, others = len(scores.points), len(scores.left_out)
    assert f"{rows} of its networks have a model here; {others:,} stored names have none" in page
