"""Many trainings: what is asked for is trained once, in jobs of their own that go on, and one table
has it all.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import fresh_process
import pytest

from brainscore_wiring.architectures import TrainableSet, architecture
from brainscore_wiring.catalogue import CATALOGUE, variant
from brainscore_wiring.checkpoints.record_file import read_training_record
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.commands import sweep as sweep_command
from brainscore_wiring.errors import Stopped, WiringError, WrongUsage
from brainscore_wiring.training import run_folder, sweep
from brainscore_wiring.training.job import ClusterJob, Job
from brainscore_wiring.training.sweep import SweepFolder, read_grid


def sweep_of(jobs, data, folder) -> SweepFolder:
    """A sweep as `brainscore sweep` has it."""
    from brainscore_wiring.commands.sweep import training_of_job

    return SweepFolder(jobs, str(data), folder, lambda job: training_of_job(job, str(data), folder))


#: What starts the process of a job.
STARTED = "brainscore_wiring.training.job.subprocess.Popen"
GRID = """
models = ["mobilenet_wc_ct"]
images = [8, 16]
epochs = [1, 2]

[train]
recipe = "small"
schedule = "constant"
size = 40
batch-size = 8
held-out = 4
"""


def test_a_grid_takes_the_epochs_of_a_trainable_set(tmp_path, monkeypatch):
    sets = architecture("mobilenet_v1").trainable
    monkeypatch.setitem(sets, "mine", TrainableSet(("block8.pointwise",), "mine", epochs=20))
    grid = tmp_path / "grid.toml"
    for named in (
        'models = ["mobilenet_wc"]\n[train]\ntrainable = ["mine"]',
        'models = ["mobilenet_wc"]\n[train]\ntrainable = "mine"',
        'models = ["mobilenet_wc+mine"]',
    ):
        grid.write_text(named)
        assert [job.epochs for job in read_grid(str(grid))[0]] == [(20,)]


@pytest.fixture
def grid(tmp_path) -> str:
    path = tmp_path / "grid.toml"
    path.write_text(GRID)
    return str(path)


class ForkedJob:
    """In place of `subprocess.Popen`: the command of a job in a fork."""

    def __init__(self, command, *, stdout, stderr, env):
        assert command[:3] == [sys.executable, "-m", "brainscore_wiring"]
        self._process = fresh_process.start(
            fresh_process.COMMAND,
            *command[3:],
            streams=[os.devnull, stdout.name, stdout.name],
            environment=env,
        )

    def wait(self) -> int:
        self._process.join()
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()


def fork_jobs(patch: pytest.MonkeyPatch) -> None:
    """A new interpreter for each job costs seconds: only a job of the cluster has one."""
    fresh_process.run("pass")  # the server is there before anything is replaced
    patch.setattr(STARTED, ForkedJob)


@pytest.fixture
def jobs_are_forks(monkeypatch):
    fork_jobs(monkeypatch)


@pytest.fixture(scope="module")
def swept(labelled_images, tmp_path_factory):
    """A finished sweep of two trainings with two models each."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "grid.toml").write_text(GRID)
    jobs, _ = read_grid(str(folder / "grid.toml"))
    with pytest.MonkeyPatch.context() as patch:
        fork_jobs(patch)
        assert sweep_of(jobs, labelled_images, folder).run_here(lambda text: None) == {}
    return jobs, folder


def test_a_grid_is_every_combination_once(grid):
    jobs, settings = read_grid(grid)
    assert [(job.name, job.epochs) for job in jobs] == [
        ("mobilenet_wc_ct_8_images", (1, 2)),
        ("mobilenet_wc_ct_16_images", (1, 2)),
    ]
    assert settings == {}


