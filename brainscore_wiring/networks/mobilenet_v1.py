"""MobileNet v1 with multiplier 1.0 (Howard et al. 2017, arXiv 1704.04861, table 1; paper, appendix
D.1), as PyTorch and as TensorFlow compute it.

PyTorch's way has plain rectifiers, as Howard et al. describe and as in the network that the paper's
authors transferred to. The network that TensorFlow's authors trained on ImageNet, the paper's
reference, clips rectifiers at 6, pads what is odd below and to the right, and has 1e-3 where
PyTorch's batch norms have an epsilon of 1e-5.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from brainscore_wiring.architectures.region_map import IMAGENET_MEAN, IMAGENET_STD

#: Output channels of the thirteen blocks after the stem.
BLOCK_WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
STEM_WIDTH = 32
#: Blocks whose depthwise convolution halves the resolution.
REDUCING_BLOCKS = (2, 4, 6, 12)


class PaddedAsInTensorFlow(nn.Conv2d):
    """A 3x3 convolution with TensorFlow's padding "SAME".

    With a stride of 2 an even number of rows is padded below alone, where PyTorch pads above too.
    """

    def forward(self, input: Tensor) -> Tensor:
        if self.stride == (1, 1):
            return super().forward(input)
        margins: list[int] = []
        for side, kernel, stride in zip(input.shape[:1:-1], self.kernel_size[::-1], self.stride):
            missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            margins += [missing // 2, missing - missing // 2]
        return F.conv2d(
            F.pad(input, margins), self.weight, self.bias, self.stride, 0, (1, 1), self.groups
        )


class BetweenMinusAndPlusOne(nn.Module):
    """ImageNet-normalised images -> values from -1 to 1, as TensorFlow's networks take them."""

    def forward(self, images: Tensor) -> Tensor:
        std, mean = (
            images.new_tensor(values)[:, None, None] for values in (IMAGENET_STD, IMAGENET_MEAN)
        )
        return images * (2 * std) + (2 * mean - 1)


class Parts(NamedTuple):
    """What the two ways of computing MobileNet v1 differ in."""

    convolution: Callable[..., nn.Module]
    norm: Callable[[int], nn.Module]
    nonlinearity: Callable[..., nn.Module]


PYTORCH = Parts(nn.Conv2d, nn.BatchNorm2d, nn.ReLU)
TENSORFLOW = Parts(PaddedAsInTensorFlow, partial(nn.BatchNorm2d, eps=1e-3), nn.ReLU6)


class Block(nn.Sequential):
    """A depthwise 3x3 convolution, then a pointwise one.

    (batch, before, h, w) -> (batch, after, h / stride, ...).
    """

    def __init__(self, before: int, after: int, stride: int, parts: Parts):
        super().__init__(
            OrderedDict(
                depthwise=parts.convolution(
                    before,
                    before,
                    kernel_size=3,
                    stride=stride,
                    padding=1,
                    groups=before,
                    bias=False,
                ),
                depthwise_norm=parts.norm(before),
                depthwise_nonlin=parts.nonlinearity(inplace=True),
                pointwise=nn.Conv2d(before, after, kernel_size=1, bias=False),
                pointwise_norm=parts.norm(after),
                pointwise_nonlin=parts.nonlinearity(inplace=True),
            )
        )


class MobileNetV1(nn.Sequential):
    """MobileNet v1: (batch, 3, h, w) images, ImageNet-normalised -> (batch, 1000) logits.

    4,231,976 parameters, under the same names in both ways of computing it.
    """

    def __init__(self, parts: Parts = PYTORCH) -> None:
        widths = (STEM_WIDTH, *BLOCK_WIDTHS)
        rescaled = {"rescale": BetweenMinusAndPlusOne()} if parts is TENSORFLOW else {}
        super().__init__(
            OrderedDict(
                **rescaled,
                stem=nn.Sequential(
                    OrderedDict(
                        conv=parts.convolution(
                            3, STEM_WIDTH, kernel_size=3, stride=2, padding=1, bias=False
                        ),
                        norm=parts.norm(STEM_WIDTH),
                        nonlin=parts.nonlinearity(inplace=True),
                    )
                ),
                **{
                    f"block{number}": Block(
                        widths[number - 1],
                        widths[number],
                        2 if number in REDUCING_BLOCKS else 1,
                        parts,
                    )
                    for number in range(1, len(widths))
                },
                avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                classifier=nn.Linear(widths[-1], 1000),
            )
        )
