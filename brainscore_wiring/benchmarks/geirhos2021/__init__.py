"""Geirhos et al. 2021: brainscore_vision's error consistency on edges and silhouettes, from small
public files."""

from brainscore_vision import benchmark_registry

from .benchmark import ErrorConsistency

benchmark_registry["Geirhos2021edge-error_consistency"] = lambda: ErrorConsistency("edge")
benchmark_registry["Geirhos2021silhouette-error_consistency"] = lambda: ErrorConsistency(
    "silhouette"
)
