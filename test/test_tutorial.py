"""The tutorial runs from its first cell to its last, and shows what it states."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture
def shell(monkeypatch, tmp_path) -> InteractiveShell:
    """What runs a notebook's cells in its kernel, in this process and in the notebook's folder."""
    monkeypatch.chdir(DOCS)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    # `brainscore` is that of this Python
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # it puts its own there
    return InteractiveShell(config=Config(HistoryManager={"enabled": False}))


def stored(page, kind: str) -> list[str]:
    """What the results of the cells look like in a saved notebook."""
    return [
        output["data"][kind]
        for cell in page.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "execute_result" and kind in output["data"]
    ]


def test_the_tutorial_runs_and_its_stored_outputs_are_what_it_shows(shell):
    page = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    cells = [shell.run_cell(cell.source) for cell in page.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.raise_error()
    shown = [
        shell.display_formatter.format(cell.result)[0] for cell in cells if cell.result is not None
    ]
    html, text = (
        [data[kind] for data in shown if kind in data] for kind in ("text/html", "text/plain")
    )
    assert html[0] == stored(page, "text/html")[0] and "cornet_s_wc_ct@" in html[0]
    assert text[-1] == "True"  # the report has what was trained
    assert [one.split("(")[0] for one in text] == [
        one.split("(")[0] for one in stored(page, "text/plain")
    ]
