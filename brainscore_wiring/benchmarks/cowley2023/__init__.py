"""Cowley et al. 2023: how well a model's V4 predicts neurons of macaque V4 on natural images."""

from brainscore_vision import benchmark_registry

from .benchmark import V4AllSessions, V4OneSession

benchmark_registry["Cowley2023.V4-pls"] = V4OneSession
benchmark_registry["Cowley2023.V4-pls.sessions"] = V4AllSessions
