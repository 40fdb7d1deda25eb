"""Weights files of a submission: beside it, or fetched once, and verified."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from conftest import served

from brainscore_wiring.errors import WiringError
from brainscore_wiring.submission.fetched_weights_file import FetchedWeightsFile, weight_folder
from brainscore_wiring.submission.weights_file import WeightsFile


def test_weights_that_are_missing_or_damaged_are_not_read(tmp_path):
    file = WeightsFile("a.safetensors", 3, hashlib.sha256(b"abc").hexdigest())
    with pytest.raises(WiringError, match="cannot be read"):
        file.path(tmp_path)
    (tmp_path / file.name).write_bytes(b"abd")
    with pytest.raises(WiringError, match="not the file it should be"):
        file.path(tmp_path)
    (tmp_path / file.name).write_bytes(b"abc")
    assert file.path(tmp_path) == tmp_path / file.name


@pytest.fixture
def server(tmp_path):
    """A web server on this machine, and the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    with served(folder) as address:
        yield address, folder


def test_weights_are_fetched_once_to_brain_scores_own_folder(server, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_HOME", str(tmp_path / "home"))
    url, served = server
    (served / "a.safetensors").write_bytes(b"abc")
    file = FetchedWeightsFile(
        "a.safetensors", 3, hashlib.sha256(b"abc").hexdigest(), f"{url}/a.safetensors"
    )
    path = file.path(Path("models/plugin"))
    assert (
        path == tmp_path / "home/brainscore-vision/models/plugin/a.safetensors"
        and path.read_bytes() == b"abc"
    )
    (served / "a.safetensors").unlink()
    assert file.path(Path("models/plugin")) == path


def test_another_file_at_the_address_is_not_kept(server, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_HOME", str(tmp_path / "home"))
    url, served = server
    (served / "a.safetensors").write_bytes(b"abd")
    file = FetchedWeightsFile(
        "a.safetensors", 3, hashlib.sha256(b"abc").hexdigest(), f"{url}/a.safetensors"
    )
    with pytest.raises(WiringError, match="not kept"):
        file.path(Path("plugin"))
    assert not (weight_folder("plugin") / file.name).exists()
