"""Gabor functions fitted to trained kernels (paper, appendix B.1), deterministic and without a
random search.

A Gabor is linear in its amplitude and phase: envelope * (a cos w - b sin w). So a dense dictionary
of frequencies, orientations, sizes and centres is compared with all channels in one product, each
entry with its best a and b in closed form; the best entry of every frequency then starts a
Levenberg-Marquardt descent on all eight parameters, all channels and starts at once.

The authors' fit scaled kernel and Gabor to [0, 1] before comparing them, which left the scale
unidentified (it moved only by the random hops of their optimiser). Here the true kernel is fitted,
so the scale holds the trained amplitude. Their sigmas were kept above 2 pixels, where most
channels ended; half a pixel is the limit here.
"""

from __future__ import annotations

import functools

import numpy as np
from threadpoolctl import threadpool_limits

from brainscore_wiring.weight_compression.gabor import BOUNDS, canonical, coordinates, gabor

#: Sigmas beyond the kernel's side look flat inside it and would differ in nothing but their scale.
LARGEST_SIGMA = 7.0
#: Amplitudes beyond this multiple of a kernel's largest weight come from Gabors that peak between
#: or beside its pixels.
LARGEST_AMPLITUDE = 3.0
FREQUENCIES = (1 / 14, 0.11, 0.16, 0.22, 0.3, 0.4, 0.5)
_ORIENTATIONS = np.arange(12) * np.pi / 12
SIGMAS = (0.8, 1.4, 2.4, 5.0)
CENTRES = (-2.0, -1.0, 0.0, 1.0, 2.0)
ITERATIONS = 150

#: Lower and upper bounds in the descent: f, theta, log sigma_x, log sigma_y, centre x, centre y, a,
#: b.
_LOWER, _UPPER = np.array(
    [
        BOUNDS[0],
        (-np.inf, np.inf),
        *[np.log((BOUNDS[2, 0], LARGEST_SIGMA))] * 2,
        BOUNDS[5],
        BOUNDS[6],
        *[(-LARGEST_AMPLITUDE, LARGEST_AMPLITUDE)] * 2,
    ]
).T


