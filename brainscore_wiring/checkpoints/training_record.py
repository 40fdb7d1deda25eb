"""The training record: what weights were trained on, and what that took. Needs no torch.

It is written beside the weights (`record.json`) and into their checkpoint, as JSON. Every record,
whether a run wrote it, an importer stated it or a file holds it, is a `TrainingRecord`, and none
contradicts itself.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar

from brainscore_wiring.accounting import (
    Account,
    TrainedSynapses,
    account_after,
    account_of_updates,
    account_of_variant,
    expected_synapses,
)
from brainscore_wiring.catalogue import CATALOGUE, Variant, in_epochs
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.notebook_view import facts_as_html
from brainscore_wiring.weight_compression.births import WRITTEN

if TYPE_CHECKING:
    from brainscore_wiring.weight_compression.genome import Genome

#: Records that state no version are of the first.
RECORD_VERSION = 1
#: The training data of rows ending in `_imagenet`, and the image size in pixels.
IMAGENET, IMAGENET_SIZE = "ImageNet-1k", 224
#: At least so many training images are all of ImageNet's (1,281,167, which the paper rounds to
#: 1,280,000).
ALL_OF_IMAGENET = 1_270_000
#: Names in JSON of fields that have another name here: records and genomes are written with the
#: names of their first version.
_JSON_NAMES = {"data": "diet", "training_data": "diet", "genome": "genome_source"}
#: Entries that are left out of the JSON where there is nothing to say; of all others null is
#: written.
_LEFT_OUT = ("continues", "imported", "fingerprint", "epochs_asked", "recipe", "code")

_COUNTS = (
    "images_shown",
    "images_skipped",
    "supervised_updates",
    "supervised_synaptic_updates",
    "supervised_synaptic_updates_true",
    "trained_parameters",
    "trained_parameters_paper",
    "unlabelled_images",
    "genome_numbers",
)
Part = TypeVar("Part", bound="_Part")


@dataclass(frozen=True)
class _Part:
    """A part of a record. `other`: entries that this version does not know, which are kept."""

    other: Mapping[str, Any] = field(default_factory=dict, kw_only=True, repr=False)

    @classmethod
    def from_json(cls: type[Part], entries: Mapping[str, Any]) -> Part:
        known = {_in_json(one): one.name for one in dataclasses.fields(cls) if one.name != "other"}
        return cls(
            **{known[name]: value for name, value in entries.items() if name in known},
            other={name: value for name, value in entries.items() if name not in known},
        )

    def to_json(self) -> dict[str, Any]:
        stated = {_in_json(one): getattr(self, one.name) for one in dataclasses.fields(self)}
        other = stated.pop("other")
        return {name: value for name, value in stated.items() if value is not None} | dict(other)


@dataclass(frozen=True)
class DataRecord(_Part):
    """The data set and how many of its images were trained on, or measured on without labels.

    `image_size` in pixels; `balanced`: sampled with as many images of each class. `manifest_sha256`
    is of the names and sizes of image files, `content_sha256` of their bytes. `left_aside`: what
    was found beside them and not taken, counted by kind.
    """

    images: int
    name: str = "unknown"
    classes: int | None = None
    balanced: bool | None = None
    manifest_sha256: str | None = None
    image_size: int | None = None
    content_sha256: str | None = None
    left_aside: Mapping[str, int] | None = None


@dataclass(frozen=True)
class GenomeSource(_Part):
    """What a genome was fitted on: a network by its catalogue name, its fingerprint and its
    training data.

    `stated`: by whom, where it was not observed.
    """

    training_data: str | None = None
    trained_as: str | None = None
    fingerprint: str | None = None
    epochs: float | None = None
    checkpoint: str | None = None
    stated: str | None = None

    @classmethod
    def of(cls, genome: Genome | None) -> Self | None:
        """What a genome says; None where it was fitted to no network."""
        fitted = genome is not None and genome.source and WRITTEN not in genome.source
        return cls.from_json(genome.source) if genome and fitted else None


@dataclass(frozen=True)
class HeldOut(_Part):
    """Accuracy (0 to 1) on images that were not trained on."""

    images: int
    accuracy: float


@dataclass(frozen=True)
class ImportedFrom(_Part):
    """The file that weights were imported from, and what the importer stated instead of
    observed.

    `key`: where in the file they were, None at its top; `tensors_left_aside` in it were not the
    network's.
    """

    file: str
    sha256: str
    stated: str
    epoch_in_file: float | None = None
    key: str | None = None
    tensors_left_aside: int | None = None
    finished: str | None = None

    def __str__(self) -> str:
        return f"imported from {self.file} (SHA-256 {self.sha256})"


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """What a model's weights were trained on, and what that took; `from_json` reads one, `to_json`
    writes it.

    `variant`: the catalogue row; `epochs` of the images in `data`; `..._paper` counts as the paper
    does. `images_skipped`: damaged ones. `unlabelled_images`: what batch-norm statistics of a model
    at birth were measured on. `genome` and `genome_numbers`: what weights were initialised from.
    `held_out`: None without held-out images. `continues`: the record of the training that this one
    started from, with the `fingerprint` of its weights. `code`: that of an extension's network.
    `epochs_asked`: in the last record of a run, empty for a run until convergence. `loss` and
    `epoch_log` by epoch. `imported`: where weights of others come from. Raises `WiringError` where
    a count is missing, negative or no integer, or where the record contradicts itself.
    """

    variant: str
    architecture: str
    birth: str
    trained: str
    data: DataRecord
    epochs: float
    images_shown: int
    images_skipped: int
    trained_parameters: int
    trained_parameters_paper: int
    supervised_updates: int
    supervised_synaptic_updates: int
    supervised_synaptic_updates_true: int
    unlabelled_images: int
    genome_numbers: int
    genome_sha256: str | None = None
    genome: GenomeSource | None = None
    seed: int | None = None
    continues: TrainingRecord | None = None
    fingerprint: str | None = None
    code: str | None = None
    epochs_asked: Sequence[float] | None = None
    recipe: Mapping[str, Any] | None = None
    converged: bool | None = None
    loss: Sequence[float] = ()
    epoch_log: Sequence[Mapping[str, float]] = ()
    held_out: HeldOut | None = None
    channels_aligned_on_images: int = 0
    batch_norm_statistics: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    hardware: str = ""
    processes: int = 1
    wall_seconds: float | None = None
    seconds_waiting_for_images: float = 0.0
    finished: str = ""
    imported: ImportedFrom | None = None
    version: int = RECORD_VERSION

    def __post_init__(self) -> None:
        for name in ("variant", "trained", "architecture", "birth"):
            value = getattr(self, name)
            _check(name, value, isinstance(value, str) and value != "", "a name")
        for name, value in {
            **{name: getattr(self, name) for name in _COUNTS},
            "diet.images": self.data.images,
        }.items():
            _check(name, value, type(value) is int and value >= 0, "a whole number of at least 0")
        is_number = isinstance(self.epochs, (int, float)) and not isinstance(self.epochs, bool)
        possible = is_number and 0 <= self.epochs < math.inf
        _check("epochs", self.epochs, possible, "a number of at least 0")
        self._check_counts_agree()

    def _contradiction(self, how: str) -> WiringError:
        return WiringError(f"The training record of {self.variant} contradicts itself: {how}.")

    def _check_counts_agree(self) -> None:
        updates = self.supervised_updates
        try:
            counted = expected_synapses(self.architecture, self.birth, self.trained)
        except (WrongUsage, KeyError):  # an architecture or birth of an extension that is not here
            counted = None
        derived = {
            "supervised_updates": (self.images_shown, "images_shown"),
            "supervised_synaptic_updates": (
                updates * self.trained_parameters_paper,
                "supervised_updates x trained_parameters_paper",
            ),
            "supervised_synaptic_updates_true": (
                updates * self.trained_parameters,
                "supervised_updates x trained_parameters",
            ),
        }
        if counted is not None:
            paper = f"the paper's count for '{self.trained}'"
            derived["trained_parameters"] = counted.true, f"the synapses of '{self.trained}'"
            derived["trained_parameters_paper"] = counted.paper, paper
        if self.at_birth:
            derived["images_shown"] = 0, f"what '{self.trained}' is trained on"
        for name, (count, source) in derived.items():
            if getattr(self, name) != count:
                raise self._contradiction(
                    f"{name} is {getattr(self, name):,}, {source} is {count:,}"
                )
        if not self.at_birth and not self.images_shown:
            raise self._contradiction(f"'{self.trained}' is trained, but no image was shown")
        shown, skipped, images = self.images_shown, self.images_skipped, self.data.images
        exact = self.epochs * images
        slack = 0.5 + 1e-9 * exact  # epochs may be a rounded fraction, a product ends beside .5
        if not shown - slack <= exact <= shown + skipped + slack:
            raise self._contradiction(
                f"{self.epochs:g} epochs of {images:,} images are not the {shown:,} images shown "
                f"(and {skipped:,} skipped) that it states"
            )

    @property
    def seen(self) -> bool:
        """Whether an image was shown, be it for batch-norm statistics alone."""
        return bool(self.images_shown or self.unlabelled_images)

    @property
    def at_birth(self) -> bool:
        """Whether no parameter was trained."""
        return self.trained == "nothing"

    @cached_property
    def account(self) -> Account:
        """What the development of these weights took, that of the model they continue included."""
        synapses = TrainedSynapses(self.trained_parameters_paper, self.trained_parameters)
        account = account_of_updates(
            self.variant,
            "at birth" if self.at_birth else "trained",
            self.supervised_updates,
            synapses,
            self.data.images if self.images_shown else 0,
            self.epochs,
            self.unlabelled_images,
            self.genome_numbers,
        )
        return account_after(self.continues.account, account) if self.continues else account

    @classmethod
    def stated(cls, row: Variant, data: str, **more: Any) -> TrainingRecord:
        """The record that a row implies for weights without one, trained on the data set `data`."""
        account, imagenet = account_of_variant(row), row.training_data == "imagenet"
        genome = (
            GenomeSource(IMAGENET if imagenet else "unknown", stated="by the importer")
            if row.compressed
            else None
        )
        if account.genome_numbers is None:
            raise WiringError(
                f"The numbers in the genome that {row.identifier} is initialised from are not "
                "known without that genome, so no training record can be stated for it: train it "
                f"with `brainscore train {row.identifier} --data DIR -o FOLDER`."
            )
        return cls(
            variant=row.identifier,
            architecture=row.architecture,
            birth=row.birth,
            trained=row.trained,
            seed=row.seed,
            data=DataRecord(row.images, data, image_size=IMAGENET_SIZE if imagenet else None),
            epochs=row.epochs,
            images_shown=account.supervised_updates,
            images_skipped=0,
            trained_parameters=account.trained_synapses_true,
            trained_parameters_paper=account.trained_synapses_paper,
            supervised_updates=account.supervised_updates,
            supervised_synaptic_updates=account.supervised_synaptic_updates,
            supervised_synaptic_updates_true=account.supervised_synaptic_updates_true,
            unlabelled_images=0,
            genome_numbers=account.genome_numbers,
            genome=genome,
            batch_norm_statistics="as in the imported file",
            **more,
        )

    @classmethod
    def from_json(cls, entries: Any) -> TrainingRecord:
        """Read and check a record, also one that states no version."""
        if not isinstance(entries, Mapping):
            raise WiringError(
                f"The training record is a {type(entries).__name__}, not a mapping of its entries."
            )
        stated = {
            one.name: entries[_in_json(one)]
            for one in dataclasses.fields(cls)
            if _in_json(one) in entries
        }
        for one in dataclasses.fields(cls):
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING:
                _check_present(_in_json(one), entries)
        if stated.get("version", RECORD_VERSION) != RECORD_VERSION:
            raise WiringError(
                f"The training record is of version {stated['version']!r}, this package reads "
                f"version {RECORD_VERSION}: install a newer one."
            )
        for name in ("epochs_asked", "loss", "epoch_log"):
            if name in stated:
                is_list = isinstance(stated[name], (list, tuple, type(None)))
                _check(name, stated[name], is_list, "a list")
                stated[name] = tuple(stated[name] or ())
        _check_present("images", entries["diet"], "diet.")
        for name, part in {
            "data": DataRecord,
            "genome": GenomeSource,
            "held_out": HeldOut,
            "continues": cls,
            "imported": ImportedFrom,
        }.items():
            if stated.get(name):
                stated[name] = _part(part, _JSON_NAMES.get(name, name), stated[name])
            else:
                stated.pop(name, None)
        return cls(**stated)

    def to_json(self) -> dict[str, Any]:
        """The record in plain values, under the names that its files have."""
        left_out = {name for name in _LEFT_OUT if getattr(self, name) is None}
        entries = {
            _in_json(one): getattr(self, one.name)
            for one in dataclasses.fields(self)
            if one.name not in left_out
        }
        entries |= {
            name: value.to_json()
            for name, value in entries.items()
            if isinstance(value, (_Part, TrainingRecord))
        }
        if self.epochs_asked is not None:
            entries["epochs_asked"] = list(self.epochs_asked) or None
        return entries

    def _repr_html_(self) -> str:
        from brainscore_wiring.formatting import training_in_words

        return facts_as_html(
            f"Training record of {self.variant}",
            {
                "trained on": training_in_words(self),
                "what was trained": f"{self.trained}: {self.trained_parameters:,} parameters",
                "account": self.account.in_words(),
                "held-out accuracy": self.held_out
                and f"{self.held_out.accuracy:.1%} of {self.held_out.images:,} images",
                "batch-norm statistics": self.batch_norm_statistics,
                "genome from": self.genome and self.genome.training_data,
                "seed": self.seed,
            },
        )

    def __repr__(self) -> str:
        data = f"{in_epochs(self.epochs)} of {self.data.images:,} {self.data.name} images"
        return (
            f"<TrainingRecord of {self.variant}: {data}, "
            f"{self.supervised_updates:,} supervised updates>"
        )


def account_of_model(model: Any) -> Account:
    """The account that a Brain-Score model states, in its training record, as in submissions, or of
    its catalogue row.

    Raises `WiringError` for a model with none of them, and for one whose network was changed since.
    """
    if hasattr(model, "check_weights"):
        model.check_weights()
    stated = getattr(model, "account", None)
    if isinstance(stated, Account):
        return stated
    record = getattr(model, "training_record", None)
    if record is not None:
        return TrainingRecord.from_json(record).account
    if model.identifier in CATALOGUE:
        return account_of_variant(CATALOGUE[model.identifier])
    raise WiringError(
        f"{model.identifier} has no training record and is not in the catalogue, so its supervised "
        "synaptic updates are unknown: state the labelled images and epochs that it was trained on "
        "(`--labelled-images`, or `labelled_images` of `brainscore_wiring.brain_model`)."
    )


def _in_json(field: dataclasses.Field) -> str:
    return _JSON_NAMES.get(field.name, field.name)


def _part(kind: Any, name: str, entries: Any) -> Any:
    _check(name, entries, isinstance(entries, Mapping), "a mapping of its entries")
    try:
        return kind.from_json(entries)
    except TypeError as error:
        raise WiringError(
            f"The training record's '{name}' is not whole ({error}): it is damaged."
        ) from None


def _check_present(name: str, entries: Any, inside: str = "") -> None:
    if not isinstance(entries, Mapping) or name not in entries:
        raise WiringError(
            f"The training record has no entry '{inside}{name}': it is damaged or was not written "
            "by `brainscore train`."
        )


def _check(name: str, value: Any, fits: bool, what: str) -> None:
    if not fits:
        raise WiringError(f"The training record's '{name}' is {value!r}, it must be {what}.")
