"""Pages of text and code cells with their outputs: `python docs/notebook.py docs/other_work.md`
runs a page again.

A cell is a fenced block of python; what it prints stands in the fenced block of text behind it. All
cells of a page share their names and run in an empty folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CELL = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.@])-?\d+\.\d+")


@dataclass(frozen=True)
class Cell:
    """What a cell runs, what the page says that it prints, and what it prints now."""

    code: str
    stated: str
    printed: str

    def differs(self, tolerance: float = 0.02) -> bool:
        """Whether text differs, or a number with a decimal point by more than the tolerance,
        absolute or relative.
        """
        if _NUMBER.sub("#", self.stated) != _NUMBER.sub("#", self.printed):
            return True
        pairs = zip(*(map(float, _NUMBER.findall(text)) for text in (self.stated, self.printed)))
        return any(
            abs(stated - printed) > tolerance * max(1, abs(stated)) for stated, printed in pairs
        )


def run(page: str) -> Iterator[Cell]:
    """Run a page's cells in their order, in this process and in the current folder."""
    names: dict[str, object] = {"__name__": "__main__"}
    for number, found in enumerate(_CELL.finditer(page), start=1):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(found["code"], f"cell {number}", "exec"), names)  # the page's own code
        yield Cell(found["code"], found["output"] or "", out.getvalue())


def with_outputs(page: str, cells: list[Cell]) -> str:
    """The page with what its cells print now."""
    printed = iter(cells)

    def block(found: re.Match) -> str:
        output = next(printed).printed
        return f"```python\n{found['code']}```\n" + (f"\n```text\n{output}```\n" if output else "")

    return _CELL.sub(block, page)


def main() -> None:
    for path in map(Path, sys.argv[1:]):
        page, before = path.read_text(encoding="utf-8"), os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                cells = list(run(page))
            finally:
                os.chdir(before)
        path.write_text(with_outputs(page, cells), encoding="utf-8")


if __name__ == "__main__":
    main()
