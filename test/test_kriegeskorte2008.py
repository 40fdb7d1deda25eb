"""Kriegeskorte2008.IT-rdm: the published numbers, the geometry of the screen, and the interface to
models.
"""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_vision.benchmark_helpers.screen import place_on_screen
from brainscore_vision.model_interface import BrainModel
from PIL import Image

from brainscore_wiring.benchmarks.dissimilarity import (
    dissimilarities,
    noise_ceiling,
    resampled_correlations,
    spearman,
)
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment as published
from brainscore_wiring.benchmarks.kriegeskorte2008.benchmark import human_it, monkey_it
from brainscore_wiring.benchmarks.objects92 import objects_on_screen
from brainscore_wiring.errors import WiringError


class Subject(BrainModel):
    """A model whose IT answers with the rows of a matrix (92, units), in an order of its own.

    `late`: another matrix for the second of two time bins.
    """

    identifier = "subject"

    def __init__(
        self,
        responses: np.ndarray,
        degrees: float = 8,
        time_bins: bool = True,
        shown: int = 92,
        late: np.ndarray | None = None,
    ):
        self.responses, self.degrees, self.time_bins, self.shown = (
            responses,
            degrees,
            time_bins,
            shown,
        )
        self.late = responses if late is None else late
        self.recorded = self.stimuli = None
        self.looks = []

    def visual_degrees(self) -> float:
        return self.degrees

    def start_recording(self, recording_target, time_bins) -> None:
        self.recorded = (recording_target, time_bins)

    def look_at(self, stimuli, number_of_trials=1):
        self.stimuli = stimuli
        self.looks.append(len(stimuli))
        starts, ends = zip(*self.recorded[1])
        order = np.random.default_rng(0).permutation(len(stimuli))[: self.shown]
        rows = np.array([int(name.rpartition("_")[2]) - 1 for name in stimuli["stimulus_id"]])[
            order
        ]
        units = self.responses.shape[1]
        recording = NeuroidAssembly(
            np.stack([self.responses[rows], self.late[rows]], axis=-1)[..., : len(starts)],
            dims=["presentation", "neuroid", "time_bin"],
            coords={
                "stimulus_id": ("presentation", stimuli["stimulus_id"].values[order]),
                "category": ("presentation", stimuli["category"].values[order]),
                "neuroid_id": ("neuroid", np.arange(units)),
                "region": ("neuroid", ["IT"] * units),
                "time_bin_start": ("time_bin", list(starts)),
                "time_bin_end": ("time_bin", list(ends)),
            },
        )
        return recording if self.time_bins else recording.isel(time_bin=0)


def patterns(target: np.ndarray) -> np.ndarray:
    """Responses (92, units) whose dissimilarities rank as the given ones: the square root of a
    correlation matrix.
    """
    similarity = np.eye(92)
    above = np.triu_indices(92, 1)
    similarity[above] = 1 - target
    similarity.T[above] = 1 - target
    smallest = np.linalg.eigvalsh(similarity)[0]
    similarity = (similarity - min(smallest, 0) * np.eye(92)) / (1 - min(smallest, 0))
    values, vectors = np.linalg.eigh(similarity)
    root = vectors * np.sqrt(np.maximum(values, 0))
    # every image's mean over units is 0, so correlations are these similarities
    return np.hstack([root, -root])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def data(home, monkeypatch, kriegeskorte2008):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(kriegeskorte2008))
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(home))


@pytest.fixture(scope="module")
def experiment(kriegeskorte2008):
    return published.read_dissimilarities(
        kriegeskorte2008 / published.SUPPLEMENT, kriegeskorte2008 / published.SUBJECTS_FILE
    )


def test_the_experiment_is_the_published_one(experiment):
    assert experiment.images.shape == (92, 175, 175, 3) and experiment.images.dtype == np.uint8
    assert {name: int(values.sum()) for name, values in experiment.properties.items()} == {
        "human": 24,
        "face": 24,
        "animal": 48,
        "natural": 71,
    }
    assert experiment.monkey.shape == experiment.human.shape == (
        4186,
    ) and experiment.subjects.shape == (4, 4186)


