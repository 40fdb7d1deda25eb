"""Birth: a network's synapses before any experience, sampled from a genome or from Kaiming Normal
(paper, section 4).

The same (network, genome, seed) gives the same bits everywhere; each layer depends on nothing but
its own name, shape, genome entry and the seed.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from brainscore_wiring import extensions
from brainscore_wiring.architectures import architecture, build
from brainscore_wiring.errors import WiringError
from brainscore_wiring.networks.defaults import pytorch_defaults
from brainscore_wiring.weight_compression.alignment import find_bases, first_images, unaligned
from brainscore_wiring.weight_compression.entries.aligned_channels import AlignedChannels
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import INITIAL, linear_default

#: Layers of at most so many weights are sampled twice and compared where an extension samples them.
SAMPLED_TWICE = 50_000


@pytorch_defaults()
def birth_state(
    network: nn.Module,
    seed: int = 0,
    genome: Genome | None = None,
    *,
    compressed: Collection[str] | None = None,
    default_norms: tuple[str, ...] = (),
    bases: Mapping[str, Tensor] | None = None,
    initial: str = "kaiming_normal",
) -> dict[str, Tensor]:
    """A fresh state dict for `network`.

    Weight compression where the genome reaches, `initial` elsewhere. `network` holds what is
    neither a convolution nor a batch norm nor a fully connected layer: layer norms and named
    constants are initialised as they are (`networks.allocation`). `compressed` names the areas that
    are initialised from the genome (all of them by default); batch norms whose name, or its last
    part, begins with one of `default_norms` keep gamma 1 and beta 0. `bases`: layer -> principal
    axes (in, rank) for layers that a genome aligns with activity. `initial`: "kaiming_normal" or
    PyTorch's "uniform_default"; biases of convolutions and fully connected layers are PyTorch's
    uniform default. Batch-norm statistics are 0 and 1. Float32, on the CPU. Raises `WiringError`
    where axes are missing, an entry describes another layer, or what it samples is not finite.
    """

    if initial not in INITIAL:
        raise WiringError(
            f"Convolutions begin as '{initial}' in this architecture: it can be "
            f"{' or '.join(INITIAL)}."
        )
    described = Genome({}) if genome is None else genome

    def entry_of(name: str) -> Entry | None:
        area = described.origin(name).split(".")[0]
        return described.entry(name) if compressed is None or area in compressed else None

    state: dict[str, Tensor] = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            shape, entry = tuple(module.weight.shape), entry_of(name)
            if entry is not None and name in described.drawn_from:
                entry = entry.resized(shape[-1])  # it was compressed in another network
            weights = (
                INITIAL[initial](shape, seed, name)
                if entry is None
                else _drawn(entry, shape, seed, name, bases or {})
            )
            state[f"{name}.weight"] = torch.from_numpy(weights)
            if module.bias is not None:
                state[f"{name}.bias"] = _default(
                    module.bias, module.weight[0].numel(), seed, f"{name}.bias"
                )
        elif isinstance(module, nn.BatchNorm2d):
            size, inner = module.num_features, name.rpartition(".")[2]
            default = name.startswith(default_norms) or inner.startswith(default_norms)
            gamma, beta = np.ones(size, np.float32), np.zeros(size, np.float32)
            entry = entry_of(name)
            if entry is not None and not default:
                with _sampling(name, entry):
                    gamma, beta = entry.sample_batch_norm(size, seed, name)
                _check_sampled(name, entry, (size,), gamma, beta)
            state |= {
                f"{name}.weight": torch.from_numpy(gamma),
                f"{name}.bias": torch.from_numpy(beta),
                f"{name}.running_mean": torch.zeros(size),
                f"{name}.running_var": torch.ones(size),
                f"{name}.num_batches_tracked": torch.tensor(0),
            }
        elif isinstance(module, nn.Linear):
            for kind, parameter in module.named_parameters():
                state[f"{name}.{kind}"] = _default(
                    parameter, module.in_features, seed, f"{name}.{kind}"
                )
    return {
        name: state[name] if name in state else value.clone()
        for name, value in network.state_dict().items()
    }


def _default(parameter: Tensor, fan_in: int, seed: int, name: str) -> Tensor:
    return torch.from_numpy(linear_default(tuple(parameter.shape), fan_in, seed, name))


def _drawn(
    entry: Entry, shape: tuple[int, ...], seed: int, name: str, bases: Mapping[str, Tensor]
) -> np.ndarray:
    """A convolution's weights (out, in, k, k) from its entry in a genome."""
    with _sampling(name, entry):
        weights = entry.sample(shape, seed, name)
        small = type(entry).__module__.startswith(extensions.__name__) and (
            math.prod(shape) <= SAMPLED_TWICE
        )
        again = entry.sample(shape, seed, name) if small else weights
    _check_sampled(name, entry, shape, weights)
    if not np.array_equal(weights, again):
        raise WiringError(
            f"The genome's entry for {name} ({entry.kind}) gave other weights the second time: "
            "what it samples has to come from `random_streams.Stream(seed, layer, ...)`."
        )
    if not isinstance(entry, AlignedChannels):
        return weights
    if name not in bases:
        raise WiringError(
            f"The genome aligns {name} with its own activity, which needs images: `brainscore "
            "train MODEL_bn --data DIR -o FOLDER` shows it some and keeps the axes it finds."
        )
    return entry.align(weights, bases[name].numpy(), name)


