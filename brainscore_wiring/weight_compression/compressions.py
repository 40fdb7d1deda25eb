"""Which entry describes which layer of CORnet-S, for every birth that is fitted to a trained network.

Weight compression and its alternatives are those of the paper's section 4 and appendix B.3, the others go beyond it.
Three readings are the authors' code, where their text says less or something else:

- mixture Gaussian and kernel normal describe V1.conv2 by Gabors too, in one normal distribution over a whole kernel
  (the text's "all weights are sampled based on normal distributions" leaves even V1.conv1 out);
- the mixtures over single channels have 5, 8 and 4 components, like the clusters of these layers;
- batch norms are normal in every compression: the published totals contain their 58 numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from brainscore_wiring.errors import WrongUsage, nearest, unknown
from brainscore_wiring.weight_compression.clusters import LARGEST_CLUSTERS
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.gabor_mixture import GABOR_COMPONENTS, LARGEST_COMPONENTS

#: The layer with the Gabor prior.
GABOR_LAYER = "V1.conv1"
_OTHERS = "other convolutions"
#: Birth -> layer -> kind of its entry.
COMPRESSIONS: dict[str, dict[str, str]] = {
    "weight_compression": {GABOR_LAYER: "gabor_mixture", _OTHERS: "clusters"},
    "mixture_gaussian": {GABOR_LAYER: "gabor_mixture", "V1.conv2": "gabor_normal", "V2.conv2": "channel_mixture",
                         "V4.conv2": "channel_mixture", "IT.conv2": "channel_mixture", _OTHERS: "kernel_normals"},
    "kernel_normal": {GABOR_LAYER: "gabor_mixture", "V1.conv2": "gabor_normal", _OTHERS: "kernel_normals"},
    "no_gabor_prior": {_OTHERS: "kernel_normals"},
    "low_rank_filters": {GABOR_LAYER: "gabor_mixture", _OTHERS: "low_rank_filters"},
    "derivative_bank": {_OTHERS: "derivative_bank"},
}
#: The paper's clusters of the 3 x 3 layers, those of its authors' parameter files; every 1 x 1 layer has two. A table
#: in their code says 9 for IT.conv2, with which the published total of 4,166 would be 4,226.
CLUSTERS = {"V1.conv2": 7, "V2.conv2": 5, "V4.conv2": 8, "IT.conv2": 4}
POINTWISE_CLUSTERS = 2
CHANNEL_COMPONENTS = {"V2.conv2": 5, "V4.conv2": 8, "IT.conv2": 4}
#: What the noise within a cluster can be (`clusters_fit.fit_clusters`).
NOISE = ("code", "text")


@dataclass(frozen=True)
class Choices:
    """What a fit can be told. The defaults are those of the paper's 4,166 numbers.

    `clusters`: layer -> number of clusters, where it should differ from the paper's (`CLUSTERS`). `elbow`: choose the
    other layers' numbers by the elbow of the inertia, as the paper's text says (`clusters_fit.elbow`).
    `gabor_components`: None chooses 1 to 14 by the Bayesian information criterion, as the text says
    (`gabor_mixture_fit.fit_mixture`). `noise`: `code` or `text` (`clusters_fit.fit_clusters`).
    """

    clusters: dict[str, int] = field(default_factory=dict)
    elbow: bool = False
    gabor_components: int | None = GABOR_COMPONENTS
    noise: str = "code"
    seed: int = 0

    def number_of_clusters(self, layer: str) -> int | None:
        """None stands for the elbow."""
        chosen = None if self.elbow else CLUSTERS.get(layer, POINTWISE_CLUSTERS)
        return self.clusters.get(layer, chosen)


def kind_of(birth: str, layer: str) -> str:
    """The kind of entry that describes a convolution in the compression behind a birth."""
    kinds = COMPRESSIONS[birth]
    return kinds.get(layer, kinds[_OTHERS])


def check(birth: str, choices: Choices, convolutions: list[str]) -> None:
    """Raise `WrongUsage` for a compression that is none, or choices that say nothing about it."""
    if birth not in COMPRESSIONS:
        raise unknown("compression", birth, COMPRESSIONS, "brainscore compress --help")
    kinds = {layer: kind_of(birth, layer) for layer in convolutions}
    layers = [layer for layer, kind in kinds.items() if kind == "clusters"]
    if not layers and (choices.clusters or choices.elbow or choices.noise != "code"):
        raise WrongUsage(f"{birth} describes no layer by clusters: their number and noise are choices of "
                         "weight_compression.")
    for name, number in choices.clusters.items():
        if name not in layers:
            close = nearest(name, layers)
            hint = f"did you mean {' or '.join(close)}?" if close else f"these are {', '.join(layers)}."
            raise WrongUsage(f"'{name}' is none of the convolutions that clusters describe: {hint}")
        if not 1 <= number <= LARGEST_CLUSTERS:
            raise WrongUsage(f"{name} can have 1 to {LARGEST_CLUSTERS} clusters, not {number}.")
    if choices.noise not in NOISE:
        raise unknown("noise", choices.noise, NOISE, "brainscore compress --help")
    check_components(choices.gabor_components)
    if choices.gabor_components != GABOR_COMPONENTS and "gabor_mixture" not in kinds.values():
        raise WrongUsage(f"{birth} has no mixture over Gabors: leave the number of its components out.")


def check_components(components: int | None) -> None:
    """Raise `WrongUsage` for a number of components that the first layer's mixture cannot have."""
    if components is not None and not 1 <= components <= LARGEST_COMPONENTS:
        raise WrongUsage(f"The first layer's mixture needs 1 to {LARGEST_COMPONENTS} components, not {components}.")


