"""From a catalogue row to checkpoints: birth, development, statistics, evaluation, record."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import Tensor, nn

from brainscore_wiring import extensions, stopping
from brainscore_wiring.architectures import architecture, trained_parameters
from brainscore_wiring.catalogue import row_along_the_way
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.initial_weights import weights_to_continue
from brainscore_wiring.checkpoints.record_file import write_record
from brainscore_wiring.checkpoints.training_record import HeldOut, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import write_checkpoint
from brainscore_wiring.errors import Stopped, WiringError
from brainscore_wiring.files import write_text
from brainscore_wiring.networks.defaults import pytorch_defaults
from brainscore_wiring.networks.small_maps import arithmetic
from brainscore_wiring.tables import table_text
from brainscore_wiring.training import run_folder
from brainscore_wiring.training.data.batches import batches, chunks
from brainscore_wiring.training.data.training_data import TrainingData, mixed
from brainscore_wiring.training.frozen_layers import in_fast_layout, live_norms, measure_statistics
from brainscore_wiring.training.loop import train_network
from brainscore_wiring.training.processes import Processes, joined
from brainscore_wiring.training.record import training_record
from brainscore_wiring.training.request import RunImages, Training
from brainscore_wiring.training.run import Progress, Run
from brainscore_wiring.training.run_folder import CHECKPOINT
from brainscore_wiring.training.schedule import Schedule
from brainscore_wiring.weight_compression.alignment import ALIGNMENT_IMAGES

#: Images at a time where nothing is trained.
EVALUATION_BATCH = 256
LOG = "log.csv"


@dataclasses.dataclass
class Reports:
    """What a caller may want to show while a model develops; called in the first process alone.

    `last`: the stage that was begun last.
    """

    update: Callable[[Progress, Run], None] = lambda progress, run: None
    accuracy: Callable[[Progress, Run, float], None] = lambda progress, run, accuracy: None
    evaluation: Callable[[int, int], None] = lambda done, total: None
    stage: Callable[[str], None] = lambda sentence: None
    last: str = dataclasses.field(default="starting", init=False)

    def begin(self, sentence: str) -> None:
        """Show a stage."""
        self.last = sentence
        self.stage(sentence)


@pytorch_defaults()
def develop(
    training: Training,
    folder: str | Path,
    workers: int = 0,
    save_every: float = 180.0,
    reports: Reports | None = None,
) -> TrainingRecord | None:
    """Carry a training out; leaves `model.safetensors` and `record.json` in `folder`.

    Several numbers of epochs leave a model at each: those before the last are called
    `model_<epochs>_epochs.safetensors`. A row in which nothing is trained gets its batch-norm
    statistics measured on unlabelled images. The same training in the same folder continues where
    it stopped. `workers` processes decode images; the state is saved every `save_every` seconds.
    Returns the last training record; under torchrun, None in all processes but the first.

    Raises `WiringError` before the first update where `folder` holds a model, record or state of
    another training; `Stopped` after a request to stop, which is honoured at every moment.
    """
    reports, folder = dataclasses.replace(reports or Reports()), Path(folder)
    with stopping.handled():
        try:
            with joined() as processes:
                if not processes.main:
                    reports = Reports()
                # before there is a folder, which may lie among the images
                images = processes.main_first(
                    lambda: training.open(workers, reports.begin, folder, processes.count)
                )
                with run_folder.held(folder) if processes.main else nullcontext():
                    return _develop(
                        training, images, folder, workers, save_every, reports, processes
                    )
        except stopping.StopRequested:
            stopping.answered()
            raise Stopped(
                f"stopped ({reports.last}): the same command continues from there.",
                interrupted=stopping.status() == stopping.INTERRUPTED,
            ) from None


def _develop(
    training: Training,
    images: RunImages,
    folder: Path,
    workers: int,
    save_every: float,
    reports: Reports,
    processes: Processes,
) -> TrainingRecord | None:
    held_out = len(images.held_out) if images.held_out is not None else None
    done = training.finished(folder, images.identity, held_out) if processes.main else None
    if processes.total([done is not None])[0]:
        return done
    model = _Model(training, images, folder, workers, reports, processes)
    if model.run.trained:
        train_network(
            model.run, folder, processes, save_every, reports.update, model.leave_at_milestone
        )
    else:
        model.leave_at_milestone(Progress(Schedule(training.recipe.learning_rate)))
    return model.record


class _Model:
    """Trains a network and writes its checkpoints; `record` is the last one's."""

    record: TrainingRecord | None = None

    def __init__(
        self,
        training: Training,
        images: RunImages,
        folder: Path,
        workers: int,
        reports: Reports,
        processes: Processes,
    ):
        variant, birth, recipe = training.variant, training.birth, training.recipe
        reports.begin(f"{variant.identifier} is initialised (seed {birth.seed})")
        if processes.main:
            run_folder.keep_images(folder, images.shown)
        self.training, self.folder, self.reports = training, folder, reports
        self.processes, self.images = processes, images.kept_in_memory(workers, reports.begin)
        shown = self.images.shown
        # images are not read where no layer is aligned
        self.birth = birth.aligned(_first_seen(shown, recipe, birth.seed))
        self.at_birth, self.continues = self.birth.state(), None
        network = self.birth.network(self.at_birth)
        if architecture(variant.architecture).of_an_extension:
            classes = 0 if variant.at_birth else len(shown.classes)
            _check_runs(network, variant.architecture, recipe.image_size, classes)
        if variant.continues:
            state, self.continues = weights_to_continue(variant)
            network.load_state_dict(state)
        names = [name for name, _ in network.named_parameters()]
        trained = trained_parameters(variant.trained, names, variant.architecture)
        epochs = training.epochs if trained else [1]
        self.run = Run(network, trained, shown, recipe, epochs, birth.seed, workers, training.code)

    def leave_at_milestone(self, progress: Progress) -> None:
        """Write the model that the run has come to, in the first process."""
        if self.processes.main:
            self._leave(progress)
        self.processes.wait()

    def _leave(self, progress: Progress) -> None:
        """Write the model; the network that goes on training is left alone.

        A model along the way has the name of its catalogue row, if there is one.
        """
        run, device = self.run, self.processes.device
        row, path = self.training.variant, self.folder / CHECKPOINT
        last = run.finished(progress) or not run.trained
        if not last:
            row = row_along_the_way(row, run.milestones.steps[progress.step])
            path = run.milestones.path(self.folder, progress.step)
        started = time.monotonic()
        # what the checkpoint will hold is what is measured and evaluated
        network = self.birth.network(self.at_birth)
        network.load_state_dict(_trained_state(run), strict=False)
        network.to(device)
        self.reports.begin("measuring batch-norm statistics")
        self.record = training_record(
            row,
            self.birth,
            run,
            progress,
            self.processes,
            self.images,
            last=last,
            statistics=measure_statistics(network, run, device, live_norms(network, run)),
            held_out=self._evaluated(network, progress) if run.trained else None,
            continues=self.continues,
            seconds=time.monotonic() - started,
        )
        written = self.record.to_json()
        write_checkpoint(path, self.birth, network, run.trained, written, at_birth=self.at_birth)
        write_record(path, written)
        if run.trained:
            log = progress.log(run.steps_per_epoch)
            write_text(self.folder / LOG, table_text(list(log[0]), log))

    def _evaluated(self, network: nn.Module, progress: Progress) -> HeldOut | None:
        images, run, reports = self.images.held_out, self.run, self.reports
        if images is None:
            return None
        reports.begin(f"held-out accuracy on {len(images):,} images")
        share = accuracy(network, images, run, self.processes.device, reports.evaluation)
        reports.accuracy(progress, run, share)
        return HeldOut(len(images), share)


