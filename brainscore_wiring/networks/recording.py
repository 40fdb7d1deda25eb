"""Reads modules out of a running network, which stops behind the deepest one asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from brainscore_wiring.errors import WiringError, unknown


class _AllRecorded(Exception):
    """Leaves a forward pass once nothing that is still to come was asked for."""


def record(
    network: nn.Module,
    images: Tensor,
    modules: Sequence[str],
    steps: Mapping[str, int] | None = None,
) -> dict[str, list[Tensor]]:
    """The outputs of the named modules for a batch of images, one tensor for each call of a module.

    `images` is (batch, 3, h, w). A module shared over recurrent steps has one entry per step, in
    order; `steps` says for how many of them, by default all. Where that is told, or the network
    tells it by a method `calls`, nothing deeper than the modules asked for, and no later step, is
    computed: V1 alone costs 1.4 % of a full CORnet-S. Raises `WrongUsage` for a name the network
    does not have and `WiringError` for a module that does not run, or that gives something else
    than one tensor.
    """
    known = dict(network.named_modules())
    for name in modules:
        if name not in known or not name:
            raise unknown("layer", name, filter(None, known), "network.named_modules()")
    # a method, not a module or a counter of that name
    has_steps = callable(getattr(type(network), "calls", None))
    calls = cast(Any, network).calls if has_steps else lambda name: math.inf
    missing = {name: (steps or {}).get(name) or calls(name) for name in modules}
    outputs: dict[str, list[Tensor]] = {name: [] for name in modules}

    def keep(name: str):
        def hook(_module: nn.Module, _inputs: tuple, output: Any) -> None:
            if not missing[name]:
                return
            if not isinstance(output, Tensor):
                raise WiringError(
                    f"The layer '{name}' gives a {type(output).__name__}, not one tensor: record "
                    "from a module inside it."
                )
            # a later in-place nonlinearity must not change it
            outputs[name].append(output.detach().clone())
            missing[name] -= 1
            if not any(missing.values()):
                raise _AllRecorded

        return hook

    handles = [known[name].register_forward_hook(keep(name)) for name in outputs]
    try:
        with torch.inference_mode():
            network(images)
    except _AllRecorded:
        pass
    finally:
        for handle in handles:
            handle.remove()
    silent = [name for name, recorded in outputs.items() if not recorded]
    if silent:
        raise WiringError(f"The layer '{silent[0]}' does not run when the network sees an image.")
    return outputs
