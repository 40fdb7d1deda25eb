"""On a card: the recipe, and the weights on this machine that came of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from brainscore_wiring.cards.markdown import facts, paragraphs, table
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.catalogue.training_recipe import RECIPES, Recipe
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.formatting import training_in_words

#: Hyper-parameters, fields of `Recipe`, in words.
SETTINGS = {
    "optimizer": "optimizer",
    "learning_rate": "learning rate",
    "momentum": "momentum",
    "weight_decay": "weight decay",
    "batch_size": "images per update",
    "schedule": "schedule",
    "image_size": "image size in pixels",
    "crop_scale": "share of an image that a crop keeps",
    "precision": "precision",
    "feedback": "gradient",
    "frozen_layers": "layers that are not trained",
}
#: What a setting says, where that takes more than its own words.
WORDS = {
    "plateau": "divided by 10 at a plateau",
    "skip_only": "through skip connections alone",
    "live": "computed at each update",
    "cached": "computed once for each image",
}


def recipe(model: ResolvedModel) -> str:
    """Hyper-parameters: the paper's, and how the row and the weights here differ."""
    row = model.row
    if row.at_birth or row.birth == "pretrained":
        return ""
    changes: dict[str, Any] = dict(row.recipe)
    paper, own = RECIPES["paper"], Recipe(**changes)
    used = model.record.recipe if model.record else None
    recipes = {
        "the paper's": asdict(paper),
        "this recipe's": asdict(own) if changes else None,
        "the weights here": {**asdict(paper), **used} if used else None,
    }
    columns = {
        name: {field: _setting(values[field]) for field in SETTINGS}
        for name, values in recipes.items()
        if values
    }
    same = [field for field in SETTINGS if len({values[field] for values in columns.values()}) == 1]
    lines = [
        [name, *(values[field] for values in columns.values())]
        for field, name in SETTINGS.items()
        if field not in same
    ]
    as_in_paper = "; ".join(
        f"{SETTINGS[field]} {_setting(getattr(paper, field))}" for field in same
    )
    other = table(["", *columns], lines, numbers=len(columns)) if lines else ""
    return paragraphs(f"As in the paper: {as_in_paper}.", other)


def _setting(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return " to ".join(f"{end:g}" for end in value)
    if isinstance(value, float):
        return f"{value:g}"
    return WORDS.get(str(value), str(value).replace("_", " "))


def weights_here(model: ResolvedModel) -> str:
    """What they saw, how good they are, when and on what they were made; or how to get some."""
    row, weights = model.row, model.weights
    if model.reason:
        return model.reason
    if weights is None:
        return facts(
            {
                "where": {
                    "computed": "computed",
                    "sampled": "sampled when the model is loaded",
                    "authors": "the CORnet authors' checkpoint, trained as they state",
                }[model.source],
                "training data": "none"
                if row.at_birth
                else in_epochs(row.epochs) + f" of {row.images:,} ImageNet "
                "images, as its authors state",
                "genome": _fitted_on(model),
                "batch-norm statistics": _statistics(model),
            }
        )
    record = weights.record
    held_out = record.held_out
    return facts(
        {
            "fingerprint": f"`{weights.fingerprint}`",
            "file": f"{weights.header.size / 1e6:.1f} MB, from {weights.place}",
            "source": str(record.imported or ""),
            "training data": _training(record),
            "genome": _fitted_on(model),
            "batch-norm statistics": _statistics(model),
            "loss in the last epoch": f"{record.loss[-1]:.3f}" if record.loss else "",
            "held-out accuracy": f"{held_out.accuracy:.1%} of {held_out.images:,} images"
            if held_out
            else ""
            if row.at_birth
            else "not measured: no held-out images",
            "made": _made(record),
        }
    )


def _statistics(model: ResolvedModel) -> str:
    """Where batch-norm statistics come from; empty without batch norm."""
    row = model.row
    if row.birth == "none":
        return ""
    if model.record:
        return model.record.batch_norm_statistics
    if row.noise_images:
        return f"measured on {row.noise_images} noise images when the model is loaded"
    return "at their defaults, 0 and 1" if row.at_birth and not row.unlabelled_images else ""


def _training(record: TrainingRecord) -> str:
    data = record.data
    more = [f"{data.classes:,} classes"] if data.classes is not None and record.images_shown else []
    more += ["as many of each class"] if data.balanced else []
    more += [f"{record.images_skipped:,} damaged ones skipped"] if record.images_skipped else []
    return training_in_words(record) + (f" ({', '.join(more)})" if more else "")


def _fitted_on(model: ResolvedModel) -> str:
    genome = model.genome
    if genome is None:
        return ""
    if genome.trained_as is None:
        return f"fitted on weights of {genome.training_data or 'unknown'}"
    epochs = f" after {in_epochs(genome.epochs)}" if genome.epochs is not None else ""
    network = f"`{genome.trained_as}` (`{genome.fingerprint}`)"
    return f"fitted on a {network}{epochs} of {genome.training_data}"


def _made(record: TrainingRecord) -> str:
    seconds = record.wall_seconds or 0
    took = f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
    said = [
        f"on {record.finished[:10]}" if record.finished else "",
        f"in {took}" if seconds else "",
        f"on {record.hardware}" if record.hardware else "",
    ]
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    return " ".join(filter(None, said)) + (f"; {versions}" if versions else "")
