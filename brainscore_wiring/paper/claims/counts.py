"""What claims of the paper are counted from: synapses, numbers in a genome, bits, seconds, cuts of
a learning rate.

Which distributions a compression keeps for which layer is what the paper's authors' code and
parameter files say; how many numbers that makes is counted here.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

from brainscore_wiring.architectures.cornet_s import EXPANSION, RECURRENT_AREAS
from brainscore_wiring.architectures.layers import parameter_counts
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.locate import published_folder
from brainscore_wiring.paper.claims.claim import Missing
from brainscore_wiring.scoring.points import Scores
from brainscore_wiring.training.schedule import Schedule
from brainscore_wiring.weight_compression.births.weight_compression import (
    CLUSTERS,
    GABOR_COMPONENTS,
    POINTWISE_CLUSTERS,
)

CORNET_S_PARAMETERS = parameter_counts("cornet_s")
#: Gaussians of the 3x3 layers behind V1, as many as they have clusters in weight compression.
MIXTURE_COMPONENTS = {layer: number for layer, number in CLUSTERS.items() if layer != "V1.conv2"}
#: Numbers of a Gabor function after encoding its angles as sines and cosines, and of one before.
ENCODED_GABOR, FITTED_GABOR, KERNEL_CHANNELS = 10, 8, 3
V1_KERNELS = 64

NEURONS_PER_HEMISPHERE, SYNAPSES_PER_NEURON, BITS_PER_SYNAPSE = 1.4e8, 1e3, 37
GENOME_BYTES, BITS = 1e9, 8
MONTHS, DAYS_PER_MONTH, SECONDS_PER_DAY = 4, 365.25 / 12, 86_400
#: MobileNet v1: the side of an image, and of the last map of features (Howard et al. 2017, table
#: 1).
MOBILENET_IMAGE, MOBILENET_LAST_MAP = 224, 7
#: Training images of the ImageNet challenge of 2012 (Russakovsky et al. 2015).
IMAGENET_IMAGES = 1_281_167


def gaussian(dimensions: int) -> int:
    """Numbers of one component of a mixture with full covariance: its weight, its mean, its
    covariance.
    """
    return 1 + dimensions + dimensions**2


def gabor_mixture() -> int:
    return GABOR_COMPONENTS * gaussian(KERNEL_CHANNELS * ENCODED_GABOR)


def cluster(side: int) -> int:
    """A centre, its noise, and mean and standard deviation of how often it occurs in a kernel."""
    return side**2 + 3


def pointwise_layers() -> int:
    return sum(
        name.split(".")[1] in ("conv_input", "skip", "conv1", "conv3")
        and name.split(".")[0] != "V1"
        for name in CORNET_S_PARAMETERS
    )


def batch_norms() -> int:
    """Batch norms, two numbers each as the authors count (gamma and beta would need two each)."""
    return sum(
        name.split(".")[1].startswith("norm") and name.endswith(".weight")
        for name in CORNET_S_PARAMETERS
    )


def kernels(*layers: str) -> int:
    """Kernels (output channels) of the recurrent areas' layers of these names."""
    wide = {"conv1", "conv2"}
    return sum(
        after * (EXPANSION if layer in wide else 1)
        for _, after, _ in RECURRENT_AREAS.values()
        for layer in layers
    )


def _pointwise_kernels() -> int:
    return kernels("conv_input", "skip", "conv1", "conv3")


def _v1_conv2_mixture() -> int:
    """V1.conv2 as one Gaussian over the Gabor functions of a whole kernel."""
    return gaussian(V1_KERNELS * ENCODED_GABOR)


def weight_compression_numbers(scores: Scores) -> int:
    return (
        gabor_mixture()
        + pointwise_layers() * POINTWISE_CLUSTERS * cluster(1)
        + sum(CLUSTERS.values()) * cluster(3)
        + 2 * batch_norms()
    )


