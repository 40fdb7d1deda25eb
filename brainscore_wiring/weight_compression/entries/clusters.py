"""Clusters of a convolution's filters, with normally distributed frequencies (section 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry

LARGEST_CLUSTERS = 255


@dataclass(frozen=True)
class Clusters(Entry):
    """Kernel clusters with the normal distribution of each cluster's frequency (section 4, appendix
    B).

    `centres` (clusters, k * k); `noise` (clusters): standard deviation of the weights around their
    centre; `count_means`, `count_stds` (clusters): input channels per kernel that belong to each
    cluster, out of `in_channels`.
    """

    kind: ClassVar[str] = "clusters"
    centres: list[list[float]]
    noise: list[float]
    count_means: list[float]
    count_stds: list[float]
    in_channels: int

    def stored_numbers(self) -> int:
        return len(self.centres) * (len(self.centres[0]) + 3)

    def check(self) -> None:
        lengths = {len(self.centres), len(self.noise), len(self.count_means), len(self.count_stds)}
        if len(lengths) != 1 or lengths == {0} or len({len(c) for c in self.centres}) != 1:
            raise ValueError("clusters of unequal length")
        if math.isqrt(len(self.centres[0])) ** 2 != len(self.centres[0]) or not self.centres[0]:
            raise ValueError(f"centres of {len(self.centres[0])} weights, which is no square")
        if len(self.centres) > LARGEST_CLUSTERS:
            raise ValueError(f"more than {LARGEST_CLUSTERS} clusters")
        if self.in_channels < 1 or min(*self.noise, *self.count_stds, *self.count_means) < 0:
            raise ValueError("clusters with a negative number or without channels")
        most = max(*self.count_means, *self.count_stds)
        if most > self.in_channels + 0.5:
            raise ValueError(
                f"{most:g} channels in a cluster, of {self.in_channels} that there are"
            )

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        out_channels, in_channels, height, width = shape
        centres = np.asarray(self.centres, np.float32)
        if centres.shape[1] != height * width:
            raise WiringError(
                f"The genome's clusters for {layer} have {centres.shape[1]} weights, "
                f"its kernels {height} x {width}."
            )
        labels = self.labels(out_channels, in_channels, seed, layer)
        weights = centres[labels]
        noise = np.asarray(self.noise, np.float32)
        if noise.any():
            z = Stream(seed, layer, "weights").normal(*weights.shape)
            # two float32 operations, each rounded once: no fused multiply-add
            z *= noise[labels][..., None]
            weights += z
        return weights.reshape(shape)

    def resized(self, side: int) -> Clusters:
        """The same clusters with centres of side x side weights that fill the same field, by linear
        interpolation.

        As with Gabors of another size, weights keep their scale and noise its standard deviation. A
        side of 1 takes the middle of a centre.
        """
        before = math.isqrt(len(self.centres[0]))
        if side == before:
            return self
        at = np.linspace(0, before - 1, side) if side > 1 else np.array([(before - 1) / 2])
        below = np.minimum(np.floor(at).astype(int), max(before - 2, 0))
        above, share = np.minimum(below + 1, before - 1), at - below
        centres = np.array(self.centres).reshape(-1, before, before)
        # no matrix product, whose last bits differ between machines
        centres = centres[:, below] * (1 - share)[:, None] + centres[:, above] * share[:, None]
        centres = centres[..., below] * (1 - share) + centres[..., above] * share
        return replace(self, centres=centres.reshape(len(centres), -1).tolist())

    def labels(self, out_channels: int, in_channels: int, seed: int, layer: str) -> np.ndarray:
        """Which cluster each input channel of each kernel is sampled from: (out, in), uint8.

        Per kernel and cluster, the number of channels is |round(N(mean, std))|, scaled to this
        layer's input channels. Clusters fill the kernel in their order until it is full; the last
        one takes what is left (the authors' sampler). The channels are then shuffled.
        """
        clusters = len(self.noise)
        z = Stream(seed, layer, "cluster counts").normal(out_channels, clusters).astype(np.float64)
        counts = np.asarray(self.count_stds) * z
        counts += np.asarray(self.count_means)
        counts *= in_channels
        counts /= self.in_channels
        ends = np.minimum(np.abs(np.rint(counts)).cumsum(axis=1), in_channels)
        ends[:, -1] = in_channels
        slots = np.arange(in_channels)
        labels = np.zeros((out_channels, in_channels), dtype=np.uint8)
        for cluster in range(clusters - 1):
            labels += slots >= ends[:, cluster, None]
        return Stream(seed, layer, "channel order").shuffled_rows(labels)


@dataclass(frozen=True)
class DepthwiseClusters(Clusters):
    """Clusters for a depthwise convolution, whose kernels have one input channel each (appendix
    D.1).

    Scaled to a single channel nearly every cluster's count rounds to 0, and with the authors'
    sampler the last cluster takes what is left: nearly all kernels. Here a channel belongs to a
    cluster with a probability proportional to the cluster's mean count, so that the frequencies are
    those of the compressed layer.
    """

    kind: ClassVar[str] = "depthwise_clusters"

    def check(self) -> None:
        super().check()
        if sum(self.count_means) <= 0:
            raise ValueError("clusters without channels")

    def labels(self, out_channels: int, in_channels: int, seed: int, layer: str) -> np.ndarray:
        stream = Stream(seed, layer, "clusters")
        return stream.choices(self.count_means, out_channels, in_channels).astype(np.uint8)
