"""The recording sessions of Cowley et al. 2023 (doi:10.1101/2023.11.22.568315), read from their
public files."""

from __future__ import annotations

import functools
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from PIL import Image

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import screen
from brainscore_wiring.errors import WiringError

#: Session -> monkey, for the sessions whose images and averaged responses are public files of a
#: moderate size.
MONKEYS = {"190923": "WE", "201025": "PE", "210225": "PE", "210325": "PE", "210621": "RA"}
#: The session whose single repeats are such a file, too: the images of Bashivan et al. 2019.
WITH_REPEATS = "210325"
#: Degrees of visual angle that an image spans. Neither the data nor their readme tell it: assumed,
#: the size at which Brain-Score shows the images of its own V4 benchmark.
SCREEN_DEGREES = 8
#: The most by which averages may differ from the mean of their repeats.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Session:
    """One session. `responses` (neurons, images): spike counts in 100 ms, averaged over repeats.

    `repeats` (neurons, images, most repeats of an image): single counts, NaN where there is none;
    None where they are not on this machine. `images`: JPEG files as they are, in the order of the
    responses.
    """

    name: str
    images: tuple[bytes, ...]
    responses: np.ndarray
    repeats: np.ndarray | None

    @property
    def monkey(self) -> str:
        return MONKEYS[self.name]

    def on_screen(self, visual_degrees: float) -> StimulusSet:
        """The images on a screen of that many degrees."""
        images = {
            f"{self.name}_{number:04d}": functools.partial(_open, content)
            for number, content in enumerate(self.images, 1)
        }
        return screen.on_screen(
            f"Cowley2023.{self.name}",
            f"cowley2023-v1/{self.name}/images_of_{SCREEN_DEGREES:g}",
            images,
            {},
            SCREEN_DEGREES,
            visual_degrees,
        )


def load_session(name: str) -> Session:
    """A session from the user's folder, the cache, or the public repository.

    Single repeats of a session other than 210325 are taken from `responses_raw_SESSION.npy` in the
    user's folder or among the fetched files; they are known by their mean, which has to be the
    published average.
    """
    images, averages, repeats = files_of_session(name)
    raw = (
        public_files.fetch(repeats)
        if repeats in public_files.public_files()
        else public_files.users_copy(repeats)
    )
    return read_session(name, public_files.fetch(images), public_files.fetch(averages), raw)


def files_of_session(name: str) -> tuple[str, str, str]:
    """Names of a session's files: images, averaged responses, single repeats."""
    return f"images_{name}.zip", f"responses_avg_{name}.npy", f"responses_raw_{name}.npy"


def read_session(name: str, images: Path, averages: Path, repeats: Path | None = None) -> Session:
    """A session from its files. Raises `WiringError` where one is damaged or belongs to another
    session."""
    pictures = _pictures(images)
    responses = _array(averages, 2)
    if responses.shape[1] != len(pictures) or not np.isfinite(responses).all():
        raise _unreadable(
            averages,
            f"its responses are to {responses.shape[1]} images, {images.name} holds "
            f"{len(pictures)}, or some are no numbers",
        )
    if repeats is None:
        return Session(name, pictures, responses, None)
    single = _array(repeats, 3)
    there = np.isfinite(single)
    counted = there.sum(axis=2)
    if single.shape[:2] != responses.shape or (counted < 2).any():
        raise _unreadable(
            repeats,
            f"its shape is {single.shape}, that of the averages {responses.shape}, or an image "
            "was not repeated",
        )
    if (there != there[:1]).any():
        raise _unreadable(
            repeats, "its neurons miss different repeats, and all were recorded at once"
        )
    if np.abs(np.nanmean(single, axis=2) - responses).max() > _ROUNDING:
        raise _unreadable(repeats, f"its mean over repeats is not what {averages.name} holds")
    return Session(name, pictures, responses, single)


def _pictures(path: Path) -> tuple[bytes, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
            return tuple(archive.read(name) for name in names)
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, EOFError) as error:
        raise _unreadable(path, str(error)) from None


def _array(path: Path, dimensions: int) -> np.ndarray:
    try:
        values = np.load(path, allow_pickle=False)
        if values.ndim != dimensions or values.dtype.kind != "f":
            raise ValueError(f"it holds {values.dtype} of shape {values.shape}")
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(path, str(error)) from None
    return values


def _open(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def _unreadable(path: Path, reason: str) -> WiringError:
    first = reason.splitlines()[0] if reason else "it cannot be read"
    return WiringError(
        f"'{path}' does not hold the data of Cowley et al. 2023 ({first}): replace it by the "
        "published file."
    )
