"""Clusters of a trained convolution's filters and how often each occurs in a kernel (paper, section 4).

k-means (k-means++ starts) over all k x k filters of a layer, one filter per kernel and input channel. Two clusters of a
1 x 1 layer are found exactly, by sorting; otherwise a fixed subsample of filters places the centres (with 9 numbers per
centre, 100,000 filters fix them to 0.01 % of the inertia), and one pass over all filters counts and measures.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from brainscore_wiring.weight_compression.clusters import Clusters
from brainscore_wiring.weight_compression.random_streams import Stream

SUBSAMPLE = 100_000
RESTARTS = 10
#: Filters that the pass over a whole layer handles at a time.
BLOCK = 1 << 18


@threadpool_limits.wrap(limits=1)  # several threads add up in an order that changes from run to run
def fit_clusters(weights: np.ndarray, clusters: int, seed: int = 0, layer: str = "") -> Clusters:
    """The genome entry of convolution weights (out, in, k, k).

    Clusters are ordered from the rarest to the most frequent: the sampler fills a kernel in this order and the last one
    takes what is left, so the rounding of the others changes its frequency least. Where a layer has fewer distinct
    filters than `clusters`, it gets as many clusters as filters.

    A cluster's noise is the authors' measure: the mean over its members of the standard deviation of (centre - filter)
    over the k x k weights, 0 for 1 x 1 layers. It leaves out what all weights of a filter share, so 3 x 3 filters drawn
    with it measure 0.91 of it.
    """
    out_channels, in_channels = weights.shape[:2]
    filters = np.ascontiguousarray(weights.reshape(out_channels * in_channels, -1), dtype=np.float32)
    if filters.shape[1] == 1 and clusters == 2:
        centres = two_means(filters[:, 0])
    else:
        centres = _k_means(filters, clusters, seed, layer)
    labels, members, sums, noise = _assign(filters, centres)
    counts = np.stack([np.bincount(row, minlength=len(centres))
                       for row in labels.reshape(out_channels, in_channels)])
    present = np.flatnonzero(members)
    centres = sums[present] / members[present, None]
    order = sorted(range(len(present)), key=lambda i: (members[present[i]], centres[i].tolist()))
    counts = counts[:, present[order]]
    return Clusters(centres=centres[order].tolist(), noise=(noise[present] / members[present])[order].tolist(),
                    count_means=counts.mean(axis=0).tolist(), count_stds=counts.std(axis=0).tolist(),
                    in_channels=in_channels)


def two_means(values: np.ndarray) -> np.ndarray:
    """The optimal two centres (2, 1) of numbers, or (1, 1) where all are equal.

    On a line the best clusters are the two sides of a cut, so all cuts are compared through prefix sums.
    """
    ordered = np.sort(values).astype(np.float64)
    if ordered[0] == ordered[-1]:
        return ordered[:1, None]
    below = np.arange(1, len(ordered))
    above = len(ordered) - below
    sums = ordered.cumsum()
    low, high = sums[:-1] / below, (sums[-1] - sums[:-1]) / above
    cut = np.argmax(below * low ** 2 + above * high ** 2)
    return np.array([[low[cut]], [high[cut]]])


def _k_means(filters: np.ndarray, clusters: int, seed: int, layer: str) -> np.ndarray:
    if len(filters) > SUBSAMPLE:
        chosen = np.argpartition(Stream(seed, layer, "k-means subsample").words(len(filters)), SUBSAMPLE)[:SUBSAMPLE]
        filters = filters[np.sort(chosen)]
    estimator = KMeans(min(clusters, len(filters)), n_init=RESTARTS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct filters: the caller drops empty clusters
        return estimator.fit(filters).cluster_centers_.astype(np.float64)


def _assign(filters: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Each filter's nearest centre, and per centre the number, the sum and the summed noise of its filters."""
    number, width = len(centres), filters.shape[1]
    labels = np.empty(len(filters), dtype=np.int64)
    members, sums, noise = np.zeros(number), np.zeros((number, width)), np.zeros(number)
    offset = (centres ** 2).sum(axis=1)
    for begin in range(0, len(filters), BLOCK):
        block = filters[begin:begin + BLOCK]
        label = (offset - 2 * (block @ centres.T)).argmin(axis=1)
        labels[begin:begin + BLOCK] = label
        members += np.bincount(label, minlength=number)
        for column in range(width):
            sums[:, column] += np.bincount(label, weights=block[:, column], minlength=number)
        deviation = (centres[label] - block).std(axis=1) if width > 1 else np.zeros(len(block))
        noise += np.bincount(label, weights=deviation, minlength=number)
    return labels, members, sums, noise
