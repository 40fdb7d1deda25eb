"""Mur et al. 2013: which of 92 objects people judge to be alike, against a model's behavioural
read-out."""

from brainscore_vision import benchmark_registry

from .benchmark import behaviour

benchmark_registry["Mur2013.behaviour-rdm"] = behaviour
