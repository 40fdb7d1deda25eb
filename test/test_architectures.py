"""ResNet-50, MobileNet v1 and HMAX: names, numbers and arithmetic of their public references."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from brainscore_wiring.architectures import (
    ARCHITECTURES,
    BATCH_NORMS,
    TrainableSet,
    architecture,
    build,
    trained_parameters,
)
from brainscore_wiring.architectures.layers import LAYERS_FILE, layers_text, parameter_counts
from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.errors import WiringError
from brainscore_wiring.networks.allocation import without_weights
from brainscore_wiring.networks.hmax import (
    FILTER_SIZES,
    PROTOTYPE_GRID,
    PROTOTYPE_SIZES,
    best_matches,
    complex_cells,
    dead_leaves,
    gabor_filters,
    prototypes,
    simple_cells,
)
from brainscore_wiring.networks.recording import record
from brainscore_wiring.weight_compression.birth import birth_state


@pytest.fixture(scope="module")
def mobilenet():
    network = build("mobilenet_v1")
    network.load_state_dict(birth_of(variant("mobilenet_random"), seed=1).state())
    return network


def images(count: int = 2, size: int = 64, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    "name, total", [("cornet_s", 53_416_616), ("resnet50", 25_557_032), ("mobilenet_v1", 4_231_976)]
)
def test_parameters_are_those_that_the_account_counts(name, total):
    parameters = {parameter: value.numel() for parameter, value in build(name).named_parameters()}
    assert list(parameters.items()) == list(parameter_counts(name).items())
    assert sum(parameters.values()) == total


def test_batch_norms_are_found_by_their_type_under_any_name(monkeypatch):
    every_norm = TrainableSet((BATCH_NORMS, "fc"), "batch norm")
    monkeypatch.setitem(architecture("resnet50").trainable, "batch_norm", every_norm)
    learned = trained_parameters("batch_norm", parameter_counts("resnet50"), "resnet50")
    norms = [
        name
        for name, module in build("resnet50").named_modules()
        if isinstance(module, nn.BatchNorm2d)
    ]
    assert len(norms) == 53
    assert set(learned) == {
        f"{name}.{kind}" for name in [*norms, "fc"] for kind in ("weight", "bias")
    }


class Scaled(nn.Module):
    """A module of no type that is known, with a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.randn(4))


def scaled() -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(3, 4, 3), norm=nn.LayerNorm(4), group=nn.GroupNorm(2, 4), own=Scaled()
        )
    )


def test_a_network_without_its_weights_holds_zeros_and_ones_and_what_is_said_of_it():
    state = without_weights(scaled, {"scale": 0.5}).state_dict()
    expected = {
        "conv.weight": 0,
        "conv.bias": 0,
        "norm.weight": 1,
        "norm.bias": 0,
        "group.weight": 1,
        "group.bias": 0,
        "own.scale": 0.5,
    }
    assert {name: value.unique().tolist() for name, value in state.items()} == {
        name: [value] for name, value in expected.items()
    }


def test_networks_are_allocated_and_training_is_imported_without_the_tools_of_pytorchs_compiler():
    # they take as long as PyTorch itself; torchvision brings them, and the first optimizer
    code = (
        "import sys; from brainscore_wiring.architectures import build; build('cornet_s'); "
        "import brainscore_wiring.training.develop; "
        "print({'sympy', 'torch._dynamo', 'torchvision'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_module_whose_birth_is_not_known_is_refused_by_name():
    with pytest.raises(
        WiringError, match=r"No initial value is known for 'own.scale', held by a Scaled"
    ):
        without_weights(scaled)


class Odd(nn.Conv2d):
    """A convolution that holds more than convolutions do."""

    def __init__(self, held):
        super().__init__(3, 4, 3)
        held(self)


def twice() -> nn.Module:
    network = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1))
    network[1].weight = network[0].weight
    return network


