"""The commands that make a model again and use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from brainscore_wiring.cards.markdown import code, paragraphs
from brainscore_wiring.catalogue import Variant
from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.catalogue.training_recipe import RECIPES, Recipe
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS, genome_path, has_own_genome
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.training_record import ALL_OF_IMAGENET, IMAGENET, TrainingRecord
from brainscore_wiring.checksums import document_sum
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, MOBILENET_GRAPH
from brainscore_wiring.weight_compression.births import BIRTH_STATES
from brainscore_wiring.weight_compression.genome_file import genome_document

#: Fields of a recipe that `brainscore train` has an option for.
OPTIONS = {
    "image_size": "--size",
    "batch_size": "--batch-size",
    "schedule": "--schedule",
    "precision": "--precision",
    "learning_rate": "--learning-rate",
    "momentum": "--momentum",
    "weight_decay": "--weight-decay",
    "optimizer": "--optimizer",
    "crop_scale": "--smallest-crop",
    "frozen_layers": "--cache",
}
FIELDS = ("feedback", "warm_up", *OPTIONS)


def reproduce(model: ResolvedModel) -> str:
    """Commands, each with what it does, and what to expect of them."""
    row, name = model.row, model.row.identifier
    if row.birth == "none":
        return code(f"brainscore score --model {name}")
    if name == CORNET_AUTHORS:
        return code(
            f"brainscore data fetch {CORNET_S_CHECKPOINT}      # the CORnet authors' weights\n"
            f"brainscore score --model {name}"
        )
    if row.by_others:
        return code(
            f"brainscore data fetch {MOBILENET_GRAPH}      # says where the file lies\n"
            f"brainscore import-weights FILE --as {name}\n"
            f"brainscore score --model {name}"
        )
    lines = _genome(row)
    if row.at_birth and not row.unlabelled_images:
        lines += [
            f"brainscore birth {name} -o {name}.safetensors      # its state dict, the same bits "
            "everywhere"
        ]
    else:
        lines += _training(model)
    lines += [f"brainscore score --model {name}"]
    return paragraphs(code("\n".join(lines)), _what_to_expect(model))


def _genome(row: Variant) -> list[str]:
    if BIRTH_STATES[row.birth].needs == "authors' files":
        return [
            "brainscore data fetch weight_compression      # the paper authors' parameter files"
        ]
    if has_own_genome(row):
        return [f"brainscore compress CHECKPOINT --as {row.birth}      # its genome"]
    if (
        row.training_data != "imagenet"
        or not BIRTH_STATES[row.birth].sampled
        or BIRTH_STATES[row.birth].needs == "none"
    ):
        return []
    as_birth = "" if row.birth == "weight_compression" else f" --as {row.birth}"
    return [f"brainscore compress {CORNET_AUTHORS}{as_birth}      # the ImageNet genome"]


def _training(model: ResolvedModel) -> list[str]:
    name, folder = model.row.identifier, f"runs/{model.row.identifier}"
    lines = []
    record = model.record
    if record and record.recipe is not None and not model.row.at_birth:  # imported ones have none
        lines += [
            "# the weights here",
            f"brainscore train {name} --data {record.data.name.replace(' ', '_')}"
            f"{options(model.row, record)} -o {folder}",
        ]
        if followed(model) or model.row.trains_named_layers:
            return lines[1:]
        lines += ["# the recipe"]
    size = ""
    if record and model.row.at_birth and record.data.image_size != Recipe().image_size:
        size = f" --size {record.data.image_size}"
    lines.append(
        f"brainscore train {name} --data {'IMAGES' if model.row.at_birth else 'IMAGENET'}{size} -o "
        f"{folder}"
    )
    if model.row.at_birth and model.weights and model.weights.packaged:
        # copied to the weight store, other images' statistics would stand in for the packaged ones
        return lines
    return [
        *lines,
        f"cp {folder}/model.safetensors ~/.brain-score/wiring/weights/{name}.safetensors",
    ]


def options(row: Variant, record: TrainingRecord) -> str:
    """The options with which `brainscore train` makes the weights of a record."""
    given = record.recipe or {}  # imported weights have none
    start, differing = _nearest_recipe(row, given)
    chosen = [] if start == "paper" else [f"--recipe {start}"]
    chosen += filter(None, (_option(field, given[field]) for field in differing))
    if record.epochs != row.epochs:
        chosen.append(f"--epochs {record.epochs:g}")
    if record.data.images != (row.images if row.images < FULL else None):
        chosen.append(f"--images {record.data.images}")
    chosen += ["--balanced"] * bool(record.data.balanced)
    if record.seed != row.seed:
        chosen.append(f"--seed {record.seed}")
    chosen += ["--genome GENOME"] * bool(_another_genome(row, record))
    return "".join(f" {option}" for option in chosen)


def _another_genome(row: Variant, record: TrainingRecord) -> str:
    """The first digits of the SHA-256 of the record's genome; empty where it is the one that the
    row is initialised from on this machine.
    """
    path, used = genome_path(row), record.genome_sha256
    if not used or not path.is_file() or document_sum(genome_document(path)) == used:
        return ""
    # the one in the file may yet be transferred to the architecture, or rounded
    from brainscore_wiring.checkpoints.initial_weights import birth_of  # and torch

    genome = birth_of(row).genome
    return used[:8] if genome is None or genome.sha256() != used else ""


def _option(field: str, value: Any) -> str:
    """The option that gives a field of a recipe this value; empty where there is none."""
    if field == "crop_scale":
        return f"{OPTIONS[field]} {value[0]}" if value[1] == 1 else ""
    if field == "frozen_layers":
        return OPTIONS[field] if value == "cached" else ""
    return f"{OPTIONS[field]} {value}" if field in OPTIONS else ""


def _nearest_recipe(row: Variant, given: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The named recipe that a recorded one differs least from, and the fields that differ."""
    differing = {name: _differ(name, row, given) for name in RECIPES}
    return min(differing.items(), key=lambda named: len(named[1]))


