"""The authors' side experiments, which their score database has and the paper does not: births
without clusters, with clusters in V1.conv1, from raw kernels, from the best distribution, and the
other layers of HMAX.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from conftest import shared

from brainscore_wiring.architectures import architecture, build
from brainscore_wiring.architectures.layers import convolutions_of
from brainscore_wiring.catalogue import CATALOGUE, variant
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.errors import WiringError
from brainscore_wiring.networks.hmax import HMAXPrototypes, best_matches, matches
from brainscore_wiring.weight_compression.entries.best_distribution import (
    DISTRIBUTIONS,
    BestDistribution,
    fit_best_distribution,
    fit_family,
    quantile_table,
)
from brainscore_wiring.weight_compression.entries.factored_gaussian import (
    WholeKernels,
    fit_whole_kernels,
)
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal


def test_every_row_can_be_built_once_its_weights_are_there():
    reasons = [resolve(row).reason for row in CATALOGUE.values()]
    assert not [reason for reason in reasons if "cannot be built" in reason]


@pytest.mark.parametrize(
    "row, numbers",
    [
        ("cornet_s_gabor_only", 3_782),
        ("cornet_s_wc_clustered_v1_conv1", 858),
        ("cornet_s_wc_raw_mixture_v1_conv1", 22_199),
        ("cornet_s_best_distribution", 410_241 + 3_724 + 58 + 15 + 2 * 9_856),
    ],
)
def test_numbers_are_counted_in_the_papers_way(row, numbers):
    assert birth_of(variant(row)).genome.stored_numbers() == numbers


def test_the_gabor_prior_alone_leaves_all_other_convolutions_to_kaiming_normal():
    alone, compressed = (
        birth_of(variant(f"cornet_s_{name}")).genome.layers for name in ("gabor_only", "wc")
    )
    assert alone.keys() == compressed.keys()
    changed = {name for name, entry in alone.items() if entry != compressed[name]}
    assert changed == {name for name in convolutions_of("cornet_s") if name != "V1.conv1"}
    assert {alone[name].kind for name in changed} == {"kaiming_normal"}
    shape = (128, 64, 1, 1)
    sampled = alone["V2.conv_input"].sample(shape, 5, "V2.conv_input")
    assert (sampled == kaiming_normal(shape, 5, "V2.conv_input")).all()


def test_clusters_of_the_first_layer_come_from_the_authors_file_too():
    row = variant("cornet_s_wc_clustered_v1_conv1_ct")
    entry = birth_of(row, genome=shared("reference/pretrained")).genome.layers["V1.conv1"]
    assert (entry.kind, len(entry.centres), len(entry.centres[0])) == ("clusters", 8, 49)
    assert sum(entry.count_means) == pytest.approx(3, abs=0.05)
    assert birth_of(row).genome.layers["V1.conv1"].in_channels == 3


@pytest.fixture(scope="module")
def kernels():
    random = np.random.default_rng(0)
    return random.normal(size=(20, 3, 5, 5)).astype(np.float32) * np.arange(1, 6, dtype=np.float32)


def test_raw_kernels_have_the_mean_and_covariance_of_the_trained_ones(kernels):
    entry = fit_whole_kernels(kernels)
    rows = kernels.reshape(20, -1).astype(np.float64)
    factor = np.array(entry.factor)
    assert len(factor) == 19  # 20 kernels around their mean
    np.testing.assert_allclose(factor.T @ factor, np.cov(rows.T, bias=True), atol=1e-4)
    sampled = entry.sample((4000, 3, 5, 5), 0, "layer").reshape(4000, -1)
    np.testing.assert_allclose(sampled.mean(axis=0), rows.mean(axis=0), atol=0.5)
    assert np.corrcoef(np.cov(sampled.T).ravel(), np.cov(rows.T).ravel())[0, 1] > 0.95
    with pytest.raises(WiringError, match="75 weights"):
        entry.sample((4, 3, 3, 3), 0, "layer")


@pytest.mark.parametrize("number", range(len(DISTRIBUTIONS)))
def test_a_family_is_found_again_with_its_place_and_scale(number):
    entry = BestDistribution(number, [0.5, -1.0] * 8, [0.1, 0.02] * 8)
    entry.check_finite()
    entry.check()
    weights = entry.sample((16, 1000, 3, 3), 3, "layer")
    places, scales = fit_family(weights.reshape(16, -1), DISTRIBUTIONS[number])
    assert places == pytest.approx(entry.places, abs=0.01)
    assert scales == pytest.approx(entry.scales, rel=0.1)
    assert fit_best_distribution(weights).family == number


def test_tables_have_the_quantiles_of_their_families():
    for number, family in enumerate(DISTRIBUTIONS):
        values = quantile_table(number) / 4096
        assert values[32768 + 16384] == pytest.approx(family.quantile(0.75), abs=1e-3)
        assert (values == -values[::-1]).all()


@pytest.mark.parametrize(
    "fields, complaint",
    [
        ({"family": len(DISTRIBUTIONS)}, "number"),
        ({"family": -1}, "number"),
        ({"scales": [-1.0]}, "negative"),
        ({"scales": []}, "unequal"),
    ],
)
def test_an_impossible_distribution_in_a_genome_is_refused(fields, complaint):
    entry = BestDistribution(**{"family": 0, "places": [0.0], "scales": [1.0], **fields})
    with pytest.raises(WiringError, match=complaint):
        Genome.from_json(Genome({"V2.conv1": entry}).to_json())


def test_kernels_of_zeros_stay_zeros():
    fitted = fit_best_distribution(np.zeros((4, 2, 3, 3), np.float32))
    assert not fitted.sample((4, 2, 3, 3), 0, "layer").any()


@pytest.mark.parametrize("row", ["hmax_layers_2", "hmax_layers_3"])
def test_larger_prototypes_stand_for_later_regions(row):
    one = architecture(variant(row).architecture)
    shown = [module for module, _ in build(one.name).named_modules() if module]
    assert [*one.region_map.regions.values()] == shown and len(shown) == 4
    assert one.region_map.behaviour == one.region_map.logits == shown[-1]


def test_shape_tuned_units_are_those_whose_best_is_taken_by_c2():
    generator = torch.Generator().manual_seed(0)
    c1 = torch.rand(2, 4, 12, 12, generator=generator)
    patches = torch.rand(5, 4, 4, 4, generator=generator)
    patches[3] = c1[1, :, 2:6, 5:9]
    units = matches(c1, patches)
    assert units.shape == (2, 5, 9, 9)
    assert units[1, 3, 2, 5] == pytest.approx(1, abs=1e-4)
    assert torch.equal(units.amax(dim=(2, 3)), best_matches(c1, patches))


def test_a_network_of_prototypes_shows_every_fourth_position_of_each_band():
    with torch.inference_mode():
        units = HMAXPrototypes((16,))(torch.full((1, 3, 192, 192), 0.5))
    # sides of C1 at 192 px, and of what a patch of 16 leaves of them
    sides = [(192 - pool) // (pool // 2) + 1 for pool in range(8, 23, 2)]
    shown = [math.ceil((side - 15) / 4) for side in sides]
    assert units.shape == (1, 100 * sum(side**2 for side in shown))


def test_a_factored_gaussian_without_spread_gives_its_mean():
    entry = WholeKernels([1.0, 2.0], [])
    assert entry.sample((3, 2, 1, 1), 0, "layer").reshape(3, 2).tolist() == [[1, 2]] * 3
