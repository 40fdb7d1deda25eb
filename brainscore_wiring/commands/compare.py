"""`brainscore compare TABLE`: models of result tables, with intervals, effect sizes and exact
tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import say_path
from brainscore_wiring.errors import WrongUsage


def compare(
    context: typer.Context,
    tables: Annotated[
        list[Path],
        typer.Argument(metavar="TABLE...", help="Files that `brainscore score --csv` wrote."),
    ],
    against: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Compare each model with this one. Without it and --pair: every pair with "
            "several seeds and the same kind of batch-norm statistics.",
        ),
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL,OTHER",
            help="Compare these two; may be repeated. Fewer tests, more power.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="A model or a pattern to choose by; may be repeated."),
    ] = None,
    benchmark: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BENCHMARK", help="A benchmark or a pattern to choose by; may be repeated."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        options.output(
            "A folder for comparison.md, .csv (full precision), .html (one file, no network), "
            ".svg and .png."
        ),
    ] = None,
) -> None:
    """Table of scores, and differences over seeds: Welch's 95 % intervals, Cohen's d, exact
    permutation tests corrected by Holm's method.
    """
    import brainscore_wiring

    comparison = brainscore_wiring.compare(
        tables,
        against,
        pairs=_couples(pair or []),
        models=model or (),
        benchmarks=benchmark or (),
    )
    if output is None:
        print(comparison)
        return
    from brainscore_wiring.paper.pages import stated
    from brainscore_wiring.paper.report.comparison_page import write_comparison

    for path in write_comparison(comparison, output, stated(tables), context.obj):
        say_path(path)


def _couples(given: list[str]) -> list[tuple[str, str]]:
    """The models of each `--pair`."""
    couples = []
    for text in given:
        one, comma, other = text.partition(",")
        if not (one and comma and other) or "," in other:
            raise WrongUsage(
                f"--pair takes two models with a comma between them, such as "
                f"cornet_s_wc,cornet_s_kn, not '{text}'."
            )
        couples.append((one, other))
    return couples
