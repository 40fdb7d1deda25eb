"""The CORnet-S genome in other architectures (appendix D.1): what each layer is drawn from, what a
birth stores.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch
from developing import develop
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from brainscore_wiring.accounting import account_of
from brainscore_wiring.architectures import architecture, build, trained_parameters
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import RECIPES
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.locate import packaged_genome
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.weight_compression.birth import birth_state
from brainscore_wiring.weight_compression.entries.clusters import (
    Clusters,
    DepthwiseClusters,
)
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.transfer import transfer

ARCHITECTURES = ("resnet50", "mobilenet_v1")


@pytest.fixture(scope="module")
def genome():
    return Genome.read(packaged_genome())


@pytest.fixture(scope="module")
def states():
    """The networks at birth by their row."""
    return {
        name: birth_of(variant(name)).state()
        for name in ("resnet50_wc", "resnet50_wc_batchnorm_normals", "mobilenet_wc")
    }


def convolutions(architecture):
    return {
        name: module
        for name, module in build(architecture).named_modules()
        if isinstance(module, nn.Conv2d)
    }


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_convolution_but_mobilenets_stem_is_drawn_from_one_of_its_kernel_size(name):
    cornet_s, origins = convolutions("cornet_s"), architecture(name).origins()
    assert convolutions(name).keys() == {
        name for name, origin in origins.items() if origin in cornet_s
    }
    others = [
        layer
        for layer, module in convolutions(name).items()
        if module.kernel_size != cornet_s[origins[layer]].kernel_size
    ]
    assert others == (["stem.conv"] if name == "mobilenet_v1" else [])


def test_a_layer_without_an_origin_has_no_entry_under_its_own_name(genome):
    transferred = replace(
        genome, source={"transferred_from": "cornet_s"}, drawn_from={"V2.conv1": "V2.conv1"}
    )
    assert genome.entry("V1.conv1") is not None and transferred.entry("V1.conv1") is None
    assert transferred.entry("V2.conv1") == genome.entry("V2.conv1")


@pytest.mark.parametrize(
    "layer, origin",
    [
        ("conv1", "V1.conv1"),
        ("layer1.2.conv3", "V2.conv3"),
        ("layer2.0.downsample.0", "V4.skip"),
        ("layer3.5.conv2", "V4.conv2"),
        ("layer4.0.conv1", "IT.conv1"),
        ("layer3.5.bn2", "V4.norm2_3"),
        ("layer3.3.bn1", "V4.norm1_3"),
        ("layer3.4.bn1", "V4.norm1_2"),
        ("layer4.2.bn3", "IT.norm3_1"),
        ("layer1.0.downsample.1", "V2.norm_skip"),
    ],
)
def test_resnet_follows_the_authors_mapping(layer, origin):
    assert architecture("resnet50").origins()[layer] == origin


@pytest.mark.parametrize(
    "layer, origin",
    [
        ("stem.conv", "V1.conv1"),
        ("block1.depthwise", "V1.conv2"),
        ("block1.pointwise", "V2.conv_input"),
        ("block4.pointwise", "V2.conv3"),
        ("block5.depthwise", "V2.conv2"),
        ("block5.pointwise", "V4.conv_input"),
        ("block9.pointwise", "V4.conv3"),
        ("block10.depthwise", "V4.conv2"),
        ("block10.pointwise", "IT.conv_input"),
        ("block11.pointwise", "IT.conv1"),
        ("block13.pointwise", "IT.conv3"),
    ],
)
def test_mobilenet_follows_the_authors_sixth_mapping(layer, origin):
    assert architecture("mobilenet_v1").origins()[layer] == origin


@pytest.mark.parametrize(
    "row, layer, origin",
    [
        ("resnet50_wc", "layer3.4.conv3", "V4.conv3"),
        ("resnet50_wc", "layer2.1.conv2", "V4.conv2"),
        ("mobilenet_wc", "block9.pointwise", "V4.conv3"),
        ("mobilenet_wc", "block3.depthwise", "V2.conv2"),
    ],
)
def test_a_transferred_layer_has_the_centres_noise_and_frequencies_of_its_origin(
    states, genome, row, layer, origin
):
    """The mean squared weight that the origin's entry predicts, within sampling error."""
    entry = genome.layers[origin]
    shares = np.array(entry.count_means) / np.sum(entry.count_means)
    expected = shares @ ((np.array(entry.centres) ** 2).mean(axis=1) + np.array(entry.noise) ** 2)
    assert float((states[row][f"{layer}.weight"] ** 2).mean()) == pytest.approx(expected, rel=0.15)


