"""Small data files of the real structure, where Brain-Score looks for the paper's five benchmarks:
stand-ins, not data.

`BRAINIO_HOME/<sha1 of the published file>/<its name>` as
`brainscore_wiring.scoring.brainscore_data` lists them: netCDF assemblies and csv + zip stimulus
sets with the dimensions, coordinates, time bins and strata that brainscore_vision's scripts write
and its benchmarks read, and fewer images, sites, repetitions and objects. Images are made of
photographs where the reference material is here, else generated; responses are seeded, depend on
the images and differ from one repetition to the next.

The stock benchmarks are loaded by name and run unmodified. Brain-Score verifies the SHA-1 of every
file, which no small file can have, so the fixture replaces that one check by another: the file is
the one that was written here.

    from small_brainscore import small_brainscore  # noqa: F401  (a fixture; it holds for one test)

    def test_something(small_brainscore):
        benchmark = load_benchmark("MajajHong2015public.IT-pls")
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import itertools
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from photographs import photographs
from PIL import Image

from brainscore_wiring.scoring.brainscore_data import BENCHMARK_FILES, DataFile

SITES = {"V1": 10, "V2": 11, "V4": 9, "IT": 12}  # published: 102, 103, 88, 168
TEXTURE_FAMILIES = (13, 18, 23, 30, 38)  # 5 of the 15
# 4 of 64, in 8 categories
OBJECTS = {
    "Animals": "bear",
    "Cars": "beetle",
    "Faces": "face0001",
    "Planes": "concorde",
}
CHOICES = ("bear", "camel", "dog", "truck", "wrench")  # 5 of the 24
TRIALS = 24  # of each image and distractor
TEXTURE_PIXELS = 80  # published: 320

_folder: tempfile.TemporaryDirectory | None = None


@pytest.fixture
def small_brainscore() -> Iterator[Path]:
    """For one test, all files of the paper's ten benchmarks (public and private) are on this
    machine; their folder.
    """
    with placed() as home:
        yield home


@contextlib.contextmanager
def placed() -> Iterator[Path]:
    """Inside, all files of the paper's ten benchmarks are on this machine, in the folder that this
    gives.
    """
    from brainscore_core.supported_data_standards.brainio import fetch

    stock_check = fetch.verify_sha1
    home = small_files()
    written = written_sha1s()

    def verify_sha1(path: str, expected: str) -> None:
        stock_check(path, written.get(Path(path), expected))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAINIO_HOME", str(home))
        # what is read here must not be found under the real data's names
        patch.setenv("RESULTCACHING_DISABLE", "1")
        patch.setattr(fetch, "_local_data_path", str(home))
        patch.setattr(fetch, "verify_sha1", verify_sha1)
        yield home


@functools.cache
def small_files() -> Path:
    """Write all files once for this process, in a folder that ends with it."""
    global _folder
    _folder = tempfile.TemporaryDirectory(prefix="small_brainscore_")
    home = Path(_folder.name)
    for access, seed in (("public", 1), ("private", 2)):
        _freeman_ziemba(home, access, np.random.default_rng([2013, seed]))
        _majaj_hong(home, access, np.random.default_rng([2015, seed]))
        _rajalingham(home, access, np.random.default_rng([2018, seed]))
    return home


@functools.cache
def written_sha1s() -> dict[Path, str]:
    """Path -> SHA-1 of each small file."""
    home = small_files()
    return {
        path: hashlib.sha1(path.read_bytes()).hexdigest()
        for path in (
            _path(home, file) for file in dict.fromkeys(itertools.chain(*BENCHMARK_FILES.values()))
        )
    }


def _path(home: Path, file: DataFile) -> Path:
    return home / file.sha1 / file.name


def _place(home: Path, name: str) -> Path:
    """Where the published file of that name belongs; its folder is made."""
    file = next(file for file in itertools.chain(*BENCHMARK_FILES.values()) if file.name == name)
    _path(home, file).parent.mkdir(exist_ok=True)
    return _path(home, file)


# -- the three studies
# ------------------------------------------------------------------------------------------


def _freeman_ziemba(home: Path, access: str, random: np.random.Generator) -> None:
    """40 of 135 (public) or 315 images: textures and noise with their spectrum, 4 degrees behind a
    soft aperture.

    Spikes in 300 bins of 1 ms, (neuroid, time bin, presentation), V1 and V2 in one file, 6 of 20
    repetitions.
    """
    images, rows = [], []
    y, x = np.mgrid[-1 : 1 : TEXTURE_PIXELS * 1j, -1 : 1 : TEXTURE_PIXELS * 1j]
    aperture = np.where(np.hypot(x, y) < 1, 0.5 + 0.5 * np.cos(np.pi * np.hypot(x, y)), 0)
    for family, texture_type, sample in itertools.product(
        TEXTURE_FAMILIES, ("noise", "texture"), range(1, 5)
    ):
        patch = _crop(_pictures()[TEXTURE_FAMILIES.index(family)], 320, random)
        patch = patch[:: 320 // TEXTURE_PIXELS, :: 320 // TEXTURE_PIXELS].mean(-1)
        if texture_type == "noise":  # other phases
            phases = np.fft.rfft2(random.standard_normal(patch.shape))
            patch = np.fft.irfft2(
                np.abs(np.fft.rfft2(patch)) * phases / np.abs(phases), patch.shape
            )
        patch = np.clip(128 + (patch - patch.mean()) * 40 / patch.std() * aperture, 0, 255)
        images.append(patch.astype(np.uint8))
        name = (
            f"{'tex' if texture_type == 'texture' else 'noise'}-320x320-im{family}-smp{sample}.png"
        )
        rows.append(
            {
                "resolution": "320x320",
                "sample": sample,
                "texture_family": family,
                "texture_type": texture_type,
                "image_file_name": name,
                "image_id_without_aperture": hashlib.sha1(name.encode()).hexdigest(),
            }
        )
    identifiers = _write_stimuli(home, f"FreemanZiemba2013.aperture-{access}", images, rows)
    regions = ["V1"] * SITES["V1"] + ["V2"] * SITES["V2"]
    rates = _responses(images, len(regions), seed=2013)
    probabilities = np.clip(0.02 + 0.01 * rates, 0.002, 0.3)  # of a spike in a millisecond
    repetitions = 6
    driven = (np.arange(300) >= 50) & (np.arange(300) < 200)
    spikes = np.empty((len(regions), 300, len(images) * repetitions), np.float32)
    for repetition in range(repetitions):
        chance = np.where(driven[None, :, None], probabilities.T[:, None], 0.01)
        spikes[..., repetition::repetitions] = random.random(chance.shape, np.float32) < chance
    _write_assembly(
        home,
        f"movshon.FreemanZiemba2013.{access}",
        spikes,
        ("neuroid", "time_bin", "presentation"),
        {
            "neuroid_id": ("neuroid", np.arange(1, len(regions) + 1)),
            "region": ("neuroid", regions),
            "time_bin_start": ("time_bin", np.arange(300)),
            "time_bin_end": ("time_bin", np.arange(1, 301)),
            "image_id": ("presentation", np.repeat(identifiers, repetitions)),
            "repetition": ("presentation", np.tile(np.arange(repetitions), len(images))),
        },
    )


def _majaj_hong(home: Path, access: str, random: np.random.Generator) -> None:
    """40 of 3,200 (public, variations 0, 3) or 2,560 (private, variation 6) images: objects on
    backgrounds, 8 degrees.

    Rates between 70 and 170 ms, (neuroid, presentation, time bin), V4 and IT in one file, 4 of
    about 50 repetitions.
    """
    images, rows = [], []
    for (category, name), number in itertools.product(OBJECTS.items(), range(10)):
        variation = 6 if access == "private" else (0 if number < 2 else 3)
        background = int(random.integers(8, 18))
        image, pose = _object_on_background(
            list(OBJECTS).index(category), background, variation / 6, random
        )
        images.append(image)
        rows.append(
            {
                "id": len(rows),
                "background_id": f"background_{background}",
                "category_name": category,
                "object_name": name,
                "variation": variation,
                "image_file_name": f"{name}_{number}.png",
                **pose,
            }
        )
    identifiers = _write_stimuli(home, f"hvm-{access}", images, rows)
    regions = ["V4"] * SITES["V4"] + ["IT"] * SITES["IT"]
    sites = np.arange(len(regions))
    signal = _responses(images, len(regions), seed=2015)
    repetitions = 4
    rates = np.repeat(signal, repetitions, axis=0) + random.normal(
        0, 1, (len(images) * repetitions, len(regions))
    )
    dims = ("neuroid", "presentation", "time_bin")
    _write_assembly(
        home,
        f"dicarlo.MajajHong2015.{access}",
        rates.T[..., None],
        dims,
        {
            "neuroid_id": ("neuroid", [f"Chabo_L_M_{site // 10}_{site % 10}" for site in sites]),
            "animal": ("neuroid", np.where(sites % 2, "Tito", "Chabo")),
            "hemisphere": ("neuroid", ["L"] * len(sites)),
            "arr": ("neuroid", ["M"] * len(sites)),
            "row": ("neuroid", sites // 10),
            "col": ("neuroid", sites % 10),
            "x": ("neuroid", sites % 10 * 0.4),
            "y": ("neuroid", sites // 10 * 0.4),
            "region": ("neuroid", regions),
            "subregion": ("neuroid", np.where(np.array(regions) == "V4", "V4", "cIT")),
            "image_id": ("presentation", np.repeat(identifiers, repetitions)),
            "repetition": ("presentation", np.tile(np.arange(repetitions), len(images))),
            "time_bin_start": ("time_bin", [70]),
            "time_bin_end": ("time_bin", [170]),
        },
    )


def _rajalingham(home: Path, access: str, random: np.random.Generator) -> None:
    """50 of 2,160 (public) or 25 of 240 images of objects; trials of a match-to-sample task, 24 of
    each image and pair.

    One value, the choice, for each trial; an image is confused with objects that it resembles.
    """
    images, truths = [], []
    for _, name in itertools.product(range(10 if access == "public" else 5), CHOICES):
        images.append(
            _object_on_background(
                18 + CHOICES.index(name), int(random.integers(8, 18)), 0.6, random
            )[0]
        )
        truths.append(name)
    truths = np.array(truths)
    identifiers = _write_stimuli(
        home,
        f"objectome.{access}",
        images,
        [{"image_sample_obj": truth, "image_label": truth} for truth in truths],
    )
    small = _small(images)
    distances = np.stack(
        [np.linalg.norm(small - small[truths == name].mean(0), axis=1) for name in CHOICES], axis=1
    )
    likeness = distances.mean(1, keepdims=True) - distances  # made pictures are all far apart
    likeness /= likeness.std()
    trials = []
    for image, distractor in itertools.product(range(len(images)), CHOICES):
        truth = truths[image]
        if truth == distractor:
            continue
        margin = likeness[image, CHOICES.index(truth)] - likeness[image, CHOICES.index(distractor)]
        correct = random.random(TRIALS) < np.clip(1 / (1 + np.exp(-1 - 4 * margin)), 0.15, 0.95)
        trials += [
            (identifiers[image], truth, distractor, truth if right else distractor)
            for right in correct
        ]
    order = random.permutation(len(trials))
    image_ids, samples, distractors, choices = (np.array(column)[order] for column in zip(*trials))
    _write_assembly(
        home,
        f"dicarlo.Rajalingham2018.{access}",
        choices,
        ("presentation",),
        {
            "image_id": ("presentation", image_ids),
            "sample_obj": ("presentation", samples),
            "dist_obj": ("presentation", distractors),
            "choice": ("presentation", choices),
            "truth": ("presentation", samples),
            "enough_human_data": ("presentation", np.full(len(order), int(access == "private"))),
        },
    )


# -- files
# ------------------------------------------------------------------------------------------


def _write_stimuli(
    home: Path, identifier: str, images: list[np.ndarray], rows: list[dict]
) -> list[str]:
    """The csv and the zip of a stimulus set; returns the image ids: SHA-1 hashes of the image
    files, as published.
    """
    stem = f"stimulus_{identifier.replace('.', '_')}"
    identifiers = []
    with zipfile.ZipFile(_place(home, f"{stem}.zip"), "w") as archive:
        for image in images:
            content = io.BytesIO()
            Image.fromarray(image).convert("RGB").save(content, "png", compress_level=1)
            identifiers.append(hashlib.sha1(content.getvalue()).hexdigest())
            archive.writestr(f"{identifiers[-1]}.png", content.getvalue())
    assert len(set(identifiers)) == len(images)
    table = pd.DataFrame(
        [
            {"image_id": name, "image_file_sha1": name, "filename": f"{name}.png", **row}
            for name, row in zip(identifiers, rows, strict=True)
        ]
    )
    table.to_csv(_place(home, f"{stem}.csv"), index=False)
    return identifiers


def _write_assembly(
    home: Path, identifier: str, values: np.ndarray, dims: tuple[str, ...], coords: dict
) -> None:
    """The netCDF file of an assembly; what the csv says of an image is not repeated in it."""
    xr.DataArray(values, dims=dims, coords=coords, name=identifier).to_netcdf(
        _place(home, f"assy_{identifier.replace('.', '_')}.nc")
    )


# -- images and responses
# ------------------------------------------------------------------------------------------


@functools.cache
def _pictures(count: int = 24) -> list[np.ndarray]:
    """RGB pictures of 400 x 400 pixels: photographs of different classes, or generated blobs with
    1/f spectra.
    """
    return [
        np.asarray(Image.open(io.BytesIO(content)).convert("RGB").resize((400, 400)))
        for _, content in photographs(count)
    ]


def _crop(picture: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    top, left = random.integers(0, np.array(picture.shape[:2]) - size + 1)
    return picture[top : top + size, left : left + size]


def _object_on_background(
    number: int, background: int, variation: float, random: np.random.Generator
) -> tuple[np.ndarray, dict[str, float]]:
    """A grey 256 x 256 image of a round cut of one picture on another, and its pose; `variation`
    between 0 and 1.
    """
    ty, tz, turn = random.uniform(-variation, variation, 3)
    scale = 1 + 0.3 * random.uniform(-variation, variation)
    size = int(120 * scale)
    scene = Image.fromarray(_crop(_pictures()[background], 256, random)).convert("L")
    thing = (
        Image.fromarray(_pictures()[number][40:360, 40:360])
        .convert("L")
        .resize((size, size))
        .rotate(90 * turn)
    )
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    mask = Image.fromarray(np.where(np.hypot(x, y) < 1, 255, 0).astype(np.uint8))
    scene.paste(thing, (int(128 - size / 2 + 60 * ty), int(128 - size / 2 + 60 * tz)), mask)
    # published: six more columns of poses, which no benchmark reads and every assembly carries
    return np.asarray(scene), {"ty": ty, "tz": tz, "s": scale, "rxy": 90 * turn}


def _small(images: list[np.ndarray]) -> np.ndarray:
    """(images, 256) luminances of 16 x 16 pixels, standardised over all of them."""
    small = np.stack(
        [
            np.asarray(Image.fromarray(image).resize((16, 16), Image.Resampling.BOX), float).ravel()
            for image in images
        ]
    )
    return (small - small.mean(0)) / small.std()


def _responses(images: list[np.ndarray], sites: int, seed: int) -> np.ndarray:
    """(images, sites) noise-free responses of unit variance: each site sums the light over its
    random receptive field.

    Sites are the same for all images, as the sites of public and private data are.
    """
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16]
    fields = []
    for _ in range(sites):
        row, column = random.uniform(5, 11, 2)
        angle, width = random.uniform(0, np.pi), random.uniform(2, 4)
        along = (x - column) * np.cos(angle) + (y - row) * np.sin(angle)
        envelope = np.exp(-((x - column) ** 2 + (y - row) ** 2) / (2 * width**2))
        fields.append(
            (envelope * np.cos(along * random.uniform(0.2, 0.6) + random.uniform(0, np.pi))).ravel()
        )
    responses = _small(images) @ np.array(fields).T
    return (responses - responses.mean(0)) / responses.std(0)
