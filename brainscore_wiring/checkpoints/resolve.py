"""From a name or a file to a resolved model: its row, weights, training record, and what is
missing. Needs no torch.

A model is resolved once, and loading, showing, scoring and exporting take the result.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brainscore_wiring import extensions, folders
from brainscore_wiring.accounting import Account, account_of_variant
from brainscore_wiring.arguments import path_of
from brainscore_wiring.catalogue import CATALOGUE, Variant, in_epochs, variant
from brainscore_wiring.catalogue.training_recipe import RECIPES
from brainscore_wiring.checkpoints.header import Header, read_header
from brainscore_wiring.checkpoints.locate import (
    CORNET_AUTHORS,
    checkpoint_path,
    genome_path,
    why_no_genome,
)
from brainscore_wiring.checkpoints.training_record import (
    ALL_OF_IMAGENET,
    IMAGENET,
    IMAGENET_SIZE,
    GenomeSource,
    TrainingRecord,
)
from brainscore_wiring.checksums import document_sum
from brainscore_wiring.errors import WiringError, WrongUsage, shortened
from brainscore_wiring.files import identity_of, is_a_folder
from brainscore_wiring.notebook_view import facts_as_html
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, MOBILENET_GRAPH, locate
from brainscore_wiring.weight_compression.births import BIRTH_STATES
from brainscore_wiring.weight_compression.genome_file import genome_document

if TYPE_CHECKING:
    from brainscore_wiring.weight_compression.birth import Birth


@cache
def _source(genome: Path, identity: tuple[str | int, ...]) -> GenomeSource:
    """What the genome in a file was fitted on; many models are sampled from one."""
    return GenomeSource.from_json(genome_document(genome)["source"])


@cache
def _document_sum(genome: Path, identity: tuple[str | int, ...]) -> str:
    return document_sum(genome_document(genome))


@dataclass(frozen=True)
class StoredWeights:
    """The weights in a wiring checkpoint: its checked header and training record."""

    header: Header
    record: TrainingRecord

    @property
    def path(self) -> Path:
        return self.header.path

    @property
    def fingerprint(self) -> str:
        """The first eight digits of the weights' SHA-256."""
        return self.header.fingerprint

    @property
    def packaged(self) -> bool:
        """Whether the package brings them along."""
        return self.path.parent == folders.packaged()

    @property
    def place(self) -> str:
        """Where they lie, in words that say nothing of this machine."""
        in_store = self.path.parent == folders.weight_store().absolute()
        if self.packaged:
            return "the package"
        return "the weight store" if in_store else f"`{self.path.name}`"


