"""Listing labelled images, once: in an ImageNet-style folder, or in a .zip or .tar with the same
layout inside.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.diet import saved
from brainscore_wiring.training.diet.archives import HELD_OUT, LAYOUT, is_image, splits
from brainscore_wiring.training.diet.images import LabelledImages
from brainscore_wiring.training.diet.sources import (
    ANNOTATED,
    ANNOTATIONS,
    AnnotatedFolder,
    Folder,
    Source,
    by_class,
    classes_of,
    settled,
)

_Report = Callable[[str], None]


def training_and_held_out(
    path: str | Path, report: _Report = lambda sentence: None
) -> tuple[LabelledImages, LabelledImages | None]:
    """The training images (`path/train` or `path` itself) and the held-out ones (`val`,
    `validation` or `test`).

    `path` is a folder or an archive, which stays packed; a compressed .tar is decompressed once,
    into the cache. Raises `WiringError` where there are no such images or the two have different
    classes.
    """
    path = Path(path)
    if path.is_dir():
        if not (path / "train").is_dir():
            return list_images(path, report), None
        beside = next((path / name for name in HELD_OUT if (path / name).is_dir()), None)
        return _same_classes(
            list_images(path / "train", report), list_images(beside, report) if beside else None
        )
    if not path.exists():
        raise WiringError(f"There is no folder or archive '{path}': {LAYOUT}.")
    found = splits(path, report)
    try:
        training, *held_out = (_labelled(source, sizes) for source, sizes in found)
        return _same_classes(training, held_out[0] if held_out else None)
    except WiringError:
        for source, _ in found:
            source.discard_copy()
        raise


def list_images(folder: str | Path, report: _Report = lambda sentence: None) -> LabelledImages:
    """List `folder/CLASS/IMAGE`; raises `WiringError` where the layout is another or a class is
    empty.
    """
    root = Path(folder)
    if not root.is_dir():
        raise WiringError(f"There is no folder '{root}': {LAYOUT}.")
    if (root / ANNOTATIONS).is_file() and (root / ANNOTATED).is_dir():
        return _annotated(root)
    source = Folder(root)
    known = saved.read(saved.LISTS, source.key) or {}
    listed: dict[str, list[Any]] = {}  # class -> [time stamp of its folder, {image: bytes}]
    try:
        with os.scandir(root) as entries:
            stamps = {
                entry.name: entry.stat().st_mtime_ns
                for entry in entries
                if entry.is_dir() and not entry.name.startswith(".")
            }
        new = {
            name for name, stamp in stamps.items() if name not in known or known[name][0] != stamp
        }
        if new:
            report(f"listing the images in '{root}'")
        for name, stamp in stamps.items():
            listed[name] = (
                [stamp if settled(stamp) else 0, _image_sizes(root / name)]
                if name in new
                else known[name]
            )
    except OSError as error:
        raise WiringError(
            f"'{error.filename or root}' cannot be listed: {error.strerror}."
        ) from None
    if listed != known:
        saved.write(saved.LISTS, source.key, listed)
    return _labelled(source, {name: sizes for name, (_, sizes) in listed.items()})


def _annotated(root: Path) -> LabelledImages:
    """The images of `root/images`, whose classes are in a list beside them."""
    place = root / ANNOTATIONS
    try:
        classes, sizes = classes_of(place.read_bytes(), str(place)), _image_sizes(root / ANNOTATED)
    except OSError as error:
        raise WiringError(f"'{error.filename or root}' cannot be read: {error.strerror}.") from None
    return _labelled(AnnotatedFolder(root), by_class(sizes, classes, str(place)))


def _image_sizes(folder: Path) -> dict[str, int]:
    """Image -> bytes in a class folder, or in its folder `images` where that has them all."""
    with os.scandir(folder) as entries:
        found = {
            entry.name: entry.stat().st_size
            for entry in entries
            if is_image(entry.name) and not entry.is_dir()
        }
    inner = folder / ANNOTATED
    if found or not inner.is_dir():
        return found
    return {f"{inner.name}/{image}": size for image, size in _image_sizes(inner).items()}


def _labelled(source: Source, sizes: dict[str, dict[str, int]]) -> LabelledImages:
    """From class -> image -> bytes; every class must have an image."""
    if not sizes:
        raise WiringError(f"'{source}' has no sub-folders: {LAYOUT}.")
    classes = tuple(sorted(sizes))
    empty = next((name for name in classes if not sizes[name]), None)
    if empty is not None:
        raise WiringError(
            f"The class folder '{source}/{empty}' has no images: fill it or take it away."
        )
    rows = [
        (f"{name}/{image}", label, size)
        for label, name in enumerate(classes)
        for image, size in sorted(sizes[name].items())
    ]
    return LabelledImages(source, classes, *zip(*rows))


def _same_classes(
    training: LabelledImages, held_out: LabelledImages | None
) -> tuple[LabelledImages, LabelledImages | None]:
    if held_out is not None and held_out.classes != training.classes:
        odd = sorted(set(held_out.classes) ^ set(training.classes))[0]
        raise WiringError(
            f"'{held_out.source}' and '{training.source}' have different class folders: '{odd}' "
            "is in "
            "one of them only."
        )
    return training, held_out
