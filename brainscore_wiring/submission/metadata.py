"""What a submission's `metadata.yaml` says: the catalogue row as the package describes it, and what the weights saw."""

from __future__ import annotations

from typing import Any

import yaml

from brainscore_wiring.accounting import account_of_record
from brainscore_wiring.checkpoints.store import imported_from
from brainscore_wiring.architectures import architecture
from brainscore_wiring.models.write_plugins import IMAGENET_DATASET, entry
from brainscore_wiring.sentences import diet_in_words
from brainscore_wiring.submission.names import DIET
from brainscore_wiring.submission.subject import Subject


def metadata(submitted: dict[str, Subject]) -> str:
    """The text of `metadata.yaml` (schema 2.0) for public identifiers and their subjects."""
    models = {identifier: _described(identifier, subject) for identifier, subject in submitted.items()}
    return yaml.safe_dump({"schema_version": "2.0", "domain": "vision", "models": models}, sort_keys=False, width=100)


def _described(identifier: str, subject: Subject) -> dict[str, Any]:
    described, row = entry(subject.row), subject.row
    size = architecture(row.architecture).region_map.preprocessing.image_size
    described["model"] |= {"display_name": identifier,
                           "input_resolution": {"channels": 3, "height": size, "width": size}}
    described["training"] = {"process": in_words(subject)}
    described.pop("data", None)
    if imported_from(subject.record):
        described.pop("legal")  # weights of others keep their own terms
    if subject.diet:
        known = IMAGENET_DATASET["identifier"] if subject.diet_name == DIET else "other"
        described["data"] = {"training_datasets": [{
            "identifier": known, "name": IMAGENET_DATASET["name"] if subject.diet_name == DIET else subject.diet_name,
            "description": diet_in_words(subject.record), "role": "training"}]}
    if limitations(subject):
        described["use"] = {"limitations": limitations(subject)}
    return described


def limitations(subject: Subject) -> list[str]:
    """What nobody should read out of a model, in sentences."""
    if subject.row.birth == "none":
        return []
    if not subject.diet:
        return ["It has learned from no label: its choices among ImageNet's classes mean nothing."]
    if subject.diet_name != DIET:
        return [f"Its decoder learned the classes of {subject.diet_name}: its choices among ImageNet's mean nothing."]
    return []


def in_words(subject: Subject) -> str:
    """What a model is and what its weights saw, in a few sentences."""
    row = subject.row
    recipe = row.summary.partition("; learning:")
    sentences = [row.summary if not subject.diet else f"{recipe[0]}{recipe[1]}{recipe[2].partition(';')[0]}."]
    if subject.record:
        source = f", {imported_from(subject.record)}, as stated there" if imported_from(subject.record) else ""
        sentences.append(f"Weights: {diet_in_words(subject.record)}{source}.")
    if subject.genome_source:
        trained_on = f" trained on {subject.genome_diet}" if subject.genome_diet else ""
        sentences.append(f"Its genome was fitted to a {subject.genome_source.get('trained_as') or 'network'}"
                         f"{trained_on}.")
    updates = account_of_record(subject.record).supervised_synaptic_updates if subject.diet else 0
    sentences.append(f"Supervised synaptic updates: {updates:,}.")
    return " ".join(sentences)
