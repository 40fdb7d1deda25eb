"""What a network computes beside its weights: its modules, their attributes, and their code."""

from __future__ import annotations

import ast
import dataclasses
import enum
import functools
import hashlib
import inspect
import io
import re
import sys
import sysconfig
import tokenize
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any

import numpy as np
import torch
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
    kinds = {kind for module in network.modules() for kind in type(module).__mro__}
    kinds = {kind for kind in kinds if issubclass(kind, nn.Module)}
    own = sorted((kind for kind in kinds if not _is_torchs(kind)), key=str)
    parts = [_without_addresses(repr(network))]
    parts += [_functions(module) + _attributes(module) for module in network.modules()]
    sources = {Path(file) for file in (*files, *map(_source_file, own)) if file}
    sources |= _imported_by(sources)
    parts += [_functions(kind) for kind in own if not _source_file(kind)]
    parts += sorted(_sha256(file, file.stat().st_mtime_ns) for file in sources)
    everything = "\n".join(parts).encode(errors="surrogateescape")
    return hashlib.sha256(everything).hexdigest()[:8]


def users_code(*things: Any) -> list[str] | None:
    """Hashes of the user's files that classes or functions are defined in, and of what these import
    of the user's; None where one is in no file, as in a notebook.
    """
    sources = set[Path]()
    for thing in things:
        while isinstance(thing, functools.partial):
            thing = thing.func
        file = _source_file(inspect.unwrap(thing)) or _source_file(type(thing))
        if file is None:
            return None
        sources.add(Path(file))
    return files_code(*sources)


@functools.cache
def class_code(kind: type) -> list[str]:
    """What a user's class computes, by its files or, in a notebook, by its functions; empty for a
    class of the package. It is looked at once, as a class does not follow edits of its file.
    """
    file = _source_file(kind)
    if file:
        return files_code(Path(file))
    parts = []
    for one in kind.__mro__:
        if _source_file(one) is None:
            named = {name: value for name, value in vars(one).items() if name[:2] != "__"}
            plain = [(name, value) for name, value in named.items() if isinstance(value, _PLAIN)]
            parts.append(_functions(one) + repr(sorted(plain, key=lambda pair: pair[0])))
    return parts


def files_code(*files: Path) -> list[str]:
    """Hashes of those files that are the user's, and of what these import of the user's."""
    return sorted(_sha256(file, file.stat().st_mtime_ns) for file in _imported_by(files))


def file_of(function: Any) -> list[Path]:
    """The file that a function is defined in, where it is in one."""
    file = _source_file(inspect.unwrap(function))
    return [Path(file)] if file else []


def _is_torchs(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "torch"


def _without_addresses(text: str) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def _source_file(kind: Any) -> str | None:
    """The file that something is defined in: by what it has of functions, as another module may
    have the name of its own by now.
    """
    for value in vars(kind).values() if isinstance(kind, type) else ():
        function = inspect.unwrap(value) if inspect.isfunction(value) else None
        if function and function.__module__ == kind.__module__:
            file = inspect.getsourcefile(function)
            if file and Path(file).is_file():
                return file
    try:
        file = inspect.getsourcefile(kind)
    except (TypeError, OSError):  # in a notebook
        return None
    return file if file and Path(file).is_file() else None


def _imported_by(files: Iterable[Path]) -> set[Path]:
    """The user's files that a user's files import, by what stands in them."""
    found, pending = set[Path](), [Path(file).absolute() for file in files]
    while pending:
        file = pending.pop()
        if file in found or not is_users(str(file)):
            continue
        found.add(file)
        for level, name in _imports(file, file.stat().st_mtime_ns):
            pending += _file_of(name, level, file.parent)
    return found


@functools.cache
def _imports(file: Path, written: int) -> tuple[tuple[int, str], ...]:
    """What a source file imports, inside functions too: (dots before the name, name)."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return ()
    names: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names += [(node.level, base)] if base else []
            names += [(node.level, f"{base}.{alias.name}".lstrip(".")) for alias in node.names]
    return tuple(dict.fromkeys(names))


def _file_of(name: str, level: int, folder: Path) -> list[Path]:
    """The file of a module: beside the one that imports it, or where Python has found it."""
    root = folder if level < 2 else folder.parents[level - 2]
    beside = root.joinpath(*name.split("."))
    places = [beside.with_name(f"{beside.name}.py"), beside / "__init__.py"]
    here = [place for place in places if place.is_file()][:1]
    if here or level:
        return here
    known = sys.modules.get(name)
    file = vars(known).get("__file__") if isinstance(known, ModuleType) else None
    return [Path(file)] if isinstance(file, str) and Path(file).is_file() else []


@functools.cache
def is_users(file: str) -> bool:
    """Whether a file is neither Python's, nor an installed package's, nor this one's."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.add(str(Path(__file__).parents[1]))
    path = Path(file).absolute()
    if {"site-packages", "dist-packages"}.intersection(path.parts):  # of any interpreter
        return False
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
        (name, function.__code__.co_code, function.__code__.co_consts, function.__code__.co_names)
        for name, value in sorted({**vars(thing), **hooks}.items())
        if inspect.isfunction(function := getattr(value, "__func__", value))
    ]
    return _without_addresses(repr(codes))


#: What every module has.
_MODULES_OWN = frozenset(vars(nn.Module()))


def _attributes(module: nn.Module) -> str:
    """The plain values among a module's attributes."""
    own = {name: value for name, value in vars(module).items() if name not in _MODULES_OWN}
    return repr([(name, _plain(value, ())) for name, value in sorted(own.items())])


def _plain(value: Any, inside: tuple[int, ...]) -> Any:
    """A value in which nothing but numbers and words are left, arrays as hashes of their bytes.

    What is none of these is its type; `inside`: the collections that it is in, which may hold
    themselves.
    """
    if isinstance(value, enum.Enum):
        return type(value).__name__, value.name
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (*_PLAIN, range, slice, torch.dtype, np.dtype, PurePath)):
        return repr(value)
    if isinstance(value, Tensor):
        return _tensor(value)
    if id(value) in inside:
        return "itself"
    inside = (*inside, id(value))
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            return _plain(value.tolist(), inside)
        content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return value.shape, str(value.dtype), content
    if isinstance(value, Mapping):
        return sorted(
            (repr(_plain(name, inside)), repr(_plain(one, inside))) for name, one in value.items()
        )
    if isinstance(value, (list, tuple)):
        return [_plain(one, inside) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted(repr(_plain(one, inside)) for one in value)
    if isinstance(value, functools.partial):
        return [_plain(one, inside) for one in (value.func, value.args, value.keywords)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name, None) for one in dataclasses.fields(value)}
        return type(value).__name__, _plain(fields, inside)
    return getattr(value, "__qualname__", type(value).__qualname__)


def _tensor(value: Tensor) -> tuple[Any, ...]:
    try:
        strided = value.dequantize() if value.is_quantized else value.to_dense()
        plain = strided.detach().resolve_conj().resolve_neg().cpu().contiguous()
        content = hashlib.sha256(plain.view(-1).view(torch.uint8).numpy().tobytes()).hexdigest()
    except (RuntimeError, TypeError, NotImplementedError):  # without values: on the meta device
        content = ""
    return tuple(value.shape), str(value.dtype), content
