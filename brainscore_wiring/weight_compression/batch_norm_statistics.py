"""Batch-norm statistics measured on given images, label-free.

Running statistics forget at 0.9 per update and start at variance 1: after the few updates of a
few images, or at birth, what is left of that 1 still outweighs the small activity of compressed
weights. Measured statistics do not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm


def norms_in(modules: Iterable[nn.Module]) -> list[BatchNorm]:
    """The batch norms in some modules, those that processes share (`SyncBatchNorm`) too."""
    within = itertools.chain.from_iterable(module.modules() for module in modules)
    return [one for one in within if isinstance(one, BatchNorm)]


@torch.no_grad()
def measure(
    network: nn.Module,
    batches: Iterable[Tensor],
    precision: str = "fp32",
    norms: Sequence[BatchNorm] | None = None,
) -> int:
    """Replace batch norms' statistics by the mean over `batches` of (batch, 3, h, w).

    Returns the images used. `norms` are those to measure, by default all; the others keep what they
    have and work with it. Each batch counts by its number of images, so that a last smaller one
    does not weigh more than it should.
    """
    every = norms_in([network])
    norms = every if norms is None else norms
    kept = [(norm.momentum, norm.training) for norm in every]
    was_training = network.training
    network.eval()
    for norm in norms:
        norm.train()
        norm.reset_running_stats()
    images = 0
    device = next(network.parameters()).device
    for batch in batches:
        images += len(batch)
        for norm in norms:
            norm.momentum = len(batch) / images  # cumulative mean, weighted by batch size
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            network(batch.to(device))
    network.train(was_training)
    for norm, (momentum, training) in zip(every, kept):
        norm.momentum = momentum
        norm.train(training)
    return images
