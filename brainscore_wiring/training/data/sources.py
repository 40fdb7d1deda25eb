"""Where the bytes of an image come from: a folder, or places inside archives that stay packed."""

from __future__ import annotations

import os
import re
import struct
import time
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from brainscore_wiring import saved
from brainscore_wiring.errors import WiringError

ARCHIVE_ENDING = re.compile(r"(\.(tar|zip|gz|xz|bz2|tgz|txz|tbz2|parquet))+$", re.IGNORECASE)
#: Archives that a process keeps open at a time.
_OPEN = 64


class DamagedImage(WiringError):
    """An image is missing, cut off or no image at all, for a `reason`."""

    reason = ""

    @classmethod
    def because(cls, image: str, reason: object) -> DamagedImage:
        error = cls(f"The image '{image}' cannot be read ({reason}): replace it or take it away.")
        error.reason = str(reason)
        return error


@dataclass(frozen=True)
class Folder:
    """Files in the class folders of `path`; `listed_from` is the folder whose listing has them."""

    path: Path
    listed_from: Path | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def key(self) -> str:
        """What findings about these images are saved under."""
        return str(self.path.resolve())

    @property
    def name(self) -> str:
        path = self.path.resolve()
        return path.parent.name if path.name == "train" else path.name

    def place(self, file: str) -> Path:
        return self.path / file

    def read(self, file: str, size: int) -> bytes:
        """The bytes of an image that had `size` bytes when it was listed."""
        try:
            data = self.place(file).read_bytes()
        except FileNotFoundError:
            self.forget()
            raise DamagedImage.because(f"{self}/{file}", "it is missing") from None
        except OSError as error:
            raise DamagedImage.because(f"{self}/{file}", error.strerror) from None
        if len(data) != size:
            self.forget()
            raise WiringError(
                f"The image '{self}/{file}' has changed since it was listed (from {size:,} to "
                f"{len(data):,} bytes): start again, and it will be listed again."
            )
        return data

    def forget(self) -> None:
        """Let the next start list the images again."""
        saved.forget(saved.LISTS, str((self.listed_from or self.path).resolve()))


@dataclass(frozen=True)
class FlatFolder(Folder):
    """Files in one folder, whose names here are `class/image`."""

    def place(self, file: str) -> Path:
        return self.path / file.partition("/")[2]


@dataclass(frozen=True)
class Archive(ABC):
    """A file that holds others; `stamp` has its size and modification time at the listing.

    It is opened once in each process that reads from it.
    """

    path: Path
    stamp: tuple[int, int]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_file"}

    @cached_property
    def _file(self) -> BinaryIO:
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: SIM115 - it stays open
        except OSError as error:
            raise WiringError(f"'{self.path}' cannot be read: {error.strerror}.") from None
        if stamp_of(os.fstat(file.fileno())) != self.stamp:
            raise WiringError(f"'{self.path}' has changed since it was listed: start again.")
        return file

    def close(self) -> None:
        if (file := self.__dict__.pop("_file", None)) is not None:
            file.close()

    @abstractmethod
    def read(self, offset: int, size: int, image: str) -> bytes:
        """The bytes of a member that begins at `offset`; `image` is what an error calls it."""

    def _bytes(self, offset: int, size: int, image: str) -> bytes:
        """Up to `size` bytes; processes that share the open file do not disturb each other."""
        parts, descriptor = [], self._file.fileno()
        try:
            while size > 0 and (part := os.pread(descriptor, size, offset)):
                parts.append(part)
                offset, size = offset + len(part), size - len(part)
        except OSError as error:
            raise DamagedImage.because(image, error.strerror) from None
        return b"".join(parts)


class Tar(Archive):
    """A plain .tar: an image is a range of its bytes, also in a .tar inside it."""

    def read(self, offset: int, size: int, image: str) -> bytes:
        data = self._bytes(offset, size, image)
        if len(data) != size:
            raise DamagedImage.because(image, "the archive is cut off")
        return data


class Zip(Archive):
    """A .zip, whose members are stored or deflated; offsets are of their headers."""

    # signature, method, lengths of the name and of the extra field
    HEADER = struct.Struct("<4s4xH16xHH")

    def read(self, offset: int, size: int, image: str) -> bytes:
        header = self._bytes(offset, self.HEADER.size, image)
        if len(header) != self.HEADER.size or not header.startswith(b"PK\3\4"):
            raise DamagedImage.because(image, "the archive is damaged")
        _, method, name, extra = self.HEADER.unpack(header)
        offset += self.HEADER.size + name + extra
        if method == 0:
            data = self._bytes(offset, size, image)
        else:  # the stream tells its own end, and deflating makes nothing longer than this
            try:
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
                    self._bytes(offset, size * 9 // 8 + 64, image), size + 1
                )
            except zlib.error as error:
                raise DamagedImage.because(image, error) from None
        if len(data) != size:
            raise DamagedImage.because(image, "the archive is damaged")
        return data


@dataclass(frozen=True)
class Packed:
    """Images in one archive or several.

    `origin` is what the user named (an archive, a folder of archives, a compressed archive that
    was decompressed elsewhere) and `split` the part of it, empty for all. `places`: image ->
    (number of its archive, offset in bytes).
    """

    origin: Path
    split: str
    archives: tuple[Archive, ...]
    places: dict[str, tuple[int, int]] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.origin}/{self.split}" if self.split else str(self.origin)

    @property
    def key(self) -> str:
        """What findings about these images are saved under."""
        return f"{self.origin.resolve()}/{self.split}"

    @property
    def name(self) -> str:
        return re.sub(ARCHIVE_ENDING, "", self.origin.name)

    def read(self, file: str, size: int) -> bytes:
        """The bytes of an image that had `size` bytes when it was listed."""
        number, offset = self.places[file]
        archive = self.archives[number]
        try:
            return archive.read(offset, size, f"{self}/{file}")
        finally:
            if len(self.archives) > _OPEN:
                archive.close()

    def forget(self) -> None:
        """An archive is listed again when it changes."""


Source = Folder | Packed


def stamp_of(status: os.stat_result) -> tuple[int, int]:
    """What tells that a file has changed: size and modification time."""
    return status.st_size, status.st_mtime_ns


def settled(modified: int) -> bool:
    """Whether a time stamp in nanoseconds is so old that a change to come would get another."""
    return modified < time.time_ns() - 2_000_000_000
