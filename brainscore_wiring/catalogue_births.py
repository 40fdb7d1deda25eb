"""Birth states beyond the paper's, as differences from a Kaiming Normal CORnet-S: part of `catalogue`. No torch."""

from __future__ import annotations

from typing import Any

#: Birth -> its words, continuing `catalogue.BIRTH_NAMES`.
BEYOND_NAMES = {
    "published_weight_compression": "the paper authors' own weight compression",
    "weight_compression_8_bits": "weight compression with 8 bits a number",
    "weight_compression_4_bits": "weight compression with 4 bits a number",
    "weight_compression_2_bits": "weight compression with 2 bits a number",
    "low_rank_filters": "low-rank normals over spatial filters",
    "derivative_bank": "a shared bank of Gaussian derivatives",
    "rainbow_4": "weight compression with aligned channel variances of rank 4",
    "rainbow_16": "weight compression with aligned channel variances of rank 16",
    "rainbow_64": "weight compression with aligned channel variances of rank 64",
    "orthogonal": "orthogonal weights",
    "smooth_filters": "smooth random filters",
}
#: Born from the authors' parameter files, which are fetched and not shipped.
PUBLISHED_BIRTH = "published_weight_compression"
#: Births from the genome of weight compression with fewer bits for each number.
QUANTISED_BIRTHS = {f"weight_compression_{bits}_bits": bits for bits in (8, 4, 2)}
#: Births whose channels are aligned with activity, which takes unlabelled or noise images.
ALIGNED_BIRTHS = ("rainbow_4", "rainbow_16", "rainbow_64")
#: Births without any stored number: their genome is written down in the code.
NUMBERLESS_BIRTHS = ("orthogonal", "smooth_filters")

#: The best of the frontier among genomes of at most 10,000 numbers (docs/frontier), which has a name of its own.
BEST, BEST_NAME = "cornet_s_wc_noise", "cornet_s_birth_best"

AREAS = ("V1", "V2", "V4", "IT")


def _birth(birth: str, **changes: Any) -> dict[str, Any]:
    return dict(birth=birth, compressed=AREAS, default_norms=("norm3_",), section="beyond") | changes


#: Identifier -> what differs from a Kaiming Normal CORnet-S; each also with measured batch-norm statistics.
BEYOND: dict[str, dict[str, Any]] = {
    "cornet_s_wc_v1": _birth("weight_compression", compressed=AREAS[:1]),
    "cornet_s_wc_published": _birth("published_weight_compression"),
    **{f"cornet_s_wc_{bits}_bits": _birth(birth) for birth, bits in QUANTISED_BIRTHS.items()},
    "cornet_s_low_rank_filters": _birth("low_rank_filters"),
    "cornet_s_derivative_bank": _birth("derivative_bank"),
    **{f"cornet_s_wc_rainbow_{rank}": _birth(f"rainbow_{rank}") for rank in (4, 16, 64)},
    "cornet_s_orthogonal": _birth("orthogonal", default_norms=("norm",)),
    "cornet_s_smooth_filters": _birth("smooth_filters", default_norms=("norm",)),
}
