"""Which images an archive has, and at which byte each begins; nothing is unpacked."""

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
from typing import Any, NamedTuple

from brainscore_wiring import folders
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import atomic_write
from brainscore_wiring.training.diet import saved
from brainscore_wiring.training.diet.sources import (
    ANNOTATED,
    ANNOTATIONS,
    ARCHIVE_ENDING,
    Tar,
    Zip,
    by_class,
    classes_of,
    settled,
    stamp_of,
)

IMAGE_ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".tif", ".tiff"}
TRAIN, HELD_OUT = "train", ("val", "validation", "test")
LAYOUT = "--data takes one sub-folder of images per class, in a folder, a .zip or a .tar"
#: How a compressed file begins, and what opens it.
COMPRESSED: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}


class Member(NamedTuple):
    """A file or folder of an archive; `path` is split at the slashes."""

    path: tuple[str, ...]
    is_folder: bool
    size: int
    offset: int


def is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_ENDINGS and not name.startswith(".")


def splits(
    origin: Path, report: Callable[[str], None]
) -> list[tuple[Tar | Zip, dict[str, dict[str, int]]]]:
    """The training images and, if there are any, the held-out ones: where they are, and class ->
    image -> bytes.

    A compressed .tar is decompressed first. The list is saved; it holds while the archive's size
    and time stamp do.
    """
    is_zip = _start(origin).startswith(b"PK") and zipfile.is_zipfile(
        origin
    )  # a .tar may end like a .zip
    path = origin if is_zip else _plain_tar(origin, report)
    stamp = stamp_of(path.stat())
    key = str(path.resolve())
    known = saved.read(saved.LISTS, key)
    if known is None or tuple(known["stamp"]) != stamp or "annotations" not in known:
        report(f"listing the images in '{origin}'")
        members = _zip_members(path) if is_zip else _tar_members(path)
        try:
            in_splits, annotations = _by_split(members)
        except WiringError:
            if path != origin:  # nobody needs the decompressed copy of what is refused
                path.unlink(missing_ok=True)
            raise
        known = {"stamp": stamp, "splits": in_splits, "annotations": annotations}
        if settled(stamp[1]):
            saved.write(saved.LISTS, key, known)
    found: list[tuple[Tar | Zip, dict[str, dict[str, int]]]] = []
    for split, classes in known["splits"].items():
        kind = Zip if is_zip else Tar
        if split in known["annotations"] and set(classes) == {ANNOTATED}:
            size, offset = known["annotations"][split]
            place = f"{origin}/{split}/{ANNOTATIONS}"
            text = kind(path, split, origin, stamp, {ANNOTATIONS: offset}).read(ANNOTATIONS, size)
            classes = by_class(classes[ANNOTATED], classes_of(text, place), place)
        offsets: dict[str, int] = {}
        sizes: dict[str, dict[str, int]] = {}
        for name, images in classes.items():
            sizes[name] = {image: size for image, (size, _) in images.items()}
            offsets |= {f"{name}/{image}": offset for image, (_, offset) in images.items()}
        found.append((kind(path, split, origin, stamp, offsets), sizes))
    return found


def _by_split(
    members: Iterator[Member],
) -> tuple[dict[str, dict[str, dict[str, tuple[int, int]]]], dict[str, tuple[int, int]]]:
    """Split ("train" and one held out, or "" for all) -> class -> image -> (bytes, offset); split
    -> its list of classes.

    Leading folders that all images share are left out, unless one is `train`.
    """
    images, annotations, inside = [], [], set()
    for member in members:
        path = member.path
        if any(part.startswith(".") or part == "__MACOSX" for part in path):
            continue
        inside.add(path if member.is_folder else path[:-1])
        if not member.is_folder and is_image(path[-1]):
            images.append(member)
        elif not member.is_folder and path[-1] == ANNOTATIONS:
            annotations.append(member)
    inside |= {path[:depth] for path in inside for depth in range(1, len(path))}
    top = 0  # how many leading folders are left out
    while images and min(len(image.path) for image in images) >= top + 3:
        shared = {image.path[top] for image in images}
        if len(shared) > 1 or TRAIN in shared:
            break
        top += 1
    lead = images[0].path[:top] if images else ()
    inside = {path[top:] for path in inside if path[:top] == lead}
    held_out = next((name for name in HELD_OUT if (name,) in inside), None)
    found: dict[str, dict[str, dict[str, tuple[int, int]]]] = {"": {}}
    if (TRAIN,) in inside:
        found = {name: {} for name in (TRAIN, held_out) if name}
    for split, classes in found.items():
        start = (split,) if split else ()
        classes.update(
            {
                path[-1]: {}
                for path in inside
                if len(path) == len(start) + 1 and path[: len(start)] == start
            }
        )
        for image in images:
            path = image.path[top:]
            if path[: len(start)] != start:
                continue
            if len(path) == len(start) + 2:
                classes[path[-2]][path[-1]] = (image.size, image.offset)
            elif len(path) == len(start) + 3 and path[-2] == ANNOTATED:
                classes[path[-3]]["/".join(path[-2:])] = (image.size, image.offset)
    lists = {member.path[top:-1]: member for member in annotations}
    return found, {
        split: (listed.size, listed.offset)
        for split in found
        if (listed := lists.get((split,) if split else ()))
    }


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.split("/") if part not in ("", "."))


def _tar_members(path: Path) -> Iterator[Member]:
    try:
        with tarfile.open(path, "r:") as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # they would take gigabytes
                if (member.islnk() or member.issym()) and is_image(member.name):
                    raise WiringError(
                        f"'{path}' has a link in place of the image '{member.name}': pack it with "
                        "`tar "
                        "--dereference --hard-dereference`."
                    )
                if ((member.isreg() and not member.issparse()) or member.isdir()) and _parts(
                    member.name
                ):
                    yield Member(
                        _parts(member.name), member.isdir(), member.size, member.offset_data
                    )
    except (tarfile.TarError, OSError) as error:
        raise WiringError(
            f"The archive '{path}' cannot be read ({error}): fetch it again."
        ) from None


def _zip_members(path: Path) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.flag_bits & 1 or member.compress_type not in (
                    zipfile.ZIP_STORED,
                    zipfile.ZIP_DEFLATED,
                ):
                    raise WiringError(
                        f"'{path}' is encrypted or compressed in an unusual way: pack its images "
                        "anew, "
                        "with `zip -r -0`."
                    )
                if _parts(member.filename):
                    yield Member(
                        _parts(member.filename),
                        member.is_dir(),
                        member.file_size,
                        member.header_offset,
                    )
    except (zipfile.BadZipFile, OSError) as error:
        raise WiringError(
            f"The archive '{path}' cannot be read ({error}): fetch it again."
        ) from None


def _start(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(6)
    except OSError as error:
        raise WiringError(f"'{path}' cannot be read: {error.strerror}.") from None


def _plain_tar(origin: Path, report: Callable[[str], None]) -> Path:
    """The archive itself, or a decompressed copy of it in the cache, which is made where there is
    none of its age.
    """
    opened = next(
        (opened for magic, opened in COMPRESSED.items() if _start(origin).startswith(magic)), None
    )
    try:
        status = origin.stat()
        key = hashlib.sha256(str(origin.resolve()).encode(errors="surrogateescape")).hexdigest()[
            :12
        ]
        copy = folders.cache() / "archives" / f"{re.sub(ARCHIVE_ENDING, '', origin.name)}-{key}.tar"
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
        raise WiringError(
            f"The archive '{path}' cannot be read ({error}): fetch it again."
        ) from None
