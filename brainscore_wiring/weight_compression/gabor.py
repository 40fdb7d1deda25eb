"""Gabor filters of the first layer (paper, appendix B.1, equations 1 to 3).

Eight parameters per colour channel, in this order: frequency f (cycles per pixel), orientation
theta (rad), sigma_x and sigma_y (pixels, along and across the wave), phase phi (rad), centre x and
y (pixels), scale C. Two readings of the paper are settled as its authors' code has them: sigmas are
parameters of their own instead of multiples n / f, with a centre beside them, and the cosine runs
along x_rot (equation 1 omits it).
"""

from __future__ import annotations

import numpy as np

#: Numbers per channel once the two angles are encoded as sine and cosine.
ENCODED = 10
#: Bounds of the fit; sampled parameters are kept inside the ones that a kernel cannot exist
#: without.
BOUNDS = np.array(
    [
        (1 / 14, 0.5),
        (-2 * np.pi, 2 * np.pi),
        (0.5, 14.0),
        (0.5, 14.0),
        (-2 * np.pi, 2 * np.pi),
        (-3.0, 3.0),
        (-3.0, 3.0),
        (-np.inf, np.inf),
    ]
)
#: Rendered values are multiples of this: it hides the last bits in which mathematics libraries
#: differ.
WEIGHT_GRID = 2.0**-14


def coordinates(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel positions (size, size) of a kernel, centred on 0.

    Other sizes than 7 span the same field.
    """
    line = np.linspace(-3, 3, size) if size > 1 else np.zeros(1)
    y, x = np.meshgrid(line, line, indexing="ij")
    return x, y


def gabor(parameters: np.ndarray, size: int = 7) -> np.ndarray:
    """Gabor functions (..., size, size) in float64 from parameters (..., 8)."""
    x, y = coordinates(size)
    f, theta, sigma_x, sigma_y, phase, centre_x, centre_y, scale = (
        np.asarray(parameters, dtype=np.float64)[..., i, None, None] for i in range(8)
    )
    x, y = x - centre_x, y - centre_y
    x_rot = x * np.cos(theta) + y * np.sin(theta)
    y_rot = -x * np.sin(theta) + y * np.cos(theta)
    envelope = np.exp(-0.5 * (x_rot**2 / sigma_x**2 + y_rot**2 / sigma_y**2))
    return (
        scale / (2 * np.pi * sigma_x * sigma_y) * envelope * np.cos(2 * np.pi * f * x_rot + phase)
    )


def canonical(parameters: np.ndarray) -> np.ndarray:
    """The same Gabors (..., 8) with scale >= 0, theta in [-pi/2, pi/2) and phase in [-pi, pi).

    Turning a Gabor by pi and mirroring its phase gives the same Gabor, but not the same encoding: a
    Gabor survives `decode(encode(...))` only in this form.
    """
    parameters = np.array(parameters, dtype=np.float64)
    theta, phase, scale = parameters[..., 1], parameters[..., 4], parameters[..., 7]
    half_turns = np.floor(theta / np.pi + 0.5)
    phase = np.where(half_turns % 2 == 0, phase, -phase) + np.where(scale < 0, np.pi, 0)
    parameters[..., 1] = theta - half_turns * np.pi
    parameters[..., 4] = (phase + np.pi) % (2 * np.pi) - np.pi
    parameters[..., 7] = np.abs(scale)
    return parameters


def encode(parameters: np.ndarray) -> np.ndarray:
    """(..., 8) Gabor parameters -> (..., 10) with f, sin 2t, cos 2t, sigma_x, sigma_y, sin phi, cos
    phi, x, y, scale.

    Angles become points on a circle, so that a normal distribution over them makes sense.
    """
    f, theta, sigma_x, sigma_y, phase, x, y, scale = np.moveaxis(
        np.asarray(parameters, np.float64), -1, 0
    )
    return np.stack(
        [
            f,
            np.sin(2 * theta),
            np.cos(2 * theta),
            sigma_x,
            sigma_y,
            np.sin(phase),
            np.cos(phase),
            x,
            y,
            scale,
        ],
        axis=-1,
    )


def decode(encoded: np.ndarray) -> np.ndarray:
    """(..., 10) encoded numbers -> (..., 8) Gabor parameters inside `BOUNDS`.

    The authors' code leaves samples outside the bounds as they are; about 3 % of their channels
    then have a sigma near 0, whose 1 / (sigma_x sigma_y) blows up. Here such a channel is moved to
    the bound.
    """
    f, sin_2t, cos_2t, sigma_x, sigma_y, sin_p, cos_p, x, y, scale = np.moveaxis(
        np.asarray(encoded, np.float64), -1, 0
    )
    parameters = np.stack(
        [
            f,
            np.arctan2(sin_2t, cos_2t) / 2,
            sigma_x,
            sigma_y,
            np.arctan2(sin_p, cos_p),
            x,
            y,
            scale,
        ],
        axis=-1,
    )
    return np.clip(parameters, BOUNDS[:, 0], BOUNDS[:, 1])


def render(encoded: np.ndarray, size: int) -> np.ndarray:
    """Kernels (out, channels, size, size) as float32 from encoded numbers (out, channels * 10)."""
    out = encoded.shape[0]
    kernels = gabor(decode(encoded.reshape(out, -1, ENCODED)), size)
    return (np.rint(kernels / WEIGHT_GRID) * WEIGHT_GRID).astype(np.float32)
