import pytest
from brainscore_vision import benchmark_registry

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import kriegeskorte2008  # noqa: F401  (registers)
from brainscore_wiring.benchmarks.kriegeskorte2008.experiment import SUBJECTS_FILE, SUPPLEMENT

IDENTIFIERS = ["Kriegeskorte2008.IT-rdm", "Kriegeskorte2008.IT-rdm.human"]


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_registered(identifier):
    assert identifier in benchmark_registry


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_ceiling(identifier):
    if not all(public_files.locate(name) for name in (SUPPLEMENT, SUBJECTS_FILE)):
        pytest.skip(f"{SUPPLEMENT} or {SUBJECTS_FILE} is not on this machine")
    benchmark = benchmark_registry[identifier]()
    assert benchmark.identifier == identifier
    assert float(benchmark.ceiling) == pytest.approx(0.771, abs=0.001)
