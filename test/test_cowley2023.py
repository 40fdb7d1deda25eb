"""Cowley2023.V4-pls: the metric, the ceiling, the files, and the interface to models."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_vision import load_ceiling, load_metric
from conftest import shared
from one_region import Matrix
from PIL import Image
from small_experiments import subject

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks.cowley2023 import benchmark as cowley_benchmark
from brainscore_wiring.benchmarks.cowley2023 import sessions
from brainscore_wiring.benchmarks.cowley2023.benchmark import V4AllSessions, V4OneSession
from brainscore_wiring.benchmarks.cowley2023.predictivity import consistency, cross_validated
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.shared_recordings import shared as shared_recordings

IMAGES, NEURONS, REPEATS = 80, 6, 8
#: Session -> the seed of its responses.
SESSIONS = {"190923": 0, "201025": 1, "210325": 3}


def recording(seed: int, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """What neurons would answer without noise (neurons, images), and single repeats, some images
    with fewer."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(size=(NEURONS, IMAGES))
    repeats = truth[..., np.newaxis] + noise * generator.normal(size=(NEURONS, IMAGES, REPEATS))
    repeats[:, ::3, REPEATS - 2 :] = np.nan
    return truth, repeats


def write(folder: Path, name: str, repeats: np.ndarray, with_repeats: bool = True) -> None:
    """The files of one session, as published: a folder inside the archive, JPEG images of 112
    pixels."""
    images, averages, raw = sessions.files_of_session(name)
    pixels = np.random.default_rng(int(name)).integers(
        0, 256, (IMAGES, 112, 112, 3), dtype=np.uint8
    )
    with zipfile.ZipFile(folder / images, "w") as archive:
        archive.writestr(f"images_{name}/", "")
        for number, image in enumerate(pixels, 1):
            content = io.BytesIO()
            Image.fromarray(image).save(content, format="JPEG")
            archive.writestr(f"images_{name}/image{number:04d}.jpg", content.getvalue())
    np.save(folder / averages, np.nanmean(repeats, axis=2))
    if with_repeats:
        np.save(folder / raw, repeats)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """The files of small sessions in place of the published ones: 210325 with repeats, the others
    without."""
    folder = tmp_path_factory.mktemp("cowley2023")
    for name, seed in SESSIONS.items():
        write(folder, name, recording(seed)[1], with_repeats=name == sessions.WITH_REPEATS)
    return folder


@pytest.fixture
def published(small, tmp_path, monkeypatch):
    """The small sessions, two of one monkey and one of another, and what their neurons would answer
    without noise."""
    folder = shutil.copytree(small, tmp_path / "data")
    for name in sessions.MONKEYS.keys() - SESSIONS.keys():
        monkeypatch.delitem(sessions.MONKEYS, name)
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(folder))
    monkeypatch.setattr(public_files, "fetch", lambda name: folder / name)
    return folder, {name: recording(seed)[0] for name, seed in SESSIONS.items()}


def model(responses: dict[str, np.ndarray] | np.ndarray) -> Matrix:
    """A model of the session's responses (images, units), or of one matrix for every session."""
    return Matrix(responses, lambda name: int(name.rpartition("_")[2]) - 1)


def test_the_metric_is_brain_scores_own_in_ten_folds():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(IMAGES, 300)).astype(np.float32)
    measured = features[:, :NEURONS] + generator.normal(size=(IMAGES, NEURONS))
    presentations = {
        "stimulus_id": ("presentation", [f"{number:03d}" for number in range(IMAGES)]),
        "object_name": ("presentation", ["x"] * IMAGES),
    }
    source, target = (
        NeuroidAssembly(
            values,
            dims=["presentation", "neuroid"],
            coords=presentations
            | {
                "neuroid_id": ("neuroid", np.arange(values.shape[1])),
                "layer": ("neuroid", ["x"] * values.shape[1]),
            },
        )
        for values in (features, measured)
    )
    stock = load_metric("pls", crossvalidation_kwargs={"stratification_coord": None, "kfold": True})
    stock = stock(source, target)
    predictions = cross_validated(features, measured)
    assert predictions.score() == pytest.approx(float(stock), abs=1e-7)
    each = predictions.correlations(np.ones((1, IMAGES)))[0]
    assert np.allclose(each, stock.raw.transpose("split", "neuroid").values, atol=1e-6)


