"""Images that cannot be read, found before a training starts and not in the middle of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from torch.utils.data import Dataset

from brainscore_wiring.errors import WiringError, unknown
from brainscore_wiring.training.diet import saved
from brainscore_wiring.training.diet.batches import batches
from brainscore_wiring.training.diet.images import LabelledImages
from brainscore_wiring.training.diet.sources import DamagedImage
from brainscore_wiring.training.diet.training_data import TrainingData

STOP, SKIP = "stop", "skip"
#: Damaged images that an error names.
NAMED = 3
#: Seconds between reports.
REPORT_EVERY = 5.0


def find_damaged(
    images: LabelledImages, workers: int = 0, report: Callable[[str], None] = lambda sentence: None
) -> tuple[str, ...]:
    """The files that are damaged or missing, from decoding each image once, in `workers` processes
    where more than 1.

    The finding is kept for the next run; only images that were damaged then are checked again.
    Raises `WiringError` where an image is not the one that was listed.
    """
    key = f"{images.source.key} {images.manifest_sha256()}"
    known = saved.read(saved.DAMAGED, key)
    if known is not None:
        looked_at = {file: index for index, file in enumerate(images.files)} if known else {}
        return tuple(file for file in known if _damaged(images, looked_at[file]))
    found, done, reported = [], 0, time.monotonic()
    report(f"looking for damaged images among {len(images):,}")
    for damaged, indices in batches(_Checks(images), 64, workers if workers > 1 else 0):
        found += [images.files[index] for index in indices[damaged].tolist()]
        done += len(indices)
        if time.monotonic() - reported > REPORT_EVERY:
            reported = time.monotonic()
            report(
                f"looking for damaged images: {done:,} of {len(images):,} seen, {len(found):,} "
                "damaged"
            )
    saved.write(saved.DAMAGED, key, found)
    return tuple(found)


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
    if damaged not in (STOP, SKIP):
        raise unknown("way with damaged images", damaged, (STOP, SKIP), "brainscore train --help")
    if not isinstance(images, LabelledImages):
        return images, ()
    names = find_damaged(images, workers, report)
    if not names:
        return images, ()
    if damaged == STOP:
        first = ", ".join(f"'{name}'" for name in names[:NAMED]) + (
            ", ..." if len(names) > NAMED else ""
        )
        raise WiringError(
            f"{len(names):,} of {len(images):,} images in '{images.source}' are damaged or missing "
            f"({first}): replace them, or leave them out with --damaged skip."
        )
    if len(names) == len(images):
        raise WiringError(
            f"All {len(images):,} images in '{images.source}' are damaged: give others with --data."
        )
    return images.without(names), names


def _damaged(images: LabelledImages, index: int) -> bool:
    try:
        images.check(index)
    except DamagedImage:
        return True
    return False


class _Checks(Dataset):
    """Whether each image is damaged, and its index."""

    def __init__(self, images: LabelledImages):
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[bool, int]:
        return _damaged(self.images, index), index
