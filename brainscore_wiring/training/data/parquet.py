"""Images in parquet files, as Hugging Face's `datasets` keeps them, unpacked once into a .tar.

A row has an `image` (its bytes, or a struct with `bytes`) and a `label`. Rows of a parquet file are
compressed together, so that single ones cannot be read in another order.
"""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import atomic_write
from brainscore_wiring.training.data.archives import cached_copy

_ENDING = ".parquet"
#: Rows in memory at a time.
_ROWS = 64
#: How an image's bytes begin, and the ending of its name.
_BEGINNINGS = {b"\xff\xd8": "jpg", b"\x89PNG": "png", b"RIFF": "webp", b"GIF8": "gif"}


def parquet_files(path: Path) -> list[Path]:
    """The parquet files that a path stands for: itself, those in it, or those in its `data`."""
    if not path.is_dir():
        return [path] if path.suffix == _ENDING else []
    try:
        if any(entry.is_dir() for entry in os.scandir(path) if entry.name in ("train", "val")):
            return []
    except OSError:
        return []
    return sorted(path.glob(f"*{_ENDING}")) or sorted(path.glob(f"data/*{_ENDING}"))


def as_tar(origin: Path, files: list[Path], report: Callable[[str], None]) -> Path:
    """The images of some parquet files in a .tar with a folder for each class, in the cache.

    Files with `val` or `test` in their name are held out. Raises `WiringError` without pyarrow, and
    for files that hold no images with labels.
    """
    status = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    copy = cached_copy(origin, *status)
    if copy.exists():
        return copy
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise WiringError(
            f"'{origin}' holds parquet files, which need pyarrow: `pip install "
            "'.[parquet]'` in the repository installs it."
        ) from None
    report(f"unpacking {len(files):,} parquet files of '{origin}', once, to '{copy}'")
    held = [file for file in files if re.search(r"val|test", file.name)]
    training = [file for file in files if file not in held] or held
    with atomic_write(copy) as temporary, tarfile.open(temporary, "w") as archive:
        for split, some in (("train", training), ("val", held if training is not held else [])):
            number = 0
            for file in some:
                for label, content in _rows(file):
                    ending = next(
                        (end for start, end in _BEGINNINGS.items() if content.startswith(start)),
                        "tif",
                    )
                    member = tarfile.TarInfo(f"{split}/{label}/{number:08d}.{ending}")
                    member.size, number = len(content), number + 1
                    archive.addfile(member, io.BytesIO(content))
    return copy


def _rows(file: Path) -> Iterator[tuple[str, bytes]]:
    """The class, and the bytes, of each image."""
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.ParquetFile(file)
        label = next(
            name for name in ("label", "labels", "cls") if name in table.schema_arrow.names
        )
        image = next(name for name in ("image", "img", "jpg") if name in table.schema_arrow.names)
        names = _class_names(table.schema_arrow.metadata or {}, label)
        for batch in table.iter_batches(_ROWS, columns=[image, label]):
            for picture, number in zip(batch[image].to_pylist(), batch[label].to_pylist()):
                content = picture["bytes"] if isinstance(picture, dict) else picture
                if not isinstance(content, bytes):
                    raise ValueError("an image that is not in the file")
                yield _class_of(number, names), content
    except StopIteration:
        raise WiringError(f"'{file}' has no columns `image` and `label`.") from None
    except (pyarrow.ArrowException, ValueError, KeyError, TypeError) as error:
        raise WiringError(f"'{file}' cannot be read ({error}): fetch it again.") from None


def _class_names(metadata: dict[bytes, bytes], label: str) -> list[str]:
    """The names of the classes in their order; empty where the file does not say."""
    try:
        features: Any = json.loads(metadata[b"huggingface"])["info"]["features"]
        return list(features[label]["names"])
    except (KeyError, ValueError, TypeError):
        return []


def _class_of(number: Any, names: list[str]) -> str:
    """A folder's name; numbers come first, so that classes keep their order."""
    if not isinstance(number, int):
        return str(number).replace("/", "_")
    name = names[number].replace("/", "_") if names else ""
    return name if re.fullmatch(r"n\d{8}", name) else f"{number:04d} {name}".strip()
