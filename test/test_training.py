"""Development: what the catalogue row says learns, from what it says, and a stopped run goes on as if it never stopped."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
import signal
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from brainscore_wiring import accounting
from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints.store import birth_of
from brainscore_wiring.checkpoints.wiring_checkpoint import Birth, read_checkpoint
from brainscore_wiring.errors import Stopped, WiringError, WrongUsage
from brainscore_wiring.synapses import CORNET_S_CONDITIONS, learning
from brainscore_wiring.training import loop
from brainscore_wiring.training.data import LabelledImages, TrainingView, diet_name, list_images, training_and_held_out
from brainscore_wiring.training.develop import Reports, develop
from brainscore_wiring.training.recipe import RECIPES, Recipe
from brainscore_wiring.weight_compression import batch_norm_statistics

QUICK = Recipe(image_size=32, batch_size=10, learning_rate=0.01)  # 24 images: batches of 10, 10 and 4
ROW = variant("cornet_s_ct")


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
    parameters = [name for name, _ in Birth("cornet_s", 0).network().named_parameters()]
    changed = [name for name in parameters if not torch.equal(after[name], before[name])]
    assert changed == learning("critical_training", parameters)
    assert sum(after[name].numel() for name in changed) == finished[1]["trained_parameters"] == 1_889_256


def test_the_record_counts_what_was_shown(finished):
    folder, record = finished
    assert record["images_shown"] == 48 and record["epochs"] == 2
    assert record["supervised_synaptic_updates"] == 48 * 1_376_256
    assert accounting.account_of_record(record).supervised_updates == 48
    assert json.loads((folder / "record.json").read_text()) == record
    assert record["held_out"]["images"] == 6 and 0 <= record["held_out"]["accuracy"] <= 1


def stop_after(step, labelled_images, folder, recipe=QUICK):
    """Train as `finished`, saving after every update, and be killed after one; returns the step that was saved."""
    def interrupt(progress, run):
        if progress.step == step + 1:
            raise Stop

    with pytest.raises(Stop):
        develop(ROW, birth_of(ROW), labelled_images, folder, recipe, epochs=2, save_every=0,
                reports=Reports(update=interrupt))
    with safe_open(folder / loop.STATE_FILE, "pt") as file:
        return json.loads(file.metadata()["progress"])["step"]


@pytest.mark.parametrize("step", [1, 3, 5], ids=["inside an epoch", "between epochs", "before the partial batch"])
def test_a_run_stopped_anywhere_ends_in_the_same_weights(finished, labelled_images, tmp_path, step):
    assert stop_after(step, labelled_images, tmp_path) == step
    record = develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2)
    resumed = read_checkpoint(tmp_path / "model.safetensors")
    assert resumed.sha256 == read_checkpoint(finished[0] / "model.safetensors").sha256
    assert record["images_shown"] == 48 and record["loss"] == finished[1]["loss"]


def test_a_run_with_a_learning_rate_that_changes_goes_on_at_the_right_rate(labelled_images, tmp_path):
    recipe = dataclasses.replace(QUICK, schedule="one_cycle")
    straight = develop(ROW, birth_of(ROW), labelled_images, tmp_path / "straight", recipe, epochs=2)
    stop_after(2, labelled_images, tmp_path / "stopped", recipe)
    resumed = develop(ROW, birth_of(ROW), labelled_images, tmp_path / "stopped", recipe, epochs=2)
    assert resumed["epoch_log"] == straight["epoch_log"]


def test_a_run_is_not_continued_from_another_birth(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    row = variant("cornet_s_wc_ct")
    with pytest.raises(WiringError, match="other birth"):
        develop(row, birth_of(row), labelled_images, tmp_path / "run", QUICK, epochs=2)


def test_a_run_that_is_asked_to_stop_saves_the_update_it_is_at(finished, labelled_images, tmp_path):
    def interrupt(progress, run):
        if progress.step == 4:
            signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped, match="after update 4 of 6"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2, reports=Reports(update=interrupt))
    assert signal.getsignal(signal.SIGTERM) is before
    develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=2)
    assert (read_checkpoint(tmp_path / "model.safetensors").sha256
            == read_checkpoint(finished[0] / "model.safetensors").sha256)


def test_another_run_is_not_continued_by_mistake(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    with pytest.raises(WiringError, match="other epochs"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=3)


def test_a_damaged_state_is_named(finished, labelled_images, tmp_path):
    shutil.copytree(finished[0], tmp_path / "run")
    state = tmp_path / "run" / loop.STATE_FILE
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(WiringError, match="damaged"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "run", QUICK, epochs=2)


def test_a_loss_that_is_not_finite_stops_before_the_weights_are_spoilt(labelled_images, tmp_path):
    run = loop.Run(birth_of(ROW).network(), [], list_images(labelled_images / "train"), QUICK, 1, 0)
    run.learning = learning(ROW.trained, [name for name, _ in run.network.named_parameters()])
    with torch.no_grad():
        run.network.decoder.linear.bias.fill_(math.inf)
    before = {name: value.clone() for name, value in run.network.named_parameters()}
    with pytest.raises(WiringError, match="update 1"):
        loop.train(run, tmp_path, torch.device("cpu"))
    assert all(torch.equal(value, before[name]) for name, value in run.network.named_parameters())


@pytest.mark.parametrize("condition", CORNET_S_CONDITIONS)
def test_a_condition_without_learning_synapses_is_the_birth_state_only(condition):
    parameters = list(accounting.CORNET_S_PARAMETERS)
    assert bool(learning(condition, parameters)) == (condition != "nothing")


def test_nothing_learns_at_birth(labelled_images, tmp_path):
    row = variant("cornet_s_kn")
    with pytest.raises(WrongUsage, match="brainscore birth cornet_s_kn"):
        develop(row, birth_of(row), labelled_images, tmp_path, QUICK)


def test_measured_statistics_at_birth_change_no_synapse_and_use_no_label(labelled_images, tmp_path):
    row = variant("cornet_s_kn_bn")
    record = develop(row, birth_of(row), labelled_images, tmp_path, QUICK, images=10)
    state, birth = read_checkpoint(tmp_path / "model.safetensors").state, birth_of(row).state()
    different = [name for name in state if not torch.equal(state[name], birth[name])]
    assert different and all(name.endswith(("running_mean", "running_var", "num_batches_tracked")) for name in different)
    assert record["unlabelled_images"] == 10 and record["supervised_updates"] == 0


def test_measured_means_are_over_images_whatever_the_batches():
    images = torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    first = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    assert batch_norm_statistics.measure(first, [images[:4], images[4:]]) == 6
    torch.testing.assert_close(first[0].running_mean, images.mean((0, 2, 3)))
    assert first[0].momentum == 0.1


def test_statistics_are_measured_on_batches_that_mix_the_classes(labelled_images, monkeypatch):
    run = loop.Run(birth_of(ROW).network(), [], list_images(labelled_images / "train"), QUICK, 1, 0)
    seen = []
    monkeypatch.setattr(loop.batch_norm_statistics, "measure", lambda network, batches, precision: list(batches) and 0)
    monkeypatch.setattr(loop, "batches", lambda view, size: seen.extend(view[i][1] for i in range(len(view))) or [])
    loop.measure_statistics(run, "fp32")
    assert sorted(seen) == [0] * 8 + [1] * 8 + [2] * 8 and seen != sorted(seen)


@pytest.mark.parametrize("epochs", [0, -1, math.nan, math.inf])
def test_a_number_of_epochs_that_cannot_be_is_refused(labelled_images, tmp_path, epochs):
    with pytest.raises(WrongUsage, match="epochs"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, epochs=epochs)


def test_a_batch_of_one_that_batch_norm_cannot_take_is_refused(labelled_images, tmp_path):
    with pytest.raises(WiringError, match="batch of one"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path, QUICK, images=21, epochs=1)


def test_an_output_folder_that_cannot_be_is_noticed_before_the_first_update(labelled_images, tmp_path):
    (tmp_path / "file").write_text("in the way")
    updates = []
    with pytest.raises(WiringError, match="cannot be written"):
        develop(ROW, birth_of(ROW), labelled_images, tmp_path / "file", QUICK, epochs=1,
                reports=Reports(update=lambda progress, run: updates.append(progress.step)))
    assert not updates


# the visual diet

def test_a_subset_is_a_pure_function_of_data_count_and_seed(labelled_images):
    images = list_images(labelled_images / "train")
    assert images.subset(10, 0) == images.subset(10, 0)
    assert images.subset(10, 0).files != images.subset(10, 1).files
    assert set(images.subset(10, 0).files) <= set(images.files)
    with pytest.raises(WrongUsage, match="25 images were asked for"):
        images.subset(25, 0)


def test_what_an_image_looks_like_depends_on_seed_epoch_and_image_alone(labelled_images):
    images = list_images(labelled_images / "train")
    view = TrainingView(images, QUICK, seed=0, epoch=0)
    torch.manual_seed(1)
    first = view[5][0]
    state = torch.get_rng_state()
    view[6]
    assert torch.equal(view[5][0], first) and torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(TrainingView(images, QUICK, seed=0, epoch=1)[5][0], first)


def test_only_the_whole_training_set_is_called_imagenet():
    wordnet = tuple(f"n{number:08d}" for number in range(1000))

    def named(count):
        return diet_name(LabelledImages(Path("some/folder"), wordnet, ("x",) * count, (0,) * count))

    assert named(1_281_167) == "ImageNet-1k" and named(1000) == "folder"


@pytest.mark.parametrize("damage, sentence", [
    (lambda root: shutil.rmtree(root), "There is no folder"),
    (lambda root: shutil.rmtree(root / "train") or (root / "train").mkdir(), "no sub-folders"),
    (lambda root: (root / "train" / "empty class").mkdir(), "empty class"),
    (lambda root: (root / "val" / "another class").mkdir() or shutil.copy(
        next((root / "val" / "class 0").iterdir()), root / "val" / "another class"), "different class folders"),
], ids=["missing", "no classes", "empty class", "held-out classes differ"])
def test_a_wrong_image_folder_is_named(labelled_images, tmp_path, damage, sentence):
    root = shutil.copytree(labelled_images, tmp_path / "images")
    damage(root)
    with pytest.raises(WiringError, match=sentence):
        training_and_held_out(root)


def test_a_damaged_image_is_named(labelled_images, tmp_path):
    root = shutil.copytree(labelled_images / "train", tmp_path / "images")
    victim = sorted((root / "class 1").iterdir())[2]
    victim.write_bytes(victim.read_bytes()[:500])
    images = list_images(root)
    with pytest.raises(WiringError, match=victim.name):
        TrainingView(images, QUICK, 0, 0)[images.files.index(f"class 1/{victim.name}")]


# the schedules

def plateau_rates(losses):
    run = type("", (), {"recipe": RECIPES["paper"], "steps_per_epoch": 1})
    progress = loop.Progress(learning_rate=0.1)
    rates = []
    for step, loss in enumerate(losses, 1):
        progress.step, progress.epoch_loss, progress.epoch_images = step, loss, 1
        loop._end_epoch(run, progress)
        rates.append(progress.learning_rate)
        if loop._converged(run.recipe, progress):
            break
    return rates


def test_the_plateau_schedule_is_torchs_with_the_papers_numbers():
    losses = [5, 4, 4.1, 4.2, 4.3, 4.4, 3, 2.9, 3, 3, 3, 3, 3, 2.95, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=3)
    expected = []
    for loss in losses:
        scheduler.step(loss)
        expected.append(optimizer.param_groups[0]["lr"])
    rates = plateau_rates(losses)
    assert rates == pytest.approx(expected[:len(rates)])
    assert len(rates) < len(losses) and rates[-1] == pytest.approx(1e-5)  # the fourth cut ends the run


def test_the_one_cycle_schedule_rises_then_falls_to_nothing():
    recipe = dataclasses.replace(RECIPES["small"])
    run = type("", (), {"recipe": recipe, "steps": 1000})
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1)
    rates = []
    for step in range(1000):
        loop._set_learning_rate(optimizer, run, progress := loop.Progress(step=step))
        rates.append(progress.learning_rate)
    assert max(rates) == rates[50] == recipe.learning_rate
    assert rates[:51] == sorted(rates[:51]) and rates[50:] == sorted(rates[50:], reverse=True) and rates[-1] < 1e-5
