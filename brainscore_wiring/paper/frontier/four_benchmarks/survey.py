"""Measure what the table does not hold yet: killed, it goes on where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.frontier.columns import ALL
from brainscore_wiring.paper.frontier.four_benchmarks.decisions import with_v4
from brainscore_wiring.paper.frontier.four_benchmarks.parts import FourBenchmarks, PartScores
from brainscore_wiring.paper.frontier.four_benchmarks.scores import (
    CHEAP,
    V4_NEURONS,
    Row,
    ScoreTable,
)
from brainscore_wiring.paper.frontier.four_benchmarks.states import State
from brainscore_wiring.paper.frontier.networks_at_birth import SeedImages, training_images
from brainscore_wiring.paper.frontier.states import NATURAL, NATURAL_V1
from brainscore_wiring.training.data.images import LabelledImages

Measure = Callable[[WiringModel], dict[str, PartScores]]


def measure_states(
    table: ScoreTable,
    states: Sequence[State],
    seeds: Sequence[int],
    data: Path | None,
    report: Callable[[str], None],
) -> dict[str, str]:
    """Measure all states, seed by seed: all benchmarks but V4, then V4 of the references and of
    those that the rules select.

    Returns state -> reason for those that could not be measured. Raises `WiringError` where the
    table holds one of the states with other images or another genome.
    """
    natural = training_images(data)
    skipped = {
        state.name: f"{state.name} needs natural images for its statistics: give --data FOLDER."
        for state in states
        if natural is None and state.statistics in (NATURAL, NATURAL_V1)
    }
    _check_images(table, [state for state in states if state.name not in skipped], natural)
    benchmarks = FourBenchmarks()
    for names, measure in ((CHEAP, benchmarks.cheap), ((V4_NEURONS,), benchmarks.v4)):
        for seed in seeds:
            images = SeedImages(natural, seed)
            asked = (
                with_v4(table.read()) if names == (V4_NEURONS,) else {one.name for one in states}
            )
            for state in states:
                if state.name in skipped or state.name not in asked:
                    continue
                with table.claim(state.name, seed, names) as free:
                    if not free:
                        continue
                    report(f"{state.name}, seed {seed}: {', '.join(names)}")
                    try:
                        rows = _measured(state, images, measure)
                    except WiringError as error:
                        skipped[state.name] = str(error)
                        continue
                    _check_genome(table, rows[0])
                    table.add(rows)
                values = ", ".join(f"{row.score:.3f}" for row in rows if row.part == ALL)
                report(f"{state.name}, seed {seed}: {values} in {rows[0].seconds:.0f} s")
    return skipped


def _check_images(
    table: ScoreTable, states: Sequence[State], natural: LabelledImages | None
) -> None:
    shown: dict[int, SeedImages] = {}
    asked = {state.name: state for state in states}
    for row in table.read():
        if row.state in asked:
            images = shown.setdefault(row.seed, SeedImages(natural, row.seed))
            if row.images != images.identity(asked[row.state].statistics):
                raise _another(table, row, "images")


def _check_genome(table: ScoreTable, new: Row) -> None:
    for row in table.read():
        if row.state == new.state and row.genome != new.genome:
            raise _another(table, row, "genome")


def _another(table: ScoreTable, row: Row, what: str) -> WiringError:
    return WiringError(
        f"'{table.path}' holds {row.state}, seed {row.seed}, with another {what} than now: take "
        "its rows out, or give another folder."
    )


def _measured(state: State, images: SeedImages, measure: Measure) -> list[Row]:
    started = time.process_time()
    network = state.network(images)
    found = measure(network.model)
    seconds = round(time.process_time() - started, 1)
    return [
        Row(
            state.name,
            images.seed,
            benchmark,
            part,
            one.score,
            one.raw,
            one.ceiling,
            state.statistics,
            network.cost.numbers,
            network.cost.bits,
            network.genome,
            images.identity(state.statistics),
            network.fingerprint,
            seconds,
        )
        for benchmark, parts in found.items()
        for part, one in parts.items()
    ]
