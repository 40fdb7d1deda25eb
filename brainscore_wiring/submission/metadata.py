"""A submission's `metadata.yaml`: the catalogue row as the package describes it, and what the typed
record says of the weights' training, with what each statement rests on.
"""

from __future__ import annotations

from typing import Any

import yaml

from brainscore_wiring.accounting import parameter_count
from brainscore_wiring.architectures import architecture
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.training_record import IMAGENET as IMAGENET_NAME
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.formatting import PAPER_URL, training_in_words
from brainscore_wiring.models.write_plugins import IMAGENET_DATASET, entry
from brainscore_wiring.submission.names import refuses_labels, training_data

#: What statements rest on, as the metadata name it: the folder itself, the record of the training
#: that is in the weights file, and the paper.
_PLUGIN, _RECORD, _PAPER = "plugin", "record", "paper"


def metadata(submitted: dict[str, ResolvedModel]) -> str:
    """The text of `metadata.yaml` (schema 2.0) for public identifiers and their models."""
    models = {identifier: _described(identifier, model) for identifier, model in submitted.items()}
    return yaml.safe_dump(
        {"schema_version": "2.0", "domain": "vision", "models": models}, sort_keys=False, width=100
    )


def _described(identifier: str, model: ResolvedModel) -> dict[str, Any]:
    """What is known of a model; assertions say of each part how well, and by what."""
    described, record = entry(model.row), model.record
    described.pop("data", None)
    data = training_data(model)
    described["model"] |= _model(identifier, model)
    described["training"] = {"process": description(model)}
    described["io"] = _interface(model)
    described["provenance"] = _provenance(model)
    described["sources"] = {
        _PAPER: described["sources"][_PAPER],
        _PLUGIN: {"kind": "other", "citation": "The code and region_layer_map of this folder."},
    }
    plain = ("/model", "/training/process", "/io", "/provenance", "/legal/license")
    rests = dict.fromkeys(plain, ("verified", _PLUGIN))
    if record:
        stated = "verified" if record.imported is None else "probable"
        described["sources"][_RECORD] = {"kind": "other", "citation": _citation(record)}
        rests |= dict.fromkeys(("/training/process", "/provenance"), (stated, _RECORD))
        if data:
            training = _training(record)
            described["training"] |= {name: text for name, text in training.items() if text}
            described["data"] = _data(record)
            rests |= dict.fromkeys(("/training", "/data"), (stated, _RECORD))
            left_out = [f"/training/{name}" for name, text in training.items() if not text]
            rests |= dict.fromkeys(left_out, ("undocumented", _RECORD))
        if record.imported:
            described.pop("legal")  # weights of others keep their own terms
            rests["/legal/license"] = ("undocumented", _RECORD)
    if _lineage(model):
        described["lineage"] = {"base_models": _lineage(model)}
        rests["/lineage/base_models"] = ("verified", _RECORD if record else _PLUGIN)
    if limitations(model):
        described["use"] = {"limitations": limitations(model)}
        rests["/use/limitations"] = ("verified", _RECORD if record else _PLUGIN)
    described["assertions"] = [
        {"path": path, "status": status, "sources": [source]}
        for path, (status, source) in rests.items()
    ]
    return described


def _model(identifier: str, model: ResolvedModel) -> dict[str, Any]:
    row, built = model.row, architecture(model.row.architecture)
    size = built.region_map.preprocessing.image_size
    layers = ", ".join(f"{region} {layer}" for region, layer in built.region_map.regions.items())
    found: dict[str, Any] = {
        "display_name": identifier,
        "version": f"weights {model.fingerprint}" if model.fingerprint else "sampled at birth",
        "architecture": {"family": built.words, "description": f"Layers of regions: {layers}."},
        "parameter_count": parameter_count(built.name),
        "parameter_count_exact": True,
        "trainable_layers": "none" if row.at_birth else row.trained_words,
        "input_resolution": {"channels": 3, "height": size, "width": size},
    }
    data = training_data(model)
    if data is None:
        found["supervision"] = {"type": "none", "description": "No labels were used."}
    else:
        found["supervision"] = {
            "type": "supervised",
            "description": f"Class labels of {data.name}.",
        }
    return found


