"""What is known of one model without loading it: its row, accounts, weights, birth and scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brainscore_wiring import folders
from brainscore_wiring.architectures import RegionMap, architecture
from brainscore_wiring.accounting import Account, account_of_record, account_of_variant
from brainscore_wiring.catalogue import Variant, variant
from brainscore_wiring.checkpoints.store import (check_promise, checkpoint_path, genome_path, stored_record,
                                                 why_not_loadable)
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import safetensors_metadata
from brainscore_wiring.training.recipe import Recipe
from brainscore_wiring.weight_compression.births import BIRTH_STATES

if TYPE_CHECKING:
    from brainscore_wiring.scoring.result import Result


@dataclass(frozen=True)
class Weights:
    """Weights in a wiring checkpoint: its training record, and the fingerprint that scores carry."""

    path: Path
    fingerprint: str
    record: Mapping[str, Any]
    account: Account

    @property
    def packaged(self) -> bool:
        """Whether the package brings them along."""
        return self.path.absolute().parent == folders.packaged()

    @property
    def place(self) -> str:
        """Where they lie, in words that say nothing of this machine."""
        in_store = self.path.absolute().parent == folders.weight_store().absolute()
        return "the package" if self.packaged else "the weight store" if in_store else f"`{self.path.name}`"


@dataclass(frozen=True)
class Known:
    """Everything that a card is written from.

    `plan`: the row's account, None where its synapses are not counted (`uncounted` says why). `weights`: None where no
    file holds them; births are sampled from `genome`, what the genome here was fitted on. `reason`: why the model does
    not load here, empty where it does. `results`: rows of a result table, of whatever model.
    """

    row: Variant
    plan: Account | None
    uncounted: str
    weights: Weights | None
    genome: Mapping[str, Any] | None
    reason: str
    results: Sequence[Result] = ()

    @property
    def commitment(self) -> RegionMap:
        """Which layer stands for which region."""
        return architecture(self.row.architecture).region_map

    @property
    def recipe(self) -> Recipe:
        """The row's hyper-parameters."""
        return Recipe(**self.row.recipe)

    @property
    def statistics(self) -> str:
        """Where the batch-norm statistics of a model that loads here come from; empty without batch norm."""
        if self.row.birth == "none":
            return ""
        if self.weights:
            return self.weights.record["batch_norm_statistics"]
        if self.row.noise_images:
            return f"measured on {self.row.noise_images} noise images when the model is loaded"
        return "a newborn's, 0 and 1" if self.row.at_birth and not self.row.unlabelled_images else ""


def known(model: str | Path, results: Sequence[Result] = ()) -> Known:
    """What is known of a catalogue row, or of the weights in a wiring checkpoint file.

    Raises `WrongUsage` for an unknown identifier and `WiringError` for a file that is no wiring checkpoint. A damaged
    file in the place of a row's weights is a reason why the model does not load, no error.
    """
    if str(model).endswith(".safetensors"):
        weights = _weights_in(Path(model))
        row, reason = variant(weights.record["variant"]), ""
        check_promise(row, weights.record, model)
    else:
        row = variant(str(model))
        reason = why_not_loadable(row)
        weights = _weights_in(checkpoint_path(row)) if not reason and checkpoint_path(row) else None
        if weights:
            stored_record(row)  # refuses what is not the row's
    try:
        plan, uncounted = account_of_variant(row), ""
    except WiringError as error:
        plan, uncounted = None, str(error)
    return Known(row, plan, uncounted, weights, _genome_of(row, weights), reason, results)


def _weights_in(path: Path) -> Weights:
    metadata = safetensors_metadata(path)
    try:
        record = dict(json.loads(metadata["record"]))
        fingerprint = metadata["sha256"][:8]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise WiringError(f"'{path}' is not a wiring checkpoint: `brainscore train` writes one.") from None
    return Weights(path, fingerprint, record, account_of_record(record))


def _genome_of(row: Variant, weights: Weights | None) -> Mapping[str, Any] | None:
    """What the genome that weights were born from, or will be sampled from, was fitted on."""
    if weights:
        return weights.record.get("genome_source")
    fitted = BIRTH_STATES[row.birth].sampled and BIRTH_STATES[row.birth].needs in ("numbers", "images")
    path = genome_path(row)
    return _source_in(path, path.stat().st_mtime_ns) if fitted and path.is_file() else None


@cache
def _source_in(path: Path, modified: int) -> Mapping[str, Any]:
    """The source of a genome file; a file that was `modified` since is read again."""
    return json.loads(path.read_text(encoding="utf-8"))["source"]
