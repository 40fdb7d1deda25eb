"""Births: weights drawn from a genome or from Kaiming Normal, the same bits everywhere."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from dataclasses import asdict

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from brainscore_wiring.catalogue import variant
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.birth import birth_state, sha256_of
from brainscore_wiring.weight_compression.entries.batch_norm_normals import BatchNormNormals
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal, linear_default

CLUSTERS = Clusters(
    centres=[[0.5] * 9, [-0.25] * 9, [0.125, -0.125, 0.0] * 3],
    noise=[0.05, 0.0, 0.1],
    count_means=[4.0, 10.0, 18.0],
    count_stds=[2.0, 3.0, 3.5],
    in_channels=32,
)
POINTWISE = Clusters(
    centres=[[-0.03], [0.04]],
    noise=[0.0, 0.0],
    count_means=[14.0, 18.0],
    count_stds=[2.5, 2.5],
    in_channels=32,
)
NORMALS = BatchNormNormals(gamma_mean=0.8, gamma_std=0.1, beta_mean=-0.2, beta_std=0.3)


def small_mixture(channels: int = 3) -> GaborMixture:
    """Two components over f, sin 2t, cos 2t, sigma_x, sigma_y, sin phi, cos phi, x, y, scale of
    each channel.
    """
    first = [0.2, 0.6, 0.8, 1.5, 2.0, 0.0, 1.0, 0.25, -0.5, 4.0] * channels
    second = [0.35, -1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, -2.0] * channels
    variances = [0.0004, 0.01, 0.01, 0.04, 0.04, 0.01, 0.01, 0.04, 0.04, 0.25] * channels
    covariance = [
        [variance if i == j else 0.0 for j in range(10 * channels)]
        for i, variance in enumerate(variances)
    ]
    for channel in range(1, channels):  # channels of a kernel share their frequency in part
        covariance[0][10 * channel] = covariance[10 * channel][0] = 0.0001
    return GaborMixture([0.75, 0.25], [first, second], [covariance, covariance])


GENOME = Genome(
    {
        "V1.conv1": small_mixture(),
        "V1.norm1": NORMALS,
        "V1.conv2": CLUSTERS,
        "V2.conv1": POINTWISE,
        "V2.norm3_0": NORMALS,
    }
)


def small_network() -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            V1=nn.Sequential(
                OrderedDict(
                    conv1=nn.Conv2d(3, 32, 7, bias=False),
                    norm1=nn.BatchNorm2d(32),
                    conv2=nn.Conv2d(32, 16, 3, bias=False),
                )
            ),
            V2=nn.Sequential(
                OrderedDict(conv1=nn.Conv2d(16, 24, 1, bias=False), norm3_0=nn.BatchNorm2d(24))
            ),
            decoder=nn.Sequential(OrderedDict(linear=nn.Linear(24, 10))),
        )
    )


def digests(seed: int = 0) -> dict[str, str]:
    arrays = {
        "kaiming normal": kaiming_normal((16, 8, 3, 3), seed, "V1.conv2"),
        "clusters": CLUSTERS.sample((16, 32, 3, 3), seed, "V1.conv2"),
        "pointwise": POINTWISE.sample((16, 32, 1, 1), seed, "V2.conv1"),
        "gabors": small_mixture().sample((16, 3, 7, 7), seed, "V1.conv1"),
        "gamma": NORMALS.sample_batch_norm(32, seed, "V1.norm1")[0],
        "decoder": linear_default((10, 24), 24, seed, "decoder.linear.weight"),
    }
    return {
        name: hashlib.sha256(np.ascontiguousarray(values, "<f4").tobytes()).hexdigest()[:16]
        for name, values in arrays.items()
    }


def test_sampled_weights_have_the_pinned_bits():
    assert digests() == GOLDEN


@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_of_threads_does_not_change_a_bit(threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with threadpool_limits(threads):
            assert digests() == GOLDEN
    finally:
        torch.set_num_threads(before)


def test_another_seed_changes_every_layer():
    first, second = digests(0), digests(1)
    assert not set(first.values()) & set(second.values())


def test_a_genome_with_an_entry_that_its_file_would_not_give_back_is_not_written():
    class Finer(Clusters):
        """Inherits its parent's kind."""

    finer = Finer(**asdict(CLUSTERS))
    with pytest.raises(
        WiringError,
        match="cannot hold the entry of V1.conv2: its class Finer has no `kind` of its own",
    ):
        Genome({"V1.conv2": finer}).to_json()


def test_two_classes_of_one_kind_are_refused():
    with pytest.raises(WiringError, match="two kinds of genome entries called 'clusters'"):
        type("Others", (Clusters,), {"kind": "clusters"})


def test_a_layer_made_alone_is_the_layer_of_the_whole_birth():
    state = birth_state(small_network(), 5, GENOME)
    for name, shape in (
        ("V1.conv1", (32, 3, 7, 7)),
        ("V1.conv2", (16, 32, 3, 3)),
        ("V2.conv1", (24, 16, 1, 1)),
    ):
        np.testing.assert_array_equal(
            state[f"{name}.weight"].numpy(), GENOME.layers[name].sample(shape, 5, name)
        )


