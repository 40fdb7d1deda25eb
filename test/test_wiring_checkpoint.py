"""The wiring checkpoint: small, exact, verified."""

from __future__ import annotations

import json
import struct

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from brainscore_wiring.architectures import trained_parameters
from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints import wiring_checkpoint
from brainscore_wiring.checkpoints.header import header_sha256, read_header, read_record
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import (
    all_finite,
    read_checkpoint,
    write_checkpoint,
)
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.birth import Birth

RECORD = {"variant": "cornet_s_ct", "note": "as trained"}


@pytest.fixture(scope="module")
def trained():
    """A critically trained network: conv3 and decoder moved off their birth values, statistics
    too.
    """
    network = Birth("cornet_s", seed=5).network()
    learned = trained_parameters(
        "critical_training", [name for name, _ in network.named_parameters()]
    )
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name in learned:
                parameter.add_(0.01 * torch.randn(parameter.shape, generator=generator))
    network.V4.norm2_1.running_mean.uniform_(generator=generator)
    return network, learned


@pytest.fixture(scope="module")
def written(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "model.safetensors"
    return path, write_checkpoint(path, Birth("cornet_s", seed=5), *trained, RECORD)


def header_edited(path, target, change, rehash=True):
    """A copy of a checkpoint whose metadata went through `change`, its header's own hash made to
    fit or not.
    """
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    change(header["__metadata__"])
    if rehash:
        header["__metadata__"]["header_sha256"] = header_sha256(header["__metadata__"])
    new = json.dumps(header).encode()
    target.write_bytes(struct.pack("<Q", len(new)) + new + data[8 + length :])
    return target


def test_comes_back_as_the_float16_values_that_were_learned(trained, written):
    network, learned = trained
    state = read_checkpoint(written[0]).state
    for name, value in network.state_dict().items():
        expected = value.half().float() if name in learned else value
        assert torch.equal(state[name], expected), name


def test_a_critically_trained_model_takes_about_four_megabytes(written):
    assert 3.5e6 < written[0].stat().st_size < 4.5e6


def test_carries_its_record_and_its_fingerprint(written):
    path, sha256 = written
    assert read_record(path) == RECORD
    checkpoint = read_checkpoint(path)
    assert checkpoint.sha256 == sha256 and checkpoint.fingerprint == sha256[:8]


def test_refuses_to_hide_a_change_in_a_synapse_that_was_not_to_learn(trained, tmp_path):
    network, learned = trained
    with pytest.raises(WiringError, match="V2.conv3.weight"):
        write_checkpoint(
            tmp_path / "model.safetensors",
            Birth("cornet_s", seed=5),
            network,
            [name for name in learned if name != "V2.conv3.weight"],
            RECORD,
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", [0, 7, 100, -40_000_000, -1])
def test_a_flipped_byte_is_noticed(written, tmp_path, place):
    data = bytearray(written[0].read_bytes())
    place = max(place, -len(data) // 2) if place < 0 else place
    data[place] ^= 0x40
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(data)
    with pytest.raises(WiringError, match="damaged"):
        read_checkpoint(damaged)


def test_a_damaged_description_of_a_tensor_is_noticed(written, tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(written[0].read_bytes().replace(b'"dtype"', b'"dtypo"', 1))
    with pytest.raises(WiringError, match="damaged safetensors file"):
        read_checkpoint(damaged)


@pytest.mark.parametrize("length", [0, 1, 8, 1000, 100_000])
def test_a_truncated_file_is_noticed(written, tmp_path, length):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(written[0].read_bytes()[:length])
    with pytest.raises(WiringError, match="damaged.safetensors"):
        read_checkpoint(damaged)


def test_a_parameter_that_is_both_stored_and_sampled_is_noticed(written, tmp_path):
    header = read_header(written[0])
    name = next(iter(header.sampled))
    with safe_open(written[0], "pt") as file:
        tensors = {one: file.get_tensor(one) for one in file.keys()}
    tensors[name] = torch.zeros_like(read_checkpoint(written[0]).state[name])
    save_file(tensors, tmp_path / "other.safetensors", dict(header.metadata))
    with pytest.raises(WiringError, match=f"{name} is both stored and sampled, so the file is"):
        read_checkpoint(tmp_path / "other.safetensors")


def test_another_seed_in_the_header_is_noticed(written, tmp_path):
    def reseed(metadata):
        metadata["birth"] = metadata["birth"].replace('"seed": 5', '"seed": 6')

    with pytest.raises(WiringError, match="not the one it was written with"):
        read_checkpoint(header_edited(written[0], tmp_path / "other.safetensors", reseed))


@pytest.mark.parametrize(
    "change",
    [
        lambda metadata: metadata.update(record=json.dumps({"variant": "cornet_s"})),
        lambda metadata: metadata.update(regenerated="{}"),
        lambda metadata: metadata.pop("header_sha256"),
    ],
    ids=["record", "hashes", "no hash"],
)
def test_an_edited_header_is_noticed(written, tmp_path, change):
    with pytest.raises(WiringError, match="does not match its own SHA-256"):
        read_record(
            header_edited(written[0], tmp_path / "edited.safetensors", change, rehash=False)
        )


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda metadata: metadata.update(regenerated="{}"), "the network alone, so the file is"),
        (lambda metadata: metadata.update(regenerated="[]"), "the network alone, so the file is"),
        (
            lambda metadata: metadata.update(
                birth=metadata["birth"].replace("cornet_s", "alexnet")
            ),
            "damaged",
        ),
        (
            lambda metadata: metadata.update(
                birth=metadata["birth"].replace('"seed": 5', '"seed": "a"')
            ),
            "damaged",
        ),
        (
            lambda metadata: metadata.update(
                birth=metadata["birth"].replace('"seed": 5', f'"seed": {10**30}')
            ),
            "damaged",
        ),
        (lambda metadata: metadata.update(birth="[]"), "damaged"),
        (lambda metadata: metadata.update(birth="[" * 5000 + "]" * 5000), "damaged"),
        (lambda metadata: metadata.update(record="7"), "damaged"),
    ],
    ids=range(8),
)
def test_a_header_that_says_something_impossible_is_refused_in_one_sentence(
    written, tmp_path, change, sentence
):
    with pytest.raises(WiringError, match=sentence):
        read_checkpoint(header_edited(written[0], tmp_path / "edited.safetensors", change))


def test_other_safetensors_are_not_taken_for_a_wiring_checkpoint(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    save_file({"V1.conv1.weight": torch.zeros(64, 3, 7, 7)}, path)
    with pytest.raises(
        WiringError, match="not a wiring checkpoint: it has weights, .* by its model's name"
    ):
        read_checkpoint(path)


@pytest.mark.parametrize(
    "statistic, value, sentence",
    [
        ("running_mean", float("nan"), "not finite"),
        ("running_var", float("inf"), "not finite"),
        ("running_var", -1e-3, "negative variances"),
    ],
)
def test_statistics_that_cannot_be_are_neither_written_nor_read(
    tmp_path, monkeypatch, statistic, value, sentence
):
    birth, path = Birth("mobilenet_v1", seed=0), tmp_path / "model.safetensors"
    network = birth.network()
    norms = [one for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    getattr(norms[-1], statistic)[0] = value
    with pytest.raises(WiringError, match=f"{statistic} holds .*{sentence}.*not written"):
        write_checkpoint(path, birth, network, [], RECORD)
    assert not path.exists()
    with monkeypatch.context() as another_program:
        another_program.setattr(wiring_checkpoint, "impossible", lambda state: "")
        write_checkpoint(path, birth, network, [], RECORD)
    with pytest.raises(WiringError, match=f"is damaged: .*{statistic} holds .*{sentence}"):
        read_checkpoint(path)


def test_a_record_of_another_network_is_named(tmp_path):
    birth, path = Birth("mobilenet_v1", seed=0), tmp_path / "model.safetensors"
    record = TrainingRecord.stated(variant("cornet_s_wc_ct"), "pictures").to_json()
    write_checkpoint(path, birth, birth.network(), [], record)
    with pytest.raises(
        WiringError, match="cornet_s_wc_ct, which is of cornet_s; its network is mob"
    ):
        resolve(path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
@pytest.mark.parametrize(
    "values, finite",
    [
        ([], True),
        ([1, -2], True),
        ([6e4, 6e4], True),  # their sum is infinite in half precision
        ([1, float("nan")], False),
        ([float("inf"), -float("inf")], False),
        ([float("inf"), 1], False),
    ],
)
def test_infinite_values_are_found_and_an_infinite_sum_is_none(dtype, values, finite):
    assert all_finite(torch.tensor(values, dtype=dtype)) == finite
    assert all_finite(torch.tensor([2**40, 3]))


def test_a_frozen_weight_keeps_every_bit_the_sign_of_a_zero_too(tmp_path):
    birth = Birth("mobilenet_v1", seed=5)
    network, name = birth.network(), "classifier.bias"
    at_birth = {key: value.clone() for key, value in birth.state().items()}
    at_birth[name][0] = 0.0
    with torch.no_grad():
        dict(network.named_parameters())[name][0] = -0.0
    path = tmp_path / "model.safetensors"
    with pytest.raises(WiringError, match=f"{name} is not among the trained .* since birth"):
        write_checkpoint(path, birth, network, [], RECORD, at_birth=at_birth)
    assert not path.exists()
