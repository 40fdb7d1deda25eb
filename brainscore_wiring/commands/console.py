"""What commands share: where text goes, and progress that stays readable in a log."""

from __future__ import annotations

import codecs
import contextlib
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from brainscore_wiring import progress

#: Signs in texts and tables, as an output that takes ASCII alone shows them.
_SPELLED = {"±": "+/-", "×": "x", "−": "-", "–": "-", "…": "...", "’": "'", "→": "->", "•": "*"}
#: Wider than any line: what goes to a file or pipe is not cut.
_ANY_WIDTH = 10_000


class _Console(Console):
    """Text is wrapped at words in a terminal, and breaks none; lines of a file or pipe are whole.

    Nothing that is printed is markup: names and files may have square brackets.
    """

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def print(self, *objects: Any, indent: int = 0, **options: Any) -> None:
        """`indent`: of the lines that follow the first where one is wrapped."""
        are_text = all(isinstance(one, (str, Text)) for one in objects)
        if are_text and not options.get("no_wrap"):
            options["soft_wrap"] = True
            if self.is_terminal:
                objects = tuple(self._wrapped(one, indent) for one in objects)
        super().print(*objects, **options)

    def _wrapped(self, text: str | Text, indent: int) -> Text:
        whole = text if isinstance(text, Text) else Text(text)
        wrapped = "\n".join(
            textwrap.fill(
                line,
                self.width,
                subsequent_indent=" " * indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
            for line in whole.plain.split("\n")
        )
        return Text(wrapped, spans=whole.spans)


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """How signs that an output cannot take are spelled there: ± as +/-, others as ?."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_SPELLED.get(sign, "?") for sign in signs), error.end


codecs.register_error("brainscore", in_ascii)
out = _Console()
err = _Console(stderr=True)


@contextlib.contextmanager
def working(sentence: str) -> Iterator[Callable[[str], None]]:
    """Show what is going on, and how far it is: one line in a terminal, plain ones elsewhere."""
    with progress.shown(err, say) as display:
        display.stage(sentence)
        yield display.stage


def say(text: str) -> None:
    """A plain line on standard error."""
    err.print(text)


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


def plain_table(*left: str, right: Iterable[str] = ()) -> Table:
    """A table without lines, whose columns stand to the left, and then to the right."""
    table = Table(*left, box=None, pad_edge=False, header_style="bold")
    for column in right:
        table.add_column(column, justify="right")
    return table


def whole_table(table: Table) -> None:
    """A table whose cells are never broken: a name that is cut cannot be typed again.

    It is wider than a terminal that is too narrow for it.
    """
    console = Console(width=_ANY_WIDTH, force_terminal=out.is_terminal, markup=False, emoji=False)
    console.print(table)


def fitted_table(table: Table) -> int:
    """A table whose cells are wrapped at words in a terminal; in a file or pipe they are whole.

    In a terminal that is too narrow for it the last columns are left out; returns how many.
    """
    if not out.is_terminal:
        whole_table(table)
        return 0
    columns = len(table.columns)
    measured = [
        [_measured(cell) for cell in (column.header, *column.cells)] for column in table.columns
    ]
    narrowest = [max(cell.minimum for cell in cells) for cells in measured]  # longest words
    widths = [max(cell.maximum for cell in cells) for cells in measured]
    while len(widths) > 1 and _with_gaps(narrowest[: len(widths)]) > out.width:
        widths.pop()
    while _with_gaps(widths) > out.width and widths != narrowest[: len(widths)]:
        wrapped = (number for number, width in enumerate(widths) if width > narrowest[number])
        widths[max(wrapped, key=widths.__getitem__)] -= 1
    del table.columns[len(widths) :]
    for column, width in zip(table.columns, widths):
        column.width = width
    whole_table(table)
    return columns - len(widths)


def _with_gaps(widths: list[int]) -> int:
    """The width of a table without lines whose columns have these widths."""
    return sum(widths) + 2 * (len(widths) - 1)


def _measured(thing: RenderableType) -> Measurement:
    return Measurement.get(out, out.options.update(max_width=_ANY_WIDTH), thing)


def line(text: str) -> None:
    """One line of a long list: cut at a terminal's width, whole in a file or pipe."""
    out.print(
        text,
        no_wrap=True,
        overflow="ellipsis" if out.is_terminal else "ignore",
        crop=out.is_terminal,
    )


def say_path(path: Path | str) -> None:
    """The place of a file that was written, never cut or broken: it may be copied."""
    out.print(str(path), soft_wrap=True)


def print_json(value: Any) -> None:
    """Machine-readable output, nothing else on standard output."""
    print(json.dumps(value, indent=2, allow_nan=False))
