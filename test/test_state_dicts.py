"""Public checkpoints are read from any container, and nothing in them is ever run."""

from __future__ import annotations

import argparse
import datetime
import os
import pickle
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from brainscore_wiring.checkpoints.state_dicts import read_state_dict, read_weights
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.birth import Birth


@pytest.fixture(scope="module")
def state():
    return Birth("cornet_s", seed=1).state()


def published_form(state):
    """The form of the CORnet authors' file: a data-parallel state dict beside training flags and
    the epoch.
    """
    return {
        "flags": {"model": "S", "lr": 0.1},
        "epoch": 43,
        "state_dict": {f"module.{k}": v for k, v in state.items()},
    }


@pytest.mark.parametrize("zipped", [True, False], ids=["zip container", "legacy container of 2019"])
def test_reads_the_published_form(state, tmp_path, zipped):
    path = tmp_path / "cornet_s-1d3f7974.pth"
    torch.save(published_form(state), path, _use_new_zipfile_serialization=zipped)
    read = read_state_dict(path)
    assert read.keys() == state.keys()
    assert all(torch.equal(read[name], value) for name, value in state.items())


def test_reads_plain_safetensors(state, tmp_path):
    save_file(state, tmp_path / "state.safetensors")
    assert torch.equal(
        read_state_dict(tmp_path / "state.safetensors")["IT.conv3.weight"], state["IT.conv3.weight"]
    )


@pytest.mark.parametrize("dtype", [torch.complex64, torch.int8, torch.bool])
def test_weights_are_floating_point(state, tmp_path, dtype):
    changed = {**state, "V1.conv1.weight": state["V1.conv1.weight"].to(dtype)}
    torch.save(changed, tmp_path / "odd.pth")
    with pytest.raises(WiringError, match=f"holds V1.conv1.weight as {dtype}"):
        read_state_dict(tmp_path / "odd.pth")


def test_a_missing_layer_is_named(state, tmp_path):
    torch.save(
        {name: value for name, value in state.items() if name != "V4.skip.weight"},
        tmp_path / "x.pth",
    )
    with pytest.raises(WiringError, match="V4.skip.weight"):
        read_state_dict(tmp_path / "x.pth")


def test_a_wrong_shape_is_named(state, tmp_path):
    torch.save(state | {"V2.conv1.weight": torch.zeros(3, 3)}, tmp_path / "x.pth")
    with pytest.raises(WiringError, match="V2.conv1.weight"):
        read_state_dict(tmp_path / "x.pth")


def test_values_that_are_not_finite_are_named(state, tmp_path):
    torch.save(state | {"V2.norm1_0.weight": torch.full((512,), float("nan"))}, tmp_path / "x.pth")
    with pytest.raises(WiringError, match="V2.norm1_0.weight"):
        read_state_dict(tmp_path / "x.pth")


class Poison:
    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


@pytest.fixture(scope="module")
def small():
    return Birth("mobilenet_v1", seed=4).state()


