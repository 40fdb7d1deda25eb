"""The tutorial runs from its first cell to its last, and shows what it states."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def pages():
    """The tutorial as it is, and as it runs now."""
    stored = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    run = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    place = {"metadata": {"path": str(DOCS)}}
    with pytest.MonkeyPatch.context() as patch:  # `brainscore` is that of this Python
        patch.setenv(
            "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        )
        return stored, NotebookClient(run, timeout=300, resources=place).execute()


def views(page, kind: str) -> list[str]:
    return [
        output["data"][kind]
        for cell in page.cells
        for output in cell.get("outputs", ())
        if kind in output.get("data", {}) and output["output_type"] == "execute_result"
    ]


def test_the_tutorial_runs_and_its_stored_outputs_are_what_it_shows(pages):
    stored, run = pages
    numbers = [cell.execution_count for cell in run.cells if cell.cell_type == "code"]
    assert numbers == list(range(1, len(numbers) + 1))
    html = views(run, "text/html")
    assert html[0] == views(stored, "text/html")[0] and "cornet_s_wc_ct@" in html[0]
    assert views(run, "text/plain")[-1] == "True"  # the report has what was trained
    assert [text.split("(")[0] for text in views(run, "text/plain")] == [
        text.split("(")[0] for text in views(stored, "text/plain")
    ]