def test_gabors_of_the_first_layers_are_those_of_cornet_s_at_another_size(genome):
    entry = genome.layers["V1.conv1"]
    small, large = (entry.sample((32, 3, size, size), 0, "stem.conv") for size in (3, 7))
    np.testing.assert_array_equal(small, large[..., ::3, ::3])


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from((1, 3, 5, 7)),
    st.sampled_from((1, 2, 3, 5, 7, 9)),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_resized_clusters_fill_the_same_field_with_the_same_weights(before, after, slope, level):
    def ramp(side: int) -> np.ndarray:
        places = np.linspace(-1, 1, side) if side > 1 else np.zeros(1)
        return (level + slope * places[:, None] - slope / 2 * places[None]).ravel()

    entry = Clusters([ramp(before).tolist()], [0.1], [4.0], [0.0], 4)
    resized = entry.resized(after)
    # one weight tells of no slope
    expected = ramp(after) if before > 1 else np.full(after * after, level)
    np.testing.assert_allclose(resized.centres[0], expected, atol=1e-9)
    assert resized.sample((2, 4, after, after), 0, "layer").shape == (2, 4, after, after)


def test_a_layer_with_larger_kernels_is_drawn_from_resized_clusters():
    network = nn.Sequential(OrderedDict(large=nn.Conv2d(4, 2, 5, bias=False)))
    entry = Clusters([[1.0] * 9], [0.0], [4.0], [0.0], 4)
    genome = Genome({"small": entry}, "other", drawn_from={"large": "small"})
    assert (birth_state(network, genome=genome)["large.weight"] == 1).all()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_transferred_genome_stores_what_the_genome_of_cornet_s_does_and_survives_its_file(
    genome, architecture
):
    transferred = transfer(genome, architecture)
    assert transferred.stored_numbers() == genome.stored_numbers() == 4_166
    assert Genome.from_json(transferred.to_json()) == transferred
    assert (
        transferred.architecture == architecture
        and transferred.source["transferred_from"] == "cornet_s"
    )


def test_a_genome_file_that_draws_a_layer_from_nothing_is_refused(genome):
    text = (
        transfer(genome, "resnet50").to_json().replace('"conv1": "V1.conv1"', '"conv1": "V0.conv1"')
    )
    with pytest.raises(WiringError, match="damaged"):
        Genome.from_json(text)


def test_depthwise_kernels_find_their_clusters_as_often_as_the_compressed_layer_has_them(genome):
    entry = transfer(genome, "mobilenet_v1").layers["V4.conv2"]
    counts = np.bincount(
        entry.labels(4096, 1, 0, "block6.depthwise").ravel(), minlength=len(entry.centres)
    )
    np.testing.assert_allclose(
        counts / 4096, np.array(entry.count_means) / np.sum(entry.count_means), atol=0.03
    )


def test_the_authors_depthwise_kernels_are_nearly_all_of_the_last_cluster(genome):
    entry = genome.layers["V4.conv2"]  # their sampler is that of all other layers
    labels = entry.labels(4096, 1, 0, "block6.depthwise")
    assert type(entry) is Clusters and (labels == len(entry.centres) - 1).mean() > 0.8


def test_only_layers_that_are_drawn_depthwise_change_their_kind(genome):
    layers = transfer(genome, "mobilenet_v1").layers
    depthwise = {name for name, entry in layers.items() if type(entry) is DepthwiseClusters}
    assert depthwise == {"V1.conv2", "V2.conv2", "V4.conv2", "IT.conv2"}
    assert not any(
        type(entry) is DepthwiseClusters for entry in transfer(genome, "resnet50").layers.values()
    )


