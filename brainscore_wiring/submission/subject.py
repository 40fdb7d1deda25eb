"""What is to be submitted: a catalogue row with the weights of it that this machine has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brainscore_wiring import accounting
from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.checkpoints import store
from brainscore_wiring.errors import WiringError, WrongUsage, unknown
from brainscore_wiring.scoring.loading import STOCK, registered


@dataclass(frozen=True)
class Subject:
    """A model to submit.

    `file`: its wiring checkpoint, None where it is sampled at birth or computed. `record`: its training record, empty
    without one. `genome_source`: what the genome says about where it was fitted, empty for a birth without numbers.
    """

    asked: str
    row: Variant
    file: Path | None
    record: dict[str, Any]
    genome_source: dict[str, Any]

    @property
    def diet(self) -> dict[str, Any] | None:
        """The labelled images that the weights learned from, as in the record; None where they learned from none."""
        return self.record["diet"] if self.record.get("images_shown") else None

    @property
    def diet_name(self) -> str | None:
        """The data set of those labelled images."""
        return str(self.diet.get("name") or "unknown") if self.diet else None

    @property
    def genome_diet(self) -> str | None:
        """The data set of the network that the genome was fitted to; None without one or where it is not stated."""
        return self.genome_source.get("diet")

    @property
    def diets(self) -> set[str]:
        """The data sets that labels of these weights, or of their genome, come from."""
        return {self.diet_name, self.genome_diet} - {None}

    @property
    def seed(self) -> int:
        return self.record.get("seed", self.row.seed)


def subject(asked: str) -> Subject:
    """The catalogue row or checkpoint file asked for, with its weights here.

    Raises `WrongUsage` for what is neither, and `WiringError` for what does not load on this machine or has no weights
    of ours.
    """
    if asked.endswith(".safetensors"):
        from brainscore_wiring.checkpoints.wiring_checkpoint import read_record
        record = read_record(asked)
        name = accounting.account_of_record(record).model
        if name not in CATALOGUE:
            raise WiringError(f"'{asked}' holds weights of {name}, which is not in the catalogue.")
        return Subject(asked, CATALOGUE[name], Path(asked), record, record.get("genome_source") or {})
    if asked not in CATALOGUE:
        stock = registered(STOCK, "models")
        if asked in stock:
            raise WrongUsage(f"'{asked}' is a model of Brain-Score's own: there is nothing to submit.")
        raise unknown("model", asked, CATALOGUE, "brainscore list models")
    row = CATALOGUE[asked]
    reason = store.why_not_loadable(row)
    if reason:
        raise WiringError(reason)
    path = store.checkpoint_path(row)
    if path:
        record = store.stored_record(row)
        return Subject(asked, row, path, record, record.get("genome_source") or {})
    if asked == store.PUBLISHED:
        raise WiringError(f"{asked} is the CORnet authors' own network, which Brain-Score has as 'CORnet-S': there is "
                          "nothing to submit.")
    genome = store.birth_of(row).genome if row.birth != "none" else None
    return Subject(asked, row, None, {}, genome.source if genome and genome.true_numbers() else {})
