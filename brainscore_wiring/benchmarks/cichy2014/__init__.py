"""Cichy et al. 2014: representational dissimilarities of 92 objects in human early visual cortex
and IT."""

from brainscore_vision import benchmark_registry

from .benchmark import early_visual_cortex, it

benchmark_registry["Cichy2014.EVC-rdm"] = early_visual_cortex
benchmark_registry["Cichy2014.IT-rdm"] = it
