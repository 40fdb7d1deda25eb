"""The layers of a network.

What kind each is and which parameters it has, read off the network itself. `layers.json` holds
those of the paper's architectures, so that accounts and tables need no torch; `python -m
brainscore_wiring.models.write_plugins` writes it. Those of extensions are read off
their network, on torch's meta device.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brainscore_wiring import extensions
from brainscore_wiring.architectures import ARCHITECTURES, architecture
from brainscore_wiring.errors import WiringError, nearest

if TYPE_CHECKING:
    from torch import nn


class LayerKind(StrEnum):
    """What kind of module a layer is."""

    CONVOLUTION = "convolution"
    BATCH_NORM = "batch norm"
    LINEAR = "linear"
    LAYER_NORM = "layer norm"
    GROUP_NORM = "group norm"


#: Layers whose weights are initialised as 1 and whose biases as 0.
NORMS = (LayerKind.BATCH_NORM, LayerKind.LAYER_NORM, LayerKind.GROUP_NORM)
#: The layers of the paper's architectures.
LAYERS_FILE = Path(__file__).with_name("layers.json")


@dataclass(frozen=True)
class LayerShapes:
    """A module with parameters of its own.

    Its kind ("" for an unknown one), and parameter -> shape.
    """

    kind: str
    shapes: Mapping[str, tuple[int, ...]]


def kind_of(module: nn.Module) -> str:
    """The kind of a module, by its type; empty for any other than the ones above."""
    from torch import nn

    kinds = {
        LayerKind.CONVOLUTION: nn.Conv2d,
        LayerKind.BATCH_NORM: nn.BatchNorm2d,
        LayerKind.LINEAR: nn.Linear,
        LayerKind.LAYER_NORM: nn.LayerNorm,
        LayerKind.GROUP_NORM: nn.GroupNorm,
    }
    return next((kind for kind, type_ in kinds.items() if isinstance(module, type_)), "")


@functools.cache
def layers_of(name: str) -> Mapping[str, LayerShapes]:
    """The layers of an architecture with parameters of their own, in the network's order."""
    table = _table()
    described = table[name] if name in table else read_off(name)
    return {
        module: LayerShapes(kind, {parameter: tuple(shape) for parameter, shape in shapes.items()})
        for module, (kind, shapes) in described.items()
    }


def parameter_counts(name: str) -> dict[str, int]:
    """Parameter -> number of synapses, in the network's order."""
    return {
        ".".join(filter(None, [module, parameter])): math.prod(shape)
        for module, layer in layers_of(name).items()
        for parameter, shape in layer.shapes.items()
    }


def convolutions_of(name: str) -> list[str]:
    """The convolutions of an architecture, in the network's order."""
    return [
        module for module, layer in layers_of(name).items() if layer.kind == LayerKind.CONVOLUTION
    ]


def input_channels(name: str) -> dict[str, int | None]:
    """Module -> input channels of each convolution, None for batch norms, in order."""
    return {
        module: layer.shapes["weight"][1] if layer.kind == LayerKind.CONVOLUTION else None
        for module, layer in layers_of(name).items()
        if layer.kind in (LayerKind.CONVOLUTION, LayerKind.BATCH_NORM)
    }


def areas_of(name: str) -> tuple[str, ...]:
    """The outermost modules of an architecture that hold convolutions, in the network's order."""
    return tuple(dict.fromkeys(module.partition(".")[0] for module in convolutions_of(name)))


def has_batch_norms(name: str) -> bool:
    """Whether an architecture has statistics that can be measured on images."""
    return any(layer.kind == LayerKind.BATCH_NORM for layer in layers_of(name).values())


@functools.cache
def _table() -> dict[str, Any]:
    return json.loads(LAYERS_FILE.read_text(encoding="utf-8"))


def read_off(name: str) -> dict[str, Any]:
    """Module -> [kind, {parameter: shape}] of an architecture's network on the meta device.

    Raises `WiringError` where the network cannot be made, or lacks a module that is a region.
    """
    import torch

    one = architecture(name)
    with extensions.calling(f"The network of the architecture {name}"):
        made = isinstance(one.network, torch.nn.Module)
        with torch.device("meta"):
            network = one.network if made else one.network()
        if made or not isinstance(network, torch.nn.Module):
            given = f"is a {type(network).__name__}" if made else f"gave {network!r:.80}"
            raise WiringError(
                f"The `network` of the architecture {name} {given}: it is the function, without "
                "brackets behind it, that returns a torch.nn.Module."
            )
        modules = dict(network.named_modules())
        described = {}
        for module, layer in modules.items():
            shapes = {
                parameter: list(value.shape)
                for parameter, value in layer.named_parameters(recurse=False)
            }
            if shapes:
                described[module] = [kind_of(layer), shapes]
    for what, module in one.named_modules():
        if module not in modules:
            close = " or ".join(nearest(module, modules)) or ", ".join(list(modules)[1:4])
            raise WiringError(
                f"The architecture {name} names '{module}' as {what}, which is no module of its "
                f"network: did you mean {close}?"
            )
    return described


def layers_text() -> str:
    """The text of `layers.json`: a line for each layer of the architectures of the package."""
    blocks = []
    for name, one in sorted(ARCHITECTURES.items()):
        if one.in_paper or one.network.__module__.startswith(f"{__package__}."):
            described = {} if one.computed else read_off(name)
            lines = [
                f"  {json.dumps(module)}: {json.dumps(layer)}"
                for module, layer in described.items()
            ]
            blocks.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"
