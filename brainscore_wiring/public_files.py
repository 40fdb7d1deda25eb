"""Files of other people that the package may fetch by URL, each pinned by its SHA-256. None is
shipped; `public_files.toml` lists them.

A file is looked for in the folder that the environment variable `BRAINSCORE_WIRING_DATA` names (the
user's own copies), then among the files fetched earlier, and is verified wherever it lies.
"""

from __future__ import annotations

import logging
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, NamedTuple

from brainscore_wiring import folders
from brainscore_wiring.downloads import ByteCount, digest, download
from brainscore_wiring.errors import WiringError, unknown
from brainscore_wiring.files import identity_of
from brainscore_wiring.registry import add

#: A folder with the user's own copies of public files, flat or one level deep.
FOLDER_VARIABLE = "BRAINSCORE_WIRING_DATA"


class FileState(NamedTuple):
    """'present', 'missing' or 'damaged' (another content), where, and its bytes if known."""

    state: str
    path: Path
    bytes: int | None
    problem: str = ""


@dataclass(frozen=True)
class PublicFile:
    """One file: where it comes from and how it is recognised.

    `sha256` may be only the first digits of the hash where its publisher tells no more; `bytes` is
    None where unknown; `source` is one sentence on the origin and the terms of use.
    """

    name: str
    url: str
    sha256: str
    bytes: int | None
    source: str
    public: ClassVar[bool] = True
    algorithm: ClassVar[str] = "sha256"

    @property
    def home(self) -> Path:
        """The folder that holds all files of this kind."""
        return fetched_files()

    @property
    def path(self) -> Path:
        """Where it is put when it is fetched."""
        return self.home / self.name

    def state(self) -> FileState:
        """Whether it is here, its hash verified."""
        try:
            found = locate(self.name)
        except WiringError as error:
            return FileState("damaged", self.path, self.bytes, str(error))
        if found is None:
            return FileState("missing", self.path, self.bytes)
        return FileState("present", found, found.stat().st_size)

    def fetch(self, progress: ByteCount | None = None) -> Path:
        """The verified file, downloaded if need be. Raises `WiringError` if it cannot be had."""
        return fetch(self.name, progress)


CORNET_S_CHECKPOINT = "cornet_s-1d3f7974.pth"
#: A package of the Python index with TensorFlow's frozen graph of MobileNet v1.
MOBILENET_GRAPH = "nudity-0.2.3.tar.gz"


@dataclass(frozen=True)
class Group:
    """Files that belong together, and the models or commands that need them.

    Benchmarks say in their rows which groups they need.
    """

    files: dict[str, PublicFile]
    needed_by: tuple[str, ...] = ()


def _read_groups() -> dict[str, Group]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    groups = {}
    for group, about in tomllib.loads(text).items():
        files = [
            PublicFile(
                file["name"],
                about["url"] + file.get("path", file["name"]),
                file["sha256"],
                file.get("bytes"),
                about["source"],
            )
            for file in about["files"]
        ]
        needed_by = tuple(about.get("needed_by", ()))
        groups[group] = Group({file.name: file for file in files}, needed_by)
    return groups


#: Groups by the name that `brainscore data fetch` takes for all of their files.
GROUPS = _read_groups()


def public_files() -> dict[str, PublicFile]:
    """All files by their names; each is in one group."""
    return {name: file for group in GROUPS.values() for name, file in group.files.items()}


def register_group(name: str, *files: PublicFile) -> None:
    """Add a group of files; raises `WiringError` where the group or a file has its name already."""
    known, group = public_files(), Group({})
    for file in files:
        group.files[file.name] = add(known, "public files", file.name, file)
    add(GROUPS, "groups of files", name, group)


def absent(group: str) -> list[str]:
    """The files of a group that are not on this machine.

    Raises `WrongUsage` for an unknown group, `WiringError` where a file has another content.
    """
    if group not in GROUPS:
        raise unknown("group of files", group, GROUPS, "brainscore data status")
    return [name for name in GROUPS[group].files if locate(name) is None]


def public_file(name: str) -> PublicFile:
    """The row of a file. Raises `WrongUsage` for a name that no group has."""
    known = public_files()
    if name not in known:
        raise unknown("public file", name, known, "brainscore data status")
    return known[name]


def locate(name: str) -> Path | None:
    """Where a file lies on this machine, verified; None where it does not.

    Raises `WiringError` for a file of that name with another content, unless a sound one lies
    elsewhere as well.
    """
    path, damaged = _find(name)
    if path is None and damaged is not None:
        raise _other_content(name, damaged)
    return path


def fetch(name: str, progress: ByteCount | None = None) -> Path:
    """A file, verified, from this machine or else from its URL; it is kept among the fetched files.

    A damaged file there is replaced. Raises `WiringError` for one in the user's own folder, where
    the download fails or brings another content.
    """
    row = public_file(name)
    path, damaged = _find(name)
    if path is None:
        path = row.path
        if damaged not in (None, path):
            raise _other_content(name, damaged)
        advice = f"put the file into a folder and name that folder in {FOLDER_VARIABLE}"
        found = download(
            row.url, path, row.sha256, size=row.bytes, advice=advice, progress=progress
        )
        if found != row.sha256:
            logging.getLogger(__name__).warning(
                "%s: only the first %d digits of its SHA-256 are published; the whole is %s.",
                name,
                len(row.sha256),
                found,
            )
    return path


def _find(name: str) -> tuple[Path | None, Path | None]:
    """A sound file of that name, or else the first with another content."""
    row, damaged = public_file(name), None
    for path in _candidates(name):
        if _digest_of(path, identity_of(path)).startswith(row.sha256):
            return path, None
        damaged = damaged or path
    return None, damaged


@cache
def _digest_of(path: Path, identity: tuple) -> str:
    """The SHA-256 of a file, computed once while its `identity` stays the same."""
    return digest(path)


def _other_content(name: str, path: Path) -> WiringError:
    row = public_file(name)
    expected = row.sha256 if len(row.sha256) == 64 else f"one that begins with {row.sha256}"
    return WiringError(
        f"'{path}' is not the published {name}: its SHA-256 is {digest(path)}, not {expected}; "
        f"remove it or replace it by the file at {row.url}."
    )


def fetched_files() -> Path:
    """The folder for files that were fetched (not created here)."""
    return folders.cache() / "files"


def users_folder() -> Path | None:
    """The user's own folder, where named. Raises `WiringError` where it is no folder."""
    if not os.environ.get(FOLDER_VARIABLE):
        return None
    folder = Path(os.environ[FOLDER_VARIABLE]).expanduser()
    if not folder.is_dir():
        raise WiringError(
            f"{FOLDER_VARIABLE} names '{folder}', which is not a folder: set it to the folder "
            "with your copies of public files, or unset it."
        )
    return folder


def users_copy(name: str) -> Path | None:
    """A file of unknown hash, from the user's folder or the fetched files; None if absent."""
    return next(iter(_candidates(name)), None)


def _candidates(name: str) -> list[Path]:
    """Files of that name: in the user's folder, one level down, and among those fetched."""
    paths = [fetched_files() / name]
    folder = users_folder()
    if folder:
        paths = [folder / name, *sorted(folder.glob(f"*/{name}")), *paths]
    return [path for path in paths if path.is_file()]