def test_a_grid_without_seeds_trains_each_row_with_its_own(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text('models = ["cornet_s_wc_ct", "cornet_s_wc_ct_seed42"]')
    jobs, _ = read_grid(str(path))
    assert [(job.name, job.seed) for job in jobs] == [
        ("cornet_s_wc_ct", 0),
        ("cornet_s_wc_ct_seed42", 42),
    ]


def test_rows_that_differ_in_epochs_alone_share_a_training():
    pattern = "cornet_s_wc_ct_*_images_*_epochs"
    jobs, _ = read_grid(pattern)
    rows = [row for name, row in CATALOGUE.items() if fnmatchcase(name, pattern)]
    assert sorted(
        (job.images, epochs, variant(job.model).trained) for job in jobs for epochs in job.epochs
    ) == sorted((row.images, row.epochs, row.trained) for row in rows)  # each row once
    deep = [job for job in jobs if variant(job.model).trained == "critical_training"]
    assert [job.images for job in deep] == [100, 1000, 10_000, 50_000, 100_000, 500_000]
    # the last model has the row's own name
    assert all(CATALOGUE[job.model].epochs == job.epochs[-1] for job in jobs)


def test_jobs_of_other_seeds_have_folders_of_their_own():
    names = [Job("cornet_s_wc_ct_seed42", 8, (1,), seed).name for seed in (0, 4, 42)]
    assert names[2] == "cornet_s_wc_ct_seed42_8_images" and len(set(names)) == 3
    assert Job("cornet_s_8k_images", 8000, (1,), 1).name == "cornet_s_8k_images_seed1"


def test_layers_of_a_birth_are_trained_in_a_grid(tmp_path):
    (tmp_path / "g.toml").write_text('models = ["cornet_s_kn"]\n[train]\ntrainable = ["IT.conv3"]')
    [job], _ = read_grid(str(tmp_path / "g.toml"))
    assert (job.model, job.epochs) == ("cornet_s_kn", (1,))
    (tmp_path / "g.toml").write_text('models = ["cornet_s_kn"]')
    with pytest.raises(WrongUsage, match="Nothing is trained in cornet_s_kn"):
        read_grid(str(tmp_path / "g.toml"))


def test_a_row_names_the_layers_that_a_grid_trains(swept, labelled_images):
    jobs, folder = swept
    [row, *_] = sweep_of(jobs, labelled_images, folder).table()
    record = read_training_record(folder / row["file"])
    named = replace(record, variant=f"{record.variant}+IT.conv3+decoder")
    found = sweep.row_of(jobs[0], Path(row["file"]), named)
    assert found["model"] == f"{jobs[0].model}+IT.conv3+decoder"


def test_the_table_has_a_row_for_each_model(swept, labelled_images):
    jobs, folder = swept
    rows = sweep_of(jobs, labelled_images, folder).table()
    with open(folder / sweep.TABLE, encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows) == 4
    assert [(row["images"], row["epochs"], row["supervised_updates"]) for row in rows] == [
        (8, 1, 8),
        (8, 2, 16),
        (16, 1, 16),
        (16, 2, 32),
    ]
    assert all(
        read_checkpoint(folder / row["file"]).record["loss"][-1]
        == pytest.approx(row["loss"], abs=1e-6)
        for row in rows
    )


def test_what_is_done_is_not_run_again(swept, labelled_images, monkeypatch):
    jobs, folder = swept
    monkeypatch.setattr(STARTED, lambda *_, **__: pytest.fail("a job was started"))
    told = []
    assert sweep_of(jobs, labelled_images, folder).run_here(told.append) == {}
    assert all("is done" in sentence for sentence in told)


def test_a_job_that_fails_or_runs_elsewhere_is_told_and_the_others_go_on(
    labelled_images, tmp_path, jobs_are_forks
):
    options = {"recipe": "small", "size": 40, "batch-size": 8, "log": "csv"}
    fails, held, _ = jobs = [
        Job("mobilenet_wc_ct", images, (1,), 0, options) for images in (1000, 16, 8)
    ]
    told: list[str] = []
    swept = sweep_of(jobs, labelled_images, tmp_path)
    with run_folder.held(tmp_path / held.name):  # as by another process
        failed = swept.run_here(told.append)
    assert (
        list(failed) == ["mobilenet_wc_ct_1k_images"]
        and "1,000 images were asked for" in failed[fails.name]
    )
    assert any("left to it" in sentence for sentence in told)
    assert [swept.done(job) for job in jobs] == [False, False, True]
    assert (tmp_path / jobs[-1].name / "steps.csv").exists()


def test_a_sweep_that_is_asked_to_stop_passes_it_on_and_goes_on_later(
    labelled_images, tmp_path, jobs_are_forks, capsys
):
    from brainscore_wiring.commands import main

    grid, folder = tmp_path / "grid.toml", tmp_path / "s"
    grid.write_text(GRID.replace("epochs = [1, 2]", "epochs = [1, 30]").replace("[8, 16]", "[8]"))
    command = ["sweep", str(grid), "--data", str(labelled_images), "-o", str(folder)]
    first = folder / "mobilenet_wc_ct_8_images" / "model_1_epochs.safetensors"

    def stop_after_the_first_model() -> None:
        deadline = time.monotonic() + 300
        while not first.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)  # it is in an update after that model
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop_after_the_first_model).start()
    with pytest.raises(SystemExit) as stopped:
        main(command)
    assert stopped.value.code == 75 and "the same command continues" in capsys.readouterr().err
    stamp = first.stat().st_mtime_ns
    assert not (first.parent / "model.safetensors").exists()  # the job was asked, too
    with pytest.raises(SystemExit) as done:
        main(command)
    assert not done.value.code
    said = capsys.readouterr()
    assert "1 of 1 trainings are done" in said.err
    [header, *rows] = said.out.splitlines()
    assert header.split()[-2:] == ["held", "out"] and len(rows) == 2  # on one line each
    assert all(row.startswith("mobilenet_wc_ct") for row in rows)
    assert first.stat().st_mtime_ns == stamp  # the first model was not made again


