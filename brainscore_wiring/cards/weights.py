"""On a card: the recipe, and the weights on this machine that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from brainscore_wiring.cards.known import Known
from brainscore_wiring.cards.markdown import facts, table
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.checkpoints.store import imported_from
from brainscore_wiring.sentences import diet_in_words
from brainscore_wiring.training.recipe import RECIPES

#: Hyper-parameters, fields of `Recipe`, in words.
SETTINGS = {"optimizer": "optimizer", "learning_rate": "learning rate", "momentum": "momentum",
            "weight_decay": "weight decay", "batch_size": "images per update", "schedule": "schedule",
            "image_size": "image size in pixels", "crop_scale": "share of an image that a crop keeps",
            "precision": "precision", "feedback": "gradient", "frozen_layers": "layers that do not learn"}
#: What a setting says, where that takes more than its own words.
WORDS = {"plateau": "divided by 10 at a plateau", "skip_only": "through skip connections alone",
         "live": "computed at each update", "cached": "computed once for each image"}


def recipe(subject: Known) -> str:
    """Hyper-parameters: the paper's, and what differs from them in the row and in the weights here."""
    row = subject.row
    if row.at_birth or row.birth == "pretrained":
        return ""
    paper, own = RECIPES["paper"], subject.recipe
    used = subject.weights.record.get("recipe") if subject.weights else None
    recipes = {"the paper's": asdict(paper), "this recipe's": asdict(own) if row.recipe else None,
               "the weights here": {**asdict(paper), **used} if used else None}
    columns = {name: {field: _setting(values[field]) for field in SETTINGS}
               for name, values in recipes.items() if values}
    same = [field for field in SETTINGS if len({values[field] for values in columns.values()}) == 1]
    lines = [[name, *(values[field] for values in columns.values())] for field, name in SETTINGS.items()
             if field not in same]
    as_in_paper = "; ".join(f"{SETTINGS[field]} {_setting(getattr(paper, field))}" for field in same)
    return "\n\n".join(filter(None, [f"As in the paper: {as_in_paper}.",
                                     lines and table(["", *columns], lines, numbers=len(columns))]))


def _setting(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return " to ".join(f"{end:g}" for end in value)
    if isinstance(value, float):
        return f"{value:g}"
    return WORDS.get(value, str(value).replace("_", " "))


def weights_here(subject: Known) -> str:
    """What they saw, how good they are, when and on what they were made; or how to get some."""
    row, weights = subject.row, subject.weights
    if subject.reason:
        return "" if row.needs else subject.reason
    if weights is None:
        return facts({"where": "computed" if row.birth == "none" else "sampled when the model is loaded" if row.at_birth
                      else "the CORnet authors' checkpoint, trained as they state",
                      "visual diet": "none" if row.at_birth else in_epochs(row.epochs) + f" of {row.images:,} ImageNet "
                      "images, as its authors state", "genome": _fitted_on(subject),
                      "batch-norm statistics": subject.statistics})
    record = weights.record
    held_out = record.get("held_out")
    return facts({
        "fingerprint": f"`{weights.fingerprint}`",
        "file": f"{weights.path.stat().st_size / 1e6:.1f} MB, from {weights.place}",
        "source": imported_from(record),
        "visual diet": _diet(subject),
        "genome": _fitted_on(subject),
        "batch-norm statistics": subject.statistics,
        "loss in the last epoch": f"{record['loss'][-1]:.3f}" if record.get("loss") else "",
        "held-out accuracy": f"{held_out['accuracy']:.1%} of {held_out['images']:,} images" if held_out else
        "" if row.at_birth else "not measured: no held-out images",
        "made": _made(record),
    })


def _diet(subject: Known) -> str:
    record = subject.weights.record
    diet = record["diet"]
    more = [f"{diet['classes']:,} classes"] if "classes" in diet and record["images_shown"] else []
    more += ["as many of each class"] if diet.get("balanced") else []
    more += [f"{record['images_skipped']:,} damaged ones skipped"] if record["images_skipped"] else []
    return diet_in_words(record) + (f" ({', '.join(more)})" if more else "")


def _fitted_on(subject: Known) -> str:
    genome = subject.genome
    if not genome:
        return ""
    if "trained_as" not in genome:
        return f"fitted on weights of {genome.get('diet', 'unknown')}"
    epochs = f" after {in_epochs(genome['epochs'])}" if "epochs" in genome else ""
    return f"fitted on a `{genome['trained_as']}` (`{genome.get('fingerprint')}`){epochs} of {genome.get('diet')}"


def _made(record: Mapping[str, Any]) -> str:
    said = [f"on {record['finished'][:10]}" if record.get("finished") else "",
            f"in {_minutes(record['wall_seconds'])}" if record.get("wall_seconds") else "",
            f"on {record['hardware']}" if record.get("hardware") else ""]
    versions = ", ".join(f"{name} {version}" for name, version in record.get("versions", {}).items())
    return " ".join(filter(None, said)) + (f"; {versions}" if versions else "")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
