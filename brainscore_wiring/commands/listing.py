"""`brainscore list models` and `brainscore list benchmarks`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from brainscore_wiring.commands.console import line, out, print_json

app = typer.Typer(help="List models or benchmarks.")
Json = Annotated[bool, typer.Option("--json", help="One JSON object per row.")]


@app.command()
def models(as_json: Json = False) -> None:
    """Every variant of the paper; those marked loadable have all they need on this machine."""
    from brainscore_wiring.catalogue import CATALOGUE
    from brainscore_wiring.checkpoints.resolve import resolve

    rows: list[dict[str, Any]] = [
        {
            "identifier": row.identifier,
            "architecture": row.architecture,
            "birth": row.birth,
            "trained": row.trained,
            "epochs": row.epochs,
            "images": row.images,
            "seed": row.seed,
            "figure": row.figure,
            "diet": row.diet,
            "summary": row.summary,
            "loadable": not reason,
            "needs": reason,
        }
        for row in CATALOGUE.values()
        for reason in [resolve(row).reason]
    ]
    ready = sum(row["loadable"] for row in rows)
    _print(
        rows,
        as_json,
        "loadable",
        "summary",
        f"{len(rows)} variants; the {ready} marked * load on this machine. "
        "`brainscore show MODEL` tells what each is and what the others need.",
    )


@app.command()
def benchmarks(as_json: Json = False) -> None:
    """Our benchmarks and the paper's; those marked run on this machine."""
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS

    rows = [
        {
            "identifier": row.identifier,
            "measures": row.measures,
            "default": row.default,
            "runnable": not missing,
            "missing": missing,
        }
        for row in BENCHMARKS.values()
        for missing in [row.why_not_here()]
    ]
    _print(
        rows,
        as_json,
        "runnable",
        "measures",
        "Those marked * run on this machine; `brainscore data status` tells "
        "what the others need. Every stock Brain-Score benchmark works by its name too.",
    )


def _print(rows: list[dict], as_json: bool, marked: str, text: str, legend: str) -> None:
    """The rows as JSON, or one line each with a * where `marked` is true, and the legend."""
    if as_json:
        print_json(rows)
        return
    width = max(len(row["identifier"]) for row in rows)
    for row in rows:
        line(f"{'*' if row[marked] else ' '} {row['identifier']:<{width}}  {row[text]}")
    out.print(legend, highlight=False, soft_wrap=True)
