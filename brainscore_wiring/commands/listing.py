"""`brainscore list models` and `brainscore list benchmarks`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from brainscore_wiring.arguments import named_like
from brainscore_wiring.catalogue import CATALOGUE, model_without_seed
from brainscore_wiring.commands import completion, options
from brainscore_wiring.commands.console import fitted_table, out, plain_table, print_json

#: What is listed of a catalogue row.
_FIELDS = (
    "identifier architecture birth trained epochs images seed figure training_data summary"
).split()
app = typer.Typer(help="List models or benchmarks.")


@app.command(short_help="All models, and which load here.")
def models(
    pattern: Annotated[
        str | None,
        typer.Argument(
            help="Part of a name, or a pattern such as 'cornet_s_wc*'; by default all.",
            autocompletion=completion.models,
        ),
    ] = None,
    here: Annotated[
        bool, typer.Option("--here", help="Only those that load on this machine.")
    ] = False,
    seeds: Annotated[
        bool, typer.Option("--seeds", help="A row for each seed, not one for all of a model.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """The models of the paper and others; Here: has all it needs on this machine."""
    from brainscore_wiring.checkpoints.resolve import resolve

    rows: list[dict[str, Any]] = [
        {name: getattr(row, name) for name in _FIELDS} | {"loadable": not reason, "needs": reason}
        for row in map(CATALOGUE.__getitem__, named_like(pattern, CATALOGUE, "model"))
        for reason in [resolve(row).reason]
    ]
    rows = [row for row in rows if row["loadable"] or not here]
    if as_json:
        print_json(rows)
        return
    _print_models(rows, seeds)


def _print_models(rows: list[dict[str, Any]], seeds: bool) -> None:
    table = plain_table("Model", "Here", right=["Seeds"])
    for column in ("Architecture", "Birth state", "Trained", "Epochs x images"):
        table.add_column(column)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        name = row["identifier"] if seeds else model_without_seed(row["identifier"])
        groups.setdefault(name, []).append(row)
    for name, group in groups.items():
        first = group[0]
        ready = sum(row["loadable"] for row in group)
        table.add_row(
            name,
            _yes(ready == len(group)) or (f"{ready} of {len(group)}" if ready else ""),
            str(first["seed"]) if seeds else f"{len(group)}" if len(group) > 1 else "",
            first["architecture"],
            _words(first["birth"]),
            _words(first["trained"]),
            f"{first['epochs']:g} x {first['images']:,}" if first["images"] else "",
        )
    left_out = fitted_table(table)
    ready = sum(row["loadable"] for row in rows)
    folded = "" if seeds else " (a row for each model; --seeds: for each seed)"
    out.print(
        f"{len(rows)} variants{folded}; {ready} load on this machine. "
        "`brainscore show MODEL` tells what each is and what the others need." + _narrow(left_out),
    )


@app.command()
def benchmarks(
    pattern: Annotated[
        str | None,
        typer.Argument(
            help="Part of a name, or a pattern such as '*IT*'; by default all.",
            autocompletion=completion.benchmarks,
        ),
    ] = None,
    stock: Annotated[
        bool, typer.Option("--stock", help="Those of brainscore_vision, by name alone.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Our benchmarks and the paper's; Here: runs on this machine."""
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS
    from brainscore_wiring.scoring.plugin_folders import STOCK, plugin_folders

    theirs = sorted(plugin_folders(STOCK, "benchmarks"))
    if stock:
        names = named_like(pattern, theirs, "benchmark")
        if as_json:
            print_json([{"identifier": name} for name in names])
            return
        for name in names:
            out.print(name)
        out.print(
            f"{len(names)} benchmarks of brainscore_vision; `brainscore score --benchmark NAME` "
            "takes each, and says what it needs where it cannot run.",
        )
        return
    rows: list[dict[str, Any]] = [
        {
            "identifier": row.identifier,
            "measures": row.measures,
            "default": row.default,
            "runnable": not missing,
            "missing": missing,
        }
        for row in map(BENCHMARKS.__getitem__, named_like(pattern, BENCHMARKS, "benchmark"))
        for missing in [row.why_not_here()]
    ]
    if as_json:
        print_json(rows)
        return
    table = plain_table("Benchmark", "Here", "Measures")
    for row in rows:
        table.add_row(row["identifier"], _yes(row["runnable"]), row["measures"])
    left_out = fitted_table(table)
    out.print(
        "`brainscore data status` tells what those that do not run here need. "
        f"The {len(theirs)} benchmarks of brainscore_vision work by their names too: "
        "`brainscore list benchmarks --stock` has them." + _narrow(left_out),
    )


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _words(key: str) -> str:
    """A key of a registry as words, so that it can be wrapped between them."""
    return key.replace("_", " ")


def _narrow(left_out: int) -> str:
    if not left_out:
        return ""
    return (
        f" Left out, for this terminal is too narrow: the last "
        f"{f'{left_out} columns' if left_out > 1 else 'column'}."
    )
