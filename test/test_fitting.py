"""Compression: a genome is fitted to trained weights and its births have the weights'
statistics.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from brainscore_wiring.architectures.layers import convolutions_of
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression import clusters_fit, fitting, gabor_mixture_fit
from brainscore_wiring.weight_compression.births import BIRTH_STATES
from brainscore_wiring.weight_compression.clusters_fit import (
    elbow,
    fit_clusters,
    two_means,
    unexplained_variance,
)
from brainscore_wiring.weight_compression.entries.batch_norm_normals import fit_batch_norm
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.fits import FitOptions, fit_of
from brainscore_wiring.weight_compression.fitting import fit_genome, fitted_shapes
from brainscore_wiring.weight_compression.gabor import encode, gabor
from brainscore_wiring.weight_compression.gabor_fit import fit_gabors
from brainscore_wiring.weight_compression.gabor_mixture_fit import fit_gabor_mixture, fit_mixture
from brainscore_wiring.weight_compression.genome import Genome

IN_CHANNELS = 60
KERNELS = 2500
#: Expected population standard deviation of n standard normals, by n: what the authors' noise
#: measure finds.
SPREAD_OF = {n: math.sqrt(2 / n) * math.gamma(n / 2) / math.gamma((n - 1) / 2) for n in (9, 25, 49)}


def planted_clusters(number: int, size: int, seed: int) -> Clusters:
    """Well separated clusters, rarest first, whose counts hardly ever reach 0 or overfill a
    kernel.
    """
    generator = np.random.default_rng(seed)
    heights = generator.permutation(np.arange(1, number + 1)) * generator.choice([-1.0, 1.0])
    centres = heights[:, None] + generator.uniform(-0.2, 0.2, (number, size * size))
    noise = generator.uniform(0.03, 0.1, number) * (size > 1)
    means = {2: [22.0, 38.0], 3: [12.0, 18.0, 30.0], 4: [8.0, 12.0, 16.0, 24.0]}[number]
    stds = generator.uniform(1.2, 1.8, number - 1)
    return Clusters(
        centres.tolist(), noise.tolist(), means, [*stds, math.sqrt((stds**2).sum())], IN_CHANNELS
    )


@settings(derandomize=True, deadline=None, max_examples=9)
@given(st.integers(2, 4), st.sampled_from([1, 3, 5, 7]), st.integers(0, 1000))
def test_fitting_a_birth_recovers_the_planted_clusters(number, size, seed):
    planted = planted_clusters(number, size, seed)
    kernels = KERNELS if size < 5 else KERNELS // 2
    weights = planted.sample((kernels, IN_CHANNELS, size, size), seed, "layer")
    found = fit_clusters(weights, number, seed=0, layer="layer")
    np.testing.assert_allclose(found.centres, planted.centres, rtol=0.05)
    np.testing.assert_allclose(found.count_means, planted.count_means, rtol=0.05)
    # whole channels add a variance of 1/12; 1,250 kernels leave a standard error of 2 %
    np.testing.assert_allclose(
        found.count_stds, np.sqrt(np.square(planted.count_stds) + 1 / 12), rtol=0.09
    )
    np.testing.assert_allclose(
        found.noise, np.array(planted.noise) * SPREAD_OF.get(size * size, 0), rtol=0.05
    )
    assert found.in_channels == IN_CHANNELS


def test_a_second_generation_is_like_the_first():
    trained = planted_clusters(3, 3, 1).sample((800, IN_CHANNELS, 3, 3), 0, "layer")
    first = fit_clusters(trained, 3)
    second = fit_clusters(first.sample(trained.shape, 7, "layer"), 3)
    np.testing.assert_allclose(second.centres, first.centres, rtol=0.05)
    np.testing.assert_allclose(second.count_means, first.count_means, rtol=0.05)
    np.testing.assert_allclose(second.count_stds, first.count_stds, rtol=0.1)


def test_the_noise_is_the_mean_spread_of_the_members_around_their_centre():
    generator = np.random.default_rng(0)
    weights = generator.normal(0, 1, (20, 30, 3, 3)).astype(np.float32)
    entry = fit_clusters(weights, 1)
    filters = weights.reshape(-1, 9)
    np.testing.assert_allclose(entry.centres[0], filters.mean(axis=0), atol=1e-5)
    assert entry.noise[0] == pytest.approx(
        (filters - filters.mean(axis=0)).std(axis=1).mean(), rel=0.01
    )
    assert entry.count_means == [30.0] and entry.count_stds == [0.0]


def test_counts_are_means_and_population_spreads_over_kernels():
    weights = np.array([[1, 1, 1, -1], [1, 1, -1, -1], [1, 1, 1, 1]], np.float32)[:, :, None, None]
    entry = fit_clusters(weights, 2)
    assert entry.centres == [[-1.0], [1.0]]
    np.testing.assert_allclose(entry.count_means, [1, 3])
    np.testing.assert_allclose(entry.count_stds, [math.sqrt(2 / 3)] * 2)
    assert entry.noise == [0.0, 0.0]


def test_clusters_come_from_the_rarest_to_the_most_frequent():
    weights = np.random.default_rng(3).normal(0, 1, (40, 50, 3, 3)).astype(np.float32)
    entry = fit_clusters(weights, 6)
    assert entry.count_means == sorted(entry.count_means) and sum(
        entry.count_means
    ) == pytest.approx(50)


@settings(derandomize=True, deadline=None, max_examples=5)
@given(
    st.integers(2, 4),
    st.sampled_from([3, 5]),
    st.integers(0, 1000),
    st.sampled_from([2.0**-12, 1.0, 2.0**12]),
)
def test_the_elbow_is_the_number_of_planted_clusters_at_any_scale(number, size, seed, scale):
    planted = planted_clusters(number, size, seed)
    weights = planted.sample((20, IN_CHANNELS, size, size), seed, "layer") * np.float32(scale)
    assert len(fit_clusters(weights, None).centres) == number


def test_the_elbow_of_layers_born_from_the_authors_files_is_the_paper_s_number():
    from conftest import shared

    from brainscore_wiring.weight_compression.published import read_published

    genome = read_published(shared("reference/pretrained"))
    for layer, number in {
        "V1.conv2": 7,
        "V2.conv2": 5,
        "V4.conv2": 8,
        "IT.conv2": 4,
        "V4.skip": 2,
    }.items():
        entry = genome.layers[layer]
        side = math.isqrt(len(entry.centres[0]))
        kernels = 6000 // entry.in_channels
        weights = entry.sample((kernels, entry.in_channels, side, side), 0, layer)
        assert elbow(weights.reshape(-1, side * side)) == number, layer


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.integers(1, 6), st.sampled_from([1, 3]), st.integers(0, 1000))
def test_the_unexplained_variance_is_around_the_nearest_centres_over_around_the_mean_filter(
    number, size, seed
):
    weights = np.random.default_rng(seed).normal(0.3, 1, (12, 10, size, size)).astype(np.float32)
    entry = fit_clusters(weights, number)
    filters = weights.reshape(-1, size * size).astype(np.float64)
    nearest = ((filters[:, None] - np.array(entry.centres)) ** 2).sum(axis=2).min(axis=1)
    expected = nearest.sum() / ((filters - filters.mean(axis=0)) ** 2).sum()
    # k-means stops a little early
    assert unexplained_variance(entry, weights) == pytest.approx(expected, rel=1e-3)


def test_one_cluster_explains_nothing_and_a_constant_layer_has_nothing_to_explain():
    weights = np.random.default_rng(0).normal(size=(10, 10, 3, 3)).astype(np.float32)
    assert unexplained_variance(fit_clusters(weights, 1), weights) == pytest.approx(1)
    constant = np.full((4, 5, 3, 3), 0.1, np.float32)
    assert unexplained_variance(fit_clusters(constant, 3), constant) == 0


@settings(derandomize=True, deadline=None, max_examples=6)
@given(st.sampled_from([1, 3, 5]), st.floats(0.02, 0.1), st.integers(0, 1000))
def test_noise_by_the_text_is_the_standard_deviation_of_the_clustered_weights(size, noise, seed):
    planted = dataclasses.replace(planted_clusters(2, size, seed), noise=[noise] * 2)
    found = fit_clusters(
        planted.sample((400, IN_CHANNELS, size, size), seed, "layer"), 2, noise="text"
    )
    np.testing.assert_allclose(found.noise, planted.noise, rtol=0.05)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=9))
def test_two_means_is_the_best_of_all_ways_to_cut(values):
    values = np.array(values, np.float32)

    def inertia(centres):
        return ((values[:, None] - np.asarray(centres).ravel()) ** 2).min(axis=1).sum()

    ordered = np.sort(values)
    best = min(
        inertia([ordered[:cut].mean(), ordered[cut:].mean()]) for cut in range(1, len(ordered))
    )
    assert inertia(two_means(values)) == pytest.approx(best, abs=1e-3)


@pytest.mark.parametrize(
    "shape, number",
    [
        ((64, 16, 3, 3), 5),
        ((1, 16, 3, 3), 5),
        ((1, 1, 3, 3), 4),
        ((1, 1, 1, 1), 2),
        ((8, 4, 1, 1), 2),
        ((8, 4, 1, 1), 3),
    ],
)
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_a_constant_layer_has_one_cluster_and_is_born_constant(shape, number, value):
    entry = fit_clusters(np.full(shape, value, np.float32), number)
    assert len(entry.centres) == 1 and entry.noise == [0.0] and entry.count_stds == [0.0]
    assert (entry.sample(shape, 0, "layer") == np.float32(value)).all()


def test_a_layer_with_fewer_filters_than_clusters_gets_a_cluster_for_each():
    filters = np.array([[0.0] * 9, [1.0] * 9, [2.0] * 9], np.float32)
    weights = filters[np.random.default_rng(0).integers(0, 3, (10, 8))].reshape(10, 8, 3, 3)
    entry = fit_clusters(weights, 7)
    assert sorted(centre[0] for centre in entry.centres) == [0.0, 1.0, 2.0]
    assert sum(entry.count_means) == pytest.approx(8) and entry.noise == [0.0] * 3


def test_a_single_kernel_has_counts_without_spread():
    entry = fit_clusters(np.random.default_rng(0).normal(size=(1, 40, 3, 3)).astype(np.float32), 3)
    assert entry.count_stds == [0.0] * 3 and sum(entry.count_means) == 40
    assert np.isfinite(entry.sample((4, 40, 3, 3), 0, "layer")).all()


def test_a_subsample_of_a_large_layer_finds_the_same_clusters(monkeypatch):
    weights = planted_clusters(4, 3, 2).sample((200, IN_CHANNELS, 3, 3), 0, "layer")
    whole = fit_clusters(weights, 4)
    monkeypatch.setattr(clusters_fit, "_SUBSAMPLE", 1000)
    monkeypatch.setattr(clusters_fit, "_BLOCK", 777)
    part = fit_clusters(weights, 4)
    np.testing.assert_allclose(part.centres, whole.centres, rtol=1e-5)
    assert part.count_means == whole.count_means and part.count_stds == whole.count_stds
    # the noise is measured from the subsample's centres
    np.testing.assert_allclose(part.noise, whole.noise, rtol=0.01)


def well_spread_mixture() -> GaborMixture:
    first, second = (
        encode(np.array(values)).tolist()
        for values in (
            [0.22, 0.4, 1.6, 1.8, 0.5, 0.3, -0.2, 3.0],
            [0.32, -0.6, 1.3, 1.5, 2.2, -0.3, 0.4, 2.0],
        )
    )
    variances = [1e-4, 4e-4, 4e-4, 0.01, 0.01, 4e-4, 4e-4, 0.01, 0.01, 0.04]
    covariance = np.diag(variances).tolist()
    return GaborMixture([0.65, 0.35], [first, second], [covariance, covariance])


def test_fitting_a_birth_recovers_the_planted_gabor_mixture():
    planted = well_spread_mixture()
    found, unexplained = fit_gabor_mixture(planted.sample((600, 1, 7, 7), 0, "V1.conv1"), 2)
    assert unexplained < 1e-4  # what the grid of the rendered values takes away
    np.testing.assert_allclose(found.weights, planted.weights, atol=0.06)  # standard error 0.02
    np.testing.assert_allclose(found.means, planted.means, rtol=0.05, atol=0.02)
    straight = [0, 3, 4, 7, 8, 9]  # sines and cosines come back from their circle with less spread
    spreads = [
        np.sqrt(np.diagonal(mixture.covariances, axis1=1, axis2=2))[:, straight]
        for mixture in (found, planted)
    ]
    # about 210 kernels: standard error 5 %
    np.testing.assert_allclose(spreads[0], spreads[1], rtol=0.15)


def test_the_paper_s_mixture_has_3724_numbers():
    kernels = np.random.default_rng(0).normal(size=(64, 3, 7, 7)) * 0.1
    mixture, unexplained = fit_gabor_mixture(kernels)
    assert mixture.stored_numbers() == 3724 and 0 < unexplained < 1
    assert np.isfinite(mixture.sample((64, 3, 7, 7), 0, "V1.conv1")).all()


def test_what_gabors_leave_is_a_share_of_the_variance_around_each_channels_mean():
    kernels = np.random.default_rng(0).normal(size=(6, 3, 7, 7)) + 2  # a mean is no variance
    parameters, _ = fit_gabors(kernels)
    left = np.square(gabor(parameters) - kernels).sum()
    variance = np.square(kernels - kernels.mean(axis=(-2, -1), keepdims=True)).sum()
    _, unexplained = fit_gabor_mixture(kernels)
    assert unexplained == pytest.approx(left / variance) and left / variance > 0.1


def test_the_information_criterion_finds_the_number_of_planted_components(monkeypatch):
    monkeypatch.setattr(gabor_mixture_fit, "CANDIDATE_COMPONENTS", range(1, 6))
    generator = np.random.default_rng(0)
    samples = np.concatenate([generator.normal(centre, 0.5, (80, 4)) for centre in (-6, 0, 6)])
    assert len(fit_mixture(samples, None).weights) == 3


@pytest.mark.parametrize(
    "kernels",
    [
        np.zeros((5, 3, 7, 7)),
        np.full((1, 3, 7, 7), 0.5),
        gabor(np.array([0.2, 0.4, 1.6, 1.8, 0.5, 0.3, -0.2, 3.0]))[None, None],
        np.random.default_rng(0).normal(size=(2, 3, 7, 7)),
    ],
)
def test_few_or_constant_kernels_have_a_valid_mixture(kernels):
    mixture, unexplained = fit_gabor_mixture(kernels)
    assert math.isfinite(unexplained) and len(mixture.weights) <= len(kernels)
    Genome.from_json(Genome({"V1.conv1": mixture}).to_json())
    assert np.isfinite(mixture.sample(kernels.shape, 0, "V1.conv1")).all()


def test_the_number_of_threads_does_not_change_a_fit():
    generator = np.random.default_rng(0)
    kernels, filters = generator.normal(size=(12, 3, 7, 7)), generator.normal(size=(32, 64, 3, 3))
    fits = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fits.append((fit_gabor_mixture(kernels), fit_clusters(filters, 5)))
    assert fits[0] == fits[1]


def test_a_batch_norm_is_two_means_and_two_spreads():
    normals = fit_batch_norm(np.array([1.0, 3.0]), np.array([-1.0, -1.0]))
    assert (normals.gamma_mean, normals.gamma_std, normals.beta_mean, normals.beta_std) == (
        2.0,
        1.0,
        -1.0,
        0.0,
    )


def small_shapes() -> dict[str, tuple[int, ...]]:
    """CORnet-S with a sixteenth of the channels from V1.conv2 on: every layer, in a second."""
    return {
        name: shape
        if name.startswith("V1.conv1")
        else tuple(side if side < 16 else side // 16 for side in shape)
        for name, shape in fitted_shapes().items()
    }


def small_state() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    return {
        f"module.{name}": generator.normal(0.5, 0.1, shape).astype(np.float32)
        for name, shape in small_shapes().items()
    }


@functools.cache
def gabors_of(shape: tuple[int, ...], content: bytes) -> tuple[np.ndarray, np.ndarray]:
    return fit_gabors(np.frombuffer(content).reshape(shape))


def make_small(patch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Weights of a small CORnet-S. Genomes are fitted to its shapes, and the Gabors of the same
    kernels, a second's work, are found once.
    """

    def once(kernels: np.ndarray) -> tuple[np.ndarray, ...]:
        found = gabors_of(kernels.shape, kernels.astype(np.float64).tobytes())
        return tuple(values.copy() for values in found)

    state, shapes = small_state(), small_shapes()
    patch.setattr(fitting, "fitted_shapes", lambda _: shapes)
    patch.setattr(gabor_mixture_fit, "fit_gabors", once)
    return state


