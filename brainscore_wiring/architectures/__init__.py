"""Networks, under the names and shapes of their public references."""

from __future__ import annotations

import torch
from torch import nn

from brainscore_wiring.architectures.cornet_s import cornet_s
from brainscore_wiring.architectures.hmax import hmax
from brainscore_wiring.architectures.mobilenet_v1 import mobilenet_v1
from brainscore_wiring.architectures.pixels import pixels
from brainscore_wiring.architectures.recording import record
from brainscore_wiring.architectures.resnet50 import resnet50
from brainscore_wiring.errors import unknown

__all__ = ["ARCHITECTURES", "build", "cornet_s", "hmax", "input_channels", "mobilenet_v1", "pixels", "record",
           "resnet50"]

#: The catalogue's name of an architecture -> what makes one without its weights.
ARCHITECTURES = {"cornet_s": cornet_s, "resnet50": resnet50, "mobilenet_v1": mobilenet_v1, "hmax": hmax,
                 "pixels": pixels}


def build(architecture: str) -> nn.Module:
    """A network without its weights, by the catalogue's name of its architecture."""
    if architecture not in ARCHITECTURES:
        raise unknown("architecture", architecture, ARCHITECTURES, "brainscore list models")
    return ARCHITECTURES[architecture]()


def input_channels(architecture: str) -> dict[str, int | None]:
    """Module -> input channels of every convolution, None for every batch norm, in the network's order."""
    with torch.device("meta"):
        network = build(architecture)
    return {name: module.in_channels if isinstance(module, nn.Conv2d) else None
            for name, module in network.named_modules() if isinstance(module, (nn.Conv2d, nn.BatchNorm2d))}
