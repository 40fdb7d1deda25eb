"""Smooth random filters (`weight_compression.entries.smooth_filters`)."""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import OTHERS, BirthState, register_birth_state

register_birth_state(
    BirthState("smooth_filters", "smooth random filters", {OTHERS: "smooth_filters"}, needs="none")
)
