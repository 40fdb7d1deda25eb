"""How fast a genome becomes a network: a plain loop over kernels, as appendix B describes it,
against the package.

    python speed/sampling.py [GENOME]

Both draw all 17 convolutions of CORnet-S on one thread in one run. GENOME is a genome file; without
one, the numbers of clusters and their spreads are made up in the paper's sizes, which costs the
same.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch

from brainscore_wiring.weight_compression.births import GABOR_LAYER
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.fits import CLUSTERS
from brainscore_wiring.weight_compression.fitting import fitted_shapes
from brainscore_wiring.weight_compression.gabor import decode, gabor
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal


def plain_clusters(
    entry: Clusters, shape: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    """Kernel by kernel: draw how often each cluster occurs, fill the channels in order, add noise,
    shuffle.
    """
    out_channels, in_channels, height, width = shape
    weights = np.zeros((out_channels, in_channels, height, width), np.float32)
    for kernel in weights:
        channel = 0
        last = len(entry.centres) - 1
        for cluster, centre in enumerate(np.asarray(entry.centres).reshape(-1, height, width)):
            count = abs(
                round(generator.normal(entry.count_means[cluster], entry.count_stds[cluster]))
            )
            end = in_channels if cluster == last else min(channel + count, in_channels)
            while channel < end:
                kernel[channel] = centre + generator.normal(
                    0, entry.noise[cluster], (height, width)
                )
                channel += 1
        generator.shuffle(kernel)
    return weights


def plain_gabors(
    entry: GaborMixture, shape: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    """Kernel by kernel: draw a component, draw its parameters, render each channel."""
    weights = np.zeros(shape, np.float32)
    for kernel in weights:
        component = generator.choice(
            len(entry.weights), p=np.array(entry.weights) / sum(entry.weights)
        )
        encoded = generator.multivariate_normal(
            entry.means[component], entry.covariances[component]
        )
        for channel, parameters in enumerate(decode(encoded.reshape(shape[1], -1))):
            kernel[channel] = gabor(parameters, shape[2])
    return weights


def plain(
    entry: Clusters | GaborMixture, shape: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    draw = plain_clusters if isinstance(entry, Clusters) else plain_gabors
    return draw(entry, shape, generator)


def made_up_genome(shapes: dict[str, tuple[int, ...]]) -> Genome:
    """Entries in the paper's sizes: the time to draw from them does not depend on their values."""
    generator = np.random.default_rng(0)
    layers = {}
    for name, (_, in_channels, height, width) in shapes.items():
        if name == GABOR_LAYER:
            mean = [0.2, 0.0, 1.0, 2.0, 2.0, 0.0, 1.0, 0.0, 0.0, 1.0] * in_channels
            layers[name] = GaborMixture(
                [0.25] * 4, [mean] * 4, [(np.eye(len(mean)) * 0.01).tolist()] * 4
            )
            continue
        number = CLUSTERS.get(name, 2)
        share = in_channels / number
        layers[name] = Clusters(
            generator.normal(0, 0.02, (number, height * width)).tolist(),
            [0.01 * (height > 1)] * number,
            [share] * number,
            [share**0.5] * number,
            in_channels,
        )
    return Genome(layers)


def seconds(draw) -> float:
    started = time.perf_counter()
    draw()
    return time.perf_counter() - started


def main(arguments: list[str]) -> None:
    torch.set_num_threads(1)
    shapes = {
        name.removesuffix(".weight"): shape
        for name, shape in fitted_shapes().items()
        if len(shape) == 4
    }
    genome = Genome.read(arguments[0]) if arguments else made_up_genome(shapes)
    rows = []
    print(
        f"{'layer':<16}{'weights':>12}{'plain loop (s)':>16}{'package (s)':>14}"
        f"{'ratio':>8}{'Kaiming (s)':>13}"
    )
    for name, shape in shapes.items():
        entry = genome.layers[name]
        rows.append(
            (
                seconds(lambda: plain(entry, shape, np.random.default_rng(0))),
                seconds(lambda: entry.sample(shape, 0, name)),
                seconds(lambda: kaiming_normal(shape, 0, name)),
            )
        )
        show(name, int(np.prod(shape)), *rows[-1])
    show(
        "all",
        sum(int(np.prod(shape)) for shape in shapes.values()),
        *(sum(column) for column in zip(*rows)),
    )


def show(name: str, weights: int, loop: float, package: float, kaiming: float) -> None:
    print(
        f"{name:<16}{weights:>12,}{loop:>16.3f}{package:>14.3f}"
        f"{loop / package:>8.1f}{kaiming:>13.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
