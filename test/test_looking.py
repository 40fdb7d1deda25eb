"""What `look_at` takes and what it says about the rest; where a network is recorded from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from PIL import Image
from small_experiments import draw, subject

from brainscore_wiring.brain import features
from brainscore_wiring.brain.stimuli import presentations
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks import devices


@pytest.fixture
def paths(tmp_path) -> list[str]:
    (tmp_path / "shown").mkdir()
    return [str(path) for path in draw(tmp_path / "shown", 3)]


def stimulus_set(paths: list[str], **columns) -> StimulusSet:
    stimuli = StimulusSet({"stimulus_id": list("abc"), **columns})
    stimuli.stimulus_paths = dict(zip("abc", paths))
    stimuli.identifier = "three"
    return stimuli


def test_one_file_is_one_image_and_a_folder_its_images_by_name(paths):
    folder = Path(paths[0]).parent
    assert presentations(paths[0])[0] == [paths[0]]
    assert presentations(Path(paths[0]))[0] == [paths[0]]
    assert presentations(str(folder))[0] == sorted(paths)
    (folder / "labels.csv").write_text("a,b")
    with pytest.warns(UserWarning, match="1 files in .* are no images and left out"):
        assert presentations(folder)[0] == sorted(paths)


def test_a_model_looks_at_one_file_and_at_a_folder(paths):
    model = subject(0)
    model.start_recording("IT", [(70, 170)])
    folder = model.look_at(str(Path(paths[0]).parent))
    one = model.look_at(paths[0])
    row = list(folder["stimulus_path"].values).index(paths[0])
    np.testing.assert_allclose(one.values[0], folder.values[row], rtol=1e-5)


@pytest.mark.parametrize(
    "given, said",
    [
        (Image.new("RGB", (8, 8)), "A Image was given: `look_at` takes an image file.*image.save"),
        ([Image.new("RGB", (8, 8))], "A Image was given"),
        (np.zeros((2, 8, 8, 3)), "A ndarray was given.*fromarray"),
        ([np.zeros((8, 8, 3))], "A ndarray was given"),
        ({"a": "a.png"}, "A dict was given"),
        (3, "A int was given"),
    ],
)
def test_what_is_no_file_is_named(given, said):
    with pytest.raises(WiringError, match=said):
        presentations(given)


def test_a_folder_without_images_is_named(tmp_path):
    with pytest.raises(WiringError, match="There is no image in the folder"):
        presentations(tmp_path)


def test_stimuli_without_a_file_are_counted(paths):
    stimuli = stimulus_set(paths)
    del stimuli.stimulus_paths["b"]
    with pytest.raises(WiringError, match="1 of 3 stimuli have no file.*the first is 'b'"):
        presentations(stimuli)
    with pytest.raises(WiringError, match="does not say where its images are"):
        presentations(StimulusSet({"stimulus_id": ["a"]}))
    with pytest.raises(WiringError, match="has the columns colour: it needs one"):
        presentations(StimulusSet({"colour": ["red"]}))


def test_stimulus_sets_of_earlier_versions_name_their_images_image_id(paths):
    stimuli = StimulusSet({"image_id": list("abc")})
    stimuli.image_paths = dict(zip("abc", paths))
    shown, coordinates = presentations(stimuli)
    assert shown == paths
    assert list(coordinates["stimulus_id"][1]) == list(coordinates["image_id"][1]) == list("abc")


@pytest.mark.parametrize("column", ["model", "layer", "region", "channel", "time_bin_start"])
def test_a_column_that_a_recording_has_itself_is_refused(paths, column):
    with pytest.raises(WiringError, match=f"has a column '{column}'.*stimulus_{column}"):
        presentations(stimulus_set(paths, **{column: [1, 2, 3]}))


@pytest.mark.parametrize("odd", [[1], {}, np.zeros(2)], ids=["list", "dict", "array"])
def test_a_column_that_can_be_no_coordinate_is_named(paths, odd):
    with pytest.raises(WiringError, match=f"column 'box' holds a {type(odd).__name__}.*drop"):
        presentations(stimulus_set(paths, box=["x", odd, "y"]))


def test_two_columns_of_one_name_are_refused(paths):
    stimuli = stimulus_set(paths, size=[1, 2, 3], width=[1, 2, 3])
    stimuli.columns = ["stimulus_id", "size", "size"]
    with pytest.raises(WiringError, match="several columns 'size'"):
        presentations(stimuli)


def test_pictures_of_16_bits_are_scaled_and_of_32_refused(tmp_path):
    grey = np.random.default_rng(0).integers(0, 256, (32, 32), np.uint8)
    Image.fromarray(grey).save(tmp_path / "eight.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "sixteen.png")
    Image.fromarray((grey / 255).astype(np.float32)).save(tmp_path / "float.tiff")
    model = subject(0)

    def responses(name):
        model.start_recording("V1", [(70, 170)])
        return model.look_at(tmp_path / name).values

    assert np.array_equal(responses("sixteen.png"), responses("eight.png"))
    with pytest.raises(WiringError, match="float.tiff' cannot be read: it has floating-point"):
        responses("float.tiff")


def test_time_bins_may_be_fractions(paths):
    model = subject(0)
    model.start_recording("IT", [(0.0, 0.6)])  # seconds, as Gifford2022's benchmarks have them
    found = model.look_at(paths)
    assert (found["time_bin_start"].item(), found["time_bin_end"].item()) == (0, 0.6)
    model.start_recording("IT", [(0, 1)])
    assert np.array_equal(model.look_at(paths).values, found.values)


def test_an_array_or_column_of_files_is_a_list_of_them(paths):
    expected = presentations(paths)[0]
    for given in (np.array(paths), pd.Series(paths)):
        assert presentations(given)[0] == expected


def test_an_image_with_too_many_pixels_is_named(paths, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    model = subject(0)
    model.start_recording("IT", [(70, 170)])
    with pytest.raises(WiringError, match=r"has more pixels than Pillow takes \(20\)"):
        model.look_at(paths[0])


def test_devices_that_are_not_here_are_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert devices.device_of() == torch.device("cpu")
    with pytest.raises(WiringError, match="cuda was asked for; torch .* finds no GPU here"):
        devices.device_of("cuda")
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(WiringError, match="was built without CUDA"):
        devices.device_of("cuda:1")
    for name in ("meta", "gpu"):
        with pytest.raises(WrongUsage, match=f"'{name}' is no device to record on: give auto"):
            devices.device_of(name)


def test_a_gpu_is_taken_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    model = subject(0)
    recording = model.activations_model
    assert (recording.device, recording.batch_size) == (torch.device("cuda"), 64)
    model.record_on("cuda:1", 3)
    assert (recording.device, recording.batch_size) == (torch.device("cuda:1"), 3)
    with pytest.raises(WiringError, match="cuda:2 was asked for; torch .* finds 2 GPUs here"):
        model.record_on("cuda:2")


def test_a_network_goes_to_its_device_and_comes_back(monkeypatch):
    visited = []

    class Network(torch.nn.Linear):
        def to(self, *device, **layout):
            visited.extend(map(str, device))
            return self

    with devices.running_on(torch.device("cpu"), Network(1, 1)):
        pass
    assert not visited
    with (
        pytest.raises(WiringError, match="The memory of cuda is too small for a batch"),
        devices.running_on(torch.device("cuda"), Network(1, 1)),
    ):
        raise torch.cuda.OutOfMemoryError
    assert visited == ["cuda", "cpu"]


def test_images_at_a_time_change_no_response(paths):
    responses = []
    for size in (1, 2):
        model = subject(0)
        model.record_on("cpu", size)
        model.start_recording("V1", [(70, 170)])
        responses.append(model.look_at(paths).values)
    np.testing.assert_allclose(*responses, rtol=1e-5, atol=1e-5)


def test_recordings_that_find_no_room_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(features.shutil, "disk_usage", lambda folder: type("", (), {"free": 1e9}))
    with pytest.raises(WiringError, match="1,000 images take 4.0 GB on disk, and 1.0 GB are free"):
        features.room_for({"V1": (1, (1_000_000,))}, 1000)
    monkeypatch.setattr(features, "free_memory", lambda: 100)
    small = features.room_for({"V1": (1, (100,))}, 10)["V1"]
    assert small._file is not None  # little memory: on disk
    with pytest.raises(WiringError, match="2 layers side by side take 0.0 GB of memory"):
        features.check_memory(101, ["a", "b"])


def test_memory_that_is_free_is_less_than_there_is():
    import os

    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < features.free_memory() <= there
