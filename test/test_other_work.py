"""Pages whose cells run as they stand and say what they print."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def notebook():
    spec = importlib.util.spec_from_file_location("notebook", DOCS / "notebook.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclass looks for itself
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def stock_loaders(monkeypatch):
    """brainscore_vision's own functions back in their place after `enable()`."""
    import brainscore_vision

    monkeypatch.setattr(brainscore_vision, "import_plugin", brainscore_vision.import_plugin)


@pytest.mark.parametrize("name, printing", [("other_work.md", 10), ("compression.md", 2)])
def test_every_cell_prints_what_the_page_says(
    name, printing, notebook, stock_loaders, tmp_path, monkeypatch
):
    page = (DOCS / name).read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    cells = list(notebook.run(page))
    printed = sum(bool(cell.printed) for cell in cells)
    assert len(cells) == page.count("```python\n") and printed >= printing
    for cell in cells:
        assert not cell.differs(), (
            f"the page says\n{cell.stated}\nfor\n{cell.code}\nwhich prints\n{cell.printed}"
        )


@pytest.mark.parametrize(
    "printed, differs",
    [
        ("score 0.512\n", False),
        ("score 0.524\n", False),
        ("score 0.562\n", True),
        ("scores 0.512\n", True),
        ("", True),
    ],
)
def test_an_output_that_is_another_one_is_noticed(notebook, printed, differs):
    assert notebook.Cell("print()", "score 0.512\n", printed).differs() is differs


def test_outputs_are_written_behind_their_cells_and_nothing_else_changes(notebook):
    page = (
        "# Title\n\n```python\nx = "
        "1\n```\n\nText.\n\n```python\nprint(x)\n```\n\n```text\nold\n```\n\nEnd.\n"
    )
    written = notebook.with_outputs(page, list(notebook.run(page)))
    assert written == page.replace("old", "1")
    assert notebook.with_outputs(written, list(notebook.run(written))) == written