def test_the_cluster_runs_the_same_jobs_and_queues_them_again(swept, labelled_images, tmp_path):
    jobs, folder = swept
    asked = sweep_of(jobs[:1], labelled_images, tmp_path)
    ((job, handle),) = asked.submit({"cluster": "local"})
    assert handle.result() == job.name and asked.done(job)
    one, other = (
        read_checkpoint(place / job.name / "model.safetensors").sha256
        for place in (folder, tmp_path)
    )
    assert one == other
    again = ClusterJob(job, "data", tmp_path).checkpoint()
    assert again.function.job == job
    assert asked.submit({"cluster": "local"}) == []  # done


def test_without_a_cluster_it_is_said(swept, tmp_path):
    with pytest.raises(WiringError, match="could not be sent to the cluster"):
        sweep_of(swept[0], "data", tmp_path).submit({"cluster": "slurm"})


@pytest.mark.parametrize(
    "text, error, sentence",
    [
        ("models = [", WiringError, "is not a TOML file"),
        ("images = [1]", WiringError, "has no models"),
        ('models = ["cornet_s_wc_tc"]', WrongUsage, "did you mean cornet_s_wc_ct"),
        ('models = ["cornet_s"]\nepoch = [1]', WrongUsage, "did you mean epochs"),
        ('models = ["cornet_s"]\nimages = ["many"]', WiringError, "has images 'many'"),
        ('models = ["cornet_s"]\nepochs = 3', WiringError, "needs lists"),
        ('models = ["cornet_s_kn"]', WrongUsage, "Nothing is trained in cornet_s_kn"),
        ("models = [5]", WiringError, "has models 5: give identifiers"),
        ('models = [["a"]]', WiringError, "has models .'a'.: give identifiers"),
        ('models = ["cornet_s"]\nseeds = [nan]', WiringError, "has seeds nan: give whole numbers"),
        ('models = ["cornet_s"]\nepochs = []', WiringError, "needs lists.*epochs is \\[\\]"),
        ('models = ["cornet_s"]\nimages = [0]', WiringError, "has images 0: give whole numbers"),
        ('models = ["cornet_s"]\nslurm = 5', WiringError, "has slurm = 5: it is a table"),
        ('models = ["cornet_s"]\n[train]\nsize = []', WrongUsage, "has size = .. under"),
        (
            'models = ["cornet_s", "cornet_s_seed42"]\nseeds = [42]',
            WrongUsage,
            "2 jobs called cornet_s_seed42 .of cornet_s and cornet_s_seed42.: leave one out",
        ),
        ('# caf\u00e9\nmodels = ["cornet_s"]', WiringError, "is not a TOML file"),
    ],
    ids=range(16),
)
def test_a_mistake_in_a_grid_is_one_sentence(tmp_path, text, error, sentence):
    path = tmp_path / "grid.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(error, match=sentence):
        read_grid(str(path))


@pytest.mark.parametrize(
    "grid, sentence",
    [("cornet_s_wc_xt_*", "no trainable model or grid file"), ("nowhere.toml", "cannot be read")],
)
def test_a_grid_that_is_not_there_is_said(grid, sentence):
    with pytest.raises(WiringError, match=sentence):
        read_grid(grid)


