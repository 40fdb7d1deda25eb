"""`brainscore train MODEL --data DIR -o FOLDER`: development, as the model's catalogue row says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from brainscore_wiring.commands.console import LARGEST_SEED, err, out, say


def train(
    model: Annotated[str, typer.Argument(help="A model identifier: it decides birth, what learns, and epochs.")],
    data: Annotated[Path, typer.Option(
        help="Images, one folder per class; with train/ and val/ (or test/) inside, accuracy is measured on the "
             "latter.")],
    output: Annotated[Path, typer.Option(
        "-o", "--output", help="Folder for the model, its record and the saved state.")],
    images: Annotated[Optional[int], typer.Option(min=1, help="Learn from this many of the images.")] = None,
    epochs: Annotated[Optional[float], typer.Option(help="Another number of epochs, also a fraction.")] = None,
    size: Annotated[Optional[int], typer.Option(min=32, help="Image size in pixels.")] = None,
    batch_size: Annotated[Optional[int], typer.Option(min=1, help="Images per update.")] = None,
    seed: Annotated[Optional[int], typer.Option(min=0, max=LARGEST_SEED,
                                                help="Another seed than the model's own.")] = None,
    genome: Annotated[Optional[Path], typer.Option(help="Another genome (file, or the authors' folder).")] = None,
    recipe: Annotated[str, typer.Option(help="Hyper-parameters: `paper`, or `small` for few epochs of small images.")]
    = "paper",
) -> None:
    """Train a model; the same command again goes on with a run that was stopped."""
    import dataclasses

    from brainscore_wiring.catalogue import variant
    from brainscore_wiring.checkpoints.store import birth_of, why_not_loadable
    from brainscore_wiring.errors import WrongUsage, unknown
    from brainscore_wiring.files import check_output
    from brainscore_wiring.training.develop import CHECKPOINT, develop
    from brainscore_wiring.training.recipe import RECIPES
    row = variant(model)
    if recipe not in RECIPES:
        raise unknown("recipe", recipe, RECIPES, "brainscore train --help")
    if row.needs:
        raise WrongUsage(why_not_loadable(row))
    check_output(output / CHECKPOINT)
    changes = {"image_size": size, "batch_size": batch_size}
    chosen = dataclasses.replace(RECIPES[recipe], **row.recipe,
                                 **{name: value for name, value in changes.items() if value is not None})
    with _Display() as display:
        record = develop(row, birth_of(row, seed, genome), data, output, chosen, images=images, epochs=epochs,
                         reports=display.reports())
    done = (f"{record['supervised_updates']:,} supervised updates of {record['trained_parameters']:,} parameters"
            if record["trained_parameters"] else f"batch-norm statistics {record['batch_norm_statistics']}")
    accuracy = f", held-out accuracy {record['held_out']['accuracy']:.1%}" if record["held_out"] else ""
    out.print(f"{output / CHECKPOINT}: {done} in {record['wall_seconds']:,.0f} s{accuracy}.", highlight=False,
              soft_wrap=True, markup=False)


class _Display:
    """A progress bar in a terminal, a plain line every 50 updates elsewhere."""

    def __enter__(self):
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        self.bar = Progress(TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
                            TimeRemainingColumn(), console=err, disable=not err.is_terminal)
        self.bar.start()
        self.task = self.bar.add_task("starting", total=None)
        return self

    def __exit__(self, *exception) -> None:
        self.bar.stop()

    def reports(self):
        from brainscore_wiring.training.develop import Reports
        return Reports(update=self._update, evaluation=self._evaluation, stage=self._stage)

    def _stage(self, sentence: str) -> None:
        self.bar.update(self.task, description=sentence, completed=0, total=None)
        if not err.is_terminal:
            say(sentence)

    def _evaluation(self, done: int, total: int) -> None:
        self.bar.update(self.task, completed=done, total=total)

    def _update(self, progress, run) -> None:
        loss = (progress.epoch_loss / progress.epoch_images if progress.epoch_images
                else progress.epochs[-1]["loss"])
        speed = progress.images_shown / progress.seconds if progress.seconds else 0
        text = f"loss {loss:.3f}, {speed:.1f} images/s"
        self.bar.update(self.task, description=text, completed=progress.step, total=run.steps)
        if not err.is_terminal and (progress.step % 50 == 0 or progress.step == run.steps):
            say(f"update {progress.step} of {run.steps}: {text}")
