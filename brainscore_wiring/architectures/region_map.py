"""Which layer of an architecture is which region, when, and how it sees an image.

Needs no torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from brainscore_wiring.arguments import real_number, several, whole_number
from brainscore_wiring.errors import WrongUsage

#: ImageNet's mean and standard deviation per colour channel, for values between 0 and 1.
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
#: Brain-Score names a decoder's units by these classes, in their order.
IMAGENET_CLASSES = 1000


@dataclass(frozen=True)
class Preprocessing:
    """The whole image resized to a square of `image_size` pixels without a crop, then (value -
    mean) / std.

    Mean and standard deviation are per colour channel, for values between 0 and 1; by default
    ImageNet's.
    """

    image_size: int = 224
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    def __post_init__(self) -> None:
        object.__setattr__(self, "image_size", whole_number("image_size", self.image_size, 1))
        for name in ("mean", "std"):
            given = getattr(self, name)
            colours = tuple(real_number(name, one) for one in several(given))
            if len(colours) != 3 or not all(map(math.isfinite, colours)):
                raise WrongUsage(
                    f"{name}={given} was given: it takes three numbers, one for each colour."
                )
            if name == "std" and min(colours) <= 0:
                raise WrongUsage(f"std={given} was given: it takes three numbers above 0.")
            object.__setattr__(self, name, colours)


@dataclass(frozen=True)
class RegionMap:
    """An architecture's fixed claims about the ventral stream.

    `regions`: region -> module. `steps`: region -> (start of the first recurrent step, length of a
    step in milliseconds after stimulus onset, number of steps); regions without an entry respond at
    once. `behaviour` is the layer that behavioural readouts are fitted on, `logits` the last
    module.
    """

    regions: Mapping[str, str]
    behaviour: str
    logits: str
    steps: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    visual_degrees: int = 8
    preprocessing: Preprocessing = Preprocessing()

    def layer(self, region: str, time_bin: tuple[float, float]) -> str:
        """The layer for a region and a time bin.

        The recurrent step whose start is nearest to the bin's. Equally near steps: the earlier one.
        For the bins of the paper's benchmarks this is step 0 everywhere.
        """
        module = self.regions[region]
        if region not in self.steps:
            return module
        first, length, count = self.steps[region]
        step = min(range(count), key=lambda step: abs(first + step * length - time_bin[0]))
        return f"{module}-t{step}"