@pytest.fixture
def small(monkeypatch) -> dict[str, np.ndarray]:
    return make_small(monkeypatch)


@pytest.fixture(scope="module")
def small_genome() -> Genome:
    with pytest.MonkeyPatch.context() as patch:
        return fit_genome(make_small(patch), source={})


def test_a_genome_of_cornet_s_has_the_paper_s_4166_numbers(small_genome):
    kinds = [layer.kind for layer in small_genome.layers.values()]
    assert [kinds.count(kind) for kind in ("gabor_mixture", "clusters", "batch_norm_normals")] == [
        1,
        16,
        29,
    ]
    assert small_genome.stored_numbers() == 4166 and small_genome.true_numbers() == 4224


def test_a_genome_remembers_its_source_and_settings_and_survives_its_file(small):
    genome = fit_genome(
        small,
        source={"fingerprint": "0123abcd"},
        choices=FitOptions({"V2.conv2": 6}, noise="text", seed=3),
    )
    fit = genome.source["fit"]
    assert (
        genome.source["fingerprint"] == "0123abcd" and fit["seed"] == 3 and fit["noise"] == "text"
    )
    assert (
        fit["clusters"]["V4.conv2"] == 8
        and fit["clusters"]["V2.conv2"] == 6
        and fit["gabor_components"] == [4]
    )
    assert fit["unexplained_variance"]["V1.conv2"] == pytest.approx(
        unexplained_variance(genome.layers["V1.conv2"], small["module.V1.conv2.weight"]), abs=1e-6
    )
    assert Genome.from_json(genome.to_json()) == genome


