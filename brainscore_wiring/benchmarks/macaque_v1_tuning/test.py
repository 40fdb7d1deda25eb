import pytest
from brainscore_vision import benchmark_registry

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import macaque_v1_tuning  # noqa: F401  (registers)

CEILINGS = {
    "MacaqueV1Tuning": 0.9554,
    "MacaqueV1Tuning-preferred_orientation": 0.9613,
    "MacaqueV1Tuning-peak_spatial_frequency": 0.9663,
    "MacaqueV1Tuning-spatial_frequency_selective": 0.9622,
    "MacaqueV1Tuning-spatial_frequency_bandwidth": 0.9325,
    "MacaqueV1Tuning-surround_suppression_index": 0.9574,
    "MacaqueV1Tuning-grating_summation_field": 0.9549,
    "MacaqueV1Tuning-surround_diameter": 0.9540,
}
#: Those that need the file of Ringach et al. 2002.
RINGACH = {
    "MacaqueV1Tuning.v2": 0.962,
    "MacaqueV1Tuning-circular_variance": 0.959,
    "MacaqueV1Tuning-or_bandwidth": 0.964,
    "MacaqueV1Tuning-orth_pref_ratio": 0.962,
    "MacaqueV1Tuning-or_selective": 0.994,
    "MacaqueV1Tuning-cv_bandwidth_ratio": 0.968,
    "MacaqueV1Tuning-opr_cv_diff": 0.967,
    "MacaqueV1Tuning-modulation_ratio": 0.959,
    "MacaqueV1Tuning-max_dc": 0.968,
}


@pytest.mark.parametrize("identifier", [*CEILINGS, *RINGACH])
def test_registered(identifier):
    assert identifier in benchmark_registry


@pytest.mark.parametrize("identifier, expected", [*CEILINGS.items(), *RINGACH.items()])
def test_ceiling(identifier, expected):
    if identifier in RINGACH and not all(
        public_files.locate(name) for name in public_files.GROUPS["ringach2002"].files
    ):
        pytest.skip(
            "data of Ringach et al. 2002 are not on this machine: `brainscore data fetch "
            "ringach2002`"
        )
    benchmark = benchmark_registry[identifier]()
    assert benchmark.identifier == identifier
    assert float(benchmark.ceiling) == pytest.approx(expected, abs=0.005)