def fit_convolution(kind: str, weights: np.ndarray, layer: str, choices: Choices) -> tuple[Entry, float | None]:
    """The entry of a kind for a trained convolution (out, in, k, k), and the share of its variance left unexplained.

    The share is that of the description, not of a birth, whose weights are drawn anew and match one by one nowhere:
    clusters leave what separates a filter from its centre, in units of the variance around the layer's mean filter (a
    single cluster leaves 1); the first layer's Gabors leave what separates a channel from its Gabor, in units of the
    variance around the channel's mean. All other kinds describe no single filter: None.
    """
    if kind == "clusters":
        from brainscore_wiring.weight_compression.clusters_fit import fit_clusters, unexplained_variance
        entry = fit_clusters(weights, choices.number_of_clusters(layer), choices.seed, layer, choices.noise)
        return entry, unexplained_variance(entry, weights)
    if kind == "gabor_mixture":
        from brainscore_wiring.weight_compression.gabor_mixture_fit import fit_gabor_mixture
        return fit_gabor_mixture(weights, choices.gabor_components, choices.seed)
    return _fit_alternative(kind, weights, layer, choices), None


def _fit_alternative(kind: str, weights: np.ndarray, layer: str, choices: Choices) -> Entry:
    if kind == "kernel_normals":
        from brainscore_wiring.weight_compression.alternatives.kernel_normals import fit_kernel_normals
        return fit_kernel_normals(weights)
    if kind == "gabor_normal":
        from brainscore_wiring.weight_compression.alternatives.gabor_normal import fit_gabor_normal
        return fit_gabor_normal(weights)
    if kind == "channel_mixture":
        from brainscore_wiring.weight_compression.alternatives.channel_mixture import fit_channel_mixture
        return fit_channel_mixture(weights, CHANNEL_COMPONENTS[layer], choices.seed, layer)
    if kind == "low_rank_filters":
        from brainscore_wiring.weight_compression.beyond.low_rank_filters import fit_low_rank_filters
        return fit_low_rank_filters(weights)
    from brainscore_wiring.weight_compression.beyond.derivative_bank import fit_derivative_bank
    return fit_derivative_bank(weights)
