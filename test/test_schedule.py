"""The learning rate of every schedule, and when a run has converged."""

from __future__ import annotations

import pytest
import torch

from brainscore_wiring.catalogue.training_recipe import RECIPES, Recipe
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.training.schedule import Schedule

LOSSES = [5, 4, 4.1, 4.2, 4.3, 4.4, 3, 2.9, 3, 3, 3, 3, 3, 2.95, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]


def rates(
    schedule: str, mean_losses: list[float], last_losses: list[float] | None = None
) -> list[float]:
    """The rate after each epoch, until convergence."""
    recipe, found = Recipe(schedule=schedule), []
    state = Schedule(recipe.learning_rate)
    for epoch, last in enumerate(last_losses or mean_losses, start=1):
        state.after_epoch(recipe, mean_losses[:epoch], last)
        found.append(state.rate)
        if state.converged(recipe):
            break
    return found


def pytorchs(losses: list[float], patience: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=patience)
    found = []
    for loss in losses:
        scheduler.step(loss)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_the_authors_schedule_is_pytorchs_with_their_numbers_on_the_last_batchs_loss():
    found = rates("plateau_as_run", [1.0] * len(LOSSES), LOSSES)
    assert found == pytest.approx(pytorchs(LOSSES, patience=3)[: len(found)])
    # the fourth cut ends the run
    assert len(found) < len(LOSSES) and found[-1] == pytest.approx(1e-5)


def test_the_papers_text_cuts_after_three_epochs_without_improvement_of_the_mean_loss():
    found = rates("plateau", LOSSES, [1.0] * len(LOSSES))
    assert found == pytest.approx(pytorchs(LOSSES, patience=2)[: len(found)])
    assert found[:5] == pytest.approx([0.1] * 4 + [0.01])  # the best loss is the second epoch's


def test_the_third_cut_does_not_end_a_run_and_the_fourth_does():
    assert rates("plateau", [1.0] * 50) == pytest.approx(
        [0.1] * 3 + [0.01] * 3 + [1e-3] * 3 + [1e-4] * 3 + [1e-5]
    )


def test_an_improvement_is_one_of_more_than_a_hundredth_of_a_percent():
    small, smaller = ([share**epoch for epoch in range(8)] for share in (1 - 2e-4, 1 - 1e-5))
    for losses, expected in ((small, [0.1] * 8), (smaller, [0.1] * 3 + [0.01] * 3 + [0.001] * 2)):
        assert rates("plateau", losses) == pytest.approx(expected)
        assert rates("plateau", losses) == pytest.approx(pytorchs(losses, patience=2))


def test_figure_6s_alternative_cuts_where_the_mean_improvement_of_three_epochs_is_small():
    assert rates("small_improvement", [6, 5, 4, 3, 2.7, 2.5, 2.45]) == pytest.approx(
        [0.1] * 6 + [0.01]
    )
    # four epochs have three improvements
    assert rates("small_improvement", [6, 6, 6, 6]) == pytest.approx([0.1] * 3 + [0.01])


def test_one_cycle_rises_then_falls_to_nothing():
    recipe, state = RECIPES["small"], Schedule(0)
    found = [state.before_update(recipe, step, 1000) for step in range(1000)]
    assert max(found) == found[50] == recipe.learning_rate
    assert (
        found[:51] == sorted(found[:51])
        and found[50:] == sorted(found[50:], reverse=True)
        and found[-1] < 1e-5
    )
    short = [state.before_update(recipe, step, 100) for step in range(100)]
    assert short.index(recipe.learning_rate) == 10  # a tenth of the updates at most


@pytest.mark.parametrize("schedule", ["one_cycle", "constant"])
def test_a_schedule_without_an_end_never_converges(schedule):
    assert not Schedule(1e-9).converged(Recipe(schedule=schedule))


@pytest.mark.parametrize(
    "field, value, nearest",
    [
        ("schedule", "plateu", "plateau"),
        ("precision", "fp16", "bf16"),
        ("optimizer", "adamm", "adam"),
    ],
)
def test_a_word_that_a_recipe_does_not_know_is_answered_with_the_nearest(field, value, nearest):
    with pytest.raises(WrongUsage, match=f"no {field} '{value}'.*{nearest}"):
        Recipe(**{field: value})


@pytest.mark.parametrize(
    "field, value",
    [("learning_rate", 0), ("learning_rate", float("nan")), ("momentum", 1), ("weight_decay", -1)],
)
def test_a_number_that_cannot_be_is_refused(field, value):
    with pytest.raises(WrongUsage, match="were asked for"):
        Recipe(**{field: value})
