"""How long a scoring call still takes, from what its models have taken so far."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence


class TimeLeft:
    """Told of every model and benchmark that is finished, in any order.

    A benchmark is expected to take what it took the models before, one that is new what the others
    took.
    """

    def __init__(self, models: int, benchmarks: Sequence[str]):
        self._models, self._benchmarks = models, benchmarks
        self._coming = list(benchmarks)  # of the model that is being scored
        self._taken: dict[str, list[float]] = {}
        self._since = time.monotonic()

    def begin(self, benchmarks: Sequence[str]) -> None:
        """These are scored of a model; the others are not, or were before."""
        self._coming = list(benchmarks)

    def finished(self, benchmark: str) -> None:
        """The model has been scored on a benchmark."""
        now = time.monotonic()
        self._coming.remove(benchmark)
        self._taken.setdefault(benchmark, []).append(now - self._since)
        self._since = now

    def next_model(self) -> None:
        """Nothing is left to do of a model."""
        self._models -= 1
        self._coming = list(self._benchmarks)

    def __call__(self) -> float | None:
        """Seconds; None before something was scored."""
        if not self._taken:
            return None
        means = {name: statistics.fmean(taken) for name, taken in self._taken.items()}
        usual = statistics.fmean(means.values())
        coming = [*self._coming, *(self._models - 1) * list(self._benchmarks)]
        expected = sum(means.get(name, usual) for name in coming)
        return max(0.0, expected - (time.monotonic() - self._since))
