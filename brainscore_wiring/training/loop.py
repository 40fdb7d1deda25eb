"""The one training loop: every variant of the catalogue develops here, whatever it starts from and whatever learns."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from brainscore_wiring.errors import Stopped, WiringError
from brainscore_wiring.files import save_tensors
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.training.data import LabelledImages, PlainView, TrainingView
from brainscore_wiring.training.recipe import Recipe
from brainscore_wiring.weight_compression import batch_norm_statistics
from brainscore_wiring.weight_compression.birth import state_sha256

STATE_FILE = "state.safetensors"
#: Training images that the batch-norm statistics of the finished network are measured on.
STATISTICS_IMAGES = 2048


class _StopSignals:
    """Notes an interrupt or a request to terminate, so that a run stops between two updates; a second one ends it."""

    def __enter__(self) -> _StopSignals:
        self.received = False
        self._before = {}
        if threading.current_thread() is threading.main_thread():  # only there may signals be handled
            self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _note(self, number: int, _frame: object) -> None:
        self.received = True
        signal.signal(number, signal.SIG_DFL)

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


@dataclass
class Progress:
    """How far a run has come; saved with the weights, so that a stopped run goes on where it was."""

    step: int = 0  # updates made
    images_shown: int = 0
    epoch_loss: float = 0.0  # sum over the images of the epoch so far
    epoch_images: int = 0
    seconds: float = 0.0
    learning_rate: float = 0.0
    best_loss: float = math.inf  # of the plateau schedule
    bad_epochs: int = 0
    cuts: int = 0
    epochs: list[dict[str, float]] = field(default_factory=list)  # one row per finished epoch


@dataclass
class Run:
    """What to train on what: the arguments that two halves of a resumed run must share.

    `network` holds its birth state; `learning` names the parameters that learn; `epochs` may be a fraction. Raises
    `WiringError` where batch norm would see a single value per channel.
    """

    network: nn.Module
    learning: list[str]
    images: LabelledImages
    recipe: Recipe
    epochs: float
    seed: int

    def __post_init__(self) -> None:
        self.steps_per_epoch = math.ceil(len(self.images) / self.recipe.batch_size)
        self.steps = max(1, round(self.epochs * self.steps_per_epoch))
        last = len(self.images) % self.recipe.batch_size or self.recipe.batch_size
        if last == 1 and self.recipe.image_size <= 32:
            raise WiringError(f"{len(self.images)} images in batches of {self.recipe.batch_size} leave a batch of one, "
                              f"which batch norm cannot take at {self.recipe.image_size} px: change one of the three.")
        self.identity = {"recipe": dataclasses.asdict(self.recipe), "learning": self.learning, "epochs": self.epochs,
                         "seed": self.seed, "images": self.images.manifest_sha256(),
                         "birth": state_sha256(self.network.state_dict())}


def train(run: Run, folder: Path, device: torch.device, save_every: float = 180.0,
          report: Callable[[Progress, Run], None] = lambda progress, run: None) -> Progress:
    """Train `run.network` in place, saving the state to `folder` every `save_every` seconds and at the end.

    Goes on from a state found in `folder`; raises `WiringError` where that state belongs to another run, or where the loss
    is not finite (before the update that would spoil the weights). `report` is called after every update.
    """
    network = run.network.to(device)
    parameters = dict(network.named_parameters())
    for name, parameter in parameters.items():
        parameter.requires_grad_(name in set(run.learning))
    learning = [parameters[name] for name in run.learning]
    optimizer = torch.optim.SGD(learning, lr=run.recipe.learning_rate, momentum=run.recipe.momentum,
                                weight_decay=run.recipe.weight_decay)
    progress = _restore(run, folder, optimizer) or Progress(learning_rate=run.recipe.learning_rate)
    if progress.step == 0:
        _save(run, folder, optimizer, progress)  # an output folder that cannot be written is noticed now
    network.train()
    with _StopSignals() as stopping:
        _update_until_done(run, folder, device, optimizer, progress, save_every, report, stopping)
    return progress


def _update_until_done(run: Run, folder: Path, device: torch.device, optimizer: torch.optim.Optimizer,
                       progress: Progress, save_every: float, report: Callable[[Progress, Run], None],
                       stopping: _StopSignals) -> None:
    before, started, saved = progress.seconds, time.monotonic(), time.monotonic()
    while progress.step < run.steps and not _converged(run.recipe, progress):
        for images, labels in _rest_of_epoch(run, progress):
            _set_learning_rate(optimizer, run, progress)
            loss = _update(run, images.to(device, non_blocking=True), labels.to(device, non_blocking=True), optimizer)
            if not math.isfinite(loss):
                raise WiringError(f"The loss became {loss} at update {progress.step + 1}; that update was not made "
                                  f"and '{folder}' keeps the last saved state: lower the learning rate.")
            progress.step += 1
            progress.images_shown += len(labels)
            progress.epoch_images += len(labels)
            progress.epoch_loss += loss * len(labels)
            progress.seconds = before + time.monotonic() - started
            if progress.step % run.steps_per_epoch == 0 or progress.step == run.steps:
                _end_epoch(run, progress)
            report(progress, run)
            if stopping.received:
                _save(run, folder, optimizer, progress)
                raise Stopped(f"stopped after update {progress.step} of {run.steps}, which is saved: the same command "
                              "goes on from there.")
            if time.monotonic() - saved > save_every:
                _save(run, folder, optimizer, progress)
                saved = time.monotonic()
            if progress.step >= run.steps:
                break
    _save(run, folder, optimizer, progress)


def _update(run: Run, images: Tensor, labels: Tensor, optimizer: torch.optim.Optimizer) -> float:
    """One update from one batch; returns its mean loss. Where that is not finite, the update is not made."""
    with torch.autocast(images.device.type, torch.bfloat16, enabled=run.recipe.precision == "bf16"):
        loss = F.cross_entropy(run.network(images).float(), labels)
    value = loss.item()
    if math.isfinite(value):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return value


def measure_statistics(run: Run, precision: str) -> int:
    """Measure the trained network's batch-norm statistics on its own training images; returns how many were used."""
    order = Stream(run.seed, "images", "statistics").permutation(len(run.images))[:STATISTICS_IMAGES]
    view = PlainView(run.images, run.recipe.image_size, order.tolist())  # in random order: each batch mixes the classes
    return batch_norm_statistics.measure(run.network, (images for images, _ in batches(view, run.recipe.batch_size)),
                                         precision)


