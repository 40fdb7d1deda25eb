"""Labelled images in one folder per class, and what exactly was shown when: a pure function of (seed, epoch, image)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms

from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.training.recipe import Recipe

IMAGE_ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".tif", ".tiff"}
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CIFAR_10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
HELD_OUT = ("val", "validation", "test")


@dataclass(frozen=True)
class LabelledImages:
    """Image files with their class numbers; the class names are the sorted folder names."""

    root: Path
    classes: tuple[str, ...]
    files: tuple[str, ...]  # relative to root, sorted
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.files)

    def subset(self, count: int | None, seed: int) -> LabelledImages:
        """`count` images drawn uniformly without replacement, without class balance, as the paper's authors did.

        A pure function of (these images, count, seed); the order of the listing is kept. `None` keeps all.
        """
        if count is None or count == len(self):
            return self
        if not 0 < count < len(self):
            raise WrongUsage(f"{count:,} images were asked for, '{self.root}' has {len(self):,}: name another folder, or "
                             f"give --images with at most {len(self)}.")
        chosen = sorted(Stream(seed, "images", "subset").permutation(len(self))[:count].tolist())
        return LabelledImages(self.root, self.classes, tuple(self.files[i] for i in chosen),
                              tuple(self.labels[i] for i in chosen))

    def manifest_sha256(self) -> str:
        """A hash of which files (by name and size) these are, for the training record."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{file} {(self.root / file).stat().st_size}\n".encode())
        return digest.hexdigest()


def list_images(folder: str | Path) -> LabelledImages:
    """List `folder/<class>/<image>`; raises `WiringError` where the layout is another or a class is empty."""
    root = Path(folder)
    if not root.is_dir():
        raise WiringError(f"There is no folder '{root}': --data takes a folder with one sub-folder of images per class.")
    classes = tuple(sorted(entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(".")))
    if not classes:
        raise WiringError(f"'{root}' has no sub-folders: --data takes a folder with one sub-folder of images per class.")
    files, labels = [], []
    for label, name in enumerate(classes):
        found = sorted(f"{name}/{entry.name}" for entry in (root / name).iterdir()
                       if entry.suffix.lower() in IMAGE_ENDINGS and not entry.name.startswith("."))
        if not found:
            raise WiringError(f"The class folder '{root / name}' has no images: fill it or take it away.")
        files += found
        labels += [label] * len(found)
    return LabelledImages(root, classes, tuple(files), tuple(labels))


def training_and_held_out(folder: str | Path) -> tuple[LabelledImages, LabelledImages | None]:
    """The training images (`folder/train` or `folder` itself) and the held-out ones (`val`, `validation` or `test`)."""
    root = Path(folder)
    if not (root / "train").is_dir():
        return list_images(root), None
    training = list_images(root / "train")
    for name in HELD_OUT:
        if (root / name).is_dir():
            held_out = list_images(root / name)
            if held_out.classes != training.classes:
                odd = sorted(set(held_out.classes) ^ set(training.classes))[0]
                raise WiringError(f"'{held_out.root}' and '{training.root}' have different class folders: '{odd}' is in "
                                  "one of them only.")
            return training, held_out
    return training, None


def diet_name(images: LabelledImages) -> str:
    """What a data set may be called in a record: a known one by its classes and size, else its folder's name.

    Only the whole training set counts as ImageNet-1k (1,281,167 images of 1,000 WordNet classes); a subset of it that
    `subset` draws keeps the name, a smaller folder does not get it.
    """
    wordnet = all(re.fullmatch(r"n\d{8}", name) for name in images.classes)
    if wordnet and len(images.classes) == 1000 and len(images) >= 1_270_000:
        return "ImageNet-1k"
    if images.classes == CIFAR_10 and len(images) == 50_000:
        return "CIFAR-10"
    root = images.root.resolve()
    return root.parent.name if root.name == "train" else root.name


def read_image(path: Path) -> Image.Image:
    """An RGB image; raises `WiringError` naming the file where it is damaged."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise WiringError(f"The image '{path}' cannot be read ({error}): replace it or take it away.") from None


class TrainingView(Dataset):
    """Random crop and flip of each image; what image i looks like depends on (seed, epoch, i) alone."""

    def __init__(self, images: LabelledImages, recipe: Recipe, seed: int, epoch: int):
        self.images, self.seed, self.epoch = images, seed, epoch
        self.transform = transforms.Compose([
            transforms.RandomResizedCrop(recipe.image_size, scale=recipe.crop_scale),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = read_image(self.images.root / self.images.files[index])
        digest = hashlib.sha256(f"{self.seed} {self.epoch} {index}".encode()).digest()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int.from_bytes(digest[:8], "little"))
            return self.transform(image), self.images.labels[index]


class PlainView(Dataset):
    """Each image resized so that its centre crop keeps 224 / 256 of the short side, as in ImageNet validation."""

    def __init__(self, images: LabelledImages, image_size: int, indices: Sequence[int] | None = None):
        self.images = images
        self.indices = range(len(images)) if indices is None else indices
        self.transform = transforms.Compose([
            transforms.Resize(round(image_size * 256 / 224)),
            transforms.CenterCrop(image_size),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)])

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, position: int) -> tuple[torch.Tensor, int]:
        index = self.indices[position]
        return self.transform(read_image(self.images.root / self.images.files[index])), self.images.labels[index]
