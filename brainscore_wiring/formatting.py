"""Formatting of facts for people, in commands, model cards and plugin folders, without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from brainscore_wiring.accounting import Account
from brainscore_wiring.catalogue import Variant, in_epochs
from brainscore_wiring.weight_compression.births import BIRTH_STATES

if TYPE_CHECKING:
    from brainscore_wiring.checkpoints.training_record import TrainingRecord

PAPER_URL = "https://openreview.net/forum?id=g1SzIRLQXMM"
#: Of the package, its models' weights and their cards.
LICENCE = "MIT"


def count(value: float) -> str:
    """A count in words from a million on, in digits below: 13786000000000 -> '13.786 trillion'."""
    for limit, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        # from where the unit below would show 1,000.000
        if value >= 10**6 and round(1000 * value / limit, 3) >= 1000:
            return f"{value / limit:,.3f} {word}"
    return f"{value:,}"


def three_decimals(value: float | None) -> str:
    """A score with three decimals, an exact count in words, nothing for None."""
    return "" if value is None else count(value) if isinstance(value, int) else f"{value:.3f}"


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def number_of(count: int, noun: str) -> str:
    """1 network, 2 networks."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def recipe_in_words(row: Variant) -> str:
    """The images that a catalogue row trains or measures on."""
    if not row.at_birth:
        return f"{in_epochs(row.epochs)} of {row.images:,} labelled images"
    seen = {"unlabelled": row.unlabelled_images, "noise": row.noise_images}
    return ", ".join(
        [
            "no labelled image",
            *(f"{images:,} {kind} images" for kind, images in seen.items() if images),
        ]
    )


def synapses_in_words(account: Account) -> str | None:
    """How many synapses are trained, in both counts; None where none are."""
    paper, true = account.trained_synapses_paper, account.trained_synapses_true
    if not true:
        return None
    return f"{paper:,} trained as the paper counts, {true:,} with the decoder and all else"


def genome_in_words(row: Variant, account: Account | None) -> str:
    """How much is stored of what a row is initialised from."""
    if not BIRTH_STATES[row.birth].sampled and not row.continues:
        return "none"
    numbers = account.genome_numbers if account else None
    if numbers is None:
        return "not counted in the paper"
    return f"{numbers:,} numbers as the paper counts" if numbers else "no stored number"


def training_in_words(record: TrainingRecord) -> str:
    """What weights were trained on, or their statistics measured on."""
    data = record.data
    if not record.seen:
        return "no image"
    pixels = f" at {data.image_size} px" if data.image_size else ""
    seen = (
        f"{in_epochs(record.epochs)} of {data.images:,} {data.name} images"
        if record.images_shown
        else f"no labelled image; {record.unlabelled_images:,} unlabelled {data.name} images"
    )
    return f"{seen}{pixels}"


def weights_in_words(record: TrainingRecord) -> str:
    """What weights were trained on, their batch-norm statistics, and their accuracy."""
    return f"{training_in_words(record)}, batch-norm statistics {record.batch_norm_statistics}" + (
        f", held-out accuracy {record.held_out.accuracy:.1%}" if record.held_out else ""
    )


def evidence_in_words(found: Mapping[str, Any]) -> str:
    """What the frontier says of the best birth state, in one sentence."""
    against = [
        f"{one['value']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}] to {other} (corrected p = "
        f"{one['corrected_p']:.2g})"
        for other, one in found["half_b_minus"].items()
    ]
    other = other_genome(found["genome"], found["packaged_genome"])
    return (
        f"{found['state']} had the best {found['criterion']} of {found['candidates']} birth states "
        f"of at most {found['largest_genome']:,} numbers on half of the data "
        f"({found['half_a']:.3f}, {found['seeds']} seeds); on the other half "
        f"{found['half_b']:.3f}, {' and '.join(against) or 'with nothing to compare it with'}"
        + (f"; {other}" if other else "")
    )


def other_genome(measured: str, packaged: str) -> str:
    """That something was measured with another genome than the packaged one; empty if it was not.
    Both are the beginnings of SHA-256 sums.
    """
    if measured in ("", packaged):
        return ""
    return (
        f"measured with births from the genome {measured}, which is not packaged any more: "
        f"births from the packaged one ({packaged}) are other networks, not measured here"
    )
