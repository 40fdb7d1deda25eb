"""What every model plugin folder offers, by Brain-Score's convention. Heavy imports wait until a model is asked for."""

from __future__ import annotations

from typing import Any

from brainscore_wiring.catalogue import BIBTEX, variant


def load_model(identifier: str) -> Any:
    """The variant as a Brain-Score `BrainModel`; raises `WiringError` where its weights are not on this machine."""
    from brainscore_wiring.brain import load_model as load
    return load(identifier)


def get_model(identifier: str) -> Any:
    """The variant's activations model: images -> activations of named layers."""
    return load_model(identifier).activations_model


def get_layers(identifier: str) -> list[str]:
    """The layers that stand for V1, V2, V4, IT and behaviour, each once, in this order."""
    from brainscore_wiring.architectures import architecture
    commitment = architecture(variant(identifier).architecture).region_map
    return list(dict.fromkeys([*commitment.regions.values(), commitment.behaviour]))


def get_bibtex(identifier: str) -> str:
    """The paper's reference."""
    variant(identifier)
    return BIBTEX
