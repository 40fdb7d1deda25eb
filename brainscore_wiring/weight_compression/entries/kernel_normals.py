"""Every kernel as one normal distribution of its weights (paper, appendix B.3, "Kernel normal")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry, short


@dataclass(frozen=True)
class KernelNormals(Entry):
    """The mean and standard deviation of the in * k * k weights of each trained kernel (appendix
    B.3).

    `means`, `stds` (kernels).
    """

    kind: ClassVar[str] = "kernel_normals"
    means: list[float]
    stds: list[float]

    def stored_numbers(self) -> int:
        return 2 * len(self.means)

    def check(self) -> None:
        if len(self.means) != len(self.stds) or not self.means:
            raise ValueError("kernel normals of unequal length or without kernels")
        if min(self.stds) < 0:
            raise ValueError("a kernel with a negative spread")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of any `shape` (out, in, k, k) as float32, the same bits on every machine.

        Kernel i is sampled from the normal of trained kernel i; a layer with more kernels starts
        again at the first one, one with fewer leaves out the last ones. Weights are not rescaled to
        the layer's number of inputs.
        """
        return on_scale(Stream(seed, layer, "weights").normal(*shape), self.means, self.stds)


def on_scale(weights: np.ndarray, places: list[float], scales: list[float]) -> np.ndarray:
    """Standard weights (out, in, k, k) with the place and scale of each kernel, as float32."""
    of_kernel = np.arange(len(weights)) % len(places)
    shifts, factors = (
        np.asarray(values, np.float32)[of_kernel, None, None, None] for values in (places, scales)
    )
    weights *= factors  # two float32 operations, each rounded once: no fused multiply-add
    weights += shifts
    return weights


def fit_kernel_normals(weights: np.ndarray) -> KernelNormals:
    """Mean and population standard deviation of each kernel of weights (out, in, k, k)."""
    # kernel by kernel: in double precision the largest layer would take 300 MB at once
    return KernelNormals(
        means=short(np.array([kernel.mean(dtype=np.float64) for kernel in weights])),
        stds=short(np.array([kernel.std(dtype=np.float64) for kernel in weights])),
    )
