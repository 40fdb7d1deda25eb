"""The benchmarks in words: the means of all properties, and each property."""

from brainscore_wiring.scoring.benchmark_row import BenchmarkRow

_PROPERTIES = (
    "grating_summation_field",
    "peak_spatial_frequency",
    "preferred_orientation",
    "spatial_frequency_bandwidth",
    "spatial_frequency_selective",
    "surround_diameter",
    "surround_suppression_index",
)
#: Those from the file of Ringach et al. 2002.
RINGACH_PROPERTIES = (
    "circular_variance",
    "cv_bandwidth_ratio",
    "max_dc",
    "modulation_ratio",
    "opr_cv_diff",
    "or_bandwidth",
    "or_selective",
    "orth_pref_ratio",
)
_RINGACH = ("ringach2002",)

ROWS = [
    BenchmarkRow(
        "MacaqueV1Tuning", "V1", "seven published distributions of tuning to gratings, their mean"
    ),
    BenchmarkRow(
        "MacaqueV1Tuning.v2",
        "V1",
        "fifteen published distributions of tuning to gratings, their mean",
        _RINGACH,
    ),
    *(
        BenchmarkRow(
            f"MacaqueV1Tuning-{name}",
            "V1",
            name.replace("_", " "),
            _RINGACH if name in RINGACH_PROPERTIES else (),
            default=False,
        )
        for name in sorted(_PROPERTIES + RINGACH_PROPERTIES)
    ),
]
