import pytest
from brainscore_vision import benchmark_registry

from brainscore_wiring.benchmarks import geirhos2021  # noqa: F401  (registers)
from brainscore_wiring.benchmarks.geirhos2021 import files
from brainscore_wiring.benchmarks.geirhos2021.benchmark import ErrorConsistency

CEILINGS = {
    "Geirhos2021edge-error_consistency": 0.31844,
    "Geirhos2021silhouette-error_consistency": 0.47571,
}


@pytest.mark.parametrize("identifier, expected", CEILINGS.items())
def test_registered_and_with_upstreams_ceiling(identifier, expected):
    benchmark = benchmark_registry[identifier]()
    assert benchmark.identifier == identifier and isinstance(benchmark, ErrorConsistency)
    if not files.here():
        pytest.skip(
            f"{files.IMAGE_ARCHIVE} or {files.RESPONSE_ARCHIVE} is not in the folder of "
            "BRAINSCORE_WIRING_DATA"
        )
    assert float(benchmark._ceiling_func()) == pytest.approx(expected, abs=1e-5)