@dataclass(frozen=True)
class ResolvedModel:
    """A catalogue row, and what this machine has of it.

    `asked`: the name or file that was asked for. `weights`: None where no file holds them: they are
    sampled, computed, the CORnet authors' own, or missing. `reason`: one sentence on why the model
    does not load here, empty where it does. `file`: the checkpoint in the place of its weights,
    even one that cannot be used.
    """

    asked: str
    row: Variant
    weights: StoredWeights | None = None
    reason: str = ""
    file: Path | None = None

    @property
    def identifier(self) -> str:
        return self.row.identifier

    @property
    def source(self) -> str:
        """Where its weights come from: "stored" in a wiring checkpoint, "sampled" at birth, the
        CORnet "authors", "computed" where it has none, "missing" on this machine.
        """
        if self.reason:
            return "missing"
        if self.weights:
            return "stored"
        if self.row.birth == "none":
            return "computed"
        return "sampled" if self.row.at_birth else "authors"

    @property
    def place_asked(self) -> Path | None:
        """The file of the weights, as it was asked for; None without one."""
        if self.weights is None:
            return None
        return Path(self.asked) if self.asked.endswith(".safetensors") else self.weights.path

    @property
    def record(self) -> TrainingRecord | None:
        """The training record of the weights; None for a model that was not trained."""
        return self.weights.record if self.weights else None

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint of stored weights; that of sampled ones is known once they are loaded."""
        return self.weights.fingerprint if self.weights else None

    @cached_property
    def _planned(self) -> tuple[Account | None, str]:
        try:
            return account_of_variant(self.row), ""
        except WiringError as error:  # a trainable set that its architecture does not have
            return None, str(error)

    @property
    def plan(self) -> Account | None:
        """The account of the row's recipe; None where its trained parameters are not counted."""
        return self._planned[0]

    @property
    def uncounted(self) -> str:
        """Why there is no plan; empty where there is one."""
        return self._planned[1]

    @property
    def account(self) -> Account | None:
        """What the weights here took, else what the recipe plans."""
        return self.record.account if self.record else self.plan

    @cached_property
    def genome(self) -> GenomeSource | None:
        """What the genome that the weights are sampled from was fitted on; None without a fit."""
        birth = BIRTH_STATES[self.row.birth]
        if birth.needs == "none":  # older records name one
            return None
        if self.record:
            return self.record.genome
        if birth.needs == "authors' files":
            return GenomeSource(IMAGENET)
        if not birth.sampled:
            return None
        if "birth" in vars(self) and self.birth.genome is not None:  # it was read already
            return GenomeSource.from_json(self.birth.genome.source)
        path = genome_path(self.row)
        if not path.is_file():
            return None
        return _source(path, identity_of(path))

    @property
    def genome_data(self) -> str | None:
        """The data set that the genome comes from; None without one or if not stated."""
        return self.genome.training_data if self.genome else None

    @cached_property
    def _genome_stated(self) -> str | None:
        """`genome_data`, and which genome it is, where that is not the row's own."""
        stated = self.record.genome_sha256 if self.record else None
        if not stated or stated == self._own_genome(stated):
            return self.genome_data
        return f"{self.genome_data or 'unknown'} ({stated[:8]})"

    def _own_genome(self, otherwise: str) -> str:
        """The SHA-256 of the genome that the row itself is initialised from, where that is here."""
        path = genome_path(self.row)
        if not path.is_file() or _document_sum(path, identity_of(path)) == otherwise:
            return otherwise
        own = self.birth.genome  # transferred to a network, or changed by the birth state
        return own.sha256() if own else otherwise

    @cached_property
    def birth(self) -> Birth:
        """How the weights are sampled. Raises `WiringError` where the genome cannot be had."""
        from brainscore_wiring.checkpoints.initial_weights import birth_of

        return birth_of(self.row)

    @property
    def provenance(self) -> dict[str, Any]:
        """Source, training data and seed of the weights, as scores state them."""
        return self._in_words() | training_facts(self.identifier, self.record, self._genome_stated)

    def _in_words(self) -> dict[str, Any]:
        if self.weights is None and self.row.birth == "none":
            return {"weights": "none", "diet": "none", "seed": None}
        if self.weights is None:
            noise = self.row.noise_images
            seen = f"none; statistics from {noise:,} noise images" if noise else "none"
            if self.genome is not None:
                seen += f"; genome from {self.genome.training_data or 'unknown'}"
            return {"weights": "sampled at birth", "diet": seen, "seed": self.row.seed}
        record, data = self.weights.record, self.weights.record.data
        seen = "none"
        if record.images_shown:
            seen = f"{in_epochs(record.epochs)} of {data.images:,} {data.name} images"
        elif record.unlabelled_images:
            seen += f"; statistics from {record.unlabelled_images:,} unlabelled {data.name} images"
        seen += f" at {data.image_size} px" if data.image_size else ""
        seen += f"; genome from {self._genome_stated or 'unknown'}" if self.genome else ""
        in_package = self.weights.packaged and self.asked == self.identifier
        where = "packaged" if in_package else str(self.place_asked)
        return {
            "weights": f"{where}, {record.imported}" if record.imported else where,
            "diet": seen,
            "seed": record.seed,
        }

    def _repr_html_(self) -> str:
        from brainscore_wiring.formatting import training_in_words

        name = f"{self.identifier}@{self.fingerprint}" if self.fingerprint else self.identifier
        account = self.account
        return facts_as_html(
            name,
            {
                "recipe": self.row.summary,
                "weights": self.weights.place if self.weights else self.reason or "load here",
                "trained on": self.record and training_in_words(self.record),
                "account": account.in_words() if account else self.uncounted,
            },
        )

    def __hash__(self) -> int:
        return hash((self.asked, self.row, self.fingerprint))

    def __repr__(self) -> str:
        weights = (
            f"weights {self.fingerprint} in {self.weights.place}"
            if self.weights
            else self.reason or "loads here"
        )
        return f"<ResolvedModel {self.identifier}: {weights}>"


