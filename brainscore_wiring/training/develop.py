"""From a catalogue row to a finished wiring checkpoint: birth, development, statistics, evaluation, record."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from brainscore_wiring import accounting
from brainscore_wiring.catalogue import FULL, Variant
from brainscore_wiring.checkpoints.wiring_checkpoint import Birth, write_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.files import write_text
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.synapses import learning
from brainscore_wiring.training.data import LabelledImages, PlainView, diet_name, training_and_held_out
from brainscore_wiring.training.loop import Progress, Run, accuracy, batches, measure_statistics, train
from brainscore_wiring.training.recipe import Recipe
from brainscore_wiring.weight_compression.beyond.alignment import ALIGNMENT_IMAGES

CHECKPOINT, RECORD = "model.safetensors", "record.json"


@dataclasses.dataclass
class Reports:
    """What a caller may want to show while a model develops."""

    update: Callable[[Progress, Run], None] = lambda progress, run: None
    evaluation: Callable[[int, int], None] = lambda done, total: None
    stage: Callable[[str], None] = lambda sentence: None


def develop(variant: Variant, birth: Birth, data: str | Path, folder: str | Path, recipe: Recipe, *,
            images: int | None = None, epochs: float | None = None, save_every: float = 180.0,
            reports: Reports | None = None) -> dict[str, Any]:
    """Train a variant on the images in `data`; leaves `model.safetensors` and `record.json` in `folder`.

    `images` (drawn from the training images) and `epochs` default to the catalogue row's, where the full set stands for
    all images there are. A row in which nothing learns gets its batch-norm statistics measured on unlabelled images.
    Called again with the same arguments it goes on where it stopped. Returns the training record.
    """
    folder, reports = Path(folder), reports or Reports()
    training, held_out = training_and_held_out(data)
    if variant.trained == "nothing" and not variant.unlabelled_images:
        raise WrongUsage(f"Nothing learns in {variant.identifier}: `brainscore birth {variant.identifier} -o FILE` "
                         "writes its weights.")
    if images is None:
        images = variant.unlabelled_images or (variant.images if variant.images < FULL else None)
    epochs = variant.epochs if epochs is None or variant.measured_statistics else epochs
    if not (0 < epochs < math.inf or variant.measured_statistics):
        raise WrongUsage(f"{epochs:g} epochs were asked for; a training needs more than 0.")
    diet = diet_name(training)
    classes = len(training.classes)
    shown = training.subset(images, birth.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.allow_tf32 = False  # fp32 means fp32
    torch.backends.cudnn.deterministic = True
    reports.stage(f"{variant.identifier} is born (seed {birth.seed})")
    birth = birth.aligned(_first_seen(shown, recipe, birth.seed))  # a birth without layers to align looks at none
    network = birth.network().to(device)
    decoder = [module.out_features for module in network.modules() if isinstance(module, torch.nn.Linear)][-1]
    if classes > decoder:
        raise WiringError(f"'{training.root}' has {classes} classes, {variant.architecture} tells {decoder} apart.")
    learned = learning(variant.trained, [name for name, _ in network.named_parameters()], variant.architecture)
    run = Run(network, learned, shown, recipe, epochs, birth.seed)
    progress = Progress()
    if learned:
        progress = train(run, folder, device, save_every, reports.update)
        with torch.no_grad():  # what the checkpoint will hold is what is measured and evaluated
            for name, parameter in network.named_parameters():
                if parameter.requires_grad:
                    parameter.copy_(parameter.half())
    started = time.monotonic()
    reports.stage("measuring batch-norm statistics")
    statistics = measure_statistics(run, recipe.precision)
    evaluation = None
    if held_out is not None and learned:
        reports.stage(f"held-out accuracy on {len(held_out):,} images")
        evaluation = {"images": len(held_out),
                      "accuracy": accuracy(network, held_out, recipe, reports.evaluation)}
    seconds = progress.seconds + time.monotonic() - started
    record = {
        "variant": variant.identifier, "architecture": variant.architecture, "birth": variant.birth,
        "genome_sha256": birth.genome.sha256() if birth.genome else None,
        "genome_numbers": birth.genome_numbers(),
        "genome_source": birth.genome.source if birth.genome else None,
        "trained": variant.trained, "seed": birth.seed,
        "diet": {"name": diet, "images": len(shown), "classes": classes, "manifest_sha256": shown.manifest_sha256(),
                 "image_size": recipe.image_size},
        **_account(variant, learned, network, progress, len(shown)),
        "unlabelled_images": 0 if learned else statistics,
        "recipe": dataclasses.asdict(recipe),
        "loss": [row["loss"] for row in progress.epochs], "epoch_log": progress.epochs,
        "held_out": evaluation,
        "channels_aligned_on_images": min(ALIGNMENT_IMAGES, len(shown)) if birth.bases else 0,
        "batch_norm_statistics": f"measured on {statistics} {'training' if learned else 'unlabelled'} images",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "hardware": _hardware(device), "wall_seconds": round(seconds, 1),
        "finished": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
    write_checkpoint(folder / CHECKPOINT, birth, network, learned, record)
    text = json.dumps(record, indent=2)
    write_text(folder / RECORD, text + "\n")
    return json.loads(text)


def _first_seen(shown: LabelledImages, recipe: Recipe, seed: int) -> Iterator[torch.Tensor]:
    """The images, unlabelled, that a newborn aligns its channels on: the first of those for its statistics."""
    order = Stream(seed, "images", "statistics").permutation(len(shown))[:ALIGNMENT_IMAGES]
    view = PlainView(shown, recipe.image_size, order.tolist())
    return (images for images, _ in batches(view, recipe.batch_size))


def _account(variant: Variant, learned: list[str], network: torch.nn.Module, progress: Progress,
             images: int) -> dict[str, Any]:
    """Counts of what was really done; the true number of synapses is read off the network itself."""
    parameters = dict(network.named_parameters())
    true = sum(parameters[name].numel() for name in learned)
    paper = accounting.trained_synapses(variant).paper
    return {"epochs": progress.images_shown / images, "images_shown": progress.images_shown, "images_skipped": 0,
            "trained_parameters": true, "trained_parameters_paper": paper,
            "supervised_updates": progress.images_shown,
            "supervised_synaptic_updates": progress.images_shown * paper,
            "supervised_synaptic_updates_true": progress.images_shown * true}


def _hardware(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name()
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {torch.get_num_threads()} threads"
