"""The benchmarks in words."""

from brainscore_wiring.scoring.benchmark_row import BenchmarkRow

_DATA = ("kriegeskorte2008",)

ROWS = [
    BenchmarkRow(
        "Kriegeskorte2008.IT-rdm", "IT", "dissimilarities of 92 objects in two monkeys", _DATA
    ),
    BenchmarkRow(
        "Kriegeskorte2008.IT-rdm.human", "IT", "dissimilarities of 92 objects in four humans", _DATA
    ),
]
