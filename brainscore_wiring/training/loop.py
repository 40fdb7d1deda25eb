"""The one training loop: shared by all variants of the catalogue."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from brainscore_wiring import stopping
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.errors import Stopped, WiringError, WrongUsage
from brainscore_wiring.networks.small_maps import arithmetic
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.training import run_folder
from brainscore_wiring.training.data.batches import batches, chunks
from brainscore_wiring.training.data.training_data import present
from brainscore_wiring.training.frozen_layers import CachedPrefix, in_fast_layout
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.run import (
    Progress,
    Run,
    check_batches,
    longer_run,
    past_convergence,
)
from brainscore_wiring.training.schedule import Schedule


def train_network(
    run: Run,
    folder: Path,
    processes: Processes,
    save_every: float = 180.0,
    report: Callable[[Progress, Run], None] = lambda progress, run: None,
    at_milestone: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Train `run.network` in place, saving the state to `folder` every `save_every` seconds and at
    the end.

    Goes on from a state found in `folder`. Calls `report` after every update and `at_milestone`
    where `run.epochs` wants a model. The recipe's feedback and layout are set on the network, whose
    frozen weights may be bfloat16 afterwards. Raises `WiringError` where the saved state belongs to
    another run, or where loss or gradient are not finite (before the update that would spoil the
    weights); `Stopped` after an interrupt or a request to terminate.
    """
    loop = _Loop(run, folder, processes, save_every, report)
    progress = loop.progress
    while True:
        if progress.step in run.milestones.steps or run.finished(progress):
            at_milestone(progress)
            if progress.left is not None:
                progress.left = sorted({*progress.left, progress.step})
        if run.finished(progress):
            return progress
        with stopping.handled(), stopping.noted():
            stop = loop.to_next_milestone()
            loop.save()
            if stop:
                stopping.answered()
                raise Stopped(
                    f"stopped after update {progress.step} of {run.milestones.last}, which is "
                    "saved: the same command continues from there.",
                    interrupted=stop == signal.SIGINT,
                )


