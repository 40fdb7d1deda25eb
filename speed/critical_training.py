"""What a training step costs: the plain way, the package's, and what arithmetic allows.

    python speed/critical_training.py [--sizes 64 224] [--steps 5] [--threads 2] [--device auto]

A table for each image size, a row for each way of training CORnet-S on the same random images in
this process: `full` trains all weights, `CT` those of critical training; `plain` is the loop that
anyone would write, `package` the package's own. Columns:

ms an image      of the fastest step, without reading images
of full          relative to `full plain, fp32`, which is measured again at the end: what the
                 machine drifted
of plain         a `package` row relative to the `plain` row of the same weights and precision
bound            multiply-adds of the forward pass, of the gradients that have to travel
                 and of the trained weights, relative to full training
products         ms an image that matrix products of these sizes alone take here, padding multiplied
                 too

The cached rows keep the activity of the frozen layers instead of computing it in each step.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[1]))

from brainscore_wiring.architectures import trained_parameters
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.training.loop import train_network
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.run import Run
from brainscore_wiring.weight_compression.birth import Birth

BATCH = {64: 64, 224: 16}


@dataclass(frozen=True)
class RandomImages:
    """Labelled noise, in memory: a step without the work of reading images."""

    count: int
    size: int
    classes = tuple(map(str, range(1000)))

    def __len__(self) -> int:
        return self.count

    @property
    def labels(self) -> list[int]:
        return [index % 1000 for index in range(self.count)]

    def manifest_sha256(self) -> str:
        return f"noise {self.count} {self.size}"

    def training_view(self, recipe: Recipe, seed: int, epoch: int) -> RandomImages:
        return self

    def plain_view(self, size: int, indices: list[int] | None = None) -> RandomImages:
        return self

    def batch(self, indices: list[int], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        generator = torch.Generator().manual_seed(indices[0])
        images = torch.randn(len(indices), 3, self.size, self.size, generator=generator)
        return images.to(device), torch.tensor([index % 1000 for index in indices], device=device)


def network_and_parameters(condition: str) -> tuple[nn.Module, list[str]]:
    network = Birth("cornet_s", 0).network()
    return network, trained_parameters(condition, [name for name, _ in network.named_parameters()])


def plain(condition: str, recipe: Recipe, steps: int, device: torch.device) -> list[float]:
    """Seconds of each step of the loop that anyone would write: frozen parameters have
    `requires_grad` off.
    """
    network, trained = network_and_parameters(condition)
    network.to(device).train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in trained)
    optimizer = torch.optim.SGD(
        [p for p in network.parameters() if p.requires_grad],
        lr=0.01,
        momentum=0.9,
        weight_decay=1e-4,
    )
    images = RandomImages(recipe.batch_size, recipe.image_size)
    times = []
    for _ in range(steps + 1):
        batch, labels = images.batch(list(range(recipe.batch_size)), device)
        started = time.perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bf16"):
            loss = F.cross_entropy(network(batch).float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append(time.perf_counter() - started)
    return times[1:]


def package(condition: str, recipe: Recipe, steps: int, device: torch.device) -> list[float]:
    """Seconds of each step in the package's training loop, without those spent waiting for
    images.
    """
    network, trained = network_and_parameters(condition)
    images = RandomImages(recipe.batch_size * (steps + 1), recipe.image_size)
    clock: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        train_network(
            Run(network, trained, images, recipe, [1], 0),
            Path(folder),
            Processes(device),
            float("inf"),
            lambda progress, run: clock.append(progress.seconds - progress.waiting),
        )
    return [after - before for before, after in pairwise(clock)]


def matrices(condition: str, size: int, batch: int, cached: bool) -> Counter[tuple[int, int, int]]:
    """How often a step multiplies (m, k) with (k, n), each convolution being one product: (m, k, n)
    -> times.
    """
    network, trained = network_and_parameters(condition)
    network.train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in trained)
    found: Counter[tuple[int, int, int]] = Counter()

    def count(module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        if cached and not output.requires_grad:
            return
        rows, inner, outer = (
            batch * output[0, 0].numel(),
            module.weight[0].numel(),
            len(module.weight),
        )
        found[rows, inner, outer] += 1
        if inputs[0].requires_grad:
            found[rows, outer, inner] += 1
        if module.weight.requires_grad:
            found[outer, rows, inner] += 1

    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(count)
    network(torch.randn(2, 3, size, size))
    return found


def seconds_of(
    products: Counter[tuple[int, int, int]], precision: str, device: torch.device
) -> float:
    """Seconds that all of these matrix products take, each in its fastest of five runs."""
    total = 0.0
    for (m, k, n), times in products.items():
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        left, right = (
            torch.ones(m, k, dtype=dtype, device=device),
            torch.ones(k, n, dtype=dtype, device=device),
        )
        out, clock = torch.empty(m, n, dtype=dtype, device=device), []
        for _ in range(5):
            started = time.perf_counter()
            torch.mm(left, right, out=out)
            if device.type == "cuda":
                torch.cuda.synchronize()
            clock.append(time.perf_counter() - started)
        total += times * min(clock)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[64, 224], help="of images, in pixels"
    )
    parser.add_argument(
        "--steps", type=int, default=5, help="timed for each row, after one that is not"
    )
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    parser.add_argument(
        "--device",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="auto: a GPU where there is one",
    )
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    automatic = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(automatic if given.device == "auto" else given.device)
    name = (
        torch.cuda.get_device_name()
        if device.type == "cuda"
        else f"processor ({torch.backends.cpu.get_cpu_capability()}), {given.threads} threads"
    )
    ct = "critical_training"
    for size in given.sizes:
        fp32 = Recipe(
            learning_rate=0.01, batch_size=BATCH.get(size, 32), image_size=size, schedule="constant"
        )
        bf16 = replace(fp32, precision="bf16")
        rows = [
            (f"{label} {way.__name__}, {recipe.precision}", way, condition, recipe)
            for label, condition, recipe in (
                ("full", "everything", fp32),
                ("full", "everything", bf16),
                ("CT", ct, fp32),
                ("CT", ct, bf16),
            )
            for way in (plain, package)
        ]
        rows += [
            ("CT package, cached, fp32", package, ct, replace(fp32, frozen_layers="cached")),
            ("CT package, cached, bf16", package, ct, replace(bf16, frozen_layers="cached")),
            ("CT skip feedback, fp32", package, ct, replace(fp32, feedback="skip_only")),
            ("CT skip feedback, bf16", package, ct, replace(bf16, feedback="skip_only")),
            ("decoder package, fp32", package, "decoder", fp32),
            ("full plain again, fp32", plain, "everything", fp32),
        ]
        heading = f"{size} px, batches of {fp32.batch_size}, {name}, torch {torch.__version__}"
        print(
            f"\n| {heading} | ms an image | of full | of plain | bound | products "
            "|\n|---|---:|---:|---:|---:|---:|"
        )
        whole = _multiply_adds(matrices("everything", size, 1, False))
        took: dict[str, float] = {}
        for label, way, condition, recipe in rows:
            took[label] = (
                min(way(condition, recipe, given.steps, device)) / recipe.batch_size * 1000
            )
            cells = [f"{took[label]:.1f}", f"{took[label] / took['full plain, fp32']:.2f}"]
            same = label.replace("package", "plain")
            cells.append(
                f"{took[label] / took[same]:.2f}" if same != label and same in took else ""
            )
            if recipe.feedback == "exact":
                cached = recipe.frozen_layers == "cached"
                products = matrices(condition, size, recipe.batch_size, cached)
                cells.append(f"{_multiply_adds(products) / recipe.batch_size / whole:.2f}")
                seconds = seconds_of(products, recipe.precision, device)
                cells.append(f"{seconds / recipe.batch_size * 1000:.1f}")
            else:
                cells += ["", ""]
            print(f"| {label} | {' | '.join(cells)} |", flush=True)


def _multiply_adds(products: Counter[tuple[int, int, int]]) -> int:
    return sum(m * k * n * times for (m, k, n), times in products.items())


if __name__ == "__main__":
    main()
