"""What a public identifier states about the weights behind it, and whether Brain-Score's
leaderboard can take it.

Identifiers are public and permanent. One that reads like a recipe of the catalogue promises that
recipe with the paper's training data; what differs in the weights has to be part of the
identifier.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from brainscore_wiring.architectures import SEVERAL, architecture
from brainscore_wiring.architectures.region_map import IMAGENET_CLASSES
from brainscore_wiring.catalogue import CATALOGUE, Variant, image_count, in_epochs
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.training_record import IMAGENET, IMAGENET_SIZE, DataRecord
from brainscore_wiring.errors import WiringError, WrongUsage

#: What catalogue rows share that are one recipe but for their training data, moment and seed.
_RECIPE = (
    "architecture",
    "birth",
    "compressed",
    "default_norms",
    "trained",
    "recipe",
    "continues",
    "unlabelled_images",
    "noise_images",
)
LONGEST_IDENTIFIER = 100


@dataclass(frozen=True)
class Departure:
    """In what weights differ from a name's promise, and the word that a name needs.

    `before`: what the word stands behind in the name that is suggested.
    """

    fact: str
    word: str
    before: str = ""

    def is_said_in(self, name: str) -> bool:
        parts = re.findall(r"[a-z]+|\d+", self.word.lower())
        pattern = "[^a-z0-9]*".join(map(re.escape, parts))
        return re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", name.lower()) is not None


def check_name(name: str, model: ResolvedModel, taken: Collection[str]) -> None:
    """Raise `WrongUsage` for an identifier that cannot be used, `WiringError` for one that the
    weights do not keep.

    `taken`: identifiers of models that Brain-Score has.
    """
    _check_usable(name, taken)
    other = _other_layers(name, model.row)
    if other:
        raise WiringError(
            f"'{name}' reads like {other}, but the weights are those of {model.identifier}: begin "
            f"the name with {public_identifier(model.identifier)} and other words."
        )
    promised = _promised_by(name, model.row)
    if promised and any(getattr(promised, fact) != getattr(model.row, fact) for fact in _RECIPE):
        raise WiringError(
            f"'{name}' reads like the recipe {promised.identifier} "
            f"({promised.summary.rstrip('.')}), but "
            f"the weights are those of {model.identifier}: begin the name with "
            f"{public_identifier(model.identifier)}."
        )
    row = promised or model.row
    unsaid = [departure for departure in departures(row, model) if not departure.is_said_in(name)]
    if unsaid:
        facts = ", ".join(departure.fact for departure in unsaid)
        suggested = "_".join([name, *(departure.before + departure.word for departure in unsaid)])
        raise WiringError(
            f"'{name}' promises {_promise(row)}, but its weights have {facts}: a public identifier "
            f"has to say so, for example `--as {suggested}`."
        )
    without_data = _spelled(name)
    data = training_data(model)
    named = (data.name if data else None, model.genome_data)
    used = {name_of_data for name_of_data in named if name_of_data is not None}
    for name_of_data in used - {IMAGENET}:
        without_data = without_data.replace(_word(name_of_data), "")
    if "imagenet" in without_data and IMAGENET not in used:
        raise WiringError(
            f"'{name}' names ImageNet, which nothing in these weights comes from: give another "
            "name with --as."
        )


def public_identifier(identifier: str) -> str:
    """What a row's identifier is in public: `_train_` before named layers, in place of the +."""
    return identifier.replace(SEVERAL, "_train_", 1).replace(SEVERAL, "_")


def training_data(model: ResolvedModel) -> DataRecord | None:
    """The labelled images that the weights were trained on; None where there were none."""
    return model.record.data if model.record and model.record.images_shown else None


def refuses_labels(model: ResolvedModel) -> bool:
    """Whether the decoder has other classes than ImageNet's and so names no images."""
    data = training_data(model)
    return data is not None and data.classes not in (None, IMAGENET_CLASSES)


def departures(row: Variant, model: ResolvedModel) -> list[Departure]:
    """In what the weights differ from what a catalogue row states."""
    found, record, data = [], model.record, training_data(model)
    if record and data:
        if data.name != IMAGENET:
            found.append(Departure(f"the training data {data.name}", _word(data.name)))
        elif data.image_size not in (None, IMAGENET_SIZE):
            found.append(Departure(f"images of {data.image_size} px", f"{data.image_size}px"))
        # the paper rounds ImageNet's 1,281,167 to 1,280,000
        if abs(data.images - row.images) > 0.01 * row.images:
            fact = f"{data.images:,} labelled images (not {row.images:,})"
            found.append(Departure(fact, f"{image_count(data.images)}_images"))
        if abs(record.epochs - row.epochs) >= 0.01:
            fact = f"{in_epochs(round(record.epochs, 2))} (not {row.epochs:g})"
            found.append(Departure(fact, f"{record.epochs:.3g}_epochs".replace(".", "p")))
    seed = model.row.seed if record is None or record.seed is None else record.seed
    if seed != row.seed:
        found.append(Departure(f"seed {seed}", f"seed{seed}"))
    genome = model.genome_data
    if genome not in (None, IMAGENET) and genome != (data.name if data else None):
        found.append(Departure(f"a genome from {genome}", _word(genome), "genome_"))
    return found


def _promised_by(name: str, own: Variant) -> Variant | None:
    """The row that a name is, or begins with (the longest such): of the catalogue, or `own`, which
    is none of it where its layers are named.
    """
    rows = {_spelled(public_identifier(row)): row for row in (own.identifier, *CATALOGUE)}
    begun = [spelled for spelled in rows if f"{_spelled(name)}_".startswith(f"{spelled}_")]
    return CATALOGUE[rows[max(begun, key=len)]] if begun else None


def _other_layers(name: str, own: Variant) -> str:
    """What a name says is trained beside or in place of the layers of `own`; empty if nothing."""
    base, several, layers = own.identifier.partition(SEVERAL)
    if not several:
        return ""
    known = architecture(own.architecture).can_be_trained
    others = [f"{start}{one}" for start in ("", f"{layers}{SEVERAL}") for one in known]
    stated = {
        _spelled(public_identifier(f"{base}{SEVERAL}{one}")): f"{base}{SEVERAL}{one}"
        for one in [*others, layers]
    }
    begun = [spelled for spelled in stated if f"{_spelled(name)}_".startswith(f"{spelled}_")]
    longest = stated[max(begun, key=len)] if begun else own.identifier
    return "" if longest == own.identifier else longest


def _promise(row: Variant) -> str:
    if row.at_birth:
        return "the paper's genome" if row.compressed else "the paper's birth state"
    whose = "" if row.section == "beyond" else "the paper's "
    return f"{whose}{in_epochs(row.epochs)} of {row.images:,} {IMAGENET} images"


def _check_usable(name: str, taken: Collection[str]) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", name) or len(name) > LONGEST_IDENTIFIER:
        raise WrongUsage(
            f"'{name}' cannot be a public identifier: it begins with a letter and has letters, "
            f"digits, _, - and . alone, at most {LONGEST_IDENTIFIER} of them."
        )
    near = [other for other in taken if _plain(other) == _plain(name)]
    if near:
        raise WrongUsage(
            f"Brain-Score already has a model '{sorted(near)[0]}', and identifiers are public, "
            f"permanent and unique: give '{name}' another one with --as."
        )


def _word(data: str) -> str:
    """A data set's name in identifiers: CIFAR-10 -> cifar10, visual-atoms -> visual_atoms."""
    return _spelled(re.sub(r"[^A-Za-z0-9]+(?=\d)", "", data))


def _spelled(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
