"""Weight compression of MobileNet v1's own training, not of CORnet-S's.

The same description as weight compression: Gabors in the first layer, clusters of filters in all
others. A depthwise kernel has one filter, which belongs to a cluster with the frequency that the
cluster has in the layer.
"""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import OTHERS, BirthState, register_birth_state

#: Each depthwise layer has as many clusters as the layer of CORnet-S that a transfer samples it
#: from (appendix D.1); every pointwise layer has two.
DEPTHWISE_CLUSTERS = {
    f"block{number}.depthwise": clusters
    for number, clusters in enumerate([7, *[5] * 4, *[8] * 5, *[4] * 3], start=1)
}

register_birth_state(
    BirthState(
        "own_weight_compression",
        "weight compression of an ImageNet-trained MobileNet v1",
        {
            "stem.conv": "gabor_mixture",
            **dict.fromkeys(DEPTHWISE_CLUSTERS, "depthwise_clusters"),
            OTHERS: "clusters",
        },
        row="",
        published_numbers=4_830,
        fitted_to="mobilenet_v1_tensorflow",
    )
)
