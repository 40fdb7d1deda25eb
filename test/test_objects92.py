"""The 92 objects: one recording for all benchmarks that show them, by any model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from brainscore_vision.model_helpers.activations.pytorch import (
    PytorchWrapper,
    load_preprocess_images,
)
from brainscore_vision.model_helpers.brain_transformation import ModelCommitment
from conftest import shared
from small_experiments import Network, subject

from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.cichy2014 import benchmark as cichy
from brainscore_wiring.benchmarks.kriegeskorte2008 import benchmark as kriegeskorte
from brainscore_wiring.benchmarks.mur2013 import benchmark as mur
from brainscore_wiring.scoring.caches import no_identifier_caches
from brainscore_wiring.scoring.shared_recordings import shared as shared_recordings

LOADERS = (
    kriegeskorte.monkey_it,
    kriegeskorte.human_it,
    cichy.early_visual_cortex,
    cichy.it,
    mur.behaviour,
)


@pytest.fixture(autouse=True)
def data(monkeypatch, tmp_path):
    for study in ("kriegeskorte2008", "mur2013", "cichy2014"):
        shared(f"reference/{study}")
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))


def test_each_image_is_run_once_for_all_five_benchmarks_and_the_numbers_are_those_of_each_alone():
    benchmarks = [load() for load in LOADERS]
    alone = [benchmark(subject(seed=1)) for benchmark in benchmarks]
    model = subject(seed=1)
    with shared_recordings(model, benchmarks):
        together = [benchmark(model) for benchmark in benchmarks]
    # IT serves three benchmarks, a few images tell that it still is the same
    again = 2 * len(objects92.PROBE_IMAGES)
    assert model.network.shown == objects92.IMAGES + again
    assert [float(score.raw) for score in together] == pytest.approx(
        [float(score.raw) for score in alone], abs=1e-6
    )


def test_a_stock_commitment_tells_the_layer_of_its_behaviour():
    network = Network(seed=1)
    wrapper = PytorchWrapper(
        network, lambda paths: load_preprocess_images(paths, image_size=32), "small"
    )
    stock = ModelCommitment(
        "small",
        wrapper,
        layers=["decoder.avgpool"],
        behavioral_readout_layer="decoder.avgpool",
        region_layer_map={"IT": "decoder.avgpool"},
    )
    with no_identifier_caches():
        found = objects92.responses(stock, objects92.BEHAVIOUR)
    assert found.shape == (92, 16) and np.isfinite(found).all()
    with torch.no_grad():
        assert np.allclose(
            found, objects92.responses(subject(seed=1), objects92.BEHAVIOUR), atol=1e-4
        )
