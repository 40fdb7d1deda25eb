"""Lists of images: the same from a folder or an archive, made once, checked."""

from __future__ import annotations

import io
import multiprocessing
import os
import shutil
import tarfile
import time
import zipfile

import pytest
from conftest import shared
from image_folders import copy, list_images, packed, pictures, settled  # noqa: F401 `copy` is a fixture

from brainscore_wiring import folders, saved
from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.data import tree
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.training.data.listing import training_and_held_out


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


def test_a_compressed_archive_is_decompressed_once_and_again_when_it_changes(
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


def test_images_in_archives_are_read_in_spawned_processes(labelled_images, tmp_path):
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
    found, listed = [], tree._listed
    monkeypatch.setattr(tree, "_listed", lambda path: found.append(path.name) or listed(path))
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


def test_a_saved_list_that_is_damaged_or_cannot_be_written_is_made_again(
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
