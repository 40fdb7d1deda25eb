"""Channel variances aligned with activity: the variances asked for, along the axes that the network
finds in itself.
"""

from __future__ import annotations

import dataclasses
import json
from collections import OrderedDict

import numpy as np
import pytest
import torch
from developing import develop
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from brainscore_wiring import architectures, folders
from brainscore_wiring.architectures import Architecture, RegionMap
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint, write_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression import batch_norm_statistics
from brainscore_wiring.weight_compression.aligned_channels_fit import (
    fit_rainbow,
    fit_spectra,
    with_spectra,
)
from brainscore_wiring.weight_compression.alignment import at_first_input
from brainscore_wiring.weight_compression.birth import Birth
from brainscore_wiring.weight_compression.entries.aligned_channels import (
    AlignedChannels,
    channel_spectrum,
)
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.genome import Genome


def clusters(in_channels: int, places: int) -> Clusters:
    """Two filters of uneven frequency: such weights have more along the mean of all channels than
    elsewhere.
    """
    return Clusters(
        [[0.2] * places, [-0.1] * places],
        [0.1, 0.05],
        [in_channels / 2] * 2,
        [in_channels / 5] * 2,
        in_channels,
    )


def entry(in_channels: int, places: int, leading: list[float]) -> AlignedChannels:
    others = (in_channels - sum(leading)) / (in_channels - len(leading))
    base = {"kind": "clusters", **dataclasses.asdict(clusters(in_channels, places))}
    return AlignedChannels(base, [*leading, others])


GENOME = Genome(
    {"V1.conv2": entry(8, 9, [3.0, 0.5, 1.5]), "V2.conv1": entry(12, 1, [4.0, 2.0])}, "small"
)


def small_network() -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            V1=nn.Sequential(
                OrderedDict(
                    conv1=nn.Conv2d(3, 8, 3, bias=False),
                    norm1=nn.BatchNorm2d(8),
                    nonlin1=nn.ReLU(),
                    conv2=nn.Conv2d(8, 12, 3, bias=False),
                    norm2=nn.BatchNorm2d(12),
                    nonlin2=nn.ReLU(inplace=True),
                )
            ),
            V2=nn.Sequential(OrderedDict(conv1=nn.Conv2d(12, 32, 1, bias=False))),
        )
    )


@pytest.fixture
def small_birth(monkeypatch) -> Birth:
    small = Architecture("small", "a small network", small_network, RegionMap({}, "", ""))
    monkeypatch.setitem(architectures._ARCHITECTURES, "small", small)
    return Birth("small", seed=3, genome=GENOME)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@st.composite
def alignments(draw):
    """An entry, weights for it and orthonormal axes."""
    in_channels, size = draw(st.integers(2, 24)), draw(st.sampled_from([1, 3]))
    rank = draw(st.integers(1, in_channels - 1))
    share = np.array(draw(st.lists(st.floats(0.05, 1), min_size=in_channels, max_size=in_channels)))
    leading = (share * in_channels / share.sum())[:rank].tolist()
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    weights = generator.normal(draw(st.floats(-1, 1)), 1, (300, in_channels, size, size)) * draw(
        st.floats(1e-3, 1e3)
    )
    axes = np.linalg.qr(generator.normal(size=(in_channels, rank)))[0]
    return (
        entry(in_channels, size * size, leading),
        weights.astype(np.float32),
        axes.astype(np.float16),
    )


@settings(max_examples=30, deadline=None)
@given(alignments())
def test_aligned_weights_have_the_planted_spectrum_and_the_same_sum_of_squares(alignment):
    planted, weights, axes = alignment
    aligned = planted.align(weights, axes)
    np.testing.assert_allclose(
        channel_spectrum(aligned, axes), planted.spectrum[:-1], rtol=0.01, atol=1e-4
    )
    np.testing.assert_allclose(np.square(aligned).sum(), np.square(weights).sum(), rtol=0.005)


@settings(max_examples=20, deadline=None)
@given(alignments())
def test_the_spectrum_that_weights_have_already_changes_nothing(alignment):
    planted, weights, axes = alignment
    own = entry(planted.in_channels, weights[0, 0].size, channel_spectrum(weights, axes).tolist())
    np.testing.assert_allclose(own.align(weights, axes), weights, atol=2e-3 * np.abs(weights).max())


