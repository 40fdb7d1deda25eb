"""One page on own result tables and run folders beside the paper's published scores.

    write_report_page([Path("scores.csv")], [Path("runs")], Path("report.html"), command)

Everything is in the file: it opens from disk and asks no network.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from brainscore_wiring.checkpoints.resolve import ResolvedModel, resolve
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.formatting import count
from brainscore_wiring.paper.pages import rendered, stated
from brainscore_wiring.paper.plotting import style
from brainscore_wiring.paper.report.comparison import (
    ModelComparison,
    compare,
    difference_texts,
    remarks,
    significance_in_words,
)
from brainscore_wiring.paper.report.networks import (
    OWN,
    PAPER_MEANS,
    ScoredNetwork,
    columns_of,
    own_networks,
    published_columns,
    published_networks,
)
from brainscore_wiring.paper.report.runs import RunFolder, read_runs
from brainscore_wiring.public_files import locate
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.loading import brainscore_vision
from brainscore_wiring.scoring.published_scores import PRIVATE, PUBLIC, published
from brainscore_wiring.scoring.table import read_results
from brainscore_wiring.weight_compression.birth import fingerprint_of

_NEEDS = "`pip install '.[report]'` brings the library that draws the charts."
#: Facts about a network that have columns, and whether they are numbers.
_FACTS = {
    "source": False,
    "seed": True,
    "training data": False,
    "labelled images": True,
    "epochs": True,
    "supervised updates": True,
    "synaptic updates": True,
    "batch-norm statistics": False,
}


#: Model -> dissimilarities of objects in its IT; model -> property -> values of its V1 units.
Recorded = tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]]]


class TableCell(NamedTuple):
    """Text, what it is sorted by, and the place of what it comes from (None: as its row)."""

    text: str
    value: Any
    note: int | None = None


def write_report_page(
    tables: Sequence[Path],
    folders: Sequence[Path],
    output: Path,
    command: str,
    record: Sequence[str] = (),
    report: Callable[[str], None] = lambda line: None,
) -> Path:
    """Write the page, whole or not at all.

    `record`: models whose IT and V1 are recorded for it. Raises `WiringError` for tables, folders
    or models that cannot be read, and where the library that draws is missing.
    """
    check_output(output)
    recorded = recorded_models(record, report)
    write_text(output, report_html(tables, folders, command, recorded, report))
    return output


def recorded_models(names: Sequence[str], report: Callable[[str], None]) -> Recorded:
    """What `report_html` shows of models' IT and V1: a minute of work for each."""
    if not names:
        return {}, {}
    brainscore_vision()
    from brainscore_wiring.paper.report.recordings import record_models

    return record_models(names, report)


def report_html(
    tables: Sequence[Path],
    folders: Sequence[Path] = (),
    command: str = "brainscore report",
    recorded: Recorded = ({}, {}),
    report: Callable[[str], None] = lambda line: None,
    live: bool = False,
) -> str:
    """The page as text. `live`: it reloads itself when a server says that the tables changed."""
    try:
        import altair  # noqa: F401  the first to be missing
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise WiringError(f"A report needs {error.name}: {_NEEDS}") from None
    from brainscore_wiring.paper.report.charts import learning_charts, seeds_charts

    report("reading tables")
    comparison = compare([row for table in tables for row in read_results(table)])
    own = own_networks(comparison)
    others, missing, order = _published_networks()
    networks = [*own, *others]
    runs = read_runs(folders)
    columns = columns_of(networks, [*comparison.benchmarks, *order])
    notes: list[str] = []
    rows = [_table_row(one, columns, notes) for one in networks]
    report("drawing")
    kernels, without_kernels = _kernels(comparison, runs)
    sections: dict[str, Any] = {
        "benchmarks": seeds_charts(comparison),
        "planes": _planes(networks, comparison),
        "learning": learning_charts(runs),
        "kernels": kernels,
        "without_kernels": without_kernels,
        "genomes": _genomes(comparison, runs),
    }
    sections |= _recorded(*recorded)
    charts = [
        chart for name in ("benchmarks", "planes", "learning", "tuning") for chart in sections[name]
    ]
    return rendered(
        "report.html.j2",
        title="Report on own models",
        made_from=stated([*tables])
        + (f" {len(runs)} runs from {', '.join(map(str, folders))}." if runs else ""),
        command=command,
        tables=" ".join(map(str, tables)),
        facts=_FACTS,
        columns=columns,
        rows=rows,
        notes=_embedded(notes),
        own=len(own),
        published=len(others),
        missing=missing,
        comparison=comparison,
        verdict=significance_in_words(comparison),
        differences=difference_texts(comparison),
        remarks=remarks(comparison),
        runs=runs,
        run_numbers=_run_numbers,
        live=live,
        **sections,
        specifications=_embedded([chart.specification for chart in charts]),
        library=Markup(_library()),
    )


