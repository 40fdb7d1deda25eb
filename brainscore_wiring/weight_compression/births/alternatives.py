"""The other compressions that the paper compares weight compression with (appendix B.3, figure 7).

Two readings are the authors' code, where their text says less or something else: mixture Gaussian
and kernel normal describe V1.conv2 by Gabors too, in one normal distribution over a whole kernel
(the text's "all weights are sampled based on normal distributions" leaves even V1.conv1 out); and
batch norms are normal in every compression, since the published totals contain their 58 numbers.
Four compressions of their database are not built here.
"""

from __future__ import annotations

from brainscore_wiring.weight_compression.births import (
    GABOR_LAYER,
    OTHERS,
    BirthState,
    register_birth_state,
)

_GABORS = {GABOR_LAYER: "gabor_mixture", "V1.conv2": "gabor_normal"}

register_birth_state(
    BirthState(
        "mixture_gaussian",
        "mixture Gaussian",
        row="",
        published_numbers=428_114,
        layers={
            **_GABORS,
            "V2.conv2": "channel_mixture",
            "V4.conv2": "channel_mixture",
            "IT.conv2": "channel_mixture",
            OTHERS: "kernel_normals",
        },
    )
)
register_birth_state(
    BirthState(
        "kernel_normal",
        "a normal distribution per kernel",
        {**_GABORS, OTHERS: "kernel_normals"},
        row="",
        published_numbers=433_735,
    )
)
register_birth_state(
    BirthState(
        "no_gabor_prior",
        "kernel normals without the Gabor prior",
        {OTHERS: "kernel_normals"},
        row="",
        published_numbers=20_026,
    )
)

for name, words, lacks in (
    (
        "best_distribution",
        "the best-fitting distribution of each layer",
        "Fitting the best distribution to each layer is not part of the package yet.",
    ),
    (
        "gabor_only",
        "the Gabor prior alone",
        "A birth from the Gabor prior alone is not part of the package yet.",
    ),
    (
        "clustered_v1_conv1",
        "weight compression with clusters in V1.conv1",
        "Clusters for V1.conv1 are not part of the package yet.",
    ),
    (
        "raw_mixture_v1_conv1",
        "weight compression with a mixture over raw weights in V1.conv1",
        "A mixture over the raw weights of V1.conv1 is not part of the package yet.",
    ),
):
    register_birth_state(BirthState(name, words, row="", lacks=lacks))
