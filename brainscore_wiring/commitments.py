"""Which layer of an architecture stands for which region, when, and how it sees an image. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Preprocessing:
    """The whole image resized to a square of `image_size` pixels without a crop, then (value - mean) / std.

    Mean and standard deviation are per colour channel, for values between 0 and 1; by default ImageNet's.
    """

    image_size: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Commitment:
    """An architecture's fixed claims about the ventral stream.

    `regions`: region -> module. `steps`: region -> (start of the first recurrent step, length of a step in
    milliseconds after stimulus onset, number of steps); regions without an entry respond at once. `behaviour` is the
    layer that behavioural readouts are fitted on, `logits` the last module.
    """

    regions: dict[str, str]
    behaviour: str
    logits: str
    steps: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    visual_degrees: int = 8
    preprocessing: Preprocessing = Preprocessing()

    def layer(self, region: str, time_bin: tuple[int, int]) -> str:
        """The layer for a region and a requested time bin: the recurrent step whose start is nearest to the bin's.

        Equally near steps: the earlier one. For the bins of the paper's benchmarks this is step 0 everywhere.
        """
        module = self.regions[region]
        if region not in self.steps:
            return module
        first, length, count = self.steps[region]
        step = min(range(count), key=lambda step: abs(first + step * length - time_bin[0]))
        return f"{module}-t{step}"


#: CORnet-S: its authors' commitment of areas and times (paper, section 2, and their public candidate models).
#: ResNet-50 and MobileNet: the paper's authors let public benchmarks choose a layer for each region and did not store
#: the choice. Here areas follow the weights, so that nothing is fitted: a region's layer is the last block that a
#: transfer draws from the CORnet-S area of that name (`weight_compression.transfer`), from nothing else where there is
#: such a one. ResNet-50's V1 is read after pooling, at the resolution of CORnet-S's; behaviour before the decoder.
#: HMAX: simple cells are V1, complex cells V2, where features of shapes begin; its top is all it has for V4, IT and
#: behaviour. It takes values between 0 and 1 and turns them to grey itself.
COMMITMENTS = {
    "cornet_s": Commitment(
        regions={region: f"{region}.output" for region in ("V1", "V2", "V4", "IT")},
        steps={"V2": (70, 100, 2), "V4": (90, 50, 4), "IT": (100, 100, 2)},
        behaviour="decoder.avgpool", logits="decoder.output"),
    "resnet50": Commitment(regions={"V1": "maxpool", "V2": "layer1", "V4": "layer3", "IT": "layer4"},
                           behaviour="avgpool", logits="fc"),
    "mobilenet_v1": Commitment(regions={"V1": "block1", "V2": "block4", "V4": "block9", "IT": "block13"},
                               behaviour="avgpool", logits="classifier"),
    "hmax": Commitment(regions={"V1": "s1_out", "V2": "c1_out", "V4": "c2_out", "IT": "c2_out"},
                       behaviour="c2_out", logits="c2_out",
                       preprocessing=Preprocessing(224, mean=(0, 0, 0), std=(1, 1, 1))),
    # the 256 x 256 RGB image with values 0 to 255, as in the stock model of this name
    "pixels": Commitment(regions=dict.fromkeys(("V1", "V2", "V4", "IT"), "pixels"), behaviour="pixels", logits="pixels",
                         preprocessing=Preprocessing(256, mean=(0, 0, 0), std=(1 / 255, 1 / 255, 1 / 255))),
}
