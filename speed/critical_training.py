"""How much of a full training step critical training costs: the plain way, the package's, and what arithmetic allows.

    python speed/critical_training.py [--sizes 64 224] [--steps 5] [--threads 2]

Every row trains CORnet-S on the same random images in this process, the package's rows through its own training loop.
Ratios are to the full step in float32 (median over steps; the full step is measured again at the end, to show how much the
machine drifted). `bound`: multiply-adds of the forward pass, of the gradients that have to travel and of the weights that
learn, relative to full training. The cached rows show what is left of a step once the activity of the frozen layers is kept.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[1]))

from brainscore_wiring.checkpoints.wiring_checkpoint import Birth  # noqa: E402
from brainscore_wiring.architectures import trained_parameters  # noqa: E402
from brainscore_wiring.training.loop import train  # noqa: E402
from brainscore_wiring.training.processes import Processes  # noqa: E402
from brainscore_wiring.training.recipe import Recipe  # noqa: E402
from brainscore_wiring.training.run import Run  # noqa: E402

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
    """Seconds of each step of the loop that anyone would write: frozen parameters have `requires_grad` off."""
    network, learned = network_and_parameters(condition)
    network.to(device).train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in learned)
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=0.01, momentum=0.9,
                                weight_decay=1e-4)
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
    """Seconds of each step in the package's training loop, without those spent waiting for images."""
    network, learned = network_and_parameters(condition)
    images = RandomImages(recipe.batch_size * (steps + 1), recipe.image_size)
    clock: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        train(Run(network, learned, images, recipe, [1], 0), Path(folder), Processes(device), float("inf"),
              lambda progress, run: clock.append(progress.seconds - progress.waiting))
    return [after - before for before, after in zip(clock, clock[1:])]


def multiply_adds(condition: str, size: int, cached: bool = False) -> float:
    """Multiply-adds of one image's convolutions: forward, and where a gradient has to travel or a weight learns."""
    network, learned = network_and_parameters(condition)
    network.train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in learned)
    total = 0

    def count(module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        nonlocal total
        kinds = 1 + inputs[0].requires_grad + module.weight.requires_grad
        if not cached or output.requires_grad:
            total += kinds * output[0].numel() * module.weight[0].numel()

    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(count)
    network(torch.randn(2, 3, size, size))
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 224])
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"processor, {given.threads} threads"
    ct = "critical_training"
    for size in given.sizes:
        fp32 = Recipe(learning_rate=0.01, batch_size=BATCH.get(size, 32), image_size=size, schedule="constant")
        bf16 = replace(fp32, precision="bf16")
        rows = [("full, fp32", plain, "everything", fp32), ("full, bf16", plain, "everything", bf16),
                ("CT plain, fp32", plain, ct, fp32), ("CT plain, bf16", plain, ct, bf16),
                ("CT package, fp32", package, ct, fp32), ("CT package, bf16", package, ct, bf16),
                ("CT package, cached, fp32", package, ct, replace(fp32, frozen_layers="cached")),
                ("CT package, cached, bf16", package, ct, replace(bf16, frozen_layers="cached")),
                ("CT skip feedback, fp32", package, ct, replace(fp32, feedback="skip_only")),
                ("CT skip feedback, bf16", package, ct, replace(bf16, feedback="skip_only")),
                ("decoder, package, fp32", package, "decoder", fp32), ("full again, fp32", plain, "everything", fp32)]
        heading = f"{size} px, batches of {fp32.batch_size}, {name}, torch {torch.__version__}"
        print(f"\n| {heading} | ms an image | ratio | bound |\n|---|---:|---:|---:|")
        full = None
        bound = multiply_adds("everything", size)
        for label, way, condition, recipe in rows:
            seconds = statistics.median(way(condition, recipe, given.steps, device))
            milliseconds = seconds / recipe.batch_size * 1000
            full = full or milliseconds
            least = "" if recipe.feedback != "exact" else (
                f"{multiply_adds(condition, size, recipe.frozen_layers == 'cached') / bound:.2f}")
            print(f"| {label} | {milliseconds:.1f} | {milliseconds / full:.2f} | {least} |", flush=True)


if __name__ == "__main__":
    main()
