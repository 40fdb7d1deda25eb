"""Locks between processes, let go by the system however a process ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from brainscore_wiring.errors import WiringError

#: How often a lock file may vanish before its folder is taken for one that cannot hold any.
_ATTEMPTS = 10_000


@contextlib.contextmanager
def lock(
    path: Path,
    wait: bool = True,
    advice: str = "give a folder on a disk of this machine that can be written",
) -> Iterator[None]:
    """Hold a lock file, and take it away afterwards, with its folder where that is empty then.

    Raises `BlockingIOError` where another process holds it and `wait` is false, `WiringError` with
    the `advice` where it cannot be made.
    """
    file, attempts = None, 0
    while file is None:
        attempts += 1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = open(path, "w", encoding="utf-8")  # noqa: SIM115 it is open while it is held
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if os.fstat(file.fileno()).st_ino != path.stat().st_ino:
                raise FileNotFoundError
        except OSError as error:
            if file is not None:
                file.close()
            if isinstance(error, BlockingIOError):
                raise
            file = None
            # its holder took it or the folder away
            vanished = isinstance(error, (FileNotFoundError, FileExistsError))
            if not vanished or attempts == _ATTEMPTS:
                raise WiringError(
                    f"'{path}' cannot be locked ({error.strerror or error}): {advice}."
                ) from None
    try:
        yield
    finally:
        # while it is held: a process that waits for it will look for it again
        path.unlink(missing_ok=True)
        file.close()
        with contextlib.suppress(OSError):
            path.parent.rmdir()