def test_the_order_of_the_genome_does_not_change_a_bit():
    turned = Genome(dict(reversed(GENOME.layers.items())))
    first, second = (birth_state(small_network(), 5, genome) for genome in (GENOME, turned))
    assert {k: sha256_of(v) for k, v in first.items()} == {
        k: sha256_of(v) for k, v in second.items()
    }


def test_a_birth_fits_its_network_and_leaves_the_global_random_state_alone():
    network = small_network()
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    state = birth_state(network, 0, GENOME)
    assert (
        torch.equal(before[0], torch.get_rng_state())
        and (before[1] == np.random.get_state()[1]).all()
    )
    network.load_state_dict(state)
    assert list(state) == list(network.state_dict())


def test_batch_norms_of_critical_layers_are_born_at_one_and_zero():
    state = birth_state(
        small_network(), 0, GENOME, default_norms=variant("cornet_s_wc").default_norms
    )
    assert (state["V2.norm3_0.weight"] == 1).all() and (state["V2.norm3_0.bias"] == 0).all()
    assert state["V1.norm1.weight"].std() > 0
    assert (state["V1.norm1.running_mean"] == 0).all() and (
        state["V1.norm1.running_var"] == 1
    ).all()


def test_areas_that_are_not_compressed_are_born_from_kaiming_normal():
    state = birth_state(small_network(), 0, GENOME, compressed=["V1"])
    np.testing.assert_array_equal(
        state["V2.conv1.weight"].numpy(), kaiming_normal((24, 16, 1, 1), 0, "V2.conv1")
    )
    np.testing.assert_array_equal(
        state["V1.conv2.weight"].numpy(), CLUSTERS.sample((16, 32, 3, 3), 0, "V1.conv2")
    )


def test_kaiming_normal_has_the_spread_of_the_outgoing_connections():
    weights = kaiming_normal((256, 64, 3, 3), 0, "V2.conv2")
    spread = math.sqrt(2 / (9 * 256))
    assert weights.std() == pytest.approx(spread, rel=0.01)  # 147,456 weights: standard error 0.2 %
    assert abs(weights.mean()) < 4 * spread / math.sqrt(weights.size)


def test_biases_of_convolutions_have_pytorchs_default_range():
    network = torch.nn.Sequential(OrderedDict(conv=torch.nn.Conv2d(8, 64, 3)))
    bias, bound = birth_state(network)["conv.bias"], (8 * 9) ** -0.5
    assert 0.8 * bound < bias.abs().max() <= bound and bias.unique().numel() == 64


def test_every_channel_belongs_to_a_cluster_as_often_as_the_genome_says():
    labels = CLUSTERS.labels(4000, 32, 0, "V1.conv2")
    counts = np.stack([(labels == cluster).sum(axis=1) for cluster in range(3)], axis=1)
    assert (counts.sum(axis=1) == 32).all()
    np.testing.assert_allclose(counts.mean(axis=0), [4, 10, 18], atol=0.2)  # standard error 0.06
    np.testing.assert_allclose(counts.std(axis=0)[:2], [2, 3], rtol=0.05)


def test_clusters_fill_a_kernel_in_order_and_the_last_takes_what_is_left():
    over_full = Clusters([[0.0], [1.0], [2.0]], [0.0] * 3, [20.0, 20.0, 20.0], [0.0] * 3, 32)
    labels = over_full.labels(10, 32, 0, "a")
    counts = [(labels == cluster).sum(axis=1).tolist() for cluster in range(3)]
    assert counts == [[20] * 10, [12] * 10, [0] * 10]
    left_over = Clusters([[0.0], [1.0]], [0.0] * 2, [5.0, 5.0], [0.0] * 2, 32)
    assert (left_over.labels(10, 32, 0, "a") == 1).sum(axis=1).tolist() == [27] * 10


def test_cluster_frequencies_scale_to_another_number_of_input_channels():
    labels = CLUSTERS.labels(4000, 64, 0, "layer1")
    np.testing.assert_allclose(
        [(labels == c).sum(axis=1).mean() for c in range(3)], [8, 20, 36], atol=0.4
    )


def test_a_depthwise_kernel_can_be_sampled():
    assert CLUSTERS.sample((64, 1, 3, 3), 0, "block").shape == (64, 1, 3, 3)


def test_weights_scatter_around_their_centre_by_the_noise():
    labels = CLUSTERS.labels(500, 32, 0, "V1.conv2")
    weights = CLUSTERS.sample((500, 32, 3, 3), 0, "V1.conv2").reshape(500, 32, 9)
    for cluster, (centre, noise) in enumerate(zip(CLUSTERS.centres, CLUSTERS.noise)):
        members = weights[labels == cluster]
        np.testing.assert_allclose(members.mean(axis=0), np.float32(centre), atol=0.01)
        assert (members - np.float32(centre)).std() == pytest.approx(noise, rel=0.02, abs=1e-9)


def test_pointwise_layers_hold_two_values():
    weights = POINTWISE.sample((16, 32, 1, 1), 0, "V2.conv1")
    assert set(np.unique(weights)) == {np.float32(-0.03), np.float32(0.04)}


