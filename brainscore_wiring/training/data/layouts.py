"""Which images of a tree are of which class: ImageNet and its kind as people have them.

Training images lie in class folders (`train/CLASS/x.jpg`, `CLASS/x.jpg`, `CLASS/images/x.jpg`), in
a .tar for each class, or in shards that pair each image with its class (`0001.jpg`, `0001.cls`).
Held-out images lie likewise, or all in one folder with their classes in a list, in the devkit of
ImageNet or in their names. Leading folders that hold nothing else are passed through.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.data.archives import LAYOUT
from brainscore_wiring.training.data.tree import FolderNode, Node, TreeEntry, is_image

TRAIN = ("train", "ILSVRC2012_img_train")
HELD_OUT = ("val", "valid", "validation", "test", "ILSVRC2012_img_val")
#: Where Kaggle's copy of ImageNet has its images.
_KAGGLE = ("ILSVRC", "Data", "CLS-LOC")
#: The folder of a class, or of held-out images, that has the images themselves.
_INNER = "images"
#: Lists of the classes of held-out images: Tiny ImageNet's, Kaggle's, and those of the devkit.
_TINY, _SOLUTION = "val_annotations.txt", "LOC_val_solution.csv"
_DEVKIT, _TRUTH, _META = (
    "ILSVRC2012_devkit_t12",
    "ILSVRC2012_validation_ground_truth.txt",
    "meta.mat",
)
_WORDNET_IN_NAME = re.compile(r"_(n\d{8})\.\w+$")


@dataclass
class Split:
    """A set of images: the path of its folder in the tree, class -> image -> entry.

    `flat`: the images lie in that folder itself; `left_aside`: what is not taken, counted by kind.
    """

    path: tuple[str, ...]
    classes: dict[str, dict[str, TreeEntry]] = field(default_factory=dict)
    flat: bool = False
    left_aside: Counter[str] = field(default_factory=Counter)


def splits(root: Node, name: str) -> tuple[Split, Split | None]:
    """The training images and the held-out ones, None without; `name` is what errors call `root`.

    Raises `WiringError` for another layout.
    """
    node, path, passed = _unwrapped(root)
    children = _children(node)
    train = next((one for one in TRAIN if one in children), None)
    if train is None:
        shards = _shards(node)
        if shards:
            return _split_shards(shards)
        return class_folders(node, path, name), None
    training = class_folders(children[train], (*path, train), name)
    held_out = None
    beside = [one for one in children if one != train]
    beside = [one for one in HELD_OUT if one in beside] + sorted(set(beside) - {*HELD_OUT})
    if beside and beside[0] in HELD_OUT:
        first = beside.pop(0)
        found = _held_out(children[first], (*path, first), passed, name)
        held_out = found if found.classes else None
        if held_out is None:
            training.left_aside[f"{first}/ (no list says of which class its images are)"] += 1
    for one in beside:
        if one != _DEVKIT:
            training.left_aside[f"{one}/"] += 1
    return training, held_out


def class_folders(node: Node, path: tuple[str, ...], name: str) -> Split:
    """The images in the class folders of a folder, or in its class archives."""
    place = "/".join((name, *path))
    _refuse_dangling(node, place)
    shards = _shards(node)
    if shards:
        return _of_shards(shards, path)
    split = Split(path)
    children = _children(node)
    if not children:
        raise WiringError(f"'{place}' has no sub-folders: {LAYOUT}.")
    for image in filter(is_image, node.files):
        split.left_aside[f"{_ending(image)} beside the class folders"] += 1
    for label, child in children.items():
        split.classes[label] = images = _images_of(child)
        _count_rest(child, images, split.left_aside)
        if not images:
            found = ", ".join(f"{count} {kind}" for kind, count in split.left_aside.items())
            raise WiringError(
                f"The class folder '{place}/{label}' has no images"
                f"{f' (left aside so far: {found})' if found else ''}: fill it, or name the folder "
                "of the classes with --data."
            )
    return split


def _images_of(child: Node) -> dict[str, TreeEntry]:
    """The images in a class folder, or in its folder `images` where that has them all."""
    images = {name: entry for name, entry in child.files.items() if is_image(name)}
    if not images and _INNER in child.folders:
        inner = child.folders[_INNER].files
        images = {f"{_INNER}/{name}": entry for name, entry in inner.items() if is_image(name)}
    return images


def _count_rest(child: Node, images: Mapping[str, TreeEntry], left_aside: Counter[str]) -> None:
    for name in child.files:
        if not is_image(name):
            left_aside[_ending(name)] += 1
    inner = {_INNER} if next(iter(images), "").startswith(f"{_INNER}/") else set()
    for kind, names in (
        ("folders in class folders", set(child.folders) - inner),
        ("links to nothing", child.dangling),
    ):
        if names:
            left_aside[kind] += len(names)


def _ending(name: str) -> str:
    return f".{name.rpartition('.')[2].lower()[:12]}" if "." in name else "files without an ending"


def _children(node: Node) -> Mapping[str, Node]:
    """The folders in a folder; the .tar files where it has none, or ImageNet's own ones."""
    if node.folders and not any(f"{name}.tar" in node.files for name in (TRAIN[1], HELD_OUT[-1])):
        return node.folders
    return {**{name: node.tars[name] for name in node.tars if name != _DEVKIT}, **node.folders}


