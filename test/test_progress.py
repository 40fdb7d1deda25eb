"""How far work is, in a log, a terminal and a notebook."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import re
import sys
import time
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import pytest
from brainscore_core.metrics import Score
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_helpers.activations.pytorch import (
    PytorchWrapper,
    load_preprocess_images,
)
from brainscore_vision.model_helpers.brain_transformation import ModelCommitment
from PIL import Image
from rich.console import Console
from torch import nn
from tqdm import tqdm

from brainscore_wiring import progress
from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.brain.extraction import ActivationsModel
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import RECIPES
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.commands import main
from brainscore_wiring.commands.train import _reports
from brainscore_wiring.progress import counting, no_other_bars, shown
from brainscore_wiring.scoring import time_left
from brainscore_wiring.scoring.score import score_many
from brainscore_wiring.scoring.time_left import TimeLeft
from brainscore_wiring.training.request import FEWEST_HELD_OUT, Training
from brainscore_wiring.training.run import Progress
from brainscore_wiring.training.schedule import Schedule
from brainscore_wiring.training.step_log import STEPS, step_log


class Terminal(io.StringIO):
    def isatty(self):
        return True


@contextlib.contextmanager
def in_a_log(said, stage=""):
    with shown(Console(file=io.StringIO()), said.append) as display:
        display.stage(stage)
        yield


def test_a_log_has_a_line_for_each_stage_and_each_tenth_with_what_is_left(monkeypatch):
    seconds = itertools.count()
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(seconds)))
    said: list[str] = []
    with in_a_log(said, "pixels on V1"), counting("gratings", 1_000) as advance:
        for _ in range(100):
            advance(10)
    assert said[0] == "pixels on V1" and len(said) == 11
    assert re.fullmatch(r"pixels on V1: 100 of 1,000 images, \d+ (s|min) left", said[1])
    assert said[-1] == "pixels on V1: 1,000 of 1,000 images"


def test_work_inside_counted_work_is_not_counted_again():
    said: list[str] = []
    with in_a_log(said, "model"), counting("outer", 2) as outer:
        with counting("inner", 1) as inner:
            inner(1)
        assert said == ["model"]
        outer(2)
    assert said == ["model", "model: 2 of 2 images"]


def test_a_run_that_goes_on_is_not_faster_than_it_is(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    said: list[str] = []
    log = progress.Log(said.append)
    log.stage("updates")
    for done in (500, 550, 600):
        log.count(done, 1000)
        now[0] += 10
    assert said[-1] == "updates: 600 of 1,000, 80 s left"


def test_a_recording_says_how_many_images_a_network_has_seen(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(10)]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(path)
    network = nn.Sequential(OrderedDict(logits=nn.Conv2d(3, 2, 8)))
    model = ActivationsModel("small@0", network, "logits", Preprocessing(image_size=8))
    said: list[str] = []
    with in_a_log(said, "small on ten images"):
        model([str(path) for path in paths], ["logits"])
    assert said[-1] == "small on ten images: 10 of 10 images" and "8 of 10" in said[1]


def test_a_terminal_has_one_line_that_is_gone_at_the_end(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with counting("V1 gratings", 2569) as advance:
        advance(64)
        time.sleep(0.3)
    written = sys.stderr.getvalue()
    assert "V1 gratings" in written and "64/2569" in written and written.endswith("\x1b[2K")


def test_a_file_has_nothing_without_being_asked(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with counting("V1 gratings", 4) as advance:
        advance(4)
    assert sys.stderr.getvalue() == ""


def test_a_training_logs_its_rate_and_what_is_left_and_every_update_where_asked(capsys, tmp_path):
    with pytest.raises(SystemExit) as exit_:
        main(
            "train mobilenet_wc_ct --data visual-atoms --images 12 --recipe small --size 40 "
            f"--batch-size 4 --epochs 4 --held-out 4 --log csv -o {tmp_path}".split()
        )
    said = capsys.readouterr().err
    assert not exit_.value.code
    assert re.search(
        r"updates: 6 of 12, loss \d\.\d+, learning rate [\d.e-]+, [\d.,]+ images/s, \d+ s left",
        said,
    )
    assert "held-out accuracy on 4 images: 4 of 4 images" in said
    with (tmp_path / STEPS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["update"]) for row in rows] == list(range(1, 13))
    assert rows[5]["epoch"] == "2.0" and rows[5]["images"] == "24"
    record = json.loads((tmp_path / "record.json").read_text())
    accuracies = [row["val_accuracy"] for row in rows]
    assert accuracies == [""] * 11 + [str(record["held_out"]["accuracy"])]


def test_a_training_that_goes_on_tells_its_own_speed_not_that_of_the_machine_before():
    said = []
    display = SimpleNamespace(stage=lambda text: None, count=lambda *a, words: said.append(words))
    run = SimpleNamespace(steps_per_epoch=10, milestones=SimpleNamespace(last=10))
    update = _reports(display, lambda *about: None).update
    for step, seconds in ((5, 1000.0), (6, 1001.0), (7, 1002.0)):
        seen = {"images_shown": 4 * step, "epoch_images": 4 * step}
        update(Progress(Schedule(0.1), step=step, seconds=seconds, **seen), run)
    assert "images/s" not in said[0]
    assert all(text.endswith(" 4.0 images/s") for text in said[1:])


RUN = SimpleNamespace(steps_per_epoch=2, identity={"recipe": {"batch_size": 4}})
STOPPED = ((1, 2, 3, 4), (3, 4, 5))  # killed after update 4, the state was saved after update 2


def logged(names, folder, updates):
    with step_log(names, folder) as log:
        for update in updates:
            progress = Progress(Schedule(0.1), step=update, last_loss=1 / update, seconds=1)
            log(progress, RUN)
            if update % 2 == 0:
                log(progress, RUN, update / 10)


def test_a_run_that_goes_on_with_a_measurement_has_its_update_once(tmp_path):
    logged(["csv"], tmp_path, [1, 2])
    with step_log(["csv"], tmp_path) as log:
        log(Progress(Schedule(0.1), step=2, last_loss=0.5, seconds=1), RUN, 0.7)
    with (tmp_path / STEPS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["update"], row["loss"], row["val_accuracy"]) for row in rows] == [
        ("1", "1.0", ""),
        ("2", "0.5", "0.7"),
    ]


def test_a_log_of_an_older_version_goes_on_with_accuracies(tmp_path):
    (tmp_path / STEPS).write_text(
        "update,epoch,images,loss,learning_rate,images_per_second\n1,0.5,4,1.0,0.1,4.0\n"
    )
    logged(["csv"], tmp_path, [2])
    with (tmp_path / STEPS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["loss"], row["val_accuracy"]) for row in rows] == [("1.0", ""), ("0.5", "0.2")]


def test_a_run_that_goes_on_replaces_the_rows_of_updates_after_its_state(tmp_path):
    for updates in STOPPED:
        logged(["csv"], tmp_path, updates)
        with (tmp_path / STEPS).open("a") as file:
            file.write("6,3.0,")  # a line that was being written
    with (tmp_path / STEPS).open(newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["update", *"123456"]


@pytest.mark.parametrize(
    "left", [b"2,1.0,4,0.5,0.1,4", b"x,1,1,1,1,1\n", b"\xff\xfe\n", b"2,1.0\n"]
)
def test_a_half_written_or_damaged_row_is_left_out_of_the_log(left, tmp_path):
    logged(["csv"], tmp_path, [1])
    with (tmp_path / STEPS).open("ab") as file:
        file.write(left)
    logged(["csv"], tmp_path, [3])
    with (tmp_path / STEPS).open(newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["update", "1", "3"]


def test_tensorboard_reads_each_update_once_after_a_run_went_on(tmp_path):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is missing"
    )
    for updates in STOPPED:
        logged(["tensorboard"], tmp_path, updates)
    events = reader.EventAccumulator(str(tmp_path)).Reload()
    tags = {"epoch", "images", "loss", "learning_rate", "images_per_second", "val_accuracy"}
    assert set(events.Tags()["scalars"]) == tags
    points = [(point.step, point.value) for point in events.Scalars("loss")]
    assert points == [(step, pytest.approx(1 / step)) for step in (1, 2, 3, 4, 5)]
    accuracies = [(point.step, point.value) for point in events.Scalars("val_accuracy")]
    assert accuracies == [(2, pytest.approx(0.2)), (4, pytest.approx(0.4))]


class Wandb(ModuleType):
    """Takes calls in the place of Weights & Biases."""

    def __init__(self):
        super().__init__("wandb")
        self.__spec__ = ModuleSpec("wandb", None)
        self.runs, self.steps, self.accuracies = [], [], {}

    def Settings(self, **settings):
        return settings

    def init(self, **arguments):
        self.runs.append(arguments)
        return SimpleNamespace(log=self.log, finish=partial(self.steps.append, None))

    def log(self, row, step):
        if "val_accuracy" in row:
            self.accuracies[step] = row["val_accuracy"]
        else:
            self.steps.append(step)


def test_weights_and_biases_has_one_run_for_a_folder(monkeypatch, tmp_path):
    wandb = Wandb()
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    for updates in STOPPED:
        logged(["wandb"], tmp_path, updates)
    assert len({run["id"] for run in wandb.runs}) == 1 and wandb.runs[1]["resume"] == "allow"
    assert wandb.steps == [1, 2, 3, 4, None, 3, 4, 5, None]
    assert wandb.accuracies == {2: 0.2, 4: 0.4}


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("tensorboard", r"`pip install '.\[tensorboard\]'`"),
        ("wandb", "`pip install wandb`"),
        ("tensorbord", "did you mean tensorboard"),
    ],
)
def test_a_log_that_cannot_be_written_is_refused_before_the_training(
    log, sentence, monkeypatch, tmp_path, capsys
):
    for package in ("tensorboard", "wandb"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SystemExit) as exit_:
        main(
            [
                *f"train mobilenet_wc_ct --data visual-atoms --log {log} -o".split(),
                f"{tmp_path}/run",
            ]
        )
    said = capsys.readouterr().err
    assert exit_.value.code in (1, 2) and re.search(sentence, said), said
    assert len(said.splitlines()) == 1 and not (tmp_path / "run").exists()


def test_few_images_are_not_followed_by_thousands_of_held_out_ones(tmp_path):
    row, said = variant("mobilenet_wc_ct"), []
    small = Training.of(row, birth_of(row), "visual-atoms", RECIPES["small"], images=8)
    assert len(small.open(0, said.append, tmp_path).held_out) == FEWEST_HELD_OUT
    assert any(f"{FEWEST_HELD_OUT} of the 5,000 held-out images" in line for line in said)
    large = replace(small, images=60)
    assert len(large.open(0, said.append, tmp_path).held_out) == 600
    asked = replace(small, held_out_images=5000)
    assert len(asked.open(0, said.append, tmp_path).held_out) == 5000


def stock_model(name):
    """A network in brainscore_vision's own wrapper and commitment, with its bars."""
    network = nn.Sequential(OrderedDict(conv=nn.Conv2d(3, 2, 8), relu=nn.ReLU()))
    preprocessing = partial(load_preprocess_images, image_size=8)
    wrapper = PytorchWrapper(network, preprocessing, identifier=name, batch_size=2)
    regions = dict.fromkeys(("V1", "V2", "V4", "IT"), "relu")
    return ModelCommitment(name, wrapper, ["relu"], region_layer_map=regions)


