"""`brainscore show MODEL`: what a variant is, what it takes, whether it loads here."""

from __future__ import annotations

from typing import Annotated

import typer

from brainscore_wiring.commands.console import out, print_json


def show(model: Annotated[str, typer.Argument(help="A model identifier; `brainscore list models` has them all.")],
         as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Everything known about one model without loading it."""
    from dataclasses import asdict

    from brainscore_wiring.accounting import account_of, account_of_record
    from brainscore_wiring.catalogue import variant
    from brainscore_wiring.checkpoints.store import (checkpoint_path, evidence_of, imported_from, stored_record,
                                                     why_not_loadable)
    from brainscore_wiring.errors import WiringError
    from brainscore_wiring.sentences import (account_in_words, evidence_in_words, genome_in_words, recipe_in_words,
                                             weights_in_words)
    row = variant(model)
    reason, path, record = why_not_loadable(row), checkpoint_path(row), stored_record(row)
    try:
        plan, unknown = account_of(model), ""
    except WiringError as error:  # a few transfers whose trained layers nobody published
        plan, unknown = None, str(error)
    grown = account_of_record(record) if record else None
    if as_json:
        print_json({**asdict(row), "account": plan and asdict(plan), "loadable": not reason, "needs": reason,
                    "checkpoint": str(path) if path else None, "record": record,
                    "record_account": grown and asdict(grown), "evidence": evidence_of(row)})
        return
    out.print(f"[bold]{row.identifier}[/bold]  {row.summary}", highlight=False, soft_wrap=True)
    facts = {
        "recipe": f"{recipe_in_words(row)}, seed {row.seed}",
        "its account": account_in_words(plan) if plan else unknown,
        "its genome": genome_in_words(row, plan),
        "figures": row.figure, "authors' name": row.original_name or "none",
        "loads here": reason or (f"yes, {path}" if path else "yes, sampled at birth or computed"),
    }
    if record:
        facts["weights here"] = weights_in_words(record)
        facts["their account"] = account_in_words(grown)
        if imported_from(record):
            facts["their source"] = f"{imported_from(record)}; {record['imported']['stated']}"
    evidence = evidence_of(row)
    if evidence:
        facts["evidence"] = evidence_in_words(evidence)
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(f"  {name:<{width}}  {value}", highlight=False, soft_wrap=True, markup=False)

