"""The page's charts as Vega-Lite: a description of data and marks that a browser draws as SVG,
every mark named for screen readers.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np

from brainscore_wiring.formatting import number_of
from brainscore_wiring.paper.report.comparison import ModelComparison
from brainscore_wiring.paper.report.dot_plot import interval_of
from brainscore_wiring.paper.report.networks import FROM_PAPER, OWN, ScoredNetwork
from brainscore_wiring.paper.report.runs import RunFolder

#: Family -> colour, apart for every kind of colour vision (after Okabe and Ito), seen on white as
#: on black.
FAMILIES = {
    "from random weights, all trained": "#56B4E9",
    "from random weights, part trained": "#4477AA",
    "from random weights, at birth": "#CC79A7",
    "from a genome, all trained": "#A89400",
    "from a genome, part trained": "#D55E00",
    "from a genome, at birth": "#E69F00",
    "no learning": "#8C8C8C",
    "other": "#009E73",
}
_STAR = (
    "M0,-1L0.22,-0.31L0.95,-0.31L0.36,0.12L0.59,0.81"
    "L0,0.38L-0.59,0.81L-0.36,0.12L-0.95,-0.31L-0.22,-0.31Z"
)


@dataclass(frozen=True)
class Chart:
    """A chart, its heading, and what it shows in one sentence."""

    title: str
    about: str
    specification: dict[str, Any]


def _chart(title: str, about: str, chart: Any, **more: Any) -> Chart:
    return Chart(
        title, about, chart.properties(width="container", description=about, **more).to_dict()
    )


def _data(rows: Iterable[Mapping[str, Any]]) -> alt.Data:
    return alt.Data(values=[dict(row) for row in rows])


def seeds_charts(comparison: ModelComparison) -> list[Chart]:
    """For each benchmark every seed as a dot, with mean and 95 % interval."""
    return [_seeds_chart(comparison, name) for name in comparison.benchmarks]


def _seeds_chart(comparison: ModelComparison, benchmark: str) -> Chart:
    dots, means = [], []
    for group in comparison.groups:
        values = group.values(benchmark)
        if not values:
            continue
        low, high = interval_of(group, benchmark) or (None, None)
        means.append(
            {
                "model": group.name,
                "mean": statistics.fmean(values),
                "low": low,
                "high": high,
                "n": len(values),
                "interval": "of the mean over seeds" if len(values) > 1 else "of the one network",
            }
        )
        dots += [
            {
                "model": group.name,
                "score": row.score,
                "seed": row.seed,
                "weights": f"{row.model}@{row.fingerprint}",
                "training data": row.diet or "none",
            }
            for row in group.rows
            if row.benchmark == benchmark and row.score is not None
        ]
    title = "score (1 = noise ceiling)"
    order = [str(row["model"]) for row in means]
    axis = alt.Y("model:N", sort=order, title=None, axis=alt.Axis(labelLimit=220))
    base = alt.Chart(_data(means)).encode(
        y=axis, tooltip=["model:N", "mean:Q", "low:Q", "high:Q", "n:Q", "interval:N"]
    )
    line = base.mark_rule(strokeWidth=2, opacity=0.6, color="#8C8C8C").encode(
        x=alt.X("low:Q", title=title), x2="high:Q"
    )
    mean = base.mark_tick(thickness=3, size=16, color="#0072B2").encode(
        x=alt.X("mean:Q", title=title)
    )
    seeds = (
        alt.Chart(_data(dots))
        .mark_circle(size=55, opacity=0.75, color="#D55E00")
        .encode(
            x=alt.X("score:Q", title=title),
            y=axis,
            tooltip=[
                "weights:N",
                "seed:N",
                alt.Tooltip("score:Q", format=".3f"),
                "training data:N",
            ],
        )
    )
    return _chart(
        benchmark,
        f"{benchmark}: a dot for each seed of {len(order)} models, a bar for the mean, a line for "
        "the 95 % interval of the mean, or of the one network where there is a single seed.",
        alt.layer(*([line] if any(row["low"] is not None for row in means) else []), seeds, mean),
        height=20 * len(order),
    )


def plane(networks: Sequence[ScoredNetwork], benchmark: str, title: str) -> Chart | None:
    """Score on one benchmark over supervised synaptic updates; None where no network has both.

    Own networks that were not scored on it are marks on the horizontal axis alone.
    """
    counted = [one for one in networks if one.synaptic_updates is not None]
    there = [one for one in counted if benchmark in one.scores]
    if not there:
        return None
    fewest = min(
        (one.synaptic_updates or 0 for one in there if one.synaptic_updates), default=10**9
    )
    most = max(one.synaptic_updates or 0 for one in counted)
    start = 10.0 ** math.floor(math.log10(fewest))
    zero = start / 10
    ticks = [
        zero,
        *(
            10.0**power
            for power in range(
                round(math.log10(start)), math.ceil(math.log10(max(most, start * 10))) + 1
            )
        ),
    ]
    rows = [_place(one, zero) | {"score": one.scores[benchmark]} for one in there]
    families = [name for name in FAMILIES if name in {row["family"] for row in rows}]
    x = alt.X(
        "place:Q",
        scale=alt.Scale(type="log", domain=[zero, ticks[-1]]),
        title="supervised synaptic updates (epochs x labelled images x trained synapses)",
        axis=alt.Axis(
            values=ticks,
            labelExpr=f"datum.value < {start} ? '0' : format(datum.value, '.0e')",
            grid=False,
        ),
    )
    colour = alt.Color(
        "family:N",
        scale=alt.Scale(domain=families, range=[FAMILIES[name] for name in families]),
        legend=alt.Legend(title=None, orient="bottom", columns=2, labelLimit=300),
    )
    tooltip = [
        "network:N",
        "source:N",
        alt.Tooltip("score:Q", format=".3f"),
        alt.Tooltip("updates:Q", format=","),
        "training data:N",
        "images:Q",
        "epochs:Q",
        "seed:N",
    ]
    y = alt.Y("score:Q", title="mean score over ceiling", scale=alt.Scale(zero=True))
    looks: dict[str, dict[str, Any]] = {
        FROM_PAPER: {"size": 26, "opacity": 0.55, "shape": "circle"},
        OWN: {"size": 170, "shape": _STAR, "stroke": "#8C8C8C", "strokeWidth": 0.7},
    }
    layers = [
        alt.Chart(_data(row for row in rows if row["source"] == source))
        .mark_point(filled=True, **look)
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
        for source, look in looks.items()
        if any(row["source"] == source for row in rows)
    ]
    absent = [one for one in counted if one.source == OWN and benchmark not in one.scores]
    if absent:
        layers.append(
            alt.Chart(_data(_place(one, zero) for one in absent))
            .mark_tick(size=14, thickness=2, orient="vertical", yOffset=-7)
            .encode(
                x=x,
                y=alt.YDatum(0),
                color=colour,
                tooltip=["network:N", alt.Tooltip("updates:Q", format=","), "training data:N"],
            )
        )
    own = sum(one.source == OWN for one in there)
    uncounted = sum(benchmark in one.scores for one in networks) - len(there)
    about = (
        f"{title} over supervised synaptic updates: {len(there) - own} published networks (circles)"
        f" and {own} own ones (stars)."
    )
    if absent:
        about += (
            f" Not scored on this benchmark: {number_of(len(absent), 'own network')}, marks below, "
            "which have a place on the horizontal axis alone."
        )
    if uncounted:
        about += f" {uncounted} whose trained synapses are not counted are left out."
    return _chart(title, about, alt.layer(*layers), height=330)


def _place(one: ScoredNetwork, zero: float) -> dict[str, Any]:
    return {
        "network": one.name,
        "source": one.source,
        "family": one.family,
        "updates": one.synaptic_updates,
        "place": float(one.synaptic_updates or zero),
        "training data": one.data or "none",
        "images": one.images,
        "epochs": one.epochs,
        "seed": one.seed,
    }


def learning_charts(runs: Sequence[RunFolder]) -> list[Chart]:
    """Loss over epochs of every run, and held-out accuracy of those that have ended."""
    if not runs:
        return []
    losses = [
        {"run": run.name, "model": run.model, "epoch": epoch, "loss": loss}
        for run in runs
        for epoch, loss in zip(run.epochs, run.losses)
    ]
    colour = alt.Color(
        "model:N",
        scale=alt.Scale(range=list(FAMILIES.values())),
        legend=alt.Legend(title=None, orient="bottom", columns=2),
    )
    curves = (
        alt.Chart(_data(losses))
        .mark_line(point=alt.OverlayMarkDef(size=36))
        .encode(
            x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("loss:Q", title="mean training loss", scale=alt.Scale(zero=False)),
            color=colour,
            detail="run:N",
            tooltip=["run:N", "model:N", "epoch:Q", alt.Tooltip("loss:Q", format=".3f")],
        )
    )
    charts = [
        _chart(
            "Training loss",
            f"Mean training loss of each epoch, {len(runs)} runs.",
            curves,
            height=240,
        )
    ]
    accuracies = [
        {
            "run": run.name,
            "model": run.model,
            "epochs": run.record.epochs,
            "accuracy": run.record.held_out.accuracy,
            "images": run.record.held_out.images,
        }
        for run in runs
        if run.record and run.record.held_out
    ]
    if accuracies:
        points = (
            alt.Chart(_data(accuracies))
            .mark_point(filled=True, size=70)
            .encode(
                x=alt.X("epochs:Q", title="epochs of the training", axis=alt.Axis(tickMinStep=1)),
                y=alt.Y("accuracy:Q", title="held-out accuracy", axis=alt.Axis(format="%")),
                color=colour,
                tooltip=[
                    "run:N",
                    "model:N",
                    "epochs:Q",
                    alt.Tooltip("accuracy:Q", format=".1%"),
                    "images:Q",
                ],
            )
        )
        charts.append(
            _chart(
                "Held-out accuracy",
                f"Accuracy on held-out images at the end of {len(accuracies)} runs.",
                points,
                height=240,
            )
        )
    return charts


def histogram_chart(
    title: str, unit: str, edges: np.ndarray, shares: Mapping[str, np.ndarray]
) -> Chart:
    """Shares of units in bins: the macaque's (the first) as bars, models' as lines."""
    middle = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    rows = [
        {"bin": number, "range": middle[number], "share": float(share), "population": who}
        for who, values in shares.items()
        for number, share in enumerate(values)
    ]
    macaque, *models = shares
    x = alt.X(
        "bin:O",
        title=f"{title} ({unit}), bins" if unit else f"{title}, bins",
        axis=alt.Axis(labels=False, ticks=False),
    )
    y = alt.Y("share:Q", title="share of units", axis=alt.Axis(format="%"))
    tooltip = ["population:N", "range:N", alt.Tooltip("share:Q", format=".1%")]
    bars = (
        alt.Chart(_data(row for row in rows if row["population"] == macaque))
        .mark_bar(color="#8C8C8C", opacity=0.55)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    layers = [bars]
    if models:
        lines = (
            alt.Chart(_data(row for row in rows if row["population"] != macaque))
            .mark_line(interpolate="step", point=True)
            .encode(
                x=x,
                y=y,
                tooltip=tooltip,
                color=alt.Color(
                    "population:N",
                    scale=alt.Scale(range=list(FAMILIES.values())),
                    legend=alt.Legend(title=None, orient="bottom"),
                ),
            )
        )
        layers.append(lines)
    return _chart(
        title,
        f"{title}: {macaque} as bars" + (f", {' and '.join(models)} as lines." if models else "."),
        alt.layer(*layers),
        height=170,
    )
