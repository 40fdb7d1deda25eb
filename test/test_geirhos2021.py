"""Geirhos2021edge- and silhouette-error_consistency from small files: the stock numbers, intervals,
wrong files and models."""

from __future__ import annotations

import io
import tarfile

import numpy as np
import pytest
from brainscore_core.supported_data_standards.brainio.assemblies import BehavioralAssembly
from brainscore_vision.benchmarks.geirhos2021.benchmark import _Geirhos2021ErrorConsistency
from conftest import shared
from PIL import Image
from small_experiments import subject

from brainscore_wiring.benchmarks.geirhos2021 import files
from brainscore_wiring.benchmarks.geirhos2021.benchmark import ErrorConsistency, kappa
from brainscore_wiring.brain.load import load_wiring_model
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.caches import no_identifier_caches
from brainscore_wiring.scoring.loading import load_benchmark

#: The 16 names of the published task.
CATEGORIES = [
    *("airplane", "bear", "bicycle", "bird", "boat", "bottle", "car", "cat"),
    *("chair", "clock", "dog", "elephant", "keyboard", "knife", "oven", "truck"),
]
PEOPLE = 5


def _archive(path, content: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as archive:
        for name, value in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(value)
            archive.addfile(member, io.BytesIO(value))


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Archives of the published form with two small images of each category and five people's
    answers."""
    random, images, answers = np.random.default_rng(0), {}, {}
    names = [(category, f"{category}{number}") for category in CATEGORIES for number in (1, 2)]
    for category, name in names:
        content = io.BytesIO()
        Image.fromarray(random.integers(0, 256, (56, 56, 3), dtype=np.uint8)).save(
            content, format="PNG"
        )
        images[f"stimuli/edges/{category}/{name}.png"] = content.getvalue()
    for person in range(1, PEOPLE + 1):
        rows = ["subj,session,trial,rt,object_response,category,condition,imagename"]
        for trial, number in enumerate(random.permutation(len(names)), 1):
            category, name = names[number]
            said = category if random.random() < 0.7 else random.choice([*CATEGORIES, "na"])
            rows.append(
                f"subject-0{person},1,{trial},0.5,{said},{category},0,"
                f"{trial:04d}_edg_s0{person}_0_{category}_00_{name}.png"
            )
        answers[f"edge/edge_subject-0{person}_session_1.csv"] = "\n".join(rows).encode()
    _archive(tmp_path / files.IMAGE_ARCHIVE, images)
    _archive(tmp_path / files.RESPONSE_ARCHIVE, answers)
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path))
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(
        files.DATASETS,
        "edge",
        files.Dataset("stimuli/edges/", files.contents(images), "edge/", files.contents(answers)),
    )
    return tmp_path


class Person:
    """Gives the right answer for the images that `right` names, else another."""

    identifier = "person"

    def __init__(self, right: set[str]):
        self.right, self.choices = right, None

    def visual_degrees(self) -> int:
        return 8

    def start_task(self, task, choice_labels) -> None:
        self.choices = choice_labels

    def look_at(self, stimuli, number_of_trials=1):
        others = {
            name: self.choices[(self.choices.index(name) + 1) % len(self.choices)]
            for name in self.choices
        }
        said = [
            truth if name in self.right else others[truth]
            for name, truth in zip(stimuli["stimulus_id"], stimuli["truth"])
        ]
        columns = {
            name: ("presentation", stimuli[name].values)
            for name in ("stimulus_id", "truth", "condition")
        }
        return BehavioralAssembly([said], dims=["choice", "presentation"], coords=columns)


def test_our_plugin_is_loaded_in_place_of_the_stock_one(small):
    with no_identifier_caches():
        benchmark = load_benchmark("Geirhos2021edge-error_consistency")
    assert type(benchmark) is ErrorConsistency and benchmark.version == 1
    assert len(benchmark._assembly) == PEOPLE * 32 and len(benchmark._assembly.stimulus_set) == 32


def test_the_score_is_the_stock_benchmarks_and_has_an_interval(small):
    ours, stock = ErrorConsistency("edge"), _Geirhos2021ErrorConsistency("edge")
    stock._assembly = ours._assembly
    people = ours._assembly
    person = people[people["subject"].values == "subject-01"]
    right = set(person["stimulus_id"].values[person.values == person["truth"].values]) - {
        "bear1",
        "cat2",
    }
    with no_identifier_caches():
        score, expected = ours(Person(right)), stock(Person(right))
    assert float(score) == pytest.approx(float(expected), abs=1e-12)
    assert float(score.raw) == pytest.approx(float(expected.raw), abs=1e-12)
    assert float(score.ceiling) == pytest.approx(float(expected.ceiling), abs=1e-12)
    low, high = score.attrs["interval"]
    assert low <= float(score) <= high and score.attrs["resampled"] == "images and subjects"
    assert score.attrs["correct"] == len(right) / 32


def test_kappa_is_the_stock_metrics():
    random = np.random.default_rng(0)
    model, people = random.random(160) < 0.6, random.random((10, 160)) < 0.7
    agree = (model == people).mean(axis=1)
    chance = model.mean() * people.mean(axis=1) + (1 - model.mean()) * (1 - people.mean(axis=1))
    assert np.allclose(kappa(model, people), (agree - chance) / (1 - chance))


def test_a_network_with_a_thousand_classes_is_scored(small):
    with no_identifier_caches():
        score = ErrorConsistency("edge")(subject())
    assert 0 <= float(score) <= 1 and np.isfinite(score.attrs["error"])


def test_a_model_without_a_decoder_gets_one_sentence(small):
    with (
        no_identifier_caches(),
        pytest.raises(WiringError, match="pixels has no decoder of the 1,000 ImageNet classes"),
    ):
        ErrorConsistency("edge")(load_wiring_model("pixels"))


def test_another_archive_is_refused_in_one_sentence(small):
    _archive(small / files.IMAGE_ARCHIVE, {"stimuli/edges/cat/cat1.png": b"none"})
    files.members.cache_clear()
    with pytest.raises(
        WiringError, match="the 1 files that it has in stimuli/edges/ are not the published"
    ) as error:
        ErrorConsistency("edge")
    assert "\n" not in str(error.value)


def test_without_any_files_the_sentence_says_where_to_put_them(monkeypatch, tmp_path):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path))
    with (
        no_identifier_caches(),
        pytest.raises(WiringError, match="finds neither edges-and-silhouettes.tar") as error,
    ):
        ErrorConsistency("silhouette")(Person(set()))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("dataset, ceiling", [("edge", 0.31844), ("silhouette", 0.47571)])
def test_the_published_answers_give_brain_scores_ceilings(monkeypatch, tmp_path, dataset, ceiling):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference/geirhos2021")))
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))
    benchmark = ErrorConsistency(dataset)
    assert float(benchmark._ceiling_func()) == pytest.approx(ceiling, abs=1e-5)
    assert len(benchmark._assembly.stimulus_set) == 160 and set(
        benchmark._assembly["truth"].values
    ) == set(CATEGORIES)
