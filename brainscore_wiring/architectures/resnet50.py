"""ResNet-50 (He et al. 2016, DOI 10.1109/CVPR.2016.90; paper, appendix D.1), in torchvision's form, under its names."""

from __future__ import annotations

from torch import nn

from brainscore_wiring.architectures.allocation import without_weights


def resnet50() -> nn.Module:
    """A ResNet-50 without its weights: (batch, 3, h, w) images -> (batch, 1000) logits. 25,557,032 parameters.

    Its birth `torchvision_default` is what torchvision draws: Kaiming Normal by fan-out for convolutions, gamma 1 and
    beta 0, PyTorch's uniform default for the decoder `fc`. Here these are drawn from seeded streams: the same
    distributions, with the same bits everywhere.
    """
    from torchvision.models import resnet50 as torchvisions
    return without_weights(lambda: torchvisions(weights=None))
