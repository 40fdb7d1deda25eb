"""MacaqueV1Tuning: the measurements, the comparison with the published numbers, the interface to
models.
"""

from __future__ import annotations

import gc
import os

import numpy as np
import pytest
from brainscore_core.plugin_management.import_plugin import ImportPlugin
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_vision import benchmark_registry
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings, recording, similarity, tuning
from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import (
    MacaqueV1Property,
    MacaqueV1Tuning,
)
from brainscore_wiring.errors import WiringError

#: What Brain-Score's own benchmarks of these histograms report as ceilings.
CEILINGS = {
    "preferred_orientation": 0.9613,
    "peak_spatial_frequency": 0.9663,
    "spatial_frequency_selective": 0.9622,
    "spatial_frequency_bandwidth": 0.9325,
    "surround_suppression_index": 0.9574,
    "grating_summation_field": 0.9549,
    "surround_diameter": 0.9540,
}


class GratingCells(BrainModel):
    """A model of V1 that answers from the gratings' parameters: linear, half-wave rectified cells.

    Cell i prefers `orientations[i]` (width `orientation_width` degrees) and `frequencies[i]`
    (standard deviation `octaves`), sums over `centres[i]` degrees of radius and is suppressed by
    `suppressions[i]` from twice that radius.
    """

    identifier = "grating-cells"

    def __init__(
        self,
        orientations,
        frequencies,
        octaves=0.6,
        orientation_width=20.0,
        centres=0.5,
        suppressions=0.5,
        gain=3.0,
        spontaneous=0.1,
        degrees=8.0,
    ):
        self.orientations, self.frequencies = (
            np.asarray(orientations, float),
            np.asarray(frequencies, float),
        )
        self.octaves, self.orientation_width = octaves, orientation_width
        self.gain, self.spontaneous = gain, spontaneous
        self.centres, self.suppressions = (
            np.broadcast_to(value, self.orientations.shape) for value in (centres, suppressions)
        )
        self.degrees, self.looks, self.images, self.recorded = degrees, [], 0, None

    def visual_degrees(self):
        return self.degrees

    def start_task(self, task):
        raise NotImplementedError()

    def start_recording(self, recording_target, time_bins):
        self.recorded = (recording_target, time_bins)

    def respond(self, stimuli) -> np.ndarray:
        orientation, frequency, phase, radius = (
            stimuli[name].values[:, None]
            for name in ("orientation", "spatial_frequency", "phase", "radius")
        )
        apart = np.abs((orientation - self.orientations + 90) % 180 - 90)
        octaves = np.log2(np.maximum(frequency, 1e-6) / self.frequencies)
        drive = np.exp(
            -0.5 * (apart / self.orientation_width) ** 2 - 0.5 * (octaves / self.octaves) ** 2
        )
        size = np.where(
            radius >= 2 * self.centres, 1 - self.suppressions, np.minimum(radius / self.centres, 1)
        )
        wave = np.cos(
            np.deg2rad(phase) - np.linspace(0, 2 * np.pi, len(self.orientations), endpoint=False)
        )
        return self.spontaneous + self.gain * np.where(
            radius > 0, drive * size * np.maximum(wave, 0), 0
        )

    def assembly(self, stimuli, responses) -> NeuroidAssembly:
        units = responses.shape[1]
        return NeuroidAssembly(
            responses[..., None],
            dims=["presentation", "neuroid", "time_bin"],
            coords={
                "stimulus_id": ("presentation", stimuli["stimulus_id"].values),
                "radius": ("presentation", stimuli["radius"].values),
                "neuroid_id": ("neuroid", np.arange(units)),
                "region": ("neuroid", ["V1"] * units),
                "time_bin_start": ("time_bin", [50]),
                "time_bin_end": ("time_bin", [150]),
            },
        )

    def look_at(self, stimuli, number_of_trials=1, require_variance=False):
        self.looks.append(stimuli.identifier)
        self.images += len(stimuli)
        return self.assembly(stimuli, self.respond(stimuli))


def cells(count: int = 60, seed: int = 0, **settings) -> GratingCells:
    random = np.random.default_rng(seed)
    return GratingCells(random.uniform(0, 180, count), 2 ** random.uniform(0, 3, count), **settings)