@torch.inference_mode()
def accuracy(network: nn.Module, images: LabelledImages, recipe: Recipe,
             report: Callable[[int, int], None] = lambda done, total: None) -> float:
    """Share of images whose most active decoder unit is their class."""
    device = next(network.parameters()).device
    network.eval()
    right = seen = 0
    for batch, labels in batches(PlainView(images, recipe.image_size), recipe.batch_size):
        with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bf16"):
            right += (network(batch.to(device)).argmax(1).cpu() == labels).sum().item()
        seen += len(labels)
        report(seen, len(images))
    return right / seen


def batches(view: Dataset, batch_size: int, order: list[int] | None = None) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of a view, in the given order; decoding runs beside a GPU, or in line where there is none.

    Raises `WiringError` naming an image that cannot be read.
    """
    count = math.ceil((len(view) if order is None else len(order)) / batch_size)
    workers = min(16, len(os.sched_getaffinity(0)), count) if torch.cuda.is_available() else 0
    loader = DataLoader(view, batch_size=batch_size, sampler=order, num_workers=workers,
                        pin_memory=torch.cuda.is_available())
    try:
        yield from loader
    except WiringError as error:  # a worker's error arrives with its traceback in front
        raise WiringError(str(error).strip().rpartition("\n")[2].removeprefix(f"{WiringError.__module__}.WiringError: ")
                          ) from None


def _rest_of_epoch(run: Run, progress: Progress) -> Iterator[tuple[Tensor, Tensor]]:
    """The batches of the current epoch that have not been shown; the order is a function of (seed, epoch)."""
    epoch, done = divmod(progress.step, run.steps_per_epoch)
    order = Stream(run.seed, "images", f"order of epoch {epoch}").permutation(len(run.images)).tolist()
    view = TrainingView(run.images, run.recipe, run.seed, epoch)
    yield from batches(view, run.recipe.batch_size, order[done * run.recipe.batch_size:])


def _set_learning_rate(optimizer: torch.optim.Optimizer, run: Run, progress: Progress) -> None:
    if run.recipe.schedule == "one_cycle":
        warm_up = min(run.recipe.warm_up, run.steps // 10)
        if progress.step < warm_up:
            share = (progress.step + 1) / (warm_up + 1)
        else:
            share = (1 + math.cos(math.pi * (progress.step - warm_up) / (run.steps - warm_up))) / 2
        progress.learning_rate = run.recipe.learning_rate * share
    for group in optimizer.param_groups:
        group["lr"] = progress.learning_rate


def _end_epoch(run: Run, progress: Progress) -> None:
    """Note the epoch's mean loss; on a plateau (no new best for more than `plateau_patience` epochs) cut the rate."""
    loss = progress.epoch_loss / progress.epoch_images
    progress.epochs.append({"epoch": progress.step / run.steps_per_epoch, "images": progress.epoch_images,
                            "loss": loss, "learning_rate": progress.learning_rate})
    progress.epoch_loss, progress.epoch_images = 0.0, 0
    if run.recipe.schedule != "plateau":
        return
    progress.bad_epochs += 1
    if loss < progress.best_loss * (1 - 1e-4):
        progress.best_loss, progress.bad_epochs = loss, 0
    if progress.bad_epochs > run.recipe.plateau_patience:
        progress.learning_rate *= 0.1
        progress.bad_epochs = 0
        progress.cuts += 1


