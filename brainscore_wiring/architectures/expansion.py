"""The expansion network (Kazemian, Elmoznino and Bonner 2025, "Convolutional architectures are
cortex-aligned de novo"), narrower: fixed curved wavelets, then random convolutions with ever more
channels, each followed by a rectifier and an average over space.

From the authors' code (MIT, github.com/akazemian/untrained_models_of_visual_cortex at 8de85ddb):
kernel and pooling sizes, no biases, no batch norms, the wavelets' parameters. Theirs has 1,000,
3,000, 5,000 and 30,000 channels, 1.6 billion weights and 460 billion multiplications an image; here
are a tenth of the channels, which a processor can run. Weights are Kaiming Normal instead of
Kaiming Uniform. Their size does not matter, as nothing but rectifiers and averages follows: it
scales a layer's responses, and neither correlations nor the regressions see that. The layer of each
region is a guess: the authors take the one that predicts best.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from brainscore_wiring.architectures import Architecture, RegionMap, register_architecture

if TYPE_CHECKING:
    from torch import nn

#: Channels, kernel size, padding and pooling of the random convolutions.
LAYERS = ((100, 7, 0, 2), (300, 5, 0, 2), (500, 3, 0, 2), (3000, 3, 1, 4))


def _network() -> nn.Module:
    """(batch, 3, h, w) images -> (batch, 3000, 2, 2) responses for images of 224 pixels."""
    from torch import nn

    from brainscore_wiring.networks.curved_wavelets import CurvedWavelets

    wavelets = CurvedWavelets()
    modules: list[tuple[str, nn.Module]] = [
        ("wavelets", wavelets),
        ("relu1", nn.ReLU()),
        ("pool1", nn.AvgPool2d(2)),
    ]
    channels = wavelets.channels
    for number, (more, kernel, padding, pooling) in enumerate(LAYERS, 2):
        modules += [
            (f"conv{number}", nn.Conv2d(channels, more, kernel, padding=padding, bias=False)),
            (f"relu{number}", nn.ReLU()),
            (f"pool{number}", nn.AvgPool2d(pooling)),
        ]
        channels = more
    return nn.Sequential(OrderedDict(modules))


register_architecture(
    Architecture(
        "expansion",
        "The expansion network, with a tenth of its channels",
        _network,
        region_map=RegionMap(
            {"V1": "pool1", "V2": "pool2", "V4": "pool3", "IT": "pool5"}, "pool5", "pool5"
        ),
        limits="It has a tenth of the published network's channels, and the layer of each region "
        "is a guess.",
    )
)
