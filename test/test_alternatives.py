"""The compressions that the paper compares weight compression with (appendix B.3)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainscore_wiring.errors import WiringError
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.births import BIRTH_STATES
from brainscore_wiring.weight_compression.entries import channel_mixture
from brainscore_wiring.weight_compression.entries.batch_norm_normals import BatchNormNormals
from brainscore_wiring.weight_compression.entries.channel_mixture import (
    ChannelMixture,
    exact_product,
    fit_channel_mixture,
)
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.entries.gabor_normal import GaborNormal, fit_gabor_normal
from brainscore_wiring.weight_compression.entries.kernel_normals import (
    KernelNormals,
    fit_kernel_normals,
)
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.fitting import fitted_shapes
from brainscore_wiring.weight_compression.gabor import WEIGHT_GRID, encode
from brainscore_wiring.weight_compression.genome import Genome

FITS = {
    "kernel_normals": fit_kernel_normals,
    "gabor_normal": fit_gabor_normal,
    "channel_mixture": lambda weights: fit_channel_mixture(weights, 3),
}


def small_mixture(number: int = 2, spread: float = 0.004) -> ChannelMixture:
    """Components in the size of IT.conv2's weights, far enough apart to be told from each other."""
    generator = np.random.default_rng(number)
    means = spread * 6 * np.arange(1, number + 1)[:, None] * generator.choice([-1, 1], (number, 9))
    factors = [
        np.triu(spread * (np.eye(9) + 0.3 * generator.uniform(-1, 1, (9, 9))))
        for _ in range(number)
    ]
    shares = np.arange(number, 0, -1) / np.arange(number + 1).sum()
    return ChannelMixture(shares.tolist(), means.tolist(), np.array(factors).tolist())


def small_gabors(channels: int = 2) -> GaborNormal:
    """Well sampled 7 x 7 Gabors, a root mean square of 0.2 that varies alike in all channels, and
    free centres.
    """
    mean = encode(np.array([0.25, 0.4, 1.6, 1.8, 0.5, 0.3, -0.2, 0.2]))
    factor = np.zeros((3, channels, 10))
    factor[0, :, 9] = 0.02
    factor[1, 0, 7] = 0.1
    factor[2, :, 8] = 0.1
    # upper triangular: a row's first number lies right of the one above
    order = factor.reshape(3, -1)[[1, 2, 0]]
    return GaborNormal(np.tile(mean, channels).tolist(), order.tolist())


ENTRIES: dict[str, tuple[Entry, tuple[int, ...]]] = {
    "kernel_normals": (KernelNormals([0.5, -0.25, 0.0], [0.1, 0.2, 0.0]), (4, 3, 3, 3)),
    "gabor_normal": (small_gabors(), (4, 2, 7, 7)),
    "channel_mixture": (small_mixture(), (4, 3, 3, 3)),
}
GOLDEN = {
    "kernel_normals": "993459f5eb86e15d",
    "gabor_normal": "d67563497add2bb8",
    "channel_mixture": "90c25b8e24844cf5",
}


def compressed_cornet_s(kind_of) -> int:
    """Numbers stored for a CORnet-S whose convolutions `kind_of` (layer, shape) describes."""
    layers = {}
    for parameter, shape in fitted_shapes().items():
        layer = parameter.rpartition(".")[0]
        layers[layer] = (
            kind_of(layer, shape) if len(shape) == 4 else BatchNormNormals(1.0, 0.0, 0.0, 0.0)
        )
    return Genome(layers).stored_numbers()


def normals(layer: str, shape: tuple[int, ...]) -> Entry:
    return KernelNormals([0.0] * shape[0], [1.0] * shape[0])


def gabors_and_normals(layer: str, shape: tuple[int, ...]) -> Entry:
    if layer == "V1.conv1":
        return GaborMixture([0.25] * 4, [[0.0] * 30] * 4, [np.eye(30).tolist()] * 4)
    return GaborNormal([0.0] * 640, []) if layer == "V1.conv2" else normals(layer, shape)


def gabors_and_mixtures(layer: str, shape: tuple[int, ...]) -> Entry:
    components = {"V2.conv2": 5, "V4.conv2": 8, "IT.conv2": 4}
    return (
        small_mixture(components[layer])
        if layer in components
        else gabors_and_normals(layer, shape)
    )


@pytest.mark.parametrize(
    "variant, kind_of, numbers",
    [
        ("mixture_gaussian", gabors_and_mixtures, 428_114),
        ("kernel_normal", gabors_and_normals, 433_735),
        ("no_gabor_prior", normals, 20_026),
    ],
)
def test_the_published_numbers_come_out(variant, kind_of, numbers):
    assert compressed_cornet_s(kind_of) == numbers == BIRTH_STATES[variant].published_numbers


def test_the_numbers_really_needed_leave_out_the_zeros_of_the_factors():
    assert small_mixture(4).true_numbers() == 4 * (1 + 9 + 45)
    assert small_gabors().true_numbers() == 20 + (20 + 19 + 18)


