"""Every file of others that benchmarks, models and figures need. Needs no Brain-Score."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from brainscore_wiring.errors import unknown
from brainscore_wiring.public_files import GROUPS, PublicFile
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.brainscore_data import (
    BENCHMARK_FILES,
    DataFile,
    benchmarks_of,
    study,
)


class NeededFile(NamedTuple):
    """A file, the group it is fetched with, and what needs it."""

    file: PublicFile | DataFile
    group: str
    needed_by: tuple[str, ...]


def needed_files() -> list[NeededFile]:
    """All files, each once: the package's, then Brain-Score's public, then private ones."""
    ours = []
    for name, group in GROUPS.items():
        benchmarks = (row.identifier for row in BENCHMARKS.values() if name in row.data)
        needed_by = (*benchmarks, *group.needed_by)
        ours += [NeededFile(file, name, needed_by) for file in group.files.values()]
    theirs = dict.fromkeys(file for files in BENCHMARK_FILES.values() for file in files)
    return ours + sorted(
        (NeededFile(file, study(benchmarks_of(file)[0]), benchmarks_of(file)) for file in theirs),
        key=lambda row: not row.file.public,
    )


def chosen(names: Iterable[str]) -> list[NeededFile]:
    """The files that these names of files, groups and benchmarks stand for, each once; without
    names, all public ones.

    Raises `WrongUsage` for a name that is none of them.
    """
    rows, names = needed_files(), list(names)
    if not names:
        return [row for row in rows if row.file.public]
    found = {
        name: [
            row
            for row in rows
            if name in (row.file.name, row.group, *row.needed_by)
            or row.file in BENCHMARK_FILES.get(name, ())
        ]
        for name in names
    }
    for name in names:
        if not found[name]:
            known = [known for row in rows for known in (row.group, row.file.name)]
            raise unknown(
                "file or benchmark", name, [*known, *BENCHMARK_FILES], "brainscore data status"
            )
    return [row for row in rows if any(row in wanted for wanted in found.values())]
