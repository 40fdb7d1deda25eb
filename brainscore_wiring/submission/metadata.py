"""A submission's `metadata.yaml`: the catalogue row as the package describes it, and what the
weights learned from.
"""

from __future__ import annotations

from typing import Any

import yaml

from brainscore_wiring.architectures import architecture
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.training_record import IMAGENET as IMAGENET_NAME
from brainscore_wiring.formatting import training_in_words
from brainscore_wiring.models.write_plugins import IMAGENET_DATASET, entry
from brainscore_wiring.submission.names import genome_data, training_data


def metadata(submitted: dict[str, ResolvedModel]) -> str:
    """The text of `metadata.yaml` (schema 2.0) for public identifiers and their models."""
    models = {identifier: _described(identifier, model) for identifier, model in submitted.items()}
    return yaml.safe_dump(
        {"schema_version": "2.0", "domain": "vision", "models": models}, sort_keys=False, width=100
    )


def _described(identifier: str, model: ResolvedModel) -> dict[str, Any]:
    described, row, data = entry(model.row), model.row, training_data(model)
    size = architecture(row.architecture).region_map.preprocessing.image_size
    described["model"] |= {
        "display_name": identifier,
        "input_resolution": {"channels": 3, "height": size, "width": size},
    }
    described["training"] = {"process": description(model)}
    described.pop("data", None)
    if model.record and model.record.imported:
        described.pop("legal")  # weights of others keep their own terms
    if data and model.record:
        known = data.name == IMAGENET_NAME
        described["data"] = {
            "training_datasets": [
                {
                    "identifier": IMAGENET_DATASET["identifier"] if known else "other",
                    "name": IMAGENET_DATASET["name"] if known else data.name,
                    "description": training_in_words(model.record),
                    "role": "training",
                }
            ]
        }
    if limitations(model):
        described["use"] = {"limitations": limitations(model)}
    return described


def limitations(model: ResolvedModel) -> list[str]:
    """What cannot be concluded from a model, in sentences."""
    data = training_data(model)
    if model.row.birth == "none":
        return []
    if data is None:
        return ["It has learned from no label: its choices among ImageNet's classes mean nothing."]
    if data.name != IMAGENET_NAME:
        return [
            f"Its decoder learned the classes of {data.name}: its choices among ImageNet's mean "
            "nothing."
        ]
    return []


def description(model: ResolvedModel) -> str:
    """What a model is and what its weights learned from, in a few sentences."""
    record, learned = model.record, training_data(model) is not None
    sentences = [f"{model.row.learning}." if learned else model.row.summary]
    if record:
        source = f", {record.imported}, as stated there" if record.imported else ""
        sentences.append(f"Weights: {training_in_words(record)}{source}.")
    if model.genome:
        trained_on = f" trained on {genome_data(model)}" if genome_data(model) else ""
        sentences.append(
            f"Its genome was fitted to a {model.genome.trained_as or 'network'}{trained_on}."
        )
    updates = record.account.supervised_synaptic_updates if record and learned else 0
    sentences.append(f"Supervised synaptic updates: {updates:,}.")
    return " ".join(sentences)
