"""Networks without their weights: memory and names, nothing sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from brainscore_wiring.architectures.layers import NORMS, kind_of
from brainscore_wiring.errors import WiringError

Network = TypeVar("Network", bound=nn.Module)
#: What layers of known types hold.
_USUAL = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_FLOATS = (torch.float32, torch.float64)


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
    for name, held in [*network.named_parameters(), *network.named_buffers()]:
        value = (constants or {}).get(name.rpartition(".")[2])
        if value is not None:
            nn.init.constant_(held, value)
    return network.eval()


def check_known(network: nn.Module, constants: Mapping[str, float]) -> None:
    """Raise `WiringError` for the first value whose birth is not known, that a state dict does not
    hold, that two modules share, or that is of another type than float.
    """
    kept, seen = set(network.state_dict()), dict[int, str]()
    for name, module in network.named_modules(remove_duplicate=False):
        usual = _USUAL if kind_of(module) else ()
        for value, tensor in _held(module):
            whole = ".".join(filter(None, [name, value]))
            if whole not in kept:
                raise WiringError(
                    f"'{whole}' is in no state dict: register it as a parameter, or as a buffer "
                    "that is persistent."
                )
            if seen.setdefault(id(tensor), whole) != whole:
                raise WiringError(
                    f"'{seen[id(tensor)]}' and '{whole}' are one tensor, which cannot be sampled "
                    "twice: hold the module once, and call it as often as needed."
                )
            if (tensor.is_floating_point() and tensor.dtype not in _FLOATS) or tensor.is_complex():
                raise WiringError(
                    f"'{whole}' is of {tensor.dtype}; networks are initialised in torch.float32."
                )
            if value not in (*usual, *constants):
                raise WiringError(
                    f"No initial value is known for '{whole}', held by a {type(module).__name__}: "
                    f"name it in the architecture's `constants`, as in {{'{value}': 1.0}}."
                )


def _held(module: nn.Module) -> list[tuple[str, Tensor]]:
    """Parameters, buffers and plain tensors of a module itself."""
    plain = [(name, value) for name, value in vars(module).items() if isinstance(value, Tensor)]
    return [
        *module.named_parameters(recurse=False, remove_duplicate=False),
        *module.named_buffers(recurse=False, remove_duplicate=False),
        *plain,
    ]
