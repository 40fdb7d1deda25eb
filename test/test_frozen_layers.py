"""What critical training saves is exact: the same numbers, with less work."""

from __future__ import annotations

import dataclasses
import functools

import pytest
import torch
from developing import develop
from image_folders import list_images
from torch import nn
from torch.nn import functional as F

from brainscore_wiring.architectures import build, trained_parameters
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.header import read_header
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks.small_maps import matrix_products
from brainscore_wiring.training import frozen_layers, loop
from brainscore_wiring.training.develop import Reports, _trained_state
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.weight_compression import batch_norm_statistics
from brainscore_wiring.weight_compression.birth import Birth

CPU = Processes(torch.device("cpu"))
QUICK = Recipe(image_size=33, batch_size=10, learning_rate=0.01)
CACHED = dataclasses.replace(QUICK, frozen_layers="cached")
#: For what does not depend on the size of the maps: a pass takes a third.
SMALL = dataclasses.replace(CACHED, image_size=17)


@functools.cache
def random_cornet_s() -> dict[str, torch.Tensor]:
    """The state at birth of all CORnet-S here."""
    return birth_of(variant("cornet_s")).state()


def run_of(model: str, images, recipe: Recipe = QUICK) -> loop.Run:
    row = variant(model)
    birth = birth_of(row)
    same = birth == birth_of(variant("cornet_s"))
    network = birth.network(random_cornet_s() if same else None)
    learned = trained_parameters(
        row.trained, [name for name, _ in network.named_parameters()], row.architecture
    )
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in learned)
    return loop.Run(network, learned, images, recipe, [1], 0)


@pytest.fixture(scope="module")
def cornet_s() -> torch.nn.Module:
    """A network whose weights do not matter."""
    return build("cornet_s")


@pytest.fixture(scope="module")
def images(labelled_images):
    return list_images(labelled_images / "train")


def test_weights_rounded_once_give_the_gradients_of_weights_rounded_at_each_use(images):
    run = run_of("cornet_s_ct", images)
    batch, labels = (
        torch.randn(4, 3, 33, 33, generator=torch.Generator().manual_seed(0)),
        torch.tensor([0, 1, 2, 3]),
    )

    def gradients() -> dict[str, torch.Tensor]:
        run.network.train().zero_grad()
        with torch.autocast("cpu", torch.bfloat16), matrix_products(CPU.device):
            logits = run.network(batch)
        F.cross_entropy(logits.float(), labels).backward()
        return {
            name: value.grad.clone()
            for name, value in run.network.named_parameters()
            if value.grad is not None
        }

    plain = gradients()
    frozen_layers.in_fast_layout(run.network, dataclasses.replace(QUICK, precision="bf16"))
    assert (
        run.network.IT.conv2.weight.dtype == torch.bfloat16
        and run.network.IT.conv3.weight.dtype == torch.float32
    )
    fast = gradients()
    assert plain.keys() == fast.keys() == set(run.trained)
    assert all(torch.equal(plain[name], fast[name]) for name in plain)


def test_frozen_weights_have_neither_gradient_nor_optimizer_state(images, tmp_path, monkeypatch):
    kept = {}
    monkeypatch.setattr(loop.run_folder, "save", lambda folder, tensors, *_: kept.update(tensors))
    run = run_of("cornet_s_ct", images.subset(10, 0))
    loop.train_network(run, tmp_path, CPU)
    assert {name for name in kept if name.startswith("optimizer/")} == {
        f"optimizer/{name}/momentum_buffer" for name in run.trained
    }
    assert all(
        value.grad is None
        for name, value in run.network.named_parameters()
        if name not in run.trained
    )
    assert sum(value.nbytes for value in kept.values()) < 20e6  # where a full state takes 428 MB


def test_norms_that_processes_share_are_norms():
    network = nn.SyncBatchNorm.convert_sync_batchnorm(build("cornet_s"))
    shared = batch_norm_statistics.norms_in([network])
    assert {type(norm) for norm in shared} == {nn.SyncBatchNorm}
    assert len(shared) == len(batch_norm_statistics.norms_in([build("cornet_s")]))


def test_a_parameter_that_nothing_depends_on_is_named(images, tmp_path):
    run = run_of("cornet_s_ct", images.subset(10, 0))
    run.network.register_parameter("unused", nn.Parameter(torch.zeros(2)))
    run.trained.append("unused")
    with pytest.raises(WiringError, match="unused is to be trained, and the network's outp"):
        loop.train_network(run, tmp_path, CPU)


def test_what_is_no_parameter_is_kept_in_the_model_that_a_run_leaves(images):
    run = run_of("mobilenet_wc_ct", images)
    run.network.register_buffer("gain", torch.tensor(9.0))
    kept = _trained_state(run)
    assert kept["gain"] == 9 and "stem.norm.running_mean" in kept
    assert {name for name, _ in run.network.named_parameters() if name in kept} == {*run.trained}
    # as the file will hold them
    assert {kept[name].dtype for name in run.trained} == {torch.float16}


def test_an_image_that_is_left_alone_joins_the_batch_before(images, monkeypatch):
    monkeypatch.setattr(frozen_layers, "STATISTICS_IMAGES", 11)
    run = run_of("mobilenet_wc_ct", images)
    assert run.recipe.batch_size == 10 and run.recipe.image_size <= 33
    assert frozen_layers.measure_statistics(run.network, run, CPU.device) == 11


