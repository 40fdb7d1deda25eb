"""The benchmark in words."""

from brainscore_wiring.scoring.benchmark_row import ACCOUNT, BenchmarkRow

ROWS = [
    BenchmarkRow(
        "Geiger2022-supervised_synaptic_updates",
        ACCOUNT,
        "how few supervised synaptic updates a model took",
    )
]
