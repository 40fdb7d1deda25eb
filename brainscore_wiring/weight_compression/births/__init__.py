"""Birth states by name: what each is called, what describes its layers, and what it needs.

Imports no numpy. A birth state is one file here, or an extension (`docs/extending.md`):
`register_birth_state(BirthState(...))`, in the same file as the class of its entries where it has
one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brainscore_wiring import extensions, registry
from brainscore_wiring.errors import WiringError, nearest

if TYPE_CHECKING:
    from torch import Tensor

    from brainscore_wiring.weight_compression.genome import Genome

#: The architecture that the paper's genomes are fitted to; others are initialised from a transfer
#: of one, where their birth state has no genome of their own.
FITTED = "cornet_s"
#: What a genome can take.
NEEDS = ("numbers", "none", "images", "authors' files")
#: In `BirthState.layers`: all convolutions without an entry of their own.
OTHERS = "other convolutions"
#: In the source of a genome that is fitted to no network: the birth state that says all of it.
WRITTEN = "birth"
#: CORnet-S's layer with the Gabor prior.
GABOR_LAYER = "V1.conv1"

Align = Callable[["Genome", "Mapping[str, Tensor]", "Iterable[Tensor]"], "Genome"]


@dataclass(frozen=True)
class BirthState:
    """A birth state.

    `words` go on after "at birth from". `layers`: convolution of `fitted_to` -> kind of the entry
    that describes it, with `OTHERS` for the rest; empty where weights are not sampled from a
    genome. `fitted_to`: the architecture that the genome is fitted to, of `FITTED` it can be
    transferred. `needs` says what a genome takes: "numbers" fitted to a trained network, "none",
    "images" to look at besides, or "authors' files". `row`: the end of the identifiers of the
    catalogue's rows, by default `name`; "" where the rows are listed as recipes. `of`: the birth
    whose genome is changed, by `change` (genome -> genome) at birth or by `align` (genome, trained
    state dict, batches of images -> genome) at compression. `published_numbers` as the paper
    counts.
    """

    name: str
    words: str
    layers: Mapping[str, str] = field(default_factory=dict)
    needs: str = "numbers"
    row: str | None = None
    of: str = ""
    change: Callable[[Genome], Genome] | None = None
    align: Align | None = None
    published_numbers: int | None = None
    fitted_to: str = FITTED

    @property
    def sampled(self) -> bool:
        """Whether weights are sampled from a genome."""
        return bool(self.layers or self.of or self.needs != "numbers")

    @property
    def of_an_extension(self) -> bool:
        """Whether a user's file defines it."""
        return self.name not in _OURS

    @property
    def fitted(self) -> bool:
        """Whether `brainscore compress --as` makes its genome."""
        made = self.needs in ("numbers", "images") and not self.change
        return made and self.sampled

    @property
    def genome_of(self) -> str:
        """The birth whose genome file this one is sampled from.

        Itself, unless that genome is changed at birth.
        """
        return self.of if self.change else self.name

    @property
    def identifier(self) -> str:
        """The end of its rows' identifiers; empty where the catalogue lists them as recipes."""
        return self.name if self.row is None else self.row

    def kind(self, layer: str) -> str:
        """The kind of entry that describes a convolution; empty where anything may."""
        return self.layers.get(layer, self.layers.get(OTHERS, ""))

    def check_layers(self) -> None:
        """Raise `WiringError` where `fitted_to` is no architecture, or `layers` names what is no
        convolution of it.
        """
        from brainscore_wiring.architectures import ARCHITECTURES
        from brainscore_wiring.architectures.layers import convolutions_of

        if self.fitted_to not in ARCHITECTURES:
            known = nearest(self.fitted_to, ARCHITECTURES) or ARCHITECTURES
            raise WiringError(
                f"The birth state {self.name} is fitted_to '{self.fitted_to}', which is no "
                f"architecture: did you mean {' or '.join(known)}?"
            )
        convolutions = convolutions_of(self.fitted_to)
        for name in self.layers:
            if name not in (*convolutions, OTHERS):
                close = " or ".join(nearest(name, convolutions)) or convolutions[0]
                raise WiringError(
                    f"The birth state {self.name} describes '{name}', which is no convolution of "
                    f"{self.fitted_to}: did you mean {close}?"
                )

    def written_genome(self) -> Genome:
        """The genome of a birth that needs no numbers.

        Its entry for each convolution, none for batch norms.
        """
        from brainscore_wiring.architectures.layers import convolutions_of
        from brainscore_wiring.weight_compression.entry import entry_class
        from brainscore_wiring.weight_compression.genome import Genome

        layers = {}
        for name in convolutions_of(self.fitted_to):
            kind = self.kind(name)
            if not kind:
                raise WiringError(
                    f"The birth state {self.name} does not say what describes {name}: give its "
                    "`layers` a kind of entry for it, or for all OTHERS."
                )
            with extensions.calling(f"A '{kind}' of the birth state {self.name}"):
                layers[name] = entry_class(kind)()
        return Genome(layers, self.fitted_to, {WRITTEN: self.name})


_STATES: dict[str, BirthState] = {}
#: Birth -> what is known of it; grows by `register_birth_state`.
BIRTH_STATES: Mapping[str, BirthState] = extensions.Extended(_STATES)


def register_birth_state(birth: BirthState) -> BirthState:
    """Add a birth state; raises `WiringError` where its name is taken or its parts do not fit."""
    if birth.needs not in NEEDS:
        raise WiringError(
            f"The birth state {birth.name} needs '{birth.needs}'; it can be {', '.join(NEEDS)}."
        )
    if ((birth.change or birth.align) and not birth.of) or (
        birth.needs == "none" and not birth.layers
    ):
        raise WiringError(
            f"The birth state {birth.name} does not say what it is made from: give `of`, "
            "the birth whose genome is changed, or `layers`, the kinds of its entries."
        )
    return registry.add(_STATES, "birth states", birth.name, birth)


def changed(name: str, genome: Genome) -> Genome:
    """The genome that a birth samples from, given the one in its file."""
    change = BIRTH_STATES[name].change
    return change(genome) if change else genome


registry.import_all(__name__)
_OURS = frozenset(_STATES)  # extensions come later