def test_the_human_target_is_the_mean_over_the_four_subjects(experiment):
    assert np.abs(experiment.subjects.mean(axis=0) - experiment.human).max() < 1e-5


@pytest.mark.usefixtures("published_kriegeskorte2008")
def test_monkey_and_human_agree_as_published(experiment):
    assert spearman(experiment.monkey, experiment.human) == pytest.approx(0.439, abs=0.0005)


@pytest.mark.usefixtures("published_kriegeskorte2008")
def test_pixels_agree_as_computed_independently(experiment):
    # as networks see them
    pixels = (experiment.images / 255 - (0.485, 0.456, 0.406)) / (
        0.229,
        0.224,
        0.225,
    )
    pixels = dissimilarities(pixels.reshape(92, -1))
    assert spearman(pixels, experiment.monkey) == pytest.approx(0.145, abs=0.0005)
    assert spearman(pixels, experiment.human) == pytest.approx(0.074, abs=0.0005)


@pytest.mark.usefixtures("published_kriegeskorte2008")
def test_the_noise_ceiling_of_single_subjects_is_the_published_one(experiment):
    ceiling = noise_ceiling(experiment.subjects)
    assert (ceiling.lower, ceiling.upper) == pytest.approx((0.379, 0.666), abs=0.0005)
    assert ceiling.group == pytest.approx(0.771, abs=0.0005)


def test_the_group_ceiling_is_what_the_truth_reaches_with_a_mean_over_subjects():
    generator = np.random.default_rng(1)
    truth = generator.normal(size=20000)
    subjects = truth + 1.6 * generator.normal(size=(4, 20000))
    ceiling = noise_ceiling(subjects)
    assert ceiling.group == pytest.approx(spearman(truth, subjects.mean(axis=0)), abs=0.01)
    assert (
        ceiling.lower
        < np.mean([spearman(truth, subject) for subject in subjects])
        < ceiling.upper
        < ceiling.group
    )


def test_halves_reach_to_all_of_an_odd_number_of_subjects():
    generator = np.random.default_rng(1)
    truth = generator.normal(size=20000)
    subjects = truth + 1.6 * generator.normal(size=(3, 20000))  # one against one, of three
    ceiling = noise_ceiling(subjects, halves=True)
    assert ceiling.group == pytest.approx(spearman(truth, subjects.mean(axis=0)), abs=0.01)


def test_images_are_resampled_without_their_pairs_with_themselves():
    generator = np.random.default_rng(3)
    model, target = generator.normal(size=(2, 28))
    matrices = np.zeros((2, 8, 8))
    for matrix, values in zip(matrices, (model, target)):
        matrix[np.triu_indices(8, 1)] = values
        matrix += matrix.T
    draws, found = np.random.default_rng(5), []
    for _ in range(20):
        chosen = draws.integers(8, size=8)
        pairs = [(a, b) for a, b in itertools.combinations(chosen, 2) if a != b]
        found.append(spearman(*([matrix[pair] for pair in pairs] for matrix in matrices)))
    resampled = resampled_correlations(model, target, images=8, resamples=20, seed=5)
    assert resampled == pytest.approx(found)


def test_the_error_of_a_score_is_over_its_ceiling(experiment):
    score = human_it()(Subject(patterns(experiment.monkey)))
    model = dissimilarities(patterns(experiment.monkey))
    resampled = resampled_correlations(model, experiment.human, 92, 200, 0)
    assert score.attrs["error"] == pytest.approx(resampled.std() / float(score.ceiling))
    ends = np.percentile(resampled / float(score.ceiling), [2.5, 97.5])
    assert score.attrs["interval"] == pytest.approx(tuple(ends.clip(0, 1)))


def test_the_bootstrap_error_is_that_of_new_images():
    generator = np.random.default_rng(2)

    def pair(images: int) -> tuple[np.ndarray, np.ndarray]:
        signal = generator.normal(size=(images, 5))
        return tuple(
            dissimilarities(signal + generator.normal(size=signal.shape)) for _ in range(2)
        )

    spread = np.std([spearman(*pair(60)) for _ in range(100)])
    errors = [
        resampled_correlations(*pair(60), images=60, resamples=100, seed=0).std() for _ in range(5)
    ]
    assert np.mean(errors) == pytest.approx(spread, rel=0.4)


