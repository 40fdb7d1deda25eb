"""Atomic file writes, and headers of safetensors files."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from brainscore_wiring.errors import WiringError, nearest

#: The safetensors format's own limit for a header.
LARGEST_HEADER = 100_000_000


def safetensors_metadata(path: str | Path) -> dict[str, str]:
    """The metadata in a safetensors file's header, read without torch or numpy.

    Raises `WiringError` in one sentence where there is no such file or it is something else.
    """
    path = Path(path)
    if path.is_dir():
        raise WiringError(f"'{path}' is a folder, a safetensors file is needed.")
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(LARGEST_HEADER, path.stat().st_size - 8):
                raise ValueError("its header is cut off or none")
            header = json.loads(file.read(length))
            end = max(
                (
                    entry["data_offsets"][1]
                    for name, entry in header.items()
                    if name != "__metadata__"
                ),
                default=0,
            )
            if path.stat().st_size != 8 + length + end:
                raise ValueError("its tensors are cut off")
            return {str(name): str(value) for name, value in header.get("__metadata__", {}).items()}
    except FileNotFoundError:
        raise WiringError(
            no_such_file(path, "`brainscore train` leaves its model as model.safetensors")
        ) from None
    except OSError as error:
        raise WiringError(f"'{path}' cannot be read: {error.strerror or error}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise WiringError(f"'{path}' is not a safetensors file or is damaged ({error}).") from None


def no_such_file(path: str | Path, advice: str) -> str:
    """The sentence for a file that is not there: with files of the same ending in its folder that
    are spelled like it, else with `advice`.
    """
    path = Path(path)
    if not path.parent.is_dir():
        return f"There is no file '{path}', and no folder '{path.parent}'; {advice}."
    names = [one.name for one in path.parent.iterdir() if one.suffix == path.suffix and one != path]
    close = " or ".join(str(path.parent / name) for name in nearest(path.name, names))
    return f"There is no file '{path}'" + (f": did you mean {close}?" if close else f"; {advice}.")


def is_a_folder(path: str | Path) -> str:
    """The sentence for a folder in place of a checkpoint file, with one that is in it, if any."""
    found = [*Path(path).glob("model.safetensors"), *sorted(Path(path).glob("*/model.safetensors"))]
    such_as = f", such as '{found[0]}'" if found else ""
    return f"'{path}' is a folder: name a checkpoint file in it{such_as}."


def identity_of(path: str | Path) -> tuple[str | int, ...]:
    """Real path, inode, size and modification time: what changes when a file does."""
    status = os.stat(path)
    return os.path.realpath(path), status.st_ino, status.st_size, status.st_mtime_ns


def check_output(path: str | Path) -> None:
    """Raise `WiringError` now for an output file that could not be written later."""
    path = Path(path)
    if path.is_dir():
        raise WiringError(f"'{path}' is a folder: give the name of a file to write.")
    existing = next(
        parent for parent in (path.absolute(), *path.absolute().parents) if parent.exists()
    )
    if existing.is_file() and existing != path.absolute():
        raise WiringError(f"'{path}' cannot be written: '{existing}' is a file, not a folder.")
    if not os.access(existing, os.W_OK):
        raise WiringError(f"'{path}' cannot be written: '{existing}' is write-protected.")


@contextlib.contextmanager
def atomic_write(path: str | Path, flush: bool = True) -> Iterator[Path]:
    """A temporary path beside `path` to write to; on success it is flushed to disk and takes the
    name, else it goes.

    A reader, or a process killed at any instant, sees the old file or the new one, never a part.
    Without `flush`, which takes most of the time of small files, a part may be left where the
    machine stops: for what can be told to be whole and made again. Raises `WiringError` where the
    folder cannot be written or the disk is full.
    """
    path = Path(path)
    path = path.resolve() if path.is_symlink() else path  # not the link itself
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        if flush:
            _flush(temporary)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
        if flush:
            _flush(path.parent)  # the new name, too, is on the disk
    except OSError as error:
        raise WiringError(
            f"'{path}' cannot be written ({error.strerror or error}): give another place."
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_whole_png(path: str | Path) -> bool:
    """Whether there is a file that goes on to the last part of a PNG image."""
    with contextlib.suppress(OSError), open(path, "rb") as image:
        image.seek(-8, os.SEEK_END)
        return image.read(4) == b"IEND"
    return False


def write_text(path: str | Path, text: str) -> None:
    """Write a text file atomically; raises `WiringError` for names in it that are no text."""
    with atomic_write(path) as temporary:
        try:
            temporary.write_text(text, encoding="utf-8")
        except UnicodeEncodeError as error:
            around = ascii(text[max(error.start - 30, 0) : error.end + 10])
            raise WiringError(
                f"'{path}' cannot hold {around}, which is no text: rename what it names."
            ) from None


def save_tensors(path: str | Path, tensors: dict, metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file atomically, the same bytes for the same content; raises
    `WiringError` where that fails.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    with atomic_write(path) as temporary:
        try:
            save_file(tensors, temporary, metadata)
        except SafetensorError as error:
            raise WiringError(f"'{path}' cannot be written: {error}.") from None
        if metadata:
            _sort_metadata(temporary)


def _sort_metadata(path: Path) -> None:
    """Put the metadata of a safetensors file, which are written in any order, into theirs."""
    with open(path, "r+b") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) <= size:  # else it has characters that are written in several ways
            file.seek(8)
            file.write(text.ljust(size))
