"""From a trained CORnet-S to its genome (paper, section 4 and appendix B.1, B.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from brainscore_wiring.architectures.cornet_s import CORnetS
from brainscore_wiring.errors import WiringError, WrongUsage, nearest
from brainscore_wiring.weight_compression.batch_norm_normals import fit_batch_norm
from brainscore_wiring.weight_compression.clusters import LARGEST_CLUSTERS
from brainscore_wiring.weight_compression.clusters_fit import fit_clusters
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.gabor_mixture_fit import GABOR_COMPONENTS, fit_gabor_mixture
from brainscore_wiring.weight_compression.genome import Genome

#: The layer with the Gabor prior.
GABOR_LAYER = "V1.conv1"
#: The paper's clusters of the 3 x 3 layers (its authors' parameter files); every 1 x 1 layer has two.
CLUSTERS = {"V1.conv2": 7, "V2.conv2": 5, "V4.conv2": 8, "IT.conv2": 4}
POINTWISE_CLUSTERS = 2


def fit_genome(state: Mapping[str, Any], *, source: dict[str, Any], clusters: Mapping[str, int] | None = None,
               gabor_components: int | None = GABOR_COMPONENTS, seed: int = 0,
               report: Callable[[str], None] = lambda line: None) -> Genome:
    """The genome of a trained CORnet-S: a Gabor mixture, clusters of 16 convolutions and normals of 29 batch norms.

    `state`: tensors or arrays under the names of `cornet_s()`, a leading `module.` is accepted, the decoder is not
    looked at. `source`: where the network comes from, kept in the genome beside the fit's settings. `clusters`: layer
    name -> number of clusters, where it should differ from the paper's (`CLUSTERS`). `gabor_components`: None chooses 1
    to 14 by the Bayesian information criterion. `report` is given one line per layer.

    The same weights and seed give the same genome. Raises `WiringError` for a state that is not a trained CORnet-S and
    `WrongUsage` for clusters or components that cannot be.
    """
    shapes = fitted_shapes()
    chosen = _cluster_numbers(shapes, clusters or {})
    if gabor_components is not None and not 1 <= gabor_components <= 64:
        raise WrongUsage(f"The first layer's mixture needs 1 to 64 components, not {gabor_components}.")
    arrays = _checked_arrays(state, shapes)
    layers: dict[str, Entry] = {}
    settings: dict[str, Any] = {"seed": seed, "clusters": chosen}
    for name in _modules(shapes):
        if name == GABOR_LAYER:
            layers[name], unexplained = fit_gabor_mixture(arrays[f"{name}.weight"], gabor_components, seed)
            settings |= {"gabor_components": len(layers[name].weights), "gabor_unexplained_variance": unexplained}
            report(f"{name}: {len(layers[name].weights)} Gabor components, "
                   f"{unexplained:.1%} of the weights' variance unexplained")
        elif name in chosen:
            layers[name] = fit_clusters(arrays[f"{name}.weight"], chosen[name], seed, name)
            report(f"{name}: {len(layers[name].centres)} clusters")
        else:
            layers[name] = fit_batch_norm(arrays[f"{name}.weight"], arrays[f"{name}.bias"])
            report(f"{name}: gamma {layers[name].gamma_mean:.3f} +- {layers[name].gamma_std:.3f}, "
                   f"beta {layers[name].beta_mean:.3f} +- {layers[name].beta_std:.3f}")
    return Genome(layers, "cornet_s", {**source, "fit": settings})


def fitted_shapes() -> dict[str, tuple[int, ...]]:
    """Shapes of what a genome of CORnet-S is fitted to: convolution weights, batch-norm weights and biases."""
    with torch.device("meta"):
        network = CORnetS()
    return {f"{name}.{kind}": tuple(parameter.shape) for name, module in network.named_modules()
            if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)) for kind, parameter in module.named_parameters()}


def _modules(shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    return list(dict.fromkeys(name.rpartition(".")[0] for name in shapes))


def _cluster_numbers(shapes: Mapping[str, tuple[int, ...]], overrides: Mapping[str, int]) -> dict[str, int]:
    layers = [name.rpartition(".")[0] for name, shape in shapes.items()
              if len(shape) == 4 and not name.startswith(f"{GABOR_LAYER}.")]
    for name, number in overrides.items():
        if name not in layers:
            close = " or ".join(nearest(name, layers)) or ", ".join(layers)
            raise WrongUsage(f"CORnet-S has no clustered convolution '{name}': numbers of clusters belong to {close}.")
        if not 1 <= number <= LARGEST_CLUSTERS:
            raise WrongUsage(f"{name} can have 1 to {LARGEST_CLUSTERS} clusters, not {number}.")
    return {name: int(overrides.get(name, CLUSTERS.get(name, POINTWISE_CLUSTERS))) for name in layers}


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
