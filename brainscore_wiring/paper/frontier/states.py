"""Birth states on the frontier: which synapses, and what batch-norm statistics are measured on.
Needs no torch.

Statistics of 0 and 1 (nothing has been seen), of unlabelled natural images (some experience) and of
noise (spontaneous activity before the eyes open) answer different questions, so states are compared
within one kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brainscore_wiring.catalogue import AREAS, CATALOGUE, Variant
from brainscore_wiring.errors import WiringError, WrongUsage, nearest, unknown

if TYPE_CHECKING:
    from brainscore_wiring.checkpoints.wiring_checkpoint import Birth

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


@dataclass(frozen=True)
class State:
    """One birth state: a catalogue row at birth, and what is done differently.

    `row` is the state's own name where none is given. `areas`: those whose batch-norm statistics
    are measured; the others keep 0 and 1.
    """

    name: str
    row: str = ""
    areas: tuple[str, ...] = AREAS

    @property
    def variant(self) -> Variant:
        return CATALOGUE[self.row or self.name]

    @property
    def statistics(self) -> str:
        """The kind of statistics, a key of `SUFFIXES`."""
        if self.variant.noise_images:
            return FROM_NOISE
        if self.variant.unlabelled_images:
            return NATURAL if self.areas == AREAS else NATURAL_V1
        return DEFAULTS

    def birth(self, seed: int) -> Birth:
        """The birth of one seed. Raises `WiringError` where its genome is not on this machine."""
        from brainscore_wiring.checkpoints.initial_weights import birth_of

        return birth_of(self.variant, seed)

    def why_not_here(self) -> str:
        """One sentence on why the state cannot be born on this machine; empty where it can."""
        try:
            self.birth(self.variant.seed)
        except WiringError as error:
            return str(error)
        return ""


def _rows(kind: str, *births: str) -> list[State]:
    return [State(f"cornet_s_{birth}{SUFFIXES[kind]}") for birth in births]


#: Measured without being asked for. To add a state, add its name here.
STATES: dict[str, State] = {
    state.name: state
    for state in (
        *_rows(
            DEFAULTS,
            "kn",
            "wc",
            "wc_v1",
            "wc_published",
            "wc_4_bits",
            "low_rank_filters",
            "derivative_bank",
            "orthogonal",
            "smooth_filters",
        ),
        *_rows(
            NATURAL,
            "kn",
            "wc",
            "wc_published",
            "wc_4_bits",
            "low_rank_filters",
            "derivative_bank",
            "wc_rainbow_4",
            "wc_rainbow_16",
            "wc_rainbow_64",
            "orthogonal",
            "smooth_filters",
        ),
        *_rows(FROM_NOISE, "kn", "wc"),
        *(
            State(f"cornet_s_{birth}{SUFFIXES[NATURAL_V1]}", f"cornet_s_{birth}_bn", ("V1",))
            for birth in ("kn", "wc", "wc_v1")
        ),
    )
}


def state_called(name: str) -> State:
    """A state of the list, or any other row of the catalogue that is a CORnet-S at birth.

    Raises `WrongUsage` with the nearest names for anything else.
    """
    if name in STATES:
        return STATES[name]
    row = CATALOGUE.get(name)
    if (
        row is None
        or not row.at_birth
        or row.architecture != "cornet_s"
        or row.seed
        or row.diet != "any"
    ):
        possible = dict.fromkeys(
            (
                *STATES,
                *(
                    other.identifier
                    for other in CATALOGUE.values()
                    if other.architecture == "cornet_s"
                    and other.at_birth
                    and not other.seed
                    and other.diet == "any"
                ),
            )
        )
        if row is not None:
            raise WrongUsage(
                f"{name} is no birth state of the frontier, which gives a CORnet-S at birth each "
                "of its "
                f"seeds: did you mean {' or '.join(nearest(name, possible) or [WC_REFERENCE])}?"
            )
        raise unknown("birth state", name, possible, "brainscore list models")
    return State(name)


def reference(statistics: str, of: str) -> str:
    """The name of weight compression or Kaiming Normal with this kind of statistics."""
    return f"{of}{SUFFIXES[statistics]}"
