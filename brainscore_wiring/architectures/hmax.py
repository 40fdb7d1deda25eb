"""HMAX, a reference model of the paper that learns nothing from labels (`networks.hmax`).

Simple cells are V1, complex cells V2, where features of shapes begin; its top is all it has for V4,
IT and behaviour. It takes values between 0 and 1 and turns them to grey itself.
"""

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
    from brainscore_wiring.networks.hmax import HMAX

    return HMAX()


register_architecture(
    Architecture(
        "hmax",
        "HMAX",
        _network,
        computed=True,
        in_paper=True,
        limits="Its 400 prototypes come from a generated picture, since the published patches may "
        "not be shipped; its top "
        "layer is all it has for V4, IT and behaviour.",
        note=", with prototypes from a generated picture in place of the published universal "
        "patch set",
        region_map=RegionMap(
            {"V1": "s1_out", "V2": "c1_out", "V4": "c2_out", "IT": "c2_out"},
            "c2_out",
            "c2_out",
            preprocessing=Preprocessing(224, (0, 0, 0), (1, 1, 1)),
        ),
    )
)