@pytest.mark.parametrize(
    "load, target, window", [(monkey_it, "monkey", (71, 211)), (human_it, "human", (200, 300))]
)
def test_a_model_with_the_brains_own_dissimilarities_scores_one(experiment, load, target, window):
    subject = Subject(patterns(getattr(experiment, target)))
    score = load()(subject)
    assert float(score) == 1 and float(score.raw) == pytest.approx(1)
    assert subject.recorded[0] == "IT" and window in subject.recorded[1]


@pytest.mark.usefixtures("published_kriegeskorte2008")
def test_monkey_it_as_a_model_of_human_it_scores_their_agreement_over_the_ceiling(experiment):
    score = human_it()(Subject(patterns(experiment.monkey)))
    assert float(score.raw) == pytest.approx(0.439, abs=0.0005) == score.attrs["monkey_human"]
    assert float(score) == pytest.approx(0.439 / 0.771, abs=0.001)
    assert (
        float(score.ceiling) == pytest.approx(0.771, abs=0.001) and 0 < score.attrs["error"] < 0.1
    )
    bounds = score.attrs["noise_ceiling"]
    assert (bounds["lower"], bounds["upper"]) == pytest.approx((0.379, 0.666), abs=0.001)


@pytest.mark.usefixtures("published_kriegeskorte2008")
def test_the_mean_over_subjects_is_the_raw_score_on_the_scale_of_the_upper_bound(experiment):
    score = human_it()(Subject(patterns(experiment.monkey)))
    single = [spearman(experiment.monkey, subject) for subject in experiment.subjects]
    assert score.attrs["mean_over_subjects"] == pytest.approx(np.mean(single), abs=0.0005)
    assert np.mean(single) / score.attrs["noise_ceiling"]["upper"] == pytest.approx(
        float(score.raw), abs=0.01
    )


def test_the_ceiling_says_where_it_comes_from():
    assert "in place of the monkeys" in monkey_it().ceiling.attrs["noise_ceiling"]["source"]
    assert "mean is the target" in human_it().ceiling.attrs["noise_ceiling"]["source"]


def test_a_score_is_the_same_twice_and_leaves_numpys_random_state_alone(experiment):
    state = np.random.get_state()[1].copy()
    first, second = (monkey_it()(Subject(patterns(experiment.human))) for _ in range(2))
    assert (float(first), first.attrs["error"]) == (float(second), second.attrs["error"])
    assert (np.random.get_state()[1] == state).all()


def test_each_benchmark_reads_its_own_window_of_one_recording(experiment):
    noise = np.random.default_rng(1).normal(size=patterns(experiment.monkey).shape)
    early, late = (
        Subject(patterns(experiment.monkey), late=noise),
        Subject(noise, late=patterns(experiment.human)),
    )
    assert (
        float(monkey_it()(early)) == pytest.approx(1, abs=0.01) and float(human_it()(early)) < 0.2
    )
    assert float(human_it()(late)) == pytest.approx(1, abs=0.01) and float(monkey_it()(late)) < 0.2
    assert early.looks == late.looks == [92, 4]


def test_a_model_that_changed_in_place_is_recorded_again(experiment):
    subject = Subject(patterns(experiment.monkey))
    assert float(monkey_it()(subject)) == pytest.approx(1, abs=0.01)
    subject.responses = np.random.default_rng(1).normal(size=subject.responses.shape)
    assert float(monkey_it()(subject)) < 0.2


def test_a_recording_without_time_bins_is_accepted(experiment):
    score = monkey_it()(Subject(patterns(experiment.monkey), time_bins=False))
    assert float(score.raw) == pytest.approx(1)


def test_a_model_that_ranks_objects_the_other_way_round_scores_zero(experiment):
    score = monkey_it()(Subject(patterns(1 - experiment.monkey * 0.5)))
    assert float(score) == 0 and float(score.raw) < -0.9 and "note" not in score.attrs


