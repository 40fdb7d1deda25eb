"""Networks at birth with the batch-norm statistics of their state, and the images that these are
measured on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from brainscore_wiring.architectures import architecture
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.catalogue import AREAS, BIRTH_IMAGES, Variant
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.paper.frontier.states import DEFAULTS, FROM_NOISE, NATURAL_V1, statistics_of
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.weight_compression import noise_images
from brainscore_wiring.weight_compression.batch_norm_statistics import measure
from brainscore_wiring.weight_compression.birth import Birth, fingerprint_of


class SeedImages:
    """What networks of one seed are shown, read when first needed: the same images as `brainscore
    train` would draw.

    `natural` is None where the user gave no images.
    """

    def __init__(self, natural: LabelledImages | None, seed: int):
        self.seed = seed
        self._shown = natural.subset(BIRTH_IMAGES, seed) if natural is not None else None

    @cached_property
    def natural(self) -> Tensor:
        """128 unlabelled natural images (128, 3, 224, 224), normalised. Labels stay unread."""
        shown = self._natural_images()
        order = Stream(self.seed, "images", "statistics").permutation(len(shown)).tolist()
        view = shown.plain_view(Recipe().image_size, order)
        return torch.stack([view[position][0] for position in range(len(view))])

    def _natural_images(self) -> LabelledImages:
        if self._shown is None:
            raise WrongUsage(
                "States with statistics from natural images need some: give --data FOLDER."
            )
        return self._shown

    @cached_property
    def noise(self) -> Tensor:
        """128 noise images (128, 3, 224, 224), normalised."""
        return noise_images.noise_images(BIRTH_IMAGES, self.seed)

    def batches(self, statistics: str) -> tuple[Tensor, ...]:
        """The batches that this kind of statistics is measured in: they decide on batch norm's
        activity on the way.
        """
        if statistics == DEFAULTS:
            return ()
        return self.noise.split(noise_images.BATCH) if statistics == FROM_NOISE else (self.natural,)

    def identity(self, statistics: str) -> str:
        """Eight digits that tell these images from others; empty for networks that have seen
        nothing.
        """
        if statistics == DEFAULTS:
            return ""
        return "noise" if statistics == FROM_NOISE else self._natural_images().manifest_sha256()[:8]


def network_at_birth(state: Variant, images: SeedImages) -> nn.Module:
    """A network of the state in evaluation mode: born, aligned where its genome asks for it,
    statistics measured.
    """
    statistics = statistics_of(state)
    batches = images.batches(statistics)
    network = birth_of(state, images.seed).aligned(batches).network()
    if batches:
        areas = AREAS[:1] if statistics == NATURAL_V1 else AREAS
        parts = [getattr(network, area) for area in areas if hasattr(network, area)]
        measure(nn.Sequential(*parts) if parts else network, batches)
    return network.eval()


@dataclass(frozen=True)
class Cost:
    """What evolution stores for a birth: numbers as the paper counts, numbers truly needed, and
    their bits.
    """

    numbers_paper: int
    numbers: int
    bits: int

    @classmethod
    def of(cls, birth: Birth) -> Cost:
        if birth.genome is None:
            return cls(0, 0, 0)
        used = replace(birth.genome, layers=birth.entries)
        return cls(used.stored_numbers(), used.true_numbers(), used.bits())


@dataclass(frozen=True)
class StateNetwork:
    """A network of one seed, what was stored for it, and the genome that it came from."""

    model: WiringModel
    cost: Cost
    genome: str
    fingerprint: str

    @classmethod
    def born(cls, state: Variant, images: SeedImages) -> StateNetwork:
        """A state's network of the images' seed. Raises `WiringError` where it cannot be made."""
        birth, network = birth_of(state, images.seed), network_at_birth(state, images)
        fingerprint = fingerprint_of(network.state_dict())
        regions = architecture(state.architecture).region_map
        model = WiringModel(state.identifier, network, regions, fingerprint)
        return cls(model, Cost.of(birth), genome_of(birth), fingerprint)


def genome_of(birth: Birth) -> str:
    """The beginning of the SHA-256 of a birth's genome; empty without one."""
    return birth.genome.sha256()[:8] if birth.genome else ""


def training_images(data: Path | None) -> LabelledImages | None:
    """The images of a folder that natural statistics are measured on: those in `train/` where there
    is one.
    """
    from brainscore_wiring.training.data.listing import training_and_held_out

    return None if data is None else training_and_held_out(data)[0]