def measured(model: BrainModel) -> dict[str, np.ndarray]:
    return tuning.properties(tuning.firing_rates(recording.recorded_responses(model)))


def published_population(name: str) -> np.ndarray:
    """Values in the middle of the bins, as often as in the published histogram; NaN for the
    others.
    """
    histogram = similarity.histograms()[name]
    values = np.repeat((histogram.edges[:-1] + histogram.edges[1:]) / 2, histogram.counts)
    return np.append(values, np.full(histogram.neurons - len(values), np.nan))


# --- measurements


def test_preferred_orientation_and_peak_frequency_of_known_cells_are_found():
    orientations = np.linspace(0, 175, 36)
    frequencies = np.tile([1.0, 2.0, 4.0, 8.0], 9)
    values = measured(GratingCells(orientations, frequencies))
    found, expected = (
        values["preferred_orientation"],
        np.where(orientations >= 157.5, orientations - 180, orientations),
    )
    assert np.abs((found - expected + 90) % 180 - 90).max() <= 4
    assert found.min() >= -22.5 and found.max() < 157.5
    assert np.abs(np.log2(values["peak_spatial_frequency"] / frequencies)).max() <= 0.06


def test_bandwidth_is_the_ratio_of_the_frequencies_at_seven_tenths_of_the_peak():
    values = measured(GratingCells([45.0] * 8, [2.0, 3.0] * 4, octaves=0.8, spontaneous=0.0))
    half_width = 0.8 * np.sqrt(-2 * np.log(0.707))
    assert values["spatial_frequency_bandwidth"] == pytest.approx(
        100 * 2 ** (-2 * half_width), abs=3
    )
    assert (values["spatial_frequency_selective"] == 1).all()


def test_a_low_pass_cell_is_not_selective_and_has_no_bandwidth():
    values = measured(GratingCells([45.0] * 4, [0.1, 0.1, 2.0, 2.0], octaves=1.5))
    assert values["spatial_frequency_selective"].tolist() == [0, 0, 1, 1]
    assert np.isnan(values["spatial_frequency_bandwidth"]).tolist() == [True, True, False, False]


def test_size_tuning_of_known_cells_is_found():
    centres = np.array(gratings.RADII)[[2, 3, 4, 5]]
    values = measured(
        GratingCells(
            [0.0] * 4,
            [gratings.SIZE_SPATIAL_FREQUENCIES[1]] * 4,
            centres=centres,
            suppressions=[0.2, 0.4, 0.6, 0.9],
            spontaneous=0.0,
        )
    )
    assert values["surround_suppression_index"] == pytest.approx([0.2, 0.4, 0.6, 0.9], abs=0.02)
    assert values["grating_summation_field"] == pytest.approx(2 * centres)
    assert values["surround_diameter"] == pytest.approx(4 * centres)


def test_an_unsuppressed_cell_has_no_summation_field():
    values = measured(GratingCells([0.0, 30.0], [2.0, 2.0], suppressions=0.0))
    assert values["surround_suppression_index"] == pytest.approx([0, 0], abs=1e-6)
    assert (
        np.isnan(values["grating_summation_field"]).all()
        and np.isnan(values["surround_diameter"]).all()
    )


def test_rates_have_the_macaques_medians_for_any_units():
    for gain, spontaneous in ((0.001, 0.0001), (3.0, 0.1), (1e4, 500.0)):
        model = cells(gain=gain, spontaneous=spontaneous)
        rates = tuning.firing_rates(recording.recorded_responses(model))
        assert np.median(rates.tuning.mean(axis=-1).max(axis=(1, 2))) == pytest.approx(
            33.8, rel=1e-3
        )
        assert np.median(rates.blank) == pytest.approx(0.82, rel=1e-3)


