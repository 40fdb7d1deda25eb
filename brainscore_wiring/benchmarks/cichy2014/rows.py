"""The benchmarks in words."""

from brainscore_wiring.scoring.benchmark_row import BenchmarkRow

_DATA = ("cichy2014", "kriegeskorte2008")

ROWS = [
    BenchmarkRow(
        "Cichy2014.EVC-rdm",
        "V1",
        "dissimilarities of 92 objects in early visual cortex of 15 people",
        _DATA,
    ),
    BenchmarkRow("Cichy2014.IT-rdm", "IT", "dissimilarities of 92 objects in 15 people", _DATA),
]
