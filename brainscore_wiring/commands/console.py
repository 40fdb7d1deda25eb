"""What commands share: where text goes, and progress that stays readable in a log."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from brainscore_wiring.formatting import count  # noqa: F401 a word of every command's

#: The largest seed that a command takes.
LARGEST_SEED = 2**32 - 1
#: Nothing that is printed is markup: names and files may have square brackets.
out = Console(soft_wrap=False, markup=False, emoji=False)
err = Console(stderr=True, markup=False, emoji=False)


@contextlib.contextmanager
def working(sentence: str) -> Iterator[Callable[[str], None]]:
    """Show what is going on: a spinner in a terminal, one plain line for each step elsewhere."""
    if err.is_terminal:
        with err.status(Text(sentence)) as status:
            yield lambda text: status.update(Text(text))
    else:
        say(sentence)
        yield say


def say(text: str) -> None:
    """A plain line on standard error."""
    err.print(text, highlight=False, markup=False, soft_wrap=True)


def percentage(what: str, report: Callable[[str], None]) -> Callable[[int, int], None]:
    """A progress callback (done, total) that reports every tenth of a download, once."""
    last = -1

    def meter(done: int, total: int) -> None:
        nonlocal last
        tenth = 10 * done // total if total else 0
        if tenth != last and total:
            last = tenth
            report(f"{what}: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB")

    return meter


def whole_table(table: Table) -> None:
    """A table whose cells are never broken: a name that is cut cannot be typed again.

    It is wider than a terminal that is too narrow for it.
    """
    needed = Measurement.get(out, out.options.update(max_width=10_000), table).maximum
    width = max(out.width, needed)
    Console(width=width, force_terminal=out.is_terminal, markup=False, emoji=False).print(table)


def line(text: str) -> None:
    """One line of a long list: cut at a terminal's width, whole in a file or pipe."""
    out.print(
        text,
        highlight=False,
        markup=False,
        no_wrap=True,
        overflow="ellipsis" if out.is_terminal else "ignore",
        crop=out.is_terminal,
    )


def print_json(value: Any) -> None:
    """Machine-readable output, nothing else on standard output."""
    print(json.dumps(value, indent=2, allow_nan=False))
