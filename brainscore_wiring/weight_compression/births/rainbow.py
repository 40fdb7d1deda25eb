"""Weight compression with channel variances aligned with activity
(`weight_compression.entries.aligned_channels`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from brainscore_wiring.weight_compression.births import BirthState, register_birth_state

if TYPE_CHECKING:
    from torch import Tensor

    from brainscore_wiring.weight_compression.genome import Genome


def _aligned(
    genome: Genome, state: Mapping[str, Tensor], batches: Iterable[Tensor], rank: int
) -> Genome:
    from brainscore_wiring.weight_compression.aligned_channels_fit import fit_rainbow

    return fit_rainbow(state, batches, rank, genome)


for rank in (4, 16, 64):
    register_birth_state(
        BirthState(
            f"rainbow_{rank}",
            f"weight compression with aligned channel variances of rank {rank}",
            needs="images",
            of="weight_compression",
            align=partial(_aligned, rank=rank),
            row=f"wc_rainbow_{rank}",
        )
    )