@pytest.mark.parametrize(
    "network, sentence",
    [
        (lambda: nn.Sequential(*[nn.Conv2d(3, 3, 1)] * 2), "'0.weight' and '1.weight' are one"),
        (twice, "'0.weight' and '1.weight' are one tensor"),
        (
            lambda: Odd(lambda one: one.register_parameter("gain", nn.Parameter(torch.ones(1)))),
            "No initial value is known for 'gain', held by a Odd",
        ),
        (
            lambda: Odd(lambda one: one.register_buffer("mask", torch.ones(1))),
            "No initial value is known for 'mask'",
        ),
        (
            lambda: Odd(lambda one: one.register_buffer("mask", torch.ones(1), persistent=False)),
            "'mask' is in no state dict",
        ),
        (lambda: Odd(lambda one: setattr(one, "mask", torch.ones(1))), "'mask' is in no state"),
        (lambda: nn.Linear(2, 2).to(torch.bfloat16), "'weight' is of torch.bfloat16"),
        (lambda: torch.nn.utils.weight_norm(nn.Conv2d(3, 4, 3)), "No initial value .* 'weight_"),
    ],
    ids=range(8),
)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_what_cannot_be_born_is_refused(network, sentence):
    with pytest.raises(WiringError, match=sentence):
        without_weights(network)


def test_buffers_have_their_constants():
    made = without_weights(
        lambda: Odd(lambda one: one.register_buffer("mask", torch.ones(2))), {"mask": 1.0}
    )
    assert made.mask.tolist() == [1, 1]


def test_biases_of_convolutions_are_born_as_pytorchs():
    network = without_weights(lambda: nn.Sequential(OrderedDict(conv=nn.Conv2d(3, 64, 3))))
    state = birth_state(network, seed=1)
    bound = 27**-0.5
    assert 0.9 * bound < float(state["conv.bias"].abs().max()) <= bound
    assert not torch.equal(state["conv.bias"], birth_state(network, seed=2)["conv.bias"])


def test_the_table_of_layers_is_what_the_networks_say():
    # `python -m brainscore_wiring.models.write_plugins` writes it
    assert LAYERS_FILE.read_text() == layers_text()


@pytest.mark.parametrize(
    "architecture, weights, of",
    [("resnet50", 5_029_888, 23_454_912), ("mobilenet_v1", 2_399_552, 4_231_976)],
)
def test_critical_training_teaches_the_papers_share_of_the_convolutions(architecture, weights, of):
    network = build(architecture)
    convolutions = {
        f"{name}.weight": module.weight.numel()
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d)
    }
    learned = trained_parameters(
        "critical_training", [name for name, _ in network.named_parameters()], architecture
    )
    assert sum(convolutions.get(name, 0) for name in learned) == weights
    assert weights / of == pytest.approx(0.214 if architecture == "resnet50" else 0.567, abs=5e-4)


@pytest.mark.parametrize("architecture", ["resnet50", "mobilenet_v1", "hmax"])
def test_building_a_network_leaves_the_global_random_state_alone(architecture):
    before = torch.get_rng_state()
    assert not build(architecture).training
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_each_committed_layer_is_there_and_answers(name):
    region_map, network = architecture(name).region_map, build(name)
    layers = list(
        dict.fromkeys([*region_map.regions.values(), region_map.behaviour, region_map.logits])
    )
    outputs = record(
        network, images(1, 224 if name.startswith(("hmax", "expansion")) else 64), layers
    )
    steps = {
        region_map.regions[region]: count for region, (_, _, count) in region_map.steps.items()
    }
    assert [len(outputs[layer]) for layer in layers] == [steps.get(layer, 1) for layer in layers]


def test_resnet50_is_born_from_torchvisions_distribution():
    from torchvision.models import resnet50

    ours, theirs = birth_of(variant("resnet50_kn")).state(), resnet50(weights=None).state_dict()
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        if value.dim() > 1:
            assert float(ours[name].std()) == pytest.approx(float(value.std()), rel=0.03), name
        elif "fc" not in name:
            assert torch.equal(ours[name], value), name


def test_mobilenet_computes_what_the_paper_it_comes_from_describes(mobilenet):
    state = dict(mobilenet.state_dict())

    def layer(x, convolution, norm, **how):
        x = F.conv2d(x, state[f"{convolution}.weight"], **how)
        return F.relu(
            F.batch_norm(
                x,
                state[f"{norm}.running_mean"],
                state[f"{norm}.running_var"],
                state[f"{norm}.weight"],
                state[f"{norm}.bias"],
            )
        )

    x = layer(images(), "stem.conv", "stem.norm", stride=2, padding=1)
    for block, stride in enumerate((1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1), start=1):
        x = layer(
            x,
            f"block{block}.depthwise",
            f"block{block}.depthwise_norm",
            stride=stride,
            padding=1,
            groups=x.shape[1],
        )
        x = layer(x, f"block{block}.pointwise", f"block{block}.pointwise_norm")
    expected = F.linear(x.mean((2, 3)), state["classifier.weight"], state["classifier.bias"])
    with torch.inference_mode():
        torch.testing.assert_close(mobilenet(images()), expected)


