"""Folders and files by name, wherever they lie: on disk, or in an archive, which stays packed.

A plain .tar stands for a folder of its name, on disk and inside another .tar, since that is how
ImageNet is given out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from brainscore_wiring import saved
from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.data.sources import Archive, settled

#: Endings of files that are taken as images: those that Pillow reads without another program.
IMAGE_ENDINGS = frozenset(
    ".jpg .jpeg .jpe .jfif .jp2 .j2k .jpx .jpf .png .apng .bmp .dib .webp .avif .gif .tif .tiff "
    ".ppm .pgm .pbm .pnm .pfm .tga .qoi .pcx .sgi .psd .xbm .xpm .dds .ico .icns".split()
)
#: Archives that stand for folders; ImageNet's devkit is the one that is compressed.
_TAR = re.compile(r"\.tar$|(?<=_devkit_t12)\.tar\.gz$")
#: Folders and files that systems leave beside others; so are hidden ones.
SYSTEM = frozenset(
    "@eaDir|#recycle|__MACOSX|lost+found|$RECYCLE.BIN|System Volume Information|Thumbs.db|"
    "desktop.ini".split("|")
)


def is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_ENDINGS


def is_systems(name: str) -> bool:
    """Whether a file or folder is none of the data."""
    return name.startswith(".") or name in SYSTEM


class TreeEntry(NamedTuple):
    """A file's bytes, and its archive's number and its offset if it lies in one."""

    size: int
    archive: int | None = None
    offset: int = 0


class Node(Protocol):
    """A folder.

    `folders` and `files` in it by name; `tars`: what the plain .tar files in it hold, by their
    names without the ending; `dangling`: names of links to nothing that are no images.
    """

    @property
    def folders(self) -> Mapping[str, Node]: ...

    @property
    def files(self) -> Mapping[str, TreeEntry]: ...

    @property
    def tars(self) -> Mapping[str, Node]: ...

    @property
    def dangling(self) -> Sequence[str]: ...

    def read(self, name: str) -> bytes:
        """The content of a file in it."""


class PackedNode:
    """A folder in an archive, or an archive as a folder."""

    tars: Mapping[str, Node] = MappingProxyType({})
    dangling: Sequence[str] = ()

    def __init__(self, archives: list[Archive]):
        self.archives = archives
        self.folders: dict[str, PackedNode] = {}
        self.files: dict[str, TreeEntry] = {}

    def read(self, name: str) -> bytes:
        entry = self.files[name]
        assert entry.archive is not None
        return self.archives[entry.archive].read(entry.offset, entry.size, name)

    def folder(self, path: tuple[str, ...]) -> PackedNode:
        """The folder at a path, which is made where there is none."""
        node = self
        for name in path:
            node = node.folders.setdefault(name, PackedNode(self.archives))
        return node

    def plain(self) -> Any:
        """The tree in JSON's types, for one archive."""
        return [
            {name: [entry.size, entry.offset] for name, entry in self.files.items()},
            {name: node.plain() for name, node in self.folders.items()},
        ]

    @classmethod
    def from_plain(cls, plain: Any, archives: list[Archive], number: int) -> PackedNode:
        node = cls(archives)
        files, folders = plain
        node.files = {
            name: TreeEntry(size, number, offset) for name, (size, offset) in files.items()
        }
        node.folders = {
            name: cls.from_plain(one, archives, number) for name, one in folders.items()
        }
        return node


class Scan:
    """What is known of the folders below `root`; each is listed again when its time stamp changes.

    `open_tar` gives the content of an archive.
    """

    def __init__(
        self,
        root: Path,
        report: Callable[[str], None],
        open_tar: Callable[[Path, list[Archive]], PackedNode],
    ):
        self.root, self.report, self.open_tar = root, report, open_tar
        self.archives: list[Archive] = []
        self.said = False
        self.key = str(root.resolve())
        self.known: dict[str, list[Any]] = saved.read(saved.LISTS, self.key) or {}
        self.seen: dict[str, list[Any]] = {}

    def save(self) -> None:
        if self.seen != self.known:
            saved.write(saved.LISTS, self.key, self.seen)

    def content(self, parts: tuple[str, ...]) -> list[Any]:
        """Time stamp, files (name -> bytes), folders and dangling links of a folder."""
        key, place = "/".join(parts), self.root.joinpath(*parts)
        try:
            stamp = place.stat().st_mtime_ns
            known = self.known.get(key)
            if known is None or known[0] != stamp:
                if not self.said:
                    self.report(f"listing the images in '{self.root}'")
                self.said = True
                known = [stamp if settled(stamp) else 0, *_listed(place)]
        except OSError as error:
            raise WiringError(
                f"'{error.filename or place}' cannot be listed: {error.strerror}."
            ) from None
        self.seen[key] = known
        return known


def _listed(folder: Path) -> tuple[dict[str, int], list[str], list[str]]:
    files, folders, dangling = {}, [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_systems(entry.name):
                continue
            if entry.is_dir():
                folders.append(entry.name)
                continue
            try:
                files[entry.name] = entry.stat().st_size
            except FileNotFoundError:  # a link to nothing
                if is_image(entry.name):
                    files[entry.name] = 0
                else:
                    dangling.append(entry.name)
    return files, folders, dangling


class _Opened(Mapping[str, PackedNode]):
    """Archives by name, each opened when it is asked for."""

    def __init__(self, paths: dict[str, Path], open_tar: Callable[[Path], PackedNode]):
        self.paths, self.open_tar = paths, open_tar
        self.opened: dict[str, PackedNode] = {}

    def __getitem__(self, name: str) -> PackedNode:
        if name not in self.opened:
            self.opened[name] = self.open_tar(self.paths[name])
        return self.opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


class FolderNode:
    """A folder on disk."""

    def __init__(self, scan: Scan, parts: tuple[str, ...] = ()):
        self.scan, self.parts = scan, parts

    @property
    def path(self) -> Path:
        return self.scan.root.joinpath(*self.parts)

    @cached_property
    def _content(self) -> list[Any]:
        return self.scan.content(self.parts)

    @cached_property
    def files(self) -> dict[str, TreeEntry]:
        return {name: TreeEntry(size) for name, size in self._content[1].items()}

    @cached_property
    def folders(self) -> dict[str, FolderNode]:
        return {name: FolderNode(self.scan, (*self.parts, name)) for name in self._content[2]}

    @cached_property
    def dangling(self) -> list[str]:
        return self._content[3]

    @cached_property
    def tars(self) -> Mapping[str, PackedNode]:
        names = sorted(name for name in self._content[1] if _TAR.search(name))
        return _Opened(
            {_TAR.sub("", name): self.path / name for name in names},
            lambda path: self.scan.open_tar(path, self.scan.archives),
        )

    def read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise WiringError(f"'{self.path / name}' cannot be read: {error.strerror}.") from None