@settings(max_examples=20, deadline=None)
@given(alignments(), st.randoms(use_true_random=False))
def test_no_order_of_summation_and_no_sign_of_an_axis_changes_a_bit(alignment, random):
    planted, weights, axes = alignment
    order = random.sample(range(planted.in_channels), planted.in_channels)
    signs = np.array([random.choice([-1, 1]) for _ in range(planted.rank)], np.float16)
    expected = planted.align(weights, axes)[::-1][:, order]
    assert np.array_equal(planted.align(weights[::-1][:, order], axes[order] * signs), expected)


def test_each_layer_is_aligned_with_what_the_aligned_layers_below_tell_it(small_birth, images):
    birth = small_birth.aligned([images])
    network, seen = birth.network().train(), {}
    with (
        torch.no_grad(),
        at_first_input(network, GENOME.layers, lambda name, _, x: seen.update({name: x.clone()})),
    ):
        network(images)
    for name, planted in GENOME.layers.items():
        activity = seen[name].movedim(1, 0).flatten(1).double()
        along = birth.bases[name].double().T @ activity.cov() @ birth.bases[name].double()
        variances = along.diagonal()
        assert (along - torch.diag(variances)).abs().max() < 0.01 * variances.min(), name
        assert variances[0] >= activity.cov().diagonal().max() and (variances.diff() < 0).all(), (
            name
        )
        found = channel_spectrum(
            network.get_submodule(name).weight.detach().numpy(), birth.bases[name].numpy()
        )
        np.testing.assert_allclose(found, planted.spectrum[:-1], rtol=0.01)


def test_the_fit_finds_the_spectra_that_a_network_was_born_with(small_birth, images):
    network = small_birth.aligned([images]).network()
    batch_norm_statistics.measure(network, [images])
    plain = Genome({"V1.conv2": clusters(8, 9), "V2.conv1": clusters(12, 1)}, "small")
    fitted = fit_rainbow(network.state_dict(), images.split(3), 2, plain)
    for name, planted in GENOME.layers.items():
        np.testing.assert_allclose(
            fitted.layers[name].spectrum[:2], planted.spectrum[:2], rtol=0.05
        )
        assert fitted.layers[name].unaligned == plain.layers[name]
    assert fitted.source["aligned_channels"] == {"axes": 2, "images": 8}


def test_a_layer_gets_no_more_axes_than_channels_let_it_have(small_birth, images):
    state = small_birth.aligned([images]).state()
    plain = Genome({"V1.conv2": clusters(8, 9), "V2.conv1": clusters(12, 1)}, "small")
    wide = fit_rainbow(state, [images], 64, plain)
    assert [len(wide.layers[name].spectrum) for name in wide.layers] == [8, 12]


@pytest.mark.parametrize("rank, numbers", [(4, 4246), (16, 4438), (64, 5204)])
def test_costs_one_number_per_axis_and_one_for_all_others(rank, numbers):
    packaged = Genome.read(folders.packaged() / "cornet_s.genome.json")
    flat = {
        name: np.ones(min(64, layer.in_channels - 1))
        for name, layer in packaged.layers.items()
        if isinstance(layer, Clusters)
    }
    genome = with_spectra(packaged, flat, rank)
    assert genome.stored_numbers() == numbers
    assert Genome.from_json(genome.to_json()) == genome


def test_a_rank_of_zero_is_refused():
    with pytest.raises(WrongUsage, match="1 axis or more, not 0"):
        with_spectra(GENOME, {}, 0)


def test_a_genome_without_clusters_is_refused(small_birth, images):
    with pytest.raises(WiringError, match="no clusters .* `brainscore compress"):
        fit_spectra(small_network().state_dict(), [images], 2, GENOME)


def test_too_few_images_for_the_axes_are_refused(small_birth, images):
    with pytest.raises(
        WiringError, match="2 activities of V2.conv1 do not show its 2 .* more images"
    ):
        small_birth.aligned([images[:2, :, :5, :5]])
    with pytest.raises(WiringError, match="2 images or more, not 1"):
        small_birth.aligned([images[:1]])


