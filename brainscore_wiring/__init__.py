"""Brain models with minimal supervised synaptic updates: *Wiring Up Vision* (Geiger et al., ICLR 2022) for Brain-Score.

>>> import brainscore_wiring
>>> model = brainscore_wiring.load_model("cornet_s_wc")   # a Brain-Score BrainModel
"""

from __future__ import annotations

__version__ = "0.2.0"
__all__ = ["__version__", "enable", "list_benchmarks", "list_models", "load_benchmark", "load_model", "score"]


def load_model(identifier):
    """A Brain-Score model: one of ours by identifier or checkpoint file, or a stock Brain-Score model by name."""
    from brainscore_wiring.scoring.loading import load_model as load
    return load(identifier)


def load_benchmark(identifier: str):
    """A Brain-Score benchmark by its identifier, ours or stock."""
    from brainscore_wiring.scoring.loading import load_benchmark as load
    return load(identifier)


def score(model_identifier, benchmark_identifier: str):
    """The Brain-Score `Score` of one model on one benchmark; raises `WiringError` where it cannot be run."""
    from brainscore_wiring.scoring.score import score_one
    return score_one(model_identifier, benchmark_identifier)


def list_models() -> list[str]:
    """Identifiers of all variants in the catalogue."""
    from brainscore_wiring.catalogue import CATALOGUE
    return list(CATALOGUE)


def list_benchmarks() -> list[str]:
    """Identifiers of our benchmarks and of the paper's five public ones."""
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS
    return list(BENCHMARKS)


def enable() -> None:
    """Let `brainscore_vision.load_model`, `load_benchmark` and `score` find ours too; theirs keep their names."""
    from brainscore_wiring.scoring.loading import enable as chain
    chain()
