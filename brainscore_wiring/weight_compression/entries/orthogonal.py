"""Orthogonal weights.

A birth state without any stored number that neither stretches nor squeezes its input. The
idea is that of Saxe, McClelland and Ganguli ("Exact solutions to the nonlinear dynamics of learning
in deep linear neural networks", ICLR 2014, arXiv 1312.6120), taken to convolutions by Xiao et al.
("Dynamical isometry and a mean field theory of CNNs", ICML 2018, arXiv 1806.05393): weights that
keep lengths and angles let signals and errors pass through many layers. No numbers are kept.

What differs from the sources: orthogonal are the kernels, flattened to rows of in * k * k weights,
as in Saxe et al., not only their central weights (Xiao et al.), and the scale is Kaiming Normal's,
so that only the arrangement of weights tells this birth from that one. A random orthogonal matrix
is a product of two Hadamard matrices with random signs and a random order between them instead of
the factor of a normal matrix: its entries are whole numbers, the same bits everywhere, and look
normally distributed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.filters import random_signs


@dataclass(frozen=True)
class Orthogonal(Entry):
    """Orthogonal kernels of equal length or, of more kernels than weights, orthogonal columns."""

    kind: ClassVar[str] = "orthogonal"

    def stored_numbers(self) -> int:
        return 0

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        out_channels, in_channels, height, width = shape
        inputs = in_channels * height * width
        short, long = sorted((out_channels, inputs))
        block = long & -long  # the largest power of two that divides it
        rows = (
            _hadamard_rows(short, block, long // block, seed, layer)
            if block >= short
            else _gram_schmidt(short, long, seed, layer)
        )
        rows *= np.float32(math.sqrt(2 / (height * width * out_channels)))
        return np.ascontiguousarray(rows if out_channels == short else rows.T).reshape(shape)


def _hadamard_rows(count: int, size: int, blocks: int, seed: int, layer: str) -> np.ndarray:
    """Orthogonal rows (count, blocks * size) of variance 1 in float32.

    `size` is a power of two, at least `count`. Each block is H S P H / sqrt(size) with a Hadamard
    matrix H, random signs S and a random order P. Blocks side by side keep the rows orthogonal.
    Before the one division all entries are whole numbers up to `size`.
    """
    hadamard = _hadamard(size)
    signs = random_signs(blocks * size, seed, layer, "orthogonal signs").reshape(blocks, size)
    keys = Stream(seed, layer, "orthogonal order").words(blocks * size).reshape(blocks, size)
    rows = np.empty((count, blocks, size), np.float32)
    for block in range(blocks):
        order = np.argsort(keys[block], kind="stable")
        rows[:, block] = _times_hadamard((hadamard[:count] * signs[block])[:, order])
    rows *= np.float32(1 / math.sqrt(size))
    return rows.reshape(count, blocks * size)


def _hadamard(size: int) -> np.ndarray:
    """Sylvester's Hadamard matrix (size, size) of +-1 in float32; `size` is a power of two."""
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def _times_hadamard(rows: np.ndarray) -> np.ndarray:
    """Rows (n, size) times the Hadamard matrix, by the fast transform.

    Log2(size) sums and differences.
    """
    count, size = rows.shape
    half = 1
    while half < size:
        pairs = rows.reshape(count, -1, 2, half)
        rows = np.stack([pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]], axis=2)
        half *= 2
    return rows.reshape(count, size)


def _gram_schmidt(count: int, size: int, seed: int, layer: str) -> np.ndarray:
    """Orthogonal rows (count, size) of mean square 1 in float32, from normals.

    For sizes that no power of two fills. `fsum` rounds its exact sum once, so the order of the
    terms, and with it the machine, does not matter.
    """
    rows = Stream(seed, layer, "orthogonal rows").normal(count, size).astype(np.float64)
    for number, row in enumerate(rows):
        for _ in range(2):  # the second pass removes what rounding left of the first
            for earlier in rows[:number]:
                row -= earlier * math.fsum((row * earlier).tolist())
        row /= math.sqrt(math.fsum((row * row).tolist()))
    return (rows * math.sqrt(size)).astype(np.float32)
