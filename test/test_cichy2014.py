"""Cichy2014.EVC-rdm and .IT-rdm: dissimilarities of 92 objects in people's early visual cortex and
IT."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from conftest import shared
from one_region import Matrix
from scipy.io import savemat

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks.cichy2014 import benchmark as cichy
from brainscore_wiring.benchmarks.dissimilarity import noise_ceiling
from brainscore_wiring.errors import WiringError

ABOVE = np.triu_indices(92, 1)


def matrices(people: int = 15) -> np.ndarray:
    """Symmetric dissimilarities (people, 92, 92)."""
    values = np.random.default_rng(0).uniform(0, 2, (people, 92, 92))
    return values + values.transpose(0, 2, 1)


def write(path, early: np.ndarray, it: np.ndarray, modern: bool):
    """A file of the published form (modern: MATLAB 7.3), which keeps people on the last axis for
    h5py."""
    stacked = {"EVC_RDMs": np.moveaxis(early, 0, -1), "IT_RDMs": np.moveaxis(it, 0, -1)}
    if modern:
        with h5py.File(path, "w") as file:
            for name, values in stacked.items():
                file[name] = values
    else:
        savemat(path, stacked)
    return path


@pytest.mark.parametrize("modern", [True, False])
def test_both_regions_are_read_from_both_versions_of_the_file(tmp_path, modern):
    early, it = matrices(), matrices() ** 2
    read = cichy.read_people(write(tmp_path / "target_fmri.mat", early, it, modern))
    assert np.allclose(read["V1"], [matrix[ABOVE] for matrix in early])
    assert np.allclose(read["IT"], [matrix[ABOVE] for matrix in it])


def test_other_people_lopsided_matrices_and_damage_are_refused_in_one_sentence(tmp_path):
    few = write(tmp_path / "few.mat", matrices(4), matrices(4), True)
    lopsided = matrices()
    lopsided[3, 0, 1] += 1
    lopsided = write(tmp_path / "lopsided.mat", lopsided, matrices(), True)
    (tmp_path / "damaged.mat").write_bytes(few.read_bytes()[:3000])
    for path, reason in (
        (few, r"shape \(92, 92, 4\)"),
        (lopsided, "not symmetric"),
        (tmp_path / "damaged.mat", ""),
    ):
        with pytest.raises(
            WiringError, match=f"does not hold the data of Cichy et al. 2014 .*{reason}"
        ) as error:
            cichy.read_people(path)
        assert "\n" not in str(error.value)


@pytest.fixture
def real(monkeypatch):
    """The published dissimilarities."""
    for folder in ("cichy2014", "kriegeskorte2008"):
        shared(f"reference/{folder}")
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference")))
    return cichy.read_people(public_files.fetch(cichy.FMRI_DISSIMILARITIES))


@pytest.mark.parametrize("region, lower, upper", [("V1", 0.239, 0.392), ("IT", 0.449, 0.542)])
def test_the_published_dissimilarities_have_their_bounds(real, region, lower, upper):
    ceiling = noise_ceiling(real[region], halves=True)
    assert (ceiling.lower, ceiling.upper) == pytest.approx((lower, upper), abs=0.001)
    assert ceiling.upper < ceiling.group < 1


@pytest.mark.parametrize("load, region", [(cichy.early_visual_cortex, "V1"), (cichy.it, "IT")])
def test_each_benchmark_records_its_own_region(real, load, region):
    model = Matrix(
        np.random.default_rng(0).normal(size=(92, 30)),
        lambda name: int(name.rpartition("_")[2]) - 1,
    )
    score = load()(model)
    assert model.recorded[0][0] == region and (200, 300) in model.recorded[0][1]
    assert float(score) < 0.1 and score.attrs["resampled"] == "images and subjects"
    assert score.attrs["noise_ceiling"]["source"].startswith("the 15 people")
