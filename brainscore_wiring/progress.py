"""How far long work is: counted where it is done, shown on request.

    with shown(console, say) as display, counting("V1 gratings", 2_569) as advance:
        advance(64)

In a terminal one line that changes (a spinner, a bar, what is left), in a notebook one text that
changes, in a log a line for each stage and for every tenth of it, with the time that is left. Work
inside counted work is not counted again.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

#: Seconds after which a log has a line though no tenth of the work was done.
LONGEST_SILENCE = 300.0
#: How often a text in a notebook changes at most, in seconds.
_REFRESH = 0.5


#: Seconds that are left of a whole call, where that is known.
Left = Callable[[], float | None]
_counting: ContextVar[bool] = ContextVar("counting", default=False)
_left_of_all: ContextVar[Left] = ContextVar("left_of_all", default=lambda: None)
_display: ContextVar[Display | None] = ContextVar("display", default=None)


@contextlib.contextmanager
def counting(what: str, total: int, unit: str = "image") -> Iterator[Callable[[int], object]]:
    """Gives what is to be called with every further number of units that are done.

    Without being asked for, it is shown at a terminal and in a notebook.
    """
    if _counting.get():
        yield lambda done: None
        return
    token, done = _counting.set(True), 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        display.count(done, total, unit)

    try:
        with shown() as display:
            display.first_stage(what)
            yield advance
    finally:
        _counting.reset(token)


@contextlib.contextmanager
def part_of(left: Left) -> Iterator[None]:
    """Meanwhile, what is shown is part of a call that takes so many more seconds."""
    token = _left_of_all.set(left)
    try:
        yield
    finally:
        _left_of_all.reset(token)


def _of_all(of_stage: float | None) -> str:
    """What is left of the whole call, which is no less than what is left of its stage."""
    seconds = _left_of_all.get()()
    return "" if seconds is None else f"{_duration(max(seconds, of_stage or 0))} left in all"


@contextlib.contextmanager
def no_other_bars() -> Iterator[None]:
    """Meanwhile, libraries show no bars by tqdm: they would be written into the line that is
    shown here.
    """
    from tqdm.std import tqdm

    begin = tqdm.__init__
    tqdm.__init__ = functools.partialmethod(begin, disable=True)
    try:
        yield
    finally:
        tqdm.__init__ = begin


class Display:
    """Shows nothing: the base of what does."""

    def stage(self, sentence: str) -> None:
        """What is being done now."""

    def first_stage(self, sentence: str) -> None:
        """What is being done, where no stage was stated."""

    def count(self, done: int, total: int, unit: str = "", words: str = "") -> None:
        """How many of its units are done; `words` about them."""

    def close(self) -> None:
        """Show no more."""


class Log(Display):
    """A line for each stage and tenth of it, as in a file, and one every few minutes."""

    def __init__(self, say: Callable[[str], None]):
        self._say, self._said_at = say, time.monotonic()
        self._begin("")

    def _begin(self, sentence: str) -> None:
        self._sentence = sentence
        self._first: tuple[int, float] | None = None  # what a run that goes on had done, and when
        self._before = 0

    def stage(self, sentence: str) -> None:
        if sentence != self._sentence:
            self._begin(sentence)
            self._show(sentence)

    def first_stage(self, sentence: str) -> None:
        self._sentence = self._sentence or sentence

    def count(self, done: int, total: int, unit: str = "", words: str = "") -> None:
        if done < self._before:  # other images of the same stage
            self._begin(self._sentence)
        self._first = self._first or (done, time.monotonic())
        if self._due(done, total):
            of = f"{done:,} of {total:,}{f' {unit}s' if unit else ''}"
            left = self._left(done, total)
            still = f"{_duration(left)} left" if left and done < total else ""
            self._show(
                f"{self._sentence}: {', '.join(filter(None, [of, words, still, _of_all(left)]))}"
            )
        self._before = done

    def _due(self, done: int, total: int) -> bool:
        tenth = bool(total) and 10 * done // total > 10 * self._before // total
        return tenth or time.monotonic() - self._said_at > LONGEST_SILENCE

    def _left(self, done: int, total: int) -> float | None:
        """Seconds that are left of the stage; None before its speed is known."""
        first, began = self._first or (done, 0.0)
        if done <= first:
            return None
        return (time.monotonic() - began) / (done - first) * (total - done)

    def _show(self, text: str) -> None:
        self._said_at = time.monotonic()
        self._say(text)


class Notebook(Log):
    """One text in a notebook's output, which changes."""

    def __init__(self) -> None:
        super().__init__(self._change)
        self._handle: Any = None

    def _due(self, done: int, total: int) -> bool:
        return done == total or time.monotonic() - self._said_at > _REFRESH

    def _change(self, text: str) -> None:
        if self._handle is None:
            from IPython.display import display

            self._handle = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._handle.update({"text/plain": text}, raw=True)


class Bar(Display):
    """One line in a terminal, gone at the end."""

    def __init__(self, console: Console):
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.table import Column
        from rich.text import Text

        class Sentence(ProgressColumn):
            """What is cut where a terminal is too narrow for the whole line."""

            def render(self, task: Any) -> Text:
                return Text(task.description, no_wrap=True, overflow="ellipsis")

        uncut = Column(no_wrap=True)

        self._bar = Progress(
            SpinnerColumn("dots" if console.encoding.startswith("utf") else "line"),
            Sentence(),
            BarColumn(bar_width=20),
            MofNCompleteColumn(table_column=uncut.copy()),
            TimeRemainingColumn(table_column=uncut.copy()),
            TextColumn("{task.fields[of_all]}", markup=False, table_column=uncut.copy()),
            console=console,
            transient=True,
        )
        self._sentence = ""
        self._bar.start()
        self.stage("")

    def stage(self, sentence: str) -> None:
        if sentence == self._sentence and self._bar.task_ids:
            return
        self._sentence = sentence
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        self._bar.add_task(sentence, total=None, of_all=_of_all(None))

    def first_stage(self, sentence: str) -> None:
        if not self._sentence:
            self.stage(sentence)

    def count(self, done: int, total: int, unit: str = "", words: str = "") -> None:
        [task] = self._bar.tasks
        if task.total is not None and done < task.completed:  # other images in the same stage
            self._bar.reset(task.id, total=total)
        description = f"{self._sentence}: {words}" if words else self._sentence
        self._bar.update(
            task.id,
            completed=done,
            total=total,
            description=description,
            of_all=_of_all(task.time_remaining),
        )

    def close(self) -> None:
        self._bar.stop()


@contextlib.contextmanager
def shown(
    console: Console | None = None, say: Callable[[str], None] | None = None
) -> Iterator[Display]:
    """Within, what is counted is shown: on a terminal's console, in a notebook, or by `say` line by
    line; without `say` nowhere but there. Inside another one, that one goes on.
    """
    from rich.console import Console

    outer = _display.get()
    if outer is not None:
        yield outer
        return
    console = console or Console(stderr=True)
    display: Display = Display()
    if console.is_jupyter:
        display = Notebook()
    elif console.is_terminal:
        display = Bar(console)
    elif say is not None:
        display = Log(say)
    token = _display.set(display)
    try:
        yield display
    finally:
        _display.reset(token)
        display.close()


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
