"""Public checkpoints are read whatever their container, and nothing in them is ever run."""

from __future__ import annotations

import os
import pickle

import pytest
import torch
from safetensors.torch import save_file

from brainscore_wiring.checkpoints.state_dicts import read_state_dict
from brainscore_wiring.checkpoints.wiring_checkpoint import Birth
from brainscore_wiring.errors import WiringError


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
    "content",
    [b"", b"<html>not found</html>", b"\x80\x02}q\x00."],
    ids=["empty", "html", "no tensors"],
)
def test_what_is_no_checkpoint_is_refused_in_one_sentence(tmp_path, content):
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(WiringError, match="x.pth"):
        read_state_dict(tmp_path / "x.pth")
