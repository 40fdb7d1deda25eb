"""Damaged images are found and named; images of every format are read."""

from __future__ import annotations

import io
import os
import tarfile
import time

import numpy as np
import pytest
from conftest import shared
from hypothesis import example, given, settings
from hypothesis import strategies as st
from image_folders import copy, list_images, packed  # noqa: F401 `copy` is a fixture
from PIL import Image

from brainscore_wiring import saved
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.training.data import damage
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.training.data.listing import training_and_held_out
from brainscore_wiring.training.data.sources import DamagedImage, Folder
from brainscore_wiring.training.request import Training

QUICK = Recipe(image_size=32, batch_size=10)


def cut(folder, file, length=500):
    (folder / file).write_bytes((folder / file).read_bytes()[:length])
    os.utime(folder / file, (1e9, 1e9))


def test_a_damaged_image_is_named(copy):
    files = list_images(copy / "train").files
    cut(copy / "train", files[10])
    saved.forget(saved.LISTS, Folder(copy / "train").key)
    images = list_images(copy / "train")
    with pytest.raises(WiringError, match=files[10]):
        images.training_view(QUICK, 0, 0)[10]


@pytest.mark.parametrize("workers", [0, 2])
def test_damaged_images_stop_a_run_or_are_skipped(copy, workers):
    files = list_images(copy / "train").files
    for number in (3, 4, 10, 20):
        cut(copy / "train", files[number])
    saved.forget(saved.LISTS, Folder(copy / "train").key)
    images = list_images(copy / "train")
    with pytest.raises(WiringError, match="4 of 24 images") as error:
        damage.without_damaged(images, "stop", workers)
    assert (
        files[3] in str(error.value)
        and files[20] not in str(error.value)
        and "--damaged skip" in str(error.value)
    )
    whole, names = damage.without_damaged(images, "skip", workers)
    assert names == tuple(files[number] for number in (3, 4, 10, 20))
    assert (
        whole == images.without(names)
        and len(whole) == 20
        and damage.without_damaged(whole) == (whole, ())
    )
    asked = {"trainable": (), "recipe": "small", "changes": {}, "seed": 0, "damaged": "skpi"}
    with pytest.raises(WrongUsage, match="skip"):
        Training.asked("mobilenet_wc_ct", copy, **asked)


@pytest.mark.parametrize("name", ["a.tar", "a.zip"])
def test_damaged_images_in_archives_are_found(copy, tmp_path, name):
    victim = list_images(copy / "train").files[7]
    cut(copy / "train", victim, 3000)
    images, _ = training_and_held_out(packed(copy, tmp_path / name))
    assert damage.without_damaged(images, "skip")[1] == (victim,)


