"""How few supervised synaptic updates a model took (paper, section 6)."""

from brainscore_vision import benchmark_registry

from .benchmark import SupervisedSynapticUpdates

benchmark_registry["Geiger2022-supervised_synaptic_updates"] = SupervisedSynapticUpdates
