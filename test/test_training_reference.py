"""A training is the plain loop of PyTorch: the same updates, and the same numbers in its log."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
import torch
from image_folders import list_images
from torch import nn
from torch.nn import functional as F

from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.networks.pixels import as_tensor, centre_crop, normalised
from brainscore_wiring.training import develop
from brainscore_wiring.training.loop import train_network
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.run import Run

CPU = Processes(torch.device("cpu"))
# 24 images: batches of 10, 10 and 4
RECIPE = Recipe(image_size=32, batch_size=10, learning_rate=0.05, weight_decay=0.05)
EPOCHS = 3
OPTIMISERS = {
    "sgd": lambda parameters, recipe: torch.optim.SGD(
        parameters, recipe.learning_rate, recipe.momentum, weight_decay=recipe.weight_decay
    ),
    "adam": lambda parameters, recipe: torch.optim.Adam(
        parameters, recipe.learning_rate, weight_decay=recipe.weight_decay
    ),
    "adagrad": lambda parameters, recipe: torch.optim.Adagrad(
        parameters, recipe.learning_rate, weight_decay=recipe.weight_decay
    ),
}


class Recorder(nn.Module):
    """A small network that keeps what it is shown in training."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=4, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten()
        )
        self.decoder = nn.Linear(8 * 8 * 8, 3)
        self.shown: list[torch.Tensor] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.shown.append(images.detach().clone())
        return self.decoder(self.features(images))


def rate_of_one_cycle(recipe: Recipe, step: int, steps: int) -> float:
    warm_up = min(recipe.warm_up, steps // 10)
    if step < warm_up:
        return recipe.learning_rate * (step + 1) / (warm_up + 1)
    return recipe.learning_rate * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))) / 2


@pytest.mark.parametrize("optimizer", OPTIMISERS)
@pytest.mark.parametrize("schedule", ["constant", "one_cycle"])
def test_updates_losses_and_rates_are_those_of_a_plain_loop(
    labelled_images, tmp_path, optimizer, schedule
):
    small = 0.05 if optimizer == "sgd" else 0.01
    recipe = replace(RECIPE, optimizer=optimizer, schedule=schedule, learning_rate=small)
    images, network = list_images(labelled_images), Recorder()
    plain, trained = copy.deepcopy(network), [name for name, _ in network.named_parameters()]
    progress = train_network(Run(network, trained, images, recipe, [EPOCHS], seed=3), tmp_path, CPU)

    # what was shown, image by image: by content, as crops of one epoch are its own
    views = [images.training_view(recipe, 3, epoch) for epoch in range(EPOCHS)]
    label_of = [
        {view[index][0].numpy().tobytes(): (index, view[index][1]) for index in range(24)}
        for view in views
    ]
    batches = iter(network.shown)
    optimiser = OPTIMISERS[optimizer](list(plain.parameters()), recipe)
    plain.train()
    orders, losses, step = [], [], 0
    for epoch in range(EPOCHS):
        order, total = [], 0.0
        for size in (10, 10, 4):
            batch = next(batches)
            known = [label_of[epoch][image.contiguous().numpy().tobytes()] for image in batch]
            order += [index for index, _ in known]
            rate = recipe.learning_rate
            if schedule == "one_cycle":
                rate = rate_of_one_cycle(recipe, step, 3 * EPOCHS)
            for group in optimiser.param_groups:
                group["lr"] = rate
            labels = torch.tensor([label for _, label in known])
            loss = F.cross_entropy(plain(batch), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            assert len(batch) == size
            total, step = total + loss.item() * size, step + 1
        orders.append(order)
        losses.append(total / 24)
    assert next(batches, None) is None
    assert all(sorted(order) == list(range(24)) for order in orders)
    assert len({tuple(order) for order in orders}) == EPOCHS  # each epoch in its own order
    assert [epoch["loss"] for epoch in progress.epochs] == pytest.approx(losses, rel=1e-4)
    assert progress.epochs[-1]["learning_rate"] == pytest.approx(rate)
    for name, parameter in plain.named_parameters():
        ours = dict(network.named_parameters())[name]
        assert torch.allclose(ours, parameter, rtol=1e-3, atol=1e-5), name


def test_held_out_accuracy_is_the_share_of_central_crops_that_are_classified_right(
    labelled_images,
):
    held_out, network = list_images(labelled_images), Recorder()
    run = Run(network, ["decoder.weight"], held_out, RECIPE, [1], seed=0)
    network.train()  # as a run leaves it: accuracy is measured in evaluation mode
    for _ in range(5):
        network(torch.randn(8, 3, 32, 32))
    views = [
        normalised(as_tensor(centre_crop(held_out.picture(index), round(32 * 256 / 224), 32)))
        for index in range(len(held_out))
    ]
    network.eval()
    with torch.inference_mode():
        predicted = network(torch.stack(views)).argmax(1).tolist()
    network.train()
    right = [one == label for one, label in zip(predicted, held_out.labels)]
    found = develop.accuracy(network, held_out, run, torch.device("cpu"))
    assert found == sum(right) / 24 and network.training