def test_the_ceiling_is_brain_scores_internal_consistency():
    repeats = recording(1)[1][..., : REPEATS - 2]
    presentation = [
        ("presentation", values.ravel()) for values in np.mgrid[:IMAGES, : repeats.shape[2]]
    ]
    assembly = NeuroidAssembly(
        repeats.reshape(NEURONS, -1).T,
        dims=["presentation", "neuroid"],
        coords={
            "stimulus_id": presentation[0],
            "repetition": presentation[1],
            "neuroid_id": ("neuroid", np.arange(NEURONS)),
            "region": ("neuroid", ["V4"] * NEURONS),
        },
    )
    stock = load_ceiling("internal_consistency")(assembly)
    center, spread = consistency(repeats)
    assert center == pytest.approx(float(stock), abs=0.02) and 0 < spread < 0.02


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_the_ceiling_is_the_reliability_of_the_averages(noise):
    truth, repeats = recording(2, noise)
    signal = np.corrcoef(np.vstack([truth, np.nanmean(repeats, axis=2)]))
    reliability = np.median(np.diagonal(signal, NEURONS) ** 2)
    assert consistency(repeats)[0] == pytest.approx(reliability, abs=0.05)


def test_a_model_that_knows_the_neurons_reaches_the_ceiling_and_noise_nothing(published):
    _, truth = published
    benchmark = V4OneSession()
    generator = np.random.default_rng(0)
    mixed = truth[sessions.WITH_REPEATS].T @ generator.normal(size=(NEURONS, 40))
    score = benchmark(model(mixed + 1e-3 * generator.normal(size=mixed.shape)))
    assert float(score) > 0.9 and float(score.ceiling) == float(benchmark.ceiling)
    assert float(score) == pytest.approx(min(float(score.raw) / float(score.ceiling), 1))
    noise = benchmark(model(generator.normal(size=(IMAGES, 40))))
    assert float(noise) < 0.3
    low, high = score.attrs["interval"]
    assert (
        0 < low <= float(score) and low < high and score.attrs["resampled"] == "images and neurons"
    )
    assert score.attrs["explained_variance"] == pytest.approx(
        float(score.raw) ** 2 / float(score.ceiling)
    )


def test_errors_and_intervals_are_over_the_ceiling_and_those_of_raw_values_are_not(published):
    responses = model(np.random.default_rng(0).normal(size=(IMAGES, 40)))
    benchmark = V4OneSession()
    averages = benchmark._session.responses.T
    resampled = cross_validated(benchmark.recorded(responses), averages).resampled()
    raw = np.percentile(resampled, [2.5, 97.5])
    score, mean = benchmark(responses), V4AllSessions()(responses)  # one session has a ceiling
    for one in (score, mean):
        assert one.attrs["error"] == pytest.approx(resampled.std() / float(score.ceiling))
        assert one.attrs["interval"] == pytest.approx((raw / float(score.ceiling)).clip(0, 1))
    assert mean.attrs["parts"][sessions.WITH_REPEATS]["interval_raw"] == pytest.approx(raw)


def test_the_error_covers_what_new_images_and_neurons_change_and_is_not_twice_as_large():
    def once(seed: int):
        generator = np.random.default_rng(seed)
        features = generator.normal(size=(200, 30))
        measured = features @ generator.normal(size=(30, 12)) + 6 * generator.normal(size=(200, 12))
        return cross_validated(features, measured)

    experiments = [once(seed) for seed in range(12)]
    spread = np.std([one.score() for one in experiments])
    widths = [one.resampled().std() for one in experiments[:2]]
    assert 0.8 * spread < np.mean(widths) < 2 * spread


