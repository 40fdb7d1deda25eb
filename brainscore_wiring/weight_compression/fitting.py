"""From a trained CORnet-S to its genome (paper, section 4 and appendix B)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from brainscore_wiring.architectures.cornet_s import CORnetS
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.batch_norm_normals import fit_batch_norm
from brainscore_wiring.weight_compression.compressions import Choices, check, fit_convolution, kind_of
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.genome import Genome


def fit_genome(state: Mapping[str, Any], *, source: dict[str, Any], birth: str = "weight_compression",
               choices: Choices = Choices(), report: Callable[[str], None] = lambda line: None) -> Genome:
    """The genome of a trained CORnet-S in the compression behind `birth` (a key of `compressions.COMPRESSIONS`).

    `state`: tensors or arrays under the names of `cornet_s()`, a leading `module.` is accepted, the decoder is not
    looked at. `source`: where the network comes from, kept in the genome beside the fit's settings and the share of
    variance that each layer's entry leaves (`compressions.fit_convolution`). `report` is given one line per layer.

    On one machine the same weights and choices give the same genome. Layers are fitted one after the other: side by
    side on several threads the last bits of the Gabors changed from run to run, for a few seconds gained. Raises
    `WiringError` for a state that is not a trained CORnet-S and `WrongUsage` for choices that cannot be.
    """
    check(birth, choices, convolutions())
    arrays = _checked_arrays(state, fitted_shapes())
    layers: dict[str, Entry] = {}
    unexplained: dict[str, float] = {}
    for name in dict.fromkeys(parameter.rpartition(".")[0] for parameter in arrays):
        weights, share = arrays[f"{name}.weight"], None
        if weights.ndim == 4:
            entry, share = fit_convolution(kind_of(birth, name), weights, name, choices)
        else:
            entry = fit_batch_norm(weights, arrays[f"{name}.bias"])
        layers[name] = entry
        if share is not None:
            unexplained[name] = round(share, 6)
        report(_line(name, entry, share))
    settings = {"compression": birth, "seed": choices.seed, "noise": choices.noise,
                "clusters": {name: len(entry.centres) for name, entry in layers.items() if entry.kind == "clusters"},
                "gabor_components": [len(entry.weights) for entry in layers.values() if entry.kind == "gabor_mixture"],
                "unexplained_variance": unexplained}
    return Genome(layers, "cornet_s", {**source, "fit": settings})


def _line(name: str, entry: Entry, share: float | None) -> str:
    rest = "" if share is None else f", {share:.1%} of the weights' variance unexplained"
    return f"{name}: {entry.kind.replace('_', ' ')}, {entry.stored_numbers():,} numbers{rest}"


def fitted_shapes() -> dict[str, tuple[int, ...]]:
    """Shapes of what a genome of CORnet-S is fitted to: convolution weights, batch-norm weights and biases."""
    with torch.device("meta"):
        network = CORnetS()
    return {f"{name}.{kind}": tuple(parameter.shape) for name, module in network.named_modules()
            if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)) for kind, parameter in module.named_parameters()}


def convolutions() -> list[str]:
    """The layers of CORnet-S that a genome describes weights of, in the network's order."""
    return [name.removesuffix(".weight") for name, shape in fitted_shapes().items() if len(shape) == 4]


def _checked_arrays(state: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """The state's arrays in float32 under the reference's names; raises `WiringError` for what is not a CORnet-S."""
    state = {name.removeprefix("module."): value for name, value in state.items()}
    missing = [name for name in shapes if name not in state]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise WiringError(f"These weights are not a CORnet-S: {missing[0]}{more} missing; a genome is fitted to a "
                          "state dict with the names of the public CORnet-S (V1.conv1.weight, ...).")
    arrays = {}
    for name, shape in shapes.items():
        value = state[name]
        array = value.detach().cpu().float().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        if array.shape != shape or array.dtype.kind not in "fiu":
            raise WiringError(f"These weights are not a CORnet-S: {name} is {array.dtype} of shape {array.shape}, "
                              f"not numbers of shape {shape}.")
        arrays[name] = array.astype(np.float32, copy=False)
        if not np.isfinite(arrays[name]).all():
            raise WiringError(f"{name} holds values that are not finite (NaN or infinite): "
                              "the training diverged or the file is damaged, fit a genome to another checkpoint.")
    return arrays
