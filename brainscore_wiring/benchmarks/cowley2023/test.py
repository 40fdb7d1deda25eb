import pytest
from brainscore_vision import benchmark_registry

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import cowley2023  # noqa: F401  (registers)


@pytest.mark.parametrize("identifier", ["Cowley2023.V4-pls", "Cowley2023.V4-pls.sessions"])
def test_registered(identifier):
    assert identifier in benchmark_registry


def test_ceiling():
    if not all(public_files.locate(name) for name in public_files.GROUPS["cowley2023"].files):
        pytest.skip(
            "data of Cowley et al. 2023 are not on this machine: `brainscore data fetch cowley2023`"
        )
    benchmark = benchmark_registry["Cowley2023.V4-pls"]()
    assert benchmark.identifier == "Cowley2023.V4-pls"
    assert float(benchmark.ceiling) == pytest.approx(0.752, abs=0.002)
