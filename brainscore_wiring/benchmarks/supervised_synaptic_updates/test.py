from types import SimpleNamespace

from brainscore_wiring.benchmarks.supervised_synaptic_updates.benchmark import (
    SupervisedSynapticUpdates,
)


def test_the_standard_model_scores_0_and_a_model_at_birth_1():
    benchmark = SupervisedSynapticUpdates()
    assert benchmark(SimpleNamespace(identifier="cornet_s")) == 0
    birth = benchmark(SimpleNamespace(identifier="cornet_s_wc"))
    assert birth == 1 and "note" not in birth.attrs
    decoder = benchmark(SimpleNamespace(identifier="cornet_s_dt_decoder"))
    assert decoder == 1 and "batch norms and the decoder" in decoder.attrs["note"]
