"""The principal axes of a network's activity.

Found by the untrained network in itself, and by the fit in the trained network. See
`aligned_channels` for what they are for and where the idea is from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.entries.aligned_channels import AXIS_GRID, AlignedChannels
from brainscore_wiring.weight_compression.genome import Genome

#: Images that an untrained network finds its axes on: at 224 px every layer is active in 1,568
#: places or more.
ALIGNMENT_IMAGES = 32


class ChannelMoments:
    """The covariance between the channels of activities that come in batches."""

    def __init__(self) -> None:
        self.count = 0
        self.sums = self.products = torch.zeros((), dtype=torch.float64)

    def add(self, activity: Tensor) -> None:
        """Take in activity (batch, channels, h, w); every image and place counts."""
        rows = activity.movedim(1, -1).flatten(0, -2)
        if not self.count:
            self.shift = rows.mean(0)  # large means would cost precision
        rows = rows - self.shift
        self.count += len(rows)
        self.sums = self.sums + rows.sum(0).double()
        self.products = self.products + (rows.T @ rows).double()

    def axes(self, number: int, layer: str) -> Tensor:
        """The first `number` principal axes by falling variance, as float64 columns (channels,
        number).

        Raises `WiringError` where there were too few samples to estimate that many axes.
        """
        if self.count <= number:
            raise WiringError(
                f"{self.count} activities of {layer} do not show its {number} principal axes: "
                "give more images, or larger ones."
            )
        mean = self.sums / self.count
        covariance = self.products / self.count - torch.outer(mean, mean)
        return torch.linalg.eigh(covariance).eigenvectors.flip(1)[:, :number]


@torch.no_grad()
def find_bases(
    network: nn.Module, entries: Mapping[str, AlignedChannels], images: Tensor
) -> dict[str, Tensor]:
    """Align an untrained network, in place, with its activity for images (batch, 3, h, w).

    Returns the axes it found. `network` holds unaligned weights. One forward pass with batch
    statistics: each convolution named in `entries` finds the principal axes of its input, for which
    all layers below are aligned already, is aligned and computes on; one that recurrent steps share
    does so at the first step. Axes are float16 (in, rank), and those values are the axes: they
    depend on the last bits of sums, so they are to be kept, not measured again.
    """
    bases: dict[str, Tensor] = {}

    def align(name: str, module: nn.Conv2d, activity: Tensor) -> None:
        moments = ChannelMoments()
        moments.add(activity)
        axes = moments.axes(entries[name].rank, name)
        bases[name] = (torch.round(axes / AXIS_GRID) * AXIS_GRID).half()
        aligned = entries[name].align(module.weight.numpy(), bases[name].numpy(), name)
        module.weight.copy_(torch.from_numpy(aligned))

    was_training = network.training
    network.train()
    with at_first_input(network, entries, align):
        network(images)
    network.train(was_training)
    return bases


@contextmanager
def at_first_input(
    network: nn.Module, layers: Collection[str], call: Callable[[str, Any, Tensor], None]
) -> Iterator[None]:
    """Inside, `call(name, module, input)` before each of `layers` first computes."""
    waiting = set(layers)

    def hook(name: str) -> Callable[[nn.Module, tuple], None]:
        def before(module: nn.Module, inputs: tuple) -> None:
            if name in waiting:
                waiting.remove(name)
                call(name, module, inputs[0])

        return before

    handles = [network.get_submodule(name).register_forward_pre_hook(hook(name)) for name in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def first_images(batches: Iterable[Tensor]) -> Tensor:
    """The first `ALIGNMENT_IMAGES` images of batches of (batch, 3, h, w), in one batch.

    Fewer where there are no more. Raises `WiringError` where there are none to compare.
    """
    images = list(islice((image for batch in batches for image in batch), ALIGNMENT_IMAGES))
    if len(images) < 2:
        raise WiringError(
            f"Principal axes of activity need 2 images or more, not {len(images)}: give "
            f"{ALIGNMENT_IMAGES}."
        )
    return torch.stack(images)


def unaligned(genome: Genome) -> Genome:
    """The genome without spectra."""
    layers = {
        name: entry.unaligned if isinstance(entry, AlignedChannels) else entry
        for name, entry in genome.layers.items()
    }
    return Genome(layers, genome.architecture, genome.source)