def test_mixture_components_occur_as_often_as_their_weights():
    mixture = small_mixture(1)
    tight = [[1e-12 if i == j else 0.0 for j in range(10)] for i in range(10)]
    mixture = GaborMixture(mixture.weights, mixture.means, [tight, tight])
    kernels = mixture.sample((2000, 1, 7, 7), 0, "V1.conv1")
    first = (np.abs(kernels - kernels[0]).max(axis=(1, 2, 3)) < 1e-3).mean()
    # standard error 0.01
    assert first == pytest.approx(0.75, abs=0.04) or first == pytest.approx(0.25, abs=0.04)


def test_batch_norms_follow_their_normals():
    gamma, beta = NORMALS.sample_batch_norm(20_000, 0, "V1.norm1")
    assert (gamma.mean(), gamma.std()) == (
        pytest.approx(0.8, abs=0.005),
        pytest.approx(0.1, rel=0.03),
    )
    assert (beta.mean(), beta.std()) == (
        pytest.approx(-0.2, abs=0.01),
        pytest.approx(0.3, rel=0.03),
    )
    assert abs(np.corrcoef(gamma, beta)[0, 1]) < 0.03


@pytest.mark.parametrize(
    "entry, shape",
    [
        (CLUSTERS, (8, 32, 1, 1)),
        (small_mixture(), (8, 4, 7, 7)),
        (small_mixture(), (8, 3, 7, 5)),
        (NORMALS, (8, 3, 7, 7)),
    ],
)
def test_an_entry_of_another_layer_is_refused_by_name(entry, shape):
    with pytest.raises(WiringError, match="V2.conv2"):
        entry.sample(shape, 0, "V2.conv2")


def test_a_genome_survives_its_file():
    assert Genome.from_json(GENOME.to_json()) == GENOME


@pytest.mark.parametrize(
    "old, new",
    [
        ('"weights": [0.75, 0.25]', '"weights": [0.0, 0.0]'),
        ('"in_channels": 32', '"in_channels": 0'),
        ('"in_channels": 32', '"in_channels": 3'),  # fewer than a cluster has
        ('"noise": [0.05, 0.0, 0.1]', '"noise": [0.05, 0.0, -0.1]'),
        ('"noise": [0.05, 0.0, 0.1]', '"noise": [0.05, 0.0, [0.1]]'),
        ('"noise": [0.05, 0.0, 0.1]', '"noise": [0.05, 0.0, "0.1"]'),
        ('"noise": [0.05, 0.0, 0.1]', '"noise": [0.05, 0.0, true]'),
        ('"in_channels": 32', '"in_channels": 32.5'),
        ('"in_channels": 32', '"in_channels": 1' + 400 * "0"),
        ('"centres": [[-0.03], [0.04]]', '"centres": [[0.1, 0.2], [0.1, 0.2]]'),
        ('"gamma_mean": 0.8', '"gamma_mean": [0.8, 0.8]'),
        ('"gamma_mean": 0.8', '"gamma_mean": 1e39'),
        ('"gamma_mean": 0.8', '"gamma_mean": NaN'),
        ('"layers"', '"strata"'),
        ('"layers"', '"source": ' + 5000 * "[" + 5000 * "]" + ', "layers"'),
        ('"kind": "gabor_mixture"', '"kind": "gabors"'),
        ('"architecture": "cornet_s"', '"architecture": 5'),
    ],
)
def test_a_genome_that_nothing_can_be_drawn_from_is_refused(old, new):
    text = GENOME.to_json()
    assert old in text
    with pytest.raises(WiringError, match="not a genome file or is damaged") as error:
        Genome.from_json(text.replace(old, new))
    assert "\n" not in str(error.value)


def test_what_a_genome_draws_must_be_finite():
    mixture = small_mixture()
    impossible = np.full((30, 30), 3e38)  # no covariance: its factor overflows
    np.fill_diagonal(impossible, 1e-30)
    genome = Genome(
        {
            "V1.conv1": GaborMixture(mixture.weights, mixture.means, [impossible.tolist()] * 2),
            "V1.norm1": BatchNormNormals(0.0, 3e38, 0.0, 0.0),
        }
    )
    assert Genome.from_json(genome.to_json()) == genome
    with pytest.raises(WiringError, match=r"for V1.conv1 \(gabor_mixture\) is not finite"):
        birth_state(small_network(), 0, genome)
    with pytest.raises(WiringError, match=r"for V1.norm1 \(batch_norm_normals\) is not finite"):
        birth_state(small_network(), 0, Genome({"V1.norm1": genome.layers["V1.norm1"]}))


#: The first 16 hexadecimal digits of each SHA-256; other bits would be other models under the same
#: names.
GOLDEN = {
    "kaiming normal": "6f17dcb111debe1c",
    "clusters": "e642547fc7af280f",
    "pointwise": "8f571367c9df6e7e",
    "gabors": "2ed6cd4844d62db8",
    "gamma": "ace12994ec2fd33b",
    "decoder": "abc2e4a004237ce9",
}
