"""`brainscore show MODEL`: what a variant is, what it takes, whether it loads here."""

from __future__ import annotations

from typing import Annotated

import typer

from brainscore_wiring.commands.console import count, out, print_json


def show(model: Annotated[str, typer.Argument(help="A model identifier; `brainscore list models` has them all.")],
         as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Everything known about one model without loading it."""
    from dataclasses import asdict

    from brainscore_wiring.accounting import account_of
    from brainscore_wiring.catalogue import variant
    from brainscore_wiring.checkpoints.store import checkpoint_path, why_not_loadable
    row = variant(model)
    account, reason, path = account_of(model), why_not_loadable(row), checkpoint_path(row)
    if as_json:
        print_json({**asdict(row), "account": asdict(account), "loadable": not reason, "needs": reason,
                    "checkpoint": str(path) if path else None})
        return
    out.print(f"[bold]{row.identifier}[/bold]  {row.summary}", highlight=False, soft_wrap=True)
    facts = {
        "architecture": row.architecture, "birth": row.birth.replace("_", " "),
        "learns": row.trained.replace("_", " "), "epochs": f"{row.epochs:g}", "labelled images": f"{row.images:,}",
        "seed": row.seed, "figures": row.figure or "none", "in the authors' database": row.original_name or "-",
        "supervised updates": f"{account.supervised_updates:,}",
        "supervised synaptic updates": f"{count(account.supervised_synaptic_updates)} as the paper counts, "
                                       f"{count(account.supervised_synaptic_updates_true)} in truth ({account.status})",
        "loads here": reason or ("yes, from the package" if path is None or "packaged" in path.parts else f"yes, {path}"),
    }
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(f"  {name:<{width}}  {value}", highlight=False, soft_wrap=True, markup=False)