def test_rates_are_set_by_the_units_that_respond_alone():
    shapes = (5, *gratings.TUNING_SHAPE), (5, *gratings.SIZE_SHAPE)
    tuned, sized = (np.ones(shape) for shape in shapes)
    # of the largest response over spontaneous: 1, 3/4, 1/2, and beside 5 / 243.1 = 2.06 %
    driven = np.array([100.0, 75.0, 50.0, 2.2, 2.0])
    blank = np.array([0.0, 1.0, 2.0, 1.5, 40.0])
    rates = tuning.firing_rates(
        tuning.Responses(
            blank, (blank + driven)[:, None, None, None] * tuned, blank[:, *[None] * 4] * sized
        )
    )
    best = rates.tuning.mean(axis=-1).max(axis=(1, 2))
    assert np.median(best[:4]) == pytest.approx(33.8)
    assert np.median(rates.blank[:4]) == pytest.approx(0.82)


def test_cells_that_hardly_respond_are_left_out():
    class Weak(GratingCells):
        def respond(self, stimuli):
            return super().respond(stimuli) * np.where(
                np.arange(len(self.orientations)) < 5, 0.05, 1
            )

    values = measured(Weak(np.linspace(0, 170, 40), [2.0] * 40, spontaneous=0.0))
    assert {len(population) for population in values.values()} == {35}


# --- comparison


def test_the_histograms_are_the_published_ones():
    histograms = similarity.histograms()
    assert {
        name: (histogram.counts.sum(), histogram.neurons) for name, histogram in histograms.items()
    } == {
        "preferred_orientation": (385, 385),
        "peak_spatial_frequency": (363, 363),
        "spatial_frequency_selective": (87, 87),
        "spatial_frequency_bandwidth": (73, 87),
        "surround_suppression_index": (190, 190),
        "grating_summation_field": (148, 190),
        "surround_diameter": (148, 190),
    }
    assert histograms["peak_spatial_frequency"].counts.tolist() == [
        3,
        10,
        15,
        31,
        57,
        62,
        67,
        63,
        31,
        15,
        5,
        4,
    ]
    assert all((np.diff(histogram.edges) > 0).all() for histogram in histograms.values())


@pytest.mark.parametrize("name, expected", CEILINGS.items())
def test_a_ceiling_is_brain_scores(name, expected):
    assert float(MacaqueV1Property(name).ceiling) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("name", CEILINGS)
def test_the_published_population_scores_at_ceiling(name):
    score = MacaqueV1Property(name).score(published_population(name))
    assert 0.99 <= float(score) <= 1
    assert float(score.attrs["raw"]) == pytest.approx(float(score.attrs["ceiling"]), abs=0.005)


@pytest.mark.parametrize("name", CEILINGS)
def test_a_population_at_the_far_end_scores_low(name):
    histogram = similarity.histograms()[name]
    end = histogram.edges[0] if histogram.counts[0] < histogram.counts[-1] else histogram.edges[-1]
    score = MacaqueV1Property(name).score(np.full(100, end))
    assert float(score) == pytest.approx(0, abs=1e-9)


def test_resampling_neurons_one_by_one_gives_the_same_similarity():
    histogram, random = similarity.histograms()["grating_summation_field"], np.random.default_rng(1)
    values = 2 ** random.normal(-0.5, 1, 80)
    values[:15] = np.nan
    drawn = [histogram.count(random.choice(values, histogram.neurons)) for _ in range(1000)]
    one_by_one = similarity.kolmogorov_smirnov_similarity(np.array(drawn)[:, :-1], histogram.counts)
    fast = similarity.resampled_similarities(histogram.count(values), histogram)
    assert fast.mean() == pytest.approx(one_by_one.mean(), abs=0.006)
    assert fast.std() == pytest.approx(one_by_one.std(), rel=0.15)


def test_values_beyond_the_bins_count_in_the_outer_ones():
    histogram = similarity.histograms()["surround_diameter"]
    assert histogram.count(np.array([0.001, 100.0, np.nan])).tolist() == [1, 0, 0, 0, 0, 0, 0, 1, 1]


# --- interface


def test_every_identifier_is_found_by_brain_scores_scanner_and_names_its_benchmark():
    identifiers = [
        "MacaqueV1Tuning",
        *(f"MacaqueV1Tuning-{name}" for name in similarity.histograms()),
    ]
    for identifier in identifiers:
        plugin = ImportPlugin("brainscore_wiring", "benchmarks", identifier)
        assert plugin.locate_plugin() == "macaque_v1_tuning"
        benchmark = benchmark_registry[identifier]()
        assert (benchmark.identifier, benchmark.parent, benchmark.version) == (identifier, "V1", 1)
        assert "url = {https://doi.org/" in benchmark.bibtex


