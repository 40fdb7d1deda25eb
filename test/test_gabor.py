"""Gabor functions of the first layer, and their fit to kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainscore_wiring.weight_compression.gabor import (
    BOUNDS,
    WEIGHT_GRID,
    canonical,
    decode,
    encode,
    gabor,
    render,
)
from brainscore_wiring.weight_compression.gabor_fit import LARGEST_SIGMA, fit_gabors

parameters = st.tuples(
    st.floats(0.1, 0.4),
    st.floats(-6.0, 6.0),
    st.floats(0.9, 3.0),
    st.floats(0.9, 3.0),
    st.floats(-6.0, 6.0),
    st.floats(-1.0, 1.0),
    st.floats(-1.0, 1.0),
    st.floats(0.2, 5.0),
)


def test_a_gabor_follows_equation_one_with_the_rotated_cosine():
    f, theta, sigma_x, sigma_y, phase, x, y, scale = 0.2, 0.5, 1.5, 2.5, 0.7, 0.3, -0.4, 3.0
    along = (2 - x) * np.cos(theta) + (-1 - y) * np.sin(theta)
    across = -(2 - x) * np.sin(theta) + (-1 - y) * np.cos(theta)
    expected = (
        scale
        / (2 * np.pi * sigma_x * sigma_y)
        * np.exp(-0.5 * (along**2 / sigma_x**2 + across**2 / sigma_y**2))
        * np.cos(2 * np.pi * f * along + phase)
    )
    kernel = gabor(np.array([f, theta, sigma_x, sigma_y, phase, x, y, scale]))
    assert kernel[2, 5] == pytest.approx(expected, rel=1e-12)  # row 2 is y = -1, column 5 is x = 2


@pytest.mark.parametrize("size", [1, 3, 5, 7, 11])
def test_other_kernel_sizes_show_the_same_field(size):
    values = np.array([0.1, 0.4, 2.0, 2.0, 0.3, 0.0, 0.0, 4.0])
    kernel = gabor(values, size)
    assert kernel.shape == (size, size)
    assert kernel[size // 2, size // 2] == pytest.approx(gabor(values, 7)[3, 3])
    if size > 1:
        assert kernel[0, -1] == pytest.approx(gabor(values, 7)[0, -1])


@settings(derandomize=True, deadline=None, max_examples=100)
@given(parameters)
def test_canonical_parameters_describe_the_same_gabor_and_survive_the_encoding(values):
    values = np.array(values)
    form = canonical(values)
    assert -np.pi / 2 <= form[1] <= np.pi / 2 and form[7] >= 0
    np.testing.assert_allclose(gabor(form), gabor(values), atol=1e-12)
    np.testing.assert_allclose(gabor(decode(encode(form))), gabor(values), atol=1e-9)


def test_a_negative_scale_becomes_half_a_turn_of_the_phase():
    values = np.array([0.2, 2.0, 1.5, 2.0, 0.4, 0.1, 0.2, -3.0])
    np.testing.assert_allclose(gabor(canonical(values)), gabor(values), atol=1e-12)


def test_sampled_parameters_stay_inside_the_bounds():
    encoded = np.random.default_rng(0).normal(0, 30, (200, 10))
    decoded = decode(encoded)
    assert (decoded >= BOUNDS[:, 0]).all() and (decoded <= BOUNDS[:, 1]).all()


def test_rendered_kernels_lie_on_the_grid_and_close_to_their_gabor():
    values = np.array([0.2, 0.5, 1.5, 2.5, 0.7, 0.3, -0.4, 3.0])
    kernel = render(encode(values)[None], 7)
    assert kernel.dtype == np.float32 and kernel.shape == (1, 1, 7, 7)
    assert (kernel / WEIGHT_GRID == np.rint(kernel / WEIGHT_GRID)).all()
    np.testing.assert_allclose(kernel[0, 0], gabor(values), atol=WEIGHT_GRID / 2 + 1e-7)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(parameters)
def test_the_fit_recovers_a_known_gabor(values):
    kernel = gabor(np.array(values))
    fitted, unexplained = fit_gabors(kernel)
    assert unexplained < 1e-6
    np.testing.assert_allclose(gabor(fitted), kernel, atol=1e-3 * np.abs(kernel).max())


def test_the_fit_recovers_the_parameters_of_well_sampled_gabors():
    generator = np.random.default_rng(5)
    planted = np.stack(
        [
            generator.uniform(low, high, 40)
            for low, high in [
                (0.18, 0.35),
                (-1.4, 1.4),
                (1.3, 2.0),
                (1.3, 2.0),
                (-3, 3),
                (-0.5, 0.5),
                (-0.5, 0.5),
                (1, 4),
            ]
        ],
        axis=1,
    )
    fitted, _ = fit_gabors(gabor(planted))
    np.testing.assert_allclose(encode(fitted), encode(planted), rtol=0.05, atol=0.01)


def test_the_fit_keeps_the_true_amplitude():
    kernels = (
        gabor(np.array([0.2, 0.5, 1.5, 2.0, 0.7, 0.3, -0.4, 3.0]))
        * np.array([1.0, 10.0, 1e-3])[:, None, None]
    )
    scales = fit_gabors(kernels)[0][:, 7]
    np.testing.assert_allclose(scales / scales[0], [1, 10, 1e-3], rtol=1e-6)


def test_the_fit_of_noise_leaves_something_over_and_stays_in_its_bounds():
    kernels = np.random.default_rng(1).normal(size=(8, 3, 7, 7))
    fitted, unexplained = fit_gabors(kernels)
    assert fitted.shape == (8, 3, 8) and unexplained.shape == (8, 3)
    assert (unexplained > 0.1).all() and (unexplained < 1).all()
    sigmas = fitted[..., 2:4]
    assert (sigmas >= BOUNDS[2, 0] - 1e-9).all() and (sigmas <= LARGEST_SIGMA + 1e-9).all()


def test_what_the_fit_leaves_over_is_the_error_of_its_gabor():
    kernels = np.random.default_rng(2).normal(size=(4, 7, 7))
    fitted, unexplained = fit_gabors(kernels)
    error = ((gabor(fitted) - kernels) ** 2).sum(axis=(1, 2)) / (kernels**2).sum(axis=(1, 2))
    np.testing.assert_allclose(unexplained, error, rtol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.25, -1e-8])
def test_constant_kernels_have_finite_gabors(value):
    fitted, unexplained = fit_gabors(np.full((2, 3, 7, 7), value))
    assert np.isfinite(fitted).all() and np.isfinite(unexplained).all()
    assert (fitted[..., 7] == 0).all() == (value == 0)


def test_the_fit_repeats_itself_and_takes_each_channel_alone():
    kernels = np.random.default_rng(3).normal(size=(3, 2, 7, 7))
    together, _ = fit_gabors(kernels)
    np.testing.assert_array_equal(together, fit_gabors(kernels)[0])
    alone, _ = fit_gabors(kernels[1, 1])
    np.testing.assert_allclose(gabor(alone), gabor(together[1, 1]), atol=1e-4)
