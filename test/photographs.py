"""Photographs for tests: of the reference material where it is here, else pictures with the
amplitude spectrum of photographs.
"""

from __future__ import annotations

import io
import itertools
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from conftest import SHARED
from PIL import Image

_ARCHIVE = SHARED / "datasets/imagenet-sample-1000.tar"


def photographs(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of `count` JPEG files of unlike sizes."""
    if not _ARCHIVE.is_file():
        yield from (_made(number) for number in range(count))
        return
    with tarfile.open(_ARCHIVE) as archive:
        for member in itertools.islice((one for one in archive if one.isfile()), count):
            file = archive.extractfile(member)
            assert file is not None
            yield Path(member.name).name, file.read()


def _made(number: int) -> tuple[str, bytes]:
    random = np.random.default_rng(number)
    height, width = random.integers(150, 300, 2)
    frequency = np.hypot(*np.meshgrid(np.fft.rfftfreq(width), np.fft.fftfreq(height)))
    spectrum = np.fft.rfft2(random.standard_normal((3, height, width)))
    noise = np.fft.irfft2(spectrum / np.maximum(frequency, 1 / width), (height, width))
    pixels = np.clip(128 + 50 * noise / noise.std((-1, -2), keepdims=True), 0, 255)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8).transpose(1, 2, 0)).save(file, "JPEG")
    return f"made_{number:04d}.JPEG", file.getvalue()
