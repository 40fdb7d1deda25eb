"""How each kind of genome entry is fitted to a trained convolution, and what a fit can be told.

A fit takes weights (out, in, k, k), the layer's name and `FitOptions`, and returns the entry and
the share of the weights' variance that it leaves unexplained. The share is that of the description,
not of a birth, whose weights are sampled and match one by one nowhere: clusters leave what
separates a filter from its centre, in units of the variance around the layer's mean filter (a
single cluster leaves 1); the first layer's Gabors leave what separates a channel from its Gabor, in
units of the variance around the channel's mean. Kinds that describe no single filter have None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np

from brainscore_wiring import registry
from brainscore_wiring.errors import WrongUsage, nearest, unknown
from brainscore_wiring.weight_compression.births import BIRTH_STATES, FITTED, BirthState
from brainscore_wiring.weight_compression.births.own_weight_compression import DEPTHWISE_CLUSTERS
from brainscore_wiring.weight_compression.births.weight_compression import (
    CLUSTERS,
    FIRST_LAYER_CLUSTERS,
    GABOR_COMPONENTS,
    POINTWISE_CLUSTERS,
)
from brainscore_wiring.weight_compression.clusters_fit import fit_clusters, unexplained_variance
from brainscore_wiring.weight_compression.entries.best_distribution import fit_best_distribution
from brainscore_wiring.weight_compression.entries.channel_mixture import fit_channel_mixture
from brainscore_wiring.weight_compression.entries.clusters import (
    LARGEST_CLUSTERS,
    Clusters,
    DepthwiseClusters,
)
from brainscore_wiring.weight_compression.entries.derivative_bank import fit_derivative_bank
from brainscore_wiring.weight_compression.entries.factored_gaussian import fit_whole_kernels
from brainscore_wiring.weight_compression.entries.gabor_mixture import LARGEST_COMPONENTS
from brainscore_wiring.weight_compression.entries.gabor_normal import fit_gabor_normal
from brainscore_wiring.weight_compression.entries.kernel_normals import fit_kernel_normals
from brainscore_wiring.weight_compression.entries.low_rank_filters import fit_low_rank_filters
from brainscore_wiring.weight_compression.entry import Entry, entry_class
from brainscore_wiring.weight_compression.gabor_mixture_fit import fit_gabor_mixture

#: What the noise within a cluster can be (`clusters_fit.fit_clusters`).
NOISE_MEASURES = ("code", "text")


@dataclass(frozen=True)
class FitOptions:
    """What a fit can be told. The defaults are those of the paper's 4,166 numbers.

    `clusters`: layer -> number of clusters, where it should differ from the paper's (`CLUSTERS`).
    `elbow`: choose the other layers' numbers by the elbow of the inertia, as the paper's text says
    (`clusters_fit.elbow`). `gabor_components`: None chooses 1 to 14 by the Bayesian information
    criterion, as the text says (`gabor_mixture_fit.fit_mixture`). `noise`: `code` or `text`
    (`clusters_fit.fit_clusters`).
    """

    clusters: dict[str, int] = field(default_factory=dict)
    elbow: bool = False
    gabor_components: int | None = GABOR_COMPONENTS
    noise: str = "code"
    seed: int = 0

    def number_of_clusters(self, layer: str) -> int | None:
        """None is the elbow."""
        return self.clusters.get(layer, None if self.elbow else self.number_of_components(layer))

    def number_of_components(self, layer: str) -> int:
        """The paper's number, where the elbow is not asked for or does not exist."""
        numbers = CLUSTERS | FIRST_LAYER_CLUSTERS | DEPTHWISE_CLUSTERS
        return self.clusters.get(layer, numbers.get(layer, POINTWISE_CLUSTERS))


FitFunction = Callable[[np.ndarray, str, FitOptions], tuple[Entry, float | None]]


def _fit_clusters(weights: np.ndarray, layer: str, options: FitOptions) -> tuple[Clusters, float]:
    number = options.number_of_clusters(layer)
    entry = fit_clusters(weights, number, options.seed, layer, options.noise)
    return entry, unexplained_variance(entry, weights)


