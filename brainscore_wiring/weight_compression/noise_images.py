"""1/f noise images, a stand-in for spontaneous activity before eye opening.

They need no data and no labels. Gaussian noise with the 1/f amplitude spectrum of natural scenes
(Field 1987, DOI 10.1364/JOSAA.4.002379), most of it shared by the three colours, with ImageNet's
mean and spread. A function of (number, seed) alone, but for last bits.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from brainscore_wiring.architectures.region_map import IMAGENET_MEAN, IMAGENET_STD
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.batch_norm_statistics import measure
from brainscore_wiring.weight_compression.birth import Birth

#: ImageNet's per colour (3, 1, 1), for values between 0 and 1.
_MEAN, _STD = (np.array(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
#: Share of the variance that all three colours have in common.
COMMON_VARIANCE = 0.9
#: Images that go through the network at a time, for the sake of memory.
BATCH = 32


def noise_images(count: int, seed: int = 0, size: int = 224) -> Tensor:
    """`count` images (count, 3, size, size), float32, normalised as networks expect them.

    Image i is the same in any count.
    """
    return torch.from_numpy(
        np.stack([_image(f"image {number}", seed, size) for number in range(count)])
    )


def _image(name: str, seed: int, size: int) -> np.ndarray:
    white = Stream(seed, name, "noise images").normal(4, size, size)
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    radius[0, 0] = np.inf  # no common brightness: it would be the largest component of all
    pink = np.fft.irfft2(np.fft.rfft2(white) / radius, s=(size, size))
    pink /= pink.std(axis=(-2, -1), keepdims=True)
    colours = np.sqrt(COMMON_VARIANCE) * pink[:1] + np.sqrt(1 - COMMON_VARIANCE) * pink[1:]
    shown = np.clip(_MEAN + _STD * colours, 0, 1)  # a screen shows nothing darker than black
    return ((shown - _MEAN) / _STD).astype(np.float32)


def with_noise_statistics(birth: Birth, count: int) -> dict[str, Tensor]:
    """A birth's state dict with batch-norm statistics measured on `count` noise images of the
    birth's seed.

    Channels that align themselves with activity are aligned on the same images.
    """
    images = noise_images(count, birth.seed).split(BATCH)
    network = birth.aligned(images).network()
    measure(network, images)
    return network.state_dict()
