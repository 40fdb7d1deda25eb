"""Supervised updates and supervised synaptic updates, in exact integers (paper, sections 3 and 6).

Needs no torch. A supervised update is one labelled image shown once; supervised synaptic updates
are those times the trained synapses. Trained synapses are counted in two ways. The paper's authors
count the weights of trained convolutions and leave the decoder out; in models initialised from a
genome they add the gamma vectors of the batch norms beside trained convolutions, also where those
are not trained (52,860,096 for standard training, 1,378,560 for WC+CT). The true count is every
parameter that is trained, decoder included (53,416,616 and 1,889,256).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from brainscore_wiring.architectures import architecture, trained_parameters
from brainscore_wiring.architectures.layers import convolutions_of, parameter_counts
from brainscore_wiring.catalogue import AREAS, Variant, in_epochs, variant
from brainscore_wiring.errors import WiringError
from brainscore_wiring.notebook_view import facts_as_html
from brainscore_wiring.weight_compression.births import BIRTH_STATES

#: Waking visual experience until IT is adult-like (Seibert 2018, as cited in section 3).
WAKING_SECONDS = 10_000_000
STANDARD_MODEL = "cornet_s"

#: Numbers that the paper's genome stores per area: kernel clusters, Gabor mixture (V1) and two per
#: batch norm; 4,166.
WEIGHT_COMPRESSION_NUMBERS = {
    "V1": 3_724 + 84 + 2 * 2,
    "V2": 4 * 8 + 60 + 7 * 2,
    "V4": 4 * 8 + 96 + 13 * 2,
    "IT": 4 * 8 + 48 + 7 * 2,
}


class TrainedSynapses(NamedTuple):
    """How many synapses are trained: as the paper counts, and truly."""

    paper: int
    true: int


#: The version of the benchmark that scores an account.
SCORE_VERSION = 1


@dataclass(frozen=True)
class Account:
    """What a model's development took.

    `supervised_updates`: `epochs` of `labelled_images`. Times `trained_synapses_paper` (the paper's
    count, in CORnet-S without the decoder) they are `supervised_synaptic_updates`, times
    `trained_synapses_true` (every trained parameter) `supervised_synaptic_updates_true`.
    `updates_per_second`: over 10 million seconds of waking experience; `unlabelled_images` and
    `noise_images` that batch-norm statistics were measured on; `genome_numbers` as the paper counts
    them, None where not counted; `status`: "trained", "planned" (a recipe without a training
    record), "stated" (of a network of others) or "at birth".
    """

    model: str
    status: str
    supervised_updates: int
    supervised_synaptic_updates: int
    supervised_synaptic_updates_true: int
    trained_synapses_paper: int
    trained_synapses_true: int
    labelled_images: int
    epochs: float
    updates_per_second: float
    unlabelled_images: int
    genome_numbers: int | None
    noise_images: int = 0

    @property
    def value(self) -> float:
        """The score: 1 at birth, 0 for the standard model and beyond."""
        return efficiency(self.supervised_synaptic_updates)

    def in_words(self) -> str:
        """The updates that were, or would be, made, with the account's status."""
        from brainscore_wiring.formatting import count

        if not self.supervised_updates:
            return f"no supervised update ({self.status})"
        return (
            f"{self.supervised_updates:,} supervised updates, "
            f"{count(self.supervised_synaptic_updates)} synaptic ones as the paper counts, "
            f"{count(self.supervised_synaptic_updates_true)} of all trained parameters "
            f"({self.status})"
        )

    def _repr_html_(self) -> str:
        from brainscore_wiring.formatting import count

        return facts_as_html(
            f"Account of {self.model} ({self.status})",
            {
                "supervised updates": f"{self.supervised_updates:,}",
                "labelled images": f"{self.labelled_images:,}, {in_epochs(self.epochs)}",
                "supervised synaptic updates": count(self.supervised_synaptic_updates),
                "every trained parameter": count(self.supervised_synaptic_updates_true),
                "numbers in the genome": self.genome_numbers,
                "score": f"{self.value:.3f}",
            },
        )


def efficiency(updates: int) -> float:
    """1 - log(1 + U) / log(1 + U of the standard model), clipped to [0, 1]; U: supervised synaptic
    updates.
    """
    share = math.log10(1 + updates) / math.log10(1 + standard_updates())
    return min(1.0, max(0.0, 1.0 - share))


@cache
def standard_updates() -> int:
    """Supervised synaptic updates of the standard model as the paper counts: 2,909 trillion."""
    return account_of(STANDARD_MODEL).supervised_synaptic_updates


