"""Transfer of a CORnet-S genome to other architectures (paper, appendix D.1).

No new distributions are fitted: each convolution of the other network is drawn from the entry of the CORnet-S layer
that stands for it. Weights keep the scale that they have in CORnet-S; the numbers of input channels per cluster are
scaled to the kernel's own (appendix B). Kernels have the same sizes in both networks but for MobileNet's first layer,
whose Gabors are evaluated at 3 x 3 points of the field that they fill in CORnet-S (`gabor.coordinates`); the authors'
code takes the 3 x 3 pixels at its centre.

A depthwise kernel sums 9 weights that were made for sums over hundreds of channels. With batch-norm statistics 0 and 1
the activity of a newborn MobileNet therefore falls to about 1e-22 at its last block; measured statistics restore it.

The mappings are those of the authors' models that the paper reports: one for ResNet-50 and, of several that they tried
for MobileNet v1, the sixth.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from brainscore_wiring.errors import WiringError, WrongUsage, unknown
from brainscore_wiring.synapses import RECURRENT_AREAS, RESNET50_STAGES
from brainscore_wiring.weight_compression.beyond.aligned_channels import AlignedChannels
from brainscore_wiring.weight_compression.clusters import Clusters, DepthwiseClusters
from brainscore_wiring.weight_compression.genome import Genome

#: ResNet-50: stage -> the area that its layers are drawn from.
STAGE_AREAS = {"layer1": "V2", "layer2": "V4", "layer3": "V4", "layer4": "IT"}
#: MobileNet v1: the layers that the depthwise and the pointwise convolutions of its thirteen blocks are drawn from.
DEPTHWISE = ("V1.conv2", *["V2.conv2"] * 4, *["V4.conv2"] * 5, *["IT.conv2"] * 3)
POINTWISE = ("V2.conv_input", "V2.conv1", "V2.conv1", "V2.conv3", "V4.conv_input", "V4.conv1", "V4.conv3", "V4.conv3",
             "V4.conv3", "IT.conv_input", "IT.conv1", "IT.conv3", "IT.conv3")


def resnet50_origins() -> dict[str, str]:
    """ResNet-50's layer -> CORnet-S's layer, for convolutions and batch norms.

    A recurrent area has one convolution but a batch norm for each time step: a stage's blocks take the steps in turn,
    the last ones counted from the end where there are more blocks than steps (the authors' mapping).
    """
    origins = {"conv1": "V1.conv1", "bn1": "V1.norm1"}
    for stage, (_, blocks) in RESNET50_STAGES.items():
        area = STAGE_AREAS[stage]
        steps = RECURRENT_AREAS[area][2]
        origins |= {f"{stage}.0.downsample.0": f"{area}.skip", f"{stage}.0.downsample.1": f"{area}.norm_skip"}
        for block in range(blocks):
            step = block if block < steps else steps - blocks + block
            for number in (1, 2, 3):
                origins |= {f"{stage}.{block}.conv{number}": f"{area}.conv{number}",
                            f"{stage}.{block}.bn{number}": f"{area}.norm{number}_{step}"}
    return origins


def mobilenet_v1_origins() -> dict[str, str]:
    """MobileNet v1's convolution -> CORnet-S's; its batch norms are born at their defaults and have no origin."""
    blocks = list(enumerate(zip(DEPTHWISE, POINTWISE), start=1))
    return {"stem.conv": "V1.conv1", **{f"block{number}.depthwise": depthwise for number, (depthwise, _) in blocks},
            **{f"block{number}.pointwise": pointwise for number, (_, pointwise) in blocks}}


#: Architecture -> its mapping.
ORIGINS = {"resnet50": resnet50_origins, "mobilenet_v1": mobilenet_v1_origins}


def transfer(genome: Genome, architecture: str, depthwise: str = "by_frequency") -> Genome:
    """The genome of CORnet-S as one that `architecture` is born from.

    It keeps CORnet-S's entries, each once and under its own name, so that it stores as many numbers. `depthwise`
    settles how a depthwise kernel, with its one input channel, finds its cluster: "by_frequency" draws it in proportion
    to the clusters' mean counts; "last_cluster" is the authors' sampler, whose scaled counts nearly all round to 0, so
    that nearly every kernel is the layer's last cluster plus noise (`DepthwiseClusters`).

    Raises `WiringError` for the genome of another network than CORnet-S or one whose channels are aligned with
    CORnet-S's activity, `WrongUsage` for an unknown architecture or value of `depthwise`.
    """
    if architecture not in ORIGINS:
        raise unknown("architecture to transfer a genome to", architecture, ORIGINS, "brainscore list models")
    if depthwise not in ("by_frequency", "last_cluster"):
        raise WrongUsage(f"Depthwise kernels find their clusters by_frequency or as last_cluster, not '{depthwise}'.")
    if genome.architecture != "cornet_s":
        raise WiringError(f"A genome is transferred from cornet_s, this one is of {genome.architecture}: "
                          "`brainscore compress CHECKPOINT -o GENOME` writes one of a trained CORnet-S.")
    aligned = next((name for name, entry in genome.layers.items() if isinstance(entry, AlignedChannels)), None)
    if aligned:
        raise WiringError(f"The genome aligns {aligned} with the activity of CORnet-S, which other networks do not "
                          "have: `brainscore compress CHECKPOINT -o GENOME` writes one that can be transferred.")
    origins = {layer: origin for layer, origin in ORIGINS[architecture]().items() if origin in genome.layers}
    layers = dict(genome.layers)
    source = {**genome.source, "transferred_from": genome.architecture}
    if architecture == "mobilenet_v1":
        source["depthwise"] = depthwise
        if depthwise == "by_frequency":
            layers |= {name: DepthwiseClusters(**asdict(layers[name])) for name in dict.fromkeys(DEPTHWISE)
                       if isinstance(layers.get(name), Clusters)}
    return replace(genome, layers=layers, architecture=architecture, source=source, drawn_from=origins)
