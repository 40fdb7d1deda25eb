"""Weight compression (paper, section 4).

Gabors in the first layer, clusters of filters in all others.
"""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import (
    GABOR_LAYER,
    OTHERS,
    BirthState,
    register_birth_state,
)

#: The paper's clusters of the 3 x 3 layers, those of its authors' parameter files; every 1 x 1
#: layer has two. A table in their code says 9 for IT.conv2, with which the published total of 4,166
#: would be 4,226. Mixtures over single channels have as many components as these layers have
#: clusters.
CLUSTERS = {"V1.conv2": 7, "V2.conv2": 5, "V4.conv2": 8, "IT.conv2": 4}
POINTWISE_CLUSTERS = 2
#: Clusters of the first layer, where it has no Gabor prior.
FIRST_LAYER_CLUSTERS = {GABOR_LAYER: 8}
#: Components of the first layer's mixture.
GABOR_COMPONENTS = 4

register_birth_state(
    BirthState(
        "weight_compression",
        "weight compression",
        {GABOR_LAYER: "gabor_mixture", OTHERS: "clusters"},
        row="",
        published_numbers=4_166,
    )
)
