"""Images that cannot be read, found before a training starts and not in the middle of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from torch.utils.data import Dataset

from brainscore_wiring import saved
from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.data.batches import batches, chunks
from brainscore_wiring.training.data.images import Inspection, LabelledImages
from brainscore_wiring.training.data.sources import DamagedImage
from brainscore_wiring.training.data.training_data import TrainingData

STOP, SKIP = "stop", "skip"
#: Damaged images that an error names.
NAMED = 3
#: Nanoseconds by which the time stamp of a file may be behind the clock.
CLOCK_TICK = 20_000_000
#: Seconds between reports.
REPORT_EVERY = 5.0


def _inspected(
    images: LabelledImages, workers: int, report: Callable[[str], None]
) -> tuple[tuple[str, ...], Inspection]:
    """The files that are damaged or missing, and what all were found to be, from decoding each
    image once, in `workers` processes where more than 1.

    The finding is kept for the next run; only images that were damaged then, or whose files have
    changed since, are checked again. Raises `WiringError` where an image is not the one that was
    listed.
    """
    key = f"{images.source.key} {images.manifest_sha256()}"
    started = time.time_ns() - CLOCK_TICK
    known = saved.read(saved.DAMAGED, key)
    digests, order = [b""] * len(images), list(range(len(images)))
    if isinstance(known, dict):
        digests = known["digests"].encode().split(b" ")
        changed = set(images.changed_since(known["moment"]))
        order = [index for index in order if index in changed or not digests[index]]
    if len(order) == len(images):
        report(f"looking for damaged images among {len(images):,}")
    done, reported = 0, time.monotonic()
    view = _Checks(images)
    for found, indices in batches(view, chunks(order, 64), workers if workers > 1 else 0):
        for index, digest in zip(indices.tolist(), found):
            digests[index] = digest
        done += len(indices)
        if time.monotonic() - reported > REPORT_EVERY:
            reported = time.monotonic()
            report(f"looking for damaged images: {done:,} of {len(order):,} seen")
    content = b" ".join(digests).decode()
    saved.write(saved.DAMAGED, key, {"moment": started, "digests": content})
    damaged = tuple(file for file, digest in zip(images.files, digests) if not digest)
    return damaged, Inspection(key, np.array(digests))


def without_damaged(
    images: TrainingData,
    damaged: str = STOP,
    workers: int = 0,
    report: Callable[[str], None] = lambda sentence: None,
) -> tuple[TrainingData, tuple[str, ...]]:
    """The images that can be shown, and the names of those left out.

    `damaged`: "stop" raises `WiringError` where there are any, "skip" leaves them out. Images
    that are not read from files are taken as they are.
    """
    if not isinstance(images, LabelledImages):
        return images, ()
    names, inspection = _inspected(images, workers, report)
    images = replace(images, inspection=inspection)
    if not names:
        return images, ()
    if damaged == STOP:
        first = ", ".join(f"'{name}'" for name in names[:NAMED]) + (
            ", ..." if len(names) > NAMED else ""
        )
        raise WiringError(
            f"{len(names):,} of {len(images):,} images in '{images.source}' are damaged or missing "
            f"({first}; the first: {_why(images, names[0])}): replace them, or leave them out with "
            "--damaged skip."
        )
    if len(names) == len(images):
        raise WiringError(
            f"All {len(images):,} images in '{images.source}' are damaged: give others with --data."
        )
    return images.without(names), names


def _why(images: LabelledImages, name: str) -> str:
    """What is wrong with a damaged image."""
    try:
        images.check(images.files.index(name))
    except DamagedImage as error:
        return error.reason
    return "it is whole by now"


class _Checks(Dataset):
    """The digest of each file, empty where it is damaged, and the image's index."""

    def __init__(self, images: LabelledImages):
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        try:
            return self.images.check(index), index
        except DamagedImage:
            return b"", index
