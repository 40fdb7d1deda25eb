"""Your own architectures, birth states, trainable sets, benchmarks and training data.

One Python file each, found without editing the package. Every module in the folders that the
environment variable `BRAINSCORE_WIRING_EXTENSIONS` names (separated as in `PATH`) is a module of
this package, as is every file put here. A benchmark is a folder in their folder `benchmarks`, which
is imported when the benchmark is loaded, because that needs Brain-Score. `docs/extending.md` walks
through what such a file holds.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import pkgutil
import re
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from brainscore_wiring.errors import WiringError, first_line

_Thing = TypeVar("_Thing")

VARIABLE = "BRAINSCORE_WIRING_EXTENSIONS"
#: Ignored in a submission, which contains the extensions that it needs.
_NAMED = os.environ.get(VARIABLE, "") if __name__ == "brainscore_wiring.extensions" else ""
_GIVEN = [Path(folder).expanduser().absolute() for folder in _NAMED.split(os.pathsep) if folder]
#: Each once, however it is named.
_FOLDERS = [str(one) for one in {os.path.realpath(folder): folder for folder in _GIVEN}.values()]
__path__ = [*__path__, *_FOLDERS]


#: What a file of extensions does, in its text.
_REGISTERS = re.compile(rb"^register_\w+\(", re.MULTILINE)


class _Faulty(WiringError):
    """An extension that cannot be imported; the sentence names its file."""


def folders() -> list[Path]:
    """The folders with extensions; raises `WiringError` for one that is not there."""
    for folder in _FOLDERS:
        if not Path(folder).is_dir():
            raise WiringError(
                f"{VARIABLE} names '{folder}', which is no folder: correct it or unset "
                "the variable."
            )
    return [Path(folder) for folder in _FOLDERS]


def load_extensions() -> None:
    """Import all extensions but benchmarks, once.

    Raises `WiringError` for a folder that is not there or a file that fails; the same one each
    time: what the file registered before it failed stays registered.
    """
    error = _failure()
    if error is not None:
        raise error


@functools.cache
def _failure() -> WiringError | None:
    """Import all extensions; the error of the first that fails."""
    try:
        for folder in folders():
            _check_read(folder)
        for name, (module, *others) in _by_name().items():
            if others:
                where = "' and '".join(str(_file_of(one)) for one in (module, *others))
                raise WiringError(
                    f"There are two extensions called {name}, '{where}': rename one of them."
                )
            _load(module)
    except WiringError as error:
        return error
    return None


def _by_name() -> dict[str, list[pkgutil.ModuleInfo]]:
    """Module name -> the modules of that name, in the order in which they are imported."""
    found: dict[str, list[pkgutil.ModuleInfo]] = {}
    for folder in __path__:
        for module in pkgutil.iter_modules([folder]):
            found.setdefault(module.name, []).append(module)
    return found


def _check_read(folder: Path) -> None:
    """Raise `WiringError` for a file that registers something and is not read: in a sub-folder, or
    of a name that no module can have.
    """
    others = {os.path.realpath(one) for one in _FOLDERS}
    for file in sorted([*folder.glob("*.py"), *folder.glob("*/*.py")]):
        own = file.parent == folder
        package = not own and (file.parent / "__init__.py").is_file()
        hidden = file.name.startswith(".") or (not own and file.parent.name.startswith("."))
        if hidden or package or (not own and os.path.realpath(file.parent) in others):
            continue
        if own and file.stem.isidentifier() and file.stem != "__init__":
            continue
        if not (file.is_file() and _REGISTERS.search(file.read_bytes())):
            continue
        raise WiringError(
            f"'{file}' is not read: "
            + (
                "its name is that of no module, so give it another."
                if own
                else f"put it into '{folder}' itself. Sub-folders are for benchmarks, and for "
                "packages with an __init__.py."
            )
        )


def _file_of(module: pkgutil.ModuleInfo) -> Path:
    name = f"{module.name}/__init__.py" if module.ispkg else f"{module.name}.py"
    return Path(getattr(module.module_finder, "path", "")) / name


def _load(module: pkgutil.ModuleInfo) -> None:
    file = _file_of(module)
    if module.ispkg and b"benchmark_registry[" in file.read_bytes():
        raise WiringError(
            f"'{file.parent}' is a benchmark: put the folder into "
            f"'{file.parents[1] / 'benchmarks'}'."
        )
    try:
        importlib.import_module(f"{__name__}.{module.name}")
    except _Faulty:  # another extension, which this one looked something up in
        raise
    except WiringError as error:
        raise _Faulty(f"In the extension '{file}': {error}") from error
    except Exception as error:
        raise _Faulty(
            f"The extension '{file}' cannot be imported ({first_line(error)}{place_of(error)}): "
            "correct it and start again."
        ) from error


@contextlib.contextmanager
def calling(what: str) -> Iterator[None]:
    """Run code that may be an extension's: an error in it becomes one sentence about `what`,
    with the extension's line.
    """
    try:
        yield
    except WiringError:
        raise
    except Exception as error:
        raise WiringError(f"{what} failed ({first_line(error)}{place_of(error)}).") from error


def place_of(error: Exception) -> str:
    """File and line of an extension's code that an error comes from, as the end of a sentence;
    empty where it comes from other code.
    """
    lines = [
        f", in {Path(frame.filename).name}, line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__
        and any(Path(frame.filename).is_relative_to(folder) for folder in __path__)
    ]
    return lines[-1] if lines else ""


class Extended(Mapping[str, _Thing]):
    """A registry as it is read: extensions are loaded before anything is looked up in it."""

    def __init__(self, registered: Mapping[str, _Thing]):
        self._registered = registered

    def __getitem__(self, name: str) -> _Thing:
        load_extensions()
        return self._registered[name]

    def __iter__(self) -> Iterator[str]:
        load_extensions()
        return iter(self._registered)

    def __len__(self) -> int:
        load_extensions()
        return len(self._registered)
