"""How far long work is: sentences where a command reports them, else a bar at a terminal or in a
notebook.

    with reported(report, "pixels on MacaqueV1Tuning"), counting("V1 gratings", 2_569) as advance:
        advance(64)    # "pixels on MacaqueV1Tuning: 257 of 2,569 images, 40 s left"

Work inside counted work is not counted again.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar

_Report = Callable[[str], None]

_reporter: ContextVar[tuple[_Report, str] | None] = ContextVar("reporter", default=None)
_counting: ContextVar[bool] = ContextVar("counting", default=False)


def silent(sentence: str) -> None:
    """The report of nobody: work shows bars to people instead."""


@contextlib.contextmanager
def reported(report: _Report, what: str) -> Iterator[None]:
    """Progress meanwhile goes to `report`, in sentences that begin with what is done."""
    before = _reporter.set(None if report is silent else (report, what))
    try:
        yield
    finally:
        _reporter.reset(before)


@contextlib.contextmanager
def counting(what: str, total: int, unit: str = "image") -> Iterator[Callable[[int], object]]:
    """Gives what is to be called with every further number of units that are done."""
    if _counting.get():
        yield lambda done: None
        return
    before, reporter = _counting.set(True), _reporter.get()
    try:
        if reporter is not None:
            yield _Sentences(*reporter, total, unit)
        else:
            from tqdm.auto import tqdm

            with tqdm(total=total, desc=what, unit=unit, disable=not _watched()) as bar:
                yield bar.update
    finally:
        _counting.reset(before)


def _watched() -> bool:
    """Whether somebody looks: a terminal, or a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


class _Sentences:
    """A sentence for every tenth that is done, with the time that is left at the pace so far."""

    def __init__(self, report: _Report, what: str, total: int, unit: str):
        self._report, self._what, self._total, self._unit = report, what, total, unit
        self._done, self._start = 0, time.monotonic()

    def __call__(self, done: int) -> None:
        before, self._done = self._done, self._done + done
        if 10 * before // self._total == 10 * self._done // self._total:
            return
        text = f"{self._what}: {self._done:,} of {self._total:,} {self._unit}s"
        if self._done < self._total:
            passed = time.monotonic() - self._start
            text += f", {_duration(passed * (self._total - self._done) / self._done)} left"
        self._report(text)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