@cache
def _library() -> str:
    """Vega, Vega-Lite and what embeds them, as one script."""
    import vl_convert

    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace(
        "</script", "<\\/script"
    )


def _embedded(value: Any) -> Markup:
    """JSON that can stand in a script element."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _published_networks() -> tuple[list[ScoredNetwork], str, list[str]]:
    """The published networks, why they are missing (empty where they are not), their columns."""
    private, public = locate(PRIVATE), locate(PUBLIC)
    if private is None or public is None:
        why = (
            "The paper's published scores are not on this machine: `brainscore data fetch "
            f"{PRIVATE} {PUBLIC}` downloads them."
        )
        return [], why, []
    networks, columns = _read_published(private, public)
    return networks, "", columns


@cache
def _read_published(private: Path, public: Path) -> tuple[list[ScoredNetwork], list[str]]:
    networks, columns = [], []
    for path, twin in ((private, "private"), (public, "public")):
        scores = published(twin == "private", path)
        columns += published_columns(scores, twin)
        networks += published_networks(scores, twin)
    return _joined(networks), columns


def _joined(networks: list[ScoredNetwork]) -> list[ScoredNetwork]:
    """Networks that were scored on private and on public data as one row each."""
    found: dict[str, ScoredNetwork] = {}
    for one in networks:
        first = found.get(one.name)
        found[one.name] = one if first is None else _both(first, one)
    return list(found.values())


def _both(first: ScoredNetwork, second: ScoredNetwork) -> ScoredNetwork:
    """One network with the scores of two files, those of the second with what they come from."""
    notes = dict.fromkeys(second.scores, second.note) | dict(second.notes)
    return replace(first, scores={**first.scores, **second.scores}, notes={**first.notes, **notes})


def _table_row(one: ScoredNetwork, columns: Sequence[str], notes: list[str]) -> dict[str, Any]:
    """A network as the cells of a row; what its numbers come from is added to `notes`."""
    notes.append(one.note)
    row = len(notes) - 1

    def number(value: float | None, text: str | None = None) -> TableCell:
        if value is None:
            return TableCell("", "")
        return TableCell(f"{value:,}" if text is None else text, value)

    facts = [
        TableCell(one.source, one.source),
        number(one.seed),
        TableCell(one.data, one.data),
        number(one.images),
        number(one.epochs, f"{one.epochs or 0:g}"),
        number(one.updates),
        number(one.synaptic_updates, count(one.synaptic_updates or 0)),
        TableCell(one.statistics, one.statistics),
    ]
    scores = []
    for name in columns:
        value, note = one.scores.get(name), one.notes.get(name)
        if value is None:
            scores.append(TableCell("", ""))
            continue
        if note is not None:
            notes.append(note)
        scores.append(
            TableCell(f"{value:.3f}", f"{value:.6g}", None if note is None else len(notes) - 1)
        )
    return {
        "name": one.name,
        "own": one.source == OWN,
        "note": row,
        "command": one.command,
        "cells": [*facts, *scores],
    }


def _planes(networks: Sequence[ScoredNetwork], comparison: ModelComparison) -> list[Any]:
    """The paper's plane on its benchmarks' private and public data, and on the mean of others."""
    from brainscore_wiring.paper.report.charts import plane

    offline = [
        name
        for name in comparison.benchmarks
        if name.startswith("Geiger2022-brain_predictivity.offline")
    ]
    titles = {
        **{
            name: f"brain predictivity, the paper's five benchmarks on {twin} data"
            for name, twin in PAPER_MEANS.items()
        },
        **{name: f"mean of other benchmarks ({name})" for name in offline},
    }
    found = [plane(networks, name, title) for name, title in titles.items()]
    return [chart for chart in found if chart is not None]


def _kernels(comparison: ModelComparison, runs: Sequence[RunFolder]) -> tuple[list[Any], list[str]]:
    """Kernels of the first layer, of the first seed of each model and of each run folder; and the
    models without.
    """
    from brainscore_wiring.paper.report.pictures import first_kernels, kernels_picture

    asked: dict[str, tuple[str | Path, str | None]] = {}
    for group in comparison.groups:
        first = group.rows[0]
        name = f"{first.model}@{first.fingerprint}"
        asked[name] = (first.variant or first.model, first.fingerprint)
    asked |= {f"{run.name} (run folder)": (run.weights, None) for run in runs if run.weights}
    pictures, left_out = [], []
    for name, (model, fingerprint) in asked.items():
        try:
            found = resolve(model)
            if not found.reason and _has(found, fingerprint):
                pictures.append(kernels_picture(name, first_kernels(found)))
            else:
                left_out.append(name)
        except WiringError:
            left_out.append(name)
    return pictures, left_out


def _has(model: ResolvedModel, fingerprint: str | None) -> bool:
    """Whether these are a model's weights here, sampled ones too; None stands for those here."""
    if fingerprint is None or model.row.birth == "none" or model.row.noise_images:
        return True
    return fingerprint == (model.fingerprint or _sampled_fingerprint(model.identifier))


