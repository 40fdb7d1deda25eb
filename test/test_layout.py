"""What docs/architecture.md promises: imports point one way; a public name is defined once."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import brainscore_wiring

PACKAGE = Path(brainscore_wiring.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
BRAIN_SCORE = {"brainscore_core", "brainscore_vision"}
#: Names that a convention asks for in several modules: a benchmark's rows and its BibTeX, and what
#: `python -m` runs.
CONVENTIONS = {"ROWS", "BIBTEX", "main"}
#: Files whose functions are named as what they hand over to: the public functions, the command of
#: the same name, Brain-Score's plugin interface and its tests of a plugin.
HANDING_OVER = ("__init__.py", "commands/*.py", "models/plugin.py", "*/*/test.py")


def layers() -> list[tuple[set[str], bool, bool]]:
    """Rooms of each layer from the lowest up, and whether they may import torch and Brain-Score."""
    rows = re.findall(r"^\| .* \| (`.*`) \| (yes|no) \| (yes|no) \|$", PAGE.read_text(), re.M)
    return [
        (set(re.findall(r"`(\w+)`", rooms)), torch == "yes", brain_score == "yes")
        for rooms, torch, brain_score in reversed(rows)
    ]


def room_of(path: Path) -> str:
    """The folder or module directly below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The modules that a source file imports, inside functions too, but not for annotations."""
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module")
def imported() -> dict[Path, set[str]]:
    return {path: set(imports(path)) for path in PACKAGE.rglob("*.py")}


def test_every_room_has_one_layer(imported):
    rooms = [room for layer, _, _ in layers() for room in layer]
    assert sorted(rooms) == sorted({room_of(path) for path in imported})


def test_imports_point_to_the_same_layer_or_one_below(imported):
    level = {room: number for number, (rooms, _, _) in enumerate(layers()) for room in rooms}
    upwards = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path, names in imported.items()
        for name in names
        if (room := name.removeprefix("brainscore_wiring.").partition(".")[0]) in level
        and name.startswith("brainscore_wiring.")
        and level[room] > level[room_of(path)]
    ]
    assert not upwards


def test_torch_and_brain_score_are_imported_where_the_page_says(imported):
    allowed = {room: permitted for rooms, *permitted in layers() for room in rooms}
    for path, names in imported.items():
        torch, brain_score = allowed[room_of(path)]
        packages = {name.partition(".")[0] for name in names}
        assert torch or not packages & {"torch", "torchvision"}, path
        assert brain_score or not packages & BRAIN_SCORE, path


def test_recording_does_without_torchvision_whose_import_brings_pytorchs_compiler(imported):
    for path in (
        path for path in imported if room_of(path) in ("brain", "checkpoints", "networks")
    ):
        assert not any(name.startswith("torchvision") for name in imported[path]), path


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


def defined_names(path: Path) -> set[str]:
    """Public classes, functions and constants at the top of a module."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {name.id for name in ast.walk(ast.Tuple(targets)) if _is_stored(name)}
    return {name for name in names if not name.startswith("_")}


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def test_a_public_name_is_defined_in_one_module():
    modules = defaultdict(list)
    handing_over = {path for pattern in HANDING_OVER for path in PACKAGE.glob(pattern)}
    for path in set(PACKAGE.rglob("*.py")) - handing_over:
        for name in defined_names(path) - CONVENTIONS:
            modules[name].append(path.relative_to(PACKAGE).as_posix())
    assert {name: sorted(paths) for name, paths in modules.items() if len(paths) > 1} == {}