def _fit_depthwise_clusters(
    weights: np.ndarray, layer: str, options: FitOptions
) -> tuple[Entry, float]:
    entry, share = _fit_clusters(weights, layer, options)
    return DepthwiseClusters(**asdict(entry)), share


#: Kind of entry -> its fit; grows by `fits`.
_FITS: dict[str, FitFunction] = {
    "clusters": _fit_clusters,
    "depthwise_clusters": _fit_depthwise_clusters,
    "gabor_mixture": lambda weights, layer, options: fit_gabor_mixture(
        weights, options.gabor_components, options.seed
    ),
    "channel_mixture": lambda weights, layer, options: (
        fit_channel_mixture(weights, options.number_of_components(layer), options.seed, layer),
        None,
    ),
    "best_distribution": lambda weights, layer, options: (fit_best_distribution(weights), None),
    "whole_kernels": lambda weights, layer, options: (fit_whole_kernels(weights), None),
    "gabor_normal": lambda weights, layer, options: (fit_gabor_normal(weights), None),
    "kernel_normals": lambda weights, layer, options: (fit_kernel_normals(weights), None),
    "low_rank_filters": lambda weights, layer, options: (fit_low_rank_filters(weights), None),
    "derivative_bank": lambda weights, layer, options: (fit_derivative_bank(weights), None),
}


def fits(kind: str) -> Callable[[FitFunction], FitFunction]:
    """Decorator of the fit of another kind of entry."""
    return lambda fit: registry.add(_FITS, "fits for the kind of genome entry", kind, fit)


def fit_of(kind: str) -> FitFunction:
    """The fit of a kind.

    Raises `WrongUsage` for a kind that does not exist or that nothing fits.
    """
    entry_class(kind)
    if kind not in _FITS:
        raise WrongUsage(
            f"Nothing fits genome entries of the kind '{kind}': decorate a function with "
            f'@fits("{kind}"), or give a birth state that stores no number needs="none".'
        )
    return _FITS[kind]


def compression(name: str) -> BirthState:
    """The birth state whose genome `brainscore compress --as` makes; `WrongUsage` for any other."""
    possible = [birth.name for birth in BIRTH_STATES.values() if birth.fitted]
    if name not in possible:
        raise unknown("compression", name, possible, "brainscore compress --help")
    return BIRTH_STATES[name]


def default_compression(architecture: str) -> str:
    """The compression of a network of this architecture unless another one is asked for."""
    own = [birth.name for birth in BIRTH_STATES.values() if birth.fitted_to == architecture]
    return "weight_compression" if architecture == FITTED or not own else own[0]


def check_fit_options(birth: BirthState, options: FitOptions, convolutions: list[str]) -> None:
    """Raise `WrongUsage` for options that say nothing about a compression."""
    layers = [layer for layer in convolutions if birth.kind(layer) == "clusters"]
    if not layers and (options.clusters or options.elbow or options.noise != "code"):
        raise WrongUsage(
            f"{birth.name} describes no layer by clusters: their number and noise are "
            "choices of weight_compression."
        )
    for name, number in options.clusters.items():
        if name not in layers:
            close = nearest(name, layers)
            hint = (
                f"did you mean {' or '.join(close)}?"
                if close
                else f"these are {', '.join(layers)}."
            )
            raise WrongUsage(f"'{name}' is none of the convolutions that clusters describe: {hint}")
        if not 1 <= number <= LARGEST_CLUSTERS:
            raise WrongUsage(f"{name} can have 1 to {LARGEST_CLUSTERS} clusters, not {number}.")
    if options.noise not in NOISE_MEASURES:
        raise unknown("noise", options.noise, NOISE_MEASURES, "brainscore compress --help")
    check_components(options.gabor_components)
    if options.gabor_components != GABOR_COMPONENTS and "gabor_mixture" not in map(
        birth.kind, convolutions
    ):
        raise WrongUsage(
            f"{birth.name} has no mixture over Gabors: leave the number of its components out."
        )


def check_components(components: int | None) -> None:
    """Raise `WrongUsage` for a number of components that the first layer's mixture cannot have."""
    if components is not None and not 1 <= components <= LARGEST_COMPONENTS:
        raise WrongUsage(
            f"The first layer's mixture needs 1 to {LARGEST_COMPONENTS} components, "
            f"not {components}."
        )
