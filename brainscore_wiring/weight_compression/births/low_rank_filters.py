"""Low-rank normals over spatial filters (`weight_compression.entries.low_rank_filters`)."""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import (
    GABOR_LAYER,
    OTHERS,
    BirthState,
    register_birth_state,
)

register_birth_state(
    BirthState(
        "low_rank_filters",
        "low-rank normals over spatial filters",
        {GABOR_LAYER: "gabor_mixture", OTHERS: "low_rank_filters"},
    )
)
