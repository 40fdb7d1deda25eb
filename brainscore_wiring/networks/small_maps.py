"""Convolutions of small maps as matrix products, on processors.

With 64 px images the deep areas of a network see maps of 8 x 8 to 2 x 2 positions with up to 2,048
channels. There oneDNN, which computes PyTorch's convolutions on processors, stays far below what
the processor's matrix products reach, worst for gradients of weights (up to 25 times slower). And
its 3x3 kernels multiply the padding: on a 2 x 2 map that is 5 of 9 taps.

`matrix_products` computes such convolutions as products of (positions and images, channels) with
(channels, channels) instead. Which ones is a rule about shapes, so that every run of the same
command takes the same way on every processor. Results are those of the plain way up to rounding: in
bfloat16 a 3x3 convolution is the sum of up to three products, each rounded (float32 inside).

Recorded activity stays with the plain way: scores are taken at 224 px, where it is as fast.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

#: The largest side of a map, behind a 3x3 and a 1x1 convolution, that counts as small.
LARGEST_3X3, LARGEST_1X1 = 8, 16
#: Kernels of fewer input channels stay with the plain 3x3 convolution.
FEWEST_CHANNELS = 512


def matrix_products(device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """Within this context `conv2d` computes small maps as matrix products; not so on a GPU.

    Forward passes only; the backward pass follows by itself. The context keeps weights as the
    products want them (in autocast's precision), so it must not outlast an update of the weights.
    """
    return _MatrixProducts() if device.type == "cpu" else contextlib.nullcontext()


@contextlib.contextmanager
def arithmetic(device: torch.device, precision: str) -> Iterator[None]:
    """A recipe's arithmetic, "bf16" or "fp32", with small maps as matrix products."""
    with (
        torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"),
        matrix_products(device),
    ):
        yield


def lay_out(network: nn.Module, image_size: int) -> None:
    """Keep frozen weights in the order of the products, channels last; their numbers stay.

    Which weights products use is found by showing the network one image of this size, in pixels.
    """
    frozen: list[Tensor] = []
    training = network.training

    def note(weight: Tensor) -> None:
        if not weight.requires_grad:
            frozen.append(weight)

    with torch.no_grad(), _MatrixProducts(note):
        network.eval()(torch.zeros(1, 3, image_size, image_size))
    network.train(training)
    for weight in frozen:
        weight.data = weight.data.contiguous(memory_format=torch.channels_last)


def is_small(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    groups: int,
) -> bool:
    """Whether a convolution is computed as matrix products: a function of shapes alone."""
    kernel = tuple(weight.shape[2:])
    if x.ndim != 4 or bias is not None or groups != 1 or dilation != (1, 1):
        return False
    if stride not in ((1, 1), (2, 2)) or padding != (kernel[0] // 2,) * 2:
        return False
    largest = -(-max(x.shape[2:]) // stride[0])
    if kernel == (3, 3):
        return largest <= LARGEST_3X3 and weight.shape[1] >= FEWEST_CHANNELS
    return kernel == (1, 1) and largest <= LARGEST_1X1


class _MatrixProducts(TorchFunctionMode):
    """Takes over `conv2d` for small maps; `note` is told each weight that it is used for, once."""

    def __init__(self, note: Callable[[Tensor], None] = lambda weight: None):
        super().__init__()
        self.note = note
        self.prepared: dict[Tensor, Tensor] = {}  # rounded, channels last

    def __torch_function__(
        self,
        function: Callable,
        types: Iterable,
        arguments: tuple = (),
        named: dict[str, Any] | None = None,
    ) -> Any:
        if function is torch.conv2d:
            return self._convolution(*arguments, **named or {})
        return function(*arguments, **named or {})

    def __exit__(self, *exception: Any) -> None:
        self.prepared.clear()
        super().__exit__(*exception)

    def _convolution(
        self,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:
        steps, margins, gaps = (_pair(value) for value in (stride, padding, dilation))
        if not is_small(x, weight, bias, steps, margins, gaps, groups):
            return torch.conv2d(x, weight, bias, stride, padding, dilation, groups)
        if weight not in self.prepared:
            self.note(weight)
            self.prepared[weight] = _Prepared.apply(weight, _precision(weight))
        weight = self.prepared[weight]
        x, step = x.to(weight.dtype), steps[0]
        convolution = _pointwise if weight.shape[2] == 1 else _Convolution3x3.apply
        return convolution(x, weight, step)


def _pair(value: Any) -> Any:
    if isinstance(value, int):
        return value, value
    return value if isinstance(value, str) else tuple(value)


def _precision(weight: Tensor) -> torch.dtype:
    return torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else weight.dtype


class _Prepared(torch.autograd.Function):
    """A weight as the products want it; the gradient, summed over its uses, goes the way back."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, dtype: torch.dtype) -> Tensor:
        ctx.dtype = weight.dtype
        order = torch.channels_last if weight.shape[2] > 1 else torch.preserve_format
        return weight.to(dtype, memory_format=order).view_as(weight)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient.to(ctx.dtype, memory_format=torch.contiguous_format), None


def _pointwise(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """A 1x1 convolution: (images, in, h, w), (out, in, 1, 1) -> (images, out, h', w')."""
    x = x[:, :, ::stride, ::stride].permute(0, 2, 3, 1)
    y = x.reshape(-1, x.shape[-1]) @ weight.flatten(1).t()
    return y.unflatten(0, x.shape[:-1]).permute(0, 3, 1, 2)


class _Tap(NamedTuple):
    """The rows (or columns) that one of three taps connects: outputs, and inputs of one parity."""

    outputs: slice
    parity: int  # of the inputs; 0 with stride 1
    inputs: slice  # among those of this parity


def _taps(inputs: int, stride: int) -> list[_Tap]:
    """Output `o` sees input `stride * o + tap - 1` through a tap, where there is such an input."""
    taps = []
    for tap in range(3):
        offset, parity = divmod(tap - 1, stride)
        first = 1 if tap == 0 else 0
        end = max(first, min((inputs - tap) // stride + 1, -(-inputs // stride)))
        taps.append(_Tap(slice(first, end), parity, slice(first + offset, end + offset)))
    return taps


class _Columns(NamedTuple):
    """Neighbouring output columns that see inputs through the same taps."""

    outputs: slice
    taps: slice
    inputs: list[slice]  # for each of these taps


def _columns(inputs: int, stride: int) -> list[_Columns]:
    reach = [tap.outputs for tap in _taps(inputs, stride)]

    def taps_at(output: int) -> list[int]:
        return [tap for tap in range(3) if reach[tap].start <= output < reach[tap].stop]

    found = []
    for taps, neighbours in itertools.groupby(range(-(-inputs // stride)), taps_at):
        first, *rest = neighbours
        count = 1 + len(rest)
        found.append(
            _Columns(
                slice(first, first + count),
                slice(taps[0], taps[-1] + 1),
                [_inputs(tap, first, count, stride) for tap in taps],
            )
        )
    return found


def _inputs(tap: int, first: int, count: int, stride: int) -> slice:
    """The inputs that `count` outputs from `first` on see through a tap."""
    start = stride * first + tap - 1
    return slice(start, start + stride * count, stride)


#: The middle tap comes first: it reaches every output, so that nothing has to be set to 0 before.
ORDER = (1, 2, 0)


class _Convolution3x3(torch.autograd.Function):
    """(images, in, h, w), (out, in, 3, 3) -> (images, out, ...), all channels last; padding 1.

    Positions come before images in the rows of a matrix, so that those that a tap connects are
    neighbours. Inputs are unfolded along columns alone: a tap of another row reads other rows of
    the same matrix. Taps that see padding are left out.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(x if ctx.needs_input_grad[1] else None, weight)
        ctx.shape, ctx.stride = x.shape, stride
        x, weight = x.permute(2, 3, 0, 1), weight.permute(0, 2, 3, 1)
        height, width, images, _ = x.shape
        rows = _taps(height, stride)
        y = x.new_empty(images, -(-height // stride), -(-width // stride), len(weight))
        for columns in _columns(width, stride):
            unfolded = [
                torch.cat([x[parity::stride, inputs] for inputs in columns.inputs], -1)
                for parity in range(stride)
            ]
            result = x.new_empty(y.shape[1], unfolded[0].shape[1], images, len(weight))
            for tap in ORDER:
                outputs, parity, inputs = rows[tap]
                _matrix(result[outputs]).addmm_(
                    _matrix(unfolded[parity][inputs]),
                    weight[:, tap, columns.taps].flatten(1).t(),
                    beta=float(tap != 1),
                )
            y.permute(1, 2, 0, 3)[:, columns.outputs] = result
        return y.permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, of_y: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        x, weight = ctx.saved_tensors
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            of_x = torch.empty(ctx.shape, dtype=weight.dtype, memory_format=torch.channels_last)
            _add_to_input(of_x.zero_(), weight, of_y, ctx.stride)
        if ctx.needs_input_grad[1]:
            of_weight = torch.empty_like(weight)  # channels last, too
            _set_weight(of_weight, x, of_y, ctx.stride)
        return of_x, of_weight, None


def _add_to_input(of_x: Tensor, weight: Tensor, of_y: Tensor, stride: int) -> None:
    """Add the gradient of the input: `forward` with the roles exchanged, folded along columns."""
    of_x, of_y = of_x.permute(2, 3, 0, 1), of_y.permute(2, 3, 0, 1)
    weight = weight.permute(0, 2, 3, 1)
    height, width, images, channels = of_x.shape
    rows = _taps(height, stride)
    for columns in _columns(width, stride):
        part = of_y[:, columns.outputs].contiguous()
        wide = len(columns.inputs) * channels
        of_unfolded = [
            part.new_empty(len(range(parity, height, stride)), part.shape[1], images, wide)
            for parity in range(stride)
        ]
        for tap in ORDER:
            outputs, parity, inputs = rows[tap]
            _matrix(of_unfolded[parity][inputs]).addmm_(
                _matrix(part[outputs]),
                weight[:, tap, columns.taps].flatten(1),
                beta=float(tap == 0 or (tap == 2 and stride == 1)),
            )
        for parity in range(stride):
            for inputs, values in zip(columns.inputs, of_unfolded[parity].split(channels, -1)):
                of_x[parity::stride, inputs] += values


def _set_weight(of_weight: Tensor, x: Tensor, of_y: Tensor, stride: int) -> None:
    """Set the gradient of the weight: one product for each tap."""
    x, of_y = x.permute(2, 3, 0, 1), of_y.permute(2, 3, 0, 1)
    of_weight = of_weight.permute(0, 2, 3, 1)
    rows, columns = _taps(x.shape[0], stride), _taps(x.shape[1], stride)
    for column in range(3):
        connected = columns[column].outputs
        part = of_y[:, connected].contiguous()
        seen = _inputs(column, connected.start, part.shape[1], stride)
        shifted = [x[parity::stride, seen].contiguous() for parity in range(stride)]
        for row in range(3):
            outputs, parity, inputs = rows[row]
            of_weight[:, row, column].addmm_(
                _matrix(part[outputs]).t(), _matrix(shifted[parity][inputs]), beta=0
            )


def _matrix(values: Tensor) -> Tensor:
    """(rows, columns, images, channels) as (..., channels), without a copy."""
    return values.view(-1, values.shape[-1])
