"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from brainscore_wiring.arguments import LARGEST_SEED

Json = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]
Genome = Annotated[
    Path | None,
    typer.Option(
        help="Another genome: a file, or a folder with the paper authors' parameter files."
    ),
]
OtherSeed = Annotated[
    int | None, typer.Option(min=0, max=LARGEST_SEED, help="Another seed than the model's own.")
]


def output(what: str) -> Any:
    """`-o`: what is written there."""
    return typer.Option("-o", "--output", help=what)
