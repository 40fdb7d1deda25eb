"""What is compared: births of CORnet-S and MobileNet, and networks of others that store nothing.
Needs no torch to be imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.errors import unknown
from brainscore_wiring.paper.frontier.states import (
    DEFAULTS,
    STATES,
    SUFFIXES,
    WC_REFERENCE,
    statistics_of,
)
from brainscore_wiring.weight_compression.births import FITTED

if TYPE_CHECKING:
    from brainscore_wiring.paper.frontier.networks_at_birth import SeedImages, StateNetwork

#: ConvNeXt-Tiny's stages as regions, as docs/extending.md has them.
_CONVNEXT = {
    "V1": "features.1",
    "V2": "features.3",
    "V4": "features.5",
    "IT": "features.7",
    "behavior": "avgpool",
}


#: How names begin -> the networks, in the picture.
_GROUPS = {
    FITTED: "CORnet-S",
    "mobilenet": "MobileNet",
    "expansion": "expansion network",
    "resnet50": "ResNet-50",
    "convnext_tiny": "ConvNeXt-Tiny",
}


@dataclass(frozen=True)
class State:
    """A birth state: a row of the catalogue, or a library's network as it initialises it."""

    name: str
    statistics: str
    row: Variant | None = None
    library: str = ""
    layers: Sequence[tuple[str, str]] = ()

    @property
    def group(self) -> str:
        """Which networks it belongs to, in the picture."""
        return next(words for start, words in _GROUPS.items() if self.name.startswith(f"{start}_"))

    def network(self, images: SeedImages) -> StateNetwork:
        """The network of the images' seed. Raises `WiringError` where it cannot be made here."""
        from brainscore_wiring.paper.frontier.networks_at_birth import Cost, StateNetwork
        from brainscore_wiring.scoring.own_models import OwnModel

        if self.row is not None:
            return StateNetwork.born(self.row, images)
        model = OwnModel(self.library, tuple(self.layers), seed=images.seed).load()
        return StateNetwork(model, Cost(0, 0, 0), "", model.fingerprint)


def _of_the_catalogue(name: str) -> State:
    row = CATALOGUE[name]
    return State(name, statistics_of(row), row)


#: The networks of others and MobileNet come first, then those of the first comparison.
ALL_STATES: dict[str, State] = {
    state.name: state
    for state in (
        _of_the_catalogue("expansion_kn"),
        _of_the_catalogue("resnet50_kn"),
        State(
            "convnext_tiny_random",
            DEFAULTS,
            library="torchvision:convnext_tiny",
            layers=tuple(_CONVNEXT.items()),
        ),
        _of_the_catalogue("mobilenet_wc_own"),
        _of_the_catalogue("mobilenet_random"),
        _of_the_catalogue("mobilenet_wc_own_noise"),
        _of_the_catalogue("mobilenet_random_noise"),
        *(State(name, statistics_of(row), row) for name, row in STATES.items()),
    )
}


def reference_of(state: str) -> str:
    """Weight compression with the same kind of statistics."""
    return f"{WC_REFERENCE}{SUFFIXES[ALL_STATES[state].statistics]}"


def states_called(names: Sequence[str]) -> list[State]:
    """The states of these names, all without one. Raises `WrongUsage` for another name."""
    for name in names:
        if name not in ALL_STATES:
            raise unknown("birth state", name, ALL_STATES, "docs/frontier/four_benchmarks.md")
    return [ALL_STATES[name] for name in names or ALL_STATES]
