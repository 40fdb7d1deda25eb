"""Where the bytes of an image come from: a folder, or a place inside a .tar or .zip that stays
packed.
"""

from __future__ import annotations

import os
import re
import struct
import time
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.diet import saved

_Value = TypeVar("_Value")

ARCHIVE_ENDING = re.compile(r"(\.(tar|zip|gz|xz|bz2|tgz|txz|tbz2))+$", re.IGNORECASE)


#: The folder of a held-out split whose classes are in `ANNOTATIONS`, as in the original Tiny
#: ImageNet archive: a line for each image with its name and class, separated by a tab.
ANNOTATED, ANNOTATIONS = "images", "val_annotations.txt"


class DamagedImage(WiringError):
    """An image is missing, cut off or no image at all."""

    @classmethod
    def because(cls, image: str, reason: object) -> DamagedImage:
        return cls(f"The image '{image}' cannot be read ({reason}): replace it or take it away.")


@dataclass(frozen=True)
class Folder:
    """Files in the class folders of `path`."""

    path: Path

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

    def read(self, file: str, size: int) -> bytes:
        """The bytes of an image that had `size` bytes when it was listed."""
        try:
            data = (self.path / file).read_bytes()
        except FileNotFoundError:
            raise DamagedImage.because(f"{self}/{file}", "it is missing") from None
        except OSError as error:
            raise DamagedImage.because(f"{self}/{file}", error.strerror) from None
        if len(data) != size:
            saved.forget(saved.LISTS, self.key)
            raise WiringError(
                f"The image '{self}/{file}' has changed since it was listed (from {size:,} to "
                f"{len(data):,} bytes): start again, and it will be listed again."
            )
        return data


@dataclass(frozen=True)
class AnnotatedFolder(Folder):
    """Files in `path/images` whose classes are in a list beside it; their names here are
    `class/image`.
    """

    def read(self, file: str, size: int) -> bytes:
        return super().read(f"{ANNOTATED}/{file.partition('/')[2]}", size)


@dataclass(frozen=True)
class Archive:
    """Members of the archive `path`, in its folder `split` (empty: at the top), each read by its
    offset in bytes.

    `origin` is what the user named: `path` itself, or the compressed archive that `path` is a plain
    copy of. `stamp` has size and modification time at the listing. The archive is opened once in
    each process that reads from it.
    """

    path: Path
    split: str
    origin: Path
    stamp: tuple[int, int]
    offsets: dict[str, int] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.origin}/{self.split}" if self.split else str(self.origin)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_file"}

    @property
    def key(self) -> str:
        """What findings about these images are saved under."""
        return f"{self.origin.resolve()}/{self.split}"

    @property
    def name(self) -> str:
        return re.sub(ARCHIVE_ENDING, "", self.origin.name)

    def discard_copy(self) -> None:
        """Remove the decompressed copy of an archive that is refused."""
        if self.path != self.origin:
            self.path.unlink(missing_ok=True)

    @cached_property
    def _file(self) -> BinaryIO:
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: SIM115 - it stays open
        except OSError as error:
            raise WiringError(f"'{self.path}' cannot be read: {error.strerror}.") from None
        if stamp_of(os.fstat(file.fileno())) != self.stamp:
            raise WiringError(f"'{self.path}' has changed since it was listed: start again.")
        return file

    def _bytes(self, file: str, offset: int, size: int) -> bytes:
        """Up to `size` bytes; processes that share the open file do not disturb each other."""
        parts, descriptor = [], self._file.fileno()
        try:
            while size > 0 and (part := os.pread(descriptor, size, offset)):
                parts.append(part)
                offset, size = offset + len(part), size - len(part)
        except OSError as error:
            raise DamagedImage.because(f"{self}/{file}", error.strerror) from None
        return b"".join(parts)


class Tar(Archive):
    """A plain .tar: an image is a range of its bytes."""

    def read(self, file: str, size: int) -> bytes:
        data = self._bytes(file, self.offsets[file], size)
        if len(data) != size:
            raise DamagedImage.because(f"{self}/{file}", "the archive is cut off")
        return data


class Zip(Archive):
    """A .zip, whose members are stored or deflated each on its own; offsets are those of their
    headers.
    """

    HEADER = struct.Struct(
        "<4s4xH16xHH"
    )  # signature, method, lengths of the name and of the extra field

    def read(self, file: str, size: int) -> bytes:
        offset, image = self.offsets[file], f"{self}/{file}"
        header = self._bytes(file, offset, self.HEADER.size)
        if len(header) != self.HEADER.size or not header.startswith(b"PK\3\4"):
            raise DamagedImage.because(image, "the archive is damaged")
        _, method, name, extra = self.HEADER.unpack(header)
        offset += self.HEADER.size + name + extra
        if method == 0:
            data = self._bytes(file, offset, size)
        else:  # the stream tells its own end, and deflating makes nothing longer than this
            try:
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
                    self._bytes(file, offset, size * 9 // 8 + 64), size + 1
                )
            except zlib.error as error:
                raise DamagedImage.because(image, error) from None
        if len(data) != size:
            raise DamagedImage.because(image, "the archive is damaged")
        return data


Source = Folder | Tar | Zip


def classes_of(annotations: bytes, place: str) -> dict[str, str]:
    """Image name -> class, from the content of an annotations file; raises `WiringError` for
    another content.
    """
    try:
        lines = annotations.decode("utf-8").splitlines()
        return {
            name: label for name, label, *_ in (line.split("\t") for line in lines if line.strip())
        }
    except ValueError:
        raise WiringError(
            f"'{place}' is no list of image names and classes separated by tabs: fetch it again."
        ) from None


def by_class(
    images: dict[str, _Value], classes: dict[str, str], place: str
) -> dict[str, dict[str, _Value]]:
    """Class -> image -> value, of annotated images; raises `WiringError` for an image without a
    class.
    """
    found: dict[str, dict[str, _Value]] = {}
    for image, value in images.items():
        if image not in classes:
            raise WiringError(f"'{place}' has no class for the image '{image}': fetch it again.")
        found.setdefault(classes[image], {})[image] = value
    return found


def stamp_of(status: os.stat_result) -> tuple[int, int]:
    """What tells that a file has changed: size and modification time."""
    return status.st_size, status.st_mtime_ns


def settled(modified: int) -> bool:
    """Whether a time stamp in nanoseconds is so old that a change to come would get another."""
    return modified < time.time_ns() - 2_000_000_000