def test_progress_is_reported_for_every_layer_in_the_network_s_order(small):
    lines = []
    genome = fit_genome(small, source={}, birth="no_gabor_prior", report=lines.append)
    assert [line.split(":")[0] for line in lines] == list(genome.layers)


#: What describes V1.conv1, V1.conv2, the other 3 x 3 layers, and 1 x 1 layers.
KINDS_OF = {
    "weight_compression": ("gabor_mixture", "clusters", "clusters", "clusters"),
    "mixture_gaussian": ("gabor_mixture", "gabor_normal", "channel_mixture", "kernel_normals"),
    "kernel_normal": ("gabor_mixture", "gabor_normal", "kernel_normals", "kernel_normals"),
    "no_gabor_prior": ("kernel_normals",) * 4,
    "low_rank_filters": ("gabor_mixture",) + ("low_rank_filters",) * 3,
    "derivative_bank": ("derivative_bank",) * 4,
    "best_distribution": ("gabor_mixture", "gabor_normal") + ("best_distribution",) * 2,
    "raw_mixture_v1_conv1": ("whole_kernels",) + ("clusters",) * 3,
    "clustered_v1_conv1": ("clusters",) * 4,
}


def test_every_compression_has_its_rules_tested():
    assert set(KINDS_OF) == {
        birth.name
        for birth in BIRTH_STATES.values()
        if birth.fitted and not birth.align and birth.fitted_to == "cornet_s"
    }


