"""How fast a trained network becomes a genome: the plain way, as appendix B describes it, against
the package.

    python speed/fitting.py [CHECKPOINT]

Clusters: scikit-learn's k-means with ten restarts over all filters of a layer. Gabors: basin
hopping with L-BFGS-B, 15 hops, on a few channels of V1.conv1, and the time for all 192 extrapolated
from them. Both ways run on one thread in one run. CHECKPOINT is a file of trained weights; without
one, the weights are initialised from the packaged genome.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from scipy.optimize import basinhopping
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from brainscore_wiring.architectures.layers import convolutions_of
from brainscore_wiring.checkpoints.locate import packaged_genome
from brainscore_wiring.checkpoints.state_dicts import read_state_dict
from brainscore_wiring.weight_compression.birth import Birth
from brainscore_wiring.weight_compression.births import GABOR_LAYER
from brainscore_wiring.weight_compression.clusters_fit import fit_clusters, unexplained_variance
from brainscore_wiring.weight_compression.fits import CLUSTERS, POINTWISE_CLUSTERS
from brainscore_wiring.weight_compression.gabor import gabor
from brainscore_wiring.weight_compression.gabor_fit import fit_gabors
from brainscore_wiring.weight_compression.genome import Genome

#: Channels of V1.conv1 that the plain fit is timed on.
CHANNELS = 4
#: Start and bounds of the authors' fit; the scale is left to the amplitude that fits best.
START = np.array([0.2, 0, 4, 4, 0, 0, 0])
BOUNDS = [
    (1 / 14, 0.5),
    (-2 * np.pi, 2 * np.pi),
    (0.5, 7),
    (0.5, 7),
    (-2 * np.pi, 2 * np.pi),
    (-3, 3),
    (-3, 3),
]


def plain_k_means(weights: np.ndarray, clusters: int) -> float:
    """The share of the filters' variance around their mean that the plain fit leaves."""
    filters = weights.reshape(weights.shape[0] * weights.shape[1], -1)
    inertia = KMeans(clusters, n_init=10, random_state=0).fit(filters).inertia_
    return inertia / ((filters - filters.mean(axis=0, dtype=np.float64)) ** 2).sum()


def plain_gabors(kernels: np.ndarray) -> float:
    """The share of the energy of kernels (n, size, size) that the plain fit leaves."""
    rest = 0.0
    for kernel in kernels.astype(np.float64):

        def loss(parameters: np.ndarray, target: np.ndarray = kernel) -> float:
            shape = gabor(np.append(parameters, 1.0), len(target))
            energy = (shape**2).sum()
            return (
                (target**2).sum() - (shape * target).sum() ** 2 / energy
                if energy > 0
                else (target**2).sum()
            )

        rest += basinhopping(
            loss, START, niter=15, seed=0, minimizer_kwargs={"method": "L-BFGS-B", "bounds": BOUNDS}
        ).fun
    return rest / (kernels.astype(np.float64) ** 2).sum()


def timed(fit) -> tuple[float, object]:
    started = time.perf_counter()
    result = fit()
    return time.perf_counter() - started, result


@threadpool_limits.wrap(limits=1)
def main(arguments: list[str]) -> None:
    state = (
        read_state_dict(arguments[0])
        if arguments
        else Birth("cornet_s", 0, Genome.read(packaged_genome())).state()
    )
    print(
        f"{'layer':<16}{'plain (s)':>11}{'package (s)':>13}{'ratio':>8}"
        f"{'plain leaves':>14}{'package leaves':>16}"
    )
    rows = []
    kernels = state[f"{GABOR_LAYER}.weight"].numpy()
    channels = kernels.reshape(-1, *kernels.shape[2:])
    few = channels[:: len(channels) // CHANNELS][:CHANNELS]
    plain, plain_rest = timed(lambda: plain_gabors(few))
    package, (_, rests) = timed(lambda: fit_gabors(channels))
    chosen = rests[:: len(channels) // CHANNELS][:CHANNELS]
    energy = (few.astype(np.float64) ** 2).sum(axis=(1, 2))
    rows.append((plain * len(channels) / CHANNELS, package))
    show(f"{GABOR_LAYER} *", *rows[-1], plain_rest, (chosen * energy).sum() / energy.sum())
    for name in convolutions_of("cornet_s"):
        if name == GABOR_LAYER:
            continue
        weights = state[f"{name}.weight"].numpy()
        number = CLUSTERS.get(name, POINTWISE_CLUSTERS)
        plain, plain_rest = timed(lambda: plain_k_means(weights, number))
        package, entry = timed(lambda: fit_clusters(weights, number, 0, name))
        rows.append((plain, package))
        show(name, plain, package, plain_rest, unexplained_variance(entry, weights))
    show("all", *(sum(column) for column in zip(*rows)))
    print(
        f"* plain: extrapolated from {CHANNELS} channels to {len(channels)}; "
        f"what is left is that of these {CHANNELS}"
    )


def show(name: str, plain: float, package: float, *rests: float) -> None:
    left = "".join(f"{rest:>{width}.2%}" for rest, width in zip(rests, (14, 16)))
    print(f"{name:<16}{plain:>11.3f}{package:>13.3f}{plain / package:>8.1f}{left}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
