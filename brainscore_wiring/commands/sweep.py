"""`brainscore sweep GRID --data DIR -o FOLDER`: many trainings, one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer.main

from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import plain_table, say, whole_table
from brainscore_wiring.commands.train import training_of
from brainscore_wiring.errors import WrongUsage, shortened, unknown
from brainscore_wiring.files import check_output
from brainscore_wiring.formatting import count

if TYPE_CHECKING:
    from brainscore_wiring.training.job import Job
    from brainscore_wiring.training.request import Training


def sweep(
    grid: Annotated[
        str,
        typer.Argument(
            help="A TOML file with models, images, epochs, seeds and options of `brainscore "
            "train` (docs/training.md), or a "
            "pattern of catalogue names such as 'cornet_s_wc_ct_*_images_*_epochs'."
        ),
    ],
    data: Annotated[str, typer.Option(help="The images, as for `brainscore train`.")],
    output: Annotated[Path, options.output("Folder for the models, and for sweep.csv.")],
    slurm: Annotated[
        bool,
        typer.Option(
            "--slurm",
            help="Queue the jobs on the cluster that the grid's [slurm] part "
            "describes, instead of running them here.",
        ),
    ] = False,
) -> None:
    """Train a grid of models; the same command again goes on with what is not done. Exit status 1
    if a job failed or is left to another process.
    """
    from brainscore_wiring.training.sweep import TABLE, SweepFolder, read_grid

    jobs, settings = read_grid(grid)
    _check_options(jobs)
    check_output(output / TABLE)
    sweep = SweepFolder(jobs, data, output, lambda job: training_of_job(job, data, output))
    sweep.check()
    failed = {}
    if slurm:
        for job, handle in sweep.submit(settings):
            say(f"{job.name} is job {handle.job_id}")
    else:
        failed = sweep.run_here(say)
    _show(sweep.table())
    missing = len(sweep.missing())
    say(f"{len(jobs) - missing} of {len(jobs)} trainings are done; {output / TABLE} has them all.")
    for name, reason in failed.items():
        say(f"{name} failed: {reason}")
    if failed or (missing and not slurm):
        raise typer.Exit(1)


def training_of_job(job: Job, data: str, folder: Path) -> Training:
    """What a job's command asks for. Raises `WrongUsage` for a value that an option does not
    take.
    """
    from brainscore_wiring.commands import UsageError

    arguments = job.arguments(data, folder)
    try:
        return training_of(_command().make_context("train", arguments[1:]).params)
    except UsageError as error:
        raise WrongUsage(f"[train] of the grid: {error.format_message()}") from None


def _command() -> Any:
    """`brainscore train` as click knows it."""
    from brainscore_wiring.commands import app

    return typer.main.get_group(app).commands["train"]


def _check_options(jobs: list) -> None:
    """Raise `WrongUsage` for what is no option of `brainscore train`, or is the grid's own to
    give.
    """
    settled = {"model", "data", "output", "images", "epochs", "seed"}
    known = {
        one.name.replace("_", "-"): one.multiple
        for one in _command().params
        if one.name not in settled
    }
    for name, value in {name: value for job in jobs for name, value in job.options.items()}.items():
        if name not in known:
            raise unknown("option of a grid's [train]", name, known, "brainscore train --help")
        if isinstance(value, list) and not known[name]:
            raise WrongUsage(
                f"The grid has {name} = {shortened(value)} under [train]: give one value."
            )


def _show(rows: list[dict]) -> None:
    columns = ("images", "epochs", "seed", "synaptic updates", "loss", "held out")
    shown = plain_table("model", right=columns)
    for row in rows:
        accuracy = "" if row["accuracy"] is None else f"{row['accuracy']:.1%}"
        shown.add_row(
            row["model"],
            f"{row['images']:,}",
            f"{row['epochs']:g}",
            str(row["seed"]),
            count(row["supervised_synaptic_updates"]),
            f"{row['loss']:.3f}",
            accuracy,
        )
    whole_table(shown)