@pytest.mark.parametrize("birth", KINDS_OF)
def test_a_compression_describes_each_layer_by_its_kind_and_is_born_in_the_layer_s_shape(
    small, birth
):
    genome = fit_genome(small, source={}, birth=birth)
    layers = genome.layers
    assert (
        tuple(layers[name].kind for name in ("V1.conv1", "V1.conv2", "IT.conv2", "V4.skip"))
        == KINDS_OF[birth]
    )
    assert {layers[name].kind for name in ("V2.conv2", "V4.conv2")} == {KINDS_OF[birth][2]}
    assert {entry.kind for name, entry in layers.items() if ".norm" in name} == {
        "batch_norm_normals"
    }
    assert Genome.from_json(genome.to_json()) == genome
    for name in convolutions_of("cornet_s"):
        weights = layers[name].sample(small[f"module.{name}.weight"].shape, 0, name)
        assert weights.dtype == np.float32 and np.isfinite(weights).all()


@pytest.mark.parametrize("kind", ["my_kind", "orthogonal"])
def test_a_kind_that_nothing_fits_is_refused(kind):
    with pytest.raises(WrongUsage, match=f"(no|Nothing) .*'{kind}'"):
        fit_of(kind)


def test_a_genome_holds_the_statistics_of_the_network(small_genome):
    state = small_state()
    gamma = state["module.V4.norm2_3.weight"].astype(np.float64)
    assert small_genome.layers["V4.norm2_3"].gamma_mean == pytest.approx(gamma.mean(), rel=1e-5)
    for layer in ("V1.conv2", "IT.conv2", "V4.conv1"):
        entry, weights = (
            small_genome.layers[layer],
            state[f"module.{layer}.weight"].astype(np.float64),
        )
        shares = np.array(entry.count_means) / entry.in_channels
        assert sum(shares) == pytest.approx(1)
        np.testing.assert_allclose(
            shares @ np.array(entry.centres), weights.mean(axis=(0, 1)).ravel(), atol=1e-6
        )