def training_facts(
    identifier: str, record: TrainingRecord | None, genome_data: str | None
) -> dict[str, Any]:
    """The catalogue row and the training data of weights, by the names of a score's attributes."""
    data = record.data if record and record.seen else None
    labelled = record if record and record.images_shown else None
    return {
        "variant": identifier,
        "training_data": data and data.name,
        "training_images": labelled.data.images if labelled else 0,
        "training_epochs": labelled.epochs if labelled else 0.0,
        "image_size": data and data.image_size,
        "genome_data": genome_data,
    }


def resolve(model: str | Path | Variant | ResolvedModel) -> ResolvedModel:
    """A catalogue row by its identifier, or the model in a wiring checkpoint file (`.safetensors`);
    a resolved model is itself.

    Raises `WrongUsage` for an unknown identifier and a folder, and `WiringError` for a file that is
    no wiring checkpoint or that is not what its name states. A damaged file in the place of a row's
    weights is a reason why the model does not load.
    """
    if isinstance(model, ResolvedModel):
        return model
    if isinstance(model, Variant):
        return _resolved_row(model)
    if not str(model).endswith(".safetensors"):
        if str(model) not in CATALOGUE and os.path.isdir(str(model)):
            raise WrongUsage(is_a_folder(model))
        return _resolved_row(variant(model))
    model = path_of("model", model)
    weights = _stored(read_header(model))
    row = CATALOGUE.get(weights.record.variant)
    if row is None:
        raise WiringError(
            f"'{model}' holds weights of {weights.record.variant}, which is not in the catalogue: "
            f"where an extension defines it, set {extensions.VARIABLE} to its folder."
        )
    check_recipe(row, weights.record, model)
    return ResolvedModel(str(model), row, weights, file=weights.path)


def _resolved_row(row: Variant) -> ResolvedModel:
    name, path = row.identifier, checkpoint_path(row)
    if path is None:
        return ResolvedModel(name, row, None, "" if row.birth == "none" else _why_no_weights(row))
    try:
        return ResolvedModel(name, row, _weights_of(row, path), file=path)
    except WiringError as error:  # a file in its place that cannot be used
        return ResolvedModel(name, row, None, str(error), path)


def _weights_of(row: Variant, path: Path) -> StoredWeights:
    """The weights in a row's place. Raises `WiringError` for another file or another model's."""
    advice = (
        "remove it, or replace it by the model.safetensors that `brainscore train "
        f"{row.identifier} --data DIR -o FOLDER` leaves"
    )
    weights = _stored(read_header(path, advice))
    check_belongs(row, weights.record, path)
    return weights


def _stored(header: Header) -> StoredWeights:
    """The weights behind a header. Raises `WiringError` where it states another network."""
    record = TrainingRecord.from_json(header.record)
    row = CATALOGUE.get(record.variant)
    for stated in (record.architecture, row.architecture if row else record.architecture):
        if stated != header.architecture:
            raise WiringError(
                f"'{header.path}' states {shortened(record.variant)}, which is of {stated}; its "
                f"network is {shortened(header.architecture)}: it is damaged or was put together."
            )
    return StoredWeights(header, record)


