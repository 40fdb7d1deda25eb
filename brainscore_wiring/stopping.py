"""Requests to stop: an interrupt, a scheduler's warning, a terminal that was closed.

They are honoured at every moment of a command. Needs nothing but the standard library, so that a
process can answer before anything heavy is imported.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

from brainscore_wiring.errors import INTERRUPTED, TRY_AGAIN

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)
#: Seconds in which repeated signals are one request: a scheduler sends them to a process and again
#: to its group.
ONE_REQUEST = 1.0
#: Seconds after which a request that the code it met has swallowed is made again.
REMINDER = 2.0
#: Seconds for which a module that is being imported is left to finish, and between two looks at
#: it: compiled code that starts up (PyTorch's, NumPy's) aborts the process where Python raises.
IMPORT_PATIENCE, IMPORT_LOOK = 20.0, 0.05


class StopRequested(KeyboardInterrupt):
    """A request to stop, raised where it arrives; no `except Exception` catches it."""


@dataclass
class _Requests:
    """What has been asked of this process."""

    received: int = 0  # the first signal
    last: float = 0.0  # when the last one came
    noting: int = 0  # how many `noted` there are around the code that runs
    process: int = 0  # the one that handles signals, 0 where none does


_requests = _Requests()


@contextlib.contextmanager
def handled(leaving: bool = False) -> Iterator[None]:
    """Within, a request to stop raises `StopRequested`, or is kept by `noted` around it.

    A module that is being imported is imported first.

    A second interrupt ends the process at once. A terminal that is closed is ignored under nohup.
    `leaving`: the process ends afterwards: what comes then is ignored, so that its status stays
    that of its work. Does nothing outside the main thread, which alone may handle signals, or
    within another `handled`.
    """
    outside = threading.current_thread() is not threading.main_thread()
    if outside or _requests.process == os.getpid():
        yield
        return
    before = {
        number: signal.getsignal(number)
        for number in (*SIGNALS, signal.SIGALRM)
        if (number, signal.getsignal(number)) != (signal.SIGHUP, signal.SIG_IGN)
    }
    _requests.received, _requests.noting, _requests.process = 0, 0, os.getpid()
    for number in before:
        signal.signal(number, _remind if number == signal.SIGALRM else _receive)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _requests.process = 0
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if leaving else handler)


@contextlib.contextmanager
def noted() -> Iterator[None]:
    """Within, a request to stop is kept until the end: what has begun is finished first."""
    _requests.noting += 1
    try:
        yield
    finally:
        _requests.noting -= 1
    if not _requests.noting:
        raise_if_asked()


def raise_if_asked() -> None:
    """Raise `StopRequested` where a request to stop was kept."""
    if received():
        raise StopRequested


def received() -> int:
    """The signal by which this process was asked to stop, 0 where it was not."""
    return _requests.received if _requests.process == os.getpid() else 0


def status() -> int:
    """The exit status that a request to stop asks for."""
    return TRY_AGAIN if received() not in (0, signal.SIGINT) else INTERRUPTED


def answered() -> None:
    """The request is being followed: it is not made again."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def _receive(number: int, frame: FrameType | None) -> None:
    if os.getpid() != _requests.process:  # a child that has inherited this handler
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return
    repeated = _requests.received and time.monotonic() - _requests.last < ONE_REQUEST
    _requests.received, _requests.last = _requests.received or number, time.monotonic()
    if number == signal.SIGINT:
        signal.signal(number, signal.SIG_DFL)
    if not repeated:
        _ask(frame)


def _remind(_number: int, frame: FrameType | None) -> None:
    _ask(frame)


def _ask(frame: FrameType | None) -> None:
    if _requests.noting:
        return
    if _importing(frame) and time.monotonic() - _requests.last < IMPORT_PATIENCE:
        signal.setitimer(signal.ITIMER_REAL, IMPORT_LOOK)
        return
    signal.setitimer(signal.ITIMER_REAL, REMINDER)
    raise StopRequested


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
