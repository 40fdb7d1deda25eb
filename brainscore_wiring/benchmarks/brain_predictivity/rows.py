"""The benchmarks in words."""

from brainscore_wiring.scoring.benchmark_row import MEAN, BenchmarkRow
from brainscore_wiring.scoring.brainscore_data import (
    BRAIN_PREDICTIVITY,
    OFFLINE_PREDICTIVITY,
    PRIVATE_BRAIN_PREDICTIVITY,
)

ROWS = [
    BenchmarkRow(
        BRAIN_PREDICTIVITY,
        MEAN,
        "mean of the paper's five benchmarks, on public data",
        default=False,
    ),
    BenchmarkRow(
        PRIVATE_BRAIN_PREDICTIVITY,
        MEAN,
        "mean of the paper's five benchmarks, on private data",
        default=False,
    ),
    BenchmarkRow(
        OFFLINE_PREDICTIVITY,
        MEAN,
        "mean of V1 tuning, V4, monkey IT and behaviour; without V2",
        ("ringach2002", "cowley2023", "kriegeskorte2008", "mur2013"),
    ),
]
