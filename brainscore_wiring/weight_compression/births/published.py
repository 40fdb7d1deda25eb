"""Weight compression from the authors' parameter files (`weight_compression.published`)."""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import BirthState, register_birth_state

register_birth_state(
    BirthState(
        "published_weight_compression",
        "the paper authors' own weight compression",
        needs="authors' files",
        row="wc_published",
    )
)
