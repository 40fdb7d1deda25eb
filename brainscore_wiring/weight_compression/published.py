"""The parameter files that the paper's authors released, as a genome (folder `pretrained` of
`REPOSITORY`).

`cluster_<layer>.pkl` holds the clusters of one convolution, `gm_gabor_V1.conv1.npy` the Gabor
parameters fitted to the 64 x 3 channels of V1.conv1 (not, as its name says, their mixture, which is
refitted here). The pickles are read as data and never executed. There is no file for the batch
norms, so births from this genome keep gamma 1 and beta 0. `cluster_V1.conv1.pkl` and
`cluster_IT.conv2_comp*.pkl` belong to side experiments and are not read.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.weight_compression.array_pickles import read_array_pickle
from brainscore_wiring.weight_compression.births import FITTED, GABOR_LAYER
from brainscore_wiring.weight_compression.births.weight_compression import GABOR_COMPONENTS
from brainscore_wiring.weight_compression.entries.clusters import LARGEST_CLUSTERS, Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.fits import check_components
from brainscore_wiring.weight_compression.fitting import fitted_shapes
from brainscore_wiring.weight_compression.gabor import encode
from brainscore_wiring.weight_compression.gabor_mixture_fit import fit_mixture
from brainscore_wiring.weight_compression.genome import Genome

GABOR_FILE = f"gm_gabor_{GABOR_LAYER}.npy"
REPOSITORY = "https://github.com/franzigeiger/training_reductions"


def read_published(
    folder: str | Path, seed: int = 0, gabor_components: int | None = GABOR_COMPONENTS
) -> Genome:
    """The genome in a folder of the authors' files.

    `seed` starts the mixture's fit, None components are the Bayesian information criterion's
    choice (5 for this table; the authors took 4). Clusters stay in the files' order, in which the
    authors' sampler fills a kernel; IT.conv2 has the 4 of its file. The Gabor table is encoded as
    it stands, as the authors did, although orientations outside +-pi/2 lose the sign of their phase
    that way (`gabor.canonical`). For seed 0 the authors' code used one stored sample of V1.conv1
    again, which was not released: here every seed samples its own from the mixture. Raises
    `WiringError` where a file is missing, damaged, of another network, or holds anything but
    numbers, `WrongUsage` for other than 1 to 64 components.
    """
    check_components(gabor_components)
    folder = Path(folder)
    shapes = {
        name.removesuffix(".weight"): shape
        for name, shape in fitted_shapes().items()
        if len(shape) == 4
    }
    names = {
        layer: GABOR_FILE if layer == GABOR_LAYER else f"cluster_{layer}.pkl" for layer in shapes
    }
    missing = [name for name in names.values() if not (folder / name).is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise WiringError(
            f"'{folder}' lacks {missing[0]}{more} of the authors' parameter files: "
            f"give a whole copy of the folder `pretrained` of {REPOSITORY}."
        )
    layers: dict[str, Entry] = {}
    digest = hashlib.sha256()
    for layer, shape in shapes.items():
        path = folder / names[layer]
        layers[layer] = (
            fit_mixture(
                encode(_gabor_table(path, shape)).reshape(shape[0], -1), gabor_components, seed
            )
            if layer == GABOR_LAYER
            else _clusters(path, shape)
        )
        digest.update(path.read_bytes())
    gabors = layers[GABOR_LAYER]
    assert isinstance(gabors, GaborMixture)
    source = {
        "published": "parameter files of Geiger et al. 2022",
        "repository": REPOSITORY,
        "diet": "ImageNet-1k",
        "files_sha256": digest.hexdigest(),
        "batch_norm": "no entries: the authors released no file, births keep gamma 1 and beta 0",
        "fit": {"gabor_components": [len(gabors.weights)], "seed": seed},
    }
    return Genome(layers, FITTED, source)


def _gabor_table(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The 8 parameters of every channel (out, in, 8).

    The file's ninth number is the residual of its fit.
    """
    try:
        with path.open("rb") as file:
            table = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise WiringError(f"'{path}' is damaged or no plain array of numbers: {error}.") from None
    expected = (*shape[:2], 9)
    if table.shape != expected or table.dtype.kind != "f" or not np.isfinite(table).all():
        raise WiringError(
            f"'{path}' holds {table.dtype} of shape {table.shape}, not the finite Gabor "
            "parameters of "
            f"shape {expected} that it should."
        )
    return table[..., :8].astype(np.float64)


def _clusters(path: Path, shape: tuple[int, ...]) -> Clusters:
    _, in_channels, height, width = shape
    content = read_array_pickle(path)
    lists = {key: _numbers(path, content, key) for key in ("mean", "std", "weight_stds", "centers")}
    number = len(lists["mean"])
    expected = {
        "mean": (number,),
        "std": (number,),
        "weight_stds": (number,),
        "centers": (1, number, height, width),
    }
    for key, values in lists.items():
        if (
            values.shape != expected[key]
            or not 1 <= number <= LARGEST_CLUSTERS
            or not np.isfinite(values).all()
        ):
            raise WiringError(
                f"'{path}' is damaged or of another layer: '{key}' has shape {values.shape}, "
                f"not finite numbers of shape {expected[key]}."
            )
    if (
        abs(lists["mean"].sum() - in_channels) > 0.5
        or min(lists["std"].min(), lists["weight_stds"].min()) < 0
    ):
        raise WiringError(
            f"'{path}' is damaged or of another layer: its clusters hold {lists['mean'].sum():.1f} "
            f"channels per kernel where the layer has {in_channels}, or a spread is negative."
        )
    return Clusters(
        centres=lists["centers"].reshape(number, -1).tolist(),
        noise=lists["weight_stds"].tolist(),
        count_means=lists["mean"].tolist(),
        count_stds=lists["std"].tolist(),
        in_channels=in_channels,
    )


def _numbers(path: Path, content: Any, key: str) -> np.ndarray:
    try:
        return np.array(content[key], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        raise WiringError(
            f"'{path}' is damaged or no file of clusters: '{key}' is not there "
            "or no list of numbers."
        ) from None
