"""The frontier: fast measurements equal the benchmarks', halves are disjoint, work is shared."""

from __future__ import annotations

import functools
import itertools
import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest
import torch
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.model_interface import BrainModel
from photographs import photographs
from PIL import Image
from safetensors import safe_open
from scipy.spatial.distance import squareform
from test_frontier_report import measurement
from torch import nn

import brainscore_wiring
from brainscore_wiring.architectures import RegionMap
from brainscore_wiring.benchmarks.kriegeskorte2008.benchmark import human_it, monkey_it
from brainscore_wiring.benchmarks.macaque_v1_tuning import gratings
from brainscore_wiring.benchmarks.macaque_v1_tuning.benchmark import MacaqueV1Tuning
from brainscore_wiring.benchmarks.macaque_v1_tuning.recording import record_gratings
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import histograms
from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import (
    Responses,
    firing_rates,
    properties,
)
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.paper.frontier import networks_at_birth, v1
from brainscore_wiring.paper.frontier import survey as surveys
from brainscore_wiring.paper.frontier.columns import ALL, HALF_A, HALF_B, MEASURED
from brainscore_wiring.paper.frontier.halves import (
    halves_of,
    halves_of_images,
    halves_of_neurons,
)
from brainscore_wiring.paper.frontier.measure import BirthBenchmarks
from brainscore_wiring.paper.frontier.networks_at_birth import (
    SeedImages,
    network_at_birth,
    training_images,
)
from brainscore_wiring.paper.frontier.scores_file import ScoresFile
from brainscore_wiring.paper.frontier.states import (
    NATURAL_V1,
    STATES,
    SUFFIXES,
    reference,
    state_called,
    statistics_of,
)
from brainscore_wiring.paper.frontier.v1 import Undefined, middles


@pytest.fixture(scope="module")
def benchmarks(kriegeskorte2008) -> BirthBenchmarks:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAINSCORE_WIRING_DATA", str(kriegeskorte2008))
        return BirthBenchmarks()


