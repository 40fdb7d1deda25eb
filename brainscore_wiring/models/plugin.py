"""What Brain-Score asks of a model plugin. Heavy imports wait until a model is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brainscore_wiring.catalogue import BIBTEX, variant

if TYPE_CHECKING:
    from brainscore_wiring.brain.brain_model import WiringModel
    from brainscore_wiring.brain.extraction import ActivationsModel


def load_model(identifier: str) -> WiringModel:
    """The variant as a Brain-Score `BrainModel`.

    Raises `WiringError` where its weights are not here.
    """
    from brainscore_wiring.brain.load import load_wiring_model

    return load_wiring_model(identifier)


def get_model(identifier: str) -> ActivationsModel:
    """The variant's activations model: images -> activations of named layers."""
    return load_model(identifier).activations_model


def get_layers(identifier: str) -> list[str]:
    """The layers that are V1, V2, V4, IT and behaviour, each once, in this order."""
    from brainscore_wiring.architectures import architecture

    region_map = architecture(variant(identifier).architecture).region_map
    return list(dict.fromkeys([*region_map.regions.values(), region_map.behaviour]))


def get_bibtex(identifier: str) -> str:
    """The paper's reference; raises `WrongUsage` for an unknown identifier."""
    variant(identifier)
    return BIBTEX
