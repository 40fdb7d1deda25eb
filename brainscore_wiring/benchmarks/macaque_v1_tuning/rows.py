"""The benchmarks in words: the means of all properties, and each property."""

from brainscore_wiring.scoring.benchmark_row import BenchmarkRow

#: Property, as identifiers and data files write it -> its name for people.
_PUBLISHED = {
    "grating_summation_field": "grating summation field",
    "peak_spatial_frequency": "peak spatial frequency",
    "preferred_orientation": "preferred orientation",
    "spatial_frequency_bandwidth": "spatial frequency bandwidth",
    "spatial_frequency_selective": "selectivity for spatial frequency",
    "surround_diameter": "surround diameter",
    "surround_suppression_index": "surround suppression index",
}
#: Those from the file of Ringach et al. 2002.
_RINGACH_PROPERTIES = {
    "circular_variance": "circular variance",
    "cv_bandwidth_ratio": "ratio of circular variance to orientation bandwidth",
    "max_dc": "maximum mean response (DC)",
    "modulation_ratio": "modulation ratio (F1/DC)",
    "opr_cv_diff": "orthogonal-to-preferred ratio minus circular variance",
    "or_bandwidth": "orientation bandwidth",
    "or_selective": "selectivity for orientation",
    "orth_pref_ratio": "orthogonal-to-preferred response ratio",
}
PROPERTY_NAMES = _PUBLISHED | _RINGACH_PROPERTIES
_RINGACH = ("ringach2002",)

ROWS = [
    BenchmarkRow("MacaqueV1Tuning", "V1", "tuning of neurons to gratings, mean of 7 properties"),
    BenchmarkRow(
        "MacaqueV1Tuning.v2",
        "V1",
        "tuning of neurons to gratings, mean of 15 properties",
        _RINGACH,
    ),
    *(
        BenchmarkRow(
            f"MacaqueV1Tuning-{name}",
            "V1",
            words,
            _RINGACH if name in _RINGACH_PROPERTIES else (),
            default=False,
        )
        for name, words in sorted(PROPERTY_NAMES.items())
    ),
]