@contextlib.contextmanager
def _sampling(name: str, entry: Entry) -> Iterator[None]:
    with (
        np.errstate(over="ignore", invalid="ignore"),
        extensions.calling(f"Sampling {name} from its entry in the genome ({entry.kind})"),
    ):
        yield


def _check_sampled(name: str, entry: Entry, shape: tuple[int, ...], *sampled: Any) -> None:
    """Raise `WiringError` for what is not float32 of this shape, or not finite."""
    for values in sampled:
        if getattr(values, "dtype", None) != np.float32 or values.shape != shape:
            found = getattr(values, "dtype", type(values).__name__)
            raise WiringError(
                f"The genome's entry for {name} ({entry.kind}) gave {found} "
                f"{getattr(values, 'shape', '')}: what it samples has to be a NumPy array, float32 "
                f"{shape}."
            )
        if not np.isfinite(values).all():
            raise WiringError(
                f"What is sampled from the genome for {name} ({entry.kind}) is not finite: its "
                "numbers are too large or do not belong together."
            )


def sha256_of(tensor: Tensor) -> str:
    """SHA-256 of a tensor's values in memory order (the hash kept for every regenerated layer)."""
    plain = tensor.detach().contiguous().cpu().reshape(-1)
    return hashlib.sha256(plain.view(torch.uint8).numpy().data).hexdigest()


def state_sha256(state: dict[str, Tensor], known: Mapping[str, str] | None = None) -> str:
    """SHA-256 over all the weights and statistics of a network.

    `known`: name -> `sha256_of` that tensor, where it
    has been computed.
    """
    digest, known = hashlib.sha256(), known or {}
    for name in sorted(state):
        digest.update(f"{name} {known.get(name) or sha256_of(state[name])}\n".encode())
    return digest.hexdigest()


def fingerprint_of(state: dict[str, Tensor]) -> str:
    """What scores name a network's weights and statistics by: eight digits of their SHA-256."""
    return state_sha256(state)[:8]


@dataclass(frozen=True)
class Birth:
    """How a network's first synapses are sampled: the arguments of `birth_state`, and the
    architecture.

    `bases`: layer -> principal axes (in, rank) as float16, once they are found; see `aligned`.
    """

    architecture: str
    seed: int
    genome: Genome | None = None  # None is Kaiming Normal
    compressed: tuple[str, ...] | None = None
    default_norms: tuple[str, ...] = ()
    bases: dict[str, Tensor] | None = field(default=None, compare=False)

    def state(self, network: nn.Module | None = None) -> dict[str, Tensor]:
        """The state dict at birth, batch-norm statistics 0 and 1; `network`: one of the
        architecture, if at hand.
        """
        return birth_state(
            build(self.architecture) if network is None else network,
            self.seed,
            self.genome,
            compressed=self.compressed,
            default_norms=self.default_norms,
            bases=self.bases,
            initial=architecture(self.architecture).initial,
        )

    @property
    def entries(self) -> dict[str, Entry]:
        """The genome's entries for the areas that are initialised from it."""
        layers = self.genome.layers if self.genome else {}
        return {
            name: entry
            for name, entry in layers.items()
            if self.compressed is None or name.partition(".")[0] in self.compressed
        }

    def aligned_layers(self) -> dict[str, AlignedChannels]:
        """The layers whose channels are aligned with activity: none for most genomes."""
        found = self.entries.items()
        return {name: entry for name, entry in found if isinstance(entry, AlignedChannels)}

    def aligned(self, batches: Iterable[Tensor]) -> Birth:
        """This birth with the principal axes that the network at birth finds in its activity for
        images (batch, 3, h, w).

        Takes the first `ALIGNMENT_IMAGES` of all batches. A birth without layers to align, or with
        known axes, stays as it is. Raises `WiringError` for too few images.
        """
        layers = self.aligned_layers()
        if self.genome is None or not layers or self.bases is not None:
            return self
        at_birth = replace(self, genome=unaligned(self.genome)).network()
        return replace(self, bases=find_bases(at_birth, layers, first_images(batches)))

    def genome_numbers(self) -> int:
        """Numbers in the genome for the areas that are initialised from it, as the paper counts
        (4,166 for all four).
        """
        return sum(entry.stored_numbers() for entry in self.entries.values())

    def network(self, state: dict[str, Tensor] | None = None) -> nn.Module:
        """A network in its birth state, in evaluation mode; `state`: that state, if at hand."""
        network = build(self.architecture)
        network.load_state_dict(self.state(network) if state is None else state)
        return network