@pytest.mark.parametrize("kind", ENTRIES)
def test_sampled_weights_have_the_pinned_bits(kind):
    entry, shape = ENTRIES[kind]
    weights = entry.sample(shape, 0, "layer")
    assert weights.shape == shape and weights.dtype == np.float32
    assert (
        hashlib.sha256(np.ascontiguousarray(weights, "<f4").tobytes()).hexdigest()[:16]
        == GOLDEN[kind]
    )


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_survives_its_file(kind):
    genome = Genome({"layer": ENTRIES[kind][0]})
    assert Genome.from_json(genome.to_json()) == genome


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(1, 63), st.integers(-40, 40), st.integers(0, 10_000))
def test_the_product_of_normals_and_a_factor_is_exact(rows, exponent, seed):
    z = Stream(seed, "layer", "test").normal(3, rows)
    factor = np.random.default_rng(seed).normal(0, 2.0**exponent, (rows, 2))
    product = exact_product(z, factor)
    # what is left of the factor on its grid
    rounded = exact_product(np.eye(rows, dtype=np.float32), factor)
    np.testing.assert_allclose(rounded, factor, atol=1e-8 * np.abs(factor).max())
    for sample, column in np.ndindex(3, 2):
        assert Fraction(product[sample, column]) == sum(
            Fraction(float(a)) * Fraction(float(b)) for a, b in zip(z[sample], rounded[:, column])
        )


@settings(derandomize=True, deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(st.sampled_from([-1.0, 1.0]), st.floats(1.0, 2.0), st.floats(0.1, 1.0)),
        min_size=1,
        max_size=5,
    ),
    st.floats(1e-3, 1.0),
)
def test_fitting_a_birth_recovers_the_planted_kernel_normals(kernels, size):
    planted = KernelNormals(
        [size * sign * mean for sign, mean, _ in kernels], [size * std for *_, std in kernels]
    )
    found = fit_kernel_normals(planted.sample((len(kernels), 800, 3, 3), 0, "layer"))
    np.testing.assert_allclose(found.means, planted.means, rtol=0.05)
    np.testing.assert_allclose(found.stds, planted.stds, rtol=0.05)


def test_a_layer_with_more_kernels_starts_again_at_the_first():
    born = KernelNormals([1.0, 2.0, 3.0], [0.0] * 3).sample((5, 2, 1, 1), 0, "layer")
    assert born[:, 0, 0, 0].tolist() == [1, 2, 3, 1, 2]


@pytest.mark.parametrize("number", [1, 3])
def test_fitting_a_birth_recovers_the_planted_mixture(number):
    planted = small_mixture(number)
    found = fit_channel_mixture(planted.sample((150, 200, 3, 3), 0, "layer"), number)
    np.testing.assert_allclose(found.weights, planted.weights, rtol=0.05)
    np.testing.assert_allclose(found.means, planted.means, rtol=0.05)
    covariances = [
        np.einsum("cij,cik->cjk", entry.factors, entry.factors) for entry in (found, planted)
    ]
    # 5,000 channels or more: standard error 2 % of the variance
    np.testing.assert_allclose(*covariances, atol=0.08 * covariances[1].max())


def test_each_channel_of_a_kernel_chooses_its_component_on_its_own():
    entry = ChannelMixture([0.7, 0.3], [[1.0] * 9, [-1.0] * 9], [(0.1 * np.eye(9)).tolist()] * 2)
    first = (entry.sample((2000, 50, 3, 3), 0, "layer") > 0).all(axis=(2, 3))
    assert first.mean() == pytest.approx(0.7, rel=0.01)
    assert first.sum(axis=1).var() == pytest.approx(50 * 0.7 * 0.3, rel=0.1)


def test_the_size_of_the_blocks_does_not_change_a_bit(monkeypatch):
    whole = small_mixture().sample((10, 30, 3, 3), 0, "layer")
    monkeypatch.setattr(channel_mixture, "_BLOCK", 7)
    np.testing.assert_array_equal(small_mixture().sample((10, 30, 3, 3), 0, "layer"), whole)


def test_a_subsample_of_a_large_layer_finds_the_same_mixture(monkeypatch):
    weights = small_mixture(3).sample((100, 100, 3, 3), 0, "layer")
    whole = fit_channel_mixture(weights, 3)
    monkeypatch.setattr(channel_mixture, "_SUBSAMPLE", 5000)
    np.testing.assert_allclose(fit_channel_mixture(weights, 3).means, whole.means, rtol=0.05)


def test_a_layer_with_fewer_channels_than_components_gets_a_component_for_each():
    filters = np.array([[0.0] * 9, [1.0] * 9], np.float32)
    weights = filters[np.array([0, 1] * 20)].reshape(5, 8, 3, 3)
    entry = fit_channel_mixture(weights, 5)
    assert entry.weights == [0.5, 0.5] and sorted(mean[0] for mean in entry.means) == pytest.approx(
        [0, 1], abs=1e-6
    )


