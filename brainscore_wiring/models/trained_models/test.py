from pathlib import Path

from brainscore_core.metadata import load
from brainscore_vision import model_registry

import brainscore_wiring.models.trained_models  # noqa: F401 registers the models
from brainscore_wiring.catalogue import CATALOGUE


def test_models_with_metadata_are_registered_catalogue_rows():
    described = load(Path(__file__).with_name("metadata.yaml").read_text(), "vision")["models"]
    assert described and set(described) <= set(model_registry) & set(CATALOGUE)
