"""Convolutions of small maps as matrix products: the plain way's results, up to rounding."""

from __future__ import annotations

import contextlib
import functools
import itertools

import pytest
import torch
from developing import develop
from torch import Tensor, nn
from torch.nn import functional as F

from brainscore_wiring.architectures import trained_parameters
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.header import read_header
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.networks import small_maps
from brainscore_wiring.networks.small_maps import matrix_products
from brainscore_wiring.training.develop import Reports
from brainscore_wiring.training.frozen_layers import in_fast_layout

CPU = torch.device("cpu")
#: Largest relative error: of one rounding and a sum, and of three bfloat16 roundings.
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 6e-3}
CLASSES = 5


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def error(found: Tensor, expected: Tensor) -> float:
    assert found.shape == expected.shape
    return ((found.double() - expected.double()).norm() / expected.double().norm()).item()


@pytest.fixture
def every_layer(monkeypatch):
    monkeypatch.setattr(small_maps, "FEWEST_CHANNELS", 1)


SIZES = [(8, 8), (7, 4), (4, 5), (3, 3), (2, 2), (2, 1), (1, 1)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kernel, stride", list(itertools.product([1, 3], [1, 2])))
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("images", [1, 6])
def test_outputs_and_gradients_are_those_of_a_convolution(
    every_layer, dtype, kernel, stride, size, images
):
    x = random(images, 24, *size).to(dtype).requires_grad_()
    weight = random(40, 24, kernel, kernel, seed=1).to(dtype).requires_grad_()
    expected = F.conv2d(x.double(), weight.double(), None, stride, kernel // 2)
    with matrix_products(CPU):
        found = F.conv2d(x, weight, None, stride, kernel // 2)
    assert found.grad_fn.name() != "ConvolutionBackward0" and found.dtype == dtype
    assert error(found, expected) < TOLERANCE[dtype]
    of_output = random(*found.shape, seed=2).to(dtype)
    gradients = torch.autograd.grad(found, (x, weight), of_output)
    wanted = torch.autograd.grad(expected, (x, weight), of_output.double())
    for value, exact in zip(gradients, wanted):
        assert value.dtype == dtype and error(value, exact) < TOLERANCE[dtype]


@pytest.mark.parametrize("needed", ["input", "weight"])
def test_a_gradient_that_is_not_needed_is_not_computed(every_layer, needed, monkeypatch):
    unwanted = "_set_weight" if needed == "input" else "_add_to_input"
    monkeypatch.setattr(small_maps, unwanted, lambda *_: pytest.fail("computed"))
    x = random(2, 8, 4, 4).requires_grad_(needed == "input")
    weight = random(8, 8, 3, 3).requires_grad_(needed == "weight")
    with matrix_products(CPU):
        F.conv2d(x, weight, None, 1, 1).sum().backward()
    assert (x.grad is None) == (needed == "weight")


@pytest.mark.parametrize(
    "other",
    [
        dict(padding=0),
        dict(padding=2),
        dict(padding=1, stride=3),
        dict(padding=1, dilation=2),
        dict(padding=1, groups=2),
        dict(padding=1, bias=torch.zeros(16)),
        dict(padding="same"),
    ],
)
def test_other_convolutions_are_left_alone(every_layer, other):
    x, weight = random(2, 16, 8, 8), random(16, 16 // other.get("groups", 1), 3, 3)
    with matrix_products(CPU):
        found = F.conv2d(x, weight, **other)
    assert torch.equal(found, F.conv2d(x, weight, **other))


def test_which_convolutions_are_products_depends_on_shapes_alone():
    def products(channels: int, size: int, kernel: int, stride: int = 1) -> bool:
        return small_maps.is_small(
            torch.empty(1, channels, size, size, device="meta"),
            torch.empty(8, channels, kernel, kernel, device="meta"),
            None,
            (stride, stride),
            (kernel // 2,) * 2,
            (1, 1),
            1,
        )

    assert products(512, 8, 3) and products(512, 16, 3, stride=2) and products(2048, 2, 3)
    assert not products(512, 16, 3) and not products(256, 4, 3)
    assert products(64, 16, 1) and products(8, 32, 1, stride=2) and not products(64, 32, 1)
    assert not products(512, 4, 7)


def test_nothing_changes_on_a_gpu():
    with matrix_products(torch.device("cuda")) as context:
        assert context is None and torch.overrides._get_current_function_mode() is None


def test_a_learning_weight_is_rounded_once_for_all_its_uses(every_layer, monkeypatch):
    roundings = []
    to = Tensor.to
    monkeypatch.setattr(
        Tensor,
        "to",
        lambda value, *rest, **named: (
            roundings.append(value) if torch.bfloat16 in rest else None,
            to(value, *rest, **named),
        )[1],
    )
    weight, x = nn.Parameter(random(8, 8, 3, 3)), random(2, 8, 4, 4).bfloat16()
    with torch.autocast("cpu", torch.bfloat16), matrix_products(CPU):
        for _ in range(3):
            x = F.conv2d(x, weight, None, 1, 1)
    assert sum(value is weight for value in roundings) == 1
    x.sum().backward()
    assert weight.grad.dtype == torch.float32 and weight.grad.is_contiguous()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16), matrix_products(CPU):
        before = F.conv2d(x, weight, None, 1, 1)
        weight.mul_(2)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16), matrix_products(CPU):
        assert torch.equal(F.conv2d(x, weight, None, 1, 1), 2 * before)  # an update is seen


@functools.lru_cache(maxsize=1)
def state_at_birth(model: str) -> dict[str, Tensor]:
    return birth_of(variant(model)).state()


def network_of(model: str, precision: str = "fp32") -> tuple[nn.Module, Recipe]:
    row = variant(model)
    network = birth_of(row).network(state_at_birth(model)).train()
    names = [name for name, _ in network.named_parameters()]
    learned = set(trained_parameters(row.trained, names, row.architecture))
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in learned)
    return network, Recipe(image_size=33, precision=precision, batch_size=CLASSES)


@pytest.mark.parametrize("model", ["cornet_s_ct", "resnet50_wc_ct"])
def test_only_frozen_weights_are_laid_out_and_keep_their_numbers(model):
    network, recipe = network_of(model)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    in_fast_layout(network, recipe)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    laid_out = {name for name, value in network.named_parameters() if not value.is_contiguous()}
    frozen = {name for name, value in network.named_parameters() if not value.requires_grad}
    assert laid_out and laid_out <= frozen


def losses(
    model: str, precision: str, fast: bool, updates: int, skip: bool = False, count: int = CLASSES
) -> list[float]:
    network, recipe = network_of(model, precision)
    if skip:
        network.feedback_through_skips_alone()
    if fast:
        in_fast_layout(network, recipe)
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(learned, lr=0.01, momentum=0.9, fused=True)
    labels, found = torch.arange(count) % CLASSES, []
    for update in range(updates):
        images = random(count, 3, 33, 33, seed=update % 4)
        images += random(CLASSES, 3, 1, 1, seed=9)[labels]
        with (
            torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"),
            matrix_products(CPU) if fast else contextlib.nullcontext(),
        ):
            outputs = network(images)
        loss = F.cross_entropy(outputs.float(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@pytest.mark.parametrize("precision, skip, tolerance", [("bf16", False, 0.1), ("fp32", True, 0.01)])
def test_twelve_updates_have_the_losses_of_the_plain_way(precision, skip, tolerance):
    plain, fast = (
        torch.tensor(losses("cornet_s_ct", precision, way, 12, skip)) for way in (False, True)
    )
    assert plain[-1] < plain[0] - 1  # something was learned
    torch.testing.assert_close(fast, plain, rtol=tolerance, atol=tolerance)
    again = losses("cornet_s_ct", precision, True, 3, skip)
    assert again == fast[:3].tolist()  # the same bits


@pytest.mark.parametrize(
    "model, size", [("cornet_s_kn", 17), ("resnet50_kn", 33), ("mobilenet_random", 33)]
)
def test_gradients_of_whole_networks_are_those_of_the_plain_way(model, size):
    """In float64, where batch norms of few values do not blow rounding up to per cents."""
    network = birth_of(variant(model)).network().train().double()
    images, labels = random(3, 3, size, size).double(), torch.arange(3)
    found, taken = [], []
    for way in (contextlib.nullcontext(), matrix_products(CPU)):
        network.zero_grad(set_to_none=True)
        with way as context:
            loss = F.cross_entropy(network(images), labels)
            taken.append(len(context.prepared) if context else 0)
        loss.backward()
        found.append({name: one.grad.clone() for name, one in network.named_parameters()})
    assert taken[0] == 0 and taken[1] > 5  # layers of this network are products
    for name, plain in found[0].items():
        largest = max(plain.abs().max().item(), 1e-12)
        assert (found[1][name] - plain).abs().max().item() < 1e-6 * largest, name


@pytest.mark.parametrize(
    "model, precision, tolerance",
    [("cornet_s", "bf16", 0.05), ("resnet50", "fp32", 0.01)],
)
def test_all_weights_learn_as_the_plain_way_lets_them(model, precision, tolerance):
    plain, fast = (torch.tensor(losses(model, precision, way, 2, count=8)) for way in (False, True))
    assert abs(plain[1] - plain[0]) > 2 * tolerance * plain[0]
    torch.testing.assert_close(fast, plain, rtol=tolerance, atol=tolerance)


def test_a_stopped_run_goes_on_bit_exactly(labelled_images, tmp_path):
    row = variant("mobilenet_wc_ct")
    recipe = Recipe(image_size=33, batch_size=6, learning_rate=0.01, precision="bf16")
    few = dict(images=12, held_out_images=2, epochs=2)

    class Stop(Exception):
        pass

    def interrupt(progress, run):
        if progress.step == 3:
            raise Stop

    def run(name: str, **more) -> None:
        develop(row, birth_of(row), labelled_images, tmp_path / name, recipe, **few, **more)

    run("straight")
    with pytest.raises(Stop):
        run("stopped", save_every=0, reports=Reports(update=interrupt))
    run("stopped")
    hashes = {
        read_header(tmp_path / name / "model.safetensors").sha256
        for name in ("straight", "stopped")
    }
    assert len(hashes) == 1