def _converged(recipe: Recipe, progress: Progress) -> bool:
    return recipe.schedule == "plateau" and progress.cuts >= recipe.plateau_cuts


def _save(run: Run, folder: Path, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    tensors = {f"network/{name}": value.contiguous() for name, value in run.network.state_dict().items()}
    parameters = dict(run.network.named_parameters())
    for name in run.learning:
        momentum = optimizer.state[parameters[name]].get("momentum_buffer")
        if momentum is not None:
            tensors[f"momentum/{name}"] = momentum
    metadata = {"run": json.dumps(run.identity), "progress": json.dumps(dataclasses.asdict(progress))}
    save_tensors(folder / STATE_FILE, tensors, metadata)


def _restore(run: Run, folder: Path, optimizer: torch.optim.Optimizer) -> Progress | None:
    path = folder / STATE_FILE
    if not path.exists():
        return None
    device = next(run.network.parameters()).device
    try:
        with safe_open(path, "pt", device=str(device)) as file:
            metadata = file.metadata() or {}
            saved = json.loads(metadata["run"])
            now = json.loads(json.dumps(run.identity))
            changed = [key for key in now if saved.get(key) != now[key]]
            if changed:
                raise WiringError(f"'{folder}' holds a run with other {' and '.join(changed)}: "
                                  "give the same arguments to go on with it, or another folder.")
            run.network.load_state_dict({name.removeprefix("network/"): file.get_tensor(name)
                                         for name in file.keys() if name.startswith("network/")})
            parameters = dict(run.network.named_parameters())
            for name in file.keys():
                if name.startswith("momentum/"):
                    parameter = parameters[name.removeprefix("momentum/")]
                    optimizer.state[parameter]["momentum_buffer"] = file.get_tensor(name)
            return Progress(**json.loads(metadata["progress"]))
    except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError, OSError) as error:
        raise WiringError(f"The saved state '{path}' is damaged ({error}): take the file away to start "
                          "the run anew.") from None
