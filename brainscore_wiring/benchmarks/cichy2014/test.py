import pytest
from brainscore_vision import benchmark_registry

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import cichy2014  # noqa: F401  (registers)
from brainscore_wiring.benchmarks.cichy2014.benchmark import FMRI_DISSIMILARITIES
from brainscore_wiring.benchmarks.objects92 import SUPPLEMENT

CEILINGS = {"Cichy2014.EVC-rdm": 0.776, "Cichy2014.IT-rdm": 0.904}


@pytest.mark.parametrize("identifier", CEILINGS)
def test_registered(identifier):
    assert identifier in benchmark_registry


@pytest.mark.parametrize("identifier, expected", CEILINGS.items())
def test_ceiling(identifier, expected):
    if not all(public_files.locate(name) for name in (FMRI_DISSIMILARITIES, SUPPLEMENT)):
        pytest.skip(
            f"{FMRI_DISSIMILARITIES} or {SUPPLEMENT} is not on this machine: "
            "`brainscore data fetch cichy2014`"
        )
    benchmark = benchmark_registry[identifier]()
    assert benchmark.identifier == identifier
    assert float(benchmark.ceiling) == pytest.approx(expected, abs=0.0005)
