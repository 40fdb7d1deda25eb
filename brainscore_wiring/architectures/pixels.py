"""The pixel baseline of figures 1A, 2C and 4A: a "network" whose every area is the image itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brainscore_wiring.architectures import (
    Architecture,
    Preprocessing,
    RegionMap,
    register_architecture,
)

if TYPE_CHECKING:
    from torch import nn


def _network() -> nn.Module:
    """One module, `pixels`, that hands its input through: (batch, 3, h, w) -> (batch, 3, h, w)."""
    from collections import OrderedDict

    from torch import nn

    return nn.Sequential(OrderedDict(pixels=nn.Identity()))


register_architecture(
    Architecture(
        "pixels",
        "Pixels",
        _network,
        computed=True,
        in_paper=True,
        limits="It is a control, not a model of the ventral stream: every region is the image "
        "itself.",
        # the 256 x 256 RGB image with values 0 to 255, as in the stock model of this name, which
        # resizes it bicubically
        region_map=RegionMap(
            dict.fromkeys(("V1", "V2", "V4", "IT"), "pixels"),
            "pixels",
            "pixels",
            preprocessing=Preprocessing(256, (0, 0, 0), (1 / 255, 1 / 255, 1 / 255)),
        ),
    )
)