def _differ(start: str, row: Variant, given: Mapping[str, Any]) -> list[str]:
    """The fields in which a recorded recipe differs from a named one and the row."""
    named = RECIPES[start]
    return [
        field
        for field in FIELDS
        if field in given
        and (field != "warm_up" or given.get("schedule") == "one_cycle")  # no other one has it
        and _plain(given[field]) != _plain(row.recipe.get(field, getattr(named, field)))
    ]


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def followed(model: ResolvedModel) -> bool:
    """Whether the weights were trained as the row says, on as many ImageNet images."""
    record, row = model.record, model.row
    if record is None:
        return False
    images = record.data.images == row.images or (
        row.images == FULL and record.data.images >= ALL_OF_IMAGENET
    )
    enough = images and abs(record.epochs - row.epochs) < 0.01
    return (
        enough and record.data.name == IMAGENET and not _differ("paper", row, record.recipe or {})
    )


def _what_to_expect(model: ResolvedModel) -> str:
    row = model.row
    if row.at_birth and not row.unlabelled_images:
        return ""
    accuracy = (
        ""
        if row.at_birth
        else "; with `train/` and `val/` in it, accuracy is measured on the latter"
    )
    sentences = [
        f"The folder or archive after `--data` holds one sub-folder of images per class{accuracy} "
        "(docs/training.md)."
    ]
    record = model.record
    given = record.recipe if record else None
    if record and given and not row.at_birth:
        differing = _nearest_recipe(row, given)[1]
        beyond = [field for field in differing if not _option(field, given[field])]
        if beyond:
            sentences.append(
                "The command has no option for "
                + ", ".join(f"{field.replace('_', ' ')} {given[field]}" for field in beyond)
                + "."
            )
        genome = _another_genome(row, record)
        if genome:
            sentences.append(
                f"GENOME is the file of the genome `{genome}` that these weights were initialised "
                "from, another one than the model's."
            )
    if row.at_birth and record:
        sentences.append(
            f"The statistics here were measured on {record.unlabelled_images} images "
            f"sampled from {record.data.name}."
        )
    return " ".join(sentences)