def mixture_gaussian_numbers(scores: Scores) -> int:
    return (
        gabor_mixture()
        + _v1_conv2_mixture()
        + 2 * _pointwise_kernels()
        + sum(MIXTURE_COMPONENTS.values()) * gaussian(9)
        + 2 * batch_norms()
    )


def kernel_normal_numbers(scores: Scores) -> int:
    return (
        gabor_mixture()
        + _v1_conv2_mixture()
        + 2 * (_pointwise_kernels() + kernels("conv2"))
        + 2 * batch_norms()
    )


def no_gabor_prior_numbers(scores: Scores) -> int:
    return 2 * (_pointwise_kernels() + kernels("conv2") + 2 * V1_KERNELS) + 2 * batch_norms()


def kernel_parameters(scores: Scores) -> int:
    return KERNEL_CHANNELS * FITTED_GABOR


def _kernel_sides() -> dict[str, int]:
    """Side of the kernels of the convolutions whose weights are clustered in channels."""
    sides = {
        f"{area}.conv2": math.isqrt(
            CORNET_S_PARAMETERS[f"{area}.conv2.weight"] // (after * EXPANSION) ** 2
        )
        for area, (_, after, _) in RECURRENT_AREAS.items()
    }
    sides["V1.conv2"] = math.isqrt(CORNET_S_PARAMETERS["V1.conv2.weight"] // V1_KERNELS**2)
    return sides


def layers_with_kernels_above_3(scores: Scores) -> int:
    """Convolutions behind the first with kernels of more than 3 x 3 weights."""
    return sum(side > 3 for side in _kernel_sides().values())


def smallest_kernel_of_conv2(scores: Scores) -> int:
    """Smallest side of the kernels with more than one weight behind the first layer."""
    return min(_kernel_sides().values())


def side_of_first_kernels(scores: Scores) -> int:
    """Side of the first layer's kernels."""
    return math.isqrt(CORNET_S_PARAMETERS["V1.conv1.weight"] // (V1_KERNELS * KERNEL_CHANNELS))


def gabor_components_by_bic(scores: Scores) -> int:
    """Components of the Gabor mixture that the Bayesian information criterion prefers on the
    authors' table.
    """
    folder = published_folder()
    if folder is None:
        raise Missing(
            "The authors' parameter files are not at hand: `brainscore data fetch "
            "weight_compression` gets them."
        )
    return _components_by_bic(folder)


@cache
def _components_by_bic(folder: Path) -> int:
    from brainscore_wiring.weight_compression.published import read_published

    return read_published(folder, gabor_components=None).source["fit"]["gabor_components"][0]


def bits_of_v1(scores: Scores) -> float:
    return NEURONS_PER_HEMISPHERE * SYNAPSES_PER_NEURON * BITS_PER_SYNAPSE


def bits_of_genome(scores: Scores) -> float:
    return GENOME_BYTES * BITS


def orders_above_genome(scores: Scores) -> float:
    return math.log10(bits_of_v1(scores) / bits_of_genome(scores))


def seconds_of_four_months(scores: Scores) -> float:
    """Million seconds of four months, night and day."""
    return MONTHS * DAYS_PER_MONTH * SECONDS_PER_DAY / 1e6


def imagenet_images(scores: Scores) -> float:
    """Millions of labelled images in the full set."""
    return IMAGENET_IMAGES / 1e6


def cuts_of_learning_rate(scores: Scores) -> int:
    """How often the paper's schedule cuts the rate before a run that no longer improves has
    converged.
    """
    recipe = Recipe()
    schedule, rates = Schedule(recipe.learning_rate), {recipe.learning_rate}
    while not schedule.converged(recipe):
        schedule.after_epoch(recipe, [1.0], 1.0)
        rates.add(schedule.rate)
    return len(rates) - 1


def size_reducing_layers(scores: Scores) -> int:
    """Depthwise layers of MobileNet v1 that halve the resolution: all halvings but the stem's."""
    return round(math.log2(MOBILENET_IMAGE / MOBILENET_LAST_MAP)) - 1
