"""From a trained network to its genome (paper, section 4 and appendix B)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from brainscore_wiring.architectures import architecture
from brainscore_wiring.architectures.layers import LayerKind, convolutions_of, layers_of
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.births import FITTED, BirthState
from brainscore_wiring.weight_compression.entries.batch_norm_normals import fit_batch_norm
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.fits import (
    FitOptions,
    check_fit_options,
    compression,
    fit_of,
)
from brainscore_wiring.weight_compression.genome import Genome

#: The paper's 4,166 numbers.
PAPER_FIT = FitOptions()


def fit_genome(
    state: Mapping[str, Any],
    *,
    source: dict[str, Any],
    birth: str = "weight_compression",
    choices: FitOptions = PAPER_FIT,
    report: Callable[[str], None] = lambda line: None,
) -> Genome:
    """The genome of a trained network in the compression behind a birth state
    (`fits.compression`): a CORnet-S, or of the architecture that the birth state is fitted to.

    `state`: tensors or arrays under the network's names, a leading `module.` is accepted, the
    decoder is not looked at. `source`: where the network comes from, kept in the genome beside the
    fit's settings and the share of variance that each layer's entry leaves (`fits`). `report` is
    given one line per layer.

    On one machine the same weights and choices give the same genome. Layers are fitted one after
    the other: side by side on several threads the last bits of the Gabors changed from run to run,
    for a few seconds gained. Raises `WiringError` for a state that is not of that architecture
    and `WrongUsage` for choices that cannot be.
    """
    described = check_options(birth, choices)
    arrays = _checked_arrays(state, described.fitted_to)
    entries: dict[str, Entry] = {}
    unexplained: dict[str, float] = {}
    for name in dict.fromkeys(parameter.rpartition(".")[0] for parameter in arrays):
        weights, share = arrays[f"{name}.weight"], None
        if weights.ndim == 4:
            entry, share = fit_of(described.kind(name))(weights, name, choices)
        else:
            entry = fit_batch_norm(weights, arrays[f"{name}.bias"])
        entries[name] = entry
        if share is not None:
            unexplained[name] = round(share, 6)
        report(_line(name, entry, share))
    settings = {
        "compression": described.name,
        "seed": choices.seed,
        "noise": choices.noise,
        "clusters": {
            name: len(entry.centres)
            for name, entry in entries.items()
            if isinstance(entry, Clusters)
        },
        "gabor_components": [
            len(entry.weights) for entry in entries.values() if isinstance(entry, GaborMixture)
        ],
        "unexplained_variance": unexplained,
    }
    return Genome(entries, described.fitted_to, {**source, "fit": settings})


def check_options(birth: str, choices: FitOptions) -> BirthState:
    """The birth whose kinds of entries describe the layers.

    `WrongUsage` for options that it cannot take.
    """
    described = compression(birth)
    described = compression(described.of) if described.align else described
    check_fit_options(described, choices, convolutions_of(described.fitted_to))
    return described


def _line(name: str, entry: Entry, share: float | None) -> str:
    rest = "" if share is None else f", {share:.1%} of the weights' variance unexplained"
    return f"{name}: {entry.kind.replace('_', ' ')}, {entry.stored_numbers():,} numbers{rest}"


def fitted_shapes(name: str = FITTED) -> dict[str, tuple[int, ...]]:
    """Shapes of an architecture's convolutions and batch-norm weights and biases."""
    return {
        f"{module}.{kind}": shape
        for module, layer in layers_of(name).items()
        if layer.kind in (LayerKind.CONVOLUTION, LayerKind.BATCH_NORM)
        for kind, shape in layer.shapes.items()
    }


def _checked_arrays(state: Mapping[str, Any], fitted_to: str) -> dict[str, np.ndarray]:
    """The state's arrays in float32 under the names of an architecture.

    Raises `WiringError` for what is not of that architecture.
    """
    shapes, words = fitted_shapes(fitted_to), architecture(fitted_to).words
    state = {name.removeprefix("module."): value for name, value in state.items()}
    missing = [name for name in shapes if name not in state]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise WiringError(
            f"These weights are not a {words}: {missing[0]}{more} missing; this genome is fitted "
            f"to a state dict with that network's names ({next(iter(shapes))}, ...)."
        )
    arrays = {}
    for name, shape in shapes.items():
        value = state[name]
        array = (
            value.detach().cpu().float().numpy()
            if isinstance(value, torch.Tensor)
            else np.asarray(value)
        )
        if array.shape != shape or array.dtype.kind not in "fiu":
            raise WiringError(
                f"These weights are not a {words}: {name} is {array.dtype} of shape "
                f"{array.shape}, not numbers of shape {shape}."
            )
        arrays[name] = array.astype(np.float32, copy=False)
        if not np.isfinite(arrays[name]).all():
            raise WiringError(
                f"{name} holds values that are not finite (NaN or infinite): "
                "the training diverged or the file is damaged, fit a genome to another checkpoint."
            )
    return arrays
