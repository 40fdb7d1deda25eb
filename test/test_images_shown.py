"""Which images are drawn, what each looks like when, and that the number of processes that read
them changes nothing.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from image_folders import copy, list_images, packed  # noqa: F401 `copy` is a fixture
from PIL import Image
from torchvision import transforms

from brainscore_wiring.architectures.region_map import IMAGENET_MEAN, IMAGENET_STD
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.training.data.batches import batches, chunks
from brainscore_wiring.training.data.images import LabelledImages, data_name
from brainscore_wiring.training.data.listing import training_and_held_out
from brainscore_wiring.training.data.sources import DamagedImage, Folder

QUICK = Recipe(image_size=32, batch_size=10)


def test_a_subset_is_a_pure_function_of_data_count_and_seed(labelled_images):
    images = list_images(labelled_images / "train")
    assert images.subset(10, 0) == images.subset(10, 0)
    assert images.subset(10, 0).files != images.subset(10, 1).files
    assert set(images.subset(10, 0).files) <= set(images.files)
    assert images.subset(None, 0) is images.subset(24, 0) is images
    assert images.subset(10, 0).files == tuple(
        images.files[i] for i in sorted(Stream(0, "images", "subset").permutation(24)[:10].tolist())
    )
    with pytest.raises(WrongUsage, match="25 images were asked for"):
        images.subset(25, 0)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=60).map(sorted), st.data())
def test_a_balanced_subset_has_as_equal_numbers_as_there_can_be(labels, data):
    files = tuple(f"{label}/{number}" for number, label in enumerate(labels))
    images = LabelledImages(
        Folder(Path("x")), tuple("abcdef"), files, tuple(labels), tuple(range(len(files)))
    )
    count, seed = data.draw(st.integers(1, len(labels) - 1)), data.draw(st.integers(0, 3))
    drawn = images.subset(count, seed, balanced=True)
    assert (
        drawn == images.subset(count, seed, balanced=True)
        and len(drawn) == len(set(drawn.files)) == count
    )
    assert [files.index(file) for file in drawn.files] == list(drawn.sizes) == sorted(drawn.sizes)
    assert all(images.labels[size] == label for size, label in zip(drawn.sizes, drawn.labels))
    there, taken = Counter(labels), Counter(drawn.labels)
    most = max(taken.values())
    assert all(taken[label] >= min(most - 1, there[label]) for label in there)


def test_the_manifest_is_of_names_and_sizes(labelled_images):
    images = list_images(labelled_images / "train")
    expected = "".join(
        f"{file} {(labelled_images / 'train' / file).stat().st_size}\n" for file in images.files
    )
    assert images.manifest_sha256() == hashlib.sha256(expected.encode()).hexdigest()
    assert images.subset(5, 0).manifest_sha256() != images.manifest_sha256()


def test_only_the_whole_training_set_is_called_imagenet():
    def named(count, classes=1000):
        wordnet = tuple(f"n{number:08d}" for number in range(classes))
        source = Folder(Path("some/folder"))
        return data_name(
            LabelledImages(source, wordnet, ("x",) * count, (0,) * count, (1,) * count)
        )

    assert named(1_281_167) == "ImageNet-1k" and named(1000) == "folder"
    assert named(100_000, 200) == "Tiny ImageNet"
    assert named(100_000) == named(99_999, 200) == named(1_281_167, 200) == "folder"


# what is shown


def test_what_an_image_looks_like_depends_on_seed_epoch_and_image_alone(labelled_images):
    images = list_images(labelled_images / "train")
    view = images.training_view(QUICK, seed=0, epoch=0)
    torch.manual_seed(1)
    first = view[5][0]
    state = torch.get_rng_state()
    view[6]
    assert torch.equal(view[5][0], first) and torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(images.training_view(QUICK, seed=0, epoch=1)[5][0], first)


@pytest.mark.parametrize("size", [(300, 200), (201, 300), (256, 256), (64, 91)])
def test_the_plain_view_has_the_bits_of_torchvision(tmp_path, size):
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    (tmp_path / "class").mkdir()
    image.save(tmp_path / "class" / "0.png")
    expected = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )
    assert torch.equal(list_images(tmp_path).plain_view(224)[0][0], expected(image))


def test_the_plain_view_shows_the_centre_of_the_images_asked_for(labelled_images):
    images = list_images(labelled_images / "train")
    view, some = images.plain_view(32), images.plain_view(32, [7, 2])
    assert (
        len(view) == 24
        and len(some) == 2
        and view[7][0].shape == (3, 32, 32)
        and some[1][1] == images.labels[2]
    )
    assert torch.equal(some[0][0], view[7][0])


@pytest.mark.parametrize("name", ["", "a.tar", "a.zip"])
def test_batches_are_the_same_with_any_number_of_workers(labelled_images, tmp_path, name):
    images, _ = training_and_held_out(
        packed(labelled_images, tmp_path / name) if name else labelled_images
    )
    view, order = (
        images.training_view(QUICK, 0, 0),
        Stream(0, "images", "order").permutation(24).tolist(),
    )
    state = torch.get_rng_state()
    here, there = (list(batches(view, chunks(order, 10), workers)) for workers in (0, 2))
    assert [len(labels) for _, labels in here] == [10, 10, 4]
    assert torch.cat([labels for _, labels in here]).tolist() == [
        images.labels[index] for index in order
    ]
    for (one, labels), (other, their_labels) in zip(here, there, strict=True):
        assert torch.equal(one, other) and torch.equal(labels, their_labels)
    assert torch.equal(next(batches(view, chunks(order, 10)))[0], here[0][0])
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_in_a_worker_is_one_sentence(copy, workers):
    images = list_images(copy / "train")
    (copy / "train" / images.files[7]).write_bytes(bytes(images.sizes[7]))
    before = multiprocessing.active_children()
    sentence = f"^The image '.*{images.files[7]}' cannot be read .this is no image."
    with pytest.raises(DamagedImage, match=sentence) as error:
        list(batches(images.plain_view(32), 5, workers))
    assert "\n" not in str(error.value)
    assert set(multiprocessing.active_children()) <= set(before)  # the workers have ended


class Deadly(torch.utils.data.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        os._exit(9)


def test_a_worker_that_is_killed_is_one_sentence():
    before = multiprocessing.active_children()
    with pytest.raises(WiringError, match="fewer --workers") as _error:
        list(batches(Deadly(), 2, workers=2))
    assert set(multiprocessing.active_children()) <= set(before)


class Interrupting(Deadly):
    def __getitem__(self, index):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGUSR1)
        return index, index


def test_signals_to_the_whole_group_do_not_end_the_workers():
    assert [labels.tolist() for _, labels in batches(Interrupting(), 2, workers=2)] == [
        [0, 1],
        [2, 3],
    ]


def test_a_view_may_make_its_batches_itself():
    class Procedural:
        def __len__(self):
            return 5

        def batch(self, indices, device):
            return torch.tensor(indices) * 10, torch.tensor(indices)

    assert [labels.tolist() for _, labels in batches(Procedural(), 2, workers=4)] == [
        [0, 1],
        [2, 3],
        [4],
    ]


def test_listing_needs_no_torch(labelled_images):
    code = (
        "import sys; from brainscore_wiring.training.data.listing import training_and_held_out; "
        f"training_and_held_out({str(labelled_images)!r}); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
