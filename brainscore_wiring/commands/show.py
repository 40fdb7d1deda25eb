"""`brainscore show MODEL`: what a variant is, what it takes, whether it loads here."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from brainscore_wiring.architectures import architecture
from brainscore_wiring.commands import completion, options
from brainscore_wiring.commands.console import out, print_json
from brainscore_wiring.formatting import (
    evidence_in_words,
    genome_in_words,
    listed,
    recipe_in_words,
    synapses_in_words,
    weights_in_words,
)


def show(
    model: Annotated[
        str,
        typer.Argument(
            help="A model identifier (`brainscore list models` has all), or a checkpoint file.",
            autocompletion=completion.catalogue,
        ),
    ],
    as_json: options.Json = False,
) -> None:
    """Everything known about one model without loading it."""
    from dataclasses import asdict

    from brainscore_wiring.checkpoints.locate import evidence_of
    from brainscore_wiring.checkpoints.resolve import resolve

    found = resolve(model)
    row, plan, record, evidence = found.row, found.plan, found.record, evidence_of(found.row)
    if as_json:
        print_json(
            {
                **asdict(row),
                "account": plan and asdict(plan),
                "loadable": not found.reason,
                "needs": found.reason,
                "checkpoint": str(found.file) if found.file else None,
                "record": found.weights and found.weights.header.record,
                "record_account": record and asdict(record.account),
                "evidence": evidence,
            }
        )
        return
    out.print(Text.assemble((row.identifier, "bold"), f"  {row.summary}"))
    one = architecture(row.architecture)
    modules = listed(one.outermost_modules)
    facts = {
        "architecture": f"{row.architecture} ({modules or 'nothing in it is trained'})",
        "trainable sets": listed(one.sets) or None,
        "recipe": f"{recipe_in_words(row)}, seed {row.seed}",
        "its account": plan.in_words() if plan else found.uncounted,
        "its synapses": plan and synapses_in_words(plan),
        "its genome": genome_in_words(row, plan),
        "figures": row.figure.replace(";", ", "),
        "authors' name": row.original_name or "none",
        "loads here": found.reason
        or (f"yes, {found.file}" if found.file else "yes, sampled at birth or computed"),
    }
    if record:
        facts["weights here"] = weights_in_words(record)
        facts["their account"] = record.account.in_words()
        if record.imported:
            facts["their source"] = f"{record.imported}; {record.imported.stated}"
    if evidence:
        facts["evidence"] = evidence_in_words(evidence)
    if found.fingerprint:
        facts["fingerprint"] = found.fingerprint
    facts = {name: value for name, value in facts.items() if value is not None}
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(f"  {name:<{width}}  {value}", indent=width + 4)