@pytest.mark.parametrize(
    "responses, reason",
    [
        (np.zeros((92, 10)), "same response"),
        (np.repeat(np.arange(92.0)[:, None], 10, axis=1), "all units of the model's IT alike"),
        (np.tile(np.arange(10.0) / 7, (92, 1)), "same response"),
        (np.where(np.arange(920).reshape(92, 10) == 5, np.inf, 1.0), "no numbers"),
    ],
)
def test_a_model_without_differences_is_not_scored(responses, reason):
    with pytest.raises(WiringError, match=reason):
        monkey_it()(Subject(responses))


def test_a_model_that_skips_images_is_refused(experiment):
    with pytest.raises(WiringError, match="90 of the 92 images"):
        monkey_it()(Subject(patterns(experiment.monkey), shown=90))


def test_images_take_81_of_224_pixels_in_the_middle_of_a_grey_screen(experiment):
    stimuli = objects_on_screen(experiment, 8)
    image = Image.open(stimuli.get_stimulus("object_02"))
    assert image.size == (483, 483) and round(175 / 483 * 224) == 81
    pixels = np.asarray(image)
    assert (pixels[154:329, 154:329] == experiment.images[1]).all()
    outside = np.ones((483, 483), bool)
    outside[154:329, 154:329] = False
    assert (pixels[outside] == 128).all()


def test_the_screen_is_the_one_of_brain_scores_own_placing(experiment, tmp_path, monkeypatch):
    monkeypatch.setenv("RESULTCACHING_DISABLE", "1")
    monkeypatch.setattr(
        "brainscore_vision.benchmark_helpers.screen.root_path", tmp_path / "upstream"
    )
    raw = objects_on_screen(experiment, 2.9).iloc[:3]
    raw.stimulus_paths = objects_on_screen(experiment, 2.9).stimulus_paths
    raw.identifier = "raw"
    theirs, ours = (
        place_on_screen(raw, target_visual_degrees=8, source_visual_degrees=2.9),
        objects_on_screen(experiment, 8),
    )
    for name in raw["stimulus_id"]:
        assert (
            Image.open(theirs.get_stimulus(name)).tobytes()
            == Image.open(ours.get_stimulus(name)).tobytes()
        )


def test_images_are_written_once_and_those_not_whole_again(experiment, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))
    paths = list(objects_on_screen(experiment, 8).stimulus_paths.values())
    assert (
        sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(paths)
        and len(paths) == 92
    )
    times = [path.stat().st_mtime_ns for path in paths]
    paths[3].unlink()
    for number, left in ((5, 0), (7, 100)):
        paths[number].write_bytes(paths[number].read_bytes()[:left])
        os.utime(paths[number], ns=(times[number], times[number]))
    objects_on_screen(experiment, 8)
    same = [path.stat().st_mtime_ns == time for path, time in zip(paths, times)]
    assert [number for number, stayed in enumerate(same) if not stayed] == [3, 5, 7]


def test_the_stimulus_set_says_what_the_objects_are(experiment):
    stimuli = objects_on_screen(experiment, 8)
    assert len(set(stimuli["stimulus_id"])) == 92 and stimuli["animal"].sum() == 48
    assert stimuli.identifier == "Kriegeskorte2008--8_degrees"


@pytest.mark.parametrize("keep", [0, 100, 100000])
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path, keep, kriegeskorte2008):
    damaged = tmp_path / published.SUPPLEMENT
    damaged.write_bytes((kriegeskorte2008 / published.SUPPLEMENT).read_bytes()[:keep])
    with pytest.raises(WiringError, match="does not hold the data of Kriegeskorte") as error:
        published.read_dissimilarities(damaged, kriegeskorte2008 / published.SUBJECTS_FILE)
    assert "\n" not in str(error.value)


def test_the_two_files_cannot_be_mixed_up(kriegeskorte2008):
    with pytest.raises(WiringError, match="92_brainRDMs.mat' does not hold"):
        published.read_dissimilarities(
            kriegeskorte2008 / published.SUBJECTS_FILE, kriegeskorte2008 / published.SUPPLEMENT
        )
