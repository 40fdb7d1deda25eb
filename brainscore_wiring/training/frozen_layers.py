"""Exact savings for frozen layers: kept in the fastest layout, or run only once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks.small_maps import arithmetic, lay_out, matrix_products
from brainscore_wiring.training.data.batches import batches, chunks
from brainscore_wiring.training.data.training_data import mixed
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.run import Run
from brainscore_wiring.weight_compression import batch_norm_statistics
from brainscore_wiring.weight_compression.batch_norm_statistics import BatchNorm

#: A forward pass as a chain of calls, each with the modules it computes with (`CORnetS.stages`).
Stages = list[tuple[Callable[..., Any], list[nn.Module]]]
#: Training images that batch-norm statistics are measured on.
STATISTICS_IMAGES = 2048
#: The most that the activity of a cached prefix may take, in bytes.
LARGEST_CACHE = 16e9


def in_fast_layout(network: nn.Module, recipe: Recipe) -> nn.Module:
    """The network with its convolutions as the arithmetic wants them; their numbers stay the same.

    In bf16, autocast would round a frozen weight at each of its uses; it is rounded once. On a
    processor, weights for small maps are kept in the order that `matrix_products` takes them in. On
    a GPU all weights are stored with the channels last in bf16, the order that its units take
    without a copy (float32 would be four times slower).
    """
    if recipe.precision == "bf16":
        if next(network.parameters()).device.type == "cuda":
            network = network.to(memory_format=torch.channels_last)
        for module in network.modules():
            if isinstance(module, nn.Conv2d) and not module.weight.requires_grad:
                module.weight.data = module.weight.data.bfloat16()
    if next(network.parameters()).device.type == "cpu":
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bf16"):
            lay_out(network, recipe.image_size)
    return network


def measure_statistics(
    network: nn.Module,
    run: Run,
    device: torch.device,
    norms: Sequence[BatchNorm] | None = None,
) -> int:
    """Measure batch-norm statistics on a run's own training images, as the plain view shows them;
    returns how many.

    They come in random order, so that each batch mixes the classes; one that is left alone joins
    the batch before, as batch norm may not take it. `norms`: which ones, by default all.
    """
    order = mixed(run.images, run.seed, STATISTICS_IMAGES)
    places = chunks(range(len(order)), run.recipe.batch_size)
    if len(places) > 1 and len(places[-1]) == 1:
        places[-2:] = [places[-2] + places[-1]]
    shown = batches(
        run.images.plain_view(run.recipe.image_size, order),
        places,
        run.workers,
        device,
    )
    with matrix_products(device):
        return batch_norm_statistics.measure(
            network, (images for images, _ in shown), run.recipe.precision, norms
        )


class CachedPrefix:
    """The activity behind the layers before the first synapse that is trained, computed once for
    each image.

    Needs a network that tells its stages (CORnet-S). These layers get batch-norm statistics
    measured on training images and keep them; images are shown as the plain view shows them. Raises
    `WrongUsage` for another network, `WiringError` where the activity would not fit into
    `LARGEST_CACHE` bytes.
    """

    def __init__(self, network: nn.Module, run: Run, processes: Processes, measure: bool):
        if not hasattr(type(network), "stages"):  # a method, not a module of that name
            raise WrongUsage(
                "Only CORnet-S can keep the activity of its frozen layers: leave out --cache."
            )
        stages = _stages(network)
        depth = frozen_stages(network, run.trained)
        if not depth:
            raise WrongUsage(
                "The first layer is trained, so there is no activity to keep: leave out --cache."
            )
        self.rest = Rest(network, stages[depth:])
        norms = _norms_of(stages[:depth])
        if measure:
            measure_statistics(network, run, processes.device, norms)
        for norm in norms:
            norm.eval()
        self.kept: list[Tensor] = []
        self.labels = torch.tensor(run.images.labels)
        with torch.no_grad(), arithmetic(processes.device, run.recipe.precision):
            done = 0
            view = run.images.plain_view(run.recipe.image_size)
            for images, _ in batches(
                view, chunks(range(len(view)), run.recipe.batch_size), run.workers, processes.device
            ):
                activity = _through(stages[:depth], (images.to(processes.device),))
                if not self.kept:
                    self._allocate(activity, len(run.images))
                for kept, value in zip(self.kept, activity):
                    kept[done : done + len(value)] = value
                done += len(images)

    def _allocate(self, activity: tuple[Tensor, ...], images: int) -> None:
        size = sum(value[0].numel() * value.element_size() for value in activity) * images
        if size > LARGEST_CACHE:
            raise WiringError(
                f"The activity of {images:,} images takes {size / 1e9:.1f} GB, more than "
                f"{LARGEST_CACHE / 1e9:.0f}: leave out --cache, or give fewer or smaller images."
            )
        self.kept = [
            torch.empty((images, *value.shape[1:]), dtype=value.dtype) for value in activity
        ]

    def activity(self, images: list[int]) -> tuple[tuple[Tensor, ...], Tensor]:
        """What the rest of the network takes for some images, and their labels."""
        return tuple(kept[images] for kept in self.kept), self.labels[images]


class Rest(nn.Module):
    """A network from its first trained stage on."""

    def __init__(self, network: nn.Module, stages: Stages):
        super().__init__()
        self.network, self.stages = network, stages

    def forward(self, *activity: Tensor) -> Tensor:
        return _through(self.stages, activity)[0]


def frozen_stages(network: nn.Module, trained: list[str]) -> int:
    """How many of a network's stages come before the first one that is trained."""
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    stages = _stages(network)
    for depth, (_, modules) in enumerate(stages):
        if any(
            names[id(parameter)] in trained for part in modules for parameter in part.parameters()
        ):
            return depth
    return len(stages)


def _stages(network: Any) -> Stages:
    return network.stages()


def _through(stages: Stages, activity: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    for stage, _ in stages:
        activity = stage(*activity)
        activity = activity if isinstance(activity, tuple) else (activity,)
    return activity


def live_norms(network: nn.Module, run: Run) -> list[BatchNorm]:
    """The batch norms to measure: all but those of a cached prefix."""
    norms = batch_norm_statistics.norms_in([network])
    if run.recipe.frozen_layers != "cached":
        return norms
    prefix = _stages(network)[: frozen_stages(network, run.trained)]
    done = set(map(id, _norms_of(prefix)))
    return [norm for norm in norms if id(norm) not in done]


def _norms_of(stages: Stages) -> list[BatchNorm]:
    parts = itertools.chain.from_iterable(modules for _, modules in stages)
    return batch_norm_statistics.norms_in(parts)
