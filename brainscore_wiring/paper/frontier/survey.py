"""Measure every birth state with every seed: in any number of processes, killed and started again
at will.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.catalogue import Variant
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.frontier.columns import SCORES
from brainscore_wiring.paper.frontier.measure import BirthBenchmarks
from brainscore_wiring.paper.frontier.networks_at_birth import (
    SeedImages,
    StateNetwork,
    genome_of,
    training_images,
)
from brainscore_wiring.paper.frontier.scores_file import Measurement, ScoresFile
from brainscore_wiring.paper.frontier.states import NATURAL, NATURAL_V1, statistics_of
from brainscore_wiring.paper.frontier.v1 import Undefined
from brainscore_wiring.scoring.brainscore_data import PAPER_BENCHMARKS, missing_files
from brainscore_wiring.scoring.loading import load_benchmark


@dataclass
class Outcome:
    """What a survey did: networks `measured` here, `elsewhere` by other processes now, states
    `skipped` -> reason, networks whose scores are `undefined` (state, seed) -> reason.
    """

    measured: int = 0
    elsewhere: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    undefined: dict[tuple[str, int], str] = field(default_factory=dict)


def survey(
    file: ScoresFile,
    states: Sequence[Variant],
    seeds: Sequence[int],
    data: Path | None,
    report: Callable[[str], None],
) -> Outcome:
    """Measure what `file` does not hold yet, seed by seed, so that all states have as many seeds at
    any time.

    States that cannot be born on this machine, or fail, are skipped and named in the outcome, as
    are networks without a score; these have no row.
    Raises `WiringError` where the file holds networks of another genome or measured on other images
    than these.
    """
    natural = training_images(data)
    outcome = Outcome(skipped=_not_here(states, with_images=natural is not None))
    states = [state for state in states if state.identifier not in outcome.skipped]
    shown = {seed: SeedImages(natural, seed) for seed in seeds}
    _check_same(file, states, shown)
    benchmarks = BirthBenchmarks()
    for seed in seeds:
        for state in states:
            if state.identifier in outcome.skipped:
                continue
            with file.claim(state.identifier, seed) as free:
                if not free:
                    continue
                report(f"{state.identifier}, seed {seed}")
                try:
                    measurement = measure_state(state, shown[seed], benchmarks)
                except Undefined as error:
                    outcome.undefined[state.identifier, seed] = str(error)
                    continue
                except WiringError as error:
                    outcome.skipped[state.identifier] = str(error)
                    continue
                file.add(measurement)
            outcome.measured += 1
            scores = ", ".join(f"{name} {measurement.scores[f'{name}_all']:.3f}" for name in SCORES)
            report(f"{state.identifier}, seed {seed}: {scores} in {measurement.seconds:.0f} s")
        shown.pop(seed)  # its images
    done = file.read()
    outcome.elsewhere = sum(
        (state.identifier, seed) not in {*done, *outcome.undefined}
        for state in states
        for seed in seeds
        if state.identifier not in outcome.skipped
    )
    return outcome


def measure_state(state: Variant, images: SeedImages, benchmarks: BirthBenchmarks) -> Measurement:
    """One network on every benchmark whose data are here."""
    started = time.process_time()
    network, statistics = StateNetwork.born(state, images), statistics_of(state)
    scores = benchmarks.scores(network.model) | _public_scores(network.model)
    return Measurement(
        state.identifier,
        statistics,
        images.seed,
        network.cost.numbers_paper,
        network.cost.numbers,
        network.cost.bits,
        state.unlabelled_images,
        state.noise_images,
        network.genome,
        images.identity(statistics),
        network.fingerprint,
        round(time.process_time() - started, 1),
        scores,
    )


def _public_scores(model: WiringModel) -> dict[str, float]:
    """Scores on those of the paper's five benchmarks, on public data, whose data are on this
    machine.
    """
    here = [name for name in PAPER_BENCHMARKS if not missing_files(name)]
    return {name: float(load_benchmark(name)(model)) for name in here}


def _not_here(states: Sequence[Variant], with_images: bool) -> dict[str, str]:
    reasons = {}
    for state in states:
        try:
            birth_of(state)
        except WiringError as error:
            reasons[state.identifier] = str(error)
            continue
        if not with_images and statistics_of(state) in (NATURAL, NATURAL_V1):
            reasons[state.identifier] = (
                f"{state.identifier} needs natural images for its batch-norm statistics: give "
                "--data FOLDER."
            )
    return reasons


def _check_same(file: ScoresFile, states: Sequence[Variant], shown: dict[int, SeedImages]) -> None:
    """Refuse to go on with scores of other networks than this command would measure."""
    done = file.read()
    for state in states:
        genome = genome_of(birth_of(state))
        for seed, images in shown.items():
            before = done.get((state.identifier, seed))
            changed = before and (
                "genome"
                if before.genome != genome
                else "images"
                if before.images != images.identity(statistics_of(state))
                else ""
            )
            if changed:
                raise WiringError(
                    f"'{file.path}' holds {state.identifier} with another {changed} than now: take "
                    "its rows out, or give another folder."
                )
