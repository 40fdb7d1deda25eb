"""Networks without their weights: memory and names, nothing sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from brainscore_wiring.architectures.layers import NORMS, kind_of
from brainscore_wiring.errors import WiringError

Network = TypeVar("Network", bound=nn.Module)


def without_weights(
    make: Callable[[], Network], constants: Mapping[str, float] | None = None
) -> Network:
    """The network that `make` makes, on the CPU, in evaluation mode: synapses 0, norms at 1 and 0.

    `constants` has the values of parameters that modules of no known type hold, by the last part of
    their name. Allocating without torch's default initialisation saves a second and leaves the
    global random state alone. Raises `WiringError` for a parameter or buffer that nothing of this
    is said of.
    """
    with torch.device("meta"):
        network = make()
    check_known(network, constants or {})
    # not `to_empty`, which imports sympy: half a second
    values = network.state_dict().items()
    network.load_state_dict(
        {name: torch.zeros(value.shape, dtype=value.dtype) for name, value in values}, assign=True
    )
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
        if kind_of(module) in NORMS and isinstance(module.weight, Tensor):
            nn.init.ones_(module.weight)
    for name, parameter in network.named_parameters():
        value = (constants or {}).get(name.rpartition(".")[2])
        if value is not None:
            nn.init.constant_(parameter, value)
    return network.eval()


def check_known(network: nn.Module, constants: Mapping[str, float]) -> None:
    """Raise `WiringError` for the first module that holds values whose birth is not known."""
    for name, module in network.named_modules():
        if kind_of(module):
            continue
        held = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        for value, _ in held:
            if value not in constants:
                whole = ".".join(filter(None, [name, value]))
                raise WiringError(
                    f"How '{whole}' is born is not known, it is held by a {type(module).__name__}: "
                    f"name its value in the architecture's `constants`, as in {{'{value}': 1.0}}."
                )
