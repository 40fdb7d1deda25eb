"""The benchmarks in words."""

from brainscore_wiring.scoring.benchmark_row import BenchmarkRow

ROWS = [
    BenchmarkRow(
        f"Geirhos2021{images}-error_consistency",
        "behaviour",
        f"errors of 10 people on images of {images}s; 1,000 classes",
        default=False,
    )
    for images in ("edge", "silhouette")
]
