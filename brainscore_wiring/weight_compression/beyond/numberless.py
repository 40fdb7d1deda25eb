"""Genomes without a single number: births whose every layer is written down in the code."""

from __future__ import annotations

from brainscore_wiring.errors import unknown
from brainscore_wiring.synapses import cornet_s_parameters, is_convolution
from brainscore_wiring.weight_compression.beyond.orthogonal import Orthogonal
from brainscore_wiring.weight_compression.beyond.smooth_filters import SmoothFilters
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.genome import Genome

#: Birth (`catalogue_births.NUMBERLESS_BIRTHS`) -> the entry of all its convolutions.
ENTRIES: dict[str, type[Entry]] = {"orthogonal": Orthogonal, "smooth_filters": SmoothFilters}


def numberless_genome(birth: str) -> Genome:
    """The genome of CORnet-S that has the birth's entry for each convolution and none for batch norms.

    Raises `WrongUsage` for a birth that keeps numbers or does not exist.
    """
    if birth not in ENTRIES:
        raise unknown("birth without numbers", birth, ENTRIES, "brainscore list models")
    return Genome({name.removesuffix(".weight"): ENTRIES[birth]() for name in cornet_s_parameters()
                   if is_convolution(name)}, "cornet_s", {"birth": birth})
