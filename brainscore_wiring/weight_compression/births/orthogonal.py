"""Orthogonal weights (`weight_compression.entries.orthogonal`)."""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import OTHERS, BirthState, register_birth_state

register_birth_state(
    BirthState("orthogonal", "orthogonal weights", {OTHERS: "orthogonal"}, needs="none")
)
