"""The `brainscore` command as a user types it, right and wrong."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

import brainscore_wiring
from brainscore_wiring import architectures
from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.catalogue import CATALOGUE, variant
from brainscore_wiring.checkpoints.locate import packaged_genome
from brainscore_wiring.checkpoints.resolve import resolve

FIELDS = {
    "identifier",
    "architecture",
    "birth",
    "trained",
    "epochs",
    "images",
    "seed",
    "figure",
    "loadable",
}


def test_help_and_list_import_neither_torch_nor_brain_score():
    code = (
        "import sys; from brainscore_wiring.commands import main\n"
        "for command in sys.argv[1:]:\n"
        "    try: main(command.split())\n"
        "    except SystemExit: pass\n"
        "    print('end of', command)\n"
        "print({'torch', 'brainscore_vision', 'brainscore_core', 'sklearn'} & set(sys.modules), "
        "file=sys.stderr)"
    )
    commands = ("--help", "list models", "list benchmarks", "show cornet_s_wc_ct")
    done = subprocess.run(
        [sys.executable, "-c", code, *commands], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "set()"
    said = done.stdout
    for command in commands:
        shown, found, said = said.partition(f"end of {command}\n")
        assert found and len(shown.splitlines()) > 5, command


def test_list_models_as_json_has_one_object_for_each_variant(run):
    status, out, _ = run("list", "models", "--json")
    rows = json.loads(out)
    assert status == 0 and [row["identifier"] for row in rows] == list(CATALOGUE)
    assert all(row.keys() >= FIELDS for row in rows)


def test_what_is_loadable_without_a_suffix_comes_with_the_package(run):
    rows = {row["identifier"]: row for row in json.loads(run("list", "models", "--json")[1])}
    for identifier in (
        "pixels",
        "cornet_s_kn",
        "cornet_s_kn_bn",
        "cornet_s_wc",
        "cornet_s_wc_bn",
        "cornet_s_ct",
        "cornet_s_wc_ct",
        "cornet_s_wc_seed92",
        "cornet_s_kn_bn_seed42",
    ):
        assert rows[identifier]["loadable"], rows[identifier]["needs"]
    for identifier in ("cornet_s", "cornet_s_imagenet", "cornet_s_wc_imagenet", "resnet50"):
        assert not rows[identifier]["loadable"] and rows[identifier]["needs"].endswith(".")


def test_a_wrong_data_folder_is_a_reason_and_stops_nothing_else(run, monkeypatch, tmp_path):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path / "nowhere"))
    status, out, _ = run("list", "benchmarks", "--json")
    rows = {row["identifier"]: row for row in json.loads(out)}
    assert (
        status == 0
        and "nowhere" in rows["Kriegeskorte2008.IT-rdm"]["missing"]
        and rows["MacaqueV1Tuning"]["runnable"]
    )


def test_the_command_alone_shows_its_help(run):
    status, out, err = run()
    assert status == 0 and "Usage: brainscore" in out and not err


@pytest.mark.parametrize(
    "model, facts",
    [
        (
            "cornet_s_wc_noise",
            ["no labelled image, 128 noise images", "no supervised update", "4,166 numbers"],
        ),
        (
            "cornet_s_wc_ct",
            [
                "38 epochs of 1,280,000 labelled images",
                f"{resolve('cornet_s_wc_ct').account.supervised_updates:,} supervised updates",
                "4,166 numbers",
            ],
        ),
        ("cornet_s_orthogonal", ["no labelled image, seed 0", "no stored number"]),
    ],
)
def test_show_says_what_a_model_looked_at_and_what_its_genome_holds(run, model, facts):
    status, out, _ = run("show", model)
    assert status == 0 and all(fact in out for fact in facts)


def test_a_birth_that_looked_at_noise_alone_is_not_for_training(run, labelled_images, tmp_path):
    status, _, err = run(
        "train", "cornet_s_wc_noise", "--data", labelled_images, "-o", tmp_path / "run"
    )
    assert status == 2 and "brainscore birth cornet_s_wc_noise -o FILE" in err


@pytest.fixture(scope="module")
def born(tmp_path_factory) -> Path:
    """CORnet-S born by weight compression, as `brainscore birth` writes it."""
    from brainscore_wiring.commands import main

    path = tmp_path_factory.mktemp("born") / "cornet_s_wc.safetensors"
    with pytest.raises(SystemExit) as end:
        main(["birth", "cornet_s_wc", "-o", str(path)])
        raise SystemExit(0)
    assert not end.value.code
    return path


def test_birth_writes_a_state_dict_and_its_hash(run, born, tmp_path):
    again = tmp_path / "again.safetensors"
    status, out, _ = run("birth", "cornet_s_wc", "-o", again)
    assert status == 0 and again.read_bytes() == born.read_bytes()
    assert out.split()[0] == hashlib.sha256(again.read_bytes()).hexdigest()
    state = load_file(born)
    assert len(state) == 164 and state["V1.conv1.weight"].shape == (64, 3, 7, 7)


def test_birth_takes_another_seed_and_the_authors_genome(run, born, tmp_path):
    from conftest import shared

    hashes = {
        run("birth", "cornet_s_wc", *arguments, "-o", tmp_path / "x.safetensors")[1].split()[0]
        for arguments in (["--seed", "7"], ["--genome", shared("reference/pretrained")])
    }
    assert len(hashes | {hashlib.sha256(born.read_bytes()).hexdigest()}) == 3


@pytest.mark.parametrize("name", ["cornet_s_wc_8_bits", "cornet_s_orthogonal", "mobilenet_wc"])
def test_the_file_of_a_birth_is_the_model_of_its_name(run, tmp_path, name):
    assert run("birth", name, "-o", tmp_path / "b.safetensors")[0] == 0
    file, row = resolve(tmp_path / "b.safetensors"), resolve(name)
    for fact in ("diet", "seed", "genome_data", "training_images", "variant"):
        assert file.provenance[fact] == row.provenance[fact], fact


def test_a_birth_that_promises_imagenet_takes_no_other_genome(run, tmp_path):
    genome = packaged_genome()
    arguments = ("cornet_s_wc_imagenet", "--genome", genome, "-o", tmp_path / "b.safetensors")
    status, _, err = run("birth", *arguments)
    assert status == 1 and "has genome from Tiny ImageNet" in err
    assert not (tmp_path / "b.safetensors").exists()


def test_a_birth_of_an_own_genome_and_seed_is_scored_from_its_file(run, tmp_path):
    genome = resolve("mobilenet_wc").birth.genome
    name, entry = next(
        (name, entry) for name, entry in genome.layers.items() if any(getattr(entry, "noise", ()))
    )
    noisier = dataclasses.replace(entry, noise=[2 * one for one in entry.noise])
    edited = dataclasses.replace(genome, layers={**genome.layers, name: noisier})
    edited.write(tmp_path / "mine.json")
    files = [tmp_path / "own.safetensors", tmp_path / "other.safetensors"]
    for file, more in zip(files, (["--genome", tmp_path / "mine.json"], [])):
        assert run("birth", "mobilenet_wc", "--seed", 5, *more, "-o", file)[0] == 0
    own, other = (brainscore_wiring.load_model(file) for file in files)
    for model, genome in ((own, edited), (other, None)):
        born = brainscore_wiring.birth("mobilenet_wc", 5, genome)
        state = model.network.state_dict()
        assert all(torch.equal(state[name], value) for name, value in born.items())
    sha = edited.sha256()[:8]
    assert own.provenance["diet"] == f"none; genome from Tiny ImageNet ({sha})"
    assert other.provenance["diet"] == "none; genome from Tiny ImageNet"
    assert own.account.supervised_updates == 0
    updates = "Geiger2022-supervised_synaptic_updates"
    status, out, _ = run("score", "--model", files[0], "--benchmark", updates, "--json")
    assert status == 0 and '"seed": 5' in out


def test_train_then_score_the_checkpoint_it_leaves(run, labelled_images, tmp_path):
    status, out, _ = run(
        "train",
        "cornet_s_wc_ct",
        "--data",
        labelled_images,
        "--images",
        12,
        "--epochs",
        1,
        "--size",
        32,
        "--batch-size",
        6,
        "--seed",
        3,
        "-o",
        tmp_path / "run",
    )
    assert status == 0 and "12 supervised updates of 1,889,256 parameters" in out
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["seed"] == 3 and record["diet"]["images"] == 12
    status, out, _ = run(
        "score",
        "--model",
        tmp_path / "run" / "model.safetensors",
        "--json",
        "--benchmark",
        "Geiger2022-supervised_synaptic_updates",
    )
    (result,) = json.loads(out)
    assert status == 0 and result["model"] == "cornet_s_wc_ct" and result["raw"] == 12 * 1_378_560
    assert (
        "thirty real images" in result["diet"]
        and result["seed"] == 3
        and len(result["fingerprint"]) == 8
    )


def test_score_says_planned_for_an_untrained_recipe(run):
    status, out, _ = run(
        "score",
        "--model",
        "cornet_s",
        "--benchmark",
        "Geiger2022-supervised_synaptic_updates",
        "--json",
    )
    (result,) = json.loads(out)
    assert status == 0
    assert (
        result["status"] == "planned"
        and result["raw"] == 43 * 1_280_000 * 52_860_096
        and result["score"] == 0
    )
    assert "brainscore train cornet_s" in result["reason"]


def test_a_model_without_weights_is_status_1_and_keeps_its_account(run):
    status, out, _ = run("score", "--model", "cornet_s", "--json")
    results = json.loads(out)
    assert status == 1 and [result["status"] for result in results].count("planned") == 1
    assert {result["status"] for result in results} == {"planned", "not run"}


def test_score_names_every_default_benchmark_with_a_result_or_a_reason(run, monkeypatch, tmp_path):
    pixels = architectures.architecture("pixels")
    small = replace(pixels.region_map, preprocessing=Preprocessing(16))
    monkeypatch.setitem(architectures._ARCHITECTURES, "pixels", replace(pixels, region_map=small))
    status, out, _ = run(
        "score", "--model_identifier", "pixels", "--json", "--csv", tmp_path / "scores.csv"
    )
    results = {result["benchmark"]: result for result in json.loads(out)}
    assert status == 0 and set(results) >= {
        "Geiger2022-supervised_synaptic_updates",
        "MacaqueV1Tuning",
        "Kriegeskorte2008.IT-rdm",
        "Kriegeskorte2008.IT-rdm.human",
        "MajajHong2015public.IT-pls",
        "Rajalingham2018public-i2n",
    }
    for result in results.values():
        assert (result["score"] is None) == (result["status"] == "not run")
        assert result["reason"] or result["status"] == "scored"
    assert results["Geiger2022-supervised_synaptic_updates"]["raw"] == 0
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == len(results) + 1


def test_a_benchmark_that_was_asked_for_and_cannot_run_is_status_1(run):
    status, out, _ = run("score", "--model", "pixels", "--benchmark", "MajajHong2015public.IT-pls")
    assert status == 1 and "brainscore data fetch MajajHong2015public.IT-pls" in " ".join(
        out.split()
    )


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        (["score", "--model", "cornet_s_wc_tc"], 2, "cornet_s_wc_ct"),
        (["score", "--model", "pixels", "--benchmark", "MacaqueV1Tunning"], 2, "MacaqueV1Tuning"),
        (["score", "--model", "no_such_*"], 2, "no_such_"),
        (
            ["score", "--model", "missing.safetensors", "--benchmark", "MacaqueV1Tuning"],
            1,
            "missing.safetensors",
        ),
        (["show", "kornet"], 2, "brainscore list models"),
        (
            ["birth", "cornet_s_kn", "--genome", "x.json", "-o", "out.safetensors"],
            2,
            "takes no genome",
        ),
        (["birth", "cornet_s_kn", "-o", "."], 1, "is a folder"),
        (["birth", "cornet_s_kn", "--seed", "9" * 30, "-o", "out.safetensors"], 2, "--seed"),
        (["score", "--model", "weights.pth"], 2, "PyTorch file"),
        (
            ["score", "--model", "pixels", "--reference", "cornet_s_kn*"],
            2,
            "--reference takes one model",
        ),
        (["score", "--model", "runs/*/model.safetensors"], 2, "No wiring checkpoint matches"),
        (["score", "--model", "."], 2, "is a folder: name a checkpoint file"),
        (
            ["score", "--model", "run[1]/model.safetensors", "--benchmark", "MacaqueV1Tuning"],
            1,
            "run[1]/model.safetensors",
        ),
        (["score", "--model", "pixels", "--csv", "."], 1, "is a folder"),
        (["compress", "[/x]", "-o", "g.json"], 1, "[/x]"),
        (["birth", "cornet_s_wc", "--genome", "x.json", "-o", "out.safetensors"], 1, "x.json"),
        (["birth", "mobilenet", "-o", "out.safetensors"], 2, "brainscore show mobilenet"),
        (["birth", "pixels", "-o", "out.safetensors"], 2, "no synapses"),
        (["compress", "x.pth", "-o", "out.json"], 1, "x.pth"),
        (["compress", "x.pth"], 2, "-o"),
        (["train", "cornet_s_ct", "--data", "nowhere", "-o", "run"], 1, "nowhere"),
        (["train", "cornet_s_ct", "--data", ".", "-o", "run"], 1, "sub-folder"),
        (["train", "cornet_s_kn", "--data", ".", "-o", "run"], 2, "brainscore birth cornet_s_kn"),
        (
            ["train", "cornet_s_ct", "--data", ".", "-o", "run", "--epochs", "many"],
            2,
            "1,3,10, or convergence",
        ),
        (
            ["train", "cornet_s_ct", "--data", ".", "-o", "run", "--schedule", "plateu"],
            2,
            "did you mean plateau",
        ),
        (
            ["train", "cornet_s_ct", "--data", ".", "-o", "run", "--precision", "fp16"],
            2,
            "no precision 'fp16'",
        ),
        (["train", "cornet_s_ct", "--data", ".", "-o", "run", "--recipe", "papers"], 2, "paper"),
        (["data", "fetch", "nothing_like_it"], 2, "brainscore data status"),
        (["data", "fetch", "kriegeskorte2009"], 2, "did you mean kriegeskorte2008?"),
        (["list", "modls"], 2, "Did you mean 'models'? `brainscore list --help`"),
        (["list"], 2, "`brainscore list --help`"),
        (["birth", "cornet_s_wc"], 2, "'-o' / '--output'; `brainscore birth --help`"),
        (
            ["birth", "cornet_s_wc_rainbow_16_bn", "-o", "out.safetensors"],
            1,
            "brainscore train cornet_s_wc_rainbow_16_bn",
        ),
        (["train", "mobilenet", "--data", ".", "-o", "run"], 2, "others trained"),
        (["compress", "genome.json", "-o", "g.json"], 2, "looks like a genome"),
        (["compress", "x.pth", "-o", "g.json", "--as", "rainbow"], 2, "did you mean rainbow_4"),
        (
            ["compress", "x.pth", "-o", "g.json", "--as", "rainbow_4", "--data", "nowhere"],
            1,
            "There is no folder or archive 'nowhere'",
        ),
        (
            ["compress", "x.pth", "-o", "g.json", "--clusters", "V9.conv2=3"],
            2,
            "did you mean V4.conv2",
        ),
        (["figures", "2B", "resnet50_wc", "-o", "pictures"], 2, "such as cornet_s_wc"),
        (["frontier", "-o", "scores", "--seeds", "11"], 2, "--seeds"),
        (["frontier", "-o", "scores", "--state", "resnet50_wc"], 2, "did you mean cornet_s_wc"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_ends_in_one_sentence_and_leaves_nothing_behind(
    run, tmp_path, monkeypatch, arguments, status, sentence
):
    monkeypatch.chdir(tmp_path)
    found, out, err = run(*arguments)
    said = " ".join((out + err).split())
    assert found == status and sentence in said and "Traceback" not in said
    assert status == 1 or err.splitlines()[-1].startswith("brainscore: ")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"format": 1}',
        '{"format": 99, "layers": {}}',
        "\x80\x04pickle",
        '{"format": 1, "architecture": "cornet_s", "source": {}, "layers": '
        '{"V1.conv2": {"kind": "clusters", "centres": [[NaN]], "noise": [0], '
        '"count_means": [1], "count_stds": [0], "in_channels": 64}}}',
        "[" * 100_000,
    ],
    ids=["empty", "no format", "no layers", "another format", "pickle", "not finite", "nested"],
)
def test_a_damaged_genome_is_refused_in_one_sentence(run, tmp_path, content):
    genome = tmp_path / "genome.json"
    genome.write_text(content)
    status, _, err = run(
        "birth", "cornet_s_wc", "--genome", genome, "-o", tmp_path / "out.safetensors"
    )
    assert (
        status == 1
        and "genome.json" in " ".join(err.split())
        and not Path(tmp_path / "out.safetensors").exists()
    )


def test_compress_turns_the_published_form_into_a_genome_that_births(run, born, tmp_path):
    """The two commands that make the paper's own WC from the CORnet authors' file, on a file of the
    same form.
    """
    import torch

    torch.save(
        {"epoch": 43, "state_dict": {f"module.{k}": value for k, value in load_file(born).items()}},
        tmp_path / "published.pth",
        _use_new_zipfile_serialization=False,
    )
    status, out, _ = run("compress", tmp_path / "published.pth", "-o", tmp_path / "genome.json")
    assert status == 0 and "4,166" in out
    status, out, _ = run(
        "birth",
        "cornet_s_wc",
        "--genome",
        tmp_path / "genome.json",
        "-o",
        tmp_path / "born.safetensors",
    )
    assert status == 0 and len(load_file(tmp_path / "born.safetensors")) == 164


def test_the_version_is_said_once_and_everywhere_the_same(run):
    assert run("--version") == (0, f"brainscore_wiring {brainscore_wiring.__version__}\n", "")
    root = Path(__file__).parents[1]
    stated = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["dynamic"]
    assert stated["version"]["attr"] == "brainscore_wiring.__version__"
    assert (
        yaml.safe_load((root / "CITATION.cff").read_text())["version"]
        == brainscore_wiring.__version__
    )
    assert f"## {brainscore_wiring.__version__} (" in (root / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    "arguments, what",
    [
        (("train", "cornet_s", "--data", "x", "-o", ""), "-o"),
        (("train", "cornet_s", "--data=", "-o", "x"), "--data"),
        (("birth", "cornet_s_wc", "--genome", "", "-o", "x"), "--genome"),
        (("score", "--model", ""), "--model"),
        (("show", ""), "An argument"),
    ],
)
def test_an_empty_value_is_no_folder(run, monkeypatch, tmp_path, arguments, what):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert (status, out, err) == (2, "", f"brainscore: {what} is empty: give its value.\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("train", "cornet_s", "--size", "abc"), "'abc' was given; `brainscore train --help`"),
        (("train", "cornet_s", "--seed=x1"), "'x1' was given; `brainscore train --help`"),
        (("score", "--model"), "requires an argument; `brainscore score --help`"),
        (("sweep", __file__, "--data", "x", "-o", "y"), "is a file that does not end in .toml"),
    ],
)
def test_a_bad_option_says_what_was_given_and_where_help_is(run, arguments, sentence):
    status, _, err = run(*arguments)
    assert status == 2 and sentence in err


def test_text_in_square_brackets_is_printed_as_it_is(run, tmp_path):
    """A file's name, and what a record says of its data."""
    from brainscore_wiring.checkpoints.initial_weights import birth_of
    from brainscore_wiring.checkpoints.training_record import TrainingRecord
    from brainscore_wiring.checkpoints.wiring_checkpoint import write_checkpoint

    row = variant("mobilenet_wc_ct")
    birth = birth_of(row)
    network = birth.network()
    learned = [name for name, _ in network.named_parameters() if name.endswith("10.weight")]
    counted = TrainingRecord.stated(row, "images [/data] of [bold]mine")
    path = tmp_path / "a [b]" / "model [/m].safetensors"
    path.parent.mkdir(parents=True)
    write_checkpoint(path, birth, network, learned, counted.to_json())
    status, out, err = run(
        "score", "--model", path, "--benchmark", "Geiger2022-supervised_synaptic_updates"
    )
    assert status == 0, err
    assert "a [b]/model [/m].safetensors" in out and "images [/data] of [bold]mine images" in out


