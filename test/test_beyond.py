"""Births beyond the paper's that need no images: low-rank filters, derivative bank, orthogonal and
smooth weights.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from brainscore_wiring.catalogue import variant
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression.births import BIRTH_STATES
from brainscore_wiring.weight_compression.entries.derivative_bank import (
    DerivativeBank,
    bank,
    fit_derivative_bank,
    turned_bank,
)
from brainscore_wiring.weight_compression.entries.low_rank_filters import (
    LowRankFilters,
    fit_low_rank_filters,
)
from brainscore_wiring.weight_compression.entries.orthogonal import Orthogonal
from brainscore_wiring.weight_compression.entries.smooth_filters import (
    LUMINANCE,
    SmoothFilters,
    smooth_patterns,
)
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal

LOW_RANK = LowRankFilters([0.1] * 9, [[0.5, 0.25, 0.0] * 3, [0.125, -0.125, 0.25] * 3], 0.05)
BANK = DerivativeBank([0.1, -0.05], [[0.4, 0.2, 0.3, 0.1], [0.05, 0.1, 0.2, 0.15]], 0.02, 0.6)
POINTWISE_BANK = DerivativeBank([0.02], [], 0.05, 0.0)
ENTRIES = {
    "low rank": (LOW_RANK, (8, 16, 3, 3)),
    "bank": (BANK, (16, 3, 7, 7)),
    "pointwise bank": (POINTWISE_BANK, (8, 16, 1, 1)),
    "orthogonal": (Orthogonal(), (8, 16, 3, 3)),
    "orthogonal 147": (Orthogonal(), (16, 3, 7, 7)),
    "smooth": (SmoothFilters(), (16, 3, 7, 7)),
    "smooth 3 x 3": (SmoothFilters(), (8, 16, 3, 3)),
}
PROPERTY = settings(derandomize=True, deadline=None, max_examples=8)


def digests() -> dict[str, str]:
    return {
        name: hashlib.sha256(entry.sample(shape, 3, "layer").astype("<f4").tobytes()).hexdigest()[
            :16
        ]
        for name, (entry, shape) in ENTRIES.items()
    }


def test_weights_have_the_pinned_bits():
    assert digests() == GOLDEN


def test_the_number_of_threads_does_not_change_a_bit():
    with threadpool_limits(2):
        assert digests() == GOLDEN


@pytest.mark.parametrize("name", ENTRIES)
def test_another_seed_and_another_layer_draw_other_weights(name):
    entry, shape = ENTRIES[name]
    weights = entry.sample(shape, 3, "layer")
    assert (
        weights != entry.sample(shape, 4, "layer")
    ).mean() > 0.4  # with few values, some agree by chance
    assert (weights != entry.sample(shape, 3, "other")).mean() > 0.4


def test_entries_survive_the_genome_file():
    genome = Genome({name: entry for name, (entry, _) in ENTRIES.items()})
    assert Genome.from_json(genome.to_json()) == genome


@pytest.mark.parametrize(
    "entry",
    [
        LowRankFilters([0.1] * 9, [[1.0] * 8], 0.1),
        LowRankFilters([0.1] * 9, [[1.0] * 9] * 9, 0.1),
        LowRankFilters([0.1] * 9, [], -0.1),
        DerivativeBank([0.1], [[0.1] * 4] * 2, 0.1, 0.0),
        DerivativeBank([0.1], [[0.1, 0.1, 0.1, -0.1]], 0.1, 0.0),
        DerivativeBank([0.1], [[0.1] * 4], 0.1, 1.5),
        LowRankFilters([0.1] * 8 + [math.nan], [], 0.1),
    ],
)
def test_an_entry_that_nothing_can_be_drawn_from_is_refused(entry):
    with pytest.raises(ValueError):
        entry.check_finite()
        entry.check()


@pytest.mark.parametrize(
    "entry, shape",
    [
        (LOW_RANK, (4, 4, 1, 1)),
        (BANK, (4, 3, 3, 3)),
        (BANK, (4, 3, 7, 5)),
        (POINTWISE_BANK, (4, 4, 3, 3)),
        (SmoothFilters(), (4, 4, 3, 5)),
    ],
)
def test_an_entry_of_another_layer_is_refused_by_name(entry, shape):
    with pytest.raises(WiringError, match="V2.conv2"):
        entry.sample(shape, 0, "V2.conv2")


@PROPERTY
@given(side=st.sampled_from([1, 3, 5, 7]), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_planted_low_rank_filters_are_recovered_within_five_percent(side, seed, data):
    width = side * side
    rank = data.draw(st.integers(0, min(width - 1, 4)))
    generator = np.random.default_rng(seed)
    scales = 2.0 ** -np.arange(rank)
    planted = LowRankFilters(
        generator.uniform(-1, 1, width).tolist(),
        (np.linalg.qr(generator.normal(size=(width, width)))[0][:rank] * scales[:, None]).tolist(),
        0.05,
    )
    fitted = fit_low_rank_filters(
        planted.sample((100, 200, side, side), seed % 1000, "layer"), rank
    )
    assert fitted.stored_numbers() == planted.stored_numbers() == width * (1 + rank) + 1
    np.testing.assert_allclose(fitted.mean, planted.mean, atol=0.03)  # standard error below 0.007
    assert fitted.residual_std == pytest.approx(0.05, rel=0.05)
    covariances = [
        np.array(entry.factor).T @ np.array(entry.factor) if rank else np.zeros(1)
        for entry in (planted, fitted)
    ]
    assert np.linalg.norm(covariances[1] - covariances[0]) <= 0.05 * np.linalg.norm(covariances[0])


@PROPERTY
@given(
    side=st.sampled_from([1, 3, 5, 7]),
    seed=st.integers(0, 2**32 - 1),
    correlation=st.floats(0, 0.9),
)
def test_a_planted_derivative_bank_is_recovered_within_five_percent(side, seed, correlation):
    generator = np.random.default_rng(seed)
    widths = {1: 0, 3: 1, 5: 2, 7: 2}[side]
    means = generator.uniform(0.2, 0.4, max(1, widths))
    planted = DerivativeBank(
        means.tolist(),
        generator.uniform(0.5, 1, (widths, 4)).tolist(),
        0.1,
        correlation if widths else 0.0,
    )
    fitted = fit_derivative_bank(planted.sample((20_000, 3, side, side), seed % 1000, "layer"))
    assert fitted.stored_numbers() == planted.stored_numbers() == {1: 2, 3: 7, 5: 12, 7: 12}[side]
    # standard error 0.006
    np.testing.assert_allclose(fitted.gaussian_means, planted.gaussian_means, atol=0.03)
    assert len(fitted.stds) == widths
    np.testing.assert_allclose(np.ravel(fitted.stds), np.ravel(planted.stds), rtol=0.05)
    assert fitted.residual_std == pytest.approx(0.1, rel=0.05)
    assert fitted.channel_correlation == pytest.approx(planted.channel_correlation, abs=0.03)


@pytest.mark.parametrize("side", [1, 2, 3, 5, 7])
def test_low_rank_filters_keep_the_variance_of_the_weights(side):
    weights = np.random.default_rng(0).normal(size=(40, 50, side, side)).astype(np.float32)
    weights += weights[..., :1, :1]  # some of it shared
    fitted = fit_low_rank_filters(weights)
    filters = weights.reshape(-1, side * side).astype(np.float64)
    kept = np.square(fitted.factor).sum() + side**2 * fitted.residual_std**2
    assert kept == pytest.approx(filters.var(axis=0).sum(), rel=1e-4)


@pytest.mark.parametrize("side", [1, 2, 3, 5, 7])
def test_constant_weights_come_back_from_low_rank_filters_as_they_were(side):
    weights = np.full((6, 5, side, side), 0.3, np.float32)
    np.testing.assert_array_equal(
        fit_low_rank_filters(weights).sample(weights.shape, 0, "layer"), weights
    )


@pytest.mark.parametrize("side", [1, 2, 3, 5, 7])
def test_constant_weights_come_back_from_the_derivative_bank_with_their_size(side):
    drawn = fit_derivative_bank(np.full((6, 5, side, side), 0.3, np.float32)).sample(
        (4000, 5, side, side), 0, "layer"
    )
    assert np.square(drawn).mean() == pytest.approx(0.09, rel=0.05)


@pytest.mark.parametrize("fit", [fit_low_rank_filters, fit_derivative_bank])
@pytest.mark.parametrize(
    "shape", [(1, 1, 3, 3), (1, 8, 3, 3), (8, 1, 7, 7), (1, 1, 1, 1), (1, 4, 2, 2)]
)
def test_a_layer_of_one_kernel_or_one_channel_can_be_compressed(fit, shape):
    entry = fit(np.random.default_rng(0).normal(size=shape).astype(np.float32))
    entry.check_finite()
    entry.check()
    assert np.isfinite(entry.sample(shape, 0, "layer")).all()


def test_a_rank_that_filters_cannot_have_is_refused():
    with pytest.raises(WrongUsage, match="rank 0 to 8, not 9"):
        fit_low_rank_filters(np.zeros((2, 2, 3, 3), np.float32), 9)


@pytest.mark.parametrize("side", [3, 4, 5, 7, 11])
def test_the_bank_is_orthonormal_at_every_size_and_orientation(side):
    filters = bank(side).astype(np.float64)
    np.testing.assert_allclose(filters @ filters.T, np.eye(len(filters)), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(turned_bank(side), axis=-1), 1, atol=1e-5)


def test_a_quarter_turn_of_the_bank_turns_the_filters_by_a_quarter():
    turned = turned_bank(7).reshape(-1, 256, 7, 7)
    np.testing.assert_allclose(turned[:, 64], np.rot90(turned[:, 0], -1, axes=(1, 2)), atol=1e-5)


def test_the_derivative_bank_keeps_the_variance_of_a_trained_layer():
    weights = BANK.sample((64, 3, 7, 7), 1, "trained") + kaiming_normal((64, 3, 7, 7), 1, "trained")
    drawn = fit_derivative_bank(weights).sample((2000, 3, 7, 7), 0, "layer")
    assert np.square(drawn).mean() == pytest.approx(np.square(weights).mean(), rel=0.03)


@pytest.mark.parametrize(
    "shape",
    [
        (64, 3, 7, 7),
        (64, 64, 3, 3),
        (128, 64, 1, 1),
        (32, 128, 1, 1),
        (64, 1, 3, 3),
        (6, 10, 1, 1),
        (1, 1, 1, 1),
        (24, 24, 3, 3),
    ],
)
def test_kernels_are_orthogonal_with_the_variance_of_kaiming_normal(shape):
    weights = Orthogonal().sample(shape, 0, "layer")
    matrix = weights.reshape(shape[0], -1).astype(np.float64)
    gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    variance = 2 / (shape[2] * shape[3] * shape[0])
    np.testing.assert_allclose(gram / (variance * max(matrix.shape)), np.eye(len(gram)), atol=1e-6)
    assert np.square(matrix).mean() == pytest.approx(variance, rel=1e-6)


def test_orthogonal_weights_look_normal():
    weights = Orthogonal().sample((256, 256, 3, 3), 0, "layer")
    z = weights / weights.std()
    assert np.abs(z.mean()) < 0.01 and (z**4).mean() == pytest.approx(3, abs=0.1)
    # and not two values, as the entries of one Hadamard matrix
    assert np.unique(np.abs(weights[0])).size > 20


@pytest.mark.parametrize("side", [3, 5, 7])
def test_smooth_filters_have_the_variance_of_kaiming_normal_and_similar_neighbours(side):
    weights = SmoothFilters().sample((64, 256, side, side), 0, "layer").astype(np.float64)
    assert np.square(weights).mean() == pytest.approx(2 / (side * side * 64), rel=0.03)
    filters = weights.reshape(-1, side * side)
    patterns = smooth_patterns(side).astype(np.float64)
    expected = patterns.T @ patterns * 2 / (side * side * 64)
    np.testing.assert_allclose(np.cov(filters.T), expected, atol=0.05 * expected.max())
    centre = side * side // 2
    assert (
        expected[centre, centre + 1]
        / math.sqrt(expected[centre, centre] * expected[centre + 1, centre + 1])
        > 0.1
    )
    assert expected[0, 0] < 0.6 * expected[centre, centre]


def test_colours_share_their_luminance():
    weights = SmoothFilters().sample((4000, 3, 7, 7), 0, "layer").reshape(4000, 3, -1)
    correlation = np.mean(weights[:, 0] * weights[:, 1]) / np.mean(np.square(weights))
    assert correlation == pytest.approx(LUMINANCE, abs=0.02)


def test_pointwise_smooth_filters_are_kaiming_normal():
    shape = (8, 4, 1, 1)
    np.testing.assert_array_equal(
        SmoothFilters().sample(shape, 5, "V2.skip"), kaiming_normal(shape, 5, "V2.skip")
    )


@pytest.mark.parametrize(
    "birth", [birth.name for birth in BIRTH_STATES.values() if birth.needs == "none"]
)
def test_a_numberless_genome_reaches_every_convolution_and_keeps_nothing(birth):
    # not above: the draws themselves need no torch
    from brainscore_wiring.architectures.layers import input_channels

    genome = BIRTH_STATES[birth].written_genome()
    convolutions = [
        name for name, channels in input_channels("cornet_s").items() if channels is not None
    ]
    assert (
        list(genome.layers) == convolutions
        and genome.stored_numbers() == genome.true_numbers() == 0
    )
    assert variant(f"cornet_s_{birth}").birth == birth


#: The first 16 hexadecimal digits of each SHA-256; other bits would be other models under the same
#: names.
GOLDEN = {
    "low rank": "0d54728417509edc",
    "bank": "e51880202a98e5c9",
    "pointwise bank": "65b488699384d24d",
    "orthogonal": "3b057575745cdcd3",
    "orthogonal 147": "c9f8ebc8bed93336",
    "smooth": "2ed1bc391d80a333",
    "smooth 3 x 3": "b76604344104e06d",
}
