"""What a network computes beside its weights: its modules, and the code of their classes."""

from __future__ import annotations

import hashlib
import inspect
import re
from pathlib import Path
from typing import Any

from torch import nn


def code_of(network: nn.Module, *files: Path) -> str:
    """The beginning of a SHA-256 that changes when a network computes something else.

    It is over the modules with their settings, the source files of their classes (PyTorch's own
    aside, whose version a score states), and further `files`.
    """
    kinds = sorted({type(module) for module in network.modules()}, key=str)
    own = [kind for kind in kinds if kind.__module__.partition(".")[0] != "torch"]
    parts = [repr(network), *(_functions(module) for module in network.modules())]
    sources = {Path(file) for file in (*files, *map(_source_file, own)) if file}
    parts += [_functions(kind) for kind in own if not _source_file(kind)]
    parts += sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in sources)
    everything = re.sub(r"0x[0-9a-f]+", "", "\n".join(parts))  # without addresses
    return hashlib.sha256(everything.encode()).hexdigest()[:8]


def _source_file(kind: type) -> str | None:
    try:
        file = inspect.getsourcefile(kind)
    except TypeError:  # in a notebook
        return None
    return file if file and Path(file).is_file() else None


def _functions(thing: Any) -> str:
    """The code of functions that a class, or a module by itself, has, and of a module's hooks."""
    hooks = {
        f"{kind} {number}": getattr(hook, "__func__", hook)
        for kind in ("_forward_pre_hooks", "_forward_hooks")
        for number, hook in enumerate(getattr(thing, kind, {}).values())
    }
    codes = [
        (name, value.__code__.co_code, value.__code__.co_consts, value.__code__.co_names)
        for name, value in sorted({**vars(thing), **hooks}.items())
        if inspect.isfunction(value)
    ]
    return repr(codes)
