"""What makes a network without its weights, by the catalogue's name of its architecture.

One to a line: a submission carries the one that it is made of.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from brainscore_wiring.architectures.cornet_s import cornet_s
from brainscore_wiring.architectures.hmax import hmax
from brainscore_wiring.architectures.mobilenet_v1 import mobilenet_v1
from brainscore_wiring.architectures.pixels import pixels
from brainscore_wiring.architectures.resnet50 import resnet50

ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {
    "cornet_s": cornet_s,
    "resnet50": resnet50,
    "mobilenet_v1": mobilenet_v1,
    "hmax": hmax,
    "pixels": pixels,
}
