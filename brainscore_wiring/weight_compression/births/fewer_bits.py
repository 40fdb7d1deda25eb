"""Weight compression whose numbers are kept in fewer bits (`weight_compression.quantised`)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from brainscore_wiring.weight_compression.births import BirthState, register_birth_state

if TYPE_CHECKING:
    from brainscore_wiring.weight_compression.genome import Genome


def _quantised(genome: Genome, bits: int) -> Genome:
    from brainscore_wiring.weight_compression.quantised import quantised

    return quantised(genome, bits)


for bits in (8, 4, 2):
    register_birth_state(
        BirthState(
            f"weight_compression_{bits}_bits",
            f"weight compression with {bits} bits a number",
            of="weight_compression",
            change=partial(_quantised, bits=bits),
            row=f"wc_{bits}_bits",
        )
    )
