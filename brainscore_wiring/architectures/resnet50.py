"""ResNet-50 (He et al. 2016, DOI 10.1109/CVPR.2016.90; paper, appendix D.1), in torchvision's form.

The paper's authors let public benchmarks choose a layer for each region and did not store the
choice. Here areas follow the weights, so that nothing is fitted: a region's layer is the last block
that a transfer samples from the CORnet-S area of that name. V1 is read after pooling, at the
resolution of CORnet-S's; behaviour before the decoder. A layer is trained where its origin is in
CORnet-S.
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
from brainscore_wiring.architectures.cornet_s import RECURRENT_AREAS

if TYPE_CHECKING:
    from torch import nn

#: Stage -> (its blocks, the area of CORnet-S that its layers are sampled from).
STAGES = {"layer1": (3, "V2"), "layer2": (4, "V4"), "layer3": (6, "V4"), "layer4": (3, "IT")}


def _network() -> nn.Module:
    """(batch, 3, h, w) images -> (batch, 1000) logits. 25,557,032 parameters.

    Its birth `torchvision_default` is what torchvision initialises: Kaiming Normal by fan-out for
    convolutions, gamma 1 and beta 0, PyTorch's uniform default for the decoder `fc`. Here these are
    sampled from seeded streams: the same distributions, with the same bits everywhere.
    """
    from torchvision.models import resnet50

    return resnet50(weights=None)


def _origins() -> dict[str, str]:
    """Layer -> CORnet-S's layer, for convolutions and batch norms.

    A recurrent area has one convolution but a batch norm for each time step: a stage's blocks take
    the steps in turn, the last ones counted from the end where there are more blocks than steps
    (the authors' mapping).
    """
    origins = {"conv1": "V1.conv1", "bn1": "V1.norm1"}
    for stage, (blocks, area) in STAGES.items():
        steps = RECURRENT_AREAS[area][2]
        origins |= {
            f"{stage}.0.downsample.0": f"{area}.skip",
            f"{stage}.0.downsample.1": f"{area}.norm_skip",
        }
        for block in range(blocks):
            step = block if block < steps else steps - blocks + block
            for number in (1, 2, 3):
                origins |= {
                    f"{stage}.{block}.conv{number}": f"{area}.conv{number}",
                    f"{stage}.{block}.bn{number}": f"{area}.norm{number}_{step}",
                }
    return origins


def _down_sampling(*stages: str) -> tuple[str, ...]:
    """The counterparts of CORnet-S's conv3, with the batch norms behind them."""
    blocks = [f"{stage}.{block}" for stage in stages for block in range(STAGES[stage][0])]
    return tuple(f"{block}.{module}" for block in blocks for module in ("conv3", "bn3"))


register_architecture(
    Architecture(
        "resnet50",
        "ResNet-50",
        _network,
        in_paper=True,
        limits=TRANSFERRED_REGIONS,
        classifier="fc",
        origins=_origins,
        region_map=RegionMap(
            {"V1": "maxpool", "V2": "layer1", "V4": "layer3", "IT": "layer4"}, "avgpool", "fc"
        ),
        trainable={
            "everything": EVERYTHING,
            "decoder": TrainableSet(("fc",), "the decoder alone"),
            "critical_training": TrainableSet(
                (*_down_sampling("layer1", "layer2", "layer3", "layer4"), "fc"), CRITICAL_WORDS[0]
            ),
            "critical_training_v4": TrainableSet(
                (*_down_sampling("layer1", "layer2", "layer3"), "layer4", "fc"), CRITICAL_WORDS[1]
            ),
            "critical_training_v2": TrainableSet(
                (*_down_sampling("layer1"), "layer2", "layer3", "layer4", "fc"), CRITICAL_WORDS[2]
            ),
        },
    )
)