@pytest.mark.parametrize("row", ["resnet50_wc", "mobilenet_wc"])
def test_batch_norms_of_a_transfer_are_born_at_their_defaults(states, row):
    network = build(variant(row).architecture)
    norms = [name for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms and all(
        bool(
            (states[row][f"{name}.weight"] == 1).all() and (states[row][f"{name}.bias"] == 0).all()
        )
        for name in norms
    )


def test_the_row_with_batch_norm_normals_draws_them_but_beside_trained_convolutions(states, genome):
    state, entry = states["resnet50_wc_batchnorm_normals"], genome.layers["V4.norm1_1"]
    gamma = state["layer2.1.bn1.weight"].numpy()
    assert gamma.mean() == pytest.approx(
        entry.gamma_mean, abs=4 * entry.gamma_std / len(gamma) ** 0.5 + 1e-6
    )
    assert bool((state["layer2.1.bn3.weight"] == 1).all()) and bool(
        (state["layer2.0.downsample.1.weight"] != 1).any()
    )


def test_a_birth_up_to_v2_leaves_the_later_stages_to_kaiming_normal():
    state, default = (
        birth_of(variant(name)).state() for name in ("resnet50_wc_ct_v2", "resnet50_kn")
    )
    same = {
        name.partition(".")[0]
        for name, value in state.items()
        if name.endswith("conv1.weight") and torch.equal(value, default[name])
    }
    assert same == {"layer2", "layer3", "layer4"}


def test_rows_that_can_be_built_count_the_numbers_of_the_compressed_areas_once():
    for name in ("resnet50_wc_ct", "resnet50_wc_ct_v4", "mobilenet_wc_ct", "resnet50"):
        assert birth_of(variant(name)).genome_numbers() == account_of(name).genome_numbers


@pytest.mark.parametrize("mapping", [1, 2, 4, 5])
def test_other_mappings_sample_layers_from_where_the_authors_do(states, genome, mapping):
    row = variant(f"mobilenet_wc_ct_mapping_{mapping}")
    birth = birth_of(row)
    drawn = birth.genome.drawn_from
    blocks = range(1, 14)
    depthwise = [drawn[f"block{number}.depthwise"] for number in blocks]
    pointwise = [drawn.get(f"block{number}.pointwise", "") for number in blocks]
    areas = [layer.partition(".")[0] for layer in depthwise]
    assert (
        areas
        == ["V1"] * (2 if mapping == 1 else 1)
        + ["V2"] * (2 if mapping == 1 else 3)
        + ["V4"] * 6
        + ["IT"] * 3
    )
    reduced = {number for number in blocks if depthwise[number - 1].endswith("conv3")}
    assert reduced == ({2, 6, 12} if mapping == 4 else set())
    kind = "conv3" if mapping == 1 else "conv1"
    assert pointwise[:2] == (["", ""] if mapping == 1 else ["V2.conv1"] * 2)
    assert all(layer.endswith(kind) for layer in pointwise[2:])
    state, default = birth.state(), birth_of(variant("mobilenet_random")).state()
    for number in blocks:
        name = f"block{number}.pointwise.weight"
        assert torch.equal(state[name], default[name]) == (mapping == 1 and number < 3)


def test_an_unknown_mapping_is_wrong_usage(genome):
    with pytest.raises(WrongUsage, match="mapping_5"):
        transfer(genome, "mobilenet_v1", mapping="mapping_3")


@pytest.mark.parametrize(
    "ask, sentence",
    [
        (lambda genome: transfer(genome, "resnet"), "resnet50"),
        (lambda genome: transfer(transfer(genome, "resnet50"), "mobilenet_v1"), "of resnet50"),
        (
            lambda genome: transfer(Genome.read(packaged_genome("rainbow_4")), "resnet50"),
            "aligns V1.conv2",
        ),
    ],
    ids=["architecture", "genome", "aligned"],
)
def test_a_transfer_that_cannot_be_is_refused_in_one_sentence(genome, ask, sentence):
    with pytest.raises(WiringError, match=sentence):
        ask(genome)


@pytest.mark.parametrize(
    "row, count", [("resnet50_wc_ct", 7_109_096), ("mobilenet_wc_ct", 3_433_896)]
)
def test_critical_training_changes_exactly_the_stated_parameters(
    labelled_images, tmp_path, row, count
):
    # large steps: what a gamma of 1 learns must outlast its rounding to float16
    recipe = replace(
        RECIPES["small"], image_size=33, batch_size=8, schedule="plateau", learning_rate=2.0
    )
    record = develop(
        variant(row), birth_of(variant(row)), labelled_images, tmp_path, recipe, images=16, epochs=1
    )
    birth, checkpoint = birth_of(variant(row)), read_checkpoint(tmp_path / "model.safetensors")
    before, after = birth.state(), checkpoint.state
    network = build(variant(row).architecture)
    parameters = [name for name, _ in network.named_parameters()]
    changed = [name for name in parameters if not torch.equal(before[name], after[name])]
    assert changed == trained_parameters("critical_training", parameters, variant(row).architecture)
    assert (
        record.trained_parameters == count
        and record.images_shown == 16
        and record.genome_numbers == 4_166
    )
    assert checkpoint.birth == birth