class Lit:
    """Stands for a class of a package that is not here."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def wrapped(prefix):
    return lambda state: {f"{prefix}{name}": value for name, value in state.items()}


@pytest.mark.parametrize(
    "form, key",
    [
        (wrapped("module."), ""),
        (wrapped("_orig_mod."), ""),
        (wrapped("module._orig_mod."), ""),
        (wrapped("model."), ""),
        (wrapped("net.backbone._orig_mod."), ""),
        (lambda state: {"net": state}, "net"),
        (lambda state: {"weights": state, "epoch": 3}, "weights"),
        (lambda state: {"model_state": state}, "model_state"),
        (lambda state: {"model": {"state_dict": state}}, "model.state_dict"),
        (lambda state: {"state": {"model": wrapped("module.")(state), "rng": []}}, "state.model"),
        (lambda state: defaultdict(list, model=state), "model"),
        (lambda state: {"model": state, "state_dict": dict(state)}, "model"),
        (lambda state: Lit(net=state), "net"),
    ],
)
def test_a_state_dict_is_found_under_any_prefix(small, tmp_path, form, key):
    torch.save(form(small), tmp_path / "x.pth")
    weights = read_weights(tmp_path / "x.pth", "mobilenet_v1")
    assert weights.key == key and weights.state.keys() == small.keys()
    assert all(torch.equal(weights.state[name], value) for name, value in small.items())
    assert not weights.left_aside and not weights.without


@pytest.mark.parametrize(
    "beside",
    [
        argparse.Namespace(epochs=90, output=Path("runs")),
        Path("runs"),
        datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
        defaultdict(list, loss=[1.0]),
        np.arange(3),
        np.array([1, None], dtype=object),
        ("MT19937", np.random.RandomState(0).get_state()),
        {np.str_("x"): np.float32(1), "set": {1, frozenset([2])}},
        torch.Generator().get_state(),
        torch.device("cuda:1"),
        Lit(nested=Lit(a=1), call=np.mean),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_what_lies_beside_the_weights_does_not_matter(small, tmp_path, beside, zipped):
    content = {"state_dict": small, "args": beside, "epoch": 7}
    torch.save(content, tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    weights = read_weights(tmp_path / "x.pth", "mobilenet_v1")
    assert weights.epoch == 7
    assert all(torch.equal(weights.state[name], value) for name, value in small.items())


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_whole_pickled_module_is_read_without_its_class(small, tmp_path, protocol):
    network = Birth("mobilenet_v1", seed=4).network()
    torch.save({"model": network, "epoch": 1}, tmp_path / "x.pt", pickle_protocol=protocol)
    weights = read_weights(tmp_path / "x.pt", "mobilenet_v1")
    assert weights.key == "model"
    assert all(torch.equal(weights.state[name], value) for name, value in small.items())


def test_tensors_beside_the_network_are_counted(small, tmp_path):
    state = wrapped("net.")(small)
    more = {"criterion.weight": torch.ones(3), "net.stem.total_ops": torch.zeros(1)}
    torch.save(state | more, tmp_path / "x.pth")
    weights = read_weights(tmp_path / "x.pth", "mobilenet_v1")
    assert weights.left_aside == ("criterion.weight", "stem.total_ops")


def test_two_networks_in_one_dict_are_told_apart_by_key(small, tmp_path):
    other = {name: value + 1 for name, value in small.items()}
    content = {"state_dict": wrapped("student.")(small) | wrapped("teacher.")(other)}
    torch.save(content, tmp_path / "x.pth")
    with pytest.raises(WiringError, match="state_dict.student, state_dict.teacher"):
        read_weights(tmp_path / "x.pth", "mobilenet_v1")
    weights = read_weights(tmp_path / "x.pth", "mobilenet_v1", key="state_dict.teacher")
    assert torch.equal(weights.state["stem.norm.bias"], small["stem.norm.bias"] + 1)


@pytest.mark.parametrize(
    "content, sentence",
    [
        (
            {"features.0.weight": torch.ones(2), "features.1.weight": torch.ones(2)},
            "no stem.conv.weight, but features.0.weight, features.1.weight",
        ),
        ({"x" * 10**6: torch.ones(2)}, "no stem.conv.weight, but xxx"),
        ({"epoch": 3}, "holds no state dict"),
        ([torch.ones(2)], "holds no state dict"),
    ],
)
def test_a_file_in_which_nothing_fits_is_told_what_it_has(tmp_path, content, sentence):
    torch.save(content, tmp_path / "x.pth")
    with pytest.raises(WiringError, match=sentence) as error:
        read_weights(tmp_path / "x.pth", "mobilenet_v1")
    assert len(str(error.value)) < 600


def test_a_flipped_bit_in_a_weight_is_noticed(small, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(small, path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WiringError, match="does not match its checksum"):
        read_weights(path, "mobilenet_v1")


def test_a_layer_too_many_is_another_network(small, tmp_path):
    torch.save(small | {"stem.extra.weight": torch.ones(2)}, tmp_path / "x.pth")
    with pytest.raises(WiringError, match="mobilenet_v1 has no stem.extra.weight"):
        read_weights(tmp_path / "x.pth", "mobilenet_v1")


def test_a_decoder_of_other_classes_is_no_whole_state_dict(small, tmp_path):
    torch.save(small | {"classifier.weight": torch.ones(10, 1024)}, tmp_path / "x.pth")
    assert read_weights(tmp_path / "x.pth", "mobilenet_v1").without == (
        "classifier.weight",
        "classifier.bias",
    )
    with pytest.raises(WiringError, match="classifier.weight"):
        read_state_dict(tmp_path / "x.pth", "mobilenet_v1")


@pytest.mark.parametrize(
    "write",
    [
        lambda poison, path: torch.save({"state_dict": {}, "extra": poison}, path),
        lambda poison, path: path.write_bytes(pickle.dumps(poison)),
    ],
    ids=["PyTorch file", "bare pickle"],
)
def test_a_poisoned_file_is_refused_and_does_not_run(tmp_path, write):
    marker, path = tmp_path / "it_ran", tmp_path / "poison.pth"
    write(Poison(marker), path)
    with pytest.raises(WiringError, match="poison.pth"):
        read_state_dict(path)
    assert not marker.exists()


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "x.pth' is empty"),
        (b"<html>not found</html>", "x.pth' cannot be read as a PyTorch checkpoint"),
        (b"\x80\x02}q\x00.", "x.pth' cannot be read as a PyTorch checkpoint"),
        (b"\x80\x02]r\xff\xff\xff\xff.", "x.pth' cannot be read as a PyTorch checkpoint"),
    ],
    ids=["empty", "html", "no tensors", "claims to remember four billion values"],
)
def test_what_is_no_checkpoint_is_refused_in_one_sentence(tmp_path, content, sentence):
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(WiringError, match=sentence):
        read_state_dict(tmp_path / "x.pth")
