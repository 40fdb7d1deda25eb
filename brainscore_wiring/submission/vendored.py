"""The part of this package that a submission needs, as source text: found by following imports,
copied as it is.

What changes is how modules call each other: `from brainscore_wiring.x import y` becomes a relative
import, so that the copy works inside any package. Registries need no change: they hold what is in
the folders of the copy.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path

from brainscore_wiring import extensions

PACKAGE = "brainscore_wiring"
ROOT = Path(__file__).parents[1]
_IMPORT = re.compile(rf"^(\s*)from {PACKAGE}(?:\.(\S+))? import ", re.MULTILINE)


def vendored(entries: Iterable[str]) -> dict[str, str]:
    """Path below the copy's folder -> text, for what the modules `entries` import, directly or not.

    A package has an empty `__init__` where nothing imports from it.
    """
    texts: dict[str, str] = {}
    waiting = list(entries)
    while waiting:
        module = waiting.pop()
        if module not in texts:
            texts[module] = _file(module).read_text(encoding="utf-8")
            waiting += _imported(texts[module])
    files = {_path(module): _relative(text, module) for module, text in texts.items()}
    folders = {folder for path in files for folder in Path(path).parents}
    return {**{(folder / "__init__.py").as_posix(): "" for folder in folders}, **files}


def _file(module: str) -> Path:
    """The source file of a module or package of ours, or of an extension."""
    path = ROOT.joinpath(*module.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if file.is_file() or not module.startswith(f"{extensions.__name__}."):
        return file
    spec = importlib.util.find_spec(module)
    assert spec and spec.origin, f"{module} has no file"
    return Path(spec.origin)


def _path(module: str) -> str:
    """Where a module is in the copy."""
    path = Path(*module.split(".")[1:])
    return (
        path / "__init__.py" if _file(module).name == "__init__.py" else path.with_suffix(".py")
    ).as_posix()


def _imported(text: str) -> list[str]:
    """The modules of ours that a module imports anywhere but for annotations."""
    modules = []
    pending: list[ast.AST] = [ast.parse(text)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        pending += ast.iter_child_nodes(node)
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.partition(".")[0] == PACKAGE
        ):
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                modules.append(inner if _file(inner).is_file() else node.module)
    return modules


def _relative(text: str, module: str) -> str:
    """A module's text with imports from our package spelled relative to where the module is."""
    # how many dots lead to the package itself
    inside = module.count(".") + (_file(module).name == "__init__.py")
    return _IMPORT.sub(lambda found: f"{found[1]}from {'.' * inside}{found[2] or ''} import ", text)
