"""From responses to gratings to the tuning properties that electrophysiologists report.

Definitions follow Marques, Schrimpf & DiCarlo 2021 (DOI 10.1101/2021.03.01.433495) and the
experiments they replicate. F0 is the mean response over phases, F1 the amplitude of its modulation
at the grating's temporal frequency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings

#: Spikes per second of macaque V1 neurons: median best response and median response to a blank
#: screen.
MEDIAN_BEST_RATE, MEDIAN_SPONTANEOUS_RATE = 33.8, 0.82
#: Neurons whose response to the best grating is not this much above spontaneous are not counted.
RESPONSE_THRESHOLD = 5.0
#: The best response of the most active neuron in the experiments; gives the threshold before rates
#: are known.
LARGEST_RATE = 243.1
#: Weights of neighbouring points when a tuning curve is smoothed.
SMOOTHING = np.array([1, 5, 1]) / 7
ORIENTATION_SMOOTHING = np.array([2, 5, 2]) / 9
BANDWIDTH_LEVEL = 0.707
SUPPRESSED = 0.1
STEPS_PER_OCTAVE = 40


@dataclass(frozen=True)
class Responses:
    """Responses of `n` units: `blank` (n,), `tuning` (n, frequency, orientation, phase), `size` (n,
    radius, frequency, orientation, phase), on the grids of `gratings`.
    """

    blank: np.ndarray
    tuning: np.ndarray
    size: np.ndarray

    @classmethod
    def of(cls, responses: np.ndarray) -> Responses:
        """From responses (n, stimuli) in the order of `gratings.STIMULI`."""
        tuned = 1 + len(gratings.TUNING)
        return cls(
            responses[:, 0],
            responses[:, 1:tuned].reshape(-1, *gratings.TUNING_SHAPE),
            responses[:, tuned:].reshape(-1, *gratings.SIZE_SHAPE),
        )


def firing_rates(responses: Responses) -> Responses | None:
    """Activations as spikes per second; None if no unit responds to any grating.

    Negative activations count as silence. One scale and offset for the whole population puts the
    median best response and the median spontaneous rate of the responsive units at the macaque's.
    """
    blank, tuning, size = (
        np.maximum(part, 0) for part in (responses.blank, responses.tuning, responses.size)
    )
    best = tuning.mean(axis=-1).max(axis=(1, 2), initial=0)
    driven = best - blank
    responsive = driven > max(driven.max(initial=0), 0) * RESPONSE_THRESHOLD / LARGEST_RATE
    if not responsive.any():
        return None
    spontaneous = np.median(blank[responsive])
    # every responsive unit's best exceeds its own blank, so the medians differ
    scale = (MEDIAN_BEST_RATE - MEDIAN_SPONTANEOUS_RATE) / (
        np.median(best[responsive]) - spontaneous
    )
    offset = MEDIAN_SPONTANEOUS_RATE - scale * spontaneous
    return Responses(*(np.maximum(scale * part + offset, 0) for part in (blank, tuning, size)))


def properties(rates: Responses) -> dict[str, np.ndarray]:
    """Per property the values of all units that respond enough; NaN where it is not defined for a
    unit.

    Preferred orientation in [-22.5, 157.5) degrees, peak spatial frequency in cycles per degree,
    bandwidth in percent (low over high frequency at 70.7 % of the peak), grating summation field
    and surround diameter in degrees; and what `orientation_tuning` gives, with the modulation ratio
    F1 / F0 and the response F0 to the best grating.
    """
    mean = rates.tuning.mean(axis=-1)
    frequency, orientation = _best(mean)
    units = np.arange(len(mean))
    responds = mean[units, frequency, orientation] > rates.blank + RESPONSE_THRESHOLD
    bandwidth = spatial_frequency_bandwidth(mean[units, :, orientation][responds])

    components = _components(rates.tuning, rates.blank)
    best, modulation = (
        values[units, frequency, orientation][responds] for values in (mean, components[..., 1])
    )
    _, driven_orientation, component = _best(components)
    frequency_curve = components[units, :, driven_orientation, component]
    driven = components.max(axis=(1, 2, 3)) > RESPONSE_THRESHOLD

    sized = _components(rates.size, rates.blank)
    _, *place = _best(sized)
    largest: tuple[Any, ...] = (units, slice(None), *place)
    size_curve = sized[largest]
    suppression, summation_field, surround = size_tuning(
        size_curve[size_curve.max(axis=1) > RESPONSE_THRESHOLD]
    )
    return {
        "preferred_orientation": preferred_orientation(mean[units, frequency][responds]),
        "peak_spatial_frequency": peak_spatial_frequency(frequency_curve[driven]),
        "spatial_frequency_selective": np.where(np.isnan(bandwidth), 0.0, 1.0),
        "spatial_frequency_bandwidth": bandwidth,
        "surround_suppression_index": suppression,
        "grating_summation_field": summation_field,
        "surround_diameter": surround,
        **orientation_tuning(mean[units, frequency][responds]),
        "modulation_ratio": modulation / best,
        "max_dc": best,
    }


def preferred_orientation(curves: np.ndarray) -> np.ndarray:
    """Peak, to one degree, of smoothed curves (n, orientations), in [-22.5, 157.5)."""
    around = np.concatenate([curves[:, -1:], curves, curves[:, :1]], axis=1)
    smooth = _smoothed(around)
    closed = np.concatenate([smooth, smooth[:, :1]], axis=1)
    spline = CubicSpline([*gratings.ORIENTATIONS, 180.0], closed, axis=1, bc_type="periodic")
    peak = np.argmax(spline(np.arange(180)), axis=1).astype(float)
    return np.where(peak >= 157.5, peak - 180, peak)


def orientation_tuning(curves: np.ndarray) -> dict[str, np.ndarray]:
    """Ringach, Shapley & Hawken's (2002) measures of orientation curves (n, orientations), as
    upstream computes them.

    Circular variance; half the width in degrees of the smoothed curve at 70.7 % of its peak, NaN
    where it never falls that far; response to the orthogonal over that to the best orientation;
    whether there is a width; circular variance over width; ratio minus circular variance.
    """
    angles = np.exp(2j * np.deg2rad(gratings.ORIENTATIONS))
    variance = 1 - np.abs(curves @ angles) / np.abs(curves).sum(axis=1)
    units, best = np.arange(len(curves)), np.argmax(curves, axis=1)
    orthogonal = (best + curves.shape[1] // 2) % curves.shape[1]
    ratio = curves[units, orthogonal] / curves[units, best]
    bandwidth = orientation_bandwidth(curves)
    return {
        "circular_variance": variance,
        "or_bandwidth": bandwidth,
        "orth_pref_ratio": ratio,
        "or_selective": np.where(np.isnan(bandwidth), 0.0, 1.0),
        "cv_bandwidth_ratio": variance / bandwidth,
        "opr_cv_diff": ratio - variance,
    }


def orientation_bandwidth(curves: np.ndarray) -> np.ndarray:
    """Half width in degrees, to half a degree, of smoothed curves; NaN: none."""
    around = np.concatenate([curves[:, -1:], curves, curves[:, :1]], axis=1)
    smooth = _smoothed(around, ORIENTATION_SMOOTHING)
    closed = np.concatenate([smooth, smooth[:, :1]], axis=1)
    fine = CubicSpline([*gratings.ORIENTATIONS, 180.0], closed, axis=1, bc_type="periodic")(
        np.arange(180)
    )
    peak = np.argmax(fine, axis=1)[:, np.newaxis]
    low = fine <= BANDWIDTH_LEVEL * np.take_along_axis(fine, peak, axis=1)
    steps = np.arange(1, 180)
    above, below = (
        np.take_along_axis(low, (peak + direction * steps) % 180, axis=1) for direction in (1, -1)
    )
    width = above.argmax(axis=1) + below.argmax(axis=1) + 2
    return np.where(above.any(axis=1), width / 2, np.nan)


def peak_spatial_frequency(curves: np.ndarray) -> np.ndarray:
    """The peak (cycles per degree) of smoothed spatial-frequency curves (n, frequencies)."""
    frequencies, smooth = _frequency_tuning(curves)
    return frequencies[np.argmax(smooth, axis=1)]


def spatial_frequency_bandwidth(curves: np.ndarray) -> np.ndarray:
    """Low over high frequency, in percent, where smoothed curves (n, frequencies) fall to 70.7 % of
    their peak.

    NaN for units that do not fall that far on both sides: they are not selective for spatial
    frequency.
    """
    frequencies, smooth = _frequency_tuning(curves)
    peak = np.argmax(smooth, axis=1)[:, np.newaxis]
    steps = np.arange(smooth.shape[1])
    low_enough = smooth <= BANDWIDTH_LEVEL * np.take_along_axis(smooth, peak, axis=1)
    below = np.where(low_enough & (steps < peak), steps, -1).max(axis=1)
    above = np.where(low_enough & (steps > peak), steps, len(steps)).min(axis=1)
    selective = (below >= 0) & (above < len(steps))
    ratio = frequencies[np.maximum(below, 0)] / frequencies[np.minimum(above, len(steps) - 1)]
    return np.where(selective, 100 * ratio, np.nan)


def size_tuning(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Suppression index, grating summation field and surround diameter (degrees) of size curves (n,
    radii).

    The index is the drop from the peak to the largest aperture, relative to the peak. The summation
    field is the smallest diameter that reaches 95 % of the peak, the surround diameter the smallest
    one beyond the peak that comes within 5 % of the response to the largest; both NaN for units
    suppressed by 10 % or less.
    """
    diameters = 2 * np.array(gratings.RADII)
    peak, plateau = curves.max(axis=1, keepdims=True), curves[:, -1:]
    suppression = ((peak - plateau) / peak)[:, 0]
    suppressed = suppression > SUPPRESSED
    field = np.argmax(curves >= 0.95 * peak, axis=1)
    beyond = np.arange(curves.shape[1]) > np.argmax(curves, axis=1)[:, np.newaxis]
    surround = np.argmax(beyond & (curves <= plateau + 0.05 * np.abs(plateau)), axis=1)
    return (
        suppression,
        np.where(suppressed, diameters[field], np.nan),
        np.where(suppressed, diameters[surround], np.nan),
    )


