"""How the learning rate changes, and when a run has converged (paper, section 3, appendices A and
E).

- `plateau`, the paper's text: the rate is divided by 10 when the epoch's mean loss did not improve
  over 3 epochs;
- `plateau_as_run`, the authors' code: reads the loss of the epoch's last batch, and cuts at the
  fourth epoch without a new best;
- `small_improvement`, figure 6's alternative: divided by 10 when the mean improvement over 3 epochs
  is below 0.2 (the authors' code uses the last batch's loss, and for the first time after the
  fifth epoch, not the fourth);
- `one_cycle`: warms up over some updates, then falls to 0 along a cosine;
- `constant`: stays.

The first three have converged when the rate is below 1e-4, the other two never do.
From 0.1 the fourth cut ends a run: the paper says three in section 3 and four in appendix E, and in
floating point the third leaves the rate just above 1e-4. An improvement is one of more than 0.01 %,
as in PyTorch's ReduceLROnPlateau.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from brainscore_wiring.catalogue.training_recipe import SCHEDULES, Recipe

SMALLEST_RATE = 1e-4
SMALL_IMPROVEMENT, IMPROVEMENT_EPOCHS = 0.2, 3


@dataclass
class Schedule:
    """The learning rate of a run and what it depends on; saved with the run's state."""

    rate: float
    best_loss: float = math.inf
    bad_epochs: int = 0

    def before_update(self, recipe: Recipe, step: int, steps: int) -> float:
        """The rate for update `step` (from 0) of `steps`."""
        if recipe.schedule == "one_cycle":
            warm_up = min(recipe.warm_up, steps // 10)
            share = (
                (step + 1) / (warm_up + 1)
                if step < warm_up
                else (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))) / 2
            )
            self.rate = recipe.learning_rate * share
        return self.rate

    def after_epoch(self, recipe: Recipe, mean_losses: list[float], last_loss: float) -> None:
        """Cut the rate or not, from the mean losses of epochs and the last batch's loss."""
        if recipe.schedule == "small_improvement":
            if (
                len(mean_losses) > IMPROVEMENT_EPOCHS
                and mean_losses[-1 - IMPROVEMENT_EPOCHS] - mean_losses[-1]
                < SMALL_IMPROVEMENT * IMPROVEMENT_EPOCHS
            ):
                self.rate *= 0.1
            return
        patience = SCHEDULES[recipe.schedule].patience
        if patience is None:
            return
        loss = last_loss if recipe.schedule == "plateau_as_run" else mean_losses[-1]
        self.bad_epochs += 1
        if loss < self.best_loss * (1 - 1e-4):
            self.best_loss, self.bad_epochs = loss, 0
        if self.bad_epochs >= patience:
            self.rate *= 0.1
            self.bad_epochs = 0

    def converged(self, recipe: Recipe) -> bool:
        return SCHEDULES[recipe.schedule].converges and self.rate < SMALLEST_RATE
