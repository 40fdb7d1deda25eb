"""The benchmark in words."""

from brainscore_wiring.scoring.benchmark_row import BenchmarkRow

ROWS = [
    BenchmarkRow(
        "Mur2013.behaviour-rdm",
        "behaviour",
        "similarity judgments of 92 objects by 16 people",
        ("mur2013", "kriegeskorte2008"),
    )
]
