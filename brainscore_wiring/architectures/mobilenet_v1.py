"""MobileNet v1 (Howard et al. 2017, arXiv 1704.04861; paper, appendix D.1), with the authors'
mappings of CORnet-S's layers.

Areas follow the weights of the sixth mapping, the one that the paper reports, as in ResNet-50.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from brainscore_wiring.architectures import (
    BATCH_NORMS,
    CRITICAL_WORDS,
    EVERYTHING,
    TRANSFERRED_REGIONS,
    Architecture,
    RegionMap,
    TrainableSet,
    register_architecture,
)

if TYPE_CHECKING:
    from torch import nn

#: What the depthwise and the pointwise convolutions of the thirteen blocks are sampled from.
DEPTHWISE = ("V1.conv2", *["V2.conv2"] * 4, *["V4.conv2"] * 5, *["IT.conv2"] * 3)
POINTWISE = (
    "V2.conv_input",
    "V2.conv1",
    "V2.conv1",
    "V2.conv3",
    "V4.conv_input",
    "V4.conv1",
    "V4.conv3",
    "V4.conv3",
    "V4.conv3",
    "IT.conv_input",
    "IT.conv1",
    "IT.conv3",
    "IT.conv3",
)


def _network() -> nn.Module:
    from brainscore_wiring.networks.mobilenet_v1 import MobileNetV1

    return MobileNetV1()


def _origins(depthwise: Sequence[str], pointwise: Sequence[str]) -> dict[str, str]:
    """Convolution -> CORnet-S's in a mapping; an empty name stands for PyTorch's default. Batch
    norms start at their defaults and have no origin.
    """
    layers = {f"block{number}.depthwise": layer for number, layer in enumerate(depthwise, 1)}
    layers |= {f"block{number}.pointwise": layer for number, layer in enumerate(pointwise, 1)}
    return {"stem.conv": "V1.conv1"} | layers


def _conv(number: int, *blocks: int) -> list[str]:
    """V2's, V4's and IT's convolution of that number for so many blocks each."""
    return [
        layer
        for area, count in zip(("V2", "V4", "IT"), blocks)
        for layer in [f"{area}.conv{number}"] * count
    ]


def _reducing(layers: Sequence[str]) -> list[str]:
    """Depthwise layers of all but the fourth block, with the areas' down-sampling layers."""
    taken = {2: "V2.conv3", 6: "V4.conv3", 12: "IT.conv3"}
    return [taken.get(number, layer) for number, layer in enumerate(layers, start=1)]


# The other mappings in the authors' code. Mapping 1 names a layer for the first two pointwise
# convolutions that CORnet-S does not have, so they begin, and stay, as PyTorch's default.
_SPREAD = ["V1.conv2", *_conv(2, 3, 6, 3)]
_MAPPING_1 = partial(
    _origins, ["V1.conv2", "V1.conv2", *_conv(2, 2, 6, 3)], ["", "", *_conv(3, 2, 6, 3)]
)
_MAPPING_2 = partial(_origins, _SPREAD, _conv(1, 4, 6, 3))
_MAPPING_4 = partial(_origins, _reducing(_SPREAD), _conv(1, 4, 6, 3))


def _with_norms(module: str, *blocks: int) -> tuple[str, ...]:
    """A convolution of some blocks, with the batch norms behind it."""
    return tuple(f"block{block}.{module}{part}" for block in blocks for part in ("", "_norm"))


#: Areas follow the weights of the sixth mapping.
REGION_MAP = RegionMap(
    {"V1": "block1", "V2": "block4", "V4": "block9", "IT": "block13"}, "avgpool", "classifier"
)
#: The one model that the authors count with batch norms and decoder.
COUNTED_WHOLE = TrainableSet(EVERYTHING.modules, EVERYTHING.words, paper_counts="everything")
_POINTWISE_SET = _with_norms("pointwise", 4, 7, 8, 9, 12, 13)
_REDUCING_SET = TrainableSet(
    (*_with_norms("depthwise", 2, 6, 12), "classifier"),
    "the depthwise layers that reduce resolution, but that of the fourth block",
)

register_architecture(
    Architecture(
        "mobilenet_v1",
        "MobileNet v1",
        _network,
        in_paper=True,
        classifier="classifier",
        initial="uniform_default",
        origins=partial(_origins, DEPTHWISE, POINTWISE),
        other_origins={
            "mapping_1": _MAPPING_1,
            "mapping_2": _MAPPING_2,
            "mapping_4": _MAPPING_4,
            "mapping_5": _MAPPING_2,  # other layers are trained
        },
        limits=TRANSFERRED_REGIONS,
        region_map=REGION_MAP,
        trainable={
            "everything": COUNTED_WHOLE,
            "critical_training": TrainableSet(
                (*_POINTWISE_SET, *_REDUCING_SET.modules),
                CRITICAL_WORDS[0],
            ),
            "critical_training_mapping_1": TrainableSet(
                (
                    *(f"block{block}.pointwise" for block in range(3, 14)),
                    BATCH_NORMS,
                    "classifier",
                ),
                "batch norm and the pointwise layers from the third block on",
            ),
            "critical_training_mapping_2": TrainableSet((BATCH_NORMS, "classifier"), "batch norm"),
            "critical_training_mapping_4": _REDUCING_SET,
            "critical_training_mapping_5": _REDUCING_SET,
            # without the depthwise layers that reduce resolution (their "v7")
            "critical_training_mapping_7": TrainableSet(
                (*_POINTWISE_SET, "classifier"),
                "the pointwise layers that stand for down-sampling ones",
            ),
        },
    )
)