@pytest.fixture(scope="module")
def natural_folder(tmp_path_factory):
    """A folder of 130 photographs in one class."""
    folder = tmp_path_factory.mktemp("images")
    (folder / "class").mkdir()
    for name, content in photographs(130):
        (folder / "class" / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def natural(natural_folder):
    return training_images(natural_folder)


def test_every_state_is_a_catalogue_row_with_its_references_on_the_list():
    for state in STATES.values():
        assert state.at_birth and state.architecture == "cornet_s"
        assert {
            reference(statistics_of(state), of) for of in ("cornet_s_wc", "cornet_s_kn")
        } <= STATES.keys()
    assert {statistics_of(state) for state in STATES.values()} == SUFFIXES.keys()


def test_a_trained_model_or_a_seed_is_no_birth_state():
    assert state_called("cornet_s_best_distribution") is CATALOGUE["cornet_s_best_distribution"]
    for name in ("cornet_s_wc_ct", "cornet_s_wc_seed42", "pixels", "cornet_s_wcc"):
        with pytest.raises(WrongUsage, match="birth state"):
            state_called(name)


def of_cornet_s() -> list[nn.Module]:
    return [nn.Conv2d(3, 6, 7, 2, 3), nn.MaxPool2d(3, 2, 1), nn.Conv2d(6, 6, 3, padding=1)]


@pytest.mark.parametrize(
    ("layers", "side"),
    [
        (of_cornet_s, 32),
        (lambda: [nn.Conv2d(3, 6, 15, padding=6), nn.AvgPool2d(2)], 32),  # a map of 111 x 111
        (lambda: [nn.Conv2d(3, 6, 4, 4), nn.Conv2d(6, 6, 11, padding="same")], 64),
        (lambda: [nn.Conv2d(3, 6, 4, 4), nn.Conv2d(6, 6, 55, padding="same")], None),
    ],
)
def test_the_middle_of_gratings_evokes_the_responses_that_the_benchmark_records(
    layers, side, tmp_path, monkeypatch
):
    """From as little of the screen as V1's middle units look at; from all of it where they look at
    more than is tried."""

    def shown(model, numbers):
        stimuli = StimulusSet([{"stimulus_id": str(number)} for number in numbers])
        stimuli.stimulus_paths = {str(number): tmp_path / f"{number}.png" for number in numbers}
        stimuli.identifier = "some gratings"
        for number in numbers:
            Image.fromarray(gratings.STIMULI[number].pixels()).convert("RGB").save(
                stimuli.stimulus_paths[str(number)]
            )
        return record_gratings(model, stimuli)

    tried, whole = [], Responses.of(np.zeros((1, len(gratings.STIMULI)), np.float32))
    monkeypatch.setattr(v1, "responses_to", shown)
    monkeypatch.setattr(v1, "recorded_responses", lambda model: whole)
    monkeypatch.setattr(v1, "middles", lambda size: (tried.append(size), middles(size))[1])
    torch.manual_seed(0)
    network = nn.Sequential(OrderedDict(V1=nn.Sequential(*layers(), nn.ReLU())))
    model = WiringModel("at birth", network, RegionMap({"V1": "V1"}, "V1", "V1"), "0")
    found = v1.central_responses(model)
    if side is None:
        assert found is whole and tried == list(v1.SIDES)
        return
    others = np.array([40, 900, 1500, 2000, 2500])
    recorded = shown(model, others)
    flat = np.hstack(
        [part.reshape(len(recorded), -1) for part in (found.blank, found.tuning, found.size)]
    )
    assert tried[-1] == side and recorded.max() > 0.1
    np.testing.assert_allclose(flat[:, others], recorded, rtol=1e-4, atol=1e-5 * recorded.max())


def test_the_v1_score_of_all_units_is_the_benchmarks(benchmarks):
    responses = Responses.of(
        np.random.default_rng(0).gamma(0.3, size=(256, len(gratings.STIMULI))).astype(np.float32)
    )
    values = properties(firing_rates(responses))
    assert benchmarks.v1_scores(responses)["v1_all"] == pytest.approx(
        float(MacaqueV1Tuning().score(values)), abs=1e-12
    )


class Remembering(BrainModel):
    """Answers with rows of given responses (92, units), one matrix for each time bin."""

    identifier = "remembering"

    def __init__(self, responses: dict):
        self.responses = responses

    def visual_degrees(self):
        return 8

    def start_task(self, task):
        raise NotImplementedError

    def start_recording(self, recording_target, time_bins):
        self.bins = time_bins

    def look_at(self, stimuli, number_of_trials=1):
        rows = [int(name.rpartition("_")[2]) - 1 for name in stimuli["stimulus_id"]]
        values = np.stack([self.responses[window][rows] for window in self.bins], axis=-1)
        starts, ends = zip(*self.bins)
        return NeuroidAssembly(
            values,
            dims=["presentation", "neuroid", "time_bin"],
            coords={
                "stimulus_id": ("presentation", stimuli["stimulus_id"].values),
                "category": ("presentation", stimuli["category"].values),
                "neuroid_id": ("neuroid", np.arange(values.shape[1])),
                "layer": ("neuroid", ["IT"] * values.shape[1]),
                "time_bin_start": ("time_bin", list(starts)),
                "time_bin_end": ("time_bin", list(ends)),
            },
        )


def test_it_scores_of_all_images_are_the_benchmarks(benchmarks, kriegeskorte2008, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(kriegeskorte2008))
    random = np.random.default_rng(1)
    responses = {
        window: random.normal(size=(92, 30))
        + 3 * benchmarks.experiment.properties["animal"][:, None] * random.normal(size=30)
        for window in ((71, 211), (200, 300))
    }
    scores, model = benchmarks.it_scores(responses), Remembering(responses)
    assert scores["monkey_it_all"] == pytest.approx(float(monkey_it()(model)), abs=1e-12)
    assert scores["human_it_all"] == pytest.approx(float(human_it()(model)), abs=1e-12)
    assert min(scores[f"monkey_it_{part}"] for part in (ALL, HALF_A, HALF_B)) > 0.1
    for part, images in benchmarks.image_parts.items():
        among = monkey_it().among(images)(model)
        assert float(among) == pytest.approx(scores[f"monkey_it_{part}"], abs=1e-12)
        assert among.attrs["images"] == len(images)


@pytest.mark.parametrize("value", [0.0, 3.0, np.nan])
def test_a_model_whose_activity_is_constant_or_no_number_has_no_score(benchmarks, value):
    with pytest.raises(Undefined, match="monkey_it is not defined"):
        benchmarks.it_scores(dict.fromkeys(((71, 211), (200, 300)), np.full((92, 4), value)))
    with pytest.raises(Undefined, match="no V1 unit in all responds to a grating"):
        benchmarks.v1_scores(Responses.of(np.zeros((256, len(gratings.STIMULI)))))


def test_what_all_images_evoke_alike_decides_the_benchmark_but_not_its_standardised_control(
    benchmarks,
):
    evoked = np.random.default_rng(0).normal(size=(92, 50))
    shared = 5 * np.random.default_rng(1).normal(size=50)
    plain, raised = (
        benchmarks.it_scores(dict.fromkeys(((71, 211), (200, 300)), responses))
        for responses in (evoked, evoked + shared)
    )
    for score in ("monkey_it", "human_it"):
        assert raised[f"{score}_all_unclipped"] != pytest.approx(
            plain[f"{score}_all_unclipped"], abs=1e-3
        )
        assert raised[f"{score}_standardised_all"] == pytest.approx(
            plain[f"{score}_standardised_all"], abs=1e-6
        )


def test_a_model_with_the_human_dissimilarities_reaches_the_ceiling_of_every_half(benchmarks):
    values, axes = np.linalg.eigh(1 - squareform(benchmarks.experiment.human))
    units = axes * np.sqrt(np.maximum(values, 0))
    scores = benchmarks.it_scores(
        dict.fromkeys(((71, 211), (200, 300)), np.hstack([units, -units]))
    )
    for part in (ALL, HALF_A, HALF_B):
        assert scores[f"human_it_{part}"] == 1 < scores[f"human_it_{part}_unclipped"]
        assert scores[f"monkey_it_{part}"] < 1


def test_halves_share_nothing_and_hold_everything(benchmarks):
    images, channels = halves_of_images(benchmarks.experiment), halves_of(64)
    for parts, size in ((images, 92), (channels, 64)):
        assert sorted([*parts[HALF_A], *parts[HALF_B]]) == list(range(size)) == list(parts[ALL])
        assert len(parts[HALF_A]) == len(parts[HALF_B])
    for name, values in benchmarks.experiment.properties.items():
        assert abs(int(values[images[HALF_A]].sum()) - int(values[images[HALF_B]].sum())) <= 2, name
    for histogram in histograms().values():
        parts = halves_of_neurons(histogram)
        np.testing.assert_array_equal(
            parts[HALF_A].with_missing() + parts[HALF_B].with_missing(), histogram.with_missing()
        )


def test_statistics_are_those_of_training_and_areas_left_out_keep_zero_and_one(
    natural, natural_folder, tmp_path, monkeypatch
):
    small = functools.partial(Recipe, image_size=32)
    monkeypatch.setattr(networks_at_birth, "Recipe", small)
    network = network_at_birth(
        STATES[f"cornet_s_wc{SUFFIXES[NATURAL_V1]}"], SeedImages(natural, 42)
    )
    state = network.state_dict()
    brainscore_wiring.train("cornet_s_wc_bn_seed42", natural_folder, tmp_path, image_size=32)
    with safe_open(tmp_path / "model.safetensors", "pt") as trained:
        for norm, part in itertools.product(("norm1", "norm2"), ("running_mean", "running_var")):
            name = f"V1.{norm}.{part}"
            np.testing.assert_allclose(state[name], trained.get_tensor(name), rtol=1e-4, atol=1e-6)
    assert not state["IT.norm1_0.running_mean"].any() and bool(
        (state["IT.norm1_0.running_var"] == 1).all()
    )


def test_scores_come_back_as_they_were_written(tmp_path):
    rows = [
        measurement("cornet_s_kn", 0, 1 / 3),
        measurement("cornet_s_wc_noise", 12, genome="0a1b", images="noise"),
    ]
    rows[1].scores["MajajHong2015public.IT-pls"] = 0.25
    for row in rows:
        ScoresFile(tmp_path, MEASURED).add(row)
    assert ScoresFile(tmp_path, MEASURED).read() == {row.key: row for row in rows}


def test_a_damaged_measurement_is_refused_with_how_it_is_measured_again(tmp_path):
    file = ScoresFile(tmp_path, MEASURED)
    file.add(measurement("cornet_s_kn", 0, 0.25))
    file.path.write_text(file.path.read_text().replace("0.25", "0.26", 1))
    with pytest.raises(
        WiringError, match="Line 2 .* delete the lines of cornet_s_kn with seed 0, .* measures them"
    ):
        file.read()


def test_a_foreign_file_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "scores.csv").write_text("model,score\npixels,1\n")
    with pytest.raises(WiringError, match="take it away"):
        ScoresFile(tmp_path, MEASURED).read()