def _refuse_dangling(node: Node, place: str) -> None:
    """A class that is a link to nothing would give every later class another number."""
    if node.dangling:
        raise WiringError(
            f"'{place}/{node.dangling[0]}' is a link to nothing: mend it or take it away."
        )


def _unwrapped(root: Node) -> tuple[Node, tuple[str, ...], list[Node]]:
    """The folder with the images below leading folders, its path, and all folders on the way."""
    node, passed = root, [root]
    path: tuple[str, ...] = ()
    for start in range(len(_KAGGLE)):
        found: Node | None = root
        for name in _KAGGLE[start:]:
            found = found.folders.get(name) if found is not None else None
        if found is not None:
            return found, _KAGGLE[start:], [root, found]
    while len(node.folders) == 1 and not any(map(is_image, node.files)):
        (name, child), *_ = node.folders.items()
        deeper = child.folders and not any(map(is_image, child.files))
        if name in TRAIN or not deeper or set(child.folders) == {_INNER}:
            break
        node, path = child, (*path, name)
        passed.append(node)
    return node, path, passed


# held-out images in one folder


def _held_out(node: Node, path: tuple[str, ...], passed: list[Node], name: str) -> Split:
    """The held-out images, without classes where nothing says which they are."""
    flat, inner = node, path
    if _TINY in node.files and _INNER in node.folders:
        flat, inner = node.folders[_INNER], (*path, _INNER)
    images = {name: entry for name, entry in flat.files.items() if is_image(name)}
    if not images:
        return class_folders(node, path, name)
    split = Split(inner, flat=True)
    known = _labels(node, passed, images)
    if known is None:
        return split
    classes, place = known
    for image, entry in images.items():
        label = classes.get(image, classes.get(image.partition(".")[0]))
        if label is None:
            raise WiringError(f"'{place}' has no class for the image '{image}': fetch it again.")
        split.classes.setdefault(label, {})[image] = entry
    _count_rest(flat, images, split.left_aside)
    return split


