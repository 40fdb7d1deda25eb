"""Folders and archives of the labelled images, for tests that change them."""

from __future__ import annotations

import os
import random
import shutil
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from brainscore_wiring.training.data.listing import training_and_held_out


@pytest.fixture
def copy(labelled_images, tmp_path):
    """The real images, to be damaged."""
    return settled(shutil.copytree(labelled_images, tmp_path / "images"))


def settled(path):
    """The same file or folder, last changed an hour ago."""
    for place in (path, *path.rglob("*")):
        os.utime(place, (time.time() - 3600,) * 2)
    return path


def packed(folder, target, lead=""):
    """The folder's content in an archive of the kind that its name says, below a leading folder if
    wanted.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    random.Random(0).shuffle(files)  # an archive has no order
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w") as archive:
            for number, path in enumerate(files):
                archive.write(
                    path, Path(lead) / path.relative_to(folder), (zipfile.ZIP_STORED, 8)[number % 2]
                )
            archive.writestr("__MACOSX/class 0/._x.jpg", b"")
    else:
        with tarfile.open(
            target, "w:" + {".xz": "xz", ".tgz": "gz", ".bz2": "bz2"}.get(target.suffix, "")
        ) as archive:
            for path in files:
                archive.add(path, Path(lead) / path.relative_to(folder))
    return settled(target)


def pictures(images):
    return [images.picture(index).tobytes() for index in range(len(images))]


def list_images(folder):
    """The training images of a folder."""
    return training_and_held_out(folder)[0]
