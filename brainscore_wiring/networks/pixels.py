"""From a picture to what a network is given.

The same bits as torchvision's transforms, whose import brings PyTorch's compiler and takes as long
as that of PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from brainscore_wiring.architectures.region_map import IMAGENET_MEAN, IMAGENET_STD


def as_tensor(picture: Image.Image) -> Tensor:
    """The values of an RGB picture from 0 to 1: (3, h, w), float32. torchvision's `ToTensor`."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous() / 255


def normalised(
    pixels: Tensor,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Tensor:
    """RGB from 0 to 1, (..., 3, h, w), minus the mean, over the standard deviation."""
    centre, spread = (pixels.new_tensor(values)[:, None, None] for values in (mean, std))
    return (pixels - centre) / spread


def centre_crop(picture: Image.Image, short: int, side: int) -> Image.Image:
    """A picture whose short side is resized to `short` pixels, and of that the square of `side`
    pixels in the middle. torchvision's `Resize` and `CenterCrop` for `side` <= `short`.
    """
    width, height = (short * length // min(picture.size) for length in picture.size)
    picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    left, top = round((width - side) / 2), round((height - side) / 2)
    return picture.crop((left, top, left + side, top + side))
