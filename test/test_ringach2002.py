"""The eight properties of MacaqueV1Tuning that come from Ringach et al. 2002, against
brainscore_vision's own code."""

from __future__ import annotations

import numpy as np
import pytest
from brainscore_core.supported_data_standards.brainio.assemblies import DataAssembly
from brainscore_vision import load_metric
from brainscore_vision.benchmarks.marques2020.benchmarks.cavanaugh2002a_benchmark import (
    cavanaugh2002_properties,
)
from brainscore_vision.benchmarks.marques2020.benchmarks.devalois1982a_benchmark import (
    devalois1982a_properties,
)
from brainscore_vision.benchmarks.marques2020.benchmarks.devalois1982b_benchmark import (
    devalois1982b_properties,
)
from brainscore_vision.benchmarks.marques2020.benchmarks.ringach2002_benchmark import (
    ringach2002_properties,
)
from brainscore_vision.benchmarks.marques2020.benchmarks.schiller1976_benchmark import (
    schiller1976_properties,
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


def properties_by_upstream(function, rates: np.ndarray, blank: np.ndarray) -> DataAssembly:
    """What brainscore_vision's `function` makes of rates (n, frequency, orientation, phase), or
    with a radius behind n."""
    units = {
        "neuroid_id": ("neuroid", np.arange(len(rates))),
        "region": ("neuroid", ["V1"] * len(rates)),
    }
    axes = (gratings.SPATIAL_FREQUENCIES, gratings.ORIENTATIONS, gratings.PHASES)
    if rates.ndim == 5:
        axes = (
            gratings.RADII,
            gratings.SIZE_SPATIAL_FREQUENCIES,
            gratings.SIZE_ORIENTATIONS,
            gratings.SIZE_PHASES,
        )
    grid = [values.ravel() for values in np.meshgrid(*axes, indexing="ij")]
    names = ("radius", "spatial_frequency", "orientation", "phase")[-len(axes) :]
    columns = {name: np.zeros(len(grid[0])) for name in ("position_x", "position_y", "contrast")}
    columns |= {"radius": np.zeros(len(grid[0]))} | dict(zip(names, grid))
    return function.__wrapped__(
        model_identifier="x",
        responses=DataAssembly(
            rates.reshape(len(rates), -1),
            dims=["neuroid", "presentation"],
            coords=units | {name: ("presentation", values) for name, values in columns.items()},
        ),
        baseline=DataAssembly(
            blank[:, np.newaxis],
            dims=["neuroid", "presentation"],
            coords=units
            | {"stimulus_id": ("presentation", ["blank"]), "other": ("presentation", [0])},
        ),
    )


def test_orientation_frequency_and_size_tuning_are_upstreams():
    """On noisy cells, some of which respond too little, with one peak frequency and size each."""
    random, count = np.random.default_rng(2), 150
    blank, gain = random.uniform(0, 12, count), random.uniform(2, 60, count)

    def against(values, width) -> np.ndarray:
        """How units (n, 1) of other preferences and widths respond along one axis."""
        preferred = random.uniform(values[0], values[-1], (count, 1))
        return np.exp(-0.5 * ((np.array(values) - preferred) / width) ** 2)

    def noisy(driven) -> np.ndarray:
        spontaneous = blank.reshape(-1, *[1] * (driven.ndim - 1))
        return spontaneous + driven + random.uniform(0, 4, driven.shape)

    octaves = np.log2(gratings.SPATIAL_FREQUENCIES)
    wave = 1 + random.uniform(0, 1, (count, 1)) * np.cos(np.deg2rad(gratings.PHASES))
    rates = noisy(
        np.einsum(
            "n,nf,no,np->nfop",
            gain,
            against(octaves, random.uniform(0.4, 3, (count, 1))),
            against(gratings.ORIENTATIONS, 25),
            wave,
        )
    )
    radii = np.array(gratings.RADII)
    centre, surround = random.uniform(0.1, 1, (count, 1)), random.uniform(0.02, 0.9, (count, 1))
    size = (1 - np.exp(-((radii / centre) ** 2))) * (1 - surround * (radii > 2 * centre))
    sized = noisy(
        np.einsum(
            "n,nr,nf,no,np->nrfop",
            gain,
            size,
            against(np.log2(gratings.SIZE_SPATIAL_FREQUENCIES), 1),
            against(gratings.SIZE_ORIENTATIONS, 30),
            wave[:, : len(gratings.SIZE_PHASES)],
        )
    )
    ours = tuning.properties(tuning.Responses(blank, rates, sized))
    upstreams = {
        devalois1982a_properties: ("preferred_orientation",),
        devalois1982b_properties: ("peak_spatial_frequency",),
        schiller1976_properties: ("spatial_frequency_selective", "spatial_frequency_bandwidth"),
        cavanaugh2002_properties: (
            "surround_suppression_index",
            "grating_summation_field",
            "surround_diameter",
        ),
    }
    for function, names in upstreams.items():
        driven = sized if function is cavanaugh2002_properties else rates
        theirs = properties_by_upstream(function, driven, blank)
        for name in names:
            expected = theirs.sel(neuronal_property=name).values
            assert 0 < len(expected) < count, name
            if name in ("peak_spatial_frequency", "spatial_frequency_bandwidth"):
                # here to a 40th of an octave, there to a 20th, half of which is beyond either side
                octaves = np.log2(ours[name] / expected)
                outwards = 0.025 if name == "spatial_frequency_bandwidth" else 0
                assert (np.isnan(ours[name]) == np.isnan(expected)).mean() > 0.97
                assert np.nanmax(np.abs(octaves)) < 0.1
                assert np.nanmean(octaves) == pytest.approx(outwards, abs=0.006)
            else:
                assert np.allclose(ours[name], expected, rtol=1e-6, equal_nan=True), name
    assert 0.1 < np.isnan(ours["spatial_frequency_bandwidth"]).mean() < 0.9
    assert 0.1 < np.isnan(ours["surround_diameter"]).mean() < 0.9


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
    theirs = properties_by_upstream(ringach2002_properties, rates, blank)
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
