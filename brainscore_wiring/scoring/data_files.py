"""Every file of others that benchmarks, models and figures need. Needs no Brain-Score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from brainscore_wiring import public_files
from brainscore_wiring.downloads import ByteCount
from brainscore_wiring.errors import WiringError, unknown
from brainscore_wiring.public_files import GROUPS, PublicFile
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.brainscore_data import (
    BENCHMARK_FILES,
    DataFile,
    benchmarks_of,
    brainio_home,
    study,
)


@dataclass(frozen=True)
class NeededFile:
    """A file, the group it is fetched with, and what needs it."""

    name: str
    group: str
    needed_by: tuple[str, ...]
    origin: PublicFile | DataFile

    @property
    def public(self) -> bool:
        return isinstance(self.origin, PublicFile) or self.origin.public

    @property
    def algorithm(self) -> str:
        return "sha256" if isinstance(self.origin, PublicFile) else "sha1"

    @property
    def expected(self) -> str:
        """The published hash, or its first digits where no more are published."""
        return getattr(self.origin, self.algorithm)

    @property
    def belongs(self) -> Path:
        """The folder where it is looked for."""
        return (
            public_files.fetched_files()
            if isinstance(self.origin, PublicFile)
            else self.origin.path.parent
        )

    @property
    def home(self) -> Path:
        """The folder that holds all files of this kind."""
        return (
            public_files.fetched_files() if isinstance(self.origin, PublicFile) else brainio_home()
        )

    def state(self) -> FileState:
        """Whether it is here, its hash verified."""
        if isinstance(self.origin, DataFile):
            state, path = self.origin.state, self.origin.path
            return FileState(
                state, path, _size(path), "its SHA-1 is another" if state == "damaged" else ""
            )
        try:
            found = public_files.locate(self.name)
        except WiringError as error:
            return FileState("damaged", None, self.origin.bytes, str(error))
        if found is None:
            return FileState("missing", self.belongs / self.name, self.origin.bytes)
        return FileState("present", found, _size(found))

    def fetch(self, progress: ByteCount | None = None) -> Path:
        """The verified file, downloaded if need be. Raises `WiringError` if it cannot be had."""
        if isinstance(self.origin, DataFile):
            return self.origin.fetch(progress)
        return public_files.fetch(self.name, progress)


@dataclass(frozen=True)
class FileState:
    """'present', 'missing' or 'damaged' (another content), where, and its bytes if known."""

    state: str
    path: Path | None
    bytes: int | None
    problem: str = ""


def needed_files() -> list[NeededFile]:
    """All files, each once: the package's, then Brain-Score's public, then private ones."""
    ours = [
        NeededFile(name, group, needed_by, file)
        for group, row in GROUPS.items()
        for needed_by in [_benchmarks_with(group) + row.needed_by]
        for name, file in row.files.items()
    ]
    theirs = dict.fromkeys(file for files in BENCHMARK_FILES.values() for file in files)
    return ours + sorted(
        (
            NeededFile(file.name, study(benchmarks_of(file)[0]), benchmarks_of(file), file)
            for file in theirs
        ),
        key=lambda file: not file.public,
    )


def chosen(names: Iterable[str]) -> list[NeededFile]:
    """The files that these names of files, groups and benchmarks stand for, each once; without
    names, all public ones.

    Raises `WrongUsage` for a name that is none of them.
    """
    files, names = needed_files(), list(names)
    if not names:
        return [file for file in files if file.public]
    found = {
        name: [
            file
            for file in files
            if name in (file.name, file.group, *file.needed_by)
            or file.origin in BENCHMARK_FILES.get(name, ())
        ]
        for name in names
    }
    for name in names:
        if not found[name]:
            known = [known for file in files for known in (file.group, file.name)]
            raise unknown(
                "file or benchmark", name, [*known, *BENCHMARK_FILES], "brainscore data status"
            )
    return [file for file in files if any(file in wanted for wanted in found.values())]


def _benchmarks_with(group: str) -> tuple[str, ...]:
    """The benchmarks that need a group of public files."""
    return tuple(row.identifier for row in BENCHMARKS.values() if group in row.data)


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
