"""`brainscore show MODEL`: what a variant is, what it takes, whether it loads here."""

from __future__ import annotations

from typing import Annotated

import typer

from brainscore_wiring.catalogue import GENOME_BIRTHS, Variant, in_epochs, variant
from brainscore_wiring.commands.console import count, out, print_json


def show(model: Annotated[str, typer.Argument(help="A model identifier; `brainscore list models` has them all.")],
         as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Everything known about one model without loading it."""
    from dataclasses import asdict

    from brainscore_wiring.accounting import account_of, account_of_record
    from brainscore_wiring.checkpoints.store import (checkpoint_path, evidence_of, imported_from, stored_record,
                                                     why_not_loadable)
    from brainscore_wiring.errors import WiringError
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
        "recipe": f"{_seen(row)}, seed {row.seed}",
        "its account": _in_words(plan) if plan else unknown,
        "its genome": _genome(row, plan),
        "figures": row.figure, "authors' name": row.original_name or "none",
        "loads here": reason or (f"yes, {path}" if path else "yes, sampled at birth or computed"),
    }
    if record:
        diet, held_out = record["diet"], record["held_out"]
        pixels = f" at {diet['image_size']} px" if "image_size" in diet else ""
        shown = (f"{in_epochs(record['epochs'])} of {diet['images']:,} {diet['name']} images" if record["images_shown"]
                 else f"no labelled image; {record['unlabelled_images']:,} unlabelled {diet['name']} images")
        facts["weights here"] = (f"{shown}{pixels}, batch-norm statistics {record['batch_norm_statistics']}"
                                 + (f", held-out accuracy {held_out['accuracy']:.1%}" if held_out else ""))
        facts["their account"] = _in_words(grown)
        if imported_from(record):
            facts["their source"] = f"{imported_from(record)}; {record['imported']['stated']}"
    evidence = evidence_of(row)
    if evidence:
        facts["evidence"] = _evidence(evidence)
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(f"  {name:<{width}}  {value}", highlight=False, soft_wrap=True, markup=False)


def _seen(row: Variant) -> str:
    if not row.at_birth:
        return f"{in_epochs(row.epochs)} of {row.images:,} labelled images"
    seen = {"unlabelled": row.unlabelled_images, "noise": row.noise_images}
    return ", ".join(["no labelled image", *(f"{images:,} {kind} images" for kind, images in seen.items() if images)])


def _genome(row: Variant, plan) -> str:
    if row.birth not in GENOME_BIRTHS and not row.continues:
        return "none"
    numbers = plan.genome_numbers if plan else None
    if numbers is None:
        return "not counted in the paper"
    return f"{numbers:,} numbers as the paper counts" if numbers else "no stored number"


def _evidence(found: dict) -> str:
    """What the frontier says of the best birth state, in one sentence."""
    against = [f"{one['value']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}] to {other} (corrected p = "
               f"{one['corrected_p']:.2g})" for other, one in found["half_b_minus"].items()]
    return (f"{found['state']} had the best {found['criterion']} of {found['candidates']} birth states of at most "
            f"{found['largest_genome']:,} numbers on half of the data ({found['half_a']:.3f}, {found['seeds']} seeds); "
            f"on the other half {found['half_b']:.3f}, {' and '.join(against) or 'with nothing to compare it with'}")


def _in_words(account) -> str:
    if not account.supervised_updates:
        return f"no supervised update ({account.status})"
    return (f"{account.supervised_updates:,} supervised updates, {count(account.supervised_synaptic_updates)} synaptic "
            f"ones as the paper counts, {count(account.supervised_synaptic_updates_true)} with every parameter that "
            f"learns ({account.status})")
