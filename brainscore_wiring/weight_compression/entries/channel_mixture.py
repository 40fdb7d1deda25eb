"""A layer's channels as a mixture of Gaussians (paper, appendix B.3, "Mixture Gaussian")."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entries.gabor_mixture import check_mixture
from brainscore_wiring.weight_compression.entry import Entry, short
from brainscore_wiring.weight_compression.filters import subsampled

#: Channels that the mixture is fitted to, where a layer has more.
_SUBSAMPLE = 50_000
#: Channels that are sampled at a time.
_BLOCK = 1 << 16


@dataclass(frozen=True)
class ChannelMixture(Entry):
    """A Gaussian mixture with full covariances over the k * k weights of single channels (appendix
    B.3).

    `weights` (components); `means` (components, k * k); `factors` (components, k * k, k * k): upper
    triangular, the covariance of component c is factors[c].T @ factors[c]. Factors are kept in
    place of covariances so that a birth has nothing to decompose.
    """

    kind: ClassVar[str] = "channel_mixture"
    weights: list[float]
    means: list[list[float]]
    factors: list[list[list[float]]]

    def stored_numbers(self) -> int:
        """Weights, means and full covariance matrices, as the authors count them.

        91 per component of 3 x 3.
        """
        n = len(self.means[0])
        return len(self.weights) * (1 + n + n * n)

    def true_numbers(self) -> int:
        """Weights, means and the triangular factors without their zeros.

        55 per component of 3 x 3 channels.
        """
        n = len(self.means[0])
        return len(self.weights) * (1 + n + n * (n + 1) // 2)

    def check(self) -> None:
        check_mixture(self.weights, self.means, self.factors)
        if np.tril(self.factors, -1).any():
            raise ValueError("a mixture with a factor that is not upper triangular")

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        """Weights of `shape` (out, in, k, k) as float32, the same bits on every machine.

        Each channel on its own.
        """
        out_channels, in_channels, height, width = shape
        numbers = len(self.means[0])
        if numbers != height * width:
            raise WiringError(
                f"The genome's channel mixture for {layer} has {numbers} weights per channel, "
                f"its kernels {height} x {width}."
            )
        channels = out_channels * in_channels
        components = Stream(seed, layer, "components").choices(self.weights, channels)
        weights = Stream(seed, layer, "weights").normal(channels, numbers)
        for begin in range(0, channels, _BLOCK):
            block, chosen = weights[begin : begin + _BLOCK], components[begin : begin + _BLOCK]
            for component, (mean, factor) in enumerate(zip(self.means, self.factors)):
                rows = np.flatnonzero(chosen == component)
                block[rows] = exact_product(block[rows], np.asarray(factor)) + np.asarray(mean)
        return weights.reshape(shape)


def exact_product(normals: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """normals @ factor in float64 without any rounding, and so with the same bits in every order of
    operations.

    `normals` (samples, rows) from `Stream.normal` are multiples of 2^-12 below 2^3, 15 bits.
    `factor` (rows, n) is first rounded to as many bits below its largest value (32 for 63 rows) as
    let the sums fit into a float64's 53.
    """
    bits = 53 - 15 - len(factor).bit_length()
    exponent = np.frexp(np.abs(factor).max(initial=0.0))[1]
    whole = np.rint(np.ldexp(factor, bits - exponent))
    return normals.astype(np.float64) @ np.ldexp(whole, exponent - bits)


def factor_of(rows: np.ndarray) -> np.ndarray:
    """The upper triangular factor with the same rows.T @ rows as `rows` (any number, n)."""
    return np.asarray(np.linalg.qr(rows, mode="r"))


@threadpool_limits.wrap(limits=1)  # several threads add up in an order that changes from run to run
def fit_channel_mixture(
    weights: np.ndarray, components: int, seed: int = 0, layer: str = ""
) -> ChannelMixture:
    """The mixture of the channels of convolution weights (out, in, k, k), heaviest component first.

    Larger layers are fitted on a fixed subsample. Where a layer has fewer distinct channels than
    `components`, it gets as many components as channels. The estimator adds a small number to every
    variance; channels are scaled to a mean square of 1 before it does (1e-6 would be several per
    cent of the variance in IT.conv2), and it is taken out again.
    """
    # here, because births read this module and need no scikit-learn
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    channels = weights.reshape(weights.shape[0] * weights.shape[1], -1)
    channels = subsampled(channels, _SUBSAMPLE, seed, layer, "mixture subsample").astype(np.float64)
    size = float(np.sqrt(np.mean(channels**2))) or 1.0
    channels /= size
    distinct = len(np.unique(channels, axis=0))
    if len(channels) == 1:  # the estimator needs two samples to estimate anything
        channels = np.repeat(channels, 2, axis=0)
    estimator = GaussianMixture(
        min(components, distinct), covariance_type="full", tol=1e-4, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(channels)
    order = np.argsort(-estimator.weights_, kind="stable")
    added = estimator.reg_covar * np.eye(channels.shape[1])
    factors = [_square_root(covariance - added) for covariance in estimator.covariances_[order]]
    return ChannelMixture(
        short(estimator.weights_[order]),
        short(estimator.means_[order] * size),
        short(np.array(factors) * size),
    )


def _square_root(covariance: np.ndarray) -> np.ndarray:
    """The upper triangular factor of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return factor_of(np.sqrt(np.maximum(values, 0))[:, None] * vectors.T)
