"""Labelled images in files: names, classes, sizes, and subsets that are pure functions."""

from __future__ import annotations

import hashlib
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from PIL import Image, UnidentifiedImageError

from brainscore_wiring import saved
from brainscore_wiring.checkpoints.training_record import ALL_OF_IMAGENET, IMAGENET
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks.rgb import rgb
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.training.data.sources import DamagedImage, Packed, Source

if TYPE_CHECKING:
    from brainscore_wiring.catalogue.training_recipe import Recipe
    from brainscore_wiring.training.data.views import PlainView, TrainingView

CIFAR_10 = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def sampled(
    labels: Sequence[int] | np.ndarray, count: int, seed: int, balanced: bool
) -> np.ndarray:
    """Indices of `count` images, sampled uniformly or with as equal classes as can be."""
    if not balanced:
        return np.sort(Stream(seed, "images", "subset").permutation(len(labels))[:count])
    order = Stream(seed, "images", "balanced subset").permutation(len(labels))
    seen: Counter[int] = Counter()  # the first of each class, then the second of each, ...
    turns = np.empty(len(labels), dtype=np.int64)
    for position, index in enumerate(order.tolist()):
        turns[position] = seen[labels[index]]
        seen[labels[index]] += 1
    return np.sort(order[np.argsort(turns, kind="stable")[:count]])


@dataclass(frozen=True)
class Inspection:
    """That images were read: what the finding is saved under, and for each image the first 16
    digits of the SHA-256 of its bytes, (n,) of bytes, empty for a damaged one.
    """

    key: str
    digests: np.ndarray

    @property
    def content_sha256(self) -> str:
        """A hash of all bytes."""
        return hashlib.sha256(b" ".join(self.digests.tolist())).hexdigest()


