"""Several processes train the network that one would have trained: same gradients, same losses,
for any number of them.
"""

from __future__ import annotations

import csv
import json
import os
from itertools import chain
from pathlib import Path

import fresh_process
import pytest
import torch
from torch import distributed, multiprocessing, nn
from torch.nn import functional as F

from brainscore_wiring.errors import WiringError
from brainscore_wiring.training.processes import Processes, SharedBatchNorm

CPU = torch.device("cpu")


def small_network() -> nn.Module:
    """Convolutions and batch norms of the kinds that the architectures have."""
    torch.manual_seed(0)
    recurrent = nn.Conv2d(8, 8, 3, padding=1, bias=False)  # with a batch norm for each time step
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        recurrent,
        nn.BatchNorm2d(8),
        nn.ReLU(),
        recurrent,
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, stride=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 5),
    ).train()


def images_and_labels(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 3, 12, 12, generator=generator), torch.randint(
        0, 5, (count,), generator=generator
    )


def step(processes: Processes, count: int) -> dict[str, torch.Tensor]:
    """Gradients and statistics after one backward pass of a batch, as the loop makes it, and the
    total of the losses.
    """
    network = processes.with_shared_batch_norm(small_network())
    call = processes.together(network)
    images, labels = images_and_labels(count)
    share = processes.share(range(count))
    loss = F.cross_entropy(call(images[share]), labels[share], reduction="sum") / count
    (loss * processes.count).backward()
    found = {f"gradient of {name}": value.grad for name, value in network.named_parameters()}
    found |= {name: value.clone() for name, value in network.named_buffers()}
    return found | {"loss": torch.tensor(processes.total([loss.detach()]))}


def one_of_two(rank: int, folder: str, count: int) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2
    )
    torch.save(step(Processes(CPU, rank, 2), count), f"{folder}/{rank}.pt")
    distributed.barrier()  # as `processes` ends
    distributed.destroy_process_group()
    # PyTorch's threads may abort an interpreter that ends (seen once): what counts is computed
    os._exit(0)


@pytest.mark.parametrize("count", [8, 5], ids=["equal shares", "unequal shares"])
def test_gradients_and_statistics_are_those_of_one_process(tmp_path, count):
    multiprocessing.start_processes(
        one_of_two,
        (str(tmp_path), count),
        nprocs=2,
        start_method=fresh_process.FORKS.get_start_method(),
    )
    expected = step(Processes(CPU), count)
    for rank in (0, 1):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            torch.testing.assert_close(
                found[name], value, rtol=1e-4, atol=1e-6, msg=lambda text: f"{name}: {text}"
            )


def test_shared_batch_norm_is_pytorchs_for_one_process(monkeypatch):
    monkeypatch.setattr(distributed, "all_reduce", lambda total: None)
    ours, theirs = nn.BatchNorm2d(4), nn.BatchNorm2d(4)
    ours.__class__ = SharedBatchNorm
    x = (
        torch.randn(
            6, 4, 5, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64
        ).float()
        + 3
    )
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(ours.running_var, theirs.running_var)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


@pytest.mark.parametrize("count, size", [(1, 7), (2, 7), (3, 10), (4, 4)])
def test_shares_are_the_whole_batch_once_and_nearly_equal(count, size):
    shares = [Processes(CPU, rank, count).share(range(size)) for rank in range(count)]
    assert list(chain.from_iterable(shares)) == list(range(size))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


#: Two epochs of one update each, up to the images and the folder.
TRAINING = (
    "train cornet_s_wc_ct --recipe small --precision fp32 --size 33 --batch-size 24 --epochs 2"
).split()


def losses(folder: Path) -> list[float]:
    with open(folder / "log.csv", encoding="utf-8", newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def test_torchrun_with_two_processes_has_the_loss_curve_of_one(labelled_images, tmp_path):
    training = [*TRAINING, "--data", str(labelled_images), "-o"]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    one = fresh_process.run(
        fresh_process.COMMAND, *training, str(tmp_path / "one"), environment=environment
    )
    assert one.returncode == 0, one.stderr
    torchrun = "from torch.distributed.run import main; main()"
    two = fresh_process.run(
        torchrun,
        *("--standalone", "--nproc_per_node=2", "-m", "brainscore_wiring"),
        *training,
        str(tmp_path / "two"),
        environment=environment,
    )
    assert two.returncode == 0, two.stderr
    assert two.stdout.count("held-out accuracy") == 1  # one process reports
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
    records = [json.loads((tmp_path / name / "record.json").read_text()) for name in ("one", "two")]
    assert [record["processes"] for record in records] == [1, 2]
    assert records[0]["images_shown"] == records[1]["images_shown"] == 48


def test_a_last_batch_with_fewer_images_than_processes_is_refused(labelled_images, tmp_path):
    from image_folders import list_images

    from brainscore_wiring.catalogue import variant
    from brainscore_wiring.catalogue.training_recipe import Recipe
    from brainscore_wiring.checkpoints.initial_weights import birth_of
    from brainscore_wiring.training.loop import Run, train_network

    images = list_images(labelled_images / "train").subset(21, 0)
    row = variant("mobilenet_wc_ct")
    run = Run(
        birth_of(row).network(),
        ["classifier.weight"],
        images,
        Recipe(batch_size=10, image_size=64),
        [1],
        0,
    )
    with pytest.raises(WiringError, match="1 images for 2 processes"):
        train_network(run, tmp_path, Processes(CPU, 0, 2))