@pytest.mark.parametrize(
    "arguments", [["list", "models"], ["show", "cornet_s", "--json"], ["--version"]], ids=" ".join
)
def test_a_full_standard_output_is_one_sentence(arguments):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "brainscore_wiring", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert (
        done.stderr == "brainscore: Standard output cannot be written: No space left on device.\n"
    )


def test_an_output_that_takes_ascii_alone_or_nothing_is_no_reason_to_fail():
    command = [sys.executable, "-m", "brainscore_wiring", "show", "cornet_s_ct"]
    ascii_alone = {**os.environ, "PYTHONUTF8": "0", "LC_ALL": "C"}
    for kwargs in ({"env": ascii_alone}, {"preexec_fn": lambda: os.close(1)}):
        assert subprocess.run(command, capture_output=True, **kwargs).returncode == 0


def test_a_user_without_a_home_folder_is_told_which_variable_names_one(run, monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("BRAINSCORE_WIRING_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    status, _, err = run("show", "cornet_s_ct")
    assert status == 1 and "name a folder for weights and caches in BRAINSCORE_WIRING_HOME" in err


def test_variables_left_over_of_another_start_are_named(
    run, monkeypatch, labelled_images, tmp_path
):
    monkeypatch.setenv("WORLD_SIZE", "2")
    status, _, err = run("train", "cornet_s_ct", "--data", labelled_images, "-o", tmp_path / "x")
    assert status == 2 and "WORLD_SIZE is 2, but RANK is not set" in err


def test_an_error_quotes_no_more_than_can_be_read(run, tmp_path):
    (tmp_path / "g.json").write_text(json.dumps({"format": "x" * 1_000_000}))
    status, _, err = run("birth", "cornet_s_wc", "--genome", tmp_path / "g.json", "-o", "out")
    assert status == 1 and len(err) < 5000
