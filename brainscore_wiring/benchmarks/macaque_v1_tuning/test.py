import pytest
from brainscore_vision import benchmark_registry
from brainscore_wiring.benchmarks import macaque_v1_tuning  # noqa: F401  (registers)

CEILINGS = {"MacaqueV1Tuning": .9554, "MacaqueV1Tuning-preferred_orientation": .9613,
            "MacaqueV1Tuning-peak_spatial_frequency": .9663, "MacaqueV1Tuning-spatial_frequency_selective": .9622,
            "MacaqueV1Tuning-spatial_frequency_bandwidth": .9325, "MacaqueV1Tuning-surround_suppression_index": .9574,
            "MacaqueV1Tuning-grating_summation_field": .9549, "MacaqueV1Tuning-surround_diameter": .9540}


@pytest.mark.parametrize("identifier", CEILINGS)
def test_registered(identifier):
    assert identifier in benchmark_registry


@pytest.mark.parametrize("identifier, expected", CEILINGS.items())
def test_ceiling(identifier, expected):
    benchmark = benchmark_registry[identifier]()
    assert benchmark.identifier == identifier
    assert float(benchmark.ceiling) == pytest.approx(expected, abs=.005)