def _why_no_weights(row: Variant) -> str:
    """Empty where weights can be had, else one sentence on how to get them."""
    name = row.identifier
    if name == CORNET_AUTHORS:
        try:
            found = locate(CORNET_S_CHECKPOINT)
        except WiringError as error:  # a file of that name with another content
            return str(error)
        return (
            ""
            if found
            else (
                f"{name} needs the CORnet authors' checkpoint: `brainscore data fetch "
                f"{CORNET_S_CHECKPOINT}` downloads it, "
                f"or put {CORNET_S_CHECKPOINT} into a folder named by BRAINSCORE_WIRING_DATA."
            )
        )
    reason = why_no_genome(row)
    others = (
        ""
        if row.at_birth or row.continues
        else f"; `brainscore import-weights FILE --as {name}` takes weights of others"
    )
    if reason:
        return f"{reason.removesuffix('.')}{others}."
    if row.at_birth and not row.unlabelled_images:
        return ""
    if row.by_others:
        return (
            f"{name} has no weights on this machine: `brainscore data fetch {MOBILENET_GRAPH}` "
            f"downloads them and says where, `brainscore import-weights FILE --as {name}` reads "
            "that file."
        )
    what = "no batch-norm statistics from unlabelled images" if row.at_birth else "no weights"
    return (
        f"{name} has {what} on this machine: `brainscore train {name} --data DIR -o FOLDER` makes "
        f"them; copy its model.safetensors to {folders.weight_store() / name}.safetensors{others}."
    )


def check_belongs(row: Variant, record: TrainingRecord, path: Path) -> None:
    """Raise `WiringError` for weights of another model, seed or recipe."""
    if record.variant not in (row.identifier, row.plain_identifier):
        raise WiringError(f"'{path}' holds weights of {record.variant}, not of {row.identifier}.")
    for name in ("trained", "birth", "unlabelled_images"):
        if getattr(record, name) != getattr(row, name):
            raise WiringError(
                f"'{path}' states {name.replace('_', ' ')} {getattr(record, name)}, "
                f"{row.identifier} has {getattr(row, name)}."
            )
    if record.seed != row.seed:
        raise WiringError(
            f"'{path}' was made with seed {record.seed}, {row.identifier} has seed "
            f"{row.seed}: score the file itself with `--model {path}`."
        )
    check_recipe(row, record, path)


def check_recipe(row: Variant, record: TrainingRecord, path: str | Path) -> None:
    """Raise `WiringError` for a row ending in `_imagenet` and anything but the paper's recipe; see
    `departure`.
    """
    data, source = record.data, record.genome.training_data if record.genome else None
    found = departure(
        row, data.name, data.images, data.image_size, record.epochs, source, record.recipe
    )
    if found:
        raise WiringError(
            f"{row.identifier} promises the paper's ImageNet recipe, but '{path}' has {found}: "
            f"its weights may be called {row.plain_identifier}."
        )


def departure(
    row: Variant,
    data: str,
    images: int,
    image_size: int | None,
    epochs: float | None,
    genome_data: str | None,
    recipe: Mapping[str, Any] | None,
) -> str:
    """The first departure from the paper's recipe, in words; empty where there is none, or where
    the row's name does not end in `_imagenet`, which promises it.

    That is all of ImageNet, the row's epochs, 224 px, a genome from ImageNet, and the
    hyper-parameters, with the schedule of the text or of the authors' code. `epochs`: None where
    they are not known yet; `recipe`: None where weights of others do not state it. The precision
    of the arithmetic is free.
    """
    if row.training_data != "imagenet":
        return ""
    unseen = row.at_birth and not row.unlabelled_images
    kept = {
        f"training data {data}": data == IMAGENET or unseen,
        f"labelled images {images}": images >= ALL_OF_IMAGENET or row.at_birth,
        f"epochs {epochs}": epochs is None or abs(epochs - row.epochs) < 0.01,
        f"image size {image_size}": image_size == IMAGENET_SIZE or unseen,
        f"genome from {genome_data}": not row.compressed or genome_data == IMAGENET,
    }
    papers = asdict(RECIPES["paper"]) | dict(row.recipe)
    for name, value in ({} if recipe is None or row.at_birth else recipe).items():
        if name in papers and name not in ("precision", "image_size", "warm_up"):
            stated = tuple(value) if isinstance(value, list) else value
            both = {stated, papers[name]} <= {"plateau", "plateau_as_run"}
            kept[f"{name.replace('_', ' ')} {value}"] = stated == papers[name] or both
    return next((what for what, is_kept in kept.items() if not is_kept), "")
