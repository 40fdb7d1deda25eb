"""TensorFlow's frozen graphs, read as data: TensorFlow is not needed and nothing of a file is run.

A frozen graph is one protocol buffer (the wire format of protobuf.dev/programming-guides/encoding):
a list of nodes, of which those with a tensor are the weights. Every length is checked against what
is there, and nesting goes as deep as this reader asks for.
"""

from __future__ import annotations

import gzip
import io
import math
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from brainscore_wiring.errors import WiringError

#: First byte of a graph (its first field, a node), and of a gzip file.
GRAPH, GZIP = b"\n", b"\x1f\x8b"
#: Bytes that are read at most, of a file or of what it unpacks to; MobileNet v1 has 17 million.
LARGEST_GRAPH = 1 << 25
#: Dimensions that a tensor has at most.
_DIMENSIONS = 8
_FLOAT32 = 1
#: Numbers of the fields that are read.
_NODE, _NAME, _ATTRIBUTE, _VALUE, _TENSOR = 1, 1, 5, 2, 8
_TYPE, _SHAPE, _DIMENSION, _SIZE, _CONTENT = 1, 2, 2, 1, 4


def read_constants(path: Path) -> dict[str, np.ndarray]:
    """The float32 tensors of a frozen graph by their nodes' names; also of one in a `.tar.gz`.

    Raises `WiringError` in one sentence for a file that is none, or is larger than `LARGEST_GRAPH`.
    """
    try:
        return dict(_constants(memoryview(_content(path))))
    except (ValueError, IndexError, UnicodeDecodeError) as error:
        raise WiringError(
            f"'{path}' is damaged or no frozen graph of TensorFlow ({error})."
        ) from None


def mobilenet_v1(path: Path) -> dict[str, Tensor]:
    """The state dict of `mobilenet_v1_tensorflow` in the frozen graph of TensorFlow's MobileNet v1.

    The first of its 1,001 classes, the background, is left out, so that unit n names ImageNet's
    class n; what follows them in the graph is not read.
    """
    constants = read_constants(path)

    def taken(name: str, *axes: int) -> Tensor:
        if f"MobilenetV1/{name}" not in constants:
            raise WiringError(
                f"'{path}' is no frozen graph of MobileNet v1: it has no tensor MobilenetV1/{name}."
            )
        values = constants[f"MobilenetV1/{name}"]
        if axes and values.ndim != len(axes):
            raise WiringError(
                f"'{path}' is no frozen graph of MobileNet v1: MobilenetV1/{name} has the shape "
                f"{values.shape}."
            )
        return torch.from_numpy(np.array(values.transpose(axes or None), np.float32, order="C"))

    pointwise, depthwise = (3, 2, 0, 1), (2, 3, 0, 1)  # from (k, k, in, out), (k, k, in, 1)
    sources = {"stem.conv": ("Conv2d_0", "stem.norm", "weights", pointwise)}
    for number in range(1, 14):
        for part, weights, axes in (
            ("depthwise", "depthwise_weights", depthwise),
            ("pointwise", "weights", pointwise),
        ):
            layer = f"block{number}.{part}"
            sources[layer] = f"Conv2d_{number}_{part}", f"{layer}_norm", weights, axes
    state = {}
    for layer, (source, norm, weights, axes) in sources.items():
        state[f"{layer}.weight"] = taken(f"{source}/{weights}", *axes)
        for ours, theirs in (
            ("weight", "gamma"),
            ("bias", "beta"),
            ("running_mean", "moving_mean"),
            ("running_var", "moving_variance"),
        ):
            state[f"{norm}.{ours}"] = taken(f"{source}/BatchNorm/{theirs}")
    logits = "Logits/Conv2d_1c_1x1"
    state["classifier.weight"] = taken(f"{logits}/weights", *pointwise)[1:, :, 0, 0]
    state["classifier.bias"] = taken(f"{logits}/biases")[1:]
    return state


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            content = file.read(LARGEST_GRAPH + 1)
        if len(content) > LARGEST_GRAPH:
            raise WiringError(f"'{path}' has more than the {LARGEST_GRAPH:,} bytes that are read.")
        if not packed:
            return content
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(".pb"):
                    extracted = archive.extractfile(member)
                    assert extracted is not None
                    return extracted.read()
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise WiringError(f"'{path}' cannot be read ({error}).") from None
    raise WiringError(f"'{path}' holds no frozen graph (.pb).")


def _constants(graph: memoryview) -> Iterator[tuple[str, np.ndarray]]:
    for node in _all(graph, _NODE):
        for attribute in _all(node, _ATTRIBUTE):
            value = _one(attribute, _VALUE)
            tensor = _one(value, _TENSOR)
            if _number(tensor, _TYPE) == _FLOAT32 and len(_one(tensor, _CONTENT)):
                yield bytes(_one(node, _NAME)).decode(), _array(tensor)


def _array(tensor: memoryview) -> np.ndarray:
    shape = [_number(size, _SIZE) for size in _all(_one(tensor, _SHAPE), _DIMENSION)]
    content = _one(tensor, _CONTENT)
    if len(shape) > _DIMENSIONS or 4 * math.prod(shape) != len(content):
        raise ValueError(f"a tensor of {len(content)} bytes that are not of its shape")
    return np.frombuffer(content, "<f4").reshape(shape)


def _all(message: memoryview, number: int) -> list[memoryview]:
    """The values of a field that holds bytes: a text, an array, or another message."""
    return [
        value for field, value in _fields(message) if field == number and not isinstance(value, int)
    ]


def _one(message: memoryview, number: int) -> memoryview:
    """The last value of such a field, as the format has it; nothing where it is absent."""
    return (_all(message, number) or [memoryview(b"")])[-1]


def _number(message: memoryview, number: int) -> int:
    values = [value for field, value in _fields(message) if field == number]
    return values[-1] if values and isinstance(values[-1], int) else 0


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: number, and an integer or bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind not in (1, 2, 5):
            raise ValueError(f"a field of kind {kind}")
        length, at = _varint(message, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        if length > len(message) - at:
            raise ValueError("it ends inside a field")
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """An integer of at most ten bytes with seven bits each, and where it ends."""
    value = 0
    for place, byte in enumerate(message[at : at + 10]):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    raise ValueError("an integer that does not end")
