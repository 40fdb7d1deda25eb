"""CORnet-S (Kubilius, Schrimpf et al. 2019; paper, section 2).

The architecture that genomes are fitted to. Regions and times are its authors' (section 2, and
their public candidate models).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brainscore_wiring.architectures import (
    BATCH_NORMS,
    CRITICAL_WORDS,
    EVERYTHING,
    Architecture,
    RegionMap,
    TrainableSet,
    register_architecture,
)

if TYPE_CHECKING:
    from torch import nn

#: Recurrent area -> (input channels, output channels, recurrent steps).
RECURRENT_AREAS = {"V2": (64, 128, 2), "V4": (128, 256, 4), "IT": (256, 512, 2)}
#: The four times wider representation inside a recurrent area.
EXPANSION = 4


def _network() -> nn.Module:
    from brainscore_wiring.networks.cornet_s import CORnetS

    return CORnetS()


def _attached_norms(convolution: str) -> list[str]:
    """The batch norms, one for each recurrent step, that follow a convolution."""
    area, layer = convolution.split(".")
    if layer == "skip":
        return [f"{area}.norm_skip"]
    if not layer.removeprefix("conv").isdecimal():
        return []
    norm = f"{area}.norm{layer.removeprefix('conv')}"
    return (
        [f"{norm}_{step}" for step in range(RECURRENT_AREAS[area][2])]
        if area in RECURRENT_AREAS
        else [norm]
    )


register_architecture(
    Architecture(
        "cornet_s",
        "CORnet-S",
        _network,
        in_paper=True,
        classifier="decoder.linear",
        attached_norms=_attached_norms,
        region_map=RegionMap(
            {region: f"{region}.output" for region in ("V1", "V2", "V4", "IT")},
            steps={"V2": (70, 100, 2), "V4": (90, 50, 4), "IT": (100, 100, 2)},
            behaviour="decoder.avgpool",
            logits="decoder.output",
        ),
        trainable={
            "everything": EVERYTHING,
            "decoder": TrainableSet(("decoder",), "the decoder alone"),
            # CT: the down-sampling layers; up to V4 or V2, with the areas above trained as a whole
            "critical_training": TrainableSet(
                ("V2.conv3", "V4.conv3", "IT.conv3", "decoder"), CRITICAL_WORDS[0]
            ),
            "critical_training_v4": TrainableSet(
                ("V2.conv3", "V4.conv3", "IT", "decoder"), CRITICAL_WORDS[1]
            ),
            "critical_training_v2": TrainableSet(
                ("V2.conv3", "V4", "IT", "decoder"), CRITICAL_WORDS[2]
            ),
            # DT: whole areas from the named one on
            "downstream_training_it": TrainableSet(("IT", "decoder"), "all of IT"),
            "downstream_training_v4": TrainableSet(("V4", "IT", "decoder"), "all of V4 and IT"),
            "downstream_training_v2": TrainableSet(
                ("V2", "V4", "IT", "decoder"), "all of V2, V4 and IT"
            ),
            # the up-sampling layers in place of the down-sampling ones
            "up_sampling": TrainableSet(
                ("V2.conv1", "V4.conv1", "IT.conv1", "decoder"), "the up-sampling layers"
            ),
            "up_sampling_v4": TrainableSet(
                ("V2.conv1", "V4.conv1", "IT", "decoder"),
                "the up-sampling layers up to V4 and all of IT",
            ),
            "up_sampling_v2": TrainableSet(
                ("V2.conv1", "V4", "IT", "decoder"),
                "the up-sampling layer of V2 and all of V4 and IT",
            ),
            "batch_norm": TrainableSet((BATCH_NORMS, "decoder"), "batch norm"),
            "batch_norm_v4": TrainableSet(
                (BATCH_NORMS, "IT", "decoder"), "batch norm and all of IT"
            ),
            "batch_norm_v2": TrainableSet(
                (BATCH_NORMS, "V4", "IT", "decoder"), "batch norm and all of V4 and IT"
            ),
            "decoder_and_it_conv3": TrainableSet(
                ("IT.conv3", "decoder"), "the down-sampling layer of IT"
            ),
        },
    )
)
