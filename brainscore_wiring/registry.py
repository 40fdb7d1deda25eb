"""Registries that fill themselves.

Importing the modules of a package is all that its registry needs.
"""

from __future__ import annotations

import importlib.util
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from brainscore_wiring.errors import WiringError

Thing = TypeVar("Thing")


def import_all(package: str) -> None:
    """Import every module of a package that is imported already.

    What they define registers itself.
    """
    for module in pkgutil.iter_modules(sys.modules[package].__path__):
        importlib.import_module(f"{package}.{module.name}")


def import_file(path: Path, name: str) -> ModuleType:
    """The module of a Python file, imported under a name, once."""
    if getattr(sys.modules.get(name), "__file__", None) != str(path):
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader, f"{path} cannot be imported"
        sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(sys.modules[name])
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def add(registry: dict[str, Thing], kind: str, name: str, thing: Thing) -> Thing:
    """Put a thing into a registry under its name; raises `WiringError` where the name is taken or
    has other characters than letters, digits, _, - and . in it.
    """
    if not re.fullmatch(r"[\w.-]+", name):
        raise WiringError(
            f"'{name}' is no name: one of the {kind} has letters, digits, _, - and . alone."
        )
    if name in registry:
        raise WiringError(
            f"There are two {kind} called '{name}': rename the one of your extension."
        )
    registry[name] = thing
    return thing
