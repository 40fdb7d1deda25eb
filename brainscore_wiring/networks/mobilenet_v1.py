"""MobileNet v1 with multiplier 1.0 (Howard et al. 2017, arXiv 1704.04861, table 1; paper, appendix
D.1).

Rectifiers are plain ones, as Howard et al. describe and as in the network that the paper's authors
transferred to; TensorFlow's own MobileNet clips them at 6. Batch norms have PyTorch's epsilon of
1e-5 (TensorFlow's: 1e-3).
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

#: Output channels of the thirteen blocks after the stem.
BLOCK_WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
STEM_WIDTH = 32
#: Blocks whose depthwise convolution halves the resolution.
REDUCING_BLOCKS = (2, 4, 6, 12)


class Block(nn.Sequential):
    """A depthwise 3x3 convolution, then a pointwise one.

    (batch, before, h, w) -> (batch, after, h / stride, ...).
    """

    def __init__(self, before: int, after: int, stride: int):
        super().__init__(
            OrderedDict(
                depthwise=nn.Conv2d(
                    before,
                    before,
                    kernel_size=3,
                    stride=stride,
                    padding=1,
                    groups=before,
                    bias=False,
                ),
                depthwise_norm=nn.BatchNorm2d(before),
                depthwise_nonlin=nn.ReLU(inplace=True),
                pointwise=nn.Conv2d(before, after, kernel_size=1, bias=False),
                pointwise_norm=nn.BatchNorm2d(after),
                pointwise_nonlin=nn.ReLU(inplace=True),
            )
        )


class MobileNetV1(nn.Sequential):
    """MobileNet v1: (batch, 3, h, w) images, ImageNet-normalised -> (batch, 1000) logits.

    4,231,976 parameters.
    """

    def __init__(self) -> None:
        widths = (STEM_WIDTH, *BLOCK_WIDTHS)
        super().__init__(
            OrderedDict(
                stem=nn.Sequential(
                    OrderedDict(
                        conv=nn.Conv2d(
                            3, STEM_WIDTH, kernel_size=3, stride=2, padding=1, bias=False
                        ),
                        norm=nn.BatchNorm2d(STEM_WIDTH),
                        nonlin=nn.ReLU(inplace=True),
                    )
                ),
                **{
                    f"block{number}": Block(
                        widths[number - 1], widths[number], 2 if number in REDUCING_BLOCKS else 1
                    )
                    for number in range(1, len(widths))
                },
                avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                classifier=nn.Linear(widths[-1], 1000),
            )
        )
