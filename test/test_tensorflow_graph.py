"""TensorFlow's MobileNet v1 is read from its frozen graph, computes what TensorFlow computes, and
has a genome of its own.
"""

from __future__ import annotations

import io
import tarfile

import numpy as np
import pytest
import torch
from conftest import shared
from PIL import Image
from torch import nn

from brainscore_wiring.architectures import architecture, build
from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints import tensorflow_graph
from brainscore_wiring.checkpoints.imports import import_weights
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.checkpoints.state_dicts import read_state_dict
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks.mobilenet_v1 import BetweenMinusAndPlusOne, PaddedAsInTensorFlow
from brainscore_wiring.public_files import MOBILENET_GRAPH, digest, public_file
from brainscore_wiring.weight_compression.entries.clusters import DepthwiseClusters

NAME = "mobilenet_v1_tensorflow"
PARTS = {"weight": "gamma", "bias": "beta"} | {
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def field(number: int, value: bytes | int) -> bytes:
    """A field in protobuf's wire format."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def node(name: str, values: np.ndarray) -> bytes:
    """A constant of a graph, under one of the fields that other nodes have too."""
    shape = b"".join(field(2, field(1, side)) for side in values.shape)
    tensor = field(1, 1) + field(2, shape) + field(4, values.astype("<f4").tobytes())
    value = field(1, b"value") + field(2, field(8, tensor))
    return field(1, field(1, name.encode()) + field(2, b"Const") + field(5, value))


def graph_of(state: dict[str, torch.Tensor]) -> bytes:
    """The frozen graph in which TensorFlow would keep these weights, background first."""
    nodes = [node("MobilenetV1/Predictions/scale", np.ones(()))]
    for name, value in state.items():
        module, _, part = name.rpartition(".")
        values, block = value.numpy(), module.partition(".")[0]
        layer = module.removesuffix("_norm").partition(".")[2]
        source = "Conv2d_0" if block == "stem" else f"Conv2d_{block[5:]}_{layer}"
        if module == "classifier":
            zero = np.zeros((1, *values.shape[1:]), np.float32)
            values = np.concatenate([zero, values])
            values = values.T[None, None] if values.ndim == 2 else values
            kind = "weights" if part == "weight" else "biases"
            nodes.append(node(f"MobilenetV1/Logits/Conv2d_1c_1x1/{kind}", values))
        elif values.ndim == 4:
            axes = (2, 3, 0, 1) if layer == "depthwise" else (2, 3, 1, 0)
            kind = "depthwise_weights" if layer == "depthwise" else "weights"
            nodes.append(node(f"MobilenetV1/{source}/{kind}", values.transpose(axes)))
        elif part in PARTS:
            nodes.append(node(f"MobilenetV1/{source}/BatchNorm/{PARTS[part]}", values))
    nodes.append(node("final_training_ops/weights/final_weights", np.ones((1001, 2))))
    return b"".join(nodes)


@pytest.fixture(scope="module")
def state():
    state = birth_of(variant("mobilenet_wc_own")).state()
    state["stem.norm.running_mean"] += 0.5
    return state


@pytest.fixture(scope="module")
def graph(state, tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "frozen.pb"
    path.write_bytes(graph_of(state))
    return path


def test_a_frozen_graph_gives_every_tensor_and_leaves_out_what_stands_behind(state, graph):
    found = read_state_dict(graph, NAME)
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], value) for name, value in state.items())


def test_a_graph_in_a_source_package_is_the_same(state, graph, tmp_path):
    with tarfile.open(tmp_path / "package.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(graph, "package/files/frozen.pb")
    found = read_state_dict(tmp_path / "package.tar.gz", NAME)
    assert torch.equal(found["classifier.weight"], state["classifier.weight"])


def test_an_import_says_imagenet_and_what_is_not_known(graph, tmp_path):
    row = variant("mobilenet")
    import_weights(graph, row, tmp_path / "model.safetensors")
    record = resolve(str(tmp_path / "model.safetensors")).record
    assert (record.variant, record.data.name, record.data.images) == (
        "mobilenet",
        "ImageNet-1k",
        1_280_000,
    )
    assert "not known" in record.imported.stated and "epochs" in record.imported.stated
    assert record.account.trained_synapses_true == 4_231_976
    with pytest.raises(WrongUsage, match="leave --training-data"):
        import_weights(graph, row, tmp_path / "other.safetensors", training_data="CIFAR-10")


def test_what_others_trained_is_neither_born_nor_trained_here():
    with pytest.raises(WrongUsage, match="others trained"):
        birth_of(variant("mobilenet"))
    assert resolve("mobilenet").reason == "" or "import-weights" in resolve("mobilenet").reason


ONE = node("MobilenetV1/Conv2d_0/weights", np.zeros((3, 3, 3, 32)))


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        ONE[:-1],  # cut short
        ONE,  # most tensors are missing
        b"\n" + b"\xff" * 20,  # a length that does not end
        field(1, field(1, b"a") + b"\x0b"),  # a kind of field that is none
        node("MobilenetV1/Conv2d_0/weights", np.zeros((3, 3))),
        field(1, field(5, field(2, field(8, field(1, 1) + field(4, b"abcd" * 3))))),  # no shape
        field(1, field(1, b"\xff") + ONE[ONE.index(b"*") :]),  # no name
        b"\x1f\x8bnonsense",
    ],
    ids=lambda content: repr(content[:6]),
)
def test_a_damaged_graph_is_refused_in_one_sentence(content, tmp_path):
    (tmp_path / "bad.pb").write_bytes(content)
    with pytest.raises(WiringError) as refusal:
        read_state_dict(tmp_path / "bad.pb", NAME)
    assert "bad.pb" in str(refusal.value) and "\n" not in str(refusal.value)


def test_what_is_too_large_or_unpacks_to_too_much_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tensorflow_graph, "LARGEST_GRAPH", 1000)
    (tmp_path / "large.pb").write_bytes(b"\n" * 1001)
    with tarfile.open(tmp_path / "bomb.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("frozen.pb")
        member.size = 100_000
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    for name in ("large.pb", "bomb.tar.gz"):
        with pytest.raises(WiringError, match="1,000 bytes"):
            read_state_dict(tmp_path / name, NAME)


@pytest.mark.parametrize("side, first", [(8, 0), (9, -1)])
def test_an_even_side_is_padded_below_alone(side, first):
    """With a stride of 2 the first tap of a kernel of 3 then lies on the first pixel itself, else
    one before it.
    """
    layer = PaddedAsInTensorFlow(1, 1, kernel_size=3, stride=2, padding=1, bias=False)
    nn.init.zeros_(layer.weight)
    with torch.no_grad():
        layer.weight[0, 0, 0, 0] = 1
        image = torch.arange(1.0, side * side + 1).reshape(1, 1, side, side)
        found = layer(image)
    assert found.shape[-1] == -(-side // 2)
    assert found[0, 0, 0, 0] == (0 if first else 1)
    assert found[0, 0, 1, 1] == image[0, 0, 2 + first, 2 + first]


def test_the_network_sees_values_from_minus_to_plus_one():
    preprocessing = architecture(NAME).region_map.preprocessing
    mean, std = (
        torch.tensor(values)[:, None, None] for values in (preprocessing.mean, preprocessing.std)
    )
    pixels = torch.arange(256.0).reshape(1, 16, 16).repeat(3, 1, 1)
    seen = BetweenMinusAndPlusOne()((pixels / 255 - mean) / std)
    torch.testing.assert_close(seen, pixels / 127.5 - 1)
    network = build(NAME)
    assert {type(module) for name, module in network.named_modules() if "nonlin" in name} == {
        nn.ReLU6
    }
    assert {m.eps for m in network.modules() if isinstance(m, nn.BatchNorm2d)} == {1e-3}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    graph = shared(f"reference/mobilenet_v1/{MOBILENET_GRAPH}")
    assert digest(graph) == public_file(MOBILENET_GRAPH).sha256
    path = tmp_path_factory.mktemp("mobilenet") / "mobilenet.safetensors"
    return import_weights(graph, variant("mobilenet"), path), path


def test_the_published_network_names_imagenet_images(published):
    """17 of these 20 are right (docs/references.md: 88 % of 1,000)."""
    network, preprocessing = (
        read_checkpoint(published[1]).network,
        architecture(NAME).region_map.preprocessing,
    )
    with tarfile.open(shared("datasets/imagenet-sample-1000.tar")) as archive:
        names = sorted(name for name in archive.getnames() if name.endswith(".JPEG"))
        right = 0
        for number in range(0, 1000, 50):
            image = Image.open(archive.extractfile(names[number])).convert("RGB")
            pixels = np.asarray(image.resize((224, 224), Image.Resampling.BILINEAR)) / 255
            pixels = (pixels - preprocessing.mean) / preprocessing.std
            with torch.inference_mode():
                logits = network(torch.tensor(pixels.transpose(2, 0, 1)[None], dtype=torch.float32))
            right += logits.argmax().item() == number  # one image of each class, in their order
    assert right >= 15


def test_the_packaged_genome_is_that_of_the_published_network(published):
    birth = birth_of(variant("mobilenet_wc_own"))
    assert birth.genome.source["fingerprint"] == published[0].fingerprint
    assert birth.genome.source["diet"] == "ImageNet-1k"
    weights = read_checkpoint(published[1]).state["block3.pointwise.weight"].flatten()
    centres = np.ravel(birth.genome.layers["block3.pointwise"].centres)
    nearest = np.abs(weights.numpy()[:, None] - centres).argmin(axis=1)
    assert [weights[nearest == number].mean().item() for number in (0, 1)] == pytest.approx(
        centres.tolist(), rel=1e-4
    )


def test_its_own_genome_reaches_every_layer_and_no_other_network():
    row = variant("mobilenet_wc_own")
    birth = birth_of(row)
    assert birth.genome_numbers() == birth.genome.stored_numbers() == 4_830
    assert not birth.genome.drawn_from and birth.architecture == NAME
    state, other = birth.state(), birth_of(variant("mobilenet_wc_own_seed1")).state()
    convolutions = [name for name, value in state.items() if value.ndim == 4]
    assert len(convolutions) == 27
    assert not any(torch.equal(state[name], other[name]) for name in convolutions)
    assert not bool((state["block7.pointwise_norm.weight"] == 1).any())
    with pytest.raises(WiringError, match="of mobilenet_v1_tensorflow"):
        birth_of(variant("cornet_s_wc"), genome=_genome_file(row))


def _genome_file(row):
    from brainscore_wiring.checkpoints.locate import genome_path

    return genome_path(row)


def test_depthwise_kernels_have_the_clusters_frequencies():
    entry = birth_of(variant("mobilenet_wc_own")).genome.layers["block12.depthwise"]
    assert isinstance(entry, DepthwiseClusters) and entry.in_channels == 1
    found = np.bincount(entry.labels(4000, 1, 0, "layer").ravel(), minlength=4) / 4000
    assert found == pytest.approx(entry.count_means, abs=0.03)