def test_an_archive_that_is_cut_off_has_damaged_images_or_no_list(labelled_images, tmp_path):
    content = packed(labelled_images, tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(content[: len(content) // 2])
    with pytest.raises(WiringError, match="a.tar"):
        damage.without_damaged(training_and_held_out(tmp_path / "a.tar")[0])


@pytest.mark.parametrize("damage_of", ["a header", "a block of zeros"])
def test_an_archive_with_a_damaged_header_has_no_shorter_list(labelled_images, tmp_path, damage_of):
    path = packed(labelled_images, tmp_path / "a.tar")
    with tarfile.open(path) as archive:
        place = archive.getmembers()[9].offset
    content, length = bytearray(path.read_bytes()), 64 if damage_of == "a header" else 512
    content[place : place + length] = bytes(length)
    path.write_bytes(content)
    with pytest.raises(WiringError, match="its list of files ends before the file does"):
        training_and_held_out(path)


def test_images_are_looked_at_once(copy, monkeypatch):
    images = list_images(copy / "train")
    victim = copy / "train" / images.files[5]
    content = victim.read_bytes()
    # the same size: the list stays true
    victim.write_bytes(content[:300] + bytes(len(content) - 300))
    time.sleep(0.05)  # files written just before a check are checked again by the next one
    assert damage.without_damaged(images, "skip")[1] == (images.files[5],)
    looked_at = []
    check = LabelledImages.check
    monkeypatch.setattr(
        LabelledImages, "check", lambda *one: looked_at.append(one[1]) or check(*one)
    )
    time.sleep(0.05)  # files written since then have another time stamp
    assert damage.without_damaged(images, "skip")[1] == (images.files[5],)
    victim.write_bytes(content)  # repaired
    assert (
        damage.without_damaged(images, "skip")[1] == () == damage.without_damaged(images, "skip")[1]
    )
    assert looked_at[:2] == [5, 5] and set(looked_at) == {5}


def test_another_image_of_the_same_size_is_looked_at_again_and_is_another_content(copy):
    victim = copy / "train" / "class 1" / "plain.bmp"
    Image.new("RGB", (40, 40), "white").save(victim)
    images = list_images(copy / "train")
    before, _ = damage.without_damaged(images)
    again, _ = damage.without_damaged(images)
    assert before.content_sha256 == again.content_sha256 is not None
    size, stamp = victim.stat().st_size, victim.stat().st_mtime_ns
    Image.new("RGB", (40, 40), "black").save(victim)
    os.utime(victim, ns=(stamp, stamp))  # as `cp -p` leaves it
    other, left_out = damage.without_damaged(images, "skip")
    assert other.manifest_sha256() == before.manifest_sha256() and victim.stat().st_size == size
    assert not left_out and other.content_sha256 != before.content_sha256
    victim.write_bytes(bytes(size))
    assert damage.without_damaged(images, "skip")[1] == ("class 1/plain.bmp",)


def test_an_image_that_has_changed_is_noticed_and_listed_again(copy):
    images = list_images(copy / "train")
    victim = copy / "train" / images.files[2]
    before = (victim.parent.stat().st_mtime_ns, victim.stat().st_size)
    victim.write_bytes((copy / "train" / images.files[3]).read_bytes())
    assert victim.parent.stat().st_mtime_ns == before[0] and victim.stat().st_size != before[1]
    for look in (
        images.picture,
        images.check,
        lambda index: damage.without_damaged(images, "skip"),
    ):
        with pytest.raises(
            WiringError, match=f"{images.files[2]}' has changed since it was listed"
        ) as error:
            look(2)
        assert not isinstance(error.value, DamagedImage)
    assert list_images(copy / "train").sizes[2] == victim.stat().st_size


def test_a_finding_is_forgotten_at_the_first_image_that_cannot_be_read(copy):
    images, _ = damage.without_damaged(list_images(copy / "train"))
    victim = copy / "train" / images.files[5]
    victim.write_bytes(bytes(images.sizes[5]))  # the same size: the list stays true
    with pytest.raises(WiringError, match="has changed since it was looked at"):
        images.picture(5)
    again = list_images(copy / "train")
    assert damage.without_damaged(again, "skip")[1] == (images.files[5],)


def ramp(dtype):
    return np.linspace(0, 65535, 64 * 64).round().astype(dtype).reshape(64, 64)


@pytest.mark.parametrize(
    "name, picture",
    [
        ("x.png", Image.fromarray(ramp(np.uint16))),
        ("x.tif", Image.fromarray(ramp(np.uint16))),
        ("x.pgm", b"P5 64 64 65535\n" + ramp(">u2").tobytes()),
        ("x.png", Image.fromarray((ramp(np.float64) / 257).round().astype(np.uint8))),
    ],
)
def test_pictures_of_16_bits_look_like_those_of_8(tmp_path, name, picture):
    place = tmp_path / "class" / name
    place.parent.mkdir()
    place.write_bytes(picture) if isinstance(picture, bytes) else picture.save(place)
    pixels = np.asarray(list_images(tmp_path).picture(0)).astype(int)
    expected = ramp(np.float64) / 257
    assert pixels.shape == (64, 64, 3) and np.abs(pixels - expected[..., None]).max() <= 0.51


@pytest.mark.parametrize("dtype, kind", [(np.int32, "whole"), (np.float32, "floating-point")])
def test_pictures_of_32_bits_are_damaged_ones_with_a_reason(tmp_path, dtype, kind):
    (tmp_path / "class").mkdir()
    Image.fromarray(ramp(dtype)).save(tmp_path / "class" / "x.tif")
    Image.new("RGB", (9, 9)).save(tmp_path / "class" / "y.png")
    images = list_images(tmp_path)
    with pytest.raises(WiringError, match=f"'class/x.tif'; the first: it has {kind} numbers of 32"):
        damage.without_damaged(images)
    assert damage.without_damaged(images, "skip")[1] == ("class/x.tif",)


@pytest.mark.parametrize("ending", "webp avif gif ppm pgm pbm tga bmp tiff jfif jp2 qoi".split())
def test_what_pillow_reads_is_read(tmp_path, ending):
    from PIL import features

    if ending == "avif" and not features.check("avif"):
        pytest.skip("this Pillow reads no AVIF")
    (tmp_path / "class").mkdir()
    mode = {"pgm": "L", "pbm": "1"}.get(ending, "RGB")
    Image.new(mode, (9, 9), 1).save(
        tmp_path / "class" / f"x.{ending}", {"jfif": "JPEG"}.get(ending)
    )
    assert list_images(tmp_path).picture(0).size == (9, 9)


def test_an_image_that_is_gone_is_named(copy):
    images = list_images(copy / "train")
    (copy / "train" / images.files[0]).unlink()
    with pytest.raises(DamagedImage, match=f"{images.files[0]}.*missing"):
        images.picture(0)


def test_generated_images_have_nothing_to_check():
    generated = range(5)
    assert damage.without_damaged(generated) == (generated, ())


class Bytes:
    """A source of one image."""

    def __init__(self, data):
        self.data = data

    def __str__(self):
        return "memory"

    def read(self, file, size):
        return self.data


def encoded(**how):
    """A real image, at most 150 pixels wide, encoded again."""
    with tarfile.open(shared("datasets/imagenet-sample-1000.tar")) as archive:
        picture = Image.open(io.BytesIO(archive.extractfile(next(iter(archive))).read())).convert(
            "RGB"
        )
    picture.thumbnail((150, 150))
    content = io.BytesIO()
    picture.convert(how.pop("mode", "RGB")).save(content, **how)
    return content.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        dict(format="JPEG"),
        dict(format="JPEG", progressive=True),
        dict(format="JPEG", mode="L"),
        dict(format="JPEG", mode="CMYK"),
        dict(format="PNG"),
        dict(format="WEBP"),
    ],
    ids=["jpeg", "progressive", "grey", "cmyk", "png", "webp"],
)
def test_the_quick_check_finds_what_reading_would_find(how):
    content = encoded(**how)

    @given(
        length=st.integers(0, len(content)),
        flipped=st.integers(0, len(content) - 1),
        bits=st.sampled_from([0, 1, 255]),
    )
    @example(length=len(content), flipped=0, bits=0)
    @example(length=len(content) - 65, flipped=0, bits=0)
    @settings(max_examples=200, deadline=None)
    def same_verdict(length, flipped, bits):
        data = bytearray(content)
        data[flipped] ^= bits
        images = LabelledImages(Bytes(bytes(data[:length])), ("a",), ("a/x",), (0,), (length,))
        verdicts = []
        for look in (images.picture, images.check):
            try:
                look(0)
                verdicts.append(None)
            except DamagedImage as error:
                assert "a/x" in str(error) and "0x" not in str(error)
                verdicts.append(DamagedImage)
        assert verdicts[0] == verdicts[1]
        if bits == 0 and length == len(content):
            assert verdicts == [None, None]
        if bits == 0 and length < len(content) - 64:  # what follows the last pixel may be missing
            assert verdicts == [DamagedImage, DamagedImage]

    same_verdict()
