"""The visual diet: the same images from a folder or an archive, listed once, checked, and shown as
a pure function.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import shutil
import tarfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import shared
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from brainscore_wiring import folders
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.training.data import damage, saved, tree
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.training.data.listing import list_images, training_and_held_out
from brainscore_wiring.training.data.sources import DamagedImage, Folder
from brainscore_wiring.training.recipe import Recipe

QUICK = Recipe(image_size=32, batch_size=10)


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


# where images are read from


@pytest.fixture
def tiny_imagenet(labelled_images, tmp_path):
    """The real images in the layout of the original Tiny ImageNet archive."""
    root = tmp_path / "tiny"
    for path in (labelled_images / "train").glob("*/*"):
        place = root / "train" / path.parent.name / "images" / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
        (place.parents[1] / f"{path.parent.name}_boxes.txt").write_text("x\t0\t0\t9\t9\n")
    (root / "val" / "images").mkdir(parents=True)
    lines = []
    for path in sorted((labelled_images / "val").glob("*/*")):
        shutil.copy(path, root / "val" / "images" / path.name)
        lines.append(f"{path.name}\t{path.parent.name}\t0\t0\t9\t9\n")
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    return settled(root)


@pytest.mark.parametrize("name", ["", "a.tar", "a.zip", "a.tar.xz"])
def test_class_folders_with_images_inside_and_annotated_held_out_images_are_read(
    tiny_imagenet, labelled_images, tmp_path, name
):
    found = training_and_held_out(
        packed(tiny_imagenet, tmp_path / name, "tiny-imagenet") if name else tiny_imagenet
    )
    for one, other in zip(found, training_and_held_out(labelled_images), strict=True):
        assert (one.classes, one.labels, one.sizes) == (other.classes, other.labels, other.sizes)
        assert pictures(one) == pictures(other)


@pytest.mark.parametrize("name", ["", "a.tar"])
@pytest.mark.parametrize(
    "content, sentence",
    [
        ("other.JPEG\tclass 0\n", "has no class for the image"),
        ("no tab\n", "is no list of image names and classes"),
    ],
)
def test_annotations_that_do_not_fit_are_one_sentence(
    tiny_imagenet, tmp_path, name, content, sentence
):
    (tiny_imagenet / "val" / "val_annotations.txt").write_text(content)
    with pytest.raises(WiringError, match=f"val_annotations.txt' {sentence}"):
        training_and_held_out(packed(tiny_imagenet, tmp_path / name) if name else tiny_imagenet)


@pytest.mark.parametrize(
    "name, lead",
    [
        ("a.zip", ""),
        ("a.zip", "some folder"),
        ("a.tar", ""),
        ("a.tar", "./a/b"),
        ("a.tar.xz", "."),
        ("a.tgz", ""),
        ("a.tar.bz2", ""),
    ],
)
@pytest.mark.parametrize("part", ["", "train"], ids=["split", "flat"])
def test_an_archive_holds_the_same_images_as_its_folder(
    labelled_images, tmp_path, name, lead, part
):
    expected = training_and_held_out(labelled_images / part)
    found = training_and_held_out(packed(labelled_images / part, tmp_path / name, lead))
    assert (found[1] is None) == (expected[1] is None) == (part == "train")
    for one, other in zip(found, expected):
        if other is not None:
            assert (one.classes, one.files) == (other.classes, other.files)
            assert (one.labels, one.sizes) == (other.labels, other.sizes)
            assert one.manifest_sha256() == other.manifest_sha256() and pictures(one) == pictures(
                other
            )
            assert list(tmp_path.iterdir()) == [tmp_path / name]  # nothing was unpacked
    assert found[0].name == "a"


def test_a_compressed_archive_is_decompressed_once_and_anew_when_it_changes(
    labelled_images, tmp_path
):
    archive, said = packed(labelled_images, tmp_path / "a.tar.xz"), []
    first, _ = training_and_held_out(archive, said.append)
    assert any(sentence.startswith("decompressing") for sentence in said)
    assert training_and_held_out(archive, lambda sentence: pytest.fail(sentence))[0] == first
    packed(labelled_images / "train", archive)
    os.utime(archive, (time.time() - 1800,) * 2)
    assert training_and_held_out(archive)[1] is None
    assert len(list((folders.cache() / "archives").glob(first.source.archives[0].path.name))) == 1


def test_the_archives_at_hand_are_read_as_they_are():
    images, held_out = training_and_held_out(shared("datasets/imagenet-sample-1000.tar"))
    assert (
        len(images) == len(images.classes) == 1000
        and held_out is None
        and images.name == "imagenet-sample-1000"
    )
    training, held_out = training_and_held_out(shared("datasets/cifar10-jpeg.tar.xz"))
    assert training.name == "CIFAR-10" and (len(training), len(held_out)) == (50_000, 10_000)
    assert training.picture(49_999).size == (32, 32)


def test_images_in_archives_are_read_in_processes_that_begin_anew(labelled_images, tmp_path):
    archives = [
        training_and_held_out(packed(labelled_images, tmp_path / name))[0]
        for name in ("a.tar", "a.zip")
    ]
    here = [images.picture(3).tobytes() for images in archives]  # both are open when they are sent
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.starmap(LabelledImages.picture, [(images, 3) for images in archives])
    assert [picture.tobytes() for picture in there] == here


def test_links_in_an_archive_are_no_images(tmp_path, labelled_images):
    folder = shutil.copytree(labelled_images / "train", tmp_path / "images")
    (folder / "class 0" / "link.jpg").symlink_to("elsewhere.jpg")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(folder, "images")
    with pytest.raises(WiringError, match="--dereference"):
        training_and_held_out(tmp_path / "a.tar")


def test_an_archive_that_changes_while_it_is_used_is_noticed(labelled_images, tmp_path):
    images, _ = training_and_held_out(packed(labelled_images, tmp_path / "a.tar"))
    packed(labelled_images / "train", tmp_path / "a.tar")
    with pytest.raises(WiringError, match="has changed since it was listed"):
        images.picture(0)


# the saved list


@pytest.fixture
def scanned(monkeypatch):
    """The folders that were listed from here on."""
    found, scandir = [], os.scandir
    monkeypatch.setattr(
        tree.os, "scandir", lambda path: found.append(Path(path).name) or scandir(path)
    )
    return found


def test_a_folder_is_listed_once(copy, scanned):
    first = list_images(copy / "train")
    assert sorted(scanned) == ["class 0", "class 1", "class 2", "train"]
    scanned.clear()
    assert list_images(copy / "train") == first and not scanned


def test_a_class_is_listed_again_when_a_file_is_added_to_it(copy, scanned):
    first = list_images(copy / "train")
    scanned.clear()
    shutil.copy(copy / "train" / first.files[0], copy / "train" / "class 1" / "another.jpg")
    again = list_images(copy / "train")
    assert (
        scanned == ["class 1"]
        and len(again) == len(first) + 1
        and "class 1/another.jpg" in again.files
    )


def test_a_class_that_has_just_changed_is_not_trusted(copy, scanned):
    (copy / "train" / "class 1").touch()
    list_images(copy / "train")
    scanned.clear()
    list_images(copy / "train")
    assert scanned == ["class 1"]


def test_an_archive_is_listed_once(labelled_images, tmp_path, monkeypatch):
    archive = packed(labelled_images, tmp_path / "a.zip")
    first = training_and_held_out(archive)
    with monkeypatch.context() as patch:
        patch.setattr(zipfile, "ZipFile", lambda path: pytest.fail("listed again"))
        assert training_and_held_out(archive) == first
    packed(labelled_images / "train", archive)
    assert training_and_held_out(archive)[1] is None


def test_a_saved_list_that_is_damaged_or_cannot_be_written_is_made_anew(
    copy, monkeypatch, tmp_path
):
    first = list_images(copy / "train")
    place = saved._path(saved.LISTS, first.source.key)
    for damaged in (
        b"",
        place.read_bytes()[:-20],
        place.read_bytes().replace(b"class 1", b"class 3"),
        b"\xff\xff",
    ):
        place.write_bytes(damaged)
        assert list_images(copy / "train") == first
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "file"))
    assert list_images(copy / "train") == first


# wrong input


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda root: shutil.rmtree(root), "There is no folder or archive"),
        (lambda root: shutil.rmtree(root / "train") or (root / "train").mkdir(), "no sub-folders"),
        (lambda root: (root / "train" / "empty class").mkdir(), "train/empty class' has no images"),
        (
            lambda root: (
                (root / "val" / "another class").mkdir()
                or shutil.copy(
                    next((root / "val" / "class 0").iterdir()), root / "val" / "another class"
                )
            ),
            "different class folders",
        ),
    ],
    ids=["missing", "no classes", "empty class", "held-out classes differ"],
)
def test_a_wrong_image_folder_is_named(copy, change, sentence):
    change(copy)
    with pytest.raises(WiringError, match=sentence) as error:
        training_and_held_out(copy)
    assert str(error.value).count("\n") == 0 and str(error.value).endswith(".")


def zip_with(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return bytearray(content.getvalue())


def encrypted():
    content = zip_with("class 0/x.jpg")
    content[content.index(b"PK\1\2") + 8] |= 1
    return content


@pytest.mark.parametrize(
    "content, sentence",
    [
        (zip_with(), "no sub-folders"),
        (zip_with("x.jpg"), "no sub-folders"),
        (zip_with("class 0/x.jpg", "class 1/"), "class 1' has no images"),
        (zip_with("train/a/x.jpg", "val/b/x.jpg"), "different class folders"),
        (encrypted(), "encrypted"),
        (zip_with("class 0/x.jpg")[:-10], "neither a folder nor"),
        (b"", "neither a folder nor"),
        (b"\xff\xd8\xff\xe0 one image", "neither a folder nor"),
        (b"\x1f\x8b no gzip", "neither a folder nor"),
        (b"\xfd7zXZ\0 no xz", "neither a folder nor"),
    ],
    ids=[
        "empty",
        "no classes",
        "empty class",
        "held-out classes differ",
        "encrypted",
        "cut off",
        "nothing",
        "an image",
        "no gzip",
        "no xz",
    ],
)
def test_a_wrong_archive_is_named(tmp_path, content, sentence):
    path = tmp_path / "archive.zip"
    path.write_bytes(content)
    with pytest.raises(WiringError, match=sentence) as error:
        training_and_held_out(path)
    assert "archive.zip" in str(error.value) and str(error.value).count("\n") == 0


def test_a_compressed_archive_that_is_cut_off_leaves_nothing_behind(labelled_images, tmp_path):
    for name in ("cut.tar.xz", "cut.tgz", "cut.tar.bz2"):
        path = packed(labelled_images, tmp_path / name)
        path.write_bytes(path.read_bytes()[:-1000])
        with pytest.raises(WiringError, match="cut.*cannot be read|cut.*neither"):
            training_and_held_out(path)
    assert not [
        *(folders.cache() / "archives").glob("cut*"),
        *(folders.cache() / "archives").glob(".cut*"),
    ]


def test_a_refused_archive_leaves_no_decompressed_copy(tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    with tarfile.open(tmp_path / "none.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "notes.txt", "notes.txt")
    with pytest.raises(WiringError, match="none.tar.gz"):
        training_and_held_out(tmp_path / "none.tar.gz")
    assert not list((folders.cache() / "archives").glob("none*"))


# damaged images


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
    with pytest.raises(WrongUsage, match="skip"):
        damage.without_damaged(images, "skpi")


@pytest.mark.parametrize("name", ["a.tar", "a.zip"])
def test_damaged_images_in_archives_are_found(copy, tmp_path, name):
    victim = list_images(copy / "train").files[7]
    cut(copy / "train", victim, 3000)
    assert damage.find_damaged(training_and_held_out(packed(copy, tmp_path / name))[0]) == (victim,)


def test_an_archive_that_is_cut_off_has_damaged_images_or_no_list(labelled_images, tmp_path):
    content = packed(labelled_images, tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(content[: len(content) // 2])
    with pytest.raises(WiringError, match="a.tar"):
        damage.without_damaged(training_and_held_out(tmp_path / "a.tar")[0])


def test_images_are_looked_at_once(copy, monkeypatch):
    images = list_images(copy / "train")
    victim = copy / "train" / images.files[5]
    content = victim.read_bytes()
    # the same size: the list stays true
    victim.write_bytes(content[:300] + bytes(len(content) - 300))
    time.sleep(0.05)  # files written just before a check are checked again by the next one
    assert damage.find_damaged(images) == (images.files[5],)
    looked_at = []
    check = LabelledImages.check
    monkeypatch.setattr(
        LabelledImages, "check", lambda *one: looked_at.append(one[1]) or check(*one)
    )
    time.sleep(0.05)  # files written since then have another time stamp
    assert damage.find_damaged(images) == (images.files[5],)
    victim.write_bytes(content)  # repaired
    assert damage.find_damaged(images) == () == damage.find_damaged(images)
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
    assert damage.find_damaged(images) == ("class 1/plain.bmp",)


def test_an_image_that_has_changed_is_noticed_and_listed_anew(copy):
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
    assert damage.find_damaged(list_images(copy / "train")) == (images.files[5],)


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
    """A real image, at most 150 pixels wide, encoded anew."""
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
