import pytest
from brainscore_vision import benchmark_registry
from brainscore_wiring.benchmarks import brain_predictivity  # noqa: F401  (registers)
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.brainscore_data import missing_files

IDENTIFIER = "Geiger2022-brain_predictivity"


def test_registered():
    assert IDENTIFIER in benchmark_registry


def test_loads_or_says_what_is_missing():
    if missing_files(IDENTIFIER):
        with pytest.raises(WiringError, match="has no value without all of them"):
            benchmark_registry[IDENTIFIER]()
    else:
        assert benchmark_registry[IDENTIFIER]().identifier == IDENTIFIER
