"""Which synapses there are and which of them learn (paper, section 5): parameter names and counts. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable

#: CORnet-S: recurrent area -> (input channels, output channels, recurrent steps).
RECURRENT_AREAS = {"V2": (64, 128, 2), "V4": (128, 256, 4), "IT": (256, 512, 2)}
#: The four times wider representation inside a recurrent area.
EXPANSION = 4
CLASSES = 1000

#: Training condition -> modules whose parameters learn. "" is the whole network, "norm" all batch norms.
#: The decoder learns in every condition that learns at all (the authors' code).
CORNET_S_CONDITIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "everything": ("",),
    "decoder": ("decoder",),
    # CT: the down-sampling layers; up to V4 or V2, with the areas above trained as a whole
    "critical_training": ("V2.conv3", "V4.conv3", "IT.conv3", "decoder"),
    "critical_training_v4": ("V2.conv3", "V4.conv3", "IT", "decoder"),
    "critical_training_v2": ("V2.conv3", "V4", "IT", "decoder"),
    # DT: whole areas from the named one on
    "downstream_training_it": ("IT", "decoder"),
    "downstream_training_v4": ("V4", "IT", "decoder"),
    "downstream_training_v2": ("V2", "V4", "IT", "decoder"),
    # the up-sampling layers in place of the down-sampling ones
    "up_sampling": ("V2.conv1", "V4.conv1", "IT.conv1", "decoder"),
    "up_sampling_v4": ("V2.conv1", "V4.conv1", "IT", "decoder"),
    "up_sampling_v2": ("V2.conv1", "V4", "IT", "decoder"),
    "batch_norm": ("norm", "decoder"),
    "batch_norm_v4": ("norm", "IT", "decoder"),
    "batch_norm_v2": ("norm", "V4", "IT", "decoder"),
    "decoder_and_it_conv3": ("IT.conv3", "decoder"),
}

#: Training condition -> its words.
CONDITION_NAMES = {
    "nothing": "nothing",
    "everything": "all synapses",
    "decoder": "the decoder alone",
    "critical_training": "the down-sampling layers (critical training)",
    "critical_training_v4": "the down-sampling layers up to V4 and all of IT",
    "critical_training_v2": "the down-sampling layer of V2 and all of V4 and IT",
    "downstream_training_it": "all of IT",
    "downstream_training_v4": "all of V4 and IT",
    "downstream_training_v2": "all of V2, V4 and IT",
    "up_sampling": "the up-sampling layers",
    "up_sampling_v4": "the up-sampling layers up to V4 and all of IT",
    "up_sampling_v2": "the up-sampling layer of V2 and all of V4 and IT",
    "batch_norm": "batch norm",
    "batch_norm_v4": "batch norm and all of IT",
    "batch_norm_v2": "batch norm and all of V4 and IT",
    "decoder_and_it_conv3": "the down-sampling layer of IT",
    "critical_training_mapping_7": "the pointwise layers that stand for down-sampling ones",
}

#: ResNet-50: stage -> (bottleneck width, blocks).
RESNET50_STAGES = {"layer1": (64, 3), "layer2": (128, 4), "layer3": (256, 6), "layer4": (512, 3)}
#: MobileNet v1: output channels of the thirteen blocks after a stem of 32.
MOBILENET_V1_WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)


def _down_sampling(*stages: str) -> tuple[str, ...]:
    """ResNet-50's counterparts of CORnet-S's conv3, with the batch norms behind them."""
    return tuple(f"{stage}.{block}.{module}" for stage in stages for block in range(RESNET50_STAGES[stage][1])
                 for module in ("conv3", "bn3"))


def _with_norms(module: str, *blocks: int) -> tuple[str, ...]:
    """A convolution of MobileNet's blocks, with the batch norms behind it."""
    return tuple(f"block{block}.{module}{part}" for block in blocks for part in ("", "_norm"))


#: A layer learns where the one that it is drawn from does in CORnet-S (`weight_compression.transfer`).
RESNET50_CONDITIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "everything": ("",),
    "decoder": ("fc",),
    "critical_training": (*_down_sampling("layer1", "layer2", "layer3", "layer4"), "fc"),
    "critical_training_v4": (*_down_sampling("layer1", "layer2", "layer3"), "layer4", "fc"),
    "critical_training_v2": (*_down_sampling("layer1"), "layer2", "layer3", "layer4", "fc"),
}
#: The authors' mapping 6 of appendix D.1, and without the depthwise layers that reduce resolution (their "v7").
MOBILENET_V1_CONDITIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "everything": ("",),
    "critical_training": (*_with_norms("pointwise", 4, 7, 8, 9, 12, 13), *_with_norms("depthwise", 2, 6, 12),
                          "classifier"),
    "critical_training_mapping_7": (*_with_norms("pointwise", 4, 7, 8, 9, 12, 13), "classifier"),
}
CONDITIONS = {"cornet_s": CORNET_S_CONDITIONS, "resnet50": RESNET50_CONDITIONS,
              "mobilenet_v1": MOBILENET_V1_CONDITIONS, "hmax": {"nothing": ()}, "pixels": {"nothing": ()}}


