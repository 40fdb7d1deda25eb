"""Birth states on the frontier: which synapses, and what batch-norm statistics are measured on.
Needs no torch.

Statistics of 0 and 1 (nothing has been seen), of unlabelled natural images (some experience) and of
noise (spontaneous activity before the eyes open) answer different questions, so states are compared
within one kind.
"""

from __future__ import annotations

from dataclasses import replace

from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.errors import WrongUsage, nearest, unknown

#: Kind of statistics -> what the names of its states end in.
DEFAULTS, NATURAL, NATURAL_V1, FROM_NOISE = (
    "0/1",
    "natural images",
    "natural images in V1, else 0/1",
    "noise",
)
SUFFIXES = {DEFAULTS: "", NATURAL: "_bn", NATURAL_V1: "_bn_in_v1", FROM_NOISE: "_noise"}
#: What every state is compared with, within its kind of statistics.
WC_REFERENCE, KN_REFERENCE = "cornet_s_wc", "cornet_s_kn"


def _named(kind: str, births: str) -> list[str]:
    return [f"cornet_s_{birth}{SUFFIXES[kind]}" for birth in births.split()]


_COMPRESSED = "wc_published wc_4_bits low_rank_filters derivative_bank"
_RULES = "orthogonal smooth_filters"
#: Rows of the catalogue with natural images whose statistics are measured in V1 alone.
_IN_V1: dict[str, Variant] = {
    name: replace(CATALOGUE[f"cornet_s_{birth}{SUFFIXES[NATURAL]}"], identifier=name)
    for birth in ("kn", "wc", "wc_v1")
    for name in _named(NATURAL_V1, birth)
}
#: Measured without being asked for. To add a state, add its name here.
STATES: dict[str, Variant] = {
    name: CATALOGUE[name]
    for name in (
        *_named(DEFAULTS, f"kn wc wc_v1 {_COMPRESSED} {_RULES}"),
        *_named(NATURAL, f"kn wc {_COMPRESSED} wc_rainbow_4 wc_rainbow_16 wc_rainbow_64 {_RULES}"),
        *_named(FROM_NOISE, "kn wc"),
    )
} | _IN_V1


def statistics_of(state: Variant) -> str:
    """The kind of statistics of a birth state, a key of `SUFFIXES`."""
    if state.noise_images:
        return FROM_NOISE
    if state.unlabelled_images:
        return NATURAL_V1 if state.identifier in _IN_V1 else NATURAL
    return DEFAULTS


def state_called(name: str) -> Variant:
    """A state of the list, or any other row of the catalogue that is a CORnet-S at birth.

    Raises `WrongUsage` with the nearest names for anything else.
    """
    at_birth = {
        row.identifier: row
        for row in CATALOGUE.values()
        if row.at_birth
        and row.architecture == "cornet_s"
        and not row.seed
        and row.training_data == "any"
    }
    possible = at_birth | STATES
    if name in possible:
        return possible[name]
    if name in CATALOGUE:
        raise WrongUsage(
            f"{name} is no birth state of the frontier, which gives a CORnet-S at birth each of "
            f"its seeds: did you mean {' or '.join(nearest(name, possible) or [WC_REFERENCE])}?"
        )
    raise unknown("birth state", name, possible, "brainscore list models")


def reference(statistics: str, of: str) -> str:
    """The name of weight compression or Kaiming Normal with this kind of statistics."""
    return f"{of}{SUFFIXES[statistics]}"