@cache
def _sampled_fingerprint(identifier: str) -> str:
    return fingerprint_of(resolve(identifier).birth.state())


def _genomes(comparison: ModelComparison, runs: Sequence[RunFolder]) -> list[dict[str, Any]]:
    """Each genome once: its drawing, and the models that were initialised from it."""
    from brainscore_wiring.paper.report.pictures import birth_behind

    found: dict[str, dict[str, Any]] = {}
    asked: dict[str, tuple[str | Path, str | None]] = {
        first.variant: (first.variant, first.fingerprint)
        for first in (group.rows[0] for group in comparison.groups)
        if first.variant
    }
    asked |= {f"{run.name} (run folder)": (run.weights, None) for run in runs if run.weights}
    for name, (model, fingerprint) in asked.items():
        try:
            resolved = resolve(model)
            genome = None if resolved.reason else birth_behind(resolved).genome
            if genome is None or not _has(resolved, fingerprint):
                continue
            key = genome.to_json()
            if key not in found:
                found[key] = {**_drawn(key), "models": []}
        except WiringError:
            continue
        found[key]["models"].append((name, str(model)))
    return list(found.values())


@cache
def _drawn(genome_text: str) -> dict[str, str]:
    """A genome's picture as a data URI, and what it holds in words."""
    from brainscore_wiring.paper.figures.genome_pictures import draw_genome
    from brainscore_wiring.weight_compression.genome import Genome
    from brainscore_wiring.weight_compression.genome_table import genome_table_in_words

    genome, picture = Genome.from_json(genome_text, "a genome"), io.BytesIO()
    page = draw_genome(genome)
    with style():
        page.savefig(picture, format="png", dpi=110)
    return {
        "picture": f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}",
        "words": genome_table_in_words(genome),
    }


def _run_numbers(run: RunFolder) -> list[tuple[Any, str]]:
    """What a run's row has in numbers: what it is sorted by, and the text."""
    record = run.record
    loss = (run.losses[-1], f"{run.losses[-1]:.2f}") if run.losses else ("", "")
    if record is None:
        epochs = (run.epochs[-1], f"{run.epochs[-1]:g}") if run.epochs else ("", "")
        return [("", ""), ("", ""), epochs, loss, *[("", "")] * 4]
    held_out, seconds = record.held_out, record.wall_seconds
    return [
        ("" if record.seed is None else record.seed, f"{record.seed}"),
        (record.data.images, f"{record.data.images:,}"),
        (record.epochs, f"{record.epochs:g}"),
        loss,
        (held_out.accuracy, f"{held_out.accuracy:.1%}") if held_out else ("", ""),
        (record.trained_parameters, f"{record.trained_parameters:,}"),
        (record.supervised_updates, f"{record.supervised_updates:,}"),
        ("", "") if seconds is None else (seconds, f"{seconds:.0f}"),
    ]


def _recorded(
    objects: dict[str, np.ndarray], tuning: dict[str, dict[str, np.ndarray]]
) -> dict[str, Any]:
    """Matrices and V1 histograms of monkeys, people and the models that were recorded."""
    brainscore_vision()
    from brainscore_wiring.paper.report.recordings import matrices, tuning_charts

    why = BENCHMARKS["Kriegeskorte2008.IT-rdm"].why_not_here()
    return {
        "matrices": [] if why else matrices(objects),
        "no_matrices": why,
        "tuning": tuning_charts(tuning),
        "recorded": list(objects),
    }
