"""From a trained network to channel spectra.

The variance of its weights along the principal axes of its activity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

import numpy as np
import torch
from torch import Tensor

from brainscore_wiring.architectures import build
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression.alignment import ChannelMoments, at_first_input
from brainscore_wiring.weight_compression.entries.aligned_channels import (
    BASES,
    AlignedChannels,
    channel_spectrum,
)
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entry import short
from brainscore_wiring.weight_compression.genome import Genome


def fit_rainbow(
    state: Mapping[str, Tensor], batches: Iterable[Tensor], rank: int, genome: Genome
) -> Genome:
    """`genome` with the spectra of the trained network `state` along the first `rank` principal
    axes of its activity.

    `genome` is the network's weight compression; `batches` are images (batch, 3, h, w) as the
    network expects them, 128 of them at 224 px are plenty. Every convolution with clusters gets
    rank + 1 numbers more, one with fewer channels as many as it has channels. Raises what
    `fit_spectra` and `with_spectra` do.
    """
    batches = list(batches)
    aligned = with_spectra(genome, fit_spectra(state, batches, rank, genome), rank)
    settings = {"axes": rank, "images": sum(len(images) for images in batches)}
    return replace(aligned, source={**genome.source, "aligned_channels": settings})


@torch.inference_mode()
def fit_spectra(
    state: Mapping[str, Tensor], batches: Iterable[Tensor], rank: int, genome: Genome
) -> dict[str, np.ndarray]:
    """Layer with clusters in `genome` -> second moment of its trained weights along the first axes
    (rank), mean 1.

    Axes are sorted by the activity along them, not by the weights. Activity is that of the first
    recurrent step, with the network's own batch-norm statistics. A layer of no more channels than
    `rank` has one axis fewer than channels. Raises `WiringError` where there are too few images or
    no clusters.
    """
    network = build(genome.architecture)
    network.load_state_dict(state)
    network.eval()
    moments = {
        name: ChannelMoments() for name, entry in genome.layers.items() if entry.kind in BASES
    }
    if not moments:
        raise WiringError(
            "The genome has no clusters whose channels could be aligned: `brainscore compress "
            "CHECKPOINT -o GENOME` writes one that has."
        )
    for images in batches:
        with at_first_input(
            network, moments, lambda name, module, activity: moments[name].add(activity)
        ):
            network(images)
    spectra = {}
    for name, moment in moments.items():
        weights = state[f"{name}.weight"].float().numpy()
        spectra[name] = channel_spectrum(
            weights, moment.axes(min(rank, weights.shape[1] - 1), name).numpy()
        )
    return spectra


def with_spectra(genome: Genome, spectra: Mapping[str, np.ndarray], rank: int) -> Genome:
    """`genome` with the clusters of each layer in `spectra` aligned along its first `rank` axes.

    What is left of the mean 1 is the variance along all other axes. Raises `WrongUsage` for a rank
    below 1.
    """
    if rank < 1:
        raise WrongUsage(
            f"Channels can be aligned along 1 axis or more, not {rank}: 4, 16 and 64 are usual."
        )
    layers = dict(genome.layers)
    for name, spectrum in spectra.items():
        base = genome.layers[name]
        assert isinstance(base, Clusters)
        leading = np.asarray(spectrum, np.float64)[:rank]
        others = (base.in_channels - leading.sum()) / (base.in_channels - len(leading))
        layers[name] = AlignedChannels(
            {"kind": base.kind, **asdict(base)}, short(np.append(leading, others))
        )
        layers[name].check()
    return replace(genome, layers=layers)