class Seen(BenchmarkBase):
    """Looks at images with V1."""

    def __init__(self, name, stimuli):
        self.stimuli = stimuli
        super().__init__(name, Score(1.0), version=1, parent="V1")

    def __call__(self, candidate):
        candidate.start_recording("V1", time_bins=[(70, 170)])
        candidate.look_at(self.stimuli, number_of_trials=1)
        return Score(0.5)


@pytest.fixture
def call(tmp_path):
    """Two stock models and two benchmarks."""
    stimuli = StimulusSet({"stimulus_id": [str(number) for number in range(6)]})
    stimuli.stimulus_paths = {name: str(tmp_path / f"{name}.png") for name in stimuli.stimulus_id}
    stimuli.identifier = "six"
    for path in stimuli.stimulus_paths.values():
        Image.new("RGB", (8, 8)).save(path)
    return [stock_model("one"), stock_model("other")], [Seen("A", stimuli), Seen("B", stimuli)]


@pytest.mark.parametrize("stock", [False, True])
def test_one_line_shows_a_whole_scoring_call_and_no_bar_of_a_stock_model(call, stock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with shown(Console(file=sys.stderr, force_terminal=True, width=150)):
        results = score_many(*call, stock=stock)
    assert [result.score for result in results] == [0.5] * 4
    written = sys.stderr.getvalue()
    assert "model 2 of 2, benchmark 2 of 2: other on B" in written
    assert "left in all" in written
    assert "activations" not in written and "layer packaging" not in written


def test_benchmarks_whose_data_are_not_here_are_not_counted_among_those_to_come(
    call, monkeypatch, tmp_path
):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path / "nothing"))
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BRAINIO_HOME", str(tmp_path / "brainio"))
    models, benchmarks = call
    said: list[str] = []
    with in_a_log(said):
        results = score_many(models[:1], ["FreemanZiemba2013.V1-pls", *benchmarks])
    assert [result.status for result in results] == ["not run", "scored", "scored"]
    assert [sentence for sentence in said if " of 2: " in sentence] == [
        "benchmark 1 of 2: one on A",
        "benchmark 2 of 2: one on B",
    ]


def test_bars_of_libraries_are_back_after_a_call():
    bars = [io.StringIO(), io.StringIO()]
    with no_other_bars():
        list(tqdm(range(3), file=bars[0]))
    list(tqdm(range(3), file=bars[1]))
    assert bars[0].getvalue() == "" and "3/3" in bars[1].getvalue()


def test_the_time_that_a_whole_call_takes_is_told_from_what_was_done(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time_left.time, "monotonic", lambda: now[0])
    left = TimeLeft(2, ["quick", "slow"])
    assert left() is None
    left.begin(["quick", "slow"])
    now[0] = 10
    left.finished("quick")
    assert left() == 30  # the other three are expected to take as long
    now[0] = 110
    left.finished("slow")
    left.next_model()
    left.begin(["slow"])  # the second model has the other in a table
    assert left() == 100
    now[0] = 150
    assert left() == 60