@pytest.mark.parametrize(
    "spectrum, problem",
    [
        ([1.0] * 9, "8 axes of 8 channels"),
        ([1.0], "0 axes"),
        ([-1.0, 9 / 7], "negative"),
        ([2.0, 2.0], "mean 2"),
    ],
)
def test_a_genome_with_an_impossible_spectrum_is_refused(spectrum, problem):
    document = json.loads(GENOME.to_json())
    document["layers"]["V1.conv2"]["spectrum"] = spectrum
    with pytest.raises(WiringError, match=problem):
        Genome.from_json(json.dumps(document))


def test_a_birth_that_has_seen_nothing_says_what_shows_it_something(small_birth):
    with pytest.raises(WiringError, match="aligns V1.conv2 .* needs images: `brainscore train"):
        small_birth.state()


def test_axes_of_another_size_are_refused(small_birth, images):
    birth = small_birth.aligned([images])
    other = dataclasses.replace(
        birth, bases=birth.bases | {"V1.conv2": birth.bases["V1.conv2"][:, :2]}
    )
    with pytest.raises(WiringError, match="axes of V1.conv2 are 8 x 2 .* needs 8 x 3"):
        other.state()


def test_areas_that_are_not_born_from_the_genome_are_not_aligned(small_birth, images):
    partly = dataclasses.replace(small_birth, compressed=("V1",)).aligned([images])
    assert set(partly.bases) == {"V1.conv2"}
    assert torch.equal(
        partly.state()["V2.conv1.weight"], Birth("small", seed=3).state()["V2.conv1.weight"]
    )


def test_a_wiring_checkpoint_brings_the_aligned_weights_back(small_birth, images, tmp_path):
    birth = small_birth.aligned([images])
    written = write_checkpoint(tmp_path / "model.safetensors", birth, birth.network(), [], {})
    read = read_checkpoint(tmp_path / "model.safetensors")
    assert read.sha256 == written
    assert all(torch.equal(read.birth.bases[name], birth.bases[name]) for name in GENOME.layers)
    assert all(torch.equal(read.state[name], value) for name, value in birth.state().items())


def test_a_wiring_checkpoint_without_its_axes_is_refused(small_birth, images, tmp_path):
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    birth, path = small_birth.aligned([images]), tmp_path / "model.safetensors"
    write_checkpoint(path, birth, birth.network(), [], {})
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    save_file(
        {name: value for name, value in load_file(path).items() if name != "basis.V2.conv1"},
        path,
        metadata,
    )
    with pytest.raises(WiringError, match="V2.conv1 for one: the file is damaged"):
        read_checkpoint(path)


def test_the_header_of_other_births_is_as_before(small_birth, tmp_path):
    birth = Birth("small", seed=3)
    write_checkpoint(tmp_path / "model.safetensors", birth, birth.network(), [], {})
    from safetensors import safe_open

    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert set(json.loads(file.metadata()["birth"])) == {
            "architecture",
            "seed",
            "compressed",
            "default_norms",
        }
        assert not [name for name in file.keys() if name.startswith("basis.")]


def test_a_rainbow_model_is_born_on_its_unlabelled_images(labelled_images, tmp_path):
    packaged = Genome.read(folders.packaged() / "cornet_s.genome.json")
    spectra = {
        "V1.conv2": np.array([3.0, 2.0]),
        "V2.conv2": np.array([5.0, 4.0]),
        "IT.skip": np.array([2.0, 0.5]),
    }
    birth = Birth(
        "cornet_s", 0, with_spectra(packaged, spectra, 2), ("V1", "V2", "V4", "IT"), ("norm3_",)
    )
    row = variant("cornet_s_wc_rainbow_4_bn")
    record = develop(row, birth, labelled_images, tmp_path, Recipe(image_size=32), images=10)
    found = read_checkpoint(tmp_path / "model.safetensors")
    assert record.channels_aligned_on_images == record.unlabelled_images == 10
    for name, expected in spectra.items():
        weights, axes = found.state[f"{name}.weight"].numpy(), found.birth.bases[name].numpy()
        np.testing.assert_allclose(channel_spectrum(weights, axes), expected, rtol=0.01)
