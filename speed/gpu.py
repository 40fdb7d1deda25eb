"""A GPU against the processor: the same numbers, the same bytes, and how fast a whole run is.

    python speed/gpu.py IMAGES [--device cuda] [--batch 64] [--epochs 8]

`IMAGES` is a folder or archive of small labelled images of one size, such as Tiny ImageNet. For
standard and critical training of CORnet-S at 64 px it prints how far the losses of ten float32
updates are from the processor's, whether two runs on the device end in the same bytes, whether one
that is cut off after five updates and continued does, and how far recorded activity is from the
processor's; then images a second of a whole run, reading included, and of the updates alone.
`--device cpu` tries the script where there is no GPU.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from brainscore_wiring.architectures import trained_parameters
from brainscore_wiring.catalogue import variant
from brainscore_wiring.catalogue.training_recipe import RECIPES, Recipe
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.networks.recording import record
from brainscore_wiring.training import run_folder
from brainscore_wiring.training.data.listing import training_and_held_out
from brainscore_wiring.training.data.memory import in_memory
from brainscore_wiring.training.data.training_data import TrainingData
from brainscore_wiring.training.loop import train_network
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.run import Progress, Run

MODELS = ("cornet_s", "cornet_s_wc_ct")
LAYERS = ("V1.output", "V2.output", "V4.output", "IT.output", "decoder.avgpool")
UPDATES, CUT = 10, 5


class CutOff(Exception):
    """Leaves a run between two updates."""


@dataclass
class Trained:
    """What a run left: the loss, seconds and seconds of waiting after each update, its state."""

    losses: list[float]
    seconds: list[float]
    waiting: list[float]
    state: bytes


def trained(
    model: str,
    images: TrainingData,
    recipe: Recipe,
    device: torch.device,
    epochs: float,
    folder: Path,
    cut: int | None = None,
) -> Trained:
    """Train a model in a folder, or go on there; with `cut`, leave after that update."""
    row = variant(model)
    network = birth_of(row).network()
    names = [name for name, _ in network.named_parameters()]
    trained = trained_parameters(row.trained, names, row.architecture)
    found = Trained([], [], [], b"")

    def note(progress: Progress, run: Run) -> None:
        found.losses.append(progress.last_loss)
        found.seconds.append(progress.seconds)
        found.waiting.append(progress.waiting)
        if progress.step == cut:
            raise CutOff

    run = Run(network, trained, images, recipe, [epochs], 0)
    try:
        train_network(run, folder, Processes(device), 0.0 if cut else float("inf"), note)
    except CutOff:
        return found
    return with_state(found, folder)


def with_state(found: Trained, folder: Path) -> Trained:
    """The run with the tensors of its saved state, which has clocks in its header beside them."""
    content = (folder / run_folder.STATE_FILE).read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    return replace(found, state=content[header:])


def compare(model: str, images: TrainingData, recipe: Recipe, device: torch.device) -> None:
    """Losses, bytes and resuming of one model."""
    updates = UPDATES * recipe.batch_size / len(images)

    def run(where: torch.device, precision: str, folder: str, cut: int | None = None) -> Trained:
        chosen = replace(recipe, precision=precision)
        return trained(model, images, chosen, where, updates, Path(folder), cut)

    with tempfile.TemporaryDirectory() as top:
        expected = run(torch.device("cpu"), "fp32", f"{top}/cpu").losses
        for precision in ("fp32", "bf16"):
            one = run(device, precision, f"{top}/{precision}")
            two = run(device, precision, f"{top}/{precision} again")
            far = [abs(a - b) / abs(a) for a, b in zip(expected, one.losses, strict=True)]
            print(
                f"{model}, {precision}: losses from the float32 processor's "
                f"{' '.join(f'{value:.0e}' for value in far)}; the same bytes again: "
                f"{one.state == two.state}"
            )
            run(device, precision, f"{top}/{precision} cut", CUT)
            rest = run(device, precision, f"{top}/{precision} cut")
            print(f"{model}, {precision}: continued to the same bytes: {rest.state == one.state}")


def activity(device: torch.device) -> None:
    """How far recorded activity is from the processor's, relative to the largest."""
    network = birth_of(variant("cornet_s_wc")).network()
    shown = torch.randn(8, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    here = record(network, shown, LAYERS)
    there = record(network.to(device), shown.to(device), LAYERS)
    for layer in LAYERS:
        one, other = here[layer][-1], there[layer][-1].cpu()
        print(f"{layer}: {((one - other).abs().max() / one.abs().max()).item():.1e}")


def speed(
    model: str, images: TrainingData, recipe: Recipe, device: torch.device, epochs: float
) -> None:
    """Images a second over the second half of a run."""
    with tempfile.TemporaryDirectory() as folder:
        run = trained(model, images, recipe, device, epochs, Path(folder))
    if len(run.seconds) < 3:
        print(f"{model}, batches of {recipe.batch_size}: too few updates, give more --epochs")
        return
    half = len(run.seconds) // 2
    shown = (len(run.seconds) - 1 - half) * recipe.batch_size
    whole = run.seconds[-1] - run.seconds[half]
    alone = whole - (run.waiting[-1] - run.waiting[half])
    print(
        f"{model}, {recipe.precision}, batches of {recipe.batch_size}: {shown / whole:,.0f} images "
        f"a second, updates alone {shown / alone:,.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--epochs", type=float, default=8, help="of the runs that are timed")
    given = parser.parse_args()
    device = torch.device(given.device)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    name = torch.cuda.get_device_name() if device.type == "cuda" else "processor"
    print(f"{name}, torch {torch.__version__}")
    images = in_memory(training_and_held_out(given.images)[0])
    small = RECIPES["small"]
    recipe = replace(small, batch_size=given.batch, schedule="constant", learning_rate=1e-3)
    for model in MODELS:
        compare(model, images, recipe, device)
    activity(device)
    for batch in (given.batch, 4 * given.batch):
        for model in MODELS:
            for precision in ("bf16", "fp32"):
                timed = replace(recipe, batch_size=batch, precision=precision)
                speed(model, images, timed, device, given.epochs)


if __name__ == "__main__":
    main()