def trained_synapses(row: Variant) -> TrainedSynapses:
    """Both counts of the synapses that are trained in a catalogue row.

    Raises `WiringError` for a row whose architecture has no such trainable set.
    """
    counts = expected_synapses(row.architecture, row.birth, row.trained)
    if counts is None:
        raise WiringError(
            f"{row.identifier} trains '{row.trained}', which is no trainable set of "
            f"{row.architecture}: `brainscore list models` shows what there is."
        )
    return counts


@cache
def parameter_count(name: str) -> int:
    """All parameters of an architecture, 53,416,616 for CORnet-S; 0 for a fixed computation."""
    return 0 if architecture(name).computed else sum(parameter_counts(name).values())


@cache
def expected_synapses(name: str, birth: str, condition: str) -> TrainedSynapses | None:
    """Both counts for a set of trained parameters; None for an unknown set.

    Raises `WrongUsage` for an unknown architecture, KeyError for an unknown birth.
    """
    one = architecture(name)
    chosen = one.trainable_set(condition)
    if chosen is None:
        return None
    if one.computed:
        return TrainedSynapses(0, 0)
    counts = parameter_counts(name)
    trained = set(trained_parameters(condition, counts, name))
    true = sum(counts[parameter] for parameter in trained)
    if chosen.paper_counts == "everything":
        return TrainedSynapses(true, true)
    counted = [layer for layer in convolutions_of(name) if f"{layer}.weight" in trained]
    paper = sum(counts[f"{layer}.weight"] for layer in counted)
    if one.attached_norms and BIRTH_STATES[birth].sampled:
        paper += sum(
            counts[f"{norm}.weight"] for layer in counted for norm in one.attached_norms(layer)
        )
    return TrainedSynapses(paper, true)


def published_genome_numbers(row: Variant) -> int | None:
    """Numbers in the genome that a row is initialised from, as the paper counts.

    None where they have not been counted.
    """
    if row.continues:
        return published_genome_numbers(variant(row.continues))
    birth = BIRTH_STATES[row.birth]
    if birth.needs == "none" or not birth.sampled:
        return 0
    left_out = set(AREAS).difference(row.compressed) if set(row.compressed) <= set(AREAS) else ()
    if birth.published_numbers is None or not left_out:
        return birth.published_numbers
    # rows that leave areas out differ from weight compression in V1 alone
    return birth.published_numbers - sum(WEIGHT_COMPRESSION_NUMBERS[area] for area in left_out)


def account_of(identifier: str) -> Account:
    """The account of a catalogue row as it is planned.

    Raises `WrongUsage` for an unknown identifier.
    """
    return account_of_variant(variant(identifier))


def account_of_variant(row: Variant, genome_numbers: int | None = None) -> Account:
    """The account of a row's recipe: nothing has to be trained or present.

    `genome_numbers` replaces the paper's.
    """
    synapses = trained_synapses(row)
    updates = 0 if row.at_birth else round(Fraction(str(row.epochs)) * row.images)
    numbers = published_genome_numbers(row) if genome_numbers is None else genome_numbers
    account = account_of_updates(
        row.identifier,
        "at birth" if row.at_birth else "planned",
        updates,
        synapses,
        0 if row.at_birth else row.images,
        row.epochs,
        row.unlabelled_images,
        numbers,
        row.noise_images,
    )
    return account_after(account_of(row.continues), account) if row.continues else account


def account_of_updates(
    model: str,
    status: str,
    updates: int,
    synapses: TrainedSynapses,
    images: int,
    epochs: float,
    unlabelled: int,
    numbers: int | None,
    noise: int = 0,
) -> Account:
    """The account of `updates` supervised updates, with the counts that follow from them."""
    return Account(
        model,
        status,
        updates,
        updates * synapses.paper,
        updates * synapses.true,
        synapses.paper,
        synapses.true,
        images,
        epochs,
        updates / WAKING_SECONDS,
        unlabelled,
        numbers,
        noise,
    )


def account_after(first: Account, then: Account) -> Account:
    """The account of a training that continues another one.

    What was trained before counts too.
    """
    updates = first.supervised_updates + then.supervised_updates
    return replace(
        then,
        supervised_updates=updates,
        updates_per_second=updates / WAKING_SECONDS,
        epochs=first.epochs + then.epochs,
        supervised_synaptic_updates=first.supervised_synaptic_updates
        + then.supervised_synaptic_updates,
        supervised_synaptic_updates_true=(
            first.supervised_synaptic_updates_true + then.supervised_synaptic_updates_true
        ),
    )