def test_a_network_is_claimed_once_and_free_again_when_its_process_is_killed(tmp_path):
    file, other = (ScoresFile(tmp_path, MEASURED) for _ in range(2))
    with (
        file.claim("cornet_s_kn", 0) as mine,
        other.claim("cornet_s_kn", 0) as theirs,
        other.claim("cornet_s_kn", 12) as another,
    ):
        assert (mine, theirs, another) == (True, False, True)
    killed = (
        "import os, signal, sys; from pathlib import Path\n"
        "from brainscore_wiring.paper.frontier.scores_file import ScoresFile\n"
        "with ScoresFile(Path(sys.argv[1]), ()).claim('cornet_s_kn', 0) as mine:\n"
        "    print(mine, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", killed, str(tmp_path)], capture_output=True, text=True
    )
    assert (said.stdout.strip(), said.returncode) == ("True", -9), said.stderr
    with file.claim("cornet_s_kn", 0) as mine:
        assert mine
        file.add(measurement("cornet_s_kn", 0))
    with other.claim("cornet_s_kn", 0) as theirs:
        assert not theirs
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]


def test_processes_that_write_at_once_lose_no_row(tmp_path):
    add = (
        "import sys; from pathlib import Path\n"
        "from brainscore_wiring.paper.frontier.scores_file import Measurement, ScoresFile\n"
        "file = ScoresFile(Path(sys.argv[1]), ())\n"
        "for seed in range(20):\n"
        "    file.add(Measurement(sys.argv[2], '0/1', seed, *[0] * 5, *[''] * 3, 1.0, {}))\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", add, str(tmp_path), state])
        for state in ("one", "other")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(ScoresFile(tmp_path, ()).read()) == 40


