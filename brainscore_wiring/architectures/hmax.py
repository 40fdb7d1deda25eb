"""HMAX, a reference model of the paper without training on labels (`networks.hmax`).

Two rows of the authors' database read its shape-tuned units (S2) in place of its three levels:
those of the four smaller and of the four larger prototypes. Which of the four stood for which
region public benchmarks chose, and it was not stored; here larger prototypes stand for later
regions. Simple cells are V1, complex cells V2, where features of shapes begin; its top is all it
has for V4, IT and behaviour. It takes values between 0 and 1 and turns them to grey itself.
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
        "not be shipped; its top layer is all it has for V4, IT and behaviour. The paper's HMAX "
        "also differs in its input (the mean of normalised channels, here brightness from 0 to 1), "
        "in the tuning of S2 (of one width, here wider for larger prototypes), in the number of "
        "prototypes (3,200) and in padded borders: scores do not compare.",
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


def _smaller() -> nn.Module:
    from brainscore_wiring.networks.hmax import ALL_PROTOTYPE_SIZES, HMAXPrototypes

    return HMAXPrototypes(ALL_PROTOTYPE_SIZES[:4])


def _larger() -> nn.Module:
    from brainscore_wiring.networks.hmax import ALL_PROTOTYPE_SIZES, HMAXPrototypes

    return HMAXPrototypes(ALL_PROTOTYPE_SIZES[4:])


for name, which, network, sizes in (
    ("hmax_layers_2", "smaller", _smaller, (2, 4, 6, 8)),
    ("hmax_layers_3", "larger", _larger, (10, 12, 14, 16)),
):
    last = f"s2_{sizes[-1]}"
    register_architecture(
        Architecture(
            name,
            f"HMAX, responses to its {which} prototypes",
            network,
            computed=True,
            in_paper=True,
            limits="Its prototypes, 100 of each size in place of the published 400, come from a "
            "generated picture, since the published patches may not be shipped; larger prototypes "
            "stand for later regions.",
            note=", with prototypes from a generated picture in place of the published universal "
            "patch set",
            region_map=RegionMap(
                {region: f"s2_{size}" for region, size in zip(("V1", "V2", "V4", "IT"), sizes)},
                last,
                last,
                preprocessing=Preprocessing(224, (0, 0, 0), (1, 1, 1)),
            ),
        )
    )
