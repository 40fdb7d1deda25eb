"""Clusters of a trained convolution's filters and how often each occurs in a kernel (paper, section
4, appendix B).

k-means (k-means++ starts) over all k x k filters of a layer, one filter per kernel and input
channel. The authors run ten restarts over all filters. Here two clusters of a 1 x 1 layer are found
exactly, by sorting; otherwise a fixed subsample of filters places the centres, again with ten
restarts (with 9 numbers per centre, 100,000 filters fix them to 0.1 % of the inertia), and one pass
over all filters counts and measures.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.filters import subsampled

_SUBSAMPLE, _PURPOSE = 100_000, "k-means subsample"
_RESTARTS = 10
#: The elbow is looked for among these numbers of clusters, on fewer filters and restarts: it needs
#: the inertia to 1 %.
CANDIDATE_CLUSTERS = range(1, 16)
ELBOW_SUBSAMPLE = 20_000
ELBOW_RESTARTS = 3
#: Shares of the variance below this are rounding errors.
SMALLEST_INERTIA = 1e-6
#: Filters that the pass over a whole layer handles at a time.
_BLOCK = 1 << 18


@threadpool_limits.wrap(limits=1)  # several threads add up in an order that changes from run to run
def fit_clusters(
    weights: np.ndarray, clusters: int | None, seed: int = 0, layer: str = "", noise: str = "code"
) -> Clusters:
    """The genome entry of convolution weights (out, in, k, k).

    None finds the number of clusters by `elbow`. Clusters are ordered from the rarest to the most
    frequent: the sampler fills a kernel in this order and the last one takes what is left, so the
    rounding of the others changes its frequency least (the authors keep the order in which k-means
    happened to find them). Where a layer has fewer distinct filters than `clusters`, it gets as
    many clusters as filters.

    `noise`: the paper's text draws a weight with "the standard deviation of clustered weights"
    around its centre; that is `text`, the root of the mean squared distance between the weights of
    a cluster's members and its centre. Its authors' `code` takes the mean over the members of the
    standard deviation of (centre - filter) over the k x k weights. This leaves out what all weights
    of a filter share (3 x 3 filters sampled with it measure 0.91 of it), and is 0 for 1 x 1 layers,
    whose weights then take two values only. The published numbers come from `code`.
    """
    out_channels, in_channels = weights.shape[:2]
    filters = _filters(weights)
    if clusters is None:
        clusters = elbow(filters, seed, layer)
    if filters.shape[1] == 1 and clusters == 2:
        centres = two_means(filters[:, 0])
    else:
        some = subsampled(filters, _SUBSAMPLE, seed, layer, _PURPOSE)
        centres = _k_means(some, clusters, seed, _RESTARTS).cluster_centers_
    labels, members, sums, spread = _assign(filters, centres.astype(np.float64), noise)
    counts = np.stack(
        [
            np.bincount(row, minlength=len(centres))
            for row in labels.reshape(out_channels, in_channels)
        ]
    )
    present = np.flatnonzero(members)
    centres = sums[present] / members[present, None]
    order = sorted(range(len(present)), key=lambda i: (members[present[i]], centres[i].tolist()))
    counts = counts[:, present[order]]
    return Clusters(
        centres=centres[order].tolist(),
        noise=spread[present][order].tolist(),
        count_means=counts.mean(axis=0).tolist(),
        count_stds=counts.std(axis=0).tolist(),
        in_channels=in_channels,
    )


@threadpool_limits.wrap(limits=1)
def elbow(filters: np.ndarray, seed: int = 0, layer: str = "") -> int:
    """The number of clusters, 1 to 15, at the elbow (Thorndike 1953) of the inertia of filters
    (number, k * k).

    The elbow is where the logarithm of the inertia, drawn against the number of clusters, lies
    furthest below the chord between its ends. With the logarithm the choice depends on ratios only,
    neither on the weights' scale nor on their number. The paper names no rule.

    On layers initialised from the authors' parameter files this finds their 7, 5, 8, 4 and 2
    clusters again. On trained weights it does not: those of a CORnet-S after one epoch of CIFAR-10
    have no bend (their inertia falls as that of a normal distribution does), and the rule takes 5,
    5, 6 and 6 clusters for the 3 x 3 layers and 5 or 6 for the 1 x 1 layers, where the paper has 2.
    So the paper's numbers, which its count of 4,166 needs, are the default.
    """
    filters = subsampled(filters, ELBOW_SUBSAMPLE, seed, layer, _PURPOSE)
    candidates = [number for number in CANDIDATE_CLUSTERS if number <= len(filters)]
    inertia = np.array(
        [_k_means(filters, number, seed, ELBOW_RESTARTS).inertia_ for number in candidates]
    )
    if inertia[-1] >= inertia[0]:
        return 1
    height = np.log(np.maximum(inertia / inertia[0], SMALLEST_INERTIA))
    along = np.linspace(0, 1, len(candidates))
    return candidates[int(np.argmax(height / height[-1] - along))]


def unexplained_variance(entry: Clusters, weights: np.ndarray) -> float:
    """The share of the variance of filters around their mean that the clusters fitted to them leave
    within clusters.

    `weights` (out, in, k, k) are those that `entry` was fitted to. 0 where all filters are the
    same.
    """
    shares = np.array(entry.count_means) / entry.in_channels
    centres = np.array(entry.centres)
    filters = _filters(weights)
    total = float(
        sum(
            (filters[begin : begin + _BLOCK].astype(np.float64) ** 2).sum()
            for begin in range(0, len(filters), _BLOCK)
        )
    ) / len(filters)
    around_mean = total - ((shares @ centres) ** 2).sum()
    if around_mean <= 1e-12 * total:
        return 0.0
    return max(0.0, float((total - shares @ (centres**2).sum(axis=1)) / around_mean))


def two_means(values: np.ndarray) -> np.ndarray:
    """The optimal two centres (2, 1) of numbers, or (1, 1) where all are equal.

    On a line the best clusters are the two sides of a cut, so all cuts are compared through prefix
    sums.
    """
    ordered = np.sort(values).astype(np.float64)
    if ordered[0] == ordered[-1]:
        return ordered[:1, None]
    below = np.arange(1, len(ordered))
    above = len(ordered) - below
    sums = ordered.cumsum()
    low, high = sums[:-1] / below, (sums[-1] - sums[:-1]) / above
    cut = np.argmax(below * low**2 + above * high**2)
    return np.array([[low[cut]], [high[cut]]])


def _filters(weights: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(
        weights.reshape(weights.shape[0] * weights.shape[1], -1), dtype=np.float32
    )


def _k_means(filters: np.ndarray, clusters: int, seed: int, restarts: int) -> KMeans:
    estimator = KMeans(min(clusters, len(filters)), n_init=restarts, random_state=seed)
    with warnings.catch_warnings():
        # fewer distinct filters: the caller drops empty clusters
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(filters)


def _assign(
    filters: np.ndarray, centres: np.ndarray, noise: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Each filter's nearest centre; per centre number, sum and noise of its filters."""
    number, width = len(centres), filters.shape[1]
    labels = np.empty(len(filters), dtype=np.int64)
    members, sums, spread = np.zeros(number), np.zeros((number, width)), np.zeros(number)
    offset = (centres**2).sum(axis=1)
    for begin in range(0, len(filters), _BLOCK):
        block = filters[begin : begin + _BLOCK]
        label = (offset - 2 * (block @ centres.T)).argmin(axis=1)
        labels[begin : begin + _BLOCK] = label
        members += np.bincount(label, minlength=number)
        for column in range(width):
            sums[:, column] += np.bincount(label, weights=block[:, column], minlength=number)
        deviation = centres[label] - block
        measure = deviation.std(axis=1) if noise == "code" else (deviation**2).mean(axis=1)
        spread += np.bincount(label, weights=measure, minlength=number)
    spread /= np.maximum(members, 1)
    return labels, members, sums, spread if noise == "code" else np.sqrt(spread)
