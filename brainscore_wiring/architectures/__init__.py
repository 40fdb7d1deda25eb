"""Networks, under the names and shapes of their public references."""

from __future__ import annotations

from torch import nn

from brainscore_wiring.architectures.cornet_s import cornet_s
from brainscore_wiring.architectures.pixels import pixels
from brainscore_wiring.architectures.recording import record
from brainscore_wiring.errors import unknown

__all__ = ["build", "cornet_s", "pixels", "record"]

_BUILDERS = {"cornet_s": cornet_s, "pixels": pixels}


def build(architecture: str) -> nn.Module:
    """A network without its weights, by the catalogue's name of its architecture."""
    if architecture not in _BUILDERS:
        raise unknown("architecture", architecture, _BUILDERS, "brainscore list models")
    return _BUILDERS[architecture]()
