"""The eight properties of MacaqueV1Tuning that come from Ringach et al. 2002, against
brainscore_vision's own code."""

from __future__ import annotations

import numpy as np
import pytest
from brainscore_core.supported_data_standards.brainio.assemblies import DataAssembly
from brainscore_vision import load_metric
from brainscore_vision.benchmarks.marques2020.benchmarks.ringach2002_benchmark import (
    ringach2002_properties,
)
from brainscore_vision.data.marques2020.data_packaging.marques_ringach2002 import collect_data
from brainscore_vision.metrics.distribution_similarity import NeuronalPropertyCeiling
from conftest import shared
from scipy.io import savemat

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings, ringach, similarity, tuning
from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import (
    MacaqueV1Property,
    MacaqueV1Tuning,
)
from brainscore_wiring.errors import WiringError

#: Our name -> upstream's in its assemblies, where it is another.
UPSTREAM = {
    "or_bandwidth": "bandwidth",
    "orth_pref_ratio": "orthogonal_preferred_ratio",
    "or_selective": "orientation_selective",
    "cv_bandwidth_ratio": "circular_variance_bandwidth_ratio",
    "opr_cv_diff": "orthogonal_preferred_ratio_circular_variance_difference",
}


def write(path, count: int = 60):
    """A file of the published form: one record of columns (1, count)."""
    random = np.random.default_rng(0)
    columns = {
        "spont": random.uniform(0, 10, count),
        "maxdc": random.uniform(5, 200, count),
        "maxfirst": random.uniform(1, 150, count),
        "orivar": random.uniform(0, 1, count),
        "bw": random.uniform(10, 120, count),
        "po": random.uniform(0, 1, count),
        "mindc": random.uniform(0, 5, count),
    }
    record = np.empty((1, 1), [(name, "O") for name in columns])
    for name, values in columns.items():
        record[name][0, 0] = values[np.newaxis]
    savemat(path, {"db": record})
    return path


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small file in place of the published one."""
    path = write(tmp_path / ringach.DATABASE)
    monkeypatch.setattr(public_files, "fetch", lambda name: tmp_path / name)
    return path


def upstream(path) -> DataAssembly:
    return collect_data(str(path))


@pytest.mark.parametrize("name", ringach.BINS)
def test_neurons_properties_and_bins_are_upstreams(small, name):
    assembly, theirs = upstream(small), UPSTREAM.get(name, name)
    assert np.allclose(
        ringach.read_properties(small)[name],
        assembly.sel(neuronal_property=theirs).values,
        equal_nan=True,
    )
    assert np.allclose(ringach.BINS[name][1], assembly.attrs[f"{theirs}_bins"])


def test_the_published_neurons_and_ceilings_are_upstreams():
    path = shared("reference/ringach2002") / ringach.DATABASE
    found = ringach.read_histograms(path)
    assert {histogram.neurons for histogram in found.values()} == {304}
    neurons = upstream(path)
    np.random.seed(0)
    for name, histogram in found.items():
        theirs = UPSTREAM.get(name, name)
        ceiling = NeuronalPropertyCeiling(load_metric("ks_similarity", property_name=theirs))
        expected = np.mean([float(ceiling(neurons)) for _ in range(4)])
        assert similarity.ceiling_of(histogram)[0] == pytest.approx(expected, abs=0.001), name


def test_a_models_properties_are_upstreams():
    """On noisy orientation tuning, sharp and broad, with modulated and unmodulated cells."""
    random, count = np.random.default_rng(1), 200
    shape = (count, *gratings.TUNING_SHAPE)
    apart = np.deg2rad(np.array(gratings.ORIENTATIONS) - random.uniform(0, 180, (count, 1)))
    tuned = np.exp(random.uniform(0, 4, (count, 1)) * (np.cos(2 * apart) - 1))[
        :, np.newaxis, :, np.newaxis
    ]
    wave = 1 + random.uniform(0, 1, (count, 1, 1, 1)) * np.cos(np.deg2rad(gratings.PHASES))
    rates = 40 * tuned * wave + random.uniform(0, 5, shape)
    blank = random.uniform(0, 3, count)
    sized = np.full((count, *gratings.SIZE_SHAPE), 20.0)
    ours = tuning.properties(tuning.Responses(blank, rates, sized))
    grid = [
        values.ravel()
        for values in np.meshgrid(
            gratings.SPATIAL_FREQUENCIES, gratings.ORIENTATIONS, gratings.PHASES, indexing="ij"
        )
    ]
    columns = dict(zip(("spatial_frequency", "orientation", "phase"), grid))
    zeros = np.zeros(len(grid[0]))
    responses = DataAssembly(
        rates.reshape(count, -1),
        dims=["neuroid", "presentation"],
        coords={
            "neuroid_id": ("neuroid", np.arange(count)),
            "region": ("neuroid", ["V1"] * count),
            **{name: ("presentation", values) for name, values in columns.items()},
            **dict.fromkeys(
                ("position_x", "position_y", "contrast", "radius"), ("presentation", zeros)
            ),
        },
    )
    theirs = ringach2002_properties.__wrapped__(
        model_identifier="x",
        responses=responses,
        baseline=DataAssembly(
            blank[:, np.newaxis],
            dims=["neuroid", "presentation"],
            coords={
                "neuroid_id": ("neuroid", np.arange(count)),
                "region": ("neuroid", ["V1"] * count),
                "stimulus_id": ("presentation", ["blank"]),
                "other": ("presentation", [0]),
            },
        ),
    )
    for name in ringach.BINS:
        expected = theirs.sel(neuronal_property=UPSTREAM.get(name, name)).values
        assert np.allclose(ours[name], expected, rtol=1e-6, equal_nan=True), name
    assert 0 < np.isnan(ours["or_bandwidth"]).mean() < 0.5


def test_the_second_version_of_the_mean_has_fifteen_parts_and_the_first_is_as_it_was(small):
    first, second = MacaqueV1Tuning(), MacaqueV1Tuning(version=2)
    assert (first.identifier, first.version, len(first.parts)) == ("MacaqueV1Tuning", 1, 7)
    assert (second.identifier, second.version, len(second.parts)) == ("MacaqueV1Tuning.v2", 2, 15)
    assert float(first.ceiling) == pytest.approx(0.95544, abs=1e-5)
    population = {
        name: np.repeat(
            (part.histogram.edges[:-1] + part.histogram.edges[1:]) / 2, part.histogram.counts
        )
        for name, part in second.parts.items()
    }
    score = second.score(population)
    assert 0.97 < float(score) <= 1 and list(score.attrs["parts"])[7:] == list(ringach.BINS)
    assert score.attrs["interval"][0] < float(score) and score.attrs["resampled"] == "units"


def test_a_single_propertys_interval_holds_its_score(small):
    score = MacaqueV1Property("max_dc").score(np.random.default_rng(0).uniform(5, 60, 40))
    low, high = score.attrs["interval"]
    assert 0 <= low < float(score) < high <= 1
    assert high - low == pytest.approx(2 * 1.96 * score.attrs["error"], rel=0.3)


def test_another_file_is_refused_in_one_sentence(tmp_path):
    savemat(tmp_path / "other.mat", {"data": np.ones(3)})
    with pytest.raises(WiringError, match="does not hold the data of Ringach et al. 2002") as error:
        ringach.read_histograms(tmp_path / "other.mat")
    assert "\n" not in str(error.value)
