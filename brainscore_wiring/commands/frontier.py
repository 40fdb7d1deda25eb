"""`brainscore frontier -o FOLDER`: how well birth states match the brain, against the bits in their
genomes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brainscore_wiring.catalogue import BIRTH_SEEDS
from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import out, say_path, working
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.formatting import number_of


def frontier(
    output: Annotated[Path, options.output("Folder for scores, table and figure.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Natural images, one folder per class, to measure batch-norm statistics on; "
            "labels stay unread."
        ),
    ] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="A birth state; may be repeated. Without it: all on the frontier's list."
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=10, help="How many of the ten seeds.")] = 10,
    report: Annotated[
        bool, typer.Option("--report", help="Measure nothing, write table and figure again.")
    ] = False,
    four_benchmarks: Annotated[
        bool,
        typer.Option(
            "--four-benchmarks",
            help="The comparison on V1, V4, monkey IT and behaviour, with networks of others.",
        ),
    ] = False,
) -> None:
    """Score birth states with ten seeds each. Stopped or killed, the same command continues;
    several share the work.
    """
    if report and (data or seeds != 10 or (state and four_benchmarks)):
        given = "--data" if data else "--seeds" if seeds != 10 else "--state"
        raise WrongUsage(f"--report writes what was measured again: it takes no {given}.")
    if four_benchmarks:
        _four_benchmarks(output, data, state or [], BIRTH_SEEDS[:seeds], report)
        return
    from brainscore_wiring.paper.frontier.columns import MEASURED
    from brainscore_wiring.paper.frontier.report import write_report
    from brainscore_wiring.paper.frontier.scores_file import ScoresFile
    from brainscore_wiring.paper.frontier.states import STATES, state_called

    chosen = [state_called(name) for name in state or STATES]
    file = ScoresFile(output, MEASURED)
    skipped: dict[str, str] = {}
    undefined: dict[tuple[str, int], str] = {}
    if not report:
        with working("preparing stimuli") as tell:
            from brainscore_wiring.scoring.loading import brainscore_vision

            brainscore_vision()
            from brainscore_wiring.paper.frontier.survey import survey

            outcome = survey(file, chosen, BIRTH_SEEDS[:seeds], data, tell)
        skipped, undefined = outcome.skipped, outcome.undefined
        if undefined:
            out.print(f"Without a score: {number_of(len(undefined), 'network')}:")
        for (name, seed), reason in undefined.items():
            out.print(f"{name}, seed {seed}: {reason}.")
        if outcome.elsewhere:
            out.print(
                f"Measured by another process, which will write the report: "
                f"{number_of(outcome.elsewhere, 'network')}."
            )
            return
    for path in write_report(output, file.read().values()):
        say_path(path)
    _end(skipped, bool(state))
    if undefined:
        raise typer.Exit(1)


def _four_benchmarks(
    output: Path, data: Path | None, names: list[str], seeds: tuple[int, ...], report: bool
) -> None:
    from brainscore_wiring.paper.frontier.four_benchmarks.page import write_four_benchmarks
    from brainscore_wiring.paper.frontier.four_benchmarks.scores import ScoreTable
    from brainscore_wiring.paper.frontier.four_benchmarks.states import states_called

    states, table = states_called(names), ScoreTable(output)
    skipped: dict[str, str] = {}
    if not report:
        with working("preparing stimuli") as tell:
            from brainscore_wiring.scoring.loading import brainscore_vision

            brainscore_vision()
            from brainscore_wiring.paper.frontier.four_benchmarks.survey import measure_states

            skipped = measure_states(table, states, seeds, data, tell)
    for path in write_four_benchmarks(output, table.read()):
        say_path(path)
    _end(skipped, bool(names))


def _end(skipped: dict[str, str], asked: bool) -> None:
    """Name what was left out; exit status 1 where it was asked for."""
    for reason in skipped.values():
        out.print(f"Not measured: {reason}")
    if skipped and asked:
        raise typer.Exit(1)
