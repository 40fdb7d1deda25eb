"""What a caller has set in PyTorch changes no model, no training and no response."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import brainscore_wiring
from brainscore_wiring.networks.defaults import pytorch_defaults


@contextlib.contextmanager
def double_precision():
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextlib.contextmanager
def medium_precision():
    torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision("highest")


def half_precision():
    return torch.autocast("cpu", dtype=torch.bfloat16)


SETTINGS = [double_precision, torch.inference_mode, lambda: torch.device("meta"), half_precision]


@pytest.mark.parametrize(
    "name, setting",
    [*(("mobilenet_random", one) for one in SETTINGS), ("cornet_s_wc_ct", double_precision)],
)
def test_a_model_is_the_same_network(name, setting):
    expected = brainscore_wiring.load_model(name)
    with setting():
        found = brainscore_wiring.load_model(name)
    assert found.fingerprint == expected.fingerprint
    types = {value.dtype for value in found.activations_model.network.parameters()}
    assert types <= {torch.float32}


def test_a_training_leaves_the_same_weights(tmp_path):
    def train(folder):
        options = dict(images=4, epochs=1, recipe="small", image_size=40, batch_size=4)
        options |= dict(held_out_images=4)
        brainscore_wiring.train("mobilenet_wc_ct", "visual-atoms", folder, **options)
        return brainscore_wiring.resolve(folder / "model.safetensors").fingerprint

    expected = train(tmp_path / "plain")
    with double_precision(), torch.inference_mode(), torch.device("meta"), half_precision():
        assert train(tmp_path / "set") == expected


@pytest.fixture
def image(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    return tmp_path / "noise.png"


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_model_answers_as_it_does_otherwise(image, setting):
    model = brainscore_wiring.load_model("mobilenet_random")

    def responses():
        model.start_recording("V1", [(70, 170)])
        return model.look_at(image).values

    expected = responses()
    with setting():
        assert np.array_equal(responses(), expected)


def test_a_network_of_double_precision_is_shown_images_of_double_precision(image):
    network = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.LazyLinear(2))
    network(torch.zeros(1, 3, 224, 224))
    model = brainscore_wiring.brain_model(network.double(), {"V1": "0"})
    model.start_recording("V1", [(70, 170)])
    assert model.look_at(image).shape[1] == 2 * 222 * 222


def test_products_are_of_full_precision():
    one, other = torch.rand(64, 512), torch.rand(512, 64)
    expected = one @ other
    with medium_precision(), pytorch_defaults():
        assert torch.equal(one @ other, expected)


def test_a_gpu_is_of_full_precision_and_deterministic():
    backends, cudnn = torch.backends, torch.backends.cudnn

    def settings():
        places = (backends.cuda.matmul, backends.mkldnn.matmul, cudnn.conv)
        return [place.fp32_precision for place in places] + [cudnn.deterministic]

    with medium_precision():
        before = settings()
        with pytorch_defaults():
            assert settings() == ["ieee", "ieee", "ieee", True]
        assert settings() == before == ["tf32", "bf16", "tf32", False]
        assert torch.get_float32_matmul_precision() == "medium" and cudnn.allow_tf32


def test_what_was_set_is_set_again():
    with double_precision(), torch.no_grad(), torch.device("meta"):
        with pytest.raises(ValueError), pytorch_defaults():
            assert torch.zeros(1).dtype == torch.float32 and torch.zeros(1).device.type == "cpu"
            assert torch.is_grad_enabled()
            raise ValueError
        assert torch.zeros(1).dtype == torch.float64 and torch.zeros(1).device.type == "meta"
        assert not torch.is_grad_enabled()
