"""CORnet-S (Kubilius, Schrimpf et al. 2019, "Brain-like object recognition with high-performing
shallow recurrent ANNs", NeurIPS; paper section 2): four areas named after the ventral stream, and a
linear decoder.

Module names and parameter shapes are those of the public reference, so its checkpoints load
unchanged. The stride of the shared 3x3 convolution is an argument of the call instead of a mutated
attribute: the network holds no state between two forward passes and the numbers are the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from brainscore_wiring.architectures.cornet_s import EXPANSION, RECURRENT_AREAS


class StepConvolution(nn.Conv2d):
    """A 3x3 convolution shared over recurrent steps; the stride is an argument of the call."""

    def forward(self, x: Tensor, stride: int) -> Tensor:  # type: ignore[override] # takes the stride, too
        return F.conv2d(x, self.weight, None, stride, self.padding)


class Area(nn.Module):
    """A recurrent area.

    `conv_input` once, then per step up-sampling `conv1`, shared 3x3 `conv2`, down-sampling `conv3`.
    The first step halves the resolution and adds a projected skip connection, later steps add the
    step's input. Input (batch, in_channels, h, w) -> output (batch, out_channels, ceil(h / 2),
    ceil(w / 2)).
    """

    norm1_0: nn.BatchNorm2d  # and so on, three for each step
    norm2_0: nn.BatchNorm2d

    def __init__(self, in_channels: int, out_channels: int, times: int):
        super().__init__()
        self.times = times
        self.skip_feedback = False  # whether errors come back through the skip connections alone
        wide = out_channels * EXPANSION
        self.conv_input = nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False)
        self.skip = nn.Conv2d(out_channels, out_channels, kernel_size=1, stride=2, bias=False)
        self.norm_skip = nn.BatchNorm2d(out_channels)
        self.conv1 = nn.Conv2d(out_channels, wide, kernel_size=1, bias=False)
        self.nonlin1 = nn.ReLU(inplace=True)
        self.conv2 = StepConvolution(wide, wide, kernel_size=3, padding=1, bias=False)
        self.nonlin2 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(wide, out_channels, kernel_size=1, bias=False)
        self.nonlin3 = nn.ReLU(inplace=True)
        self.output = nn.Identity()
        for t in range(times):
            setattr(self, f"norm1_{t}", nn.BatchNorm2d(wide))
            setattr(self, f"norm2_{t}", nn.BatchNorm2d(wide))
            setattr(self, f"norm3_{t}", nn.BatchNorm2d(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(*self.enter(x))

    def enter(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The first step up to `conv3`.

        Its input (batch, wide, h, w), and the skip connection (batch, out, h, w).
        """
        x = self.conv_input(x)
        return self._widen(x, 0), self.norm_skip(self.skip(x))

    def leave(self, wide: Tensor, skip: Tensor) -> Tensor:
        """The rest of the first step, and all later ones."""
        x = self._narrow(wide, skip, 0)
        for t in range(1, self.times):
            x = self._narrow(self._widen(x, t), x, t)
        return x

    def _widen(self, x: Tensor, t: int) -> Tensor:
        if self.skip_feedback:
            x = x.detach()
        x = self.nonlin1(getattr(self, f"norm1_{t}")(self.conv1(x)))
        return self.nonlin2(getattr(self, f"norm2_{t}")(self.conv2(x, 2 if t == 0 else 1)))

    def _narrow(self, wide: Tensor, skip: Tensor, t: int) -> Tensor:
        x = getattr(self, f"norm3_{t}")(self.conv3(wide))
        return self.output(self.nonlin3(x + skip))


class CORnetS(nn.Sequential):
    """CORnet-S: (batch, 3, h, w) images, ImageNet-normalised -> (batch, 1000) logits.

    53,416,616 parameters.
    """

    V1: nn.Sequential
    V2: Area
    V4: Area
    IT: Area
    decoder: nn.Sequential

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(
                V1=nn.Sequential(
                    OrderedDict(
                        conv1=nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False),
                        norm1=nn.BatchNorm2d(64),
                        nonlin1=nn.ReLU(inplace=True),
                        pool=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
                        conv2=nn.Conv2d(64, 64, kernel_size=3, padding=1, bias=False),
                        norm2=nn.BatchNorm2d(64),
                        nonlin2=nn.ReLU(inplace=True),
                        output=nn.Identity(),
                    )
                ),
                **{name: Area(*shape) for name, shape in RECURRENT_AREAS.items()},
                decoder=nn.Sequential(
                    OrderedDict(
                        avgpool=nn.AdaptiveAvgPool2d(1),
                        flatten=nn.Flatten(),
                        linear=nn.Linear(512, 1000),
                        output=nn.Identity(),
                    )
                ),
            )
        )

    def stages(self) -> list[tuple[Callable[..., Any], list[nn.Module]]]:
        """A forward pass as a chain of calls, each with the modules that no earlier call uses."""
        chain: list[tuple[Callable[..., Any], list[nn.Module]]] = [(self.V1, [self.V1])]
        for area in (self.V2, self.V4, self.IT):
            entrance: list[nn.Module] = [
                area.conv_input,
                area.skip,
                area.norm_skip,
                area.conv1,
                area.norm1_0,
                area.conv2,
                area.norm2_0,
            ]
            chain += [(area.enter, entrance), (area.leave, [area])]
        pool, flatten, linear, output = self.decoder
        return [
            *chain,
            (nn.Sequential(pool, flatten), []),
            (nn.Sequential(linear, output), [linear]),
        ]

    def feedback_through_skips_alone(self) -> None:
        """Let errors travel back through skip connections only, no longer through `conv2` and
        `conv1` of an area.

        The forward pass stays as it is; the gradient is another one, and half the work of critical
        training.
        """
        for area in (self.V2, self.V4, self.IT):
            area.skip_feedback = True

    def calls(self, module: str) -> int:
        """How often one forward pass calls a module.

        The shared ones of an area once per recurrent step.
        """
        area, _, inner = module.partition(".")
        once = inner in ("", "conv_input", "skip", "norm_skip") or inner.startswith("norm")
        return 1 if once or area not in RECURRENT_AREAS else RECURRENT_AREAS[area][2]
