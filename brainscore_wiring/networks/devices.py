"""Where networks run while they are recorded from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import nn

from brainscore_wiring.errors import WiringError, WrongUsage

#: "auto" is a CUDA device where there is one, else the processor.
AUTO = "auto"
TYPES = ("cpu", "cuda", "mps")
#: Images at a time. On a processor few, so that the large maps of the first area stay in its cache.
BATCH_SIZES = {"cpu": 8, "cuda": 64, "mps": 64}


def device_of(name: str | torch.device = AUTO) -> torch.device:
    """The device of a name: "auto", "cpu", "cuda", "cuda:1" or "mps".

    Raises `WrongUsage` for any other name and `WiringError` where this machine or torch has none.
    """
    if name == AUTO:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError):
        device = torch.device("meta")
    if device.type not in TYPES:
        raise WrongUsage(
            f"'{name}' is no device to record on: give {AUTO}, {', '.join(TYPES)}, or cuda:1 for "
            "the second GPU."
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise WiringError(f"{name} was asked for; {_no_cuda()}.")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise WiringError(
            f"{name} was asked for; this machine or torch {torch.__version__} has none."
        )
    return device


def _no_cuda() -> str:
    if torch.version.cuda is None:
        return f"torch {torch.__version__} was built without CUDA"
    count = torch.cuda.device_count()
    return f"torch {torch.__version__} finds {count or 'no'} GPU{'s' if count > 1 else ''} here"


@contextlib.contextmanager
def running_on(device: torch.device, network: nn.Module) -> Iterator[None]:
    """Inside, the network is on the device; outside it is on the processor.

    Raises `WiringError` where the device's memory is too small for a batch.
    """
    if device.type == "cpu":
        yield
        return
    try:
        network.to(memory_format=torch.contiguous_format)  # the other is slow there in float32
        network.to(device)
        yield
    except torch.cuda.OutOfMemoryError:
        raise WiringError(
            f"The memory of {device} is too small for a batch of images: give a smaller "
            "--batch-size (`batch_size` in Python), or --device cpu."
        ) from None
    finally:
        network.to("cpu").to(memory_format=torch.channels_last)
