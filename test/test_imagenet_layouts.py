"""ImageNet and its kind are read as people have them, and what is not taken is counted."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.data.listing import training_and_held_out

CLASSES = ("n01440764", "n01443537", "n01484850")
DEVKIT = "ILSVRC2012_devkit_t12"


def encoded(number: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 2 * number, 90)).save(content, "PNG")
    return content.getvalue()


#: Training images by class and name, and held-out ones with their classes.
TRAINING = {
    name: {f"{name}_{number}.JPEG": encoded(10 * label + number) for number in range(2)}
    for label, name in enumerate(CLASSES)
}
HELD = {f"ILSVRC2012_val_{number:08d}.JPEG": encoded(100 + number) for number in (1, 2, 3)}
HELD_CLASSES = dict(zip(HELD, (CLASSES[2], CLASSES[0], CLASSES[1])))
ALL = {
    f"train/{name}/{image}": content
    for name, images in TRAINING.items()
    for image, content in images.items()
}


def write(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def tar_of(files: dict[str, bytes], mode: str = "w") -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def flat(folder: str = "val") -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in HELD.items()}


def solution() -> bytes:
    rows = [f"{name[:-5]},{label} 1 2 3 4 \n" for name, label in reversed(HELD_CLASSES.items())]
    return ("ImageId,PredictionString\n" + "".join(rows)).encode()


def devkit() -> dict[str, bytes]:
    content = io.BytesIO()
    kinds = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O")]
    order = [CLASSES[1], CLASSES[2], CLASSES[0]]
    rows = [(number, name, "x") for number, name in enumerate(order, start=1)]
    savemat(content, {"synsets": np.array(rows, dtype=kinds)})
    truth = "".join(f"{order.index(label) + 1}\n" for label in HELD_CLASSES.values())
    return {
        f"{DEVKIT}/data/meta.mat": content.getvalue(),
        f"{DEVKIT}/data/ILSVRC2012_validation_ground_truth.txt": truth.encode(),
    }


def in_kaggle(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"ILSVRC/Data/CLS-LOC/{name}": content for name, content in files.items()} | {
        "ILSVRC/Annotations/CLS-LOC/train/n01440764/x.xml": b"<a/>",
        "LOC_val_solution.csv": solution(),
        "LOC_train_solution.csv": b"",
    }


def class_tars() -> dict[str, bytes]:
    return {f"{name}.tar": tar_of(images) for name, images in TRAINING.items()}


def shards(start: str, images: list[tuple[bytes, str]]) -> dict[str, bytes]:
    halves = (images[::2], images[1::2])
    return {
        f"{start}-{shard:06d}.tar": tar_of(
            {
                f"{number:04d}.{kind}": data
                for number, (content, label) in enumerate(half)
                for kind, data in (("jpg", content), ("cls", label.encode()), ("json", b"{}"))
            }
        )
        for shard, half in enumerate(halves)
    }


def in_shards() -> dict[str, bytes]:
    labelled = [(content, name) for name in CLASSES for content in TRAINING[name].values()]
    return shards("imagenet-train", labelled) | shards(
        "imagenet-validation", [(HELD[name], label) for name, label in HELD_CLASSES.items()]
    )


def kaggle_zip(separator: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in in_kaggle(ALL | flat()).items():
            archive.writestr(name.replace("/", separator), data)
    return content.getvalue()


FORMS = {
    "class folders and flat val beside Kaggle's list": (
        "",
        ALL | flat() | {"LOC_val_solution.csv": solution()},
    ),
    "Kaggle's root": ("", in_kaggle(ALL | flat())),
    "inside Kaggle's root": ("ILSVRC", in_kaggle(ALL | flat())),
    "deep inside Kaggle's root": ("ILSVRC/Data/CLS-LOC", in_kaggle(ALL | flat())),
    "one level off": (
        "",
        {f"imagenet/{name}": data for name, data in (ALL | flat("val")).items()}
        | {"imagenet/LOC_val_solution.csv": solution()},
    ),
    "flat val with the devkit": ("", ALL | flat() | devkit()),
    "flat val with classes in names": (
        "",
        ALL | {f"val/{name[:-5]}_{HELD_CLASSES[name]}.JPEG": data for name, data in HELD.items()},
    ),
    "valid": (
        "",
        ALL | {f"valid/{HELD_CLASSES[name]}/{name}": data for name, data in HELD.items()},
    ),
    "images in a folder of each class": (
        "",
        {
            f"train/{name}/images/{image}": data
            for name in CLASSES
            for image, data in TRAINING[name].items()
        }
        | flat("val/images")
        | {
            "val/val_annotations.txt": "".join(
                f"{name}\t{label}\t0\n" for name, label in HELD_CLASSES.items()
            ).encode()
        },
    ),
    "ImageNet's own archives": (
        "",
        {
            "ILSVRC2012_img_train.tar": tar_of(class_tars()),
            "ILSVRC2012_img_val.tar": tar_of(HELD),
            f"{DEVKIT}.tar.gz": tar_of(devkit(), "w:gz"),
        },
    ),
    "a tar of tars": (
        "all.tar",
        {
            "all.tar": tar_of(
                {"train.tar": tar_of(class_tars())} | flat() | {"LOC_val_solution.csv": solution()}
            )
        },
    ),
    "webdataset shards": ("", in_shards()),
    "Kaggle's zip": ("k.zip", {"k.zip": kaggle_zip("/")}),
    "a zip with backslashes": ("k.zip", {"k.zip": kaggle_zip("\\")}),
}


def contents(images) -> dict[str, list[bytes]]:
    """Class -> what its images hold."""
    found: dict[str, list[bytes]] = {name: [] for name in images.classes}
    for file, label, size in zip(images.files, images.labels, images.sizes):
        found[images.classes[label]].append(images.source.read(file, size))
    return {name: sorted(images) for name, images in found.items()}


@pytest.mark.parametrize("form", FORMS)
def test_imagenet_is_read_as_people_have_it(tmp_path, form):
    place, files = FORMS[form]
    root = write(tmp_path / "data", files) / place
    for _ in range(2):  # from the files, and from the saved list
        training, held_out = training_and_held_out(root)
        assert contents(training) == {
            name: sorted(images.values()) for name, images in TRAINING.items()
        }
        assert contents(held_out) == {label: [HELD[name]] for name, label in HELD_CLASSES.items()}
        assert training.picture(0).size == (8, 8)


@pytest.mark.parametrize(
    "place, files",
    [
        ("ILSVRC2012_img_train.tar", {"ILSVRC2012_img_train.tar": tar_of(class_tars())}),
        ("", class_tars()),
        (
            "imagenet-train-000000.tar",
            {
                "imagenet-train-000000.tar": tar_of(
                    {
                        f"{number}.{kind}": data
                        for number, name in enumerate(CLASSES)
                        for kind, data in (("jpg", encoded(number)), ("cls", str(number).encode()))
                    }
                )
            },
        ),
    ],
    ids=["tar of class tars", "folder of class tars", "one shard"],
)
def test_training_images_alone(tmp_path, place, files):
    training, held_out = training_and_held_out(write(tmp_path / "data", files) / place)
    assert held_out is None and len(training.classes) == 3
    assert training.picture(len(training) - 1).size == (8, 8)


def test_shards_may_lie_unpacked_in_a_folder(tmp_path):
    files = {
        f"{number:04d}.{kind}": data
        for number, name in enumerate(CLASSES)
        for kind, data in (("jpg", encoded(number)), ("cls", name.encode()))
    }
    for root in ("", "train/"):
        place = write(
            tmp_path / f"data {root[:-1]}", {root + name: one for name, one in files.items()}
        )
        training, _ = training_and_held_out(place)
        assert contents(training) == {name: [encoded(n)] for n, name in enumerate(CLASSES)}


def test_many_archives_are_not_all_kept_open(tmp_path):
    files = {f"c{number:03d}.tar": tar_of({"x.png": encoded(number)}) for number in range(70)}
    training, _ = training_and_held_out(write(tmp_path / "data", files))
    before = len(os.listdir("/proc/self/fd"))
    assert len({training.picture(index).getpixel((0, 0)) for index in range(70)}) == 70
    assert len(os.listdir("/proc/self/fd")) <= before + 1


# what is left aside


def test_what_is_not_taken_is_named_and_counted(tmp_path):
    said: list[str] = []
    files = ALL | {
        "train/n01440764/a.svg": b"x",
        "train/n01440764/b.svg": b"x",
        "train/n01440764/notes": b"x",
        "train/n01440764/old/c.png": b"x",
        "train/stray.png": b"x",
        "extra/n01440764/x.png": b"x",
        "train/@eaDir/x": b"x",
        "train/lost+found/x": b"x",
        "train/n01440764/Thumbs.db": b"x",
        "train/n01440764/@eaDir/x.jpg": b"x",
        "__MACOSX/x": b"x",
    }
    training, held_out = training_and_held_out(write(tmp_path / "data", files), said.append)
    assert len(training) == 6 and held_out is None
    assert training.left_aside == {
        ".svg": 2,
        "files without an ending": 1,
        "folders in class folders": 1,
        ".png beside the class folders": 1,
        "extra/": 1,
    }
    assert "left aside in" in said[-1] and "2 .svg" in said[-1] and "1 extra/" in said[-1]


def test_held_out_images_of_unknown_classes_are_left_aside_with_a_word(tmp_path):
    said: list[str] = []
    training, held_out = training_and_held_out(write(tmp_path / "d", ALL | flat()), said.append)
    assert held_out is None and len(training) == 6
    assert "val/ (no list says of which class its images are)" in said[-1]


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"LOC_val_solution.csv": b"a,b\n1,2\n"}, "is not Kaggle's list of classes"),
        ({"LOC_val_solution.csv": solution()[:60]}, "has no class for the image"),
        (
            devkit() | {f"{DEVKIT}/data/ILSVRC2012_validation_ground_truth.txt": b"1\n"},
            "1 classes for 3 images",
        ),
    ],
)
def test_a_list_that_does_not_fit_is_named(tmp_path, change, sentence):
    with pytest.raises(WiringError, match=sentence):
        training_and_held_out(write(tmp_path / "data", ALL | flat() | change))


def test_a_link_to_nothing_is_a_damaged_image_or_stops_as_a_class(tmp_path):
    root = write(tmp_path / "data", ALL)
    (root / "train" / CLASSES[0] / "zz.JPEG").symlink_to("/nonexistent.JPEG")
    training, _ = training_and_held_out(root)
    assert dict(zip(training.files, training.sizes))[f"{CLASSES[0]}/zz.JPEG"] == 0
    (root / "train" / "n09999999").symlink_to("/nonexistent")
    with pytest.raises(WiringError, match="n09999999' is a link to nothing"):
        training_and_held_out(root)


def test_a_listed_file_that_is_gone_makes_the_list_again(tmp_path):
    root = write(tmp_path / "data", ALL)
    for place in (root, *root.rglob("*")):
        os.utime(place, (1e9, 1e9))
    training, _ = training_and_held_out(root)
    victim = root / "train" / training.files[0]
    victim.unlink()
    os.utime(victim.parent, (1e9, 1e9))  # as on storage whose folders have no time stamps
    assert training_and_held_out(root)[0] == training
    with pytest.raises(WiringError, match="it is missing"):
        training.picture(0)
    assert len(training_and_held_out(root)[0]) == 5


# parquet


def test_parquet_files_are_unpacked_once(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", exc_type=ImportError)
    parquet = pytest.importorskip("pyarrow.parquet")
    features = {"image": {"_type": "Image"}, "label": {"names": ["tench", "a/b"]}}
    root = tmp_path / "hub"
    (root / "data").mkdir(parents=True)
    for split, numbers in (("train", (1, 2, 3, 4)), ("validation", (5, 6))):
        table = pyarrow.table(
            {
                "image": [{"bytes": encoded(number), "path": None} for number in numbers],
                "label": [number % 2 for number in numbers],
            }
        ).replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        parquet.write_table(table, root / "data" / f"{split}-00000-of-00001.parquet")
    said: list[str] = []
    training, held_out = training_and_held_out(root, said.append)
    assert training.classes == ("0000 tench", "0001 a_b") and training.name == "hub"
    assert contents(training)["0000 tench"] == sorted([encoded(2), encoded(4)])
    assert contents(held_out)["0001 a_b"] == [encoded(5)]
    assert any(sentence.startswith("unpacking 2 parquet files") for sentence in said)
    said.clear()
    training_and_held_out(root, said.append)
    assert not any(sentence.startswith("unpacking") for sentence in said)


def test_without_pyarrow_the_command_that_installs_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(WiringError, match=r"pip install '.\[parquet\]'"):
        training_and_held_out(write(tmp_path / "data", {"train-0.parquet": b"PAR1"}))