def test_the_mean_is_the_mean_of_its_parts_and_the_parts_are_the_single_benchmarks():
    model = cells()
    total = MacaqueV1Tuning()(model)
    parts = total.attrs["parts"]
    assert list(parts) == list(CEILINGS)
    assert float(total) == pytest.approx(np.mean([part["score"] for part in parts.values()]))
    for name, part in parts.items():
        single = MacaqueV1Property(name)(model)
        assert float(single) == part["score"] and float(single.attrs["raw"]) == part["raw"]
        assert (
            float(single.attrs["ceiling"]) == part["ceiling"]
            and single.attrs["error"] == part["error"]
        )
        # the error of a score is that of its raw value, over the ceiling
        raw = single.attrs["raw"].attrs["error"]
        assert part["error"] == pytest.approx(raw / part["ceiling"])
    assert total.attrs["neurons"] == 60
    assert 0 < float(total) < 1 and 0 < total.attrs["error"] < 0.1
    # properties are resampled independently
    errors = np.array([part["error"] for part in parts.values()])
    assert total.attrs["error"] == pytest.approx(np.sqrt((errors**2).sum()) / len(errors))
    raws = [part["raw"] for part in parts.values()]
    ceilings = np.array([part["ceiling"] for part in parts.values()])
    assert float(total.attrs["raw"]) == pytest.approx(np.mean(raws))
    assert total.attrs["raw"].attrs["error"] == pytest.approx(
        np.sqrt(((errors * ceilings) ** 2).sum()) / len(errors)
    )


def test_all_eight_benchmarks_cost_one_recording():
    model = cells()
    MacaqueV1Tuning()(model)
    assert model.images == len(gratings.STIMULI)
    for name in CEILINGS:
        MacaqueV1Property(name)(model)
    assert model.images <= len(gratings.STIMULI) + 7 * len(recording.PROBE_STIMULI)
    assert model.recorded == ("V1", [(50, 150)])


def test_a_model_that_has_learned_since_is_recorded_again():
    model, other = cells(seed=1), cells(seed=2)
    MacaqueV1Tuning()(model)
    model.orientations, model.frequencies = other.orientations, other.frequencies
    assert float(MacaqueV1Tuning()(model)) == float(MacaqueV1Tuning()(other))


def test_a_recording_goes_with_its_model():
    model = cells()
    recording.recorded_responses(model)
    kept = len(recording._recordings._kept)
    del model
    gc.collect()
    assert len(recording._recordings._kept) < kept


def test_two_runs_give_the_same_score_and_leave_numpys_random_state_alone():
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    scores = [MacaqueV1Tuning()(cells()) for _ in range(2)]
    assert (
        float(scores[0]) == float(scores[1])
        and scores[0].attrs["parts"] == scores[1].attrs["parts"]
    )
    assert (np.random.get_state()[1] == before).all()


def test_wrong_tuning_scores_lower_than_right_tuning():
    random, count = np.random.default_rng(3), 200
    orientations = random.uniform(0, 180, count)
    macaque = random.choice(published_population("peak_spatial_frequency"), count)
    right = MacaqueV1Tuning()(GratingCells(orientations, macaque)).attrs["parts"]
    wrong = MacaqueV1Tuning()(GratingCells(np.full(count, 45.0), np.full(count, 11.0))).attrs[
        "parts"
    ]
    assert (
        right["peak_spatial_frequency"]["score"] > 0.9
        and right["preferred_orientation"]["score"] > 0.9
    )
    assert (
        wrong["peak_spatial_frequency"]["score"] < 0.2
        and wrong["preferred_orientation"]["score"] < 0.4
    )


@pytest.mark.parametrize("spontaneous", [0.0, 2.0])
def test_a_model_that_answers_every_grating_alike_is_not_scored(spontaneous):
    with pytest.raises(WiringError, match="same response in the V1"):
        MacaqueV1Tuning()(cells(gain=0.0, spontaneous=spontaneous))


