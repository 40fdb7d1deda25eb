"""Batch norms as normal distributions of their weights and biases (paper, appendix B.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry


@dataclass(frozen=True)
class BatchNormNormals(Entry):
    """Normal distributions of a batch norm's gamma and beta (appendix B.2)."""

    kind: ClassVar[str] = "batch_norm_normals"
    gamma_mean: float
    gamma_std: float
    beta_mean: float
    beta_std: float

    def stored_numbers(self) -> int:
        """Two, as the paper counts; the four that are really needed are `true_numbers`."""
        return 2

    def true_numbers(self) -> int:
        return 4

    def check(self) -> None:
        if min(self.gamma_std, self.beta_std) < 0:
            raise ValueError("a batch norm with a negative spread")

    def sample_batch_norm(self, size: int, seed: int, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Weights (gamma) and biases (beta), each (size,) float32."""
        gamma, beta = (
            np.float32(mean) + Stream(seed, layer, purpose).normal(size) * np.float32(std)
            for purpose, mean, std in (
                ("gamma", self.gamma_mean, self.gamma_std),
                ("beta", self.beta_mean, self.beta_std),
            )
        )
        return gamma, beta


def fit_batch_norm(gamma: np.ndarray, beta: np.ndarray) -> BatchNormNormals:
    """Means and standard deviations of a batch norm's weights and biases (appendix B.2)."""
    gamma, beta = np.asarray(gamma, np.float64), np.asarray(beta, np.float64)
    return BatchNormNormals(
        float(gamma.mean()), float(gamma.std()), float(beta.mean()), float(beta.std())
    )