def learning(condition: str, parameters: Iterable[str], architecture: str = "cornet_s") -> list[str]:
    """The names among `parameters` that learn in a condition, in their order. Raises KeyError for an unknown one."""
    modules = CONDITIONS[architecture][condition]

    def learns(name: str) -> bool:
        batch_norm = any(part.startswith("norm") for part in name.split("."))
        return any(not module or name.startswith(f"{module}.") or (module == "norm" and batch_norm)
                   for module in modules)

    return [name for name in parameters if learns(name)]


def _norm(name: str, channels: int) -> dict[str, int]:
    return {f"{name}.weight": channels, f"{name}.bias": channels}


def cornet_s_parameters() -> dict[str, int]:
    """Parameter name -> number of synapses for all of CORnet-S, in the network's own order."""
    counts = {"V1.conv1.weight": 64 * 3 * 7 * 7, **_norm("V1.norm1", 64),
              "V1.conv2.weight": 64 * 64 * 3 * 3, **_norm("V1.norm2", 64)}
    for area, (before, after, steps) in RECURRENT_AREAS.items():
        wide = after * EXPANSION
        counts |= {f"{area}.conv_input.weight": after * before, f"{area}.skip.weight": after * after,
                   **_norm(f"{area}.norm_skip", after), f"{area}.conv1.weight": wide * after,
                   f"{area}.conv2.weight": wide * wide * 3 * 3, f"{area}.conv3.weight": after * wide}
        for step in range(steps):
            counts |= (_norm(f"{area}.norm1_{step}", wide) | _norm(f"{area}.norm2_{step}", wide)
                       | _norm(f"{area}.norm3_{step}", after))
    return counts | {"decoder.linear.weight": CLASSES * 512, "decoder.linear.bias": CLASSES}


def resnet50_parameters() -> dict[str, int]:
    """Parameter name -> number of synapses for torchvision's ResNet-50."""
    counts = {"conv1.weight": 64 * 3 * 7 * 7, **_norm("bn1", 64)}
    before = 64
    for stage, (width, blocks) in RESNET50_STAGES.items():
        for block in range(blocks):
            name = f"{stage}.{block}"
            counts |= {f"{name}.conv1.weight": before * width, **_norm(f"{name}.bn1", width),
                       f"{name}.conv2.weight": width * width * 3 * 3, **_norm(f"{name}.bn2", width),
                       f"{name}.conv3.weight": width * width * 4, **_norm(f"{name}.bn3", width * 4)}
            if block == 0:
                counts |= {f"{name}.downsample.0.weight": before * width * 4,
                           **_norm(f"{name}.downsample.1", width * 4)}
            before = width * 4
    return counts | {"fc.weight": CLASSES * before, "fc.bias": CLASSES}


def mobilenet_v1_parameters() -> dict[str, int]:
    """Parameter name -> number of synapses for MobileNet v1 (width 1.0)."""
    counts = {"stem.conv.weight": 32 * 3 * 3 * 3, **_norm("stem.norm", 32)}
    before = 32
    for block, after in enumerate(MOBILENET_V1_WIDTHS, start=1):
        counts |= {f"block{block}.depthwise.weight": before * 3 * 3, **_norm(f"block{block}.depthwise_norm", before),
                   f"block{block}.pointwise.weight": before * after, **_norm(f"block{block}.pointwise_norm", after)}
        before = after
    return counts | {"classifier.weight": CLASSES * before, "classifier.bias": CLASSES}


def is_convolution(parameter: str) -> bool:
    """Whether a parameter name, of any of these networks, is a convolution's weight."""
    module, _, kind = parameter.rpartition(".")
    last = module.rpartition(".")[2]
    return kind == "weight" and (last.startswith("conv") or last in ("skip", "depthwise", "pointwise")
                                 or module.endswith("downsample.0"))


def attached_gammas(convolution: str, parameters: Iterable[str]) -> list[str]:
    """The gamma vectors of CORnet-S's batch norms, one for each recurrent step, that follow a convolution."""
    area, layer, _ = convolution.split(".")
    norm = "norm_skip" if layer == "skip" else f"norm{layer.removeprefix('conv')}"
    return [name for name in parameters if name.endswith(".weight")
            and (name.removesuffix(".weight") == f"{area}.{norm}" or name.startswith(f"{area}.{norm}_"))]
