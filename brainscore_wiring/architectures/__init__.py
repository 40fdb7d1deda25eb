"""Architectures by name: network, regions, trainable sets, birth. Imports no torch.

An architecture is one file here, or an extension (`docs/extending.md`):
`register_architecture(Architecture(...))`. Its `network` is made only when asked for; where the
file defines the classes of the network too, listing models takes as long as importing torch.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brainscore_wiring import extensions, registry
from brainscore_wiring.architectures.region_map import Preprocessing as Preprocessing
from brainscore_wiring.architectures.region_map import RegionMap
from brainscore_wiring.arguments import real_number
from brainscore_wiring.errors import WiringError, WrongUsage, nearest, unknown

if TYPE_CHECKING:
    from torch import nn

#: Between the layers of a set that has no other name.
SEVERAL = "+"
#: In `TrainableSet.modules`: all batch norms, and the whole network.
BATCH_NORMS, WHOLE_NETWORK = "every batch norm", ""
#: What the paper counts of a trainable set.
PAPER_COUNTS = ("convolutions", "everything")


@dataclass(frozen=True)
class TrainableSet:
    """Parameters that are trained together.

    `modules` whose parameters are trained, `BATCH_NORMS` or `WHOLE_NETWORK`; the decoder is trained
    in every set of the paper that trains at all (the authors' code). `words` go on after
    "trained:". With `epochs` of all of ImageNet the catalogue has models with this set, from
    Kaiming Normal and from weight compression; `suffix` ends their identifiers, by default the
    set's name. `paper_counts` "convolutions" or, in one model of theirs, "everything".
    """

    modules: tuple[str, ...]
    words: str
    epochs: float | None = None
    suffix: str | None = None
    paper_counts: str = "convolutions"

    def __post_init__(self) -> None:
        if isinstance(self.modules, str):
            raise WiringError(
                f"A trainable set has modules='{self.modules}': it takes several, as in "
                f"('{self.modules}',) with its comma."
            )
        if self.epochs is not None and not 0 < real_number("epochs", self.epochs) < math.inf:
            raise WiringError(f"A trainable set has epochs={self.epochs}: give a number above 0.")
        if self.paper_counts not in PAPER_COUNTS:
            raise WiringError(
                f"A trainable set has paper_counts='{self.paper_counts}': it can be "
                f"{' or '.join(PAPER_COUNTS)}."
            )


NOTHING = TrainableSet((), "nothing")
EVERYTHING = TrainableSet((WHOLE_NETWORK,), "all synapses", suffix="")
#: The words of critical training, up to V4 and up to V2, of any architecture.
CRITICAL_WORDS = (
    "the down-sampling layers (critical training)",
    "the down-sampling layers up to V4 and all of IT",
    "the down-sampling layer of V2 and all of V4 and IT",
)
#: What the cards of architectures say whose regions follow the weights.
TRANSFERRED_REGIONS = (
    "The paper's authors let public benchmarks choose its layers and did not store the choice: "
    "here the layers are those that weight compression transfers to, so that nothing is fitted."
)


@dataclass(frozen=True)
class Architecture:
    """An architecture.

    `words`: its name in sentences. `network` makes it on the current torch device, with any
    weights; imports torch when it is called. `trainable`: name -> set, to which `nothing` is added.
    `classifier`: the module with one unit for each class, "" without. `initial`: what convolutions
    are initialised from without a genome, "kaiming_normal" or "uniform_default". `origins`: layer
    -> layer of CORnet-S whose genome entry it is sampled from (appendix D.1), or "" for a
    convolution that begins as without a genome; `other_origins`: the
    same in other mappings, by their names. `attached_norms`: convolution -> the batch norms behind
    it, where the paper counts their gammas. `constants`: values at birth of parameters that modules
    of no known type hold, by the last part of their name. `computed`: a fixed computation, nothing
    in it is initialised or trained; `note` goes on after its words. `limits`: a sentence for its
    cards. `in_paper`: the catalogue lists its models one by one; for any other they follow from
    what is said here.
    """

    name: str
    words: str
    network: Callable[[], nn.Module]
    region_map: RegionMap
    trainable: dict[str, TrainableSet] = field(default_factory=dict)
    classifier: str = ""
    initial: str = "kaiming_normal"
    origins: Callable[[], dict[str, str]] | None = None
    other_origins: Mapping[str, Callable[[], dict[str, str]]] = field(default_factory=dict)
    attached_norms: Callable[[str], Collection[str]] | None = None
    constants: Mapping[str, float] = field(default_factory=dict)
    computed: bool = False
    note: str = ""
    limits: str = ""
    in_paper: bool = False

    def __post_init__(self) -> None:
        self.trainable.setdefault("nothing", NOTHING)

    def named_modules(self) -> Iterator[tuple[str, str]]:
        """What is said of its network's modules, and their names: regions, readouts, classifier."""
        yield from self.region_map.regions.items()
        yield "behaviour", self.region_map.behaviour
        yield "logits", self.region_map.logits
        if self.classifier:
            yield "classifier", self.classifier

    def trainable_set(self, condition: str) -> TrainableSet | None:
        """The set of a name, or of layers that are named one by one: "V2.conv3+IT.conv2".

        None for any other name.
        """
        if condition in self.trainable:
            return self.trainable[condition]
        modules = tuple(condition.split(SEVERAL))
        if self.computed or not all(module in self._layers for module in modules):
            return None
        words = ", ".join(modules[:-1]) + " and " * (len(modules) > 1) + modules[-1]
        return TrainableSet(modules, words)

    def named_layers(self, modules: Iterable[str]) -> str:
        """The name of a `trainable_set`: of the one that is named alone, or of layers in any order.

        A layer is a module with parameters, or one that holds such modules. Raises `WrongUsage` for
        a name that there is not.
        """
        known = self._layers
        asked = list(dict.fromkeys(modules))
        for module in asked:
            if module not in known and module in self.sets:
                if len(asked) == 1:
                    return module
                raise WrongUsage(
                    f"'{module}' is a trainable set of {self.words}: it is named alone."
                )
            if module not in known:
                close = " or ".join(nearest(module, self.can_be_trained))
                top = ", ".join(self.outermost_modules)
                raise WrongUsage(
                    f"There is no layer '{module}' with parameters in {self.words}"
                    + (
                        f": did you mean {close}?"
                        if close
                        else f", only in {top or 'nothing: it is computed'}."
                    )
                )
        name = SEVERAL.join(sorted(asked, key=known.index))
        if name in self.trainable and set(self.trainable[name].modules) != set(asked):
            raise WiringError(
                f"'{name}' is a layer of {self.words} and the name of a trainable set of it, which "
                "trains something else: give the set another name."
            )
        return name

    @property
    def sets(self) -> list[str]:
        """The names of its trainable sets that train something."""
        return [name for name in self.trainable if name != "nothing"]

    @property
    def can_be_trained(self) -> list[str]:
        """Its layers and the names of its trainable sets."""
        return list(dict.fromkeys([*self._layers, *self.sets]))

    @property
    def outermost_modules(self) -> list[str]:
        """Its outermost modules with parameters in them, in the network's order."""
        return list(dict.fromkeys(name.partition(".")[0] for name in self._layers))

    @functools.cached_property
    def _layers(self) -> list[str]:
        """Modules with parameters in them, outer before inner, in the network's order."""
        from brainscore_wiring.architectures.layers import layers_of

        if self.computed:
            return []
        parts = [module.split(".") for module in layers_of(self.name)]
        names = [[".".join(part[:depth]) for depth in range(1, len(part) + 1)] for part in parts]
        return list(dict.fromkeys(itertools.chain.from_iterable(names)))

    @property
    def of_an_extension(self) -> bool:
        """Whether a user's file defines it, which may change while weights stay."""
        package = __name__.partition(".")[0]
        ours = self.module == package or self.module.startswith(f"{package}.")
        return not ours or self.module.startswith(f"{extensions.__name__}.")

    @property
    def module(self) -> str:
        """The module that defines it."""
        return self.network.__module__


_ARCHITECTURES: dict[str, Architecture] = {}
#: Name -> architecture; grows by `register_architecture`.
ARCHITECTURES: Mapping[str, Architecture] = extensions.Extended(_ARCHITECTURES)


def register_architecture(one: Architecture) -> Architecture:
    """Add an architecture; raises `WiringError` where its name is taken or is none."""
    return registry.add(_ARCHITECTURES, "architectures", one.name, one)


def register_trainable_set(name: str, condition: str, trained: TrainableSet) -> TrainableSet:
    """Add a trainable set to an architecture; raises `WiringError` where its name is taken."""
    return registry.add(
        architecture(name).trainable, f"trainable sets of {name}", condition, trained
    )


def architecture(name: str) -> Architecture:
    """The architecture of a name; raises `WrongUsage` with the nearest names for any other."""
    if name not in ARCHITECTURES:
        raise unknown("architecture", name, ARCHITECTURES, "brainscore list models")
    return ARCHITECTURES[name]


def build(name: str) -> nn.Module:
    """A network without its weights, in evaluation mode.

    Give it a birth state or load a checkpoint.
    """
    from brainscore_wiring.networks.allocation import without_weights
    from brainscore_wiring.networks.defaults import pytorch_defaults

    one = architecture(name)
    with pytorch_defaults():
        return one.network().eval() if one.computed else without_weights(one.network, one.constants)


def trained_parameters(
    condition: str, parameters: Iterable[str], name: str = "cornet_s"
) -> list[str]:
    """The names among `parameters` that are trained in a set of an architecture, in their order.

    Raises KeyError for an unknown set, `WiringError` for one that names a module without
    parameters.
    """
    from brainscore_wiring.architectures.layers import LayerKind, layers_of

    layers = layers_of(name)
    norms = {module for module, layer in layers.items() if layer.kind == LayerKind.BATCH_NORM}
    trained = architecture(name).trainable_set(condition)
    if trained is None:
        raise KeyError(condition)
    modules = trained.modules

    def belongs(holder: str, module: str) -> bool:
        if module == BATCH_NORMS:
            return holder in norms
        return module == WHOLE_NETWORK or f"{holder}.".startswith(f"{module}.")

    for module in modules:
        if not any(belongs(holder, module) for holder in layers):
            close = " or ".join(nearest(module, layers)) or ", ".join(list(layers)[:3])
            raise WiringError(
                f"The trainable set '{condition}' of {name} names '{module}', which has no "
                f"parameters there: did you mean {close}?"
            )
    return [
        parameter
        for parameter in parameters
        if any(belongs(parameter.rpartition(".")[0], module) for module in modules)
    ]


registry.import_all(__name__)
