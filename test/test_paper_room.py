"""The paper is a room of its own: it uses the package, and only commands use it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import brainscore_wiring

PACKAGE = Path(brainscore_wiring.__file__).parent


def imported_by(path: Path) -> set[str]:
    """The modules that a source file imports, at its top or in a function; of packages also what is
    taken from them.
    """
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and not node.level:
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return modules


def test_nothing_but_commands_imports_the_paper():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name.startswith("brainscore_wiring.paper") for name in imported_by(path))
    }
    assert {path for path in found if path.startswith("commands/")} == {
        "commands/figures.py",
        "commands/frontier.py",
    }
    assert {path.partition("/")[0] for path in found} == {"commands", "paper"}


def test_only_the_plotting_modules_and_drawings_need_matplotlib():
    code = (
        "import sys, brainscore_wiring, brainscore_wiring.commands, brainscore_wiring.cards, "
        "brainscore_wiring.scoring.table, brainscore_wiring.paper.own_scores, "
        "brainscore_wiring.paper.claims.claims_table; print('matplotlib' in sys.modules)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "False\n"
    )
