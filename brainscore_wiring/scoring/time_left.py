"""How long a scoring call still takes, from what its models have taken so far."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Sequence


class TimeLeft:
    """Told of every model's benchmarks as they are finished, in any order.

    A benchmark is expected to take what it took the models before, one that is new what the others
    took.
    """

    def __init__(self, models: int, benchmarks: Sequence[str]):
        self._waiting = Counter(dict.fromkeys(benchmarks, models))
        self._taken: dict[str, list[float]] = {}
        self._since = time.monotonic()

    def finished(self, benchmark: str, scored: bool = True) -> None:
        """One model is done with a benchmark; `scored` now, or before."""
        now = time.monotonic()
        self._waiting[benchmark] -= 1
        if scored:
            self._taken.setdefault(benchmark, []).append(now - self._since)
            self._since = now

    def __call__(self) -> float | None:
        """Seconds; None before something was scored."""
        if not self._taken:
            return None
        means = {name: statistics.fmean(taken) for name, taken in self._taken.items()}
        usual = statistics.fmean(means.values())
        expected = sum(
            count * means.get(name, usual) for name, count in self._waiting.items() if count > 0
        )
        return max(0.0, expected - (time.monotonic() - self._since))
