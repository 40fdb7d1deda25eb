"""Room for the responses of many neurons to many images: in memory while small, else in a file that
has no name.

3,200 images and 200,000 features are 2.6 GB for one layer. A large recording is written to disk
batch by batch, and what is handed out is a window onto that file: the system keeps in memory what
is being read and drops it when memory runs short. The file is taken out of its folder when it is
made, so nothing is left behind, however a process ends.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from brainscore_wiring import folders
from brainscore_wiring.errors import WiringError

#: Bytes up to which a recording stays in memory.
LARGEST_IN_MEMORY = 256 * 2**20


class Features:
    """The responses of one layer, or of several of one shape, to a number of images: written once,
    row by row.

    `slots` is the number of layers (a recording's time bins), `shape` that of one image's response
    in a layer; `on_disk`: also where they are small. Raises `WiringError` where the disk is full or
    the cache folder cannot be written.
    """

    def __init__(
        self,
        slots: int,
        images: int,
        shape: Sequence[int],
        dtype: npt.DTypeLike = np.float32,
        on_disk: bool = False,
    ):
        self.shape = tuple(shape)
        self._layout = slots, images, math.prod(self.shape)
        self._dtype = np.dtype(dtype)
        self._row_bytes = self._layout[2] * self._dtype.itemsize
        if slots * images * self._row_bytes <= LARGEST_IN_MEMORY and not on_disk:
            self._file, self._values = None, np.empty(self._layout, self._dtype)
            return
        with _disk():
            folders.cache().mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(  # noqa: SIM115 - it stays open
                prefix="features-", dir=folders.cache()
            )

    def write(self, slot: int, image: int, values: np.ndarray) -> None:
        """Put one image's response in its place."""
        if self._file is None:
            self._values[slot, image] = values.reshape(-1)
            return
        with _disk():
            self._file.seek((slot * self._layout[1] + image) * self._row_bytes)
            self._file.write(np.ascontiguousarray(values, self._dtype).data)

    def array(self, kept: bool = False) -> np.ndarray:
        """All responses, (images, neurons, slots): one slot after the other in memory, nothing is
        copied.

        What is changed in the array changes nothing in a file. With `kept`, nor in memory: then
        small features are copied, so that they can be handed out again.
        """
        if self._file is None:
            values = self._values.copy() if kept else self._values
        else:
            with _disk():
                self._file.flush()
                values = np.asarray(
                    np.memmap(self._file, self._dtype, mode="c", shape=self._layout)
                )
        return np.moveaxis(values, 0, -1)


def room_for(
    shapes: Mapping[Any, tuple[int, Sequence[int]]],
    images: int,
    dtype: npt.DTypeLike = np.float32,
) -> dict[Any, Features]:
    """Room for a whole recording, known once its first images have been shown.

    `shapes`: what is recorded -> number of layers, shape of one image's response in each. Small
    features are in memory while all of them take at most a quarter of what is free there. Raises
    `WiringError` where there is not enough room on the disk for the rest.
    """
    sizes = {
        key: slots * images * math.prod(shape) * np.dtype(dtype).itemsize
        for key, (slots, shape) in shapes.items()
    }
    small = sum(size for size in sizes.values() if size <= LARGEST_IN_MEMORY)
    on_disk = small > free_memory() / 4
    large = sum(sizes.values()) if on_disk else sum(sizes.values()) - small
    if large:
        with _disk():
            folders.cache().mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(folders.cache()).free
        if large > free:
            raise WiringError(
                f"The responses to {images:,} images take {_gigabytes(large)} on disk, and "
                f"{_gigabytes(free)} are free in '{folders.cache()}': make room there, let "
                "BRAINSCORE_WIRING_HOME name a folder on a larger disk, or record fewer images or "
                "layers at a time."
            )
    return {
        key: Features(slots, images, shape, dtype, on_disk)
        for key, (slots, shape) in shapes.items()
    }


def check_memory(size: int, layers: Sequence[str]) -> None:
    """Raise `WiringError` where the responses of layers side by side do not fit in memory."""
    if size > free_memory():
        raise WiringError(
            f"The responses of {len(layers)} layers side by side take {_gigabytes(size)} of "
            f"memory, and {_gigabytes(free_memory())} are free: ask for one layer at a time, whose "
            "responses stay on disk, or for fewer images."
        )


def free_memory() -> int:
    """Bytes of memory that can be had without swapping."""
    with contextlib.suppress(OSError, StopIteration):
        with open("/proc/meminfo", encoding="ascii") as file:
            available = next(line for line in file if line.startswith("MemAvailable"))
        return int(available.split()[1]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # where Linux does not tell


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise WiringError(
            f"The responses to all images find no room in '{folders.cache()}' ({reason}): make "
            "room there, or let BRAINSCORE_WIRING_HOME name a folder on a larger disk."
        ) from None
