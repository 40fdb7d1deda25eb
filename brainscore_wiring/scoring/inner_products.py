"""Inner products of images, summed over chunks of columns, for layers with far more features than
images: regressions, and correlations of images, need nothing else of the features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: The share of a prediction's spread over images that rounding may change.
SETTLED = 1e-9
EPSILON = np.finfo(np.float64).eps
#: Columns of a chunk, at least; and float64 values of a chunk where there are few images.
_COLUMNS, _CHUNK = 4096, 2**21


class RoundingDecides(ArithmeticError):
    """The result hangs on the order of floating-point sums, as with too many components."""


@dataclass(frozen=True)
class InnerProducts:
    """Inner products (images, images) of `features` (images, features) around their mean, and
    `sums` over images.

    `features` is kept as it is, in memory or on disk; nothing here copies more of it than a chunk
    of columns.
    """

    features: Any
    products: np.ndarray
    sums: np.ndarray

    @classmethod
    def of(cls, features: Any) -> InnerProducts:
        images, width = features.shape
        products, update, sums = (
            np.zeros((images, images)),
            np.empty((images, images)),
            np.empty(width),
        )
        for columns in _chunks(features):
            values = features[:, columns].astype(np.float64)
            sums[columns] = values.sum(axis=0)
            values -= sums[columns] / images
            # numpy sees the symmetry: half the multiplications
            products += np.matmul(values, values.T, out=update)
            del values  # before the next chunk is read
        return cls(features, products, sums)

    def with_training(self, images: np.ndarray, training: np.ndarray) -> np.ndarray:
        """Inner products (images, training images), centred on the training images."""
        share = np.bincount(training, minlength=len(self.products)) / len(training)
        among = (share @ self.products)[training]
        products = self.products[np.ix_(images, training)]
        products -= products.mean(axis=1, keepdims=True)
        products -= among - among.mean()
        return products

    def rounding(self, images: np.ndarray, training: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """What predictions (images, targets) gain where features are centred in their own, short
        floats.

        scikit-learn subtracts the training mean from features to predict from in their own
        precision; in float32 that shows from the seventh digit on. Weights are (training images,
        targets). Zero for float64.
        """
        features = self.features
        gain = np.zeros((len(images), weights.shape[1]))
        if features.dtype not in (np.float32, np.float16):
            return gain
        # digits enough for so small a gain
        working = np.float32 if features.dtype == np.float32 else np.float64
        left_out = np.setdiff1d(np.arange(len(features)), training)
        everywhere = np.zeros((len(features), weights.shape[1]), working)
        everywhere[training] = weights
        for columns in _chunks(features):
            mean = (
                self.sums[columns] - features[left_out, columns].sum(axis=0, dtype=np.float64)
            ) / len(training)
            centred = features[images, columns] - mean
            lost: np.ndarray = (centred.astype(features.dtype) - centred).astype(working)
            part: np.ndarray = features[:, columns].T.astype(working, copy=False)
            gain += (
                lost @ part @ everywhere
                if len(images) < weights.shape[1]
                else lost @ (part @ everywhere)
            )
        return gain


def _chunks(features: Any) -> Iterator[slice]:
    """Slices that together are all columns of features (images, features)."""
    images, width = features.shape
    step = max(_COLUMNS, _CHUNK // images)
    return (slice(start, min(start + step, width)) for start in range(0, width, step))


def correlations(features: Any) -> np.ndarray:
    """Pearson's r (images, images) of all pairs of images over features (images, features)."""
    images, width = features.shape
    means = sum(features[:, columns].sum(axis=1, dtype=np.float64) for columns in _chunks(features))
    products, update = np.zeros((images, images)), np.empty((images, images))
    for columns in _chunks(features):
        values = features[:, columns] - (means / width)[:, np.newaxis]
        products += np.matmul(values, values.T, out=update)
    spread = np.sqrt(np.diag(products))
    with np.errstate(divide="ignore", invalid="ignore"):  # images without spread have no r
        products /= spread[:, np.newaxis]
        products /= spread
    return np.clip(products, -1, 1, out=products)


class Stacked:
    """Features (images, features) of several recordings, copied where they are read."""

    def __init__(self, parts: Sequence[np.ndarray]):
        self._parts = parts
        self._ends = np.cumsum([len(part) for part in parts])
        self.shape = (int(self._ends[-1]), parts[0].shape[1])
        self.dtype = np.result_type(*parts)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        """Rows by number, or all of them (a slice); some or all of their columns."""
        rows, columns = index if isinstance(index, tuple) else (index, slice(None))
        numbers = np.arange(len(self))[rows]
        width = len(range(*columns.indices(self.shape[1])))
        found = np.empty((len(numbers), width), self.dtype)
        for part, end in zip(self._parts, self._ends):
            inside = (numbers >= end - len(part)) & (numbers < end)
            found[inside] = part[numbers[inside] - (end - len(part)), columns]
        return found
