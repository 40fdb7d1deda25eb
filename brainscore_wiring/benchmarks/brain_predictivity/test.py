import pytest
from brainscore_vision import benchmark_registry

from brainscore_wiring.benchmarks import brain_predictivity  # noqa: F401  (registers)
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.brainscore_data import missing_files

IDENTIFIERS = ["Geiger2022-brain_predictivity", "Geiger2022-brain_predictivity.private"]


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_registered(identifier):
    assert identifier in benchmark_registry


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_loads_or_says_what_is_missing(identifier):
    if missing_files(identifier):
        with pytest.raises(
            WiringError, match=r"has no value without all of them|only Brain-Score's own servers"
        ):
            benchmark_registry[identifier]()
    else:
        assert benchmark_registry[identifier]().identifier == identifier


def test_the_offline_mean_is_of_four_parts_and_names_what_it_lacks():
    benchmark = benchmark_registry["Geiger2022-brain_predictivity.offline"]()
    assert list(benchmark.identifiers.items()) == [
        ("V1", "MacaqueV1Tuning.v2"),
        ("V4", "Cowley2023.V4-pls"),
        ("IT", "Kriegeskorte2008.IT-rdm"),
        ("behaviour", "Mur2013.behaviour-rdm"),
    ]
    assert float(benchmark.ceiling) == 1
