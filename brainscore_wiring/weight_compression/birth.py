"""Birth: a network's synapses before any experience, drawn from a genome or from Kaiming Normal (paper, section 4).

The same (network, genome, seed) gives the same bits everywhere; each layer depends on nothing but its own name, shape,
genome entry and the seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import numpy as np
import torch
from torch import Tensor, nn

from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal, linear_default


def birth_state(network: nn.Module, seed: int = 0, genome: Genome | None = None, *,
                compressed: Collection[str] | None = None,
                default_norms: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """A fresh state dict for `network`: weight compression where the genome reaches, Kaiming Normal elsewhere.

    `compressed` names the areas that are born from the genome (all of them by default); batch norms whose name, or its
    last part, begins with one of `default_norms` keep gamma 1 and beta 0. Batch-norm statistics are 0 and 1.
    Float32, on the CPU.
    """
    def from_genome(name: str) -> bool:
        return genome is not None and name in genome.layers and (
            compressed is None or name.split(".")[0] in compressed)

    state: dict[str, Tensor] = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            shape = tuple(module.weight.shape)
            weights = (genome.layers[name].sample(shape, seed, name) if from_genome(name)
                       else kaiming_normal(shape, seed, name))
            state[f"{name}.weight"] = torch.from_numpy(weights)
        elif isinstance(module, nn.BatchNorm2d):
            size, inner = module.num_features, name.rpartition(".")[2]
            default = name.startswith(default_norms) or inner.startswith(default_norms)
            gamma, beta = np.ones(size, np.float32), np.zeros(size, np.float32)
            if from_genome(name) and not default:
                gamma, beta = genome.layers[name].sample_batch_norm(size, seed, name)
            state |= {f"{name}.weight": torch.from_numpy(gamma), f"{name}.bias": torch.from_numpy(beta),
                      f"{name}.running_mean": torch.zeros(size), f"{name}.running_var": torch.ones(size),
                      f"{name}.num_batches_tracked": torch.tensor(0)}
        elif isinstance(module, nn.Linear):
            for kind, parameter in module.named_parameters():
                values = linear_default(tuple(parameter.shape), module.in_features, seed, f"{name}.{kind}")
                state[f"{name}.{kind}"] = torch.from_numpy(values)
    return {name: state[name] for name in network.state_dict()}


def sha256_of(tensor: Tensor) -> str:
    """SHA-256 of a tensor's values in memory order (the hash kept for every regenerated layer)."""
    return hashlib.sha256(tensor.detach().contiguous().cpu().numpy().tobytes()).hexdigest()


def state_sha256(state: dict[str, Tensor]) -> str:
    """SHA-256 over all the weights and statistics of a network; its first eight digits are the fingerprint."""
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(f"{name} {sha256_of(state[name])}\n".encode())
    return digest.hexdigest()