@threadpool_limits.wrap(limits=1)  # the same bits for any number of threads
def fit_gabors(kernels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gabor parameters (..., 8) of kernels (..., size, size), and the fraction (...) of each one's
    energy left over.

    Parameters are canonical (`gabor.canonical`). A kernel of zeros gets scale 0 and leaves nothing
    over.
    """
    size = kernels.shape[-1]
    targets = np.asarray(kernels, np.float64).reshape(-1, size * size)
    height = np.abs(targets).max(axis=1)
    targets = targets / np.where(height > 0, height, 1)[:, None]
    starts = _starts(targets, size)
    repeated = np.repeat(targets, len(FREQUENCIES), axis=0)
    refined, losses = _descend(starts.reshape(-1, 8), repeated, size)
    best = losses.reshape(len(targets), -1).argmin(axis=1)
    chosen = refined.reshape(len(targets), -1, 8)[np.arange(len(targets)), best]
    parameters = _to_parameters(chosen)
    parameters[:, 7] *= height
    rest = (
        (
            gabor(parameters, size).reshape(targets.shape)
            / np.where(height > 0, height, 1)[:, None]
            - targets
        )
        ** 2
    ).sum(axis=1)
    energy = (targets**2).sum(axis=1)
    shape = kernels.shape[:-2]
    return parameters.reshape(*shape, 8), (rest / np.where(energy > 0, energy, 1)).reshape(shape)


def _starts(targets: np.ndarray, size: int) -> np.ndarray:
    """The best dictionary entry of every frequency.

    (channels, frequencies, 8) in the descent's parameters.
    """
    entries, shapes = _dictionary(size)
    starts = np.empty((len(targets), len(FREQUENCIES), 8))
    for column, (even, odd, ee, oo, eo) in enumerate(shapes):
        # near-parallel pairs explain no more than one of them
        determinant = ee * oo - eo**2 + 1e-6 * ee * oo + 1e-12
        te, to = targets @ even.T, targets @ odd.T
        a, b = (oo * te - eo * to) / determinant, (ee * to - eo * te) / determinant
        best = (a * te + b * to).argmax(axis=1)
        rows = np.arange(len(targets))
        starts[:, column] = entries[best]
        starts[:, column, 0] = FREQUENCIES[column]
        starts[:, column, 6], starts[:, column, 7] = a[rows, best], b[rows, best]
    return np.clip(starts, _LOWER, _UPPER)


@functools.lru_cache(maxsize=1)
def _dictionary(size: int) -> tuple[np.ndarray, list[tuple[np.ndarray, ...]]]:
    """Orientations, sizes and centres of the entries (n, 8); for every frequency their kernels
    (n, size * size) of even and of odd phase and the inner products of the two.
    """
    grid = np.meshgrid(
        _ORIENTATIONS, np.log(SIGMAS), np.log(SIGMAS), CENTRES, CENTRES, indexing="ij"
    )
    entries = np.zeros((grid[0].size, 8))
    entries[:, 1:6] = np.stack([axis.ravel() for axis in grid], axis=1)
    shapes = []
    for frequency in FREQUENCIES:
        entries[:, 0] = frequency
        even = _shape(entries, (1.0, 0.0), size)
        odd = _shape(entries, (0.0, 1.0), size)
        pairs = ((even, even), (odd, odd), (even, odd))
        shapes.append((even, odd, *((left * right).sum(axis=1) for left, right in pairs)))
    return entries, shapes


def _shape(entries: np.ndarray, pair: tuple[float, float], size: int) -> np.ndarray:
    entries = entries.copy()
    entries[:, 6:] = pair
    return _values(entries, size)[0]


def _values(
    q: np.ndarray, size: int, derivatives: bool = False
) -> tuple[np.ndarray, np.ndarray | None]:
    """Kernels (n, size * size) of parameters (n, 8), and their derivatives."""
    x, y = (line.ravel() for line in coordinates(size))
    f, theta, log_x, log_y, centre_x, centre_y, a, b = q.T[:, :, None]
    cos, sin = np.cos(theta), np.sin(theta)
    along, across = (
        (x - centre_x) * cos + (y - centre_y) * sin,
        -(x - centre_x) * sin + (y - centre_y) * cos,
    )
    narrow_x, narrow_y = np.exp(-2 * log_x), np.exp(-2 * log_y)
    envelope = np.exp(-0.5 * (along**2 * narrow_x + across**2 * narrow_y))
    wave = 2 * np.pi * f * along
    even, odd = envelope * np.cos(wave), -envelope * np.sin(wave)
    values = a * even + b * odd
    if not derivatives:
        return values, None
    by_wave = a * odd - b * even
    by_along = -values * along * narrow_x + by_wave * 2 * np.pi * f
    by_across = -values * across * narrow_y
    return values, np.stack(
        [
            by_wave * 2 * np.pi * along,
            by_along * across - by_across * along,
            values * along**2 * narrow_x,
            values * across**2 * narrow_y,
            -by_along * cos + by_across * sin,
            -by_along * sin - by_across * cos,
            even,
            odd,
        ],
        axis=-1,
    )


def _descend(q: np.ndarray, targets: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Levenberg-Marquardt within the bounds for many least-squares problems at once.

    Parameters and squared errors. A parameter on a bound that the gradient pushes outwards is held
    there, so that the others still move freely.
    """
    q, damping = q.copy(), np.full(len(q), 1e-2)
    losses = ((_values(q, size)[0] - targets) ** 2).sum(axis=1)
    active = np.arange(len(q))
    for _ in range(ITERATIONS):
        values, slopes = _values(q[active], size, derivatives=True)
        assert slopes is not None
        gradient = np.einsum("npk,np->nk", slopes, values - targets[active])
        held = ((q[active] <= _LOWER) & (gradient > 0)) | ((q[active] >= _UPPER) & (gradient < 0))
        slopes *= ~held[:, None, :]
        curvature = slopes.transpose(0, 2, 1) @ slopes
        diagonal = np.einsum("nkk->nk", curvature)
        curvature = (
            curvature + np.eye(8) * (damping[active, None] * (diagonal + 1e-6) + 1e-12)[:, None, :]
        )
        step = np.linalg.solve(curvature, np.where(held, 0, gradient)[..., None])[..., 0]
        proposal = np.clip(q[active] - step, _LOWER, _UPPER)
        loss = ((_values(proposal, size)[0] - targets[active]) ** 2).sum(axis=1)
        better = loss < losses[active]
        gain = losses[active] - loss
        q[active[better]] = proposal[better]
        damping[active] = np.clip(
            np.where(better, damping[active] / 4, damping[active] * 6), 1e-9, 1e9
        )
        finished = (
            (better & (gain <= 1e-10 * losses[active])) | (damping[active] >= 1e9) | (loss < 1e-20)
        )
        losses[active[better]] = loss[better]
        active = active[~finished]
        if not len(active):
            break
    return q, losses


def _to_parameters(q: np.ndarray) -> np.ndarray:
    f, theta, log_x, log_y, centre_x, centre_y, a, b = q.T
    sigma_x, sigma_y = np.exp(log_x), np.exp(log_y)
    scale = np.hypot(a, b) * 2 * np.pi * sigma_x * sigma_y
    return canonical(
        np.stack([f, theta, sigma_x, sigma_y, np.arctan2(b, a), centre_x, centre_y, scale], axis=-1)
    )
