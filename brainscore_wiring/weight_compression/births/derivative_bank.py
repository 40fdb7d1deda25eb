"""A shared bank of Gaussian derivatives (`weight_compression.entries.derivative_bank`)."""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import OTHERS, BirthState, register_birth_state

register_birth_state(
    BirthState(
        "derivative_bank", "a shared bank of Gaussian derivatives", {OTHERS: "derivative_bank"}
    )
)