def _check_runs(network: nn.Module, name: str, size: int, classes: int) -> None:
    """Raise `WiringError` where a user's network fails on images or, with `classes`, gives no
    logits for them.
    """
    network = copy.deepcopy(network)  # it may keep what it computes
    for training in (False, True) if classes else (False,):
        with torch.no_grad(), extensions.calling(f"The network {name} at {size} px"):
            logits = network.train(training)(torch.zeros(2, 3, size, size))
        shape = tuple(getattr(logits, "shape", ()))
        if classes and (len(shape) != 2 or shape[0] != 2 or shape[1] < classes):
            found = f"of shape {shape}" if shape else f"a {type(logits).__name__}"
            raise WiringError(
                f"What the network {name} gives for two images{' in training' if training else ''} "
                f"is {found}: it is a tensor (2, number of classes), of {classes:,} classes or "
                "more."
            )


def _trained_state(run: Run) -> dict[str, Tensor]:
    """The parameters that a run has trained, as float16, and buffers: batch-norm statistics."""
    frozen = {name for name, _ in run.network.named_parameters()}.difference(run.trained)
    return {
        name: value.half() if name in run.trained else value
        for name, value in run.network.state_dict().items()
        if name not in frozen
    }


@torch.inference_mode()
def accuracy(
    network: nn.Module,
    images: TrainingData,
    run: Run,
    device: torch.device,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> float:
    """Share of images whose most active decoder unit is their class."""
    network = in_fast_layout(copy.deepcopy(network).requires_grad_(False), run.recipe).eval()
    right = seen = 0
    order = chunks(range(len(images)), max(EVALUATION_BATCH, run.recipe.batch_size))
    for batch, labels in batches(
        images.plain_view(run.recipe.image_size), order, run.workers, device
    ):
        with arithmetic(device, run.recipe.precision):
            right += (network(batch.to(device)).argmax(1).cpu() == labels.cpu()).sum().item()
        seen += len(labels)
        report(seen, len(images))
    return right / seen


def _first_seen(shown: TrainingData, recipe: Recipe, seed: int) -> Iterator[Tensor]:
    """The images that channels are aligned on at birth, without labels."""
    order = mixed(shown, seed, ALIGNMENT_IMAGES)
    view = shown.plain_view(recipe.image_size, order)
    return (images for images, _ in batches(view, chunks(range(len(order)), recipe.batch_size)))
