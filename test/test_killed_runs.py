"""A run that is killed at any instant, in a save too, ends in the same bytes as one that never
was.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import fresh_process
import pytest

#: How often what is random is done: `REPEATS=5 pytest test/test_killed_runs.py` kills 35 runs at
#: other instants each time.
REPEATS = int(os.environ.get("REPEATS", "1"))
#: Where inside a save a process kills itself: with half of the temporary file written, before and
#: after the renaming.
MOMENTS = ("half written", "before renaming", "after renaming")
MODEL = "mobilenet_wc_ct"  # critical training, in a network that is quickly born


def develop_in_a_process(
    images: Path, folder: Path, workers: int, kill: tuple[str, str] | None = None
) -> None:
    """A critical training of 2 epochs of 24 images, saved after every update; `kill`: a moment, and
    in the saving of which file.
    """
    multiprocessing.set_start_method(None, force=True)  # that of a new interpreter
    import torch
    from developing import develop

    from brainscore_wiring.catalogue import variant
    from brainscore_wiring.catalogue.training_recipe import Recipe
    from brainscore_wiring.checkpoints.initial_weights import birth_of

    torch.set_num_threads(1)
    if kill:
        _kill_in_a_save(*kill)
    row = variant(MODEL)
    develop(
        row,
        birth_of(row),
        images,
        folder,
        Recipe(image_size=33, batch_size=10, learning_rate=0.01),
        epochs=[1, 2],
        workers=workers,
        save_every=0,
    )


def _kill_in_a_save(moment: str, name: str) -> None:
    import safetensors.torch

    replace, save_file = os.replace, safetensors.torch.save_file

    def end() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def saving(tensors, path, metadata=None) -> None:
        save_file(tensors, path, metadata)
        if moment == MOMENTS[0] and name in path.name:
            os.truncate(path, os.path.getsize(path) // 2)
            end()

    def renaming(source, target) -> None:
        if moment == MOMENTS[1] and target.name == name:
            end()
        replace(source, target)
        if moment == MOMENTS[2] and target.name == name:
            end()

    safetensors.torch.save_file, os.replace = saving, renaming


def run(
    images: Path,
    folder: Path,
    workers: int,
    kill: tuple[str, str] | None = None,
    after: float | None = None,
) -> int:
    """The exit code of the training in a process of its own, killed `after` some seconds."""
    process = fresh_process.FORKS.Process(
        target=develop_in_a_process, args=(images, folder, workers, kill)
    )
    process.start()
    process.join(after)
    if process.exitcode is None:
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    return process.exitcode


def content(folder: Path) -> dict[str, object]:
    """Every byte of weights, statistics and optimizer, and every number of the records but
    clocks and the checksum of all.
    """
    from safetensors import safe_open

    found: dict[str, object] = {"log.csv": (folder / "log.csv").read_text()}
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "pt") as file:
            found |= {
                f"{path.name} {name}": file.get_tensor(name).numpy().tobytes()
                for name in file.keys()
            }
    for path in folder.glob("record*.json"):
        record = json.loads(path.read_text())
        found[path.name] = {
            name: value
            for name, value in record.items()
            if name not in ("wall_seconds", "seconds_waiting_for_images", "finished", "sha256")
        }
    return found


@pytest.fixture(scope="module")
def uninterrupted(labelled_images, tmp_path_factory):
    """What a run that was not killed leaves, and how long it took."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    fresh_process.run("pass")  # the server's own start is no part of the time
    started = time.monotonic()
    assert run(labelled_images, folder, 0) == 0
    seconds = time.monotonic() - started
    found = content(folder)
    assert {"record.json", "record_1_epochs.json", "log.csv"} < set(found)
    return found, seconds


@pytest.mark.parametrize("workers, kills", [(0, 5), (2, 2)])
@pytest.mark.parametrize("repeat", range(REPEATS))
def test_killed_at_random_instants(
    labelled_images, tmp_path, uninterrupted, workers, kills, repeat
):
    """Each run goes on where the one before was killed, until one comes to the end."""
    expected, seconds = uninterrupted
    chance = random.Random(f"{repeat} {workers}")
    delays = [chance.uniform(0.1, 0.7) * seconds for _ in range(kills)]
    codes = [run(labelled_images, tmp_path, workers, after=delay) for delay in delays]
    assert run(labelled_images, tmp_path, workers) == 0
    assert content(tmp_path) == expected, f"killed after {delays} s"
    assert not list(tmp_path.glob(".*.part"))
    assert set(codes) <= {-signal.SIGKILL, 0}
    # else the machine's speed changed and nothing was tested
    assert codes.count(-signal.SIGKILL) > kills // 3


def test_killed_inside_saves(labelled_images, tmp_path, uninterrupted):
    """At each moment of that of a model along the way, and in that of the state after it."""
    kills = [(moment, "model_1_epochs.safetensors", 0) for moment in MOMENTS]
    for moment, name, workers in [*kills, (MOMENTS[0], "state.safetensors", 2)]:
        assert run(labelled_images, tmp_path, workers, (moment, name)) == -signal.SIGKILL
    assert run(labelled_images, tmp_path, 0) == 0
    assert content(tmp_path) == uninterrupted[0]


@pytest.mark.parametrize(
    "sent, status", [(signal.SIGTERM, 75), (signal.SIGUSR1, 75), (signal.SIGINT, 130)]
)
def test_a_command_that_is_asked_to_stop_saves_and_leaves_with_a_status_to_requeue_on(
    labelled_images, tmp_path, sent, status
):
    command = [
        "train",
        MODEL,
        "--data",
        str(labelled_images),
        "--size",
        "33",
        "--batch-size",
        "10",
        "--epochs",
        "30",
        "--recipe",
        "small",
        "--log",
        "csv",
        "-o",
        str(tmp_path / "run"),
    ]
    said = tmp_path / "said.txt"
    said.touch()
    process = fresh_process.start(
        fresh_process.COMMAND,
        *command,
        streams=[os.devnull, os.devnull, said],
        environment={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    logged = tmp_path / "run" / "steps.csv"
    while process.exitcode is None and not (logged.exists() and "\n5," in logged.read_text()):
        time.sleep(0.01)
    os.kill(process.pid, sent)
    process.join(60)
    assert process.exitcode == status
    assert "which is saved: the same command continues from there" in said.read_text()
    with open(tmp_path / "run" / "state.safetensors", "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    assert 5 <= json.loads(header["__metadata__"]["progress"])["step"] < 15
