"""Networks, under the names and shapes of their public references."""

from __future__ import annotations

from functools import cache

import torch
from torch import nn

from brainscore_wiring.architectures.networks import ARCHITECTURES
from brainscore_wiring.architectures.recording import record
from brainscore_wiring.errors import unknown

__all__ = ["ARCHITECTURES", "build", "input_channels", "record"]


def build(architecture: str) -> nn.Module:
    """A network without its weights, by the catalogue's name of its architecture."""
    if architecture not in ARCHITECTURES:
        raise unknown("architecture", architecture, ARCHITECTURES, "brainscore list models")
    return ARCHITECTURES[architecture]()


@cache
def input_channels(architecture: str) -> dict[str, int | None]:
    """Module -> input channels of every convolution, None for every batch norm, in the network's order."""
    with torch.device("meta"):
        network = build(architecture)
    return {name: module.in_channels if isinstance(module, nn.Conv2d) else None
            for name, module in network.named_modules() if isinstance(module, (nn.Conv2d, nn.BatchNorm2d))}
