"""What a network computes beside its weights: its modules, their attributes, and their code."""

from __future__ import annotations

import functools
import hashlib
import inspect
import io
import os
import re
import sysconfig
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from torch import Tensor, nn

_PLAIN = (bool, int, float, complex, str, bytes, type(None))
#: Tokens that change nothing.
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING)


def code_of(network: nn.Module, *files: Path) -> str:
    """The beginning of a SHA-256 that changes when a network computes something else.

    It is over the modules with their settings and plain attributes, the source files of their
    classes (PyTorch's own aside, whose version a score states) and what a user's files import from
    other files of the user's, and further `files`. Comments and layout do not matter.
    """
    kinds = sorted({type(module) for module in network.modules()}, key=str)
    own = [kind for kind in kinds if kind.__module__.partition(".")[0] != "torch"]
    parts = [repr(network)]
    parts += [_functions(module) + _attributes(module) for module in network.modules()]
    sources = {Path(file) for file in (*files, *map(_source_file, own)) if file}
    sources |= set(_imported_by([kind.forward.__globals__ for kind in own if _is_python(kind)]))
    parts += [_functions(kind) for kind in own if not _source_file(kind)]
    parts += sorted(_sha256(file, file.stat().st_mtime_ns) for file in sources)
    everything = re.sub(r"0x[0-9a-f]+", "", "\n".join(parts))  # without addresses
    return hashlib.sha256(everything.encode(errors="surrogateescape")).hexdigest()[:8]


def _is_python(kind: type[nn.Module]) -> bool:
    return inspect.isfunction(kind.forward)


def _source_file(kind: Any) -> str | None:
    try:
        file = inspect.getsourcefile(kind)
    except TypeError:  # in a notebook
        return None
    return file if file and Path(file).is_file() else None


def _imported_by(namespaces: list[dict[str, Any]]) -> Iterator[Path]:
    """The user's files that what stands in these namespaces of a user's files comes from."""
    pending, seen = list(namespaces), set[int]()
    while pending:
        names = pending.pop()
        file = names.get("__file__")
        if id(names) in seen or not (file and _is_users(file)):
            continue
        seen.add(id(names))
        if os.path.isfile(file):
            yield Path(file)
        for value in names.values():
            if isinstance(value, ModuleType):
                pending.append(vars(value))
            elif inspect.isfunction(value):
                pending.append(value.__globals__)
            elif inspect.isclass(value):
                module = inspect.getmodule(value)
                pending += [] if module is None else [vars(module)]


@functools.cache
def _is_users(file: str) -> bool:
    """Whether a file is neither Python's, nor an installed package's, nor this one's."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.add(str(Path(__file__).parents[1]))
    path = Path(file).absolute()
    return not any(path.is_relative_to(folder) for folder in folders)


@functools.cache
def _sha256(file: Path, written: int) -> str:
    """Of a source file without comments and layout, of any other file as it is."""
    content = file.read_bytes()
    try:
        tokens = tokenize.tokenize(io.BytesIO(content).readline)
        content = "".join(
            f"<{tokenize.tok_name[token.type]}>" if not token.string.strip() else token.string
            for token in tokens
            if token.type not in _LAYOUT
        ).encode()
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):  # no Python
        pass
    return hashlib.sha256(content).hexdigest()


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


def _attributes(module: nn.Module) -> str:
    """The plain values among a module's public attributes."""
    named = sorted(vars(module).items())
    public = [(name, value) for name, value in named if not name.startswith("_")]
    return repr([(name, _plain(value)) for name, value in public if name != "training"])


def _plain(value: Any) -> Any:
    """A value in which nothing but numbers and words are left, arrays as hashes of their bytes."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (Tensor, np.ndarray)):
        values = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        return values.shape, hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    if isinstance(value, Mapping):
        return sorted((repr(name), _plain(one)) for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    return type(value).__name__
