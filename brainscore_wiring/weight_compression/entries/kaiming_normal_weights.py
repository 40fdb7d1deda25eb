"""Kaiming Normal as an entry: for layers of a genome that keep nothing (appendix B.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal


@dataclass(frozen=True)
class KaimingNormalWeights(Entry):
    """Weights as without a genome, the same bits as in a birth from Kaiming Normal."""

    kind: ClassVar[str] = "kaiming_normal"

    def stored_numbers(self) -> int:
        return 0

    def sample(self, shape: tuple[int, ...], seed: int, layer: str) -> np.ndarray:
        return kaiming_normal(shape, seed, layer)
