"""Tuning and modulation of 308 neurons of macaque V1 (Ringach, Shapley & Hawken 2002,
doi:10.1523/JNEUROSCI.22-13-05639.2002).

Selection, properties and bins follow brainscore_vision's `marques_ringach2002`.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import Histogram
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import RESPONSE_THRESHOLD
from brainscore_wiring.benchmarks.matlab import BAD_CONTENT, not_the_data_of, variables

_STUDY = "Ringach et al. 2002"
DATABASE = "ringach_2002_db.mat"
DOI = "10.1523/JNEUROSCI.22-13-05639.2002"
SOURCE = "Ringach, Shapley & Hawken 2002, Journal of Neuroscience 22:5639-5651"
#: Names of the columns in the file.
_COLUMNS = ("spont", "maxdc", "maxfirst", "orivar", "bw", "po")

_PERCENTILE_BINS = np.linspace(0, 1, 14)
#: Property -> its unit and the edges of its bins, in the order in which upstream registers them.
BINS = {
    "circular_variance": ("", _PERCENTILE_BINS),
    "or_bandwidth": ("degrees", np.linspace(0, 90, 18)),
    "orth_pref_ratio": ("", _PERCENTILE_BINS),
    "or_selective": ("", np.linspace(0, 1, 3)),
    "cv_bandwidth_ratio": ("1 / degrees", np.logspace(-3, 0, 16)),
    "opr_cv_diff": ("", np.linspace(-1, 1, 20)),
    "modulation_ratio": ("", np.linspace(0, 2, 11)),
    "max_dc": ("spikes / s", np.logspace(0, 3, 10)),
}


def ringach_histograms() -> dict[str, Histogram]:
    """The eight histograms by property, from the user's folder, the cache or the public repository
    (42 kB)."""
    return _read_once(public_files.fetch(DATABASE))


def read_histograms(path: Path) -> dict[str, Histogram]:
    """The eight histograms. Raises `WiringError` for a damaged or another file."""
    values = read_properties(path)
    found = {}
    for number, (name, (unit, edges)) in enumerate(BINS.items()):
        empty = Histogram(
            name,
            edges,
            np.zeros(len(edges) - 1, int),
            len(values[name]),
            unit,
            SOURCE,
            DOI,
            FIRST_NUMBER + number,
        )
        found[name] = empty.with_counts(empty.count(values[name])[:-1])
    return found


#: These properties' random samples come after those of the seven published histograms.
FIRST_NUMBER = 7


def read_properties(path: Path) -> dict[str, np.ndarray]:
    """Property -> values (neurons,) of the neurons that respond by more than 5 spikes per second
    above spontaneous."""
    data = variables(path, _STUDY, "db")
    try:
        rows = {name: np.asarray(data["db"][name][0, 0], np.float64).ravel() for name in _COLUMNS}
        if len({len(row) for row in rows.values()}) != 1 or not len(rows["spont"]):
            raise ValueError("its columns differ in length")
    except BAD_CONTENT as error:
        raise not_the_data_of(_STUDY, path, error) from None
    respond = rows["maxdc"] > rows["spont"] + RESPONSE_THRESHOLD
    rows = {name: row[respond] for name, row in rows.items()}
    bandwidth = np.where(rows["bw"] > 90, np.nan, rows["bw"])
    return {
        "circular_variance": rows["orivar"],
        "or_bandwidth": bandwidth,
        "orth_pref_ratio": rows["po"],
        "or_selective": np.where(np.isnan(bandwidth), 0.0, 1.0),
        "cv_bandwidth_ratio": rows["orivar"] / bandwidth,
        "opr_cv_diff": rows["po"] - rows["orivar"],
        "modulation_ratio": rows["maxfirst"] / rows["maxdc"],
        "max_dc": rows["maxdc"],
    }


#: A file that was fetched was verified, so that what was read from its path before still holds.
_read_once = functools.cache(read_histograms)