@dataclass(frozen=True)
class LabelledImages:
    """Images with their class numbers; the class names are the sorted folder names.

    `files` are `class/image`, sorted, relative to `source`; `sizes` are in bytes, as listed.
    `left_aside`: what beside them is not taken, counted by kind. `inspection`: once they were read;
    other content is not shown then. `lost`: numbers of images that a run under way began with and
    that cannot be read any more.
    """

    source: Source
    classes: tuple[str, ...]
    files: tuple[str, ...]
    labels: tuple[int, ...]
    sizes: tuple[int, ...]
    left_aside: Mapping[str, int] = field(default_factory=dict, compare=False)
    inspection: Inspection | None = field(default=None, compare=False)
    lost: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.files)

    @property
    def name(self) -> str:
        return data_name(self)

    def subset(self, count: int | None, seed: int, balanced: bool = False) -> Self:
        """`count` images sampled uniformly without replacement, without class balance, as the
        paper's authors did.

        `balanced` samples as equal a number from each class as there can be. A pure function of
        (these images, count, seed, balanced); the order of the listing is kept. `None` keeps all.
        """
        if count is None or count == len(self):
            return self
        if not 0 < count < len(self):
            raise WrongUsage(
                f"{count:,} images were asked for, '{self.source}' has {len(self):,}: name other "
                f"images, or give --images with at most {len(self)}."
            )
        return self._of(sampled(self.labels, count, seed, balanced).tolist())

    def without(self, names: Iterable[str]) -> Self:
        """All but the files of these names; the classes stay."""
        names = set(names)
        return self._of([index for index, file in enumerate(self.files) if file not in names])

    def _of(self, indices: Sequence[int]) -> Self:
        return replace(
            self,
            files=tuple(self.files[i] for i in indices),
            labels=tuple(self.labels[i] for i in indices),
            sizes=tuple(self.sizes[i] for i in indices),
            inspection=self.inspection
            and replace(self.inspection, digests=self.inspection.digests[list(indices)]),
        )

    def as_begun(self, began: Mapping[str, tuple[int, bytes, int]]) -> LabelledImages:
        """The images that a run began with, file -> (bytes, digest, label), of which some are lost.

        These images themselves where none is, or where others are among them.
        """
        if self.inspection is None:
            return self
        now = dict(zip(self.files, self.inspection.digests.tolist()))
        same = all(file in began and began[file][1] == digest for file, digest in now.items())
        if not same or len(now) == len(began):
            return self
        return replace(
            self,
            files=tuple(began),
            labels=tuple(label for _, _, label in began.values()),
            sizes=tuple(size for size, _, _ in began.values()),
            inspection=Inspection(
                self.inspection.key, np.array([digest for _, digest, _ in began.values()])
            ),
            lost=frozenset(index for index, file in enumerate(began) if file not in now),
        )

    def manifest_sha256(self) -> str:
        """A hash of which files (by name and size) these are, for the training record."""
        digest = hashlib.sha256()
        for file, size in zip(self.files, self.sizes):
            digest.update(f"{file} {size}\n".encode(errors="surrogateescape"))
        return digest.hexdigest()

    def picture(self, index: int) -> Image.Image:
        """An image in RGB, 8 bits a channel; a black pixel in place of one that is lost.

        Raises `WiringError` naming it where it is damaged, missing or another than was listed or
        inspected.
        """
        if index in self.lost:
            return Image.new("RGB", (1, 1))
        try:
            content = self._content(index)
            known = self.inspection and self.inspection.digests[index]
            if known and digest_of(content) != known:
                raise WiringError(
                    f"The image '{self.source}/{self.files[index]}' has changed since it was "
                    "looked at for damage: start again, and it is looked at again."
                )
            return self._decoded(index, content, rgb)
        except WiringError:
            if self.inspection:  # it was sound then: the next start looks again
                saved.forget(saved.DAMAGED, self.inspection.key)
            raise

    @property
    def content_sha256(self) -> str | None:
        """A hash of all bytes of these images; None before they were read."""
        return self.inspection.content_sha256 if self.inspection else None

    def changed_since(self, moment: int) -> list[int]:
        """The images whose files were written to, or are missing, since a moment in nanoseconds."""
        if isinstance(self.source, Packed):
            changed = any(_changed(one.path, moment) for one in self.source.archives)
            return list(range(len(self))) if changed else []
        place = self.source.place
        return [index for index, file in enumerate(self.files) if _changed(place(file), moment)]

    def check(self, index: int) -> bytes:
        """Raise what `picture` would raise, in less time: a JPEG is read to its end but computed at
        an eighth. Returns the digest of the file.
        """

        def decode(image: Image.Image) -> None:
            image.draft("RGB", (1, 1))
            rgb(image)

        content = self._content(index)
        self._decoded(index, content, decode)
        return digest_of(content)

    def _content(self, index: int) -> bytes:
        return self.source.read(self.files[index], self.sizes[index])

    def _decoded(self, index: int, content: bytes, decode: Callable[[Image.Image], Any]) -> Any:
        file = self.files[index]
        try:
            with Image.open(BytesIO(content)) as image:
                return decode(image)
        except UnidentifiedImageError:
            raise DamagedImage.because(f"{self.source}/{file}", "this is no image") from None
        except (
            OSError,
            SyntaxError,
            ValueError,
            EOFError,
            IndexError,
            KeyError,
            TypeError,
            struct.error,
            Image.DecompressionBombError,
        ) as error:  # which one depends on the format
            raise DamagedImage.because(f"{self.source}/{file}", error) from None

    def training_view(self, recipe: Recipe, seed: int, epoch: int) -> TrainingView:
        """Each image cropped and flipped at random, as it is shown in an epoch of a training."""
        from brainscore_wiring.training.data.views import TrainingView

        return TrainingView(self, recipe, seed, epoch)

    def plain_view(self, image_size: int, indices: Sequence[int] | None = None) -> PlainView:
        """The centre of each image, or of those at `indices`."""
        from brainscore_wiring.training.data.views import PlainView

        return PlainView(self, image_size, indices)


def _changed(path: Path, moment: int) -> bool:
    try:
        status = path.stat()
    except OSError:
        return True
    return max(status.st_mtime_ns, status.st_ctime_ns) >= moment


def digest_of(content: bytes) -> bytes:
    """A hash of the content of one image: 16 digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16].encode()


def data_name(images: LabelledImages) -> str:
    """What a data set may be called in a record: a known one by its classes and size, else as its
    folder or archive.

    Only a whole training set counts as ImageNet-1k (1,281,167 images of 1,000 WordNet classes) or
    Tiny ImageNet (100,000 of 200): ask before a subset is sampled, which
    keeps the name; a smaller folder does not get it.
    """
    wordnet = all(re.fullmatch(r"n\d{8}", name) for name in images.classes)
    if wordnet and len(images.classes) == 1000 and len(images) >= ALL_OF_IMAGENET:
        return IMAGENET
    if wordnet and len(images.classes) == 200 and len(images) == 100_000:
        return "Tiny ImageNet"
    if images.classes == CIFAR_10 and len(images) == 50_000:
        return "CIFAR-10"
    return images.source.name
