"""From network to Brain-Score candidate: preprocessing, regions, activations (section 2)."""

from __future__ import annotations

from brainscore_wiring.brain.load import load_wiring_model

__all__ = ["load_wiring_model"]
