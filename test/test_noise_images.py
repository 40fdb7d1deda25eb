"""Noise images: natural in their spectrum, a function of number and seed, and enough to measure
statistics on.
"""

from __future__ import annotations

import numpy as np
import torch

from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.weight_compression.noise_images import (
    _MEAN,
    _STD,
    noise_images,
    with_noise_statistics,
)


def test_an_image_is_the_same_however_many_are_made_and_another_for_another_seed():
    assert torch.equal(noise_images(3, seed=1, size=32)[:2], noise_images(2, seed=1, size=32))
    assert not torch.equal(noise_images(2, seed=1, size=32), noise_images(2, seed=2, size=32))


def test_images_can_be_shown_on_a_screen_and_have_about_imagenets_mean_and_spread():
    images = noise_images(16).numpy()
    shown = images * _STD + _MEAN
    assert shown.min() > -1e-6 and shown.max() < 1 + 1e-6
    np.testing.assert_allclose(images.mean(axis=(0, 2, 3)), 0, atol=0.05)
    np.testing.assert_allclose(images.std(axis=(0, 2, 3)), 1, atol=0.05)


def test_amplitude_falls_as_one_over_frequency():
    spectrum = np.abs(np.fft.fft2(noise_images(16).numpy()[:, 0])).mean(axis=0)
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(224), np.fft.fftfreq(224)))
    band = (radius > 0.02) & (radius < 0.4)
    slope = np.polyfit(np.log(radius[band]), np.log(spectrum[band]), 1)[0]
    assert -1.1 < slope < -0.85  # clipping to the screen adds a little at high frequencies


def test_statistics_are_what_noise_evokes_and_synapses_stay_as_born():
    birth = birth_of(variant("mobilenet_wc"))
    state, born = with_noise_statistics(birth, 2), birth.state()
    changed = {
        name.rpartition(".")[2] for name in state if not torch.equal(state[name], born[name])
    }
    assert changed == {"running_mean", "running_var", "num_batches_tracked"}
    filtered = torch.nn.functional.conv2d(
        noise_images(2, birth.seed), state["stem.conv.weight"], stride=2, padding=1
    )
    torch.testing.assert_close(
        state["stem.norm.running_mean"], filtered.mean((0, 2, 3)), rtol=1e-3, atol=1e-4
    )