def test_fitting_a_birth_recovers_the_planted_gabors():
    planted = small_gabors()
    found = fit_gabor_normal(planted.sample((300, 2, 7, 7), 0, "layer"))
    np.testing.assert_allclose(found.mean, planted.mean, rtol=0.05, atol=0.02)
    covariances = [
        entry_factor.T @ entry_factor
        for entry_factor in map(np.array, (found.factor, planted.factor))
    ]
    # 300 kernels: standard error 8 % of a variance
    for i, j in (
        (7, 7),
        (8, 8),
        (8, 18),
        (9, 9),
        (9, 19),
        (19, 19),
    ):
        assert covariances[0][i, j] == pytest.approx(covariances[1][i, j], rel=0.25)
    for i, j in ((7, 9), (7, 17), (8, 9)):
        assert (
            abs(covariances[0][i, j])
            < 0.2 * np.sqrt(covariances[1][i, i] * covariances[1][j, j]) + 1e-4
        )


def test_births_of_3_x_3_gabors_are_as_large_as_the_trained_kernels():
    trained = np.random.default_rng(0).normal(0, 0.06, (40, 8, 3, 3)).astype(np.float32)
    born = fit_gabor_normal(trained).sample((400, 8, 3, 3), 0, "V1.conv2")
    assert born.std() == pytest.approx(trained.std(), rel=0.05)
    assert np.abs(born).max() < 2 * np.abs(trained).max()
    assert (born / WEIGHT_GRID == np.rint(born / WEIGHT_GRID)).all()


def test_the_rank_of_a_gabor_normal_is_one_below_its_kernels():
    entry = fit_gabor_normal(np.random.default_rng(0).normal(0, 0.06, (5, 2, 3, 3)))
    assert np.shape(entry.factor) == (4, 20)
    entry.check()


@pytest.mark.parametrize(
    "kind, tolerance", [("kernel_normals", 1e-6), ("channel_mixture", 1e-6), ("gabor_normal", 0.15)]
)  # the flattest Gabor within the bounds
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_a_constant_layer_is_born_constant(kind, tolerance, value):
    weights = np.full((4, 2, 3, 3), value, np.float32)
    entry = FITS[kind](weights)
    entry.check()
    np.testing.assert_allclose(entry.sample(weights.shape, 0, "layer"), weights, rtol=tolerance)


@pytest.mark.parametrize("kind", FITS)
@pytest.mark.parametrize("shape", [(1, 5, 3, 3), (1, 1, 3, 3), (1, 1, 1, 1)])
def test_a_single_kernel_can_be_fitted_and_born(kind, shape):
    entry = FITS[kind](np.random.default_rng(0).normal(size=shape).astype(np.float32))
    genome = Genome.from_json(Genome({"layer": entry}).to_json())
    assert np.isfinite(genome.layers["layer"].sample((3, *shape[1:]), 0, "layer")).all()


@pytest.mark.parametrize(
    "kind, shape",
    [
        ("gabor_normal", (4, 3, 7, 7)),
        ("gabor_normal", (4, 2, 3, 5)),
        ("channel_mixture", (4, 3, 1, 1)),
    ],
)
def test_an_entry_of_another_layer_is_refused_by_name(kind, shape):
    with pytest.raises(WiringError, match="V2.conv2"):
        ENTRIES[kind][0].sample(shape, 0, "V2.conv2")


@pytest.mark.parametrize(
    "entry, named",
    [
        (KernelNormals([1.0, 2.0], [0.1]), "unequal length"),
        (KernelNormals([], []), "without kernels"),
        (KernelNormals([1.0], [-0.1]), "negative spread"),
        (KernelNormals([float("nan")], [0.1]), "not finite"),
        (GaborNormal([0.0] * 10, [[0.0] * 9]), "unequal sizes"),
        (GaborNormal([], []), "unequal sizes"),
        (GaborNormal([0.0] * 2, [[1.0, 0.0], [1.0, 1.0]]), "not upper triangular"),
        (GaborNormal([float("inf")] * 10, []), "not finite"),
        (ChannelMixture([1.0], [[0.0] * 2] * 2, [[[1.0, 0.0], [0.0, 1.0]]]), "unequal sizes"),
        (ChannelMixture([1.0], [[0.0] * 2], [[[1.0, 0.0], [0.0]]]), "unequal sizes"),
        (ChannelMixture([1.0], [[0.0] * 2], [[[1.0, 0.0], [0.5, 1.0]]]), "not upper triangular"),
        (ChannelMixture([0.0], [[0.0]], [[[1.0]]]), "no probabilities"),
        (ChannelMixture([1.0], [[float("nan")]], [[[1.0]]]), "not finite"),
    ],
)
def test_an_impossible_entry_is_one_clear_sentence(entry, named):
    fields = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    document = {
        "format": 1,
        "architecture": "cornet_s",
        "source": {},
        "layers": {"V2.conv2": {"kind": entry.kind, **fields}},
    }
    with pytest.raises(WiringError, match=named) as error:
        Genome.from_json(json.dumps(document))
    assert "\n" not in str(error.value)


def test_births_need_no_scikit_learn():
    code = (
        "import sys, brainscore_wiring.weight_compression.genome as genome; "
        "from brainscore_wiring.weight_compression.entry import entry_class; "
        "entry_class('channel_mixture'); print('sklearn' in sys.modules)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "False\n"
    )
