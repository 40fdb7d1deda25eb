"""`brainscore train MODEL --data DIR -o FOLDER`: development, as the model's catalogue row says."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from brainscore_wiring import progress
from brainscore_wiring.commands import completion, options
from brainscore_wiring.commands.console import err, out, say
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.files import check_output

if TYPE_CHECKING:
    from brainscore_wiring.training.develop import Reports
    from brainscore_wiring.training.request import Training
    from brainscore_wiring.training.run import Progress, Run
    from brainscore_wiring.training.step_log import LogStep


def train(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Argument(
            help="A model identifier: it decides birth state, trained layers and epochs.",
            autocompletion=completion.catalogue,
        ),
    ],
    data: Annotated[
        str,
        typer.Option(
            help="Images, one folder per class, as a folder, zip or tar, ImageNet's own archives, "
            "Kaggle's layout, shards or parquet files; with train/ and val/ inside, accuracy is "
            "measured on the latter. Or the name of generated images: `visual-atoms`, or one of an "
            "extension."
        ),
    ],
    output: Annotated[Path, options.output("Folder for the model, record and saved state.")],
    trainable: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER ...",
            help="Train these layers and nothing else, in place of what the model trains: "
            "V2.conv3, or a whole area as IT. The decoder is trained if it is named. Or the name "
            "of one trainable set, which `brainscore show MODEL` lists.",
        ),
    ] = None,
    images: Annotated[
        int | None, typer.Option(min=1, help="Train on this many of the images.")
    ] = None,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Sample them with as many of each class.")
    ] = False,
    epochs: Annotated[
        str | None,
        typer.Option(
            help="Other numbers of epochs, also fractions: `1,3,10` leaves a model at each; "
            "`convergence`: until the "
            "learning rate is below 1e-4."
        ),
    ] = None,
    size: Annotated[int | None, typer.Option(min=32, help="Image size in pixels.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Images per update.")] = None,
    seed: options.OtherSeed = None,
    genome: options.Genome = None,
    recipe: Annotated[
        str,
        typer.Option(help="Hyper-parameters: `paper`, or `small` for few epochs of small images."),
    ] = "paper",
    schedule: Annotated[
        str | None,
        typer.Option(
            help="Learning rate: plateau, plateau_as_run (the authors' code), small_improvement, "
            "one_cycle, constant."
        ),
    ] = None,
    precision: Annotated[str | None, typer.Option(help="fp32 or bf16.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Learning rate; the peak of one_cycle.")
    ] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, adam or adagrad.")] = None,
    momentum: Annotated[float | None, typer.Option(help="Momentum of sgd.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Weight decay.")] = None,
    smallest_crop: Annotated[
        float | None,
        typer.Option(help="The smallest share of an image's area that a random crop keeps."),
    ] = None,
    cache: Annotated[
        bool,
        typer.Option(
            "--cache",
            help="Run the layers before the first trained one once for each image: no "
            "augmentation, and "
            "batch-norm statistics measured beforehand there.",
        ),
    ] = False,
    damaged: Annotated[
        str,
        typer.Option(
            help="Images that cannot be read `stop` the run before its first update, or "
            "`skip` them."
        ),
    ] = "stop",
    held_out: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Measure accuracy on this many of the held-out images; by default on ten for "
            "each training image, at least 200.",
        ),
    ] = None,
    log: Annotated[
        list[str] | None,
        typer.Option(
            metavar="csv|tensorboard|wandb ...",
            help="Log each update, and held-out accuracy: to steps.csv in the folder, TensorBoard, "
            "or Weights & Biases.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Processes that decode images beside the training one; by default none without a "
            "GPU.",
        ),
    ] = None,
) -> None:
    """Train a model; the same command again goes on with a run that was stopped. Start it by
    torchrun for several GPUs.
    """
    from brainscore_wiring.training.data.batches import default_workers
    from brainscore_wiring.training.develop import develop
    from brainscore_wiring.training.run_folder import CHECKPOINT
    from brainscore_wiring.training.step_log import step_log

    check_output(output / CHECKPOINT)
    training = training_of(context.params)
    first = os.environ.get("RANK", "0") == "0"
    with (
        step_log((log or ()) if first else (), output) as log_step,
        progress.shown(err, say) if first else nullcontext(progress.Display()) as display,
    ):
        display.stage("starting")
        record = develop(
            training,
            output,
            default_workers() if workers is None else workers,
            reports=_reports(display, log_step),
        )
    if record is None:  # another process than the first
        return
    done = (
        f"{record.supervised_updates:,} supervised updates of {record.trained_parameters:,} "
        "parameters"
        if record.trained_parameters
        else f"batch-norm statistics {record.batch_norm_statistics}"
    )
    if record.images_skipped:
        done += f" ({record.images_skipped:,} damaged ones skipped)"
    accuracy, told = "", record.held_out
    if told:
        accuracy = f", held-out accuracy {told.accuracy:.1%} of {told.images:,} images"
    seconds = record.wall_seconds
    waited = (
        f", {record.seconds_waiting_for_images / seconds:.0%} of it waiting for images"
        if seconds
        else ""
    )
    out.print(f"{output / CHECKPOINT}: {done} in {seconds:,.0f} s{waited}{accuracy}.")


def training_of(given: Mapping[str, Any]) -> Training:
    """The training that options of `brainscore train` ask for, by their names in Python.

    Raises `WrongUsage` or `WiringError` for what cannot be.
    """
    from brainscore_wiring.catalogue.training_recipe import Recipe
    from brainscore_wiring.training.request import Training

    smallest_crop, converge = given["smallest_crop"], given["epochs"] == "convergence"
    changes = {one.name: given.get(one.name) for one in dataclasses.fields(Recipe)} | {
        "image_size": given["size"],
        "frozen_layers": "cached" if given["cache"] else None,
        "crop_scale": None if smallest_crop is None else (smallest_crop, 1.0),
    }
    return Training.asked(
        given["model"],
        given["data"],
        trainable=given["trainable"] or (),
        recipe=given["recipe"],
        changes={name: value for name, value in changes.items() if value is not None},
        seed=given["seed"],
        genome=given["genome"],
        images=given["images"],
        balanced=given["balanced"],
        damaged=given["damaged"],
        epochs=None if converge else numbers_of_epochs(given["epochs"]),
        until_convergence=converge,
        held_out_images=given["held_out"],
    )


def numbers_of_epochs(text: str | None) -> list[float] | None:
    """The numbers in `1,3,10`; raises `WrongUsage` for anything else."""
    try:
        return None if text is None else [float(number) for number in text.split(",")]
    except ValueError:
        raise WrongUsage(
            f"'{text}' epochs were asked for: give a number, several as in 1,3,10, or convergence."
        ) from None


def _reports(display: progress.Display, log_step: LogStep) -> Reports:
    """Loss, learning rate, images a second and what is left; `log_step` has each update."""
    from brainscore_wiring.training.develop import Reports

    first: tuple[int, float] | None = None  # images and seconds of those that went before

    def update(done: Progress, run: Run) -> None:
        nonlocal first
        first = first or ((0, 0.0) if done.step == 1 else (done.images_shown, done.seconds))
        images, seconds = done.images_shown - first[0], done.seconds - first[1]
        loss = done.log(run.steps_per_epoch)[-1]["loss"]
        words = f"loss {loss:.3f}, learning rate {done.schedule.rate:.3g}"
        if seconds:
            words += f", {images / seconds:,.1f} images/s"
        display.stage("updates")
        display.count(done.step, run.milestones.last, words=words)
        log_step(done, run)

    def evaluation(seen: int, total: int) -> None:
        display.count(seen, total, "image")

    return Reports(update, log_step, evaluation, display.stage)
