"""The part of this package that a submission needs, as source text: found by following imports, copied as it is.

What changes is how modules call each other: `from brainscore_wiring.x import y` becomes a relative import, so that the
copy works inside any package. Registries lose the lines of kinds that a submission does not have.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from pathlib import Path

PACKAGE = "brainscore_wiring"
ROOT = Path(__file__).parents[1]
#: Modules that name every kind of something, one to a line.
REGISTRIES = (f"{PACKAGE}.architectures.networks", f"{PACKAGE}.weight_compression.kinds")
_IMPORT = re.compile(rf"^(\s*)from {PACKAGE}(?:\.(\S+))? import ", re.MULTILINE)


def carried(entries: Iterable[str], kinds: Collection[str]) -> dict[str, str]:
    """Path below the copy's folder -> text, for what the modules `entries` import, directly or not.

    `kinds`: the modules that registries are to name. A package whose `__init__` nobody imports from has an empty one.
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
    """A registry without the kinds whose modules are not among `kinds`: neither their imports nor their lines."""
    imports = {node.lineno: node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)}
    lines = list(enumerate(text.splitlines(keepends=True), start=1))
    named = {line: stripped.removesuffix(",").rpartition(" ")[2] for line, whole in lines
             if (stripped := whole.strip()).endswith(",")}
    gone = {number: names for number, node in imports.items() if node.module not in kinds
            and (names := {name.name for name in node.names}) <= set(named.values())}
    left_out = set().union(*gone.values())
    return "".join(whole for line, whole in lines if line not in gone and named.get(line) not in left_out)


def _relative(text: str, module: str) -> str:
    """A module's text with imports from our package spelled relative to where the module is."""
    inside = module.count(".") + (_file(module).name == "__init__.py")  # how many dots lead to the package itself
    return _IMPORT.sub(lambda found: f"{found[1]}from {'.' * inside}{found[2] or ''} import ", text)
