"""What an archive holds, and at which byte each file begins; nothing is unpacked."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from brainscore_wiring import folders, saved
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import atomic_write
from brainscore_wiring.training.data.sources import (
    ARCHIVE_ENDING,
    Archive,
    Tar,
    Zip,
    settled,
    stamp_of,
)
from brainscore_wiring.training.data.tree import PackedNode, TreeEntry, is_image, is_systems

LAYOUT = "--data takes one sub-folder of images per class, in a folder, a .zip or a .tar"
#: How a compressed file begins, and what opens it.
_COMPRESSED: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
#: How deep .tar files in .tar files are looked into: a tar of class tars, in a tar.
_DEEPEST = 2


def open_archive(
    origin: Path, archives: list[Archive], report: Callable[[str], None]
) -> PackedNode:
    """The content of a .zip or .tar, which joins `archives`.

    A compressed .tar is decompressed first. The list is saved; it holds while the archive's size
    and time stamp do.
    """
    # a .tar may end like a .zip
    is_zip = _start(origin).startswith(b"PK") and zipfile.is_zipfile(origin)
    path = origin if is_zip else _plain_tar(origin, report)
    stamp = stamp_of(path.stat())
    key, number = str(path.resolve()), len(archives)
    archives.append((Zip if is_zip else Tar)(path, stamp))
    known = saved.read(saved.LISTS, key)
    if isinstance(known, dict) and tuple(known.get("stamp", ())) == stamp:
        return PackedNode.from_plain(known["content"], archives, number)
    report(f"listing the images in '{origin}'")
    root = PackedNode(archives)
    try:
        for parts, is_folder, size, offset in _zip_members(path) if is_zip else _tar_members(path):
            if any(is_systems(part) for part in parts):
                continue
            if is_folder:
                root.folder(parts)
            else:
                root.folder(parts[:-1]).files[parts[-1]] = TreeEntry(size, number, offset)
    except (tarfile.TarError, zipfile.BadZipFile, OSError) as error:
        raise _unreadable(path, error) from None
    if settled(stamp[1]):
        saved.write(saved.LISTS, key, {"stamp": stamp, "content": root.plain()})
    return root


_Member = tuple[tuple[str, ...], bool, int, int]


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.split("/") if part not in ("", "."))


def _tar_members(path: Path) -> Iterator[_Member]:
    """Path, whether it is a folder, bytes and offset of each member."""
    with open(path, "rb") as file:
        yield from _members_within(file, path, 0, path.stat().st_size, 0)


def _members_within(
    file: BinaryIO, path: Path, start: int, size: int, depth: int
) -> Iterator[_Member]:
    """The members of the .tar at these bytes of a file, those of .tar files inside it too."""
    window: Any = _Window(file, start, size)
    with tarfile.open(fileobj=window, mode="r:") as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined] # they would take gigabytes
            if (member.islnk() or member.issym()) and is_image(member.name):
                raise WiringError(
                    f"'{path}' has a link in place of the image '{member.name}': pack it with "
                    "`tar --dereference --hard-dereference`."
                )
            parts = _parts(member.name)
            if not parts or not (member.isdir() or (member.isreg() and not member.issparse())):
                continue
            offset = start + member.offset_data
            if parts[-1].endswith(".tar") and member.isreg() and depth < _DEEPEST:
                inside = (*parts[:-1], parts[-1].removesuffix(".tar"))
                yield inside, True, 0, 0
                for one, *where in _members_within(file, path, offset, member.size, depth + 1):
                    yield (*inside, *one), *where  # type: ignore[misc]
            else:
                yield parts, member.isdir(), member.size, offset
        _check_end(window, archive.offset)


def _check_end(window: Any, place: int) -> None:
    """Raise `tarfile.ReadError` where a listing ended at a damaged header, as at the true end."""
    window.seek(place)
    while block := window.read(1 << 20):
        if block.count(0) < len(block):
            raise tarfile.ReadError("its list of files ends before the file does")


class _Window:
    """A stretch of a file, as a file."""

    def __init__(self, file: BinaryIO, start: int, size: int):
        self.file, self.start, self.size, self.place = file, start, size, 0

    def tell(self) -> int:
        return self.place

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        self.place = place + (0, self.place, self.size)[whence]
        return self.place

    def read(self, size: int = -1) -> bytes:
        left = max(self.size - self.place, 0)
        self.file.seek(self.start + self.place)
        data = self.file.read(left if size < 0 else min(size, left))
        self.place += len(data)
        return data


def _zip_members(path: Path) -> Iterator[_Member]:
    usual = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.flag_bits & 1 or member.compress_type not in usual:
                raise WiringError(
                    f"'{path}' is encrypted or compressed in an unusual way: pack its images "
                    "again, with `zip -r -0`."
                )
            name = member.orig_filename.replace("\\", "/")  # as some programs on Windows write
            if parts := _parts(name):
                yield parts, name.endswith("/"), member.file_size, member.header_offset


def _unreadable(path: Path, error: Exception) -> WiringError:
    return WiringError(f"The archive '{path}' cannot be read ({error}): fetch it again.")


def _start(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(6)
    except OSError as error:
        raise WiringError(f"'{path}' cannot be read: {error.strerror}.") from None


def cached_copy(origin: Path, *more: Any) -> Path:
    """Where a plain .tar made of a file or folder is kept; `more` distinguishes its versions."""
    key = "\n".join([str(origin.resolve()), *map(str, more)]).encode(errors="surrogateescape")
    name = f"{re.sub(ARCHIVE_ENDING, '', origin.name)}-{hashlib.sha256(key).hexdigest()[:12]}.tar"
    return folders.cache() / "archives" / name


def discard_copies(archives: list[Archive], origin: Path) -> None:
    """Remove the copies in the cache that were made of archives which are refused."""
    for archive in archives:
        if archive.path != origin and archive.path.parent == folders.cache() / "archives":
            archive.path.unlink(missing_ok=True)


def _plain_tar(origin: Path, report: Callable[[str], None]) -> Path:
    """The archive, or a decompressed copy in the cache, made where none is current."""
    opened = next(
        (opened for magic, opened in _COMPRESSED.items() if _start(origin).startswith(magic)), None
    )
    try:
        status = origin.stat()
        copy = cached_copy(origin)
        if opened and copy.exists() and copy.stat().st_mtime_ns == status.st_mtime_ns:
            return copy
        tarfile.open(origin).close()  # reads the first header only
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError):
        raise WiringError(f"'{origin}' is neither a folder nor a .zip or .tar: {LAYOUT}.") from None
    except OSError as error:
        raise WiringError(f"'{origin}' cannot be read: {error.strerror or error}.") from None
    if opened is None:
        return origin
    report(f"decompressing '{origin}', once, to '{copy}'")
    with atomic_write(copy) as temporary:
        with open(temporary, "wb") as file:
            for part in _decompressed(origin, opened):
                file.write(part)
        os.utime(temporary, ns=(status.st_atime_ns, status.st_mtime_ns))
    return copy


def _decompressed(path: Path, opened: Callable[[Path], Any]) -> Iterator[bytes]:
    try:
        with opened(path) as file:
            while part := file.read(1 << 20):
                yield part
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise _unreadable(path, error) from None
