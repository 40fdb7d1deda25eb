"""What means over benchmarks have in common: their parts, of which none may be missing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property

import brainscore_vision
from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import Benchmark, BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed


class MeanOfParts(BenchmarkBase):
    """A mean over benchmarks; `identifiers`: part -> identifier of its benchmark."""

    def __init__(self, identifier: str, identifiers: Mapping[str, str], version: int = 1):
        super().__init__(
            identifier=identifier,
            version=version,
            parent="neural",
            bibtex=BIBTEX,
            ceiling_func=None,
        )
        self.identifiers = dict(identifiers)

    @cached_property
    def benchmarks(self) -> dict[str, Benchmark]:
        """Part -> its benchmark, loaded at first use; others may be put in their place."""
        return {
            part: brainscore_vision.load_benchmark(identifier)
            for part, identifier in self.identifiers.items()
        }

    @property
    def ceiling(self) -> Score:
        """1: every part is already divided by its own ceiling."""
        return Score(1.0)

    def __call__(self, candidate: BrainModel) -> Score:
        """Score and combine all parts, without Brain-Score's forecast of memory."""
        return self.combine(
            {part: benchmark(candidate) for part, benchmark in self.benchmarks.items()}
        )

    @abstractmethod
    def combine(self, parts: Mapping[str, Score]) -> Score:
        """The mean of the parts' scores."""

    def check_parts(self, parts: Mapping[str, Score]) -> None:
        """Raise `WiringError` unless there is one score for each part."""
        if set(parts) != set(self.identifiers):
            raise WiringError(
                f"{self.identifier} is the mean of {listed(list(self.identifiers))} and has no "
                f"value from {listed(list(parts)) if parts else 'nothing'}."
            )