def _training(record: TrainingRecord) -> dict[str, str | None]:
    """How the weights were trained; None for what the record does not say, as an importer's."""
    recipe, data = record.recipe or {}, record.data
    return {
        "objective": f"Classification into {data.classes:,} classes." if data.classes else None,
        "loss": "Cross-entropy." if recipe else None,
        "learning_rate": (
            f"{recipe['learning_rate']:g}, schedule {recipe['schedule']}, {recipe['optimizer']} "
            f"with momentum {recipe['momentum']:g} and weight decay {recipe['weight_decay']:g}"
            if {"learning_rate", "schedule", "optimizer", "momentum", "weight_decay"} <= set(recipe)
            else None
        ),
        "batch_size": f"{recipe['batch_size']}" if "batch_size" in recipe else None,
        "preprocessing": (
            f"Random crops of {recipe['crop_scale'][0]:g} to {recipe['crop_scale'][1]:g} of an "
            f"image's area, resized to {recipe['image_size']} px, flipped left to right at random; "
            "channels normalised by ImageNet's mean and standard deviation."
            if {"crop_scale", "image_size"} <= set(recipe)
            else None
        ),
    }


def _data(record: TrainingRecord) -> dict[str, Any]:
    known = record.data.name == IMAGENET_NAME
    trained_on = {
        "identifier": IMAGENET_DATASET["identifier"] if known else "other",
        "name": IMAGENET_DATASET["name"] if known else record.data.name,
        "description": training_in_words(record),
        "role": "training",
    }
    summary = (
        f"{record.images_shown:,} labelled images were shown, {record.data.images:,} different ones"
        f" of {record.data.name}."
    )
    return {"summary": summary, "training_datasets": [trained_on]}


def _interface(model: ResolvedModel) -> dict[str, str]:
    preprocessing = architecture(model.row.architecture).region_map.preprocessing
    mean, std = (
        ", ".join(f"{value:g}" for value in values)
        for values in (preprocessing.mean, preprocessing.std)
    )
    return {
        "modality": "image",
        "interface": "PyTorch, by Brain-Score's BrainModel.",
        "input_format": (
            f"The whole image resized to {preprocessing.image_size} x {preprocessing.image_size} "
            f"px without a crop, RGB from 0 to 1, minus ({mean}), over ({std})."
        ),
        "output_format": "Responses of V1, V2, V4 and IT, and readouts of behaviour.",
    }


def _provenance(model: ResolvedModel) -> dict[str, str]:
    record = model.record
    if record is None:
        provider = "Sampled by the code of this folder" if model.row.birth != "none" else "None"
        return {"weights_provider": provider, "source_url": PAPER_URL}
    found = {
        "weights_provider": f"{record.imported}" if record.imported else "This submission",
        "source_url": PAPER_URL,
    }
    if model.fingerprint:
        found["checkpoint"] = f"Wiring checkpoint with SHA-256 {model.fingerprint}..."
    return found


def _citation(record: TrainingRecord) -> str:
    """The record in the weights file: who wrote it, when, with what."""
    if record.imported:
        return f"Record in the weights file, {record.imported}; stated: {record.imported.stated}."
    made = [f"{name} {version}" for name, version in record.versions.items()]
    when = [f"finished {record.finished}"] if record.finished else []
    details = ", ".join([*when, *made])
    return "Record in the weights file, written by the training" + (
        f" ({details})." if details else "."
    )


def _lineage(model: ResolvedModel) -> list[dict[str, Any]]:
    """The network that the genome was fitted to, and the model whose training went on."""
    found = []
    if model.genome:
        name = f"{_fitted_to(model)}, as a genome"
        found.append({"name": name, "relationship": "derived_from"})
    if model.record and model.record.continues:
        name = model.record.continues.variant
        found.append({"name": name, "relationship": "fine_tuned_from"})
    return found


def _fitted_to(model: ResolvedModel) -> str:
    trained_on = f" trained on {model.genome_data}" if model.genome_data else ""
    return f"{(model.genome and model.genome.trained_as) or 'network'}{trained_on}"


def limitations(model: ResolvedModel) -> list[str]:
    """What cannot be concluded from a model, in sentences."""
    data = training_data(model)
    if model.row.birth == "none":
        return []
    if data is None:
        return ["It was trained on no labels: its choices among ImageNet's classes mean nothing."]
    if data.name != IMAGENET_NAME:
        refused = refuses_labels(model)
        return [
            f"Its decoder was trained on the classes of {data.name}: "
            + ("it refuses to name" if refused else "its choices among")
            + " ImageNet's classes"
            + ("." if refused else " mean nothing.")
        ]
    return []


def description(model: ResolvedModel) -> str:
    """What a model is and what its weights were trained on, in a few sentences."""
    record, trained = model.record, training_data(model) is not None
    sentences = [f"{model.row.training_summary}." if trained else model.row.summary]
    if record:
        source = f", {record.imported}, as stated there" if record.imported else ""
        sentences.append(f"Weights: {training_in_words(record)}{source}.")
    if model.genome:
        sentences.append(f"Its genome was fitted to a {_fitted_to(model)}.")
    updates = record.account.supervised_synaptic_updates if record and trained else 0
    sentences.append(f"Supervised synaptic updates: {updates:,}.")
    return " ".join(sentences)
