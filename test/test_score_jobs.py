"""Scores over a cluster: a job for each model, or model and benchmark, one table."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.scoring import score_jobs as module
from brainscore_wiring.scoring.own_models import OwnModel
from brainscore_wiring.scoring.score_jobs import ScoreJob, score_jobs, send_scores
from brainscore_wiring.scoring.table import read_results

UPDATES = "Geiger2022-supervised_synaptic_updates"


def test_a_job_is_the_command_for_one_model(tmp_path):
    table = tmp_path / "scores.csv"
    own = OwnModel("torchvision:resnet18", (("IT", "layer4"),), seed=3, pretrained=True)
    one, other = score_jobs(["pixels", own], ["A", "B"], table, ["--device", "cpu"])
    shared = ("score", "--csv", str(table), "--device", "cpu")
    asked = ("--benchmark", "A", "--benchmark", "B")
    assert (one.name, one.arguments) == ("pixels", (*shared, "--model", "pixels", *asked))
    assert other.arguments == (
        *(*shared, "--model", "torchvision:resnet18", "--seed", "3", "--pretrained"),
        *("--layers", "IT=layer4", *asked),
    )


def test_with_by_benchmark_each_benchmark_is_a_job(tmp_path):
    jobs = score_jobs(["a", "b"], ["A", "B"], tmp_path / "t.csv", by_benchmark=True)
    assert [job.name for job in jobs] == ["a on A", "a on B", "b on A", "b on B"]
    assert [job.arguments[-2:] for job in jobs][:2] == [("--benchmark", "A"), ("--benchmark", "B")]


def test_jobs_are_sent_with_their_settings(tmp_path):
    job = ScoreJob("version", ("--version",))
    [handle] = send_scores([job], tmp_path / "scores.csv", ["cluster=local", "timeout_min=1"])
    assert handle.result() == "version"
    assert "brainscore_wiring" in handle.stdout()
    assert (tmp_path / "scores.cluster").is_dir()
    with pytest.raises(WrongUsage, match="'timeout_min' is no setting of a cluster"):
        send_scores([job], tmp_path / "scores.csv", ["timeout_min"])
    with pytest.raises(WiringError, match="could not be sent to the cluster"):
        send_scores([job], tmp_path / "scores.csv", ["no_such_setting=3"])


def test_a_job_that_fails_says_so():
    with pytest.raises(WiringError, match="wrong left with 2: its log and the table say why"):
        ScoreJob("wrong", ("no-such-verb",))()


def test_the_command_fills_one_table_by_jobs(tmp_path, monkeypatch, capsys):
    """The jobs run in this process: importing Brain-Score again costs seconds."""

    def run(command, check):
        assert command[:3] == [sys.executable, "-m", "brainscore_wiring"]
        with pytest.raises(SystemExit) as left:
            main(command[3:])
        return subprocess.CompletedProcess(command, left.value.code or 0)

    monkeypatch.setattr(module, "subprocess", SimpleNamespace(run=run))
    table = tmp_path / "scores.csv"
    command = ["score", "--model", "pixels", "--model", "hmax", "--benchmark", UPDATES]
    with pytest.raises(SystemExit) as left:
        main([*command, "--csv", str(table), "--slurm", "--cluster", "cluster=debug"])
    assert not left.value.code
    said = capsys.readouterr().err
    assert "pixels is job DEBUG_" in said and "hmax is job DEBUG_" in said
    for model in ("pixels", "hmax"):  # submitit's debug executor runs a job for its result
        for job in score_jobs([model], [UPDATES], table):
            job()
    assert {row.model for row in read_results(table)} == {"pixels", "hmax"}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--slurm"], "--slurm needs --csv FILE"),
        (["--cluster", "timeout_min=3"], "--cluster is for --slurm"),
        (["--by-benchmark"], "--by-benchmark is for --slurm"),
        (["--slurm", "--json", "--csv", "x.csv"], "--json prints scores, and the jobs of --slurm"),
        (["--slurm", "--csv", "x.csv", "--benchmark", "no"], "There is no benchmark 'no'"),
    ],
)
def test_wrong_use_is_one_sentence(arguments, said, capsys):
    with pytest.raises(SystemExit) as left:
        main(["score", "--model", "pixels", *arguments])
    assert left.value.code == 2 and said in capsys.readouterr().err
