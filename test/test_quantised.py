"""Genomes in fewer bits: how many bits they take, and that what is drawn from them stays
possible.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints.initial_weights import birth_of, read_genome
from brainscore_wiring.checkpoints.locate import packaged_genome
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression.entries.batch_norm_normals import BatchNormNormals
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.quantised import quantised

PACKAGED = read_genome(packaged_genome())


def two_layers(centres: list[list[float]]) -> Genome:
    count = len(centres)
    return Genome(
        {
            "a": Clusters(centres, [0.1] * count, [4.0] * count, [1.0] * count, 4 * count),
            "b": BatchNormNormals(1.0, 0.1, 0.0, 0.2),
            "c": BatchNormNormals(0.6, 0.3, 0.1, 0.0),
        }
    )


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.floats(-1, 1, width=32), min_size=9, max_size=9), min_size=1, max_size=6),
    st.integers(1, 16),
)
def test_no_number_moves_further_than_a_level(centres, bits):
    before, after = (
        np.array(genome.layers["a"].centres)
        for genome in (two_layers(centres), quantised(two_layers(centres), bits))
    )
    span = max(before.max(), 0) - min(before.min(), 0)
    assert np.abs(after - before).max() <= span / (2**bits - 1) * 1.01 + 1e-6
    assert len(np.unique(after)) <= 2**bits


def test_bits_are_those_of_every_number_and_of_the_levels_of_every_list():
    genome = quantised(two_layers([[0.0] * 9, [1.0] * 9]), 4)
    # four lists of the clusters; gamma's and beta's mean and spread
    numbers, lists = (
        2 * 9 + 3 * 2 + 2 * 4,
        4 + 4,
    )
    assert genome.bits() == 4 * numbers + (32 + 4) * lists
    assert Genome.from_json(genome.to_json()) == genome


def test_bits_of_a_mixture_are_those_of_weights_scaled_means_scales_and_triangles():
    covariances = [np.eye(10).tolist()] * 2
    genome = Genome({"a": GaborMixture([0.4, 0.6], [[0.5] * 10, [0.1] * 10], covariances)})
    numbers, lists = 2 + 2 * 10 + 2 * 55, 1 + 1 + 2
    assert quantised(genome, 6).bits() == 6 * numbers + 32 * 10 + (32 + 6) * lists


def test_a_number_that_a_layer_has_once_shares_its_levels_over_layers():
    layers = quantised(two_layers([[0.0] * 9]), 2).layers
    assert layers["b"].gamma_mean == pytest.approx(1.0) and layers["c"].gamma_mean == pytest.approx(
        2 / 3
    )


@pytest.mark.parametrize("birth", ["low_rank_filters", "derivative_bank"])
def test_lists_that_are_empty_in_some_layers_take_no_bits(birth):
    genome = read_genome(packaged_genome(birth))
    rounded = quantised(genome, 8)
    assert rounded.layers["V2.skip"].kind == birth and rounded.bits() < genome.bits() / 2


def test_a_genome_aligned_with_activity_and_an_impossible_number_of_bits_are_refused():
    with pytest.raises(WiringError, match="aligns V1.conv2 with activity"):
        quantised(read_genome(packaged_genome("rainbow_4")), 8)
    with pytest.raises(WrongUsage, match="1 to 16 bits, not 0"):
        quantised(PACKAGED, 0)


@pytest.mark.parametrize("bits", [8, 4, 2])
def test_the_packaged_genome_can_be_born_from_fewer_bits(bits):
    genome = birth_of(variant(f"cornet_s_wc_{bits}_bits")).genome
    assert (
        genome.stored_numbers() == PACKAGED.stored_numbers()
        and genome.bits() < PACKAGED.bits() * bits / 16
    )
    kernels = genome.layers["V1.conv1"].sample((64, 3, 7, 7), 0, "V1.conv1")
    trained = PACKAGED.layers["V1.conv1"].sample((64, 3, 7, 7), 0, "V1.conv1")
    assert np.isfinite(kernels).all() and 0.3 < kernels.std() / trained.std() < 3
    for entry in genome.layers.values():
        entry.check()
