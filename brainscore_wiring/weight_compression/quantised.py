"""Genomes whose numbers are rounded to fewer bits.

Each list of an entry (centres, noise, frequencies) is rounded to 2^bits evenly spaced levels that
span its values and include 0; the spacing is kept in single precision, and the place of 0 among the
levels in as many bits as a number. Numbers that a layer has only one of (batch norm's) share their
levels over layers. A Gabor mixture is rounded in units of each parameter's largest standard
deviation, and its covariances through their Cholesky factors, so that they stay covariances; of the
factors only the lower triangle is kept. This is affine quantisation (Jacob et al. 2018, arXiv
1712.05877), applied to the description of the weights instead of the weights.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import fields, replace
from typing import Any

import numpy as np

from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression.entries.aligned_channels import AlignedChannels
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture, cholesky
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.genome import BITS_PER_NUMBER, Genome


def quantised(genome: Genome, bits: int) -> Genome:
    """The genome with every number rounded to `bits` bits; it knows how many bits it takes.

    Raises `WrongUsage` for other than 1 to 16 bits, `WiringError` for a genome whose channels are
    aligned with activity: rounded spectra would no longer have the mean 1.
    """
    if not 1 <= bits <= 16:
        raise WrongUsage(
            f"Numbers can be rounded to 1 to 16 bits, not {bits}: 8, 4 and 2 are usual."
        )
    spent = 0
    layers: dict[str, Entry] = {}
    single: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for name, entry in genome.layers.items():
        if isinstance(entry, AlignedChannels):
            raise WiringError(
                f"The genome aligns {name} with activity: only genomes that do not can be kept in "
                "fewer bits, `brainscore compress CHECKPOINT -o GENOME` writes one."
            )
        if isinstance(entry, GaborMixture):
            layers[name], cost = _mixture(entry, bits)
            spent += cost
            continue
        changes: dict[str, Any] = {}
        for field in fields(entry):
            value = getattr(entry, field.name)
            if isinstance(value, float):
                single[entry.kind, field.name][name] = value
            elif isinstance(value, list):
                rounded, cost = _rounded(np.array(value), bits)
                changes[field.name] = rounded.tolist()
                spent += cost
        layers[name] = replace(entry, **changes)
    for (_, field_name), values in single.items():
        rounded, cost = _rounded(np.array(list(values.values())), bits)
        spent += cost
        for name, value in zip(values, rounded.tolist()):
            layers[name] = replace(layers[name], **{field_name: value})
    return replace(
        genome, layers=layers, stored_bits=spent, source=genome.source | {"bits_per_number": bits}
    )


def _rounded(values: np.ndarray, bits: int) -> tuple[np.ndarray, int]:
    """Values on 2^bits levels, and the bits that they, their spacing and the place of 0 take."""
    if not values.size:
        return values, 0
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    levels = 2**bits - 1
    step = float(np.float32((high - low) / levels))
    if step > 0:
        zero = round(-low / step)
        values = (np.clip(np.rint(values / step) + zero, 0, levels) - zero) * step
    return values, bits * values.size + BITS_PER_NUMBER + bits


def _mixture(entry: GaborMixture, bits: int) -> tuple[GaborMixture, int]:
    covariances = np.array(entry.covariances)
    deviations = np.sqrt(np.einsum("cii->ci", covariances).max(axis=0))
    unit = deviations.astype(np.float32).astype(np.float64)
    unit[unit == 0] = 1
    weights, spent = _rounded(np.array(entry.weights), bits)
    means, cost = _rounded(np.array(entry.means) / unit, bits)
    spent += cost + BITS_PER_NUMBER * unit.size
    rounded = []
    for covariance in covariances:
        factor = np.array(cholesky(covariance.tolist())) / unit[:, None]
        lower = np.tril_indices(len(factor))
        factor[lower], cost = _rounded(factor[lower], bits)
        factor *= unit[:, None]
        # exact sums, rounded once: the last bits of a matrix product differ between machines, and
        # the square roots of a factor's near-zeros would make steps of the Gabors' grid out of them
        rounded.append([[math.fsum((row * other).tolist()) for other in factor] for row in factor])
        spent += cost
    return GaborMixture(weights.tolist(), (means * unit).tolist(), rounded), spent
