"""Images kept in memory: the same crops as from files, the same batches on every call, and when
they are not kept.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from image_folders import list_images
from PIL import Image
from torchvision.transforms import RandomResizedCrop

from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.data import memory
from brainscore_wiring.training.data.crops import random_crops, uniform
from brainscore_wiring.training.data.memory import KeptImages, in_memory

STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def pictures(folder, sizes):
    """A folder of smooth random pictures, three classes, with (width, height) `sizes`."""
    generator = np.random.default_rng(0)
    for number, size in enumerate(sizes):
        place = folder / f"class {number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(generator.integers(0, 256, (9, 9, 3), dtype=np.uint8))
        coarse.resize(size, Image.Resampling.BICUBIC).save(place / f"{number}.png")
    return list_images(folder)


@pytest.mark.parametrize("size", [(40, 40), (48, 30)])
@pytest.mark.parametrize("shown", [24, 40, 90])
def test_kept_images_look_like_those_read_from_files_to_a_grey_level(tmp_path, size, shown):
    images = pictures(tmp_path, [size] * 12)
    kept = in_memory(images)
    assert isinstance(kept, KeptImages) and len(kept) == 12
    recipe, order = Recipe(image_size=shown), [7, 3, 11, 0]
    for files, memory_view in (
        (images.training_view(recipe, 5, 2), kept.training_view(recipe, 5, 2)),
        (images.plain_view(shown), kept.plain_view(shown)),
    ):
        batch, labels = memory_view.batch(order)
        expected = torch.stack([files[index][0] for index in order])
        assert batch.shape == (4, 3, shown, shown) and batch.dtype == torch.float32
        assert ((batch - expected) * STD * 255).abs().max() < 1.01
        assert labels.tolist() == [files[index][1] for index in order]
    some = kept.plain_view(shown, [7, 2])
    assert (
        torch.allclose(some.batch([1])[0], kept.plain_view(shown).batch([2])[0]) and len(some) == 2
    )


def test_what_is_kept_says_which_images_it_holds(tmp_path):
    images = pictures(tmp_path, [(32, 32)] * 6)
    kept = in_memory(images)
    assert kept.manifest_sha256() == images.manifest_sha256() and kept.labels == images.labels
    assert kept.classes == images.classes and kept.name == images.name
    some = kept.subset(4, seed=1)
    assert isinstance(some, KeptImages)
    assert some.manifest_sha256() == images.subset(4, seed=1).manifest_sha256()


def test_images_of_several_sizes_or_too_many_are_read_from_files(tmp_path, monkeypatch):
    mixed = pictures(tmp_path / "mixed", [(32, 32)] * 5 + [(32, 33)])
    assert in_memory(mixed) is mixed
    images = pictures(tmp_path / "equal", [(32, 32)] * 6)
    monkeypatch.setattr(memory, "LARGEST_DATA_SET", 6 * 3 * 32 * 32 - 1)
    assert in_memory(images) is images


def test_a_damaged_image_is_named(tmp_path):
    images = pictures(tmp_path, [(32, 32)] * 6)
    (tmp_path / images.files[4]).write_bytes(bytes(images.sizes[4]))
    with pytest.raises(WiringError, match=images.files[4]):
        in_memory(images)


@given(
    st.integers(1, 300), st.integers(1, 300), st.integers(0, 5), st.sampled_from([0.08, 0.5, 1.0])
)
def test_crops_lie_in_the_image_and_depend_on_seed_epoch_and_index_alone(
    width, height, seed, smallest
):
    indices = [0, 9, 4]
    crops = random_crops(seed, 1, indices, width, height, (smallest, 1.0))
    assert (
        (crops.left >= 0).all()
        and (crops.left + crops.width <= width).all()
        and (crops.width > 0).all()
    )
    assert (
        (crops.top >= 0).all()
        and (crops.top + crops.height <= height).all()
        and (crops.height > 0).all()
    )
    alone = random_crops(seed, 1, [9], width, height, (smallest, 1.0))
    for name in ("left", "top", "width", "height", "mirrored"):
        assert getattr(alone, name)[0] == getattr(crops, name)[1]


def test_no_image_has_a_random_number_of_another():
    numbers = uniform("crop 0 0", np.arange(1000), 23)
    assert len(np.unique(numbers)) == numbers.size


def test_crops_are_others_in_each_epoch_and_places_across_and_down_are_independent():
    first, second = (random_crops(0, epoch, range(2000), 100, 100, (0.2, 0.3)) for epoch in (0, 1))
    places = [
        np.array([one.left / (100 - one.width), one.top / (100 - one.height)])
        for one in (first, second)
    ]
    together = np.abs(np.corrcoef(np.concatenate(places)) - np.eye(4))
    assert together.max() < 0.1


def test_crops_are_distributed_as_torchvisions():
    width, height, scale, count = 500, 375, (0.08, 1.0), 3000
    crops = random_crops(0, 0, range(count), width, height, scale)
    torch.manual_seed(0)
    image = torch.empty(3, height, width)
    theirs = np.array(
        [RandomResizedCrop.get_params(image, scale, (3 / 4, 4 / 3)) for _ in range(count)]
    )
    ours = np.stack([crops.top, crops.left, crops.height, crops.width], axis=1)
    for column in range(4):
        spread = max(theirs[:, column].std(), 1)
        assert abs(ours[:, column].mean() - theirs[:, column].mean()) < 5 * spread * math.sqrt(
            2 / count
        )
        assert abs(ours[:, column].std() / theirs[:, column].std() - 1) < 0.1
    assert 0.45 < crops.mirrored.mean() < 0.55
