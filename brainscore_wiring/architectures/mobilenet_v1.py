"""MobileNet v1 (Howard et al. 2017, arXiv 1704.04861; paper, appendix D.1), with the authors' sixth
mapping.

Areas follow the weights, as in ResNet-50. Of several mappings that the authors tried, the sixth is
the one that the paper reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brainscore_wiring.architectures import (
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


def _origins() -> dict[str, str]:
    """Convolution -> CORnet-S's; batch norms start at their defaults and have no origin."""
    return {
        "stem.conv": "V1.conv1",
        **{f"block{number}.depthwise": layer for number, layer in enumerate(DEPTHWISE, start=1)},
        **{f"block{number}.pointwise": layer for number, layer in enumerate(POINTWISE, start=1)},
    }


def _with_norms(module: str, *blocks: int) -> tuple[str, ...]:
    """A convolution of some blocks, with the batch norms behind it."""
    return tuple(f"block{block}.{module}{part}" for block in blocks for part in ("", "_norm"))


#: Areas follow the weights of the sixth mapping.
REGION_MAP = RegionMap(
    {"V1": "block1", "V2": "block4", "V4": "block9", "IT": "block13"}, "avgpool", "classifier"
)
_POINTWISE_SET = _with_norms("pointwise", 4, 7, 8, 9, 12, 13)

register_architecture(
    Architecture(
        "mobilenet_v1",
        "MobileNet v1",
        _network,
        in_paper=True,
        classifier="classifier",
        initial="uniform_default",
        origins=_origins,
        limits=TRANSFERRED_REGIONS,
        region_map=REGION_MAP,
        trainable={
            # the one model that the authors count with batch norms and decoder
            "everything": TrainableSet(
                EVERYTHING.modules, EVERYTHING.words, paper_counts="everything"
            ),
            "critical_training": TrainableSet(
                (*_POINTWISE_SET, *_with_norms("depthwise", 2, 6, 12), "classifier"),
                CRITICAL_WORDS[0],
            ),
            # without the depthwise layers that reduce resolution (their "v7")
            "critical_training_mapping_7": TrainableSet(
                (*_POINTWISE_SET, "classifier"),
                "the pointwise layers that stand for down-sampling ones",
            ),
        },
    )
)
