"""MobileNet v1 as TensorFlow computes it: the network of the paper's ImageNet-trained reference.

Layers have the names of `mobilenet_v1`, and regions are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brainscore_wiring.architectures import (
    TRANSFERRED_REGIONS,
    Architecture,
    register_architecture,
)
from brainscore_wiring.architectures.mobilenet_v1 import COUNTED_WHOLE, REGION_MAP

if TYPE_CHECKING:
    from torch import nn


def _network() -> nn.Module:
    from brainscore_wiring.networks.mobilenet_v1 import TENSORFLOW, MobileNetV1

    return MobileNetV1(TENSORFLOW)


register_architecture(
    Architecture(
        "mobilenet_v1_tensorflow",
        "MobileNet v1 as in TensorFlow",
        _network,
        in_paper=True,
        classifier="classifier",
        initial="uniform_default",
        limits=TRANSFERRED_REGIONS,
        region_map=REGION_MAP,
        trainable={"everything": COUNTED_WHOLE},
    )
)
