import pytest
from brainscore_vision import benchmark_registry

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import mur2013  # noqa: F401  (registers)
from brainscore_wiring.benchmarks.mur2013.benchmark import JUDGMENTS
from brainscore_wiring.benchmarks.objects92 import SUPPLEMENT


def test_registered():
    assert "Mur2013.behaviour-rdm" in benchmark_registry


def test_ceiling():
    if not all(public_files.locate(name) for name in (JUDGMENTS, SUPPLEMENT)):
        pytest.skip(
            f"{JUDGMENTS} or {SUPPLEMENT} is not on this machine: `brainscore data fetch mur2013`"
        )
    benchmark = benchmark_registry["Mur2013.behaviour-rdm"]()
    assert float(benchmark.ceiling) == pytest.approx(0.884, abs=0.003)
