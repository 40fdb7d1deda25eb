"""The parameter files that the paper's authors released, as a genome (folder `pretrained` of
`REPOSITORY`).

`cluster_<layer>.pkl` holds the clusters of one convolution, `gm_gabor_V1.conv1.npy` the Gabor
parameters fitted to the 64 x 3 channels of V1.conv1 (not, as its name says, their mixture, which is
refitted here). The pickles are read as data and never executed. There is no file for the batch
norms, so births from this genome keep gamma 1 and beta 0. `cluster_V1.conv1.pkl` belongs to the
side experiment without the Gabor prior; `cluster_IT.conv2_comp*.pkl` are not read.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import public_file
from brainscore_wiring.weight_compression.array_pickles import read_array_pickle
from brainscore_wiring.weight_compression.births import FITTED, GABOR_LAYER
from brainscore_wiring.weight_compression.births.weight_compression import GABOR_COMPONENTS
from brainscore_wiring.weight_compression.entries.clusters import Clusters
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
    folder: str | Path,
    seed: int = 0,
    gabor_components: int | None = GABOR_COMPONENTS,
    first_layer: str = GaborMixture.kind,
) -> Genome:
    """The genome in a folder of the authors' files.

    `seed` starts the mixture's fit, None components are the Bayesian information criterion's
    choice (5 for this table; the authors took 4). Clusters stay in the files' order, in which the
    authors' sampler fills a kernel; IT.conv2 has the 4 of its file. The Gabor table is encoded as
    it stands, as the authors did, although orientations outside +-pi/2 lose the sign of their phase
    that way (`gabor.canonical`). For seed 0 the authors' code used one stored sample of V1.conv1
    again, which was not released: here every seed samples its own from the mixture. `first_layer`:
    the kind of V1.conv1's entry, the Gabor mixture or, as in a side experiment, clusters. Raises
    `WiringError` where a file is missing or not the published one, `WrongUsage` for other than 1 to
    64 components.
    """
    check_components(gabor_components)
    folder = Path(folder)
    shapes = {
        name.removesuffix(".weight"): shape
        for name, shape in fitted_shapes().items()
        if len(shape) == 4
    }
    names = {layer: f"cluster_{layer}.pkl" for layer in shapes}
    gabor_layer = GABOR_LAYER if first_layer == GaborMixture.kind else ""
    if gabor_layer:
        names[gabor_layer] = GABOR_FILE
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
        _check_published(path)
        layers[layer] = (
            fit_mixture(encode(_gabor_table(path)).reshape(shape[0], -1), gabor_components, seed)
            if layer == gabor_layer
            else _clusters(path, shape[1])
        )
        digest.update(path.read_bytes())
    components = [
        len(entry.weights) for entry in layers.values() if isinstance(entry, GaborMixture)
    ]
    source = {
        "published": "parameter files of Geiger et al. 2022",
        "repository": REPOSITORY,
        "diet": "ImageNet-1k",
        "files_sha256": digest.hexdigest(),
        "batch_norm": "no entries: the authors released no file, births keep gamma 1 and beta 0",
        "fit": {"gabor_components": components, "seed": seed},
    }
    return Genome(layers, FITTED, source)


def _check_published(path: Path) -> None:
    """Raise `WiringError` for a file that is not, byte by byte, the one that was published."""
    content, published = path.read_bytes(), public_file(path.name).sha256
    found = hashlib.sha256(content).hexdigest()
    if found != published:
        raise WiringError(
            f"'{path}' is not the file that the paper's authors published (SHA-256 {found[:8]}..., "
            f"not {published[:8]}...): `brainscore data fetch weight_compression` fetches theirs."
        )


def _gabor_table(path: Path) -> np.ndarray:
    """The 8 parameters of every channel (out, in, 8).

    The file's ninth number is the residual of its fit.
    """
    return np.load(path, allow_pickle=False)[..., :8].astype(np.float64)


def _clusters(path: Path, in_channels: int) -> Clusters:
    content = read_array_pickle(path)
    numbers = {
        key: np.array(content[key], dtype=np.float64)
        for key in ("mean", "std", "weight_stds", "centers")
    }
    return Clusters(
        centres=numbers["centers"].reshape(len(numbers["mean"]), -1).tolist(),
        noise=numbers["weight_stds"].tolist(),
        count_means=numbers["mean"].tolist(),
        count_stds=numbers["std"].tolist(),
        in_channels=in_channels,
    )
