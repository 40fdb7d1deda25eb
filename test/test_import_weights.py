"""Weights of others become wiring checkpoints: the same values, an honest record, and nothing in
their file runs.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

import brainscore_wiring
from brainscore_wiring.accounting import account_of
from brainscore_wiring.architectures import build
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.checkpoints import imports
from brainscore_wiring.checkpoints.header import read_record
from brainscore_wiring.checkpoints.locate import checkpoint_path
from brainscore_wiring.checkpoints.resolve import check_belongs, resolve
from brainscore_wiring.checkpoints.state_dicts import ForeignWeights, read_weights
from brainscore_wiring.checkpoints.training_record import DataRecord, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.birth import Birth

MODEL = "cornet_s_wc_ct_imagenet"
AUTHORS = "CORnet-S_cluster2_v2_IT_trconv3_bi_epoch_38.pth.tar"
SMALL = (
    "--as",
    "mobilenet_wc_ct",
    "--training-data",
    "ImageNet-1k",
)  # 17 MB where a CORnet-S has 214


def released(state, epoch=38):
    """The authors' form: a data-parallel state dict beside the epoch and an optimizer that holds
    numpy's numbers.
    """
    learning_rate = np.float64(0.1) * 0.1
    return {
        "epoch": epoch,
        "state_dict": {f"module.{name}": value for name, value in state.items()},
        "optimizer": {
            "state": {0: {"momentum_buffer": torch.zeros(3), "step": np.int64(5)}},
            "param_groups": [{"lr": learning_rate, "nesterov": np.bool_(False), "params": [0]}],
        },
    }


@pytest.fixture(scope="module")
def small():
    return Birth("mobilenet_v1", seed=4).state()


@pytest.fixture(scope="module")
def small_file(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "mobilenet.pth"
    torch.save(released(small, epoch=np.int64(34)), path)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("home")
        patch.setenv("BRAINSCORE_WIRING_HOME", str(path))
        yield path


@pytest.fixture(scope="module")
def imported(home, tmp_path_factory):
    """A network in the authors' file and form, imported by the command: its weights, the file, what
    was said.
    """
    state = Birth("cornet_s", seed=9).state()
    state["V4.norm2_1.running_mean"] += 0.123456789
    path = tmp_path_factory.mktemp("release") / AUTHORS
    torch.save(released(state), path, _use_new_zipfile_serialization=False)
    with pytest.raises(SystemExit) as exit_:
        main(["import-weights", str(path), "--as", MODEL])
    assert not exit_.value.code
    return state, path


def test_kernels_come_back_as_their_float16_values_and_all_vectors_as_they_were(imported, home):
    state, _ = imported
    kept = read_checkpoint(home / "weights" / f"{MODEL}.safetensors").state
    assert kept.keys() == state.keys()
    parameters = dict(build("cornet_s").named_parameters())
    for name, value in state.items():
        rounded = name in parameters and value.ndim > 1
        assert torch.equal(kept[name], value.half().float() if rounded else value), name


def test_the_record_has_the_files_hash_and_says_who_stated_it(imported):
    record = resolve(CATALOGUE[MODEL]).record
    assert record.imported.sha256 == hashlib.sha256(imported[1].read_bytes()).hexdigest()
    assert record.imported.file == AUTHORS and record.imported.epoch_in_file == 38
    assert f"stated with `--as {MODEL}`, not observed" in record.imported.stated
    assert record.data == DataRecord(1_280_000, "ImageNet-1k", image_size=224)


def test_the_account_is_that_of_the_row(imported):
    trained, plan = resolve(CATALOGUE[MODEL]).record.account, account_of(MODEL)
    assert (
        trained.supervised_synaptic_updates
        == plan.supervised_synaptic_updates
        == 38 * 1_280_000 * 1_378_560
    )
    assert trained.status == "trained" and trained.genome_numbers == 4_166


def test_the_model_loads_by_its_name_and_every_score_names_its_source(imported):
    model = brainscore_wiring.load_model(MODEL)
    sha256 = hashlib.sha256(imported[1].read_bytes()).hexdigest()
    assert f"imported from {AUTHORS} (SHA-256 {sha256})" in model.provenance["weights"]
    assert model.provenance["diet"].startswith(
        "38 epochs of 1,280,000 ImageNet-1k images at 224 px"
    )


def test_show_names_the_source(imported, run):
    status, out, _ = run("show", MODEL)
    assert status == 0 and f"imported from {AUTHORS} (SHA-256 " in out and "not observed" in out


def test_it_is_not_taken_for_another_row(imported, home):
    source = home / "weights" / f"{MODEL}.safetensors"
    other = home / "weights" / "cornet_s_wc_ct_seed42_imagenet.safetensors"
    other.symlink_to(source)
    try:
        assert (
            f"holds weights of {MODEL}"
            in resolve(CATALOGUE["cornet_s_wc_ct_seed42_imagenet"]).reason
        )
    finally:
        other.unlink()


def test_what_is_there_is_written_over_only_when_asked(home, run, small_file):
    place = home / "weights" / "mobilenet_wc_ct.safetensors"
    assert run("import-weights", small_file, *SMALL)[0] == 0
    before = place.read_bytes()
    status, _, err = run("import-weights", small_file, *SMALL)
    assert status == 1 and "--replace" in err and place.read_bytes() == before
    assert (
        run("import-weights", small_file, *SMALL, "--epochs", 34, "--images", 5000, "--replace")[0]
        == 0
    )
    assert read_record(place)["images_shown"] == 34 * 5000


def test_an_import_says_what_float16_changed(run, small, small_file, tmp_path):
    status, out, _ = run("import-weights", small_file, *SMALL, "-o", tmp_path / "x.safetensors")
    name, change = imports._changed_most(
        {name: value for name, value in small.items() if name.endswith("weight")}
    )
    exact = small[name].double()
    assert change == pytest.approx(
        (exact.half().double() - exact).norm().item() / exact.norm().item()
    )
    assert status == 0 and 0 < change < 0.001 and f"more than {change:.2%} ({name})" in out


def test_a_name_that_promises_no_diet_has_the_one_that_was_stated(run, small_file, tmp_path):
    path = tmp_path / "x.safetensors"
    status, _, _ = run(
        "import-weights",
        small_file,
        "--as",
        "mobilenet_wc_ct",
        "--training-data",
        "our pictures",
        "-o",
        path,
    )
    record = read_record(path)
    assert (
        status == 0
        and record["diet"]["name"] == "our pictures"
        and record["genome_source"]["diet"] == "unknown"
    )
    model = brainscore_wiring.load_model(path)
    assert (
        model.provenance["diet"]
        == "34 epochs of 1,280,000 our pictures images; genome from unknown"
    )


@pytest.mark.parametrize("zipped", [True, False], ids=["zip container", "legacy container"])
@pytest.mark.parametrize(
    "wrap",
    [released, lambda state: {"model": state}, lambda state: state],
    ids=["authors' form", "under model", "bare"],
)
def test_reads_the_layouts_that_are_about(small, tmp_path, zipped, wrap):
    torch.save(wrap(small), tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    weights = read_weights(tmp_path / "x.pth", "mobilenet_v1")
    assert all(torch.equal(weights.state[name], value) for name, value in small.items())
    assert weights.epoch == (38 if wrap is released else None)


class Poison:
    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip container", "legacy container"])
def test_what_would_run_code_is_left_inert_and_the_weights_beside_it_are_read(
    run, small, tmp_path, zipped
):
    marker = tmp_path / "it_ran"
    torch.save(
        released(small, epoch=34) | {"extra": Poison(marker)},
        tmp_path / "x.pth",
        _use_new_zipfile_serialization=zipped,
    )
    status, _, err = run(
        "import-weights", tmp_path / "x.pth", *SMALL, "-o", tmp_path / "out.safetensors"
    )
    assert status == 0 and "Traceback" not in err and not marker.exists()


@pytest.mark.parametrize(
    "stated, more, status, sentence",
    [
        (33, (), 0, "The file states epoch 33, the record 34 epochs"),
        (torch.tensor(33), (), 0, "states epoch 33"),
        ("12", ("--epochs", 13), 0, "states epoch 12, the record 13 epochs"),
        (13, ("--epochs", 13), 0, "fingerprint"),
        (12, (), 1, "states epoch 12, which is not mobilenet_wc_ct after 34 epochs"),
        (torch.tensor(20), (), 1, "states epoch 20"),
        ("43", (), 1, "states epoch 43"),
        ("last", (), 0, "fingerprint"),
    ],
)
def test_epochs_are_counted_from_0_or_from_1(run, small, tmp_path, stated, more, status, sentence):
    torch.save(released(small, epoch=stated), tmp_path / "x.pth")
    place = tmp_path / "out.safetensors"
    found, out, err = run("import-weights", tmp_path / "x.pth", *SMALL, *more, "-o", place)
    assert found == status and sentence in out + err
    if not status:
        record = read_record(place)
        assert record["epochs"] == (13 if more else 34)
        assert record["imported"].get("epoch_in_file") == (
            None if stated == "last" else int(stated)
        )


def test_raw_or_averaged_weights_are_taken_by_choice_alone(run, small, tmp_path):
    averaged = {name: value * 0.5 for name, value in small.items()}
    torch.save({"state_dict": small, "state_dict_ema": averaged, "epoch": 34}, tmp_path / "x.pth")
    arguments = ("import-weights", tmp_path / "x.pth", *SMALL, "-o", tmp_path / "o.safetensors")
    status, _, err = run(*arguments)
    assert status == 1 and "several state dicts of mobilenet_v1, state_dict, state_dict_ema" in err
    assert "--key state_dict_ema`" in err
    status, out, _ = run(*arguments, "--key", "state_dict_ema")
    assert status == 0 and "under state_dict_ema" in out
    checkpoint = read_checkpoint(tmp_path / "o.safetensors")
    assert torch.equal(checkpoint.state["stem.norm.weight"], averaged["stem.norm.weight"])
    assert checkpoint.record["imported"]["key"] == "state_dict_ema"
    status, _, err = run(*arguments, "--key", "ema", "--replace")
    assert status == 1 and "no tensors under 'ema', only under state_dict, state_dict_ema" in err


@pytest.mark.parametrize("decoder", [10, None], ids=["of 10 classes", "none"])
def test_another_decoder_or_none_leaves_the_brain_regions(run, small, tmp_path, decoder):
    state = {name: value for name, value in small.items() if not name.startswith("classifier")}
    if decoder:
        state |= {"classifier.weight": torch.ones(decoder, 1024), "classifier.bias": torch.ones(10)}
    torch.save(state, tmp_path / "x.pth")
    place = tmp_path / "o.safetensors"
    status, out, _ = run("import-weights", tmp_path / "x.pth", *SMALL, "-o", place)
    assert status == 0 and "brain regions can be scored, naming images cannot" in out
    model = brainscore_wiring.load_model(place)
    model.start_recording("IT", time_bins=[(70, 170)])
    with pytest.raises(WiringError, match="has no decoder that fits"):
        model.start_task("label", ["dog"])
    kept = read_checkpoint(place).state
    assert torch.equal(kept["stem.norm.bias"], small["stem.norm.bias"])
    assert torch.equal(
        kept["classifier.weight"], Birth("mobilenet_v1", 0).state()["classifier.weight"]
    )


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        (["{small}", "--as", "mobilenet_wc_tc"], 2, "did you mean mobilenet_wc_ct"),
        (["{small}", "--as", "cornet_s_wc"], 2, "Nothing is trained in cornet_s_wc"),
        (["{small}", "--as", "hmax"], 2, "Nothing is trained in hmax"),
        (
            ["{small}", "--as", "mobilenet", "--training-data", "a"],
            2,
            "leave --training-data, --images",
        ),
        (
            ["{small}", "--as", "cornet_s_wc_ct_continued_full"],
            2,
            "continues from the trained weights of cornet_s_wc_ct",
        ),
        (
            ["{small}", "--as", "cornet_s_wc_ct"],
            2,
            "add --training-data NAME, such as ImageNet-1k, or import as cornet_s_wc_ct_im",
        ),
        (
            ["{small}", "--as", "cornet_s_ct_imagenet", "--epochs", "3"],
            2,
            "or import as cornet_s_ct",
        ),
        (
            ["{small}", "--as", "mobilenet_wc_ct", "--training-data", "D", "--epochs", "nan"],
            2,
            "--epochs takes a number above 0",
        ),
        (
            ["{small}", "--as", "cornet_s_wc_ct_imagenet"],
            1,
            "is not a cornet_s checkpoint: it has no V1.conv1.weight",
        ),
        (
            ["{small}", "--as", "mobilenet_wc_ct", "--training-data", "D", "--epochs", "6"],
            1,
            "states epoch 34",
        ),
        (["{small}"], 2, "'--as'; `brainscore import-weights --help`"),
        (["nowhere.pth", "--as", "cornet_s_imagenet"], 1, "There is no file 'nowhere.pth'"),
        (["{small}", "--as", "cornet_s_imagenet", "-o", "."], 1, "is a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_sentence_and_leaves_nothing_behind(
    run, tmp_path, monkeypatch, small_file, arguments, status, sentence
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))
    found, out, err = run(
        "import-weights", *(argument.format(small=small_file) for argument in arguments)
    )
    assert found == status and sentence in err and not out
    assert err.splitlines()[-1].startswith("brainscore: ") and "Traceback" not in err
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "spoil, sentence",
    [
        (
            lambda state: state | {"stem.conv.weight": torch.zeros(3, 3)},
            "stem.conv.weight has the shape (3, 3)",
        ),
        (
            lambda state: state | {"stem.conv.weight": torch.full((32, 3, 3, 3), 1e6)},
            "stem.conv.weight holds values that float16",
        ),
        (
            lambda state: state | {"stem.conv.weight": torch.full((32, 3, 3, 3), 1e-9)},
            "would change stem.conv.weight by 100.0%",
        ),
        (lambda state: state | {"stem.norm.bias": torch.full((32,), math.nan)}, "not finite"),
        (
            lambda state: {name: torch.zeros_like(value) for name, value in state.items()},
            "All values of stem.conv.weight",
        ),
    ],
    ids=["shape", "too large for float16", "too small for float16", "not finite", "all 0"],
)
def test_weights_that_do_not_fit_are_named(run, small, tmp_path, spoil, sentence):
    torch.save(spoil(small), tmp_path / "x.pth")
    status, _, err = run(
        "import-weights", tmp_path / "x.pth", *SMALL, "-o", tmp_path / "out.safetensors"
    )
    assert status == 1 and sentence in err and not (tmp_path / "out.safetensors").exists()


def test_an_epoch_that_is_another_models_names_that_model(run, tmp_path):
    torch.save(released(Birth("cornet_s", 1).state(), epoch=20), tmp_path / "x.pth")
    status, _, err = run(
        "import-weights", tmp_path / "x.pth", "--as", MODEL, "-o", tmp_path / "out.safetensors"
    )
    assert (
        status == 1 and "states epoch 20" in err and "that would be cornet_s_wc_ct_20_epochs" in err
    )


def test_the_authors_name_of_another_model_names_that_model(run, small_file, tmp_path):
    theirs = tmp_path / "CORnet-S_cluster2_v2_IT_trconv3_bi_seed42_epoch_40.pth.tar"
    theirs.symlink_to(small_file)
    status, _, err = run(
        "import-weights", theirs, "--as", MODEL, "-o", tmp_path / "out.safetensors"
    )
    assert status == 1 and "cornet_s_wc_ct_seed42 or cornet_s_wc_ct_seed42_imagenet, not to" in err


@pytest.mark.parametrize("name, status", [("cornet_s_wc_ct_imagenet", 1), ("cornet_s_imagenet", 0)])
def test_the_cornet_authors_file_is_one_model_alone(
    run, small_file, tmp_path, monkeypatch, name, status
):
    monkeypatch.setattr(imports, "digest", lambda path: "1d3f7974" + "0" * 56)
    # what it states does not matter: it is known by its hash
    monkeypatch.setattr(
        imports,
        "read_weights",
        lambda path, architecture, key: ForeignWeights(Birth("cornet_s", 1).state(), 44),
    )
    found, _, err = run(
        "import-weights", small_file, "--as", name, "-o", tmp_path / "out.safetensors"
    )
    assert found == status and (status == 0 or "`--as cornet_s_imagenet`" in err)


def test_a_wiring_checkpoint_keeps_its_own_record(run, tmp_path):
    packaged = Path(checkpoint_path(CATALOGUE["cornet_s_wc_ct"]))
    status, _, err = run(
        "import-weights",
        packaged,
        "--as",
        "cornet_s_ct",
        "--training-data",
        "D",
        "-o",
        tmp_path / "out.safetensors",
    )
    assert status == 1 and "training record of its own" in err


def test_a_pointer_to_a_file_that_git_did_not_fetch_is_recognised(run, tmp_path):
    (tmp_path / AUTHORS).write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    )
    status, _, err = run(
        "import-weights", tmp_path / AUTHORS, "--as", MODEL, "-o", tmp_path / "out.safetensors"
    )
    assert status == 1 and "git lfs pull" in err


def test_every_row_that_can_be_imported_accepts_its_own_statement():
    for row in CATALOGUE.values():
        if not (row.at_birth or row.continues):
            stated, data = imports.stated_row(
                row, None if row.training_data == "imagenet" or row.by_others else "some images"
            )
            record = TrainingRecord.stated(stated, data)
            check_belongs(row, record, "imported")
            assert TrainingRecord.from_json(json.loads(json.dumps(record.to_json()))) == record