def _labels(
    node: Node, passed: list[Node], images: Mapping[str, TreeEntry]
) -> tuple[dict[str, str], str] | None:
    """Image (with or without its ending) -> class, and which list says so; None without one."""
    if _TINY in node.files:
        return _tab_separated(node.read(_TINY)), _TINY
    named = {name: _WORDNET_IN_NAME.search(name) for name in images}
    if all(named.values()):
        return {name: match[1] for name, match in named.items() if match}, "the names"
    for place in [*passed, node]:
        if _SOLUTION in place.files:
            return _solution(place.read(_SOLUTION)), _SOLUTION
        devkit = place.folders.get(_DEVKIT) or place.tars.get(_DEVKIT)
        for one in _and_below(devkit or place, 2 if devkit else 0):
            if {_TRUTH, _META} <= set(one.files):
                return _devkit(one.read(_TRUTH), one.read(_META), sorted(images)), _TRUTH
    first = passed[0]
    if isinstance(first, FolderNode):  # Kaggle's list lies above the folder that was named
        for parent in list(first.path.resolve().parents)[:3]:
            if (parent / _SOLUTION).is_file():
                return _solution((parent / _SOLUTION).read_bytes()), _SOLUTION
    return None


def _and_below(node: Node, depth: int) -> Iterator[Node]:
    yield node
    if depth:
        for child in node.folders.values():
            yield from _and_below(child, depth - 1)


def _tab_separated(content: bytes) -> dict[str, str]:
    try:
        lines = [line.split("\t") for line in content.decode().splitlines() if line.strip()]
        return {name: label for name, label, *_ in lines}
    except ValueError:
        raise WiringError(
            f"'{_TINY}' is no list of image names and classes separated by tabs: fetch it again."
        ) from None


def _solution(content: bytes) -> dict[str, str]:
    """Kaggle's list: an image's name and, for each object in it, its class and box."""
    try:
        rows = csv.DictReader(io.StringIO(content.decode()))
        return {row["ImageId"]: row["PredictionString"].split()[0] for row in rows}
    except (ValueError, KeyError, IndexError, AttributeError):
        raise WiringError(
            f"'{_SOLUTION}' is not Kaggle's list of classes: fetch it again."
        ) from None


def _devkit(truth: bytes, meta: bytes, images: list[str]) -> dict[str, str]:
    """The devkit's classes, one number a line in the order of the images' names."""
    from scipy.io import loadmat

    try:
        synsets = loadmat(io.BytesIO(meta), squeeze_me=True)["synsets"]
        wordnet = {int(one["ILSVRC2012_ID"]): str(one["WNID"]) for one in synsets}
        numbers = [int(line) for line in truth.split()]
        if len(numbers) != len(images):
            raise ValueError(f"{len(numbers):,} classes for {len(images):,} images")
        return {name: wordnet[number] for name, number in zip(images, numbers)}
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise WiringError(
            f"'{_TRUTH}' does not fit the images ({error}): fetch it again."
        ) from None


# shards


def _shards(node: Node) -> dict[str, Node]:
    """The folders or archives in which each image has its class beside it, by name."""
    if any(name.endswith(".cls") for name in node.files):
        return {"": node}
    if node.folders:
        return {}
    tars = node.tars
    first = next(iter(tars.values()), None)
    return dict(tars) if first and any(name.endswith(".cls") for name in first.files) else {}


def _split_shards(shards: Mapping[str, Node]) -> tuple[Split, Split | None]:
    """Shards whose names have `val` or `test` in them are held out."""
    held = {one: node for one, node in shards.items() if re.search(r"val|test", one)}
    training = {one: node for one, node in shards.items() if one not in held} or held
    found = _of_shards(training, ())
    return found, _of_shards(held, ()) if held and training is not held else None


def _of_shards(shards: Mapping[str, Node], path: tuple[str, ...]) -> Split:
    split = Split(path, flat=all(isinstance(node, FolderNode) for node in shards.values()))
    for shard, node in shards.items():
        for name, entry in node.files.items():
            if not is_image(name):
                if not name.endswith(".cls"):
                    split.left_aside[_ending(name)] += 1
                continue
            key = f"{name.partition('.')[0]}.cls"
            if key not in node.files:
                split.left_aside["images without a .cls"] += 1
                continue
            label = node.read(key).decode(errors="replace").strip()
            label = f"{int(label):04d}" if label.isdecimal() else label.replace("/", "_")
            split.classes.setdefault(label, {})[f"{shard}/{name}".lstrip("/")] = entry
    return split
