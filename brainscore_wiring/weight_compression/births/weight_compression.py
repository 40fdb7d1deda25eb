"""Weight compression (paper, section 4): Gabors in the first layer, clusters of filters in all others."""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import GABOR_LAYER, OTHERS, BirthState, register

register(BirthState("weight_compression", "weight compression", {GABOR_LAYER: "gabor_mixture", OTHERS: "clusters"},
                    row="", published_numbers=4_166))
