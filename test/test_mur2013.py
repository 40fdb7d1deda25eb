"""Mur2013.behaviour-rdm: people's similarity judgments against a model's behavioural read-out."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import shared
from one_region import Matrix
from scipy.io import savemat

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks.dissimilarity import noise_ceiling, spearman
from brainscore_wiring.benchmarks.mur2013 import benchmark as mur
from brainscore_wiring.errors import WiringError

ABOVE = np.triu_indices(92, 1)


def people(count: int = 16, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Objects in a space of five dimensions (92, 5), and noisy distances (count, 4186)."""
    generator = np.random.default_rng(0)
    objects = generator.normal(size=(92, 5))
    distances = np.linalg.norm(objects[:, np.newaxis] - objects, axis=2)[ABOVE]
    return objects, distances + noise * generator.normal(size=(count, len(distances)))


def write(path, judgments: np.ndarray):
    """A file of the published form."""
    records = np.empty((1, len(judgments)), [("RDM", "O"), ("name", "O"), ("color", "O")])
    for number, values in enumerate(judgments):
        matrix = np.zeros((92, 92))
        matrix[ABOVE] = values
        records[0, number] = (matrix + matrix.T, f"simJudge | subject{number + 1}", np.ones((1, 3)))
    savemat(path, {"rdms_behav_92": records})
    return path


def subject(responses: np.ndarray) -> Matrix:
    return Matrix(responses, lambda name: int(name.rpartition("_")[2]) - 1)


def test_what_is_read_is_what_people_judged(tmp_path):
    judgments = people()[1]
    assert np.allclose(mur.read_judgments(write(tmp_path / "judgments.mat", judgments)), judgments)


def test_a_file_of_other_people_or_another_content_is_refused(tmp_path):
    with pytest.raises(WiringError, match="it holds 4 people instead of 16"):
        mur.read_judgments(write(tmp_path / "four.mat", people(4)[1]))
    savemat(tmp_path / "other.mat", {"RDMs": np.ones(3)})
    with pytest.raises(WiringError, match="does not hold the data of Mur et al. 2013"):
        mur.read_judgments(tmp_path / "other.mat")


@pytest.mark.parametrize("noise", [1.0, 3.0])
def test_the_ceiling_is_what_the_truth_reaches_with_the_mean_over_people(noise):
    truth = people(noise=0)[1][0]
    judgments = people(noise=noise)[1]
    ceiling = noise_ceiling(judgments, halves=True)
    assert ceiling.group == pytest.approx(spearman(truth, judgments.mean(axis=0)), abs=0.02)


@pytest.fixture
def real(monkeypatch):
    """The published judgments and images."""
    for folder in ("mur2013", "kriegeskorte2008"):
        shared(f"reference/{folder}")
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
    return mur.read_judgments(public_files.fetch(mur.JUDGMENTS))


def test_the_published_judgments_have_their_bounds(real):
    ceiling = noise_ceiling(real, halves=True)
    assert (ceiling.lower, ceiling.upper) == pytest.approx((0.477, 0.577), abs=0.001)
    assert ceiling.group**2 == pytest.approx(0.78, abs=0.005)


def test_the_layer_of_behaviour_is_read_and_the_mean_of_people_scores_high(real):
    similarity = np.eye(92)
    similarity[ABOVE] = 1 - real.mean(axis=0) / real.mean(axis=0).max()
    similarity = np.maximum(similarity, similarity.T)
    values, vectors = np.linalg.eigh(similarity)
    root = vectors * np.sqrt(np.maximum(values, 0))
    model = subject(np.hstack([root, -root]))
    score = mur.behaviour()(model)
    assert model.recorded[0] == (["decoder.avgpool"], None) and model.looks == [92]
    assert float(score) > 0.9 and float(score.ceiling) == pytest.approx(0.884, abs=0.003)
    low, high = score.attrs["interval"]
    assert low < high <= 1 and score.attrs["resampled"] == "images and subjects"
    noise = mur.behaviour()(subject(np.random.default_rng(0).normal(size=(92, 50))))
    assert float(noise) < 0.1 and noise.attrs["interval"][0] == 0


def test_a_model_that_commits_to_no_readout_gets_one_sentence(real):
    class Silent:
        identifier = "silent"

        def visual_degrees(self):
            return 8

    with pytest.raises(
        WiringError, match="silent does not tell which layer its behaviour is read out from"
    ):
        mur.behaviour()(Silent())
