"""The other compressions that the paper compares weight compression with (appendix B.3, figure 7).

Two readings are the authors' code, where their text says less or something else: mixture Gaussian
and kernel normal describe V1.conv2 by Gabors too, in one normal distribution over a whole kernel
(the text's "all weights are sampled based on normal distributions" leaves even V1.conv1 out); and
batch norms are normal in every compression, since the published totals contain their 58 numbers.
The last four are side experiments of theirs, in their score database but not in the paper: their
numbers are counted here in the paper's way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from brainscore_wiring.weight_compression.births import (
    GABOR_LAYER,
    OTHERS,
    BirthState,
    register_birth_state,
)

if TYPE_CHECKING:
    from brainscore_wiring.weight_compression.genome import Genome

_GABORS = {GABOR_LAYER: "gabor_mixture", "V1.conv2": "gabor_normal"}


def _gabors_alone(genome: Genome) -> Genome:
    from brainscore_wiring.weight_compression.entries.clusters import Clusters
    from brainscore_wiring.weight_compression.entries.kaiming_normal_weights import (
        KaimingNormalWeights,
    )

    layers = {
        name: KaimingNormalWeights() if isinstance(entry, Clusters) else entry
        for name, entry in genome.layers.items()
    }
    return replace(genome, layers=layers)


for birth in (
    BirthState(
        "mixture_gaussian",
        "mixture Gaussian",
        {
            **_GABORS,
            **dict.fromkeys(("V2.conv2", "V4.conv2", "IT.conv2"), "channel_mixture"),
            OTHERS: "kernel_normals",
        },
        published_numbers=428_114,
    ),
    BirthState(
        "kernel_normal",
        "a normal distribution per kernel",
        {**_GABORS, OTHERS: "kernel_normals"},
        published_numbers=433_735,
    ),
    BirthState(
        "no_gabor_prior",
        "kernel normals without the Gabor prior",
        {OTHERS: "kernel_normals"},
        published_numbers=20_026,
    ),
    BirthState(
        "best_distribution",
        "the best-fitting distribution of each layer",
        {**_GABORS, OTHERS: "best_distribution"},
        published_numbers=433_750,
    ),
    BirthState(
        "clustered_v1_conv1",
        "weight compression with clusters in V1.conv1",
        {OTHERS: "clusters"},
        published_numbers=858,
    ),
    BirthState(
        "raw_mixture_v1_conv1",
        "weight compression with a mixture over raw weights in V1.conv1",
        {GABOR_LAYER: "whole_kernels", OTHERS: "clusters"},
        published_numbers=22_199,
    ),
    BirthState(
        "gabor_only",
        "the Gabor prior alone",
        of="weight_compression",
        change=_gabors_alone,
        published_numbers=3_782,
    ),
):
    register_birth_state(replace(birth, row=""))