@pytest.fixture
def quick(monkeypatch):
    """Measurements that take no time; the list of those made."""
    made = []

    def measure(state, images, benchmarks):
        made.append((state.identifier, images.seed))
        if state.identifier == "cornet_s_orthogonal":
            raise WiringError("cornet_s_orthogonal cannot be sampled.")
        return measurement(
            state.identifier,
            images.seed,
            genome=surveys.genome_of(birth_of(state, images.seed)),
            images=images.identity(statistics_of(state)),
        )

    monkeypatch.setattr(surveys, "measure_state", measure)
    monkeypatch.setattr(surveys, "BirthBenchmarks", lambda: None)
    return made


def test_a_survey_goes_on_where_it_stopped_and_names_what_it_skips(tmp_path, quick):
    file = ScoresFile(tmp_path, MEASURED)
    states = [
        STATES[name]
        for name in ("cornet_s_kn", "cornet_s_wc", "cornet_s_orthogonal", "cornet_s_wc_bn")
    ]
    file.add(measurement("cornet_s_kn", 0))
    with file.claim("cornet_s_kn", 12):  # by another process
        outcome = surveys.survey(
            ScoresFile(tmp_path, MEASURED), states, (0, 12), None, lambda sentence: None
        )
    assert quick == [("cornet_s_wc", 0), ("cornet_s_orthogonal", 0), ("cornet_s_wc", 12)]
    assert (outcome.measured, outcome.elsewhere) == (2, 1)
    assert outcome.skipped.keys() == {"cornet_s_orthogonal", "cornet_s_wc_bn"}
    assert "--data" in outcome.skipped["cornet_s_wc_bn"]


def test_a_network_without_a_score_has_no_row_and_is_counted(tmp_path, quick, monkeypatch):
    measure = surveys.measure_state

    def undefined(state, images, benchmarks):
        if images.seed == 0:
            raise Undefined("its IT answers alike")
        return measure(state, images, benchmarks)

    monkeypatch.setattr(surveys, "measure_state", undefined)
    file = ScoresFile(tmp_path, MEASURED)
    outcome = surveys.survey(file, [STATES["cornet_s_kn"]], (0, 12), None, lambda sentence: None)
    assert outcome.undefined == {("cornet_s_kn", 0): "its IT answers alike"}
    assert (outcome.measured, outcome.elsewhere, outcome.skipped) == (1, 0, {})
    assert file.read().keys() == {("cornet_s_kn", 12)}


def test_scores_of_another_genome_are_not_mixed_with_these(tmp_path, quick):
    file = ScoresFile(tmp_path, MEASURED)
    file.add(measurement("cornet_s_wc", 0, genome="00000000"))
    with pytest.raises(WiringError, match="another genome"):
        surveys.survey(file, [STATES["cornet_s_wc"]], (0,), None, lambda sentence: None)
    assert not quick


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        (["--report"], 1, "Nothing is measured in"),
        (["--state", "cornet_s_wcc"], 2, "There is no birth state 'cornet_s_wcc'"),
    ],
    ids=["empty", "unknown"],
)
def test_a_mistake_ends_in_one_sentence(tmp_path, capsys, arguments, status, sentence):
    with pytest.raises(SystemExit) as end:
        main(["frontier", "-o", str(tmp_path), *arguments])
    said = capsys.readouterr().err
    assert end.value.code == status and sentence in said and said.count("\n") == 1