@pytest.mark.parametrize("gain, spontaneous", [(-1.0, 1.0), (-1.0, -1.0)])
def test_a_silent_model_scores_zero_and_says_why(gain, spontaneous):
    model = cells(gain=gain, spontaneous=spontaneous)
    total, single = MacaqueV1Tuning()(model), MacaqueV1Property("surround_diameter")(model)
    for score in (total, single):
        assert float(score) == 0 and float(score.attrs["raw"]) == 0 and score.attrs["error"] == 0
        assert score.attrs["note"].startswith("no V1 unit responds to any grating")
    assert all(part["score"] == 0 for part in total.attrs["parts"].values())


def test_a_property_that_no_unit_has_scores_zero_and_says_why():
    score = MacaqueV1Property("surround_diameter")(cells(suppressions=0.0))
    assert float(score) == 0
    assert score.attrs["note"] == "too few V1 units have a surround diameter (0 of 60 that respond)"


def test_a_property_that_few_units_have_scores_zero_though_some_resamples_have_one():
    values = np.full(60, np.nan)
    values[0] = 40.0  # (59 / 60) ** 87: a quarter of the resamples have none
    score = MacaqueV1Property("spatial_frequency_bandwidth").score(values)
    assert float(score) == 0 and "too few V1 units" in score.attrs["note"]


def test_responses_that_are_no_numbers_are_refused_in_one_sentence():
    with pytest.raises(WiringError, match="no numbers"):
        MacaqueV1Tuning()(cells(gain=np.nan))


def test_choices_instead_of_responses_are_refused_in_one_sentence():
    class Chooser(GratingCells):
        def look_at(self, stimuli, number_of_trials=1, require_variance=False):
            return ["a choice"] * len(stimuli)

    with pytest.raises(WiringError, match="choices instead of V1 responses"):
        MacaqueV1Tuning()(Chooser([0.0], [2.0]))


def test_the_order_of_a_models_answers_does_not_matter():
    class Shuffled(GratingCells):
        def look_at(self, stimuli, number_of_trials=1, require_variance=False):
            order = np.random.default_rng(0).permutation(len(stimuli))
            return self.assembly(stimuli.iloc[order], self.respond(stimuli)[order])

    straight = cells()
    shuffled = Shuffled(straight.orientations, straight.frequencies)
    assert float(MacaqueV1Tuning()(shuffled)) == float(MacaqueV1Tuning()(straight))


def test_only_the_middle_units_of_a_feature_map_are_measured():
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(56), np.arange(56), indexing="ij"))
    chosen = recording.central_units(
        {"channel_x": x, "channel_y": y, "layer": np.full(len(x), "V1")}, len(x)
    )
    assert {(x[unit], y[unit]) for unit in chosen} == {(27, 27), (27, 28), (28, 27), (28, 28)}
    odd = (x < 55) & (y < 55)
    chosen = recording.central_units({"channel_x": x[odd], "channel_y": y[odd]}, int(odd.sum()))
    assert [(x[odd][unit], y[odd][unit]) for unit in chosen] == [(27, 27)]


@pytest.mark.parametrize("empty", [-1, np.nan])
def test_units_without_positions_are_all_used_or_drawn_with_a_seed(empty):
    places = {"channel_x": np.full(5000, empty), "channel_y": np.full(5000, empty)}
    assert (
        len(recording.central_units({name: place[:500] for name, place in places.items()}, 500))
        == 500
    )
    drawn = recording.central_units(places, 5000)
    assert len(np.unique(drawn)) == 512
    assert (drawn == recording.central_units(places, 5000)).all()


def test_brain_scores_result_caching_is_off_while_recording_and_as_before_afterwards(monkeypatch):
    monkeypatch.setenv("RESULTCACHING_DISABLE", "some.module")
    seen = set()

    class Watcher(GratingCells):
        def look_at(self, stimuli, number_of_trials=1, require_variance=False):
            seen.add(os.environ["RESULTCACHING_DISABLE"])
            return super().look_at(stimuli)

    model = Watcher([0.0, 90.0], [2.0, 4.0])
    MacaqueV1Tuning()(model)
    assert seen == {"1"} and os.environ["RESULTCACHING_DISABLE"] == "some.module"
    assert len(set(model.looks)) == len(model.looks)
