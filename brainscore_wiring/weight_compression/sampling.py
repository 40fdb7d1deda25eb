"""Fresh weights from the entries of a genome (paper, section 4 and appendix B), bit-exact on every machine."""

from __future__ import annotations

import math

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.gabor import ENCODED, render
from brainscore_wiring.weight_compression.genome import BatchNormNormals, Clusters, GaborMixture, Layer
from brainscore_wiring.weight_compression.random_streams import Stream


def sample_convolution(entry: Layer, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
    """Weights (out, in, k, k) as float32 for a convolution, from its genome entry."""
    if isinstance(entry, Clusters):
        return _sample_clusters(entry, shape, seed, layer)
    if isinstance(entry, GaborMixture):
        return _sample_gabors(entry, shape, seed, layer)
    raise WiringError(f"The genome's entry for {layer} ({entry.kind}) does not describe a convolution.")


def sample_batch_norm(entry: Layer, size: int, seed: int, layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights (gamma) and biases (beta), each (size,) float32, from two normal distributions (appendix B.2)."""
    if not isinstance(entry, BatchNormNormals):
        raise WiringError(f"The genome's entry for {layer} ({entry.kind}) does not describe a batch norm.")
    return tuple(np.float32(mean) + Stream(seed, layer, purpose).normal(size) * np.float32(std)
                 for purpose, mean, std in (("gamma", entry.gamma_mean, entry.gamma_std),
                                            ("beta", entry.beta_mean, entry.beta_std)))


def channel_labels(entry: Clusters, out_channels: int, in_channels: int, seed: int, layer: str) -> np.ndarray:
    """Which cluster each input channel of each kernel is drawn from: (out, in), uint8.

    Per kernel and cluster, the number of channels is |round(N(mean, std))|, scaled to this layer's input channels.
    Clusters fill the kernel in their order until it is full; the last one takes what is left (the authors' sampler).
    The channels are then shuffled.
    """
    clusters = len(entry.noise)
    z = Stream(seed, layer, "cluster counts").normal(out_channels, clusters).astype(np.float64)
    counts = np.asarray(entry.count_stds) * z
    counts += np.asarray(entry.count_means)
    counts *= in_channels
    counts /= entry.in_channels
    ends = np.minimum(np.abs(np.rint(counts)).cumsum(axis=1), in_channels)
    ends[:, -1] = in_channels
    slots = np.arange(in_channels)
    labels = np.zeros((out_channels, in_channels), dtype=np.uint8)
    for cluster in range(clusters - 1):
        labels += slots >= ends[:, cluster, None]
    return Stream(seed, layer, "channel order").shuffled_rows(labels)


def _sample_clusters(entry: Clusters, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
    out_channels, in_channels, height, width = shape
    centres = np.asarray(entry.centres, np.float32)
    if centres.shape[1] != height * width:
        raise WiringError(f"The genome's clusters for {layer} have {centres.shape[1]} weights, "
                          f"its kernels {height} x {width}.")
    labels = channel_labels(entry, out_channels, in_channels, seed, layer)
    weights = centres[labels]
    noise = np.asarray(entry.noise, np.float32)
    if noise.any():
        z = Stream(seed, layer, "weights").normal(*weights.shape)
        z *= noise[labels][..., None]  # two float32 operations, each rounded once: no fused multiply-add
        weights += z
    return weights.reshape(shape)


def _sample_gabors(entry: GaborMixture, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
    out_channels, in_channels, height, width = shape
    numbers = len(entry.means[0])
    if height != width or in_channels * ENCODED != numbers:
        raise WiringError(f"The genome's Gabor mixture for {layer} describes {numbers // ENCODED} channels, "
                          f"not kernels of shape {in_channels} x {height} x {width}.")
    thresholds = np.cumsum(entry.weights)
    picks = Stream(seed, layer, "components").uniform(out_channels)
    components = np.minimum(np.searchsorted(thresholds / thresholds[-1], picks, side="right"), len(thresholds) - 1)
    factors = [_cholesky(covariance) for covariance in entry.covariances]
    z = Stream(seed, layer, "gabors").normal(out_channels, numbers)
    encoded = np.array([_affine(entry.means[c], factors[c], row) for c, row in zip(components, z.tolist())])
    return render(encoded, height)


def _cholesky(covariance: list[list[float]]) -> list[list[float]]:
    """Lower triangular factor, in plain Python: the order of operations, and so every bit, is fixed."""
    size = len(covariance)
    factor = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = covariance[i][j]
            for k in range(j):
                rest -= factor[i][k] * factor[j][k]
            if i == j:
                factor[i][i] = math.sqrt(max(rest, 0.0))
            else:
                factor[i][j] = rest / factor[j][j] if factor[j][j] else 0.0
    return factor


def _affine(mean: list[float], factor: list[list[float]], z: list[float]) -> list[float]:
    """mean + factor @ z in plain Python, for the same reason."""
    values = []
    for centre, row in zip(mean, factor):
        value = centre
        for weight, normal in zip(row, z):
            value += weight * normal
        values.append(value)
    return values