def test_mobilenet_is_born_from_pytorchs_uniform_default(mobilenet):
    for name, module in mobilenet.named_modules():
        if isinstance(module, nn.Conv2d):
            bound = module.weight[0].numel() ** -0.5
            assert 0.9 * bound < float(module.weight.detach().abs().max()) <= bound, name


@pytest.mark.parametrize("size", FILTER_SIZES)
def test_a_filter_of_hmax_ignores_brightness_and_has_unit_length(size):
    filters = gabor_filters(size)
    np.testing.assert_allclose(filters.sum(axis=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose((filters**2).sum(axis=(1, 2)), 1)


@pytest.mark.parametrize("orientation", range(4))
def test_a_simple_cell_prefers_gratings_of_its_orientation_and_ignores_contrast(orientation):
    angle, line = orientation * np.pi / 4, np.arange(64)
    # 15 px: 7.9 px a cycle
    wave = np.cos(2 * np.pi * (line * np.cos(angle) + line[:, None] * np.sin(angle)) / 7.9)
    filters = torch.from_numpy(gabor_filters(15))[:, None]
    strong, weak = (
        simple_cells(torch.from_numpy(contrast * wave)[None, None], filters)[0, :, 16:48, 16:48]
        for contrast in (1, 0.1)
    )
    assert int(strong.mean(dim=(1, 2)).argmax()) == orientation
    torch.testing.assert_close(strong, weak)
    assert 0.8 < float(strong.max()) <= 1


def test_a_complex_cell_is_the_maximum_of_its_neighbourhood_and_both_scales():
    scales = [
        torch.rand(1, 4, 40, 40, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1)
    ]
    band = complex_cells(scales, 1)  # neighbourhoods of 10, every 5
    assert float(band[0, 2, 1, 3]) == float(torch.stack(scales)[:, 0, 2, 5:15, 15:25].max())


@pytest.mark.parametrize("size", PROTOTYPE_SIZES)
def test_a_prototype_is_matched_best_where_it_is_and_less_by_its_distance(size):
    generator = torch.Generator().manual_seed(size)
    c1, patches = (
        torch.rand(1, 4, 20, 20, generator=generator),
        torch.rand(3, 4, size, size, generator=generator),
    )
    patches[0] = c1[0, :, 2 : 2 + size, 1 : 1 + size]
    windows = c1[0].unfold(1, size, 1).unfold(2, size, 1).permute(1, 2, 0, 3, 4).flatten(0, 1)
    nearest = torch.stack([((windows - patch) ** 2).sum(dim=(1, 2, 3)).min() for patch in patches])
    torch.testing.assert_close(
        best_matches(c1, patches)[0],
        torch.exp(-nearest / (2 * (size / 4) ** 2)),
        rtol=1e-4,
        atol=1e-5,
    )
    assert float(best_matches(c1, patches)[0, 0]) == pytest.approx(1, abs=1e-4)


def test_prototypes_lie_on_a_grid_that_hides_last_bits_and_all_differ():
    for patches, size in zip(prototypes(), PROTOTYPE_SIZES):
        assert patches.shape == (100, 4, size, size) and len(np.unique(patches, axis=0)) > 95
        np.testing.assert_array_equal(patches / PROTOTYPE_GRID, np.rint(patches / PROTOTYPE_GRID))


def test_dead_leaves_cover_the_picture_and_are_the_same_for_a_seed():
    picture = dead_leaves(120)
    assert picture.shape == (120, 120) and 0 <= picture.min() < 0.2 and 0.8 < picture.max() <= 1
    assert (picture == 0.5).mean() < 0.05  # the ground that no leaf covers
    np.testing.assert_array_equal(picture, dead_leaves(120))
    assert not np.array_equal(picture, dead_leaves(120, seed=1))


def test_hmax_has_nothing_to_learn_and_tells_images_apart():
    network = build("hmax")
    assert not list(network.parameters()) and not network.state_dict()
    with torch.inference_mode():
        one, other = network(images(2, 200))
    assert (
        one.shape == (400,)
        and not torch.allclose(one, other)
        and bool(((one > 0) & (one <= 1)).all())
    )
