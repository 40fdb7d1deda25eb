"""Submissions: names that keep their promise, folders that run without this package, scored by the
stock command.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import os
import re
import signal
import subprocess
import time
import venv
import zipfile
from pathlib import Path

import fresh_process
import numpy as np
import pytest
from brainscore_core.metadata import load
from brainscore_core.supported_data_standards.brainio.s3 import load_weight_file, sha1_hash

import brainscore_wiring
from brainscore_wiring.brain.from_checkpoint import model_from_checkpoint
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.checkpoints.training_record import ImportedFrom
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring.plugin_folders import STOCK
from brainscore_wiring.submission import checks
from brainscore_wiring.submission import zip_file as exporting
from brainscore_wiring.submission.dry_run import Finding
from brainscore_wiring.submission.dry_run_process import link_library, unpack
from brainscore_wiring.submission.metadata import metadata
from brainscore_wiring.submission.plugin_folder import Submitted, plugin_folder
from brainscore_wiring.submission.vendored import PACKAGE

MODEL, TRAINED = "mobilenet_random", "cornet_s_wc_ct"
#: A network that computes nothing, under a name that Brain-Score does not have yet.
FAST, FAST_PUBLIC = "pixels", "pixels_of_wiring"
PUBLIC = "cornet_s_wc_ct_tiny_imagenet_100k_images_5_epochs"


def submitted(model: str, name: str, scratch: Path, url: str | None = None) -> list[Submitted]:
    """A model ready to be put into a folder, without responses to compare with."""
    return [exporting._submitted(name, exporting.model_to_export(model), scratch, url, 1)]


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> tuple[Path, list[Finding]]:
    """The zip of the fastest network, and what its dry run found."""
    findings = []
    path = tmp_path_factory.mktemp("export") / "new" / "submission.zip"
    exporting.export([FAST], path, FAST_PUBLIC, found=findings.append)
    return path, findings


def test_a_dry_run_records_every_region_and_reads_out_behaviour_without_this_package(exported):
    _, findings = exported
    assert [finding for finding in findings if finding.problem] == []
    assert {
        "V1 can be recorded",
        "V2 can be recorded",
        "V4 can be recorded",
        "IT can be recorded",
        "responses are those at export",
        "probabilities are in 0 to 1",
        "metadata keeps the contract",
    } < {finding.check for finding in findings if finding.model == FAST_PUBLIC}
    assert "Brain-Score's parser reads every identifier" in {
        finding.check for finding in findings if not finding.model
    }


def test_a_submission_is_one_folder_with_what_brain_score_expects_and_nothing_stays_beside_it(
    exported,
):
    path, _ = exported
    names = zipfile.ZipFile(path).namelist()
    assert names == sorted(names) and all(
        name.startswith(f"submission/models/{FAST_PUBLIC}/") for name in names
    )
    inside = {name.split("/", 3)[3] for name in names}
    assert {
        "__init__.py",
        "model.py",
        "test.py",
        "metadata.yaml",
        "requirements.txt",
        "README.md",
        f"region_layer_map/{FAST_PUBLIC}.json",
        f"{FAST_PUBLIC}.safetensors",
    } < inside
    assert list(path.parent.iterdir()) == [path]


def test_the_metadata_of_a_submission_keep_brain_scores_contract(exported):
    with zipfile.ZipFile(exported[0]) as archive:
        described = load(
            archive.read(f"submission/models/{FAST_PUBLIC}/metadata.yaml").decode(), "vision"
        )
    assert list(described["models"]) == [FAST_PUBLIC]


def test_the_same_model_gives_the_same_bytes(tmp_path):
    zips = []
    for number in range(2):
        scratch = tmp_path / str(number)
        scratch.mkdir()
        exporting._zip(
            scratch / "a.zip", exporting._files(submitted(MODEL, MODEL, scratch), scratch)
        )
        zips.append((scratch / "a.zip").read_bytes())
    assert zips[0] == zips[1]


def test_a_problem_that_the_dry_run_finds_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "_responses", lambda one, scratch: {})
    wrong = Finding(MODEL, "V1 can be recorded", "no")
    monkeypatch.setattr(exporting, "dry_run", lambda scratch, found: [wrong])
    with pytest.raises(WiringError, match="not written.*'V1 can be recorded' does not hold"):
        exporting.export([MODEL], tmp_path / "submission.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_no_check_was_made_of_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "dry_run", lambda scratch, found: [])
    with pytest.raises(WiringError, match=f"{MODEL} was not checked"):
        exporting._dry_run(tmp_path, {MODEL}, lambda finding: None)


def test_a_zip_with_something_beside_models_is_found_by_brain_scores_own_unpacking(tmp_path):
    for number, names in enumerate(
        (
            ["a/models/x/__init__.py", "b/models/y/__init__.py"],
            ["a/models/x/__init__.py", "a/setup.py"],
        )
    ):
        scratch = tmp_path / str(number)
        scratch.mkdir()
        exporting._zip(scratch / exporting.ZIP, dict.fromkeys(names, b""))
        with pytest.raises(Exception, match="too many entries|beside models"):
            unpack(scratch, scratch)


def test_large_weights_need_an_address_and_are_left_beside_the_place_of_the_zip(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(exporting, "LARGEST_EMBEDDED", 1000)
    with pytest.raises(WiringError, match=f"--weights-url where {tmp_path}/{MODEL}.safetensors"):
        exporting.export([MODEL], tmp_path / "submission.zip")
    [kept] = tmp_path.iterdir()
    assert kept.name == f"{MODEL}.safetensors"
    kept.write_text("mine")
    with pytest.raises(WiringError, match="is another file than the weights of this submission"):
        exporting.export([MODEL], tmp_path / "submission.zip")
    assert kept.read_text() == "mine"


BUCKET = "s3://brainscore-storage/brainscore-vision/models"


def test_weights_in_a_bucket_are_fetched_by_brain_scores_own_function(tmp_path, monkeypatch):
    models = submitted(FAST, FAST_PUBLIC, tmp_path, BUCKET)
    file = models[0].weights
    files = exporting._files(models, tmp_path)
    assert not any(name.endswith(".safetensors") for name in files)
    assert "submission/models/pixels_of_wiring/wiring/downloads.py" not in files
    module = ast.parse(files[f"submission/models/{FAST_PUBLIC}/model.py"])
    values = {
        node.targets[0].id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "IN_BUCKET"
    }
    arguments = eval(compile(ast.Expression(values["IN_BUCKET"]), "model.py", "eval"), {})
    monkeypatch.setenv("BRAINSCORE_HOME", str(tmp_path / exporting.HOME))
    found = load_weight_file(**arguments[FAST_PUBLIC])
    assert file.verified(found) == found, "the dry run has put it where the function looks"
    assert arguments[FAST_PUBLIC]["sha1"] == sha1_hash(found)
    assert exporting._address(models[0]) == f"{BUCKET}/{FAST_PUBLIC}/{FAST_PUBLIC}.safetensors"


@pytest.mark.parametrize("url", ["s3://", "s3://brainscore-storage", "s3:///models"])
def test_a_bucket_without_a_folder_is_refused(url, tmp_path):
    with pytest.raises(WrongUsage, match="does not name a bucket and a folder"):
        submitted(FAST, FAST_PUBLIC, tmp_path, url)


def test_a_version_of_an_object_in_a_bucket_is_named(tmp_path):
    [one] = submitted(FAST, FAST_PUBLIC, tmp_path, f"{BUCKET}?versionId=abc")
    assert one.in_bucket["version_id"] == "abc"


def test_metadata_are_left_out_on_request(tmp_path):
    models = submitted(FAST, FAST_PUBLIC, tmp_path)
    with_them, without = plugin_folder(models), plugin_folder(models, with_metadata=False)
    assert with_them.keys() - without.keys() == {"metadata.yaml"}
    assert "metadata" in with_them["test.py"] and "metadata" not in without["test.py"]
    ast.parse(without["test.py"])


def test_metadata_say_how_weights_were_trained_and_what_each_statement_rests_on():
    entry = load(metadata({PUBLIC: resolve(TRAINED)}), "vision")["models"][PUBLIC]
    record = resolve(TRAINED).record
    assert entry["training"]["batch_size"] == str(record.recipe["batch_size"])
    assert "200 classes" in entry["training"]["objective"]
    assert f"{record.images_shown:,}" in entry["data"]["summary"]
    assert resolve(TRAINED).fingerprint in entry["provenance"]["checkpoint"]
    assert entry["lineage"]["base_models"][0]["relationship"] == "derived_from"
    assert "refuses" in entry["use"]["limitations"][0]
    asserted = {one["path"] for one in entry["assertions"]}
    described = {f"/{part}" for part in entry} - {"/sources", "/assertions"}
    for part in described:
        assert any(path == part or path.startswith(f"{part}/") for path in asserted), part


def test_metadata_of_imported_weights_are_probable_and_say_what_is_not_known():
    model = resolve(TRAINED)
    imported = ImportedFrom("weights.pth", "ab" * 32, "5 epochs of Tiny ImageNet")
    record = dataclasses.replace(model.record, imported=imported, recipe=None)
    weights = dataclasses.replace(model.weights, record=record)
    model = dataclasses.replace(model, weights=weights)
    entry = load(metadata({PUBLIC: model}), "vision")["models"][PUBLIC]
    status = {one["path"]: one["status"] for one in entry["assertions"]}
    assert status["/training"] == status["/data"] == "probable"
    assert status["/training/learning_rate"] == status["/legal/license"] == "undocumented"
    assert "learning_rate" not in entry["training"] and "legal" not in entry


def test_a_birth_state_claims_no_training():
    entry = load(metadata({MODEL: resolve(MODEL)}), "vision")["models"][MODEL]
    assert entry["training"].keys() == {"process"} and "data" not in entry
    assert entry["model"]["supervision"]["type"] == "none"
    assert entry["model"]["trainable_layers"] == "none"


def test_a_card_in_a_submission_is_headed_by_what_the_weights_are(tmp_path):
    [text] = [
        text
        for path, text in plugin_folder(submitted(TRAINED, PUBLIC, tmp_path)).items()
        if path == f"cards/{PUBLIC}.md"
    ]
    heading, claim = text.split("\n\n")[:2]
    assert heading == f"# {PUBLIC}"
    assert "5 epochs of 100,000 Tiny ImageNet images" in claim and "1,280,000" not in claim


def test_a_submission_tests_that_a_decoder_of_other_classes_refuses_to_name_images(tmp_path):
    models = submitted(TRAINED, PUBLIC, tmp_path)
    assert "NAME_IMAGES = []" in plugin_folder(models)["test.py"]
    model = model_from_checkpoint(PUBLIC, tmp_path / f"{PUBLIC}.safetensors")
    checks.no_labels(model, None)
    model.no_names = ""
    with pytest.raises(AssertionError, match="and yet it names images"):
        checks.no_labels(model, None)


def test_weights_with_an_address_stay_out_of_the_zip_and_are_named_by_their_hash(tmp_path):
    models = submitted(MODEL, MODEL, tmp_path, "https://example.org/weights/")
    files = exporting._files(models, tmp_path)
    text = files[f"submission/models/{MODEL}/model.py"].decode()
    assert (
        f'"https://example.org/weights/{MODEL}.safetensors"' in text
        and models[0].weights.sha256 in text
    )
    assert not any(name.endswith(".safetensors") for name in files)
    assert "submission/models/mobilenet_random/wiring/downloads.py" in files


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (dict(models=[MODEL], output="a.tar"), "does not end in .zip"),
        (
            dict(models=[MODEL], output="a.zip", weights_url="http://example.org"),
            "not an https address",
        ),
        (
            dict(models=[MODEL, "cornet_s_kn"], output="a.zip", public_name="x"),
            "--as names one model",
        ),
        (dict(models=[MODEL, MODEL], output="a.zip"), "given twice"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_made(arguments, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUsage, match=reason):
        exporting.export(**arguments)
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_packaged_weights_under_the_papers_name(tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main(["export", TRAINED, "-o", str(tmp_path / "submission.zip")])
    assert left.value.code == 1 and f"--as {PUBLIC}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_asked_to_stop_leaves_nothing_behind(tmp_path):
    place, said = tmp_path / "place", tmp_path / "said.txt"
    place.mkdir(), said.touch()
    process = fresh_process.start(
        f"import tempfile; tempfile.tempdir = None; {fresh_process.COMMAND}",  # found again
        *("export", MODEL, "-o", "submission.zip"),
        streams=[os.devnull, os.devnull, said],
        environment=os.environ | {"TMPDIR": str(place)},
        folder=place,
    )
    while "\nresponses of" not in f"\n{said.read_text()}" and process.exitcode is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGTERM)
    process.join(60)
    assert process.exitcode == 75 and list(place.iterdir()) == []


BENCHMARK = '''"""A benchmark of stock classes on six generated images."""

from pathlib import Path

import numpy as np
from PIL import Image

from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_core.metrics import Score
from brainscore_vision import benchmark_registry
from brainscore_vision.benchmark_helpers.neural_common import NeuralBenchmark
from brainscore_vision.metrics.regression_correlation.metric import (
    CrossRegressedCorrelation,
    pearsonr_correlation,
    pls_regression,
)


def benchmark():
    random = np.random.default_rng(0)
    names = [f"image{number}" for number in range(6)]
    paths = {name: Path(__file__).parent / f"{name}.png" for name in names}
    colours = np.array([np.asarray(Image.open(path)).mean((0, 1)) for path in paths.values()])
    stimuli = StimulusSet({"stimulus_id": names, "object_name": ["a", "b"] * 3})
    stimuli.stimulus_paths = paths
    stimuli.identifier = "Small2026"
    sites = [f"site{number}" for number in range(5)]
    recorded = NeuroidAssembly(
        (colours @ random.normal(size=(3, 5)))[..., None],
        dims=["presentation", "neuroid", "time_bin"],
        coords={
            "stimulus_id": ("presentation", names),
            "object_name": ("presentation", ["a", "b"] * 3),
            "neuroid_id": ("neuroid", sites),
            "region": ("neuroid", ["IT"] * 5),
            "time_bin_start": ("time_bin", [70]),
            "time_bin_end": ("time_bin", [170]),
        },
    ).squeeze("time_bin")
    recorded.attrs.update(stimulus_set=stimuli, stimulus_set_identifier=stimuli.identifier)
    metric = CrossRegressedCorrelation(
        regression=pls_regression(regression_kwargs=dict(n_components=2)),
        correlation=pearsonr_correlation(),
        crossvalidation_kwargs=dict(splits=2, train_size=0.5, stratification_coord=None),
    )
    return NeuralBenchmark(
        identifier="Small2026.IT-pls",
        version=1,
        assembly=recorded,
        similarity_metric=metric,
        visual_degrees=8,
        number_of_trials=1,
        ceiling_func=lambda: Score(0.9),
        parent="IT",
        bibtex="",
    )


benchmark_registry['Small2026.IT-pls'] = benchmark
'''


def scratch_environment(folder: Path) -> Path:
    """An environment like ours without this package, where plugins of brainscore_vision can be
    added; its packages.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    ours = Path(importlib.util.find_spec(STOCK).origin).parents[1]
    site = next(folder.glob("lib/python*/site-packages"))
    for entry in ours.iterdir():
        if PACKAGE not in entry.name and entry.name != STOCK and entry.suffix != ".pth":
            (site / entry.name).symlink_to(entry)
    link_library(ours / STOCK, site / STOCK, ("models", "benchmarks"))
    return site


