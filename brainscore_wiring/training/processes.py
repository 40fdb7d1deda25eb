"""Several processes that train one network together, as `torchrun` starts them; one process is the
usual case.

The number of processes changes the speed and nothing else: each takes its share of every batch,
batch norm sees the whole batch, and gradients are those of the whole batch's mean loss, up to the
order of floating-point sums.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn

from brainscore_wiring.errors import WrongUsage, shortened

_SET_BY_TORCHRUN = ("RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
_Result = TypeVar("_Result")

#: What the other processes wait for the first one to measure, evaluate and write a model.
LONGEST_WAIT = datetime.timedelta(hours=4)


@dataclass(frozen=True)
class Processes:
    """This process among all that train together; `device` is the one it computes on."""

    device: torch.device
    rank: int = 0
    count: int = 1

    @property
    def main(self) -> bool:
        """Whether this is the process that writes files and reports."""
        return self.rank == 0

    def share(self, batch: Sequence[int]) -> list[int]:
        """This process's part of a batch; parts differ by one image at most."""
        bounds = [len(batch) * part // self.count for part in range(self.count + 1)]
        return list(batch[bounds[self.rank] : bounds[self.rank + 1]])

    def total(self, values: Sequence[float | Tensor]) -> list[float]:
        """The sums of some numbers over all processes, the same bits in each."""
        sums = torch.stack(
            [torch.as_tensor(value, dtype=torch.float64, device=self.device) for value in values]
        )
        if self.count > 1:
            distributed.all_reduce(sums)
        return sums.tolist()

    def wait(self) -> None:
        """Until every process is here."""
        if self.count > 1:
            distributed.barrier()

    def main_first(self, work: Callable[[], _Result]) -> _Result:
        """What the work returns, in every process; the main process does it first."""
        if self.main:
            result = work()
        self.wait()
        return result if self.main else work()

    def together(self, network: nn.Module) -> nn.Module:
        """What to call in place of `network`: its backward pass averages gradients."""
        if self.count == 1:
            return network
        return nn.parallel.DistributedDataParallel(
            network,
            device_ids=[self.device.index] if self.device.type == "cuda" else None,
            gradient_as_bucket_view=True,
        )

    def with_shared_batch_norm(self, network: nn.Module) -> nn.Module:
        """The network with batch norms over all processes; names and tensors stay."""
        if self.count == 1:
            return network
        if self.device.type == "cuda":
            return nn.SyncBatchNorm.convert_sync_batchnorm(network)
        for module in network.modules():
            if type(module) is nn.BatchNorm2d:
                module.__class__ = SharedBatchNorm
        return network


class SharedBatchNorm(nn.BatchNorm2d):
    """Batch norm over all processes' images, for processors (SyncBatchNorm takes GPUs only)."""

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor
    momentum: float

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        values = x.float()
        here = torch.full((1,), x.numel() / x.shape[1], device=x.device)
        count = _Sum.apply(here)
        mean = _Sum.apply(values.sum((0, 2, 3))) / count
        centred = values - mean[:, None, None]
        variance = _Sum.apply(centred.square().sum((0, 2, 3))) / count
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)
            self.num_batches_tracked += 1
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)


class _Sum(torch.autograd.Function):
    """The sum over processes; so is its gradient's."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        total = x.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return _Sum.forward(ctx, gradient)


def _count() -> int:
    """Processes that torchrun started. Raises `WrongUsage` for variables of another start."""
    stated = os.environ.get("WORLD_SIZE", "1")
    if stated == "1":
        return 1
    lacking = [name for name in _SET_BY_TORCHRUN if name not in os.environ]
    if lacking or not stated.isdecimal():
        raise WrongUsage(
            f"WORLD_SIZE is {shortened(stated, 20)}, but {lacking[0] if lacking else 'that'} is "
            f"{'not set' if lacking else 'no number'}: start several processes by torchrun, or "
            "unset WORLD_SIZE."
        )
    return int(stated)


@contextlib.contextmanager
def joined() -> Iterator[Processes]:
    """The connected processes of torchrun, or this process alone."""
    count = _count()
    cuda = torch.cuda.is_available()
    if count == 1:
        yield Processes(torch.device("cuda" if cuda else "cpu"))
        return
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if cuda else "gloo", timeout=LONGEST_WAIT)
    try:
        yield Processes(device, distributed.get_rank(), count)
        # one that leaves while another still answers can be aborted on its way out
        distributed.barrier()
    finally:
        distributed.destroy_process_group()
