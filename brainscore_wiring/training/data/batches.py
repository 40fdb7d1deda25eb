"""Batches of a view in a given order, the same whether decoded here or in other processes."""

from __future__ import annotations

import functools
import os
import select
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import cast

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from brainscore_wiring import stopping
from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.data.training_data import BatchView, ImageView

CPU = torch.device("cpu")


def chunks(order: Sequence[int], size: int) -> list[list[int]]:
    """The order cut into batches; the last one may be smaller."""
    return [list(order[start : start + size]) for start in range(0, len(order), size)]


def default_workers() -> int:
    """Processes that decode images: beside a GPU one per processor of ours, else none."""
    if not torch.cuda.is_available():
        return 0
    return min(
        16, max(1, len(os.sched_getaffinity(0)) // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    )


def batches(
    view: ImageView | BatchView,
    batch_size: int | Sequence[list[int]],
    workers: int = 0,
    device: torch.device | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of a view's images and labels: `batch_size` each, or those at the lists of indices
    given.

    `workers` processes decode images ahead of time. `device` is where the batches will go; memory
    is pinned for a GPU (None: for one that is there). A `BatchView` makes its
    batches itself. Raises `WiringError` naming an image that cannot be read.
    """
    if isinstance(batch_size, int):
        batch_size = chunks(range(len(view)), batch_size)
    if isinstance(view, BatchView):
        yield from (view.batch(indices, device or CPU) for indices in batch_size)
        return
    pin = torch.cuda.is_available() if device is None else device.type == "cuda"
    loader = DataLoader(
        cast(Dataset, view),
        batch_sampler=batch_size,
        num_workers=min(workers, len(batch_size)),
        pin_memory=pin,
        worker_init_fn=functools.partial(_serve, os.getpid()),
        generator=torch.Generator(),
    )
    try:
        yield from loader
    except WiringError as error:  # a worker's error arrives with its traceback in front
        _end_workers(error)
        kind = f"{type(error).__module__}.{type(error).__qualname__}: "
        raise type(error)(str(error).strip().rpartition("\n")[2].removeprefix(kind)) from None
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        _end_workers(error)
        raise WiringError(
            "A process that reads images was ended from outside, perhaps for lack of memory: give "
            "fewer --workers."
        ) from None


def _end_workers(error: Exception) -> None:
    """End the workers of a loader that has failed: they go on as long as something refers to its
    iterator, and the frames of the error do.
    """
    traceback.clear_frames(error.__traceback__)


def _serve(training: int, _worker: int) -> None:
    """Leave requests to stop to the training process, which ends its workers itself, and end with
    it however it ends.

    A worker's parent may be a server that goes on for long (multiprocessing's forkserver).
    """
    for number in stopping.SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(os, "pidfd_open"):
        threading.Thread(target=_end_with, args=(training,), daemon=True).start()


def _end_with(process: int) -> None:
    try:
        end = os.pidfd_open(process)
    except ProcessLookupError:
        os._exit(0)
    except OSError:  # a kernel that has none
        return
    select.select([end], [], [])
    os._exit(0)