def test_the_stock_command_finds_and_scores_an_exported_folder_as_this_package_scores_the_model(
    tmp_path,
):
    site = scratch_environment(tmp_path / "environment")
    for name, content in exporting._files(submitted(TRAINED, PUBLIC, tmp_path), tmp_path).items():
        path = site / STOCK / name.removeprefix(f"{exporting.TOP}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    plugin = site / STOCK / "benchmarks" / "small2026"
    plugin.mkdir()
    (plugin / "__init__.py").write_text(BENCHMARK)
    _write_images(plugin)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    python = tmp_path / "environment/bin/python"
    missing = subprocess.run(
        [python, "-c", f"import {PACKAGE}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "No module named" in missing.stderr
    scored = subprocess.run(
        [
            python,
            "-m",
            STOCK,
            "score",
            f"--model_identifier={PUBLIC}",
            "--benchmark_identifier=Small2026.IT-pls",
        ],
        env=environment
        | {
            "RESULTCACHING_HOME": str(tmp_path / "cache"),
            "BRAINSCORE_HOME": str(tmp_path / "home"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert scored.returncode == 0, scored.stderr
    theirs = float(re.search(r"array\((\S+)\)", scored.stdout)[1])

    spec = importlib.util.spec_from_file_location("small2026", plugin / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ours = module.benchmark()(brainscore_wiring.load_model(TRAINED))
    assert theirs == pytest.approx(float(ours), rel=1e-5)
    assert f"{PUBLIC}" in scored.stdout and not np.isnan(theirs)


def _write_images(folder: Path) -> None:
    from PIL import Image

    random = np.random.default_rng(1)
    for number in range(6):
        coarse = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        coarse.resize((224, 224), Image.Resampling.BICUBIC).save(folder / f"image{number}.png")
