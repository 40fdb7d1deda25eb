"""Development: what the catalogue row says learns, from what it says, and a stopped run goes on as
if it never stopped.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import math
import resource
import shutil
import signal

import pytest
import torch
from developing import develop
from image_folders import list_images
from PIL import Image
from safetensors import safe_open

from brainscore_wiring import accounting
from brainscore_wiring.architectures import architecture, trained_parameters
from brainscore_wiring.architectures.layers import parameter_counts
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.header import read_header
from brainscore_wiring.checkpoints.initial_weights import (
    birth_of,
    weights_to_continue,
    write_birth,
)
from brainscore_wiring.checkpoints.record_file import read_training_record
from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.errors import Stopped, WiringError, WrongUsage
from brainscore_wiring.files import save_tensors
from brainscore_wiring.training import frozen_layers, loop, run_folder
from brainscore_wiring.training.develop import Reports
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.request import Training
from brainscore_wiring.training.run import LONGEST
from brainscore_wiring.weight_compression import batch_norm_statistics

# 24 images: batches of 10, 10 and 4
QUICK = Recipe(image_size=32, batch_size=10, learning_rate=0.01)
ROW = variant("mobilenet_wc_ct")
SYNAPSES = accounting.trained_synapses(ROW)
CPU = Processes(torch.device("cpu"))


class Stop(Exception):
    """A run interrupted from outside."""


@pytest.fixture(scope="module")
def finished(labelled_images, tmp_path_factory):
    """A critical training of 2 epochs of 24 images in 6 updates, uninterrupted."""
    folder = tmp_path_factory.mktemp("run")
    record = develop(ROW, birth_of(ROW), labelled_images, folder, QUICK, epochs=2)
    return folder, record


def test_exactly_the_synapses_of_the_row_have_changed(finished):
    after, before = read_checkpoint(finished[0] / "model.safetensors").state, birth_of(ROW).state()
    parameters = list(parameter_counts(ROW.architecture))
    changed = [name for name in parameters if not torch.equal(after[name], before[name])]
    assert changed == trained_parameters(ROW.trained, parameters, ROW.architecture)
    assert (
        sum(after[name].numel() for name in changed)
        == finished[1].trained_parameters
        == SYNAPSES.true
    )


def test_the_record_counts_what_was_shown(finished):
    folder, record = finished
    assert record.images_shown == 48 and record.epochs == 2
    assert record.supervised_synaptic_updates == 48 * SYNAPSES.paper
    assert record.account.supervised_updates == 48
    beside = json.loads((folder / "record.json").read_text())
    assert len(beside.pop("sha256")) == 64
    assert beside == json.loads(json.dumps(record.to_json()))
    assert record.held_out.images == 6 and 0 <= record.held_out.accuracy <= 1


def weights_in(folder) -> str:
    """The SHA-256 of the weights of the model in a folder."""
    return read_header(folder / "model.safetensors").sha256


def stop_after(step, labelled_images, folder, recipe=QUICK):
    """Train as `finished`, saving after every update, and be killed after one; returns the step
    that was saved.
    """

    def interrupt(progress, run):
        if progress.step == step + 1:
            raise Stop

    with pytest.raises(Stop):
        develop(
            ROW,
            birth_of(ROW),
            labelled_images,
            folder,
            recipe,
            epochs=2,
            save_every=0,
            reports=Reports(update=interrupt),
        )
    with safe_open(folder / run_folder.STATE_FILE, "pt") as file:
        return json.loads(file.metadata()["progress"])["step"]


@pytest.mark.parametrize(
    "step", [1, 3, 5], ids=["inside an epoch", "between epochs", "before the partial batch"]
)
def test_a_run_stopped_anywhere_ends_in_the_same_weights(finished, labelled_images, tmp_path, step):
    assert stop_after(step, labelled_images, tmp_path) == step
    record = develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2)
    assert weights_in(tmp_path) == weights_in(finished[0])
    assert record.images_shown == 48 and record.loss == finished[1].loss


def test_a_run_with_a_learning_rate_that_changes_goes_on_at_the_right_rate(
    labelled_images, tmp_path
):
    recipe = dataclasses.replace(QUICK, schedule="one_cycle")
    straight = develop(ROW, birth_of(ROW), labelled_images, tmp_path / "straight", recipe, epochs=2)
    stop_after(2, labelled_images, tmp_path / "stopped", recipe)
    resumed = develop(ROW, birth_of(ROW), labelled_images, tmp_path / "stopped", recipe, epochs=2)
    assert resumed.epoch_log == straight.epoch_log


def test_a_run_is_not_continued_from_another_birth(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    with pytest.raises(WiringError, match="seed"):
        develop(ROW, birth_of(ROW, seed=1), labelled_images, tmp_path / "run", QUICK, epochs=2)


def test_a_run_that_is_asked_to_stop_saves_the_update_it_is_at(finished, labelled_images, tmp_path):
    def interrupt(progress, run):
        if progress.step == 4:
            signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped, match="after update 4 of 6"):
        develop(
            ROW,
            birth_of(ROW),
            labelled_images,
            tmp_path,
            QUICK,
            epochs=2,
            reports=Reports(update=interrupt),
        )
    assert signal.getsignal(signal.SIGTERM) is before
    develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2)
    assert weights_in(tmp_path) == weights_in(finished[0])


def test_another_run_is_not_continued_by_mistake(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    with pytest.raises(WiringError, match="its momentum is 0.9, not 0.5"):
        develop(
            ROW,
            birth_of(ROW),
            labelled_images,
            tmp_path / "run",
            dataclasses.replace(QUICK, momentum=0.5),
            epochs=2,
        )
    with pytest.raises(WiringError, match="other images"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=2, images=20)
    with pytest.raises(WiringError, match="2 epochs already"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=1)


def test_a_state_in_which_trained_parameters_have_their_older_name_is_continued(
    finished, labelled_images, tmp_path
):
    shutil.copytree(finished[0], tmp_path / "run")
    path = tmp_path / "run" / run_folder.STATE_FILE
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    run, progress = json.loads(metadata["run"]), json.loads(metadata["progress"])
    del metadata["header_sha256"], run["labels"], run["code"], progress["left"]
    metadata["run"] = json.dumps({"learning": run.pop("trained"), **run})
    metadata["progress"] = json.dumps(progress)
    save_tensors(path, tensors, metadata)
    develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=3)
    assert json.loads((tmp_path / "run" / "record.json").read_text())["epochs"] == 3


@pytest.mark.parametrize("left", ["model.safetensors", "record.json"])
@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"seed": 7}, "its seed is 0, not 7"),
        ({"row": "cornet_s"}, "it is mobilenet_wc_ct, not cornet_s"),
        ({"recipe": {"schedule": "constant"}}, "its schedule is plateau, not constant"),
        ({"images": 20}, "other images"),
        ({"epochs": 1}, "holds a run of 2 epochs already"),
    ],
    ids=str,
)
def test_another_model_is_never_the_result_after_deletions(
    finished, labelled_images, tmp_path, left, change, sentence
):
    shutil.copy(finished[0] / left, tmp_path)
    row = variant(change.get("row", ROW.identifier))
    reports = Reports(update=lambda progress, run: pytest.fail("an update was made"))
    with pytest.raises(WiringError, match=sentence):
        develop(
            row,
            birth_of(row, change.get("seed")),
            labelled_images,
            tmp_path,
            dataclasses.replace(QUICK, **change.get("recipe", {})),
            images=change.get("images"),
            epochs=change.get("epochs", 2),
            reports=reports,
        )


def test_a_finished_run_is_not_made_again_though_its_state_is_gone(
    finished, labelled_images, tmp_path
):
    shutil.copy(finished[0] / "model.safetensors", tmp_path)
    reports = Reports(update=lambda progress, run: pytest.fail("an update was made"))
    record = develop(
        ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2, reports=reports
    )
    assert record == TrainingRecord.from_json(
        read_checkpoint(tmp_path / "model.safetensors").record
    )
    assert (tmp_path / "record.json").read_text() == (finished[0] / "record.json").read_text()


def test_a_schedule_made_for_other_epochs_is_another_run(labelled_images, tmp_path):
    row = variant("mobilenet_wc_ct")
    recipe = Recipe(image_size=40, batch_size=4, schedule="one_cycle")
    develop(row, birth_of(row), labelled_images, tmp_path, recipe, images=8, epochs=[1, 2])
    for kept in ("model.safetensors", "model_1_epochs.safetensors"):
        folder = tmp_path / kept.partition(".")[0]
        folder.mkdir()
        shutil.copy(tmp_path / kept, folder)
        with pytest.raises(WiringError, match="its schedule one_cycle is of other epochs"):
            develop(row, birth_of(row), labelled_images, folder, recipe, images=8, epochs=[1, 3])


def test_a_fraction_of_epochs_with_a_smaller_last_batch_is_the_same_run(labelled_images, tmp_path):
    recipe = dataclasses.replace(QUICK, schedule="one_cycle")
    asked = (ROW, birth_of(ROW), labelled_images, tmp_path, recipe)
    first = develop(*asked, images=12, epochs=[0.5, 1])
    assert develop(*asked, images=12, epochs=[0.5, 1]).loss == pytest.approx(first.loss)
    (tmp_path / "model.safetensors").unlink()
    assert develop(*asked, images=12, epochs=[0.5, 1]).images_shown == 12


def test_layers_are_named_of_models_that_begin_at_birth():
    with pytest.raises(WrongUsage, match="goes on with the trained weights of cornet_s_wc_ct: lay"):
        Training.asked(
            "cornet_s_wc_ct_continued_full",
            "visual-atoms",
            trainable=["IT.conv3"],
            recipe="paper",
            changes={},
            seed=None,
        )


def test_an_imagenet_name_promises_a_number_of_epochs(labelled_images):
    training = Training.asked(
        "cornet_s_ct_imagenet",
        str(labelled_images),
        trainable=[],
        recipe="paper",
        changes={"schedule": "plateau_as_run"},
        seed=None,
        until_convergence=True,
    )
    with pytest.raises(WiringError, match="this training has no fixed number of epochs, which is"):
        training._check_updates("ImageNet-1k", 1_281_167, 1)


@pytest.mark.parametrize(
    "content", [b'{"variant": "corn', b"\xff", b"[]", b"{}", b""], ids=range(5)
)
def test_a_damaged_record_is_named(finished, labelled_images, tmp_path, content):
    (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(WiringError, match="record.json' is damaged .*: take it away"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2)


@pytest.mark.parametrize("left", ["", "model.safetensors"], ids=["alone", "beside its model"])
def test_a_changed_record_is_refused_or_written_again(
    finished, labelled_images, tmp_path, left, caplog
):
    sound = (finished[0] / "record.json").read_text()
    (tmp_path / "record.json").write_text(sound.replace('"images_shown": 48', '"images_shown": 49'))
    if left:
        shutil.copy(finished[0] / left, tmp_path)
        record = develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2)
        assert record == read_training_record(tmp_path / left) and record.images_shown == 48
        assert (tmp_path / "record.json").read_text() == sound
        assert "is written again from model.safetensors" in caplog.text
    else:
        with pytest.raises(WiringError, match="does not match the SHA-256 that it carries"):
            develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2)


def test_a_record_of_version_0_1_is_read_and_said_to_carry_no_checksum(finished, tmp_path, caplog):
    text = json.dumps(finished[1].to_json(), indent=2) + "\n"
    (tmp_path / "record.json").write_text(text)
    read = read_training_record(tmp_path / "model.safetensors")
    assert json.dumps(read.to_json(), indent=2) + "\n" == text
    assert "record.json' carries no sha256" in caplog.text


@pytest.mark.parametrize("stage", ["measuring", "held-out", "is initialised"])
def test_a_run_is_asked_to_stop_while_it_measures(finished, labelled_images, tmp_path, stage):
    def interrupt(sentence):
        if stage in sentence:
            signal.raise_signal(signal.SIGHUP)

    if stage != "is initialised":  # at the end of a run whose state is here
        shutil.copy(finished[0] / run_folder.STATE_FILE, tmp_path)
    with pytest.raises(
        Stopped, match=f"stopped .*{stage}.*: the same command continues"
    ) as stopped:
        develop(
            ROW,
            birth_of(ROW),
            labelled_images,
            tmp_path,
            QUICK,
            epochs=2,
            reports=Reports(stage=interrupt),
        )
    assert stopped.value.status == 75 and not (tmp_path / "model.safetensors").exists()


def test_what_is_known_at_once_is_said_before_an_image_is_decoded(labelled_images, tmp_path):
    def looked(sentence):
        assert "damaged" not in sentence

    images = shutil.copytree(labelled_images / "train", tmp_path / "images")
    for number in range(998):
        folder = images / f"class {number:04d}"
        folder.mkdir()
        (folder / "0.png").write_bytes(b"no image")
    with pytest.raises(WiringError, match="1,001 classes, mobilenet_v1 has 1,000 output classes"):
        develop(ROW, birth_of(ROW), images, tmp_path / "run", QUICK, reports=Reports(stage=looked))


def test_a_changed_image_folder_is_noticed(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    images = shutil.copytree(labelled_images, tmp_path / "images")
    next((images / "train" / "class 1").iterdir()).unlink()
    with pytest.raises(WiringError, match="other images"):
        develop(ROW, birth_of(ROW), images, tmp_path / "run", QUICK, epochs=2)


def test_other_images_of_the_same_names_and_sizes_are_another_run(
    finished, labelled_images, tmp_path
):
    images = shutil.copytree(labelled_images, tmp_path / "images")
    shutil.copytree(finished[0], tmp_path / "run")
    record = develop(ROW, birth_of(ROW), images, tmp_path / "run", QUICK, epochs=2)
    assert record.finished == finished[1].finished  # a copy of the images is the same training
    victim = next((images / "train" / "class 1").iterdir())
    picture = io.BytesIO()
    Image.new("RGB", (40, 40)).save(picture, "jpeg")
    victim.write_bytes(picture.getvalue() + bytes(victim.stat().st_size - len(picture.getvalue())))
    for epochs in (2, 3):
        with pytest.raises(WiringError, match="it has other images"):
            develop(ROW, birth_of(ROW), images, tmp_path / "run", QUICK, epochs=epochs)
    (tmp_path / "run" / "model.safetensors").unlink()
    (tmp_path / "run" / "record.json").unlink()
    with pytest.raises(WiringError, match="run with other content"):
        develop(ROW, birth_of(ROW), images, tmp_path / "run", QUICK, epochs=3)


@pytest.fixture(scope="module")
def two_milestones(labelled_images, tmp_path_factory):
    """A training that leaves a model after 1 and after 2 epochs."""
    folder = tmp_path_factory.mktemp("milestones")
    develop(ROW, birth_of(ROW), labelled_images, folder, QUICK, epochs=[1, 2])
    return folder


def test_a_model_along_the_way_is_that_of_the_shorter_training(
    two_milestones, finished, labelled_images, tmp_path
):
    record = develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=1)
    along = read_header(two_milestones / "model_1_epochs.safetensors")
    assert along.sha256 == weights_in(tmp_path) and tuple(along.record["loss"]) == record.loss
    assert weights_in(two_milestones) == weights_in(finished[0])


def test_a_finished_training_can_be_prolonged(finished, labelled_images, tmp_path):
    develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=1)
    updates = []
    develop(
        ROW,
        birth_of(ROW),
        labelled_images,
        tmp_path,
        QUICK,
        epochs=2,
        reports=Reports(update=lambda progress, run: updates.append(progress.step)),
    )
    assert updates == [4, 5, 6]
    assert weights_in(tmp_path) == weights_in(finished[0])


def test_a_prolonged_run_cannot_leave_a_model_that_it_is_past(labelled_images, tmp_path):
    asked = (ROW, birth_of(ROW), labelled_images, tmp_path, QUICK)
    develop(*asked, epochs=[1, 2])
    for epochs in ([1.67, 3], [0.3]):
        with pytest.raises(WiringError, match="is at 2 epochs and left no model after|2 epochs al"):
            develop(*asked, epochs=epochs)
    (tmp_path / "model_1_epochs.safetensors").unlink()  # it was left: it may be taken away
    (tmp_path / "record_1_epochs.json").unlink()
    develop(*asked, epochs=[1, 2, 3])
    assert (tmp_path / "model_2_epochs.safetensors").exists()


def test_a_byte_that_changed_in_a_saved_state_is_noticed(labelled_images, tmp_path):
    asked = (ROW, birth_of(ROW), labelled_images, tmp_path, QUICK)
    develop(*asked, epochs=1)
    state = tmp_path / run_folder.STATE_FILE
    content = state.read_bytes()
    for before, after in ((b'rate\\": 0.01', b'rate\\": 0.07'), (b"images_shown", b"images_showm")):
        assert content.count(before)
        state.write_bytes(content.replace(before, after, 1))
        with pytest.raises(WiringError, match="header does not match its SHA-256"):
            develop(*asked, epochs=2)


def test_images_that_lost_a_class_are_not_renumbered(labelled_images, tmp_path):
    images = shutil.copytree(labelled_images, tmp_path / "images")
    asked = (ROW, birth_of(ROW), images, tmp_path / "run", QUICK)
    develop(*asked, epochs=1, damaged="skip")
    shutil.rmtree(images / "train" / "class 0")
    shutil.rmtree(images / "val" / "class 0")
    with pytest.raises(WiringError, match="other images"):
        develop(*asked, epochs=2, damaged="skip")
    for left in ("model.safetensors", "record.json"):
        (tmp_path / "run" / left).unlink()
    with pytest.raises(WiringError, match="a run with other"):
        develop(*asked, epochs=2, damaged="skip")


def test_an_architecture_of_an_extension_that_changed_is_another_training(
    labelled_images, tmp_path, monkeypatch
):
    asked = (ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK)
    monkeypatch.setattr(Training, "code", "one")
    develop(*asked, epochs=1)
    monkeypatch.setattr(Training, "code", "other")
    with pytest.raises(WiringError, match="the code of mobilenet_v1 was another"):
        develop(*asked, epochs=1)
    (tmp_path / "run" / "model.safetensors").unlink()
    (tmp_path / "run" / "record.json").unlink()
    with pytest.raises(WiringError, match="a run with other code"):
        develop(*asked, epochs=2)


def test_accuracy_of_other_held_out_images_is_not_reported(labelled_images, tmp_path):
    asked = (ROW, birth_of(ROW), labelled_images, tmp_path, QUICK)
    first = develop(*asked, epochs=1, held_out_images=3)
    for again in (dict(held_out_images=3), {}):  # asked for or not
        assert develop(*asked, epochs=1, **again).held_out == first.held_out
    with pytest.raises(WiringError, match="is of 3 held-out images, 5 were asked for"):
        develop(*asked, epochs=1, held_out_images=5)


def test_a_training_until_convergence_needs_a_rate_above_its_end(labelled_images, tmp_path):
    low = dataclasses.replace(QUICK, learning_rate=9e-5)
    with pytest.raises(WrongUsage, match="ends below a learning rate of 0.0001"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, low, until_convergence=True)


def test_a_birth_in_the_place_of_a_model_is_another_run(labelled_images, tmp_path):
    write_birth(tmp_path / "model.safetensors", variant("mobilenet_wc"))
    with pytest.raises(WiringError, match="it is mobilenet_wc, not mobilenet_wc_ct"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=1)


def test_epochs_of_one_update_are_refused_before_it(labelled_images, tmp_path):
    with pytest.raises(WrongUsage, match="0.3 and 0.4 epochs of 24 images .* the same update"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=[0.3, 0.4])
    assert not (tmp_path / "run").exists()


def test_a_name_that_promises_imagenet_is_trained_on_nothing_else(labelled_images, tmp_path):
    row = variant("cornet_s_ct_imagenet")
    with pytest.raises(WiringError, match=f"has training data .*: train {row.plain_identifier}"):
        develop(row, birth_of(row), labelled_images, tmp_path / "run", Recipe(), epochs=row.epochs)
    assert not (tmp_path / "run").exists()


def test_damaged_images_stop_the_run_before_its_first_update_or_are_counted(
    labelled_images, tmp_path
):
    images = shutil.copytree(labelled_images, tmp_path / "images")
    victim = sorted((images / "train" / "class 1").iterdir())[2]
    victim.write_bytes(victim.read_bytes()[:500])
    with pytest.raises(WiringError, match=f"{victim.name}.*--damaged skip"):
        develop(ROW, birth_of(ROW), images, tmp_path / "stopped", QUICK, epochs=2)
    assert not (tmp_path / "stopped" / run_folder.STATE_FILE).exists()
    record = develop(ROW, birth_of(ROW), images, tmp_path / "run", QUICK, epochs=2, damaged="skip")
    assert (record.images_shown, record.images_skipped, record.data.images) == (
        46,
        2,
        23,
    )
    assert record.account.supervised_updates == 46


def test_damaged_held_out_images_are_noticed_before_training(labelled_images, tmp_path):
    images, said = shutil.copytree(labelled_images, tmp_path / "images"), []
    victim = sorted((images / "val" / "class 1").iterdir())[0]
    victim.write_bytes(victim.read_bytes()[:500])
    asked = {
        way: Training.of(ROW, birth_of(ROW), images, QUICK, damaged=way) for way in ("stop", "skip")
    }
    with pytest.raises(WiringError, match=f"1 of 6 images in '.*val'.*{victim.name}"):
        asked["stop"].open(0, said.append, tmp_path / "run")
    assert len(asked["skip"].open(0, said.append, tmp_path / "run").held_out) == 5
    assert "1 held-out images are damaged: left out" in said


@pytest.mark.parametrize("how", ["cut", "gone"])
def test_a_run_under_way_goes_on_without_an_image_that_is_damaged_by_then(
    labelled_images, tmp_path, how
):
    images, folder = shutil.copytree(labelled_images, tmp_path / "images"), tmp_path / "run"
    (images / "train" / "class 1" / "x.svg").write_text("<svg/>")
    arguments = (ROW, birth_of(ROW), images, folder, QUICK)
    first = develop(*arguments, epochs=1)
    victim = sorted((images / "train" / "class 1").iterdir())[2]
    content = victim.read_bytes()
    victim.unlink()
    if how == "cut":
        victim.write_bytes(content[:900])
    for way in ("stop", "skip", "skip"):  # it is noticed, looked for, and left out
        with contextlib.suppress(WiringError):
            record = develop(*arguments, epochs=2, damaged=way)
    assert record.data.manifest_sha256 == first.data.manifest_sha256
    assert record.data.content_sha256 == first.data.content_sha256
    assert (record.images_shown, record.images_skipped, record.data.images) == (47, 1, 24)
    assert record.data.left_aside == {".svg": 1}
    assert TrainingRecord.from_json(json.loads(json.dumps(record.to_json()))).data == record.data


def test_other_images_of_the_same_names_and_sizes_are_other_images(tmp_path):
    def write(shade):
        for number in range(24):
            place = tmp_path / "images" / f"class {number % 3}" / f"{number}.bmp"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (40, 40), (shade, number, 0)).save(place)

    write(10)
    arguments = (ROW, birth_of(ROW), tmp_path / "images", tmp_path / "run", QUICK)
    first = develop(*arguments, epochs=1)
    write(200)
    with pytest.raises(WiringError, match="other images"):
        develop(*arguments, epochs=2)
    other = develop(*arguments[:3], tmp_path / "other", QUICK, epochs=1)
    assert other.data.manifest_sha256 == first.data.manifest_sha256
    assert other.data.content_sha256 != first.data.content_sha256


def test_a_folder_that_another_process_trains_in_is_left_alone(labelled_images, tmp_path):
    with run_folder.held(tmp_path), pytest.raises(WiringError, match="Another process is training"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=1)


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path):
    (tmp_path / ".state.safetensors.abc.part").write_bytes(b"half")
    with run_folder.held(tmp_path):
        assert not list(tmp_path.glob(".*.part"))


def test_a_damaged_state_is_named(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    state = tmp_path / "run" / run_folder.STATE_FILE
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(WiringError, match="damaged"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=3)


def test_a_flipped_bit_in_a_saved_weight_is_noticed(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    state = tmp_path / "run" / run_folder.STATE_FILE
    data = bytearray(state.read_bytes())
    data[-1000] ^= 1
    state.write_bytes(data)
    with pytest.raises(WiringError, match="damaged.*SHA-256"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=3)


def test_a_full_disk_ends_the_run_in_one_sentence_and_keeps_the_last_state(
    finished, labelled_images, tmp_path
):
    shutil.copytree(finished[0], tmp_path / "run")
    before = (tmp_path / "run" / run_folder.STATE_FILE).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # no file can grow larger than this
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, limits[1]))
    try:
        with pytest.raises(WiringError, match="cannot be written"):
            develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert (tmp_path / "run" / run_folder.STATE_FILE).read_bytes() == before
    assert not list((tmp_path / "run").glob(".*.part"))


def test_a_loss_that_is_not_finite_stops_before_the_weights_are_spoilt(labelled_images, tmp_path):
    run = loop.Run(
        birth_of(ROW).network(), [], list_images(labelled_images / "train"), QUICK, [1], 0
    )
    run.trained = trained_parameters(
        ROW.trained, [name for name, _ in run.network.named_parameters()], ROW.architecture
    )
    with torch.no_grad():
        run.network.classifier.bias.fill_(math.inf)
    before = {name: value.clone() for name, value in run.network.named_parameters()}
    with pytest.raises(WiringError, match="update 1"):
        loop.train_network(run, tmp_path, CPU)
    assert all(torch.equal(value, before[name]) for name, value in run.network.named_parameters())


def test_a_gradient_that_is_not_finite_stops_before_the_weights_are_spoilt(
    labelled_images, tmp_path
):
    run = loop.Run(
        birth_of(ROW).network(), [], list_images(labelled_images / "train"), QUICK, [1], 0
    )
    run.trained = trained_parameters(
        ROW.trained, [name for name, _ in run.network.named_parameters()], ROW.architecture
    )
    run.network.block13.pointwise.weight.register_hook(lambda gradient: gradient * math.inf)
    with pytest.raises(WiringError, match="A gradient became infinite at update 1"):
        loop.train_network(run, tmp_path, CPU)
    assert torch.equal(run.network.classifier.weight, birth_of(ROW).network().classifier.weight)


@pytest.mark.parametrize("condition", architecture("cornet_s").trainable)
def test_a_condition_without_learning_synapses_is_the_birth_state_only(condition):
    parameters = list(parameter_counts("cornet_s"))
    assert bool(trained_parameters(condition, parameters)) == (condition != "nothing")


def test_nothing_learns_at_birth(labelled_images, tmp_path):
    row = variant("cornet_s_kn")
    with pytest.raises(WrongUsage, match="brainscore birth cornet_s_kn"):
        develop(row, birth_of(row), labelled_images, tmp_path, QUICK)


def test_measured_statistics_at_birth_change_no_synapse_and_use_no_label(labelled_images, tmp_path):
    row = variant("mobilenet_random_bn")
    record = develop(row, birth_of(row), labelled_images, tmp_path, QUICK, images=10)
    state, birth = read_checkpoint(tmp_path / "model.safetensors").state, birth_of(row).state()
    different = [name for name in state if not torch.equal(state[name], birth[name])]
    assert different and all(
        name.endswith(("running_mean", "running_var", "num_batches_tracked")) for name in different
    )
    assert record.unlabelled_images == 10 and record.supervised_updates == 0


def test_measured_means_are_over_images_for_any_batches():
    images = torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    first = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    assert batch_norm_statistics.measure(first, [images[:4], images[4:]]) == 6
    torch.testing.assert_close(first[0].running_mean, images.mean((0, 2, 3)))
    assert first[0].momentum == 0.1


def test_statistics_are_measured_on_batches_that_mix_the_classes(labelled_images, monkeypatch):
    run = loop.Run(
        birth_of(ROW).network(), [], list_images(labelled_images / "train"), QUICK, [1], 0
    )
    seen = []
    monkeypatch.setattr(
        frozen_layers.batch_norm_statistics,
        "measure",
        lambda network, shown, *rest: list(shown) and 0,
    )
    monkeypatch.setattr(
        frozen_layers,
        "batches",
        lambda view, order, *rest: [
            (None, seen.extend(view[i][1] for i in batch)) for batch in order
        ],
    )
    frozen_layers.measure_statistics(run.network, run, torch.device("cpu"))
    assert sorted(seen) == [0] * 8 + [1] * 8 + [2] * 8 and seen != sorted(seen)


@pytest.mark.parametrize("epochs", [0, -1, math.nan, math.inf, 1e300, 10**400], ids=range(6))
def test_a_number_of_epochs_that_cannot_be_is_refused(labelled_images, tmp_path, epochs):
    with pytest.raises(WrongUsage, match="epochs"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=epochs)


def test_a_batch_of_one_that_batch_norm_cannot_take_is_refused(labelled_images, tmp_path):
    with pytest.raises(WiringError, match="batch of one"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, images=21, epochs=1)


def test_an_output_folder_that_cannot_be_is_noticed_before_the_first_update(
    labelled_images, tmp_path
):
    (tmp_path / "file").write_text("in the way")
    updates = []
    with pytest.raises(WiringError, match="cannot be written"):
        develop(
            ROW,
            birth_of(ROW),
            labelled_images,
            tmp_path / "file",
            QUICK,
            epochs=1,
            reports=Reports(update=lambda progress, run: updates.append(progress.step)),
        )
    assert not updates


def test_a_training_that_goes_on_from_a_trained_model_counts_both(
    labelled_images, tmp_path, monkeypatch
):
    monkeypatch.setattr(run_folder, "save", lambda *_: None)  # 400 MB, and of another network
    row = variant("cornet_s_wc_ct_continued_full")
    record = develop(row, birth_of(row), labelled_images, tmp_path, QUICK, epochs=0.4)
    before, start = weights_to_continue(row)
    assert record.continues.fingerprint == start.fingerprint and record.images_shown == 10
    account, first = record.account, start.account
    assert account.supervised_updates == first.supervised_updates + 10
    assert (
        account.supervised_synaptic_updates == first.supervised_synaptic_updates + 10 * 52_860_096
    )
    conv = "IT.conv3.weight"  # one update away from where it started, not from a birth state
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        after = file.get_tensor(conv).float()
    assert 0 < (after - before[conv]).norm() < 0.2 * before[conv].norm()
    assert not torch.equal(before[conv], birth_of(variant("cornet_s_wc_ct")).state()[conv])


def test_a_run_until_convergence_ends_with_the_schedule(labelled_images, tmp_path):
    row = variant("mobilenet_wc_ct")
    recipe = Recipe(image_size=40, batch_size=8, learning_rate=2e-4)  # one cut from the end
    record = develop(
        row, birth_of(row), labelled_images, tmp_path, recipe, images=8, until_convergence=True
    )
    rates = [epoch["learning_rate"] for epoch in record.epoch_log]
    assert record.converged and set(rates) == {2e-4} and 4 <= record.epochs < LONGEST
    assert record.images_shown == 8 * record.epochs and record.epochs_asked == ()
    more = dict(images=8, epochs=record.epochs + 2)
    develop(row, birth_of(row), labelled_images, tmp_path, recipe, **more)
    for _ in ("with the model there", "with the state alone"):
        with pytest.raises(WiringError, match=r"a run of \d+ epochs already, more than were asked"):
            develop(
                row,
                birth_of(row),
                labelled_images,
                tmp_path,
                recipe,
                images=8,
                until_convergence=True,
            )
        for file in [*tmp_path.glob("model*"), *tmp_path.glob("record*")]:
            file.unlink()


def test_a_schedule_that_never_converges_needs_a_number_of_epochs(labelled_images, tmp_path):
    with pytest.raises(WrongUsage, match="one_cycle never converges: give --epochs N"):
        develop(
            ROW,
            birth_of(ROW),
            labelled_images,
            tmp_path,
            dataclasses.replace(QUICK, schedule="one_cycle"),
            until_convergence=True,
        )
