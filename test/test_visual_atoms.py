"""Generated labelled images: functions of class, instance and seed that can be learned, and not at
a glance.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from developing import develop
from sklearn.linear_model import LogisticRegression

from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.training.data.batches import batches, chunks
from brainscore_wiring.training.data.visual_atoms import atom_parameters, uniform, visual_atoms

RECIPE = Recipe(image_size=48, crop_scale=(0.3, 1.0))


@pytest.fixture(scope="module")
def atoms():
    return visual_atoms()


def test_there_are_as_many_images_as_the_paper_counts_and_others_to_evaluate_on(atoms):
    training, held_out = atoms
    assert len(training) == 1_280_000 and len(held_out) == 5000
    assert not set(held_out.instances.tolist()) & set(training.instances.tolist())
    for images in atoms:
        assert set(np.bincount(images.labels).tolist()) == {len(images) // 1000}


def test_an_image_is_the_same_alone_in_a_batch_and_in_a_subset(atoms):
    training, _ = atoms
    together, labels = training.plain_view(48).batch([7, 123_456, 99])
    alone, label = training.plain_view(48).batch([123_456])
    torch.testing.assert_close(together[1:2], alone)
    assert labels[1] == label[0] == 456
    subset = training.subset(50, seed=3)
    position = 10
    torch.testing.assert_close(
        subset.plain_view(48).batch([position])[0],
        training.plain_view(48).batch([int(subset.instances[position])])[0],
    )


def test_what_an_epoch_shows_depends_on_seed_epoch_and_image_alone(atoms):
    training, _ = atoms
    first = training.training_view(RECIPE, 0, 0).batch([5, 6])[0]
    torch.testing.assert_close(training.training_view(RECIPE, 0, 0).batch([6])[0], first[1:])
    for seed, epoch in ((0, 1), (1, 0)):
        assert not torch.allclose(
            training.training_view(RECIPE, seed, epoch).batch([5, 6])[0], first, atol=0.1
        )


def test_crops_have_all_ratios_and_lie_anywhere_across_and_down(atoms):
    training, _ = atoms
    recipe = Recipe(image_size=8, crop_scale=(0.2, 0.3))
    across, down = training.training_view(recipe, 0, 0)._coordinates(np.arange(2000))
    width, height = (np.ptp(one, axis=1) / 2 * 8 / 7 for one in (across, down))
    assert np.log(width / height).mean() == pytest.approx(0, abs=0.02)
    assert np.abs(np.log(width / height)).max() == pytest.approx(np.log(4 / 3), abs=0.01)
    assert ((width * height > 0.199) & (width * height < 0.301)).all()
    assert np.abs(np.corrcoef(across.mean(axis=1), down.mean(axis=1))[0, 1]) < 0.1


def test_a_whole_crop_is_the_whole_picture_or_its_mirror_image(atoms):
    training, _ = atoms
    whole = training.plain_view(48).batch(list(range(20)))[0]
    recipe = Recipe(image_size=48, crop_scale=(4.0, 4.0))  # larger than the picture: cut down to it
    shown = training.training_view(recipe, 0, 0).batch(list(range(20)))[0]
    mirrored = [torch.allclose(a, b.flip(-1), atol=1e-2) for a, b in zip(shown, whole)]
    same = [torch.allclose(a, b, atol=1e-2) for a, b in zip(shown, whole)]
    assert all(one != other for one, other in zip(mirrored, same)) and 3 < sum(mirrored) < 17


def test_pixels_are_finite_and_normalised(atoms):
    pixels, labels = atoms[0].training_view(RECIPE, 0, 0).batch(list(range(0, 5000, 100)))
    assert (
        pixels.shape == (50, 3, 48, 48)
        and pixels.dtype == torch.float32
        and labels.dtype == torch.int64
    )
    assert torch.isfinite(pixels).all() and pixels.abs().max() < 2.7 and 0.7 < pixels.std() < 1.5


def test_random_numbers_are_the_same_bits_everywhere():
    assert hashlib.sha256(uniform("test", np.arange(1000), 7).tobytes()).hexdigest() == (
        "9a34d1fe54dabdc8859c884bb07a4726d1ca68443172ad1a8ed02466e73c78e1"
    )
    values = uniform("test", np.arange(20_000), 3)
    assert abs(values.mean() - 0.5) < 0.01 and values.min() >= 0 and values.max() < 1
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.02 and len(np.unique(values)) == values.size


def test_instances_share_the_shape_of_their_class_and_nothing_else():
    labels = np.array([4, 4])
    made = atom_parameters(np.array([4, 1004]), labels, 0)
    shared = {name for name, value in made.items() if np.array_equal(value[0], value[1])}
    assert shared == {"slow", "fast", "slow_depth", "fast_depth", "rings"}


def polar_spectra(images) -> np.ndarray:
    """Features that neither place nor rotation change: the angular Fourier series of each amplitude
    spectrum.
    """
    pixels = images.plain_view(64).batch(list(range(len(images))))[0]
    spectrum = (
        torch.fft.fftshift(torch.fft.fft2(pixels), dim=(-2, -1)).abs().log1p().mean(1, keepdim=True)
    )
    radius, angle = torch.arange(1, 31)[:, None] / 32, torch.arange(64) * 2 * torch.pi / 64
    circles = torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], -1)
    rings = torch.nn.functional.grid_sample(
        spectrum, circles.expand(len(pixels), -1, -1, -1), align_corners=False
    )
    return torch.fft.rfft(rings[:, 0], dim=-1).abs()[:, :, :17].flatten(1).log1p().numpy()


def test_classes_can_be_learned_from_pixels_but_not_at_a_glance():
    training, held_out = visual_atoms(count=600, classes=10)
    held_out = held_out.subset(600, 0)

    def accuracy(features, strength: float) -> float:
        seen, unseen = features(training), features(held_out)
        mean, spread = seen.mean(0), seen.std(0) + 1e-6
        probe = LogisticRegression(C=strength, max_iter=200).fit(
            (seen - mean) / spread, training.labels
        )
        return probe.score((unseen - mean) / spread, held_out.labels)

    def small(images) -> np.ndarray:
        return images.plain_view(16).batch(list(range(len(images))))[0].flatten(1).numpy()

    # no line through pixels tells ten classes apart: chance is 0.1
    assert accuracy(small, 0.001) < 0.2
    assert 0.25 < accuracy(polar_spectra, 0.002) < 0.9


def test_parameters_are_the_same_bits_everywhere():
    instances = np.array([0, 1, 999, 1000, 123_456, 1_284_999])
    made = atom_parameters(instances, instances % 1000, 0)
    # sums and products alone: no sine, cosine or power of a mathematics library
    exact = (
        "slow",
        "fast",
        "slow_depth",
        "fast_depth",
        "rings",
        "across",
        "down",
        "radius",
        "contrast",
        "line",
        "ground",
        "brightness",
    )
    digest = hashlib.sha256(
        b"".join(np.ascontiguousarray(made[name], dtype="<f8").tobytes() for name in exact)
    )
    assert digest.hexdigest() == (
        "a035e97b4f4b5777d2631d987fe129e5f03cad3ed9db4cb91267b36768419677"
    )


def test_subsets_are_drawn_as_from_files():
    training, _ = visual_atoms(12_000)
    balanced = training.subset(3000, seed=0, balanced=True)
    assert set(np.bincount(balanced.labels, minlength=1000)) == {3}
    assert training.subset(3000, 0).manifest_sha256() == training.subset(3000, 0).manifest_sha256()
    manifests = {
        training.subset(3000, seed, flag).manifest_sha256()
        for seed in (0, 1)
        for flag in (False, True)
    }
    assert len(manifests) == 4
    assert visual_atoms(12_000, seed=1)[0].manifest_sha256() != training.manifest_sha256()


def test_batches_are_made_by_the_view_itself(atoms):
    view = atoms[0].subset(10, 0).plain_view(32)
    sizes = [len(labels) for _, labels in batches(view, chunks(range(10), 4))]
    assert sizes == [4, 4, 2]


@pytest.mark.parametrize("count, classes", [(0, 1000), (10, 1000), (10, 1)])
def test_impossible_diets_are_refused(count, classes):
    with pytest.raises(WrongUsage, match="visual atoms of .* were asked for"):
        visual_atoms(count, classes)


def test_more_images_than_there_are_is_refused(atoms):
    with pytest.raises(WrongUsage, match="there are 1,280,000 visual-atoms"):
        atoms[0].subset(2_000_000, 0)


def test_a_model_develops_on_them_without_any_file(tmp_path):
    row = variant("mobilenet_wc_ct")
    record = develop(
        row,
        birth_of(row),
        "visual-atoms",
        tmp_path,
        Recipe(image_size=40, batch_size=8, learning_rate=0.01),
        images=16,
        epochs=2,
        held_out_images=20,
    )
    assert record.data.name == "visual-atoms" and record.data.classes == 1000
    assert record.images_shown == 32 and record.held_out.images == 20