class _Loop:
    """A run with its optimizer, and how far it has come: that of the saved state in its folder."""

    def __init__(
        self,
        run: Run,
        folder: Path,
        processes: Processes,
        save_every: float,
        report: Callable[[Progress, Run], None],
    ):
        self.run, self.folder, self.processes = run, folder, processes
        self.save_every, self.report = save_every, report
        network, recipe = run.network.to(processes.device), run.recipe
        if recipe.feedback == "skip_only":
            through_skips_alone = getattr(network, "feedback_through_skips_alone", None)
            if through_skips_alone is None:
                raise WrongUsage(
                    "Feedback through skip connections alone is for CORnet-S: choose another model."
                )
            through_skips_alone()
        check_batches(len(run.images), recipe, processes.count)
        trained = set(run.trained)
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(name in trained)
        self.network = processes.with_shared_batch_norm(in_fast_layout(network, recipe))
        self.network.train()
        self.trained: list[Any] = [one for one in self.network.parameters() if one.requires_grad]
        self.optimizer = _optimizer(self.trained, recipe)
        saved = run_folder.restore(folder, self.network, self.optimizer, run.identity)
        self.progress = Progress.read(saved) if saved else Progress(Schedule(recipe.learning_rate))
        self.prefix = (
            CachedPrefix(self.network, run, processes, measure=saved is None)
            if recipe.frozen_layers == "cached"
            else None
        )
        self.call = processes.together(self.prefix.rest if self.prefix else self.network)
        run.milestones.check_left(folder, self.progress.step, self.progress.left)
        if run.epochs is None and past_convergence(self.progress.log(run.steps_per_epoch)):
            raise longer_run(folder, self.progress.step / run.steps_per_epoch)
        if saved is None:
            self.save()  # an output folder that cannot be written is noticed now

    def save(self) -> None:
        if self.processes.main:
            tensors = run_folder.tensors_of(self.network, self.run.trained, self.optimizer)
            run_folder.save(self.folder, tensors, self.run.identity, self.progress)

    def to_next_milestone(self) -> int:
        """Make updates until a model is wanted or a stop is asked for; returns the signal, or 0."""
        run, progress, last_saved = self.run, self.progress, time.monotonic()
        while True:
            for batch, labels, count, waited in self._rest_of_epoch():
                started = time.monotonic()
                stop = self._update(batch, labels, count)
                progress.waiting += waited
                progress.seconds += waited + time.monotonic() - started
                self.report(progress, run)
                if self.processes.count == 1:
                    stop = stopping.received()
                if stop or progress.step in run.milestones.steps or run.finished(progress):
                    return stop
                if time.monotonic() - last_saved > self.save_every:
                    self.save()
                    last_saved = time.monotonic()

    def _update(self, batch: tuple[Tensor, ...], labels: Tensor, count: int) -> int:
        """One update from this process's share of a batch of `count` images; returns the signal to
        stop, or 0.

        Where the loss or a gradient of any process is not finite, the update is not made.
        """
        run, progress, processes = self.run, self.progress, self.processes
        with arithmetic(processes.device, run.recipe.precision):
            outputs = self.call(*batch)
        part = F.cross_entropy(outputs.float(), labels, reduction="sum") / count
        self.optimizer.zero_grad(set_to_none=True)
        (part * processes.count).backward()  # gradients are averaged over processes
        self._check_gradients()
        norm = torch.nn.utils.get_total_norm([one.grad for one in self.trained])
        loss, length, received = processes.total([part.detach(), norm, stopping.received()])
        if not math.isfinite(loss + length):
            gradient = math.isfinite(loss)
            what = "A gradient became infinite" if gradient else f"The loss became {loss}"
            raise WiringError(
                f"{what} at update {progress.step + 1}; that update was not made and "
                f"'{self.folder}' keeps the last saved state: lower the learning rate."
            )
        rate = progress.schedule.before_update(run.recipe, progress.step, run.milestones.last)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        progress.add(loss, rate, count, run)
        return (stopping.received() or signal.SIGTERM) if received else 0

    def _check_gradients(self) -> None:
        """Raise `WiringError` for a trained parameter that the outputs do not depend on."""
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad and parameter.grad is None:
                raise WiringError(
                    f"{name} is to be trained, and the network's output does not depend on it: "
                    "leave it out of the trainable set, or use it in `forward`."
                )

    def _rest_of_epoch(self) -> Iterator[tuple[tuple[Tensor, ...], Tensor, int, float]]:
        """What this process is shown in the rest of the current epoch, the order being a function
        of (seed, epoch).

        Yields the network's inputs, their labels, the number of images in the whole batch, and the
        seconds it took.
        """
        run, processes = self.run, self.processes
        epoch, done = divmod(self.progress.step, run.steps_per_epoch)
        stream = Stream(run.seed, "images", f"order of epoch {epoch}")
        order = stream.permutation(len(run.images)).tolist()
        whole = [present(run.images, one) for one in chunks(order, run.recipe.batch_size)[done:]]
        if any(len(batch) < processes.count for batch in whole):
            raise WiringError(
                "So many images are damaged by now that nothing is left of a batch: replace them, "
                "or begin another run."
            )
        shares = [processes.share(batch) for batch in whole]
        if self.prefix is not None:
            shown = (self.prefix.activity(share) for share in shares)
        else:
            view = run.images.training_view(run.recipe, run.seed, epoch)
            shown = (
                ((images,), labels)
                for images, labels in batches(view, shares, run.workers, processes.device)
            )
        started = time.monotonic()
        for batch, (inputs, labels) in zip(whole, shown):
            inputs = tuple(value.to(processes.device, non_blocking=True) for value in inputs)
            labels = labels.to(processes.device, non_blocking=True)
            yield inputs, labels, len(batch), time.monotonic() - started
            started = time.monotonic()


def _optimizer(parameters: list[nn.Parameter], recipe: Recipe) -> torch.optim.Optimizer:
    shared: dict[str, Any] = dict(lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, momentum=recipe.momentum, fused=True, **shared)
    kinds = {"adam": torch.optim.Adam, "adagrad": torch.optim.Adagrad}
    return kinds[recipe.optimizer](parameters, **shared)
