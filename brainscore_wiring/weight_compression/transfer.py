"""Transfer of a CORnet-S genome to other architectures (paper, appendix D.1).

No new distributions are fitted: each convolution of the other network is sampled from the entry of
its counterpart in CORnet-S. Weights keep the scale that they have in CORnet-S; the
numbers of input channels per cluster are scaled to the kernel's own (appendix B). Kernels have the
same sizes in both networks but for MobileNet's first layer, whose Gabors are evaluated at 3 x 3
points of the field that they fill in CORnet-S (`gabor.coordinates`); the authors' code takes the 3
x 3 pixels at its centre.

A depthwise kernel sums 9 weights that were made for sums over hundreds of channels. With batch-norm
statistics 0 and 1 the activity of a MobileNet at birth therefore falls to about 1e-22 at its last
block; measured statistics restore it.

Which layer is sampled from which is said by the architecture (`Architecture.origins`).
"""

from __future__ import annotations

from dataclasses import asdict, replace

from brainscore_wiring import extensions
from brainscore_wiring.architectures import ARCHITECTURES, architecture
from brainscore_wiring.architectures.layers import convolutions_of, input_channels, layers_of
from brainscore_wiring.errors import WiringError, nearest, unknown
from brainscore_wiring.weight_compression.births import FITTED
from brainscore_wiring.weight_compression.entries.aligned_channels import AlignedChannels
from brainscore_wiring.weight_compression.entries.clusters import Clusters, DepthwiseClusters
from brainscore_wiring.weight_compression.genome import Genome


def transfer(genome: Genome, name: str, mapping: str = "") -> Genome:
    """The genome of CORnet-S as one that the architecture `name` is initialised from.

    It keeps CORnet-S's entries, each once and under its own name, so that it stores as many
    numbers. A depthwise kernel, with its one input channel, finds its cluster in proportion to the
    clusters' mean counts (`DepthwiseClusters`); the authors' sampler scales these, so that nearly
    all round to 0 and nearly every kernel is the layer's last cluster plus noise. `mapping`: one of
    the architecture's `other_origins`.

    Raises `WiringError` for the genome of another network than CORnet-S, for one whose channels are
    aligned with CORnet-S's activity, and where depthwise and other layers share an origin;
    `WrongUsage` for an architecture without origins or an unknown mapping.
    """
    one = architecture(name)
    if mapping and mapping not in one.other_origins:
        raise unknown("mapping", mapping, one.other_origins, f"brainscore show {name}_wc")
    origins_of = one.other_origins[mapping] if mapping else one.origins
    if not origins_of:
        possible = [name for name, one in ARCHITECTURES.items() if one.origins]
        raise unknown(
            "architecture to transfer a genome to", name, possible, "brainscore list models"
        )
    if genome.architecture != FITTED:
        raise WiringError(
            f"A genome is transferred from {FITTED}, this one is of {genome.architecture}: "
            "`brainscore compress CHECKPOINT -o GENOME` writes one of a trained CORnet-S."
        )
    aligned = next(
        (name for name, entry in genome.layers.items() if isinstance(entry, AlignedChannels)), None
    )
    if aligned:
        raise WiringError(
            f"The genome aligns {aligned} with the activity of CORnet-S, which other networks do "
            "not have: `brainscore compress CHECKPOINT -o GENOME` writes one that can be "
            "transferred."
        )
    with extensions.calling(f"`origins` of the architecture {name}"):
        stated = dict(origins_of())
    left_out = [layer for layer in convolutions_of(name) if layer not in stated]
    if left_out:
        raise WiringError(
            f"`origins` of the architecture {name} leave out {len(left_out)} of its convolutions, "
            f"{left_out[0]} first: give each a layer of {FITTED}, or '' to begin without a genome."
        )
    for network, layers in ((name, stated), (FITTED, filter(None, stated.values()))):
        known = list(input_channels(network))
        for layer in layers:
            if layer not in known:
                raise WiringError(
                    f"`origins` of the architecture {name} name '{layer}', which is neither a "
                    f"convolution nor a batch norm of {network}: did you mean "
                    f"{' or '.join(nearest(layer, known) or known[:3])}?"
                )
    origins = {layer: origin for layer, origin in stated.items() if origin in genome.layers}
    entries = dict(genome.layers)
    source = {**genome.source, "transferred_from": genome.architecture}
    alone = _depthwise_origins(name, origins)
    if alone:
        source["depthwise"] = "by_frequency"
    for origin in alone:
        if isinstance(entries[origin], Clusters):
            entries[origin] = DepthwiseClusters(**asdict(entries[origin]))
    return replace(genome, layers=entries, architecture=name, source=source, drawn_from=origins)


def _depthwise_origins(name: str, origins: dict[str, str]) -> list[str]:
    """The origins of an architecture's depthwise convolutions, each once."""
    one_channel = {
        layer: layers_of(name)[layer].shapes["weight"][1] == 1 for layer in convolutions_of(name)
    }
    depthwise = [
        origins[layer] for layer, alone in one_channel.items() if alone and layer in origins
    ]
    others = {
        origins[layer] for layer, alone in one_channel.items() if not alone and layer in origins
    }
    shared = next((origin for origin in depthwise if origin in others), None)
    if shared:
        raise WiringError(
            f"{name} samples depthwise and other convolutions from {shared}: give them different "
            "origins."
        )
    return list(dict.fromkeys(depthwise))
