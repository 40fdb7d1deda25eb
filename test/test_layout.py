"""What the layout of the package promises: a public name is defined in one module."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import brainscore_wiring

PACKAGE = Path(brainscore_wiring.__file__).parent
#: Names that a convention asks for in several modules: a benchmark's rows and its BibTeX, and what
#: `python -m` runs.
CONVENTIONS = {"ROWS", "BIBTEX", "main"}
#: Files whose functions are named as what they hand over to: the public functions, the command of
#: the same name, Brain-Score's plugin interface and its tests of a plugin.
HANDING_OVER = ("__init__.py", "commands/*.py", "models/plugin.py", "*/*/test.py")


def defined_names(tree: ast.Module) -> set[str]:
    """Classes, functions and constants at the top of a module, without those of its own use."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            stored = (part for target in targets for part in ast.walk(target))
            names |= {name.id for name in stored if _is_stored(name)}
    return {name for name in names if not name.startswith("_")}


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def test_a_public_name_is_defined_in_one_module():
    modules = defaultdict(list)
    handing_over = {path for pattern in HANDING_OVER for path in PACKAGE.glob(pattern)}
    for path in set(PACKAGE.rglob("*.py")) - handing_over:
        for name in defined_names(ast.parse(path.read_text(encoding="utf-8"))) - CONVENTIONS:
            modules[name].append(path.relative_to(PACKAGE).as_posix())
    assert {name: sorted(paths) for name, paths in modules.items() if len(paths) > 1} == {}