def zeros() -> dict[str, np.ndarray]:
    return {name: np.broadcast_to(np.float32(0), shape) for name, shape in fitted_shapes().items()}


def nan_in(name: str) -> dict[str, np.ndarray]:
    state = zeros()
    state[name] = np.full(state[name].shape, np.nan, np.float32)
    return state


@pytest.mark.parametrize(
    "state, named",
    [
        ({}, r"V1.conv1.weight and 74 more missing"),
        ({k: v for k, v in zeros().items() if k != "IT.conv2.weight"}, "IT.conv2.weight missing"),
        (
            zeros() | {"V2.conv2.weight": np.zeros((4, 4, 3, 3), np.float32)},
            r"V2.conv2.weight is float32 of shape \(4, 4",
        ),
        (zeros() | {"V1.norm1.bias": np.array(["a"] * 64)}, "V1.norm1.bias"),
        (nan_in("V1.conv1.weight"), "V1.conv1.weight holds values that are not finite"),
        (nan_in("V4.norm2_3.bias"), "V4.norm2_3.bias holds values that are not finite"),
    ],
)
def test_weights_that_are_no_trained_cornet_s_are_refused_in_one_sentence(state, named):
    with pytest.raises(WiringError, match=named) as error:
        fit_genome(state, source={})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "birth, choices, named",
    [
        ("weight_compression", FitOptions({"V2.conv9": 3}), "V2.conv"),
        ("weight_compression", FitOptions({"V1.conv1": 3}), "V1.conv"),
        ("weight_compression", FitOptions({"V2.conv2": 0}), "1 to 255 clusters, not 0"),
        ("weight_compression", FitOptions({"V2.conv2": 256}), "not 256"),
        ("weight_compression", FitOptions(gabor_components=0), "1 to 64 components, not 0"),
        ("weight_compression", FitOptions(noise="texts"), "mean text"),
        ("kernel_normals", FitOptions(), "mean kernel_normal"),
        ("kernel_normal", FitOptions(elbow=True), "kernel_normal describes no layer by clusters"),
        (
            "derivative_bank",
            FitOptions(gabor_components=None),
            "derivative_bank has no mixture over Gabors",
        ),
    ],
)
def test_impossible_choices_are_wrong_usage(birth, choices, named):
    with pytest.raises(WrongUsage, match=named):
        fit_genome(zeros(), source={}, birth=birth, choices=choices)
