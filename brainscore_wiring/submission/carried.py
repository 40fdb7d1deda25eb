"""The part of this package that a submission needs, as source text: found by following imports,
copied as it is.

What changes is how modules call each other: `from brainscore_wiring.x import y` becomes a relative
import, so that the copy works inside any package. Registries lose the kinds that a submission does
not have.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from pathlib import Path

PACKAGE = "brainscore_wiring"
ROOT = Path(__file__).parents[1]
#: Modules that list every kind of something.
REGISTRIES = (f"{PACKAGE}.architectures.networks", f"{PACKAGE}.weight_compression.kinds")
_IMPORT = re.compile(rf"^(\s*)from {PACKAGE}(?:\.(\S+))? import ", re.MULTILINE)


def carried(entries: Iterable[str], kinds: Collection[str]) -> dict[str, str]:
    """Path below the copy's folder -> text, for what the modules `entries` import, directly or not.

    `kinds`: the modules that registries are to name. A package whose `__init__` nobody imports from
    has an empty one.
    """
    texts: dict[str, str] = {}
    waiting = list(entries)
    while waiting:
        module = waiting.pop()
        if module not in texts:
            text = _file(module).read_text(encoding="utf-8")
            texts[module] = _trimmed(text, kinds) if module in REGISTRIES else text
            waiting += _imported(texts[module])
    files = {_file(module).relative_to(ROOT).as_posix(): _relative(text, module) for module, text in texts.items()}
    folders = {folder for path in files for folder in Path(path).parents}
    return {**{(folder / "__init__.py").as_posix(): "" for folder in folders}, **files}


def _file(module: str) -> Path:
    """The source file of one of our modules or packages."""
    path = ROOT.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imported(text: str) -> list[str]:
    """The modules of ours that a module imports at its top or anywhere in it."""
    modules = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == PACKAGE:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                modules.append(inner if _file(inner).is_file() else node.module)
    return modules


def _trimmed(text: str, kinds: Collection[str]) -> str:
    """A registry without the kinds whose modules are not among `kinds`: neither imported nor
    listed.

    It is written anew from its syntax tree, so that how its lines are broken makes no difference.
    """
    module = ast.parse(text)
    listed = {name for node in ast.walk(module) for name in _listed(node)}
    dropped = [node for node in module.body if isinstance(node, ast.ImportFrom)
               and node.module not in kinds and {name.name for name in node.names} <= listed]
    trim = _Trim({name.name for node in dropped for name in node.names})
    module.body = [trim.visit(node) for node in module.body if node not in dropped]
    return ast.unparse(module) + "\n"


def _listed(node: ast.AST) -> set[str]:
    """The plain names that are values of a dict or members of a tuple."""
    values = node.values if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Tuple) else []
    return {value.id for value in values if isinstance(value, ast.Name)}


class _Trim(ast.NodeTransformer):
    """Takes names out of dicts, with their keys, and out of tuples."""

    def __init__(self, names: Collection[str]):
        self.names = names

    def _stays(self, node: ast.expr) -> bool:
        return not (isinstance(node, ast.Name) and node.id in self.names)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        items = [item for item in zip(node.keys, node.values) if self._stays(item[1])]
        node.keys, node.values = [key for key, _ in items], [value for _, value in items]
        return self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        node.elts = [value for value in node.elts if self._stays(value)]
        return self.generic_visit(node)


def _relative(text: str, module: str) -> str:
    """A module's text with imports from our package spelled relative to where the module is."""
    inside = module.count(".") + (_file(module).name == "__init__.py")  # how many dots lead to the package itself
    return _IMPORT.sub(lambda found: f"{found[1]}from {'.' * inside}{found[2] or ''} import ", text)
