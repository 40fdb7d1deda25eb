"""Pictures that stand in a page: kernels of the first layer, dissimilarity matrices, genomes."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from safetensors import safe_open
from torch import nn

from brainscore_wiring.architectures import architecture
from brainscore_wiring.architectures.layers import convolutions_of, layers_of
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.checkpoints.wiring_checkpoint import read_birth
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.plotting import colour_mosaic
from brainscore_wiring.weight_compression.birth import Birth, birth_state

KERNELS = 64


@dataclass(frozen=True)
class Picture:
    """A picture as a data URI, with a heading, what it shows in words, and a caption."""

    title: str
    alternative: str
    source: str
    caption: str = ""


def as_png(pixels: np.ndarray) -> str:
    """Pixels (h, w) or (h, w, 3) in [0, 1] as a data URI."""
    buffer = io.BytesIO()
    Image.fromarray(np.round(255 * pixels).astype(np.uint8)).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def kernels_picture(title: str, kernels: np.ndarray) -> Picture:
    """Up to 64 colour kernels (n, 3, k, k), each to its own scale."""
    shown = kernels[:KERNELS]
    return Picture(
        title,
        f"{len(shown)} of {len(kernels)} kernels of the first layer of {title}, "
        f"{kernels.shape[2]} pixels a side, each to its own scale",
        as_png(colour_mosaic(shown)),
    )


def birth_behind(model: ResolvedModel) -> Birth:
    """How the weights of a model were sampled before any training."""
    return read_birth(model.weights.header) if model.weights else model.birth


def first_kernels(model: ResolvedModel) -> np.ndarray:
    """The kernels (n, 3, k, k) of the first convolution: those in the file, or sampled again.

    Raises `WiringError` where the birth cannot be had, or no convolution takes colours.
    """
    name = model.row.architecture
    layer = next(iter(convolutions_of(name)), "")
    shape = layers_of(name)[layer].shapes["weight"] if layer else ()
    if shape[1:2] != (3,) or shape[2:] == (1, 1):
        raise WiringError(f"No first convolution of {name} takes colours.")
    if model.weights:
        with safe_open(model.weights.path, "np") as tensors:
            if f"{layer}.weight" in tensors.keys():
                return tensors.get_tensor(f"{layer}.weight").astype(np.float32)
    birth = birth_behind(model)
    state = birth_state(
        _only(layer, nn.Conv2d(3, shape[0], shape[2], bias=False, device="meta")),
        birth.seed,
        birth.genome,
        compressed=birth.compressed,
        initial=architecture(birth.architecture).initial,
    )
    return state[f"{layer}.weight"].numpy()


def _only(name: str, module: nn.Module) -> nn.Module:
    """A network that has nothing but one layer: what is sampled for it depends on it alone."""
    for part in reversed(name.split(".")):
        module = nn.ModuleDict({part: module})
    return module


def matrix_picture(title: str, pairs: np.ndarray, images: int, about: str) -> Picture:
    """Dissimilarities (pairs,) as a matrix of ranks: dark is alike, light is unlike."""
    ranks = np.argsort(np.argsort(pairs)) / max(1, len(pairs) - 1)
    matrix = np.zeros((images, images))
    matrix[np.triu_indices(images, 1)] = ranks
    return Picture(
        title,
        f"{images} by {images} dissimilarities of {title}, as ranks from dark (alike) to light "
        f"(unlike). {about}",
        as_png(_viridis(matrix + matrix.T)),
        about,
    )


def _viridis(values: np.ndarray) -> np.ndarray:
    from matplotlib import colormaps

    return colormaps["viridis"](values)[..., :3]
