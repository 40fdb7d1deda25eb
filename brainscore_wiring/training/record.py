"""The training record of a run: what it really did."""

from __future__ import annotations

import dataclasses
import datetime
import platform

import torch

from brainscore_wiring import accounting
from brainscore_wiring.catalogue import Variant
from brainscore_wiring.checkpoints.training_record import (
    DataRecord,
    GenomeSource,
    HeldOut,
    TrainingRecord,
)
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.request import RunImages
from brainscore_wiring.training.run import Progress, Run, images_after
from brainscore_wiring.weight_compression.alignment import ALIGNMENT_IMAGES
from brainscore_wiring.weight_compression.birth import Birth


def training_record(
    variant: Variant,
    birth: Birth,
    run: Run,
    progress: Progress,
    processes: Processes,
    images: RunImages,
    *,
    last: bool,
    statistics: int,
    held_out: HeldOut | None,
    continues: TrainingRecord | None,
    seconds: float,
) -> TrainingRecord:
    """Everything that was done.

    `last`: whether this is the end of the run; damaged `images` were left out of every epoch, those
    lost during the run of the remaining updates; batch norms were measured on `statistics` images;
    `continues`: the record of the training that this one started from; `seconds` of measuring and
    evaluating, beside those of the training.
    """
    parameters = dict(run.network.named_parameters())
    true = sum(parameters[name].numel() for name in run.trained)  # read off the network itself
    paper = accounting.trained_synapses(variant).paper
    shown, log = progress.images_shown, progress.log(run.steps_per_epoch)
    lost = images_after(progress.step, len(run.images), run.recipe) - shown
    return TrainingRecord(
        variant=variant.identifier,
        architecture=variant.architecture,
        code=run.code,
        birth=variant.birth,
        trained=variant.trained,
        seed=birth.seed,
        continues=continues,
        genome_sha256=birth.genome.sha256() if birth.genome else None,
        genome_numbers=birth.genome_numbers(),
        genome=GenomeSource.of(birth.genome),
        data=DataRecord(
            len(run.images),
            images.training.name,
            len(run.images.classes),
            images.balanced,
            run.images.manifest_sha256(),
            run.recipe.image_size,
            getattr(run.images, "content_sha256", None),
            dict(getattr(images.training, "left_aside", {})) or None,
        ),
        epochs_asked=tuple(run.epochs or ()) if last else None,
        epochs=shown / len(run.images),
        images_shown=shown,
        images_skipped=round(len(images.damaged) * shown / len(run.images)) + lost,
        trained_parameters=true,
        trained_parameters_paper=paper,
        supervised_updates=shown,
        supervised_synaptic_updates=shown * paper,
        supervised_synaptic_updates_true=shown * true,
        unlabelled_images=0 if run.trained else statistics,
        recipe=dataclasses.asdict(run.recipe),
        converged=progress.schedule.converged(run.recipe),
        loss=tuple(row["loss"] for row in log),
        epoch_log=tuple(log),
        held_out=held_out,
        channels_aligned_on_images=min(ALIGNMENT_IMAGES, len(run.images)) if birth.bases else 0,
        batch_norm_statistics=f"measured on {statistics} "
        f"{'training' if run.trained else 'unlabelled'} images",
        versions={"python": platform.python_version(), "torch": torch.__version__},
        hardware=hardware(processes.device),
        processes=processes.count,
        wall_seconds=round(progress.seconds + seconds, 1),
        seconds_waiting_for_images=round(progress.waiting, 1),
        finished=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def hardware(device: torch.device) -> str:
    """The GPU, or the processor and the threads that are used of it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name()
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next(
                line.partition(":")[2].strip() for line in file if line.startswith("model name")
            )
    except (OSError, StopIteration):
        pass
    return f"{name}, {torch.get_num_threads()} threads"