def test_a_part_is_the_benchmark_on_its_images_with_a_ceiling_of_its_own(published):
    benchmark = V4OneSession()
    _, truth = published
    mixed = truth[sessions.WITH_REPEATS].T @ np.random.default_rng(0).normal(size=(NEURONS, 40))
    recorded = benchmark.recorded(model(mixed))
    whole = benchmark.among(np.arange(IMAGES)).score(recorded, "x")
    assert float(whole.raw) == float(benchmark(model(mixed)).raw)
    half = np.arange(0, IMAGES, 2)
    part = benchmark.among(half).score(recorded[half], "x")
    assert part.attrs["images"] == len(half)
    averages = np.nanmean(recording(SESSIONS[sessions.WITH_REPEATS])[1], axis=2)
    assert float(part.raw) == cross_validated(recorded[half], averages.T[half]).score()
    assert float(part.ceiling) != float(benchmark.ceiling)


def test_a_score_is_the_same_twice(published):
    responses = np.random.default_rng(0).normal(size=(IMAGES, 40))
    first, second = (V4OneSession()(model(responses)) for _ in range(2))
    assert (
        float(first.raw) == float(second.raw)
        and first.attrs["interval"] == second.attrs["interval"]
    )


def test_sessions_without_repeats_are_raw_and_stay_out_of_the_headline(published):
    _, truth = published
    benchmark = V4AllSessions()
    responses = np.random.default_rng(0).normal(size=(IMAGES, 40))
    responses[:, :NEURONS] = truth[sessions.WITH_REPEATS].T
    score = benchmark(model(responses))
    parts = score.attrs["parts"]
    assert [name for name, part in parts.items() if part["ceiling"]] == ["210325"]
    assert parts["190923"]["score"] is None and "no ceiling" in parts["190923"]["note"]
    assert float(score) == pytest.approx(min(max(parts["210325"]["score"], 0), 1))
    assert "210325 only" in score.attrs["note"] and str(benchmark.version) == "1 with 210325"


def test_single_repeats_that_are_put_beside_are_used_and_monkeys_count_alike(published):
    folder, _ = published
    for name in ("201025", "190923"):
        write(folder, name, recording(SESSIONS[name])[1])
    benchmark = V4AllSessions()
    score = benchmark(model(np.random.default_rng(0).normal(size=(IMAGES, 40))))
    found = {
        name: part["score"]
        for name, part in score.attrs["parts"].items()
        if part["score"] is not None
    }
    assert set(found) == {"190923", "201025", "210325"}
    monkeys = [found["190923"], (found["201025"] + found["210325"]) / 2]
    assert float(score) == pytest.approx(np.clip(np.mean(monkeys), 0, 1))
    raw = {name: part["raw"] for name, part in score.attrs["parts"].items()}
    by_monkey = [raw["190923"], (raw["201025"] + raw["210325"]) / 2]
    assert score.attrs["raw_over_monkeys"] == pytest.approx(np.mean(by_monkey))
    assert float(score.raw) == pytest.approx(np.mean(by_monkey))  # all have a ceiling
    (folder / "responses_raw_190923.npy").unlink()
    some = V4AllSessions()(model(np.random.default_rng(0).normal(size=(IMAGES, 40))))
    assert float(some.raw) == pytest.approx(by_monkey[1])  # one monkey has
    assert some.attrs["raw_over_monkeys"] == pytest.approx(np.mean(by_monkey))
    assert str(benchmark.version) == "1 with 190923, 201025, 210325"


