"""Geiger et al. 2022: the average brain predictivity, the paper's headline number."""

from brainscore_vision import benchmark_registry

from .benchmark import BrainPredictivity

benchmark_registry['Geiger2022-brain_predictivity'] = BrainPredictivity
