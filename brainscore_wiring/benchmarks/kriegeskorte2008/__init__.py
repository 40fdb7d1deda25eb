"""Kriegeskorte et al. 2008: representational dissimilarities of 92 objects in monkey and human
IT."""

from brainscore_vision import benchmark_registry

from .benchmark import human_it, monkey_it

benchmark_registry["Kriegeskorte2008.IT-rdm"] = monkey_it
benchmark_registry["Kriegeskorte2008.IT-rdm.human"] = human_it