def test_images_are_shown_in_their_order_and_at_the_assumed_size(published):
    subject = model(np.random.default_rng(0).normal(size=(IMAGES, 40)))
    subject.degrees = 16
    V4OneSession()(subject)
    assert subject.recorded == [("V4", [(70, 170)])] and subject.looks == [IMAGES]
    stimuli = sessions.load_session("210325").on_screen(16)
    with Image.open(stimuli.get_stimulus("210325_0007")) as shown:
        assert shown.size == (224, 224) and shown.getpixel((0, 0)) == (128, 128, 128)


def test_each_image_is_run_once_for_both_benchmarks(published):
    benchmarks = [V4OneSession(), V4AllSessions()]
    network = subject(seed=1)
    with shared_recordings(network, benchmarks):
        one, every = (benchmark(network) for benchmark in benchmarks)
    assert network.network.shown == len(SESSIONS) * IMAGES
    assert float(one.raw) == pytest.approx(every.attrs["parts"]["210325"]["raw"], abs=1e-6)


@pytest.mark.parametrize("value, reason", [(0.0, "same response"), (np.nan, "no numbers")])
def test_responses_that_predict_nothing_are_not_scored(published, value, reason):
    with pytest.raises(WiringError, match=reason):
        V4OneSession()(model(np.full((IMAGES, 40), value)))


@pytest.mark.parametrize(
    "number, reason", [(0, "images_210325.zip"), (1, "responses_avg"), (2, "responses_raw")]
)
def test_a_damaged_file_is_refused_in_one_sentence(published, number, reason):
    folder, _ = published
    path = folder / sessions.files_of_session("210325")[number]
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(WiringError, match=f"{reason}.*does not hold the data of Cowley") as error:
        V4OneSession()
    assert "\n" not in str(error.value)


def test_images_are_in_the_order_of_their_names_not_of_the_archive(published):
    folder, _ = published
    before = sessions.load_session("210325").images
    path = folder / "images_210325.zip"
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name in reversed(content):
            archive.writestr(name, content[name])
    assert sessions.load_session("210325").images == before


def test_a_response_worse_than_chance_explains_less_than_nothing(published, monkeypatch):
    benchmark = V4OneSession()
    session = benchmark._session
    predictions = SimpleNamespace(
        score=lambda: -0.2, resampled=lambda: np.array([-0.3, -0.1]), correlations=None
    )
    monkeypatch.setattr(cowley_benchmark, "_predicted", lambda *about: predictions)
    score = benchmark.score(np.zeros((len(session.images), 3)), "x")
    assert float(score) == 0
    assert score.attrs["explained_variance"] == pytest.approx(-0.04 / float(score.ceiling))


@pytest.mark.parametrize(
    "repeats, reason",
    [
        ((slice(None), 5, slice(1, None)), "an image was not repeated"),
        ((0, 5, slice(1, 2)), "its neurons miss different repeats"),
    ],
)
def test_repeats_that_are_missing_are_refused(published, repeats, reason):
    folder, _ = published
    path = folder / "responses_raw_210325.npy"
    values = np.load(path)
    values[repeats] = np.nan
    np.save(path, values)
    with pytest.raises(WiringError, match=reason):
        V4OneSession()


def test_repeats_of_another_recording_are_refused(published):
    folder, _ = published
    write(folder, "210225", recording(9)[1])
    shutil.copy(folder / "responses_raw_210225.npy", folder / "responses_raw_210325.npy")
    with pytest.raises(
        WiringError, match="mean over repeats is not what responses_avg_210325.npy holds"
    ):
        V4OneSession()


def test_the_published_session_has_its_ceiling(monkeypatch, tmp_path):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(shared("reference/cowley2023")))
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))
    benchmark = V4OneSession()
    assert float(benchmark.ceiling) == pytest.approx(0.752, abs=0.002)
    session = sessions.load_session("210325")
    assert (
        session.responses.shape == (50, 640)
        and len(session.images) == 640
        and session.monkey == "PE"
    )
    assert all(
        len(sessions.load_session(name).images) == 1200
        for name in ("190923", "201025", "210225", "210621")
    )
