"""The pixel baseline of figures 1A, 2C and 4A: a "network" whose every area is the image itself."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn


def pixels() -> nn.Sequential:
    """One module, `pixels`, that hands its input through: (batch, 3, h, w) -> (batch, 3, h, w)."""
    return nn.Sequential(OrderedDict(pixels=nn.Identity()))
