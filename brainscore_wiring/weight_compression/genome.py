"""The genome: what evolution keeps of an adult network, as a small JSON file (section 4)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from brainscore_wiring.checksums import document_text
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.files import write_text
from brainscore_wiring.weight_compression.entry import Entry, entry_class, is_registered
from brainscore_wiring.weight_compression.genome_file import (
    GENOME_FORMAT,
    genome_document,
    parsed,
    refused,
)

#: Numbers are counted in single precision. Clusters, Gabor mixtures and batch norms are written in
#: double, as their fit left them; the digits beyond move some of V1.conv1's weights by a step or
#: two of `gabor.WEIGHT_GRID`, and hardly any other.
BITS_PER_NUMBER = 32


@dataclass(frozen=True)
class Genome:
    """A compressed network.

    Layer name -> what its weights are sampled from, and where it was fitted (paper, section 4).
    `architecture` is initialised from it. Where that is not the compressed network
    (`transfer.transfer`), `drawn_from` names the layer of `layers` that each of its layers is
    sampled from.
    """

    layers: dict[str, Entry]
    architecture: str = "cornet_s"
    # fingerprint, training data and fit settings of the fitted network
    source: dict[str, Any] = field(default_factory=dict)
    stored_bits: int | None = None  # where numbers are kept in less than single precision
    drawn_from: dict[str, str] = field(default_factory=dict)

    def origin(self, layer: str) -> str:
        """The name in `layers` that a layer of `architecture` is sampled from, empty for none: its
        own, or in a transferred genome that of `drawn_from`.
        """
        return self.drawn_from.get(layer, "" if "transferred_from" in self.source else layer)

    def entry(self, layer: str) -> Entry | None:
        """What a layer of `architecture` is sampled from, None where the genome is silent on it."""
        return self.layers.get(self.origin(layer))

    def stored_numbers(self) -> int:
        """Numbers in the genome, counted as the paper does: 4,166 for its CORnet-S."""
        return sum(layer.stored_numbers() for layer in self.layers.values())

    def true_numbers(self) -> int:
        """Numbers with batch norm's four per layer (4,224 for the paper's cluster counts)."""
        return sum(layer.true_numbers() for layer in self.layers.values())

    def bits(self) -> int:
        """Bits in the genome.

        Those of all numbers that are truly needed, in single precision unless stated.
        """
        return (
            BITS_PER_NUMBER * self.true_numbers() if self.stored_bits is None else self.stored_bits
        )

    def check(self) -> None:
        """Raise `WiringError` for an entry that cannot be, as one that was edited may be."""
        for name, entry in self.layers.items():
            try:
                entry.check_finite()
                entry.check()
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise WiringError(f"The genome's entry for {name} cannot be: {error}.") from None

    def __repr__(self) -> str:
        return (
            f"<Genome of {self.architecture}: {self.stored_numbers():,} numbers for "
            f"{len(self.layers)} layers>"
        )

    def to_json(self) -> str:
        """The genome file's text; the same genome gives the same text.

        Raises `WiringError` for an entry that reading the text would not give back.
        """
        lost = next((name for name, layer in self.layers.items() if not is_registered(layer)), None)
        if lost is not None:
            raise WiringError(
                f"A genome file cannot hold the entry of {lost}: its class "
                f"{type(self.layers[lost]).__name__} has no `kind` of its own, give it one."
            )
        document = {
            "format": GENOME_FORMAT,
            "architecture": self.architecture,
            "source": self.source,
            "stored_numbers": self.stored_numbers(),
            "layers": {
                name: {"kind": layer.kind, **asdict(layer)} for name, layer in self.layers.items()
            },
        }
        if self.stored_bits is not None:
            document["stored_bits"] = self.stored_bits
        if self.drawn_from:
            document["drawn_from"] = self.drawn_from
        return json.dumps(document, allow_nan=False) + "\n"

    def sha256(self) -> str:
        """SHA-256 of the genome as JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def write(self, path: str | Path) -> None:
        """Write a genome file, which carries the genome's own SHA-256."""
        write_text(path, document_text(json.loads(self.to_json())))

    @classmethod
    def from_json(cls, text: str, origin: str = "the genome") -> Genome:
        """Read a genome; raises `WiringError` naming what is wrong where the text is not one.

        `origin` is what an error calls it. A text without a SHA-256, as a checkpoint holds and
        version 0.1 wrote, is taken as it is.
        """
        with refused(origin):
            document, _ = parsed(text, origin)
            return cls._of(document)

    @classmethod
    def _of(cls, document: dict[str, Any]) -> Genome:
        layers = {name: _entry(name, fields) for name, fields in document["layers"].items()}
        bits = document.get("stored_bits")
        if bits is not None and (type(bits) is not int or bits < 0):
            raise ValueError(f"{bits!r} stored bits")
        drawn_from = dict(document.get("drawn_from", {}))
        if not set(drawn_from.values()) <= set(layers):
            raise ValueError("a layer that is sampled from none of its entries")
        return cls(layers, document["architecture"], document["source"], bits, drawn_from)

    @classmethod
    def read(cls, path: str | Path) -> Genome:
        """Read a genome file; that one carries no SHA-256 is said.

        Raises `WiringError` in one sentence where it cannot be read or is something else.
        """
        document = genome_document(path)
        with refused(f"'{path}'"):
            return cls._of(document)


def _entry(name: str, described: dict[str, Any]) -> Entry:
    """The entry that a genome file describes, checked.

    Raises ValueError naming the layer where it is impossible.
    """
    described = dict(described)
    kind = described.pop("kind")
    try:
        kind = entry_class(str(kind))
    except WrongUsage:
        raise ValueError(f"{name} has an entry of unknown kind {str(kind)[:40]!r}") from None
    try:
        entry = kind(**described)
        entry.check_finite()
        entry.check()
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{name}: {error}") from None
    return entry
