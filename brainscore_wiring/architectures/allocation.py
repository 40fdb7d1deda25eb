"""Networks without their weights: memory and names, nothing drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def without_weights(make: Callable[[], Network]) -> Network:
    """The network that `make` makes, on the CPU, in evaluation mode, with synapses 0 and batch norms at their defaults.

    Allocating without torch's default initialisation saves a second and leaves the global random state alone.
    """
    with torch.device("meta"):
        network = make()
    network = network.to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            for parameter in module.parameters():
                nn.init.zeros_(parameter)
    return network.eval()
