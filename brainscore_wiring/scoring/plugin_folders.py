"""Brain-Score's plugin folders: which identifiers each registers, read from its literal lines."""

from __future__ import annotations

import functools
import re
from importlib.util import find_spec
from pathlib import Path

from brainscore_wiring import benchmarks
from brainscore_wiring.errors import WiringError

OURS, STOCK = "brainscore_wiring", "brainscore_vision"


@functools.cache
def plugin_folders(package: str, kind: str) -> dict[str, Path]:
    """Identifier -> the folder that registers it, for a kind ("models", "benchmarks").

    Reads, never imports. Raises `WiringError` where two folders of ours have one name or register
    one identifier, or an extension's registers one of Brain-Score's.
    """
    spec = find_spec(package)
    assert spec and spec.origin, f"{package} has no file"
    places = [Path(spec.origin).parent / kind]
    if (package, kind) == (OURS, "benchmarks"):
        places = [Path(place) for place in benchmarks.__path__]
    line = rf"""^\s*{kind[:-1]}_registry\[['"]([^'"]+)['"]\]"""
    found: dict[str, Path] = {}
    seen: dict[str, Path] = {}
    for file in (file for place in places for file in sorted(place.glob("*/__init__.py"))):
        folder = file.parent
        if seen.setdefault(folder.name, folder) != folder:
            raise _two(f"folders of {kind} called '{folder.name}'")
        for identifier in re.findall(line, file.read_text(encoding="utf-8"), re.MULTILINE):
            if found.setdefault(identifier, folder) != folder and package == OURS:
                raise _two(f"{kind} called '{identifier}'")
            if folder.parent in places[1:] and identifier in plugin_folders(STOCK, kind):
                raise _two(f"{kind} called '{identifier}', one of them Brain-Score's")
    for file in (file for place in places[1:] for file in sorted(place.glob("**/*.py"))):
        if not any(folder in file.parents for folder in found.values()):
            raise WiringError(
                f"'{file}' belongs to no benchmark: each is a folder whose __init__.py has a line "
                "benchmark_registry['NAME'] = ..., with its name spelled out."
            )
    return found


def _two(things: str) -> WiringError:
    return WiringError(f"There are two {things}: rename the one of your extension.")