@pytest.mark.parametrize(
    "model, stages",
    [
        ("cornet_s", 0),
        ("cornet_s_ct", 2),
        ("cornet_s_ct_v4", 2),
        ("cornet_s_dt_v2", 1),
        ("cornet_s_dt_v4", 3),
        ("cornet_s_dt_it", 5),
        ("cornet_s_conv1", 1),
        ("cornet_s_batchnorm", 0),
        ("cornet_s_dt_decoder", 8),
    ],
)
def test_the_prefix_ends_before_the_first_layer_that_learns(cornet_s, model, stages):
    learned = trained_parameters(variant(model).trained, dict(cornet_s.named_parameters()))
    assert frozen_layers.frozen_stages(cornet_s, learned) == stages


def test_a_forward_pass_is_its_stages(images):
    network = run_of("cornet_s_ct", images).network.eval()
    batch = torch.randn(2, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(frozen_layers.Rest(network, network.stages())(batch), network(batch))


@pytest.mark.parametrize("model", ["cornet_s_ct", "cornet_s_dt_decoder"])
def test_cached_activity_gives_what_the_live_network_gives(images, model):
    images = images.subset(12, 0)
    run = run_of(model, images, CACHED)
    run.network.train()
    prefix = frozen_layers.CachedPrefix(run.network, run, CPU, measure=True)
    shown = [3, 11, 7]
    activity, labels = prefix.activity(shown)
    assert labels.tolist() == [images.labels[index] for index in shown]
    view = images.plain_view(33)
    live = run.network(torch.stack([view[index][0] for index in shown]))
    torch.testing.assert_close(prefix.rest(*activity), live, rtol=1e-3, atol=1e-4)


def test_batch_norms_of_a_cached_prefix_keep_their_measured_statistics(images, tmp_path):
    images = images.subset(10, 0)
    run = run_of("cornet_s_ct", images, SMALL)
    loop.train_network(run, tmp_path, CPU)
    trained = {
        name: value.clone()
        for name, value in run.network.state_dict().items()
        if name.endswith("running_mean")
    }
    again = run_of("cornet_s_ct", images, SMALL)
    frozen_layers.CachedPrefix(again.network.train(), again, CPU, measure=True)
    fixed = [
        name
        for name, value in again.network.state_dict().items()
        if name in trained and torch.equal(value, trained[name])
    ]
    assert set(fixed) == {
        f"{norm}.running_mean"
        for norm in ("V1.norm1", "V1.norm2", "V2.norm_skip", "V2.norm1_0", "V2.norm2_0")
    }


def test_a_cached_run_goes_on_bit_exactly(labelled_images, tmp_path, monkeypatch):
    born = random_cornet_s()
    monkeypatch.setattr(Birth, "state", lambda *_: born)  # sampled once
    row = variant("cornet_s_ct")
    recipe = dataclasses.replace(SMALL, batch_size=6)

    def run(name: str, **more) -> None:
        develop(
            row,
            birth_of(row),
            labelled_images,
            tmp_path / name,
            recipe,
            images=12,
            epochs=2,
            held_out_images=2,
            **more,
        )

    class Stop(Exception):
        pass

    def interrupt(progress, run):
        if progress.step == 3:  # in the middle of an epoch
            raise Stop

    run("straight")
    with pytest.raises(Stop):
        run("stopped", save_every=0, reports=Reports(update=interrupt))
    run("stopped")
    hashes = {
        read_header(tmp_path / name / "model.safetensors").sha256
        for name in ("straight", "stopped")
    }
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "model, sentence",
    [("mobilenet_wc_ct", "Only CORnet-S"), ("cornet_s", "The first layer is trained")],
)
def test_what_cannot_be_cached_is_said(images, model, sentence):
    run = run_of(model, images, CACHED)
    with pytest.raises(WrongUsage, match=f"{sentence}.*leave out --cache"):
        frozen_layers.CachedPrefix(run.network, run, CPU, measure=False)


def test_activity_that_memory_cannot_hold_is_refused(images, monkeypatch):
    monkeypatch.setattr(frozen_layers, "LARGEST_CACHE", 1e5)
    run = run_of("cornet_s_ct", images, CACHED)
    with pytest.raises(WiringError, match="activity of 24 images takes"):
        frozen_layers.CachedPrefix(run.network, run, CPU, measure=False)


def test_skip_feedback_changes_the_gradient_but_not_what_the_network_computes(images):
    run = run_of("cornet_s_ct", images)
    batch, labels = (
        torch.randn(4, 3, 33, 33, generator=torch.Generator().manual_seed(0)),
        torch.tensor([0, 1, 2, 3]),
    )

    def logits_and_gradients() -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        run.network.train().zero_grad()
        logits = run.network(batch)
        F.cross_entropy(logits, labels).backward()
        return logits, {
            name: dict(run.network.named_parameters())[name].grad.clone() for name in run.trained
        }

    logits, exact = logits_and_gradients()
    run.network.feedback_through_skips_alone()
    again, skipped = logits_and_gradients()
    assert torch.equal(logits, again)
    assert torch.equal(exact["decoder.linear.weight"], skipped["decoder.linear.weight"])
    for area in ("V2", "V4", "IT"):
        assert skipped[f"{area}.conv3.weight"].any()
        assert not torch.equal(exact[f"{area}.conv3.weight"], skipped[f"{area}.conv3.weight"])


def test_skip_feedback_is_for_networks_with_skips_of_cornet_s(images, tmp_path):
    run = run_of("mobilenet_wc_ct", images, dataclasses.replace(QUICK, feedback="skip_only"))
    with pytest.raises(WrongUsage, match="is for CORnet-S"):
        loop.train_network(run, tmp_path, CPU)
