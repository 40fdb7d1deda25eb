"""The benchmarks in words."""

from brainscore_wiring.scoring.benchmark_row import BenchmarkRow

ROWS = [
    BenchmarkRow(
        "Cowley2023.V4-pls",
        "V4",
        "predictions of 50 neurons of a monkey on 640 natural images",
        ("cowley2023",),
    ),
    BenchmarkRow(
        "Cowley2023.V4-pls.sessions",
        "V4",
        "predictions of neurons of three monkeys, session by session",
        ("cowley2023", "cowley2023_sessions"),
        default=False,
    ),
]