def _components(responses: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """F0 above spontaneous and F1 of responses (n, ..., phase), stacked along a new last axis."""
    phases = responses.shape[-1]
    spontaneous = blank.reshape(-1, *[1] * (responses.ndim - 2))
    modulation = 2 * np.abs(np.fft.rfft(responses, axis=-1)[..., 1]) / phases
    return np.stack([responses.mean(axis=-1) - spontaneous, modulation], axis=-1)


def _best(responses: np.ndarray) -> tuple[np.ndarray, ...]:
    """Indices of each unit's largest response (n, ...), one array (n,) per axis."""
    return np.unravel_index(
        np.argmax(responses.reshape(len(responses), -1), axis=1), responses.shape[1:]
    )


def _smoothed(curves: np.ndarray, weights: np.ndarray = SMOOTHING) -> np.ndarray:
    """Weighted mean of neighbours along the last axis, which loses its two ends."""
    return np.lib.stride_tricks.sliding_window_view(curves, len(weights), axis=-1) @ weights


def _frequency_tuning(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spatial frequencies (steps,), even in octaves, and the smooth curves (n, steps)."""
    smooth = _smoothed(np.concatenate([curves[:, :1], curves, curves[:, -1:]], axis=1))
    octaves = np.log2(gratings.SPATIAL_FREQUENCIES)
    fine = np.linspace(
        octaves[0], octaves[-1], round((octaves[-1] - octaves[0]) * STEPS_PER_OCTAVE) + 1
    )
    return 2**fine, CubicSpline(octaves, smooth, axis=1)(fine)
