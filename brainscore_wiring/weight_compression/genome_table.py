"""What a genome keeps of each layer, as rows for tables and JSON."""

from __future__ import annotations

import math
from typing import Any

from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.genome import BITS_PER_NUMBER, Genome


def layer_rows(genome: Genome) -> list[dict[str, Any]]:
    """One row for each layer in the network's order.

    `parts`: clusters, or components of a mixture, None for entries without; `stored_numbers` as the
    paper counts; `true_numbers` really needed; `bits` of these in single precision;
    `unexplained_variance`: share of the trained weights' variance, as `fits` defines it, None where
    it does not apply or was not measured.
    """
    unexplained = genome.source.get("fit", {}).get("unexplained_variance", {})
    return [
        {
            "layer": name,
            "kind": entry.kind,
            "parts": _parts(entry),
            "stored_numbers": entry.stored_numbers(),
            "true_numbers": entry.true_numbers(),
            "bits": BITS_PER_NUMBER * entry.true_numbers(),
            "unexplained_variance": unexplained.get(name),
        }
        for name, entry in genome.layers.items()
    ]


def genome_table_in_words(genome: Genome) -> str:
    """How a genome's numbers add up.

    `4,166 numbers as the paper counts = 3,724 (gabor mixture of V1.conv1) + ...`.
    """
    groups: dict[str, list[str]] = {}
    for name, entry in genome.layers.items():
        groups.setdefault(_described(entry), []).append(name)
    counts = {
        words: sum(genome.layers[name].stored_numbers() for name in names)
        for words, names in groups.items()
    }
    where = {
        words: names[0] if len(names) == 1 else f"{len(names)} layers"
        for words, names in groups.items()
    }
    terms = [
        f"{number:,} ({words} of {where[words]})"
        for words, number in sorted(counts.items(), key=lambda item: -item[1])
    ]
    return (
        f"{genome.stored_numbers():,} numbers as the paper counts = {' + '.join(terms)}; "
        f"{genome.true_numbers():,} numbers in truth"
    )


def _described(entry: Entry) -> str:
    words = entry.kind.replace("_", " ")
    centres = getattr(_base(entry), "centres", None)
    if centres is None:
        return words
    side = math.isqrt(len(centres[0]))
    return f"{words} of {side} x {side} filters"


def _parts(entry: Entry) -> int | None:
    parts = getattr(_base(entry), "centres", None) or getattr(_base(entry), "weights", None)
    return len(parts) if parts else None


def _base(entry: Entry) -> Entry:
    """The entry whose weights another one aligns, or the entry itself."""
    return getattr(entry, "unaligned", entry)