def test_an_option_that_training_does_not_take_is_said_before_any_job_starts(tmp_path, capsys):
    from brainscore_wiring.commands import main

    (tmp_path / "grid.toml").write_text('models = ["cornet_s"]\n[train]\nsizes = 32')
    with pytest.raises(SystemExit) as left:
        main(["sweep", str(tmp_path / "grid.toml"), "--data", "x", "-o", str(tmp_path / "s")])
    assert left.value.code == 2 and "did you mean size" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_an_edited_grid_does_not_get_the_old_results(swept, labelled_images, tmp_path):
    """Another learning rate, other data, another model in the place of the one that was trained."""
    jobs, folder = swept
    shutil.copytree(folder / jobs[0].name, tmp_path / jobs[0].name)
    changed = Job(jobs[0].model, 8, (1, 2), 0, {**jobs[0].options, "learning-rate": 0.2})
    asked = sweep_of([changed], labelled_images, tmp_path)
    failed = asked.run_here(lambda text: None)
    assert "its learning rate is 0.05, not 0.2" in failed[changed.name]
    assert asked.table() == [] and asked.missing() == [changed]
    other = shutil.copytree(labelled_images, tmp_path / "other")
    next((other / "train" / "class 1").iterdir()).unlink()
    with pytest.raises(WiringError, match="it has other images"):
        sweep_of(jobs[:1], other, folder).done(jobs[0])


def test_bad_values_of_options_are_said_once_before_any_job_starts(tmp_path, capsys):
    from brainscore_wiring.commands import main

    for line in ('size = "x"', 'schedule = "linear"', 'genome = "/nowhere"'):
        (tmp_path / "grid.toml").write_text(f'models = ["cornet_s_wc_ct"]\n[train]\n{line}')
        with pytest.raises(SystemExit) as left:
            main(["sweep", str(tmp_path / "grid.toml"), "--data", "x", "-o", str(tmp_path / "s")])
        assert left.value.code in (1, 2) and capsys.readouterr().err.count("\n") == 1
        assert not (tmp_path / "s").exists()


def test_a_job_that_was_killed_says_by_what(labelled_images, tmp_path, monkeypatch):
    job = Job("mobilenet_wc_ct", 8, (1,), 0, {"recipe": "small"})
    kill_itself = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    started = subprocess.Popen
    monkeypatch.setattr(STARTED, lambda _command, **more: started(kill_itself, **more))
    failed = sweep_of([job], labelled_images, tmp_path).run_here(lambda text: None)
    assert "was ended by SIGKILL" in failed[job.name] and "output.txt" in failed[job.name]


def test_a_sweep_that_is_asked_to_stop_starts_no_other_job(labelled_images, tmp_path, monkeypatch):
    """The signal ends its job: here it dies of the signal, before it could handle it."""
    jobs = [Job("mobilenet_wc_ct", count, (1,), 0, {"recipe": "small"}) for count in (8, 16)]
    wait, started, commands = [sys.executable, "-c", "input()"], subprocess.Popen, []

    def start(command, **more):
        commands.append(command)
        threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()
        return started(wait, stdin=subprocess.PIPE, **more)

    monkeypatch.setattr(STARTED, start)
    with pytest.raises(Stopped) as stopped:
        sweep_of(jobs, labelled_images, tmp_path).run_here(lambda text: None)
    assert stopped.value.status == 75 and len(commands) == 1


def test_a_grid_gives_lists_where_the_command_takes_several_values(tmp_path, run):
    grid = tmp_path / "grid.toml"
    grid.write_text('models = ["cornet_s_ct"]\n[train]\nsize = [32, 64]\n')
    status, _, err = run("sweep", grid, "--data", "visual-atoms", "-o", tmp_path / "out")
    assert status == 2 and "size = [32, 64] under [train]: give one value" in err
    grid.write_text('models = ["cornet_s_ct"]\nepochs = [0.123456789]\n[train]\nlog = ["csv"]\n')
    jobs, _ = read_grid(str(grid))
    sweep_command._check_options(jobs)
    given = jobs[0].arguments("d", tmp_path)
    assert given[given.index("--log") + 1] == "csv"
    assert given[given.index("--epochs") + 1] == "0.123456789"
