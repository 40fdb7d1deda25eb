"""The genome: what evolution keeps of an adult network, as one small readable JSON file (paper, section 4)."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from brainscore_wiring.errors import WiringError

FORMAT = 1


@dataclass(frozen=True)
class GaborMixture:
    """A Gaussian mixture over a kernel's encoded Gabor parameters (appendix B.1); 10 numbers per input channel.

    `weights` (components), `means` (components, n), `covariances` (components, n, n).
    """

    kind: ClassVar[str] = "gabor_mixture"
    weights: list[float]
    means: list[list[float]]
    covariances: list[list[list[float]]]

    def stored_numbers(self) -> int:
        """Weights, means and full covariance matrices, as the authors count them (3,724 for 4 components)."""
        n = len(self.means[0])
        return len(self.weights) * (1 + n + n * n)


@dataclass(frozen=True)
class Clusters:
    """Kernel clusters with the normal distribution of each cluster's frequency (section 4, appendix B).

    `centres` (clusters, k * k); `noise` (clusters): standard deviation of the weights around their centre;
    `count_means`, `count_stds` (clusters): input channels per kernel that belong to each cluster, out of `in_channels`.
    """

    kind: ClassVar[str] = "clusters"
    centres: list[list[float]]
    noise: list[float]
    count_means: list[float]
    count_stds: list[float]
    in_channels: int

    def stored_numbers(self) -> int:
        return len(self.centres) * (len(self.centres[0]) + 3)


@dataclass(frozen=True)
class BatchNormNormals:
    """One normal distribution each for a batch norm's weights (gamma) and biases (beta) (appendix B.2)."""

    kind: ClassVar[str] = "batch_norm_normals"
    gamma_mean: float
    gamma_std: float
    beta_mean: float
    beta_std: float

    def stored_numbers(self) -> int:
        """Two, as the paper counts; the four that are really needed are `true_numbers`."""
        return 2

    def true_numbers(self) -> int:
        return 4


Layer = GaborMixture | Clusters | BatchNormNormals
_KINDS: dict[str, type] = {kind.kind: kind for kind in (GaborMixture, Clusters, BatchNormNormals)}


@dataclass(frozen=True)
class Genome:
    """A compressed network: layer name -> what its weights are drawn from, and where it was fitted."""

    layers: dict[str, Layer]
    architecture: str = "cornet_s"
    source: dict[str, Any] = field(default_factory=dict)  # fingerprint, diet and fit settings of the fitted network

    def stored_numbers(self) -> int:
        """Numbers in the genome, counted as the paper does: 4,166 for its CORnet-S."""
        return sum(layer.stored_numbers() for layer in self.layers.values())

    def true_numbers(self) -> int:
        """Numbers in the genome with batch norm's four per layer (4,224 for the paper's cluster counts)."""
        return sum(getattr(layer, "true_numbers", layer.stored_numbers)() for layer in self.layers.values())

    def to_json(self) -> str:
        document = {"format": FORMAT, "architecture": self.architecture, "source": self.source,
                    "stored_numbers": self.stored_numbers(),
                    "layers": {name: {"kind": layer.kind, **asdict(layer)} for name, layer in self.layers.items()}}
        return json.dumps(document, allow_nan=False) + "\n"

    def sha256(self) -> str:
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str, origin: str = "the genome") -> Genome:
        """Read a genome; raises `WiringError` naming what is wrong where the text is not one."""
        try:
            document = json.loads(text)
            if document["format"] != FORMAT:
                raise WiringError(f"{origin} has genome format {document['format']}, this version reads {FORMAT}.")
            layers = {}
            for name, entry in document["layers"].items():
                entry = dict(entry)
                layers[name] = _KINDS[entry.pop("kind")](**entry)
                _check(layers[name])
            if not isinstance(document["source"], dict):
                raise ValueError("its source is no mapping")
            return cls(layers, document["architecture"], document["source"])
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise WiringError(f"{origin} is not a genome file or is damaged ({type(error).__name__}: {error}): "
                              "`brainscore compress CHECKPOINT -o GENOME` writes one.") from None

    @classmethod
    def read(cls, path: str | Path) -> Genome:
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise WiringError(f"The genome '{path}' cannot be read: {error.strerror or error}.") from None
        except UnicodeDecodeError:
            raise WiringError(f"'{path}' is not a genome file but binary: give a genome's JSON file, or the whole folder of "
                              "the authors' parameter files.") from None
        return cls.from_json(text, f"'{path}'")


def _check(layer: Layer) -> None:
    """Refuse shapes that do not belong together and values that are not finite, before anything is drawn from them."""
    def numbers(value: Any):
        if isinstance(value, list):
            for item in value:
                yield from numbers(item)
        else:
            yield float(value)

    if not all(math.isfinite(v) for value in asdict(layer).values() for v in numbers(value)):
        raise ValueError("a value is not finite")
    if isinstance(layer, Clusters):
        lengths = {len(layer.centres), len(layer.noise), len(layer.count_means), len(layer.count_stds)}
        if len(lengths) != 1 or lengths == {0} or len({len(c) for c in layer.centres}) != 1:
            raise ValueError("clusters of unequal length")
        if len(layer.centres) > 255:
            raise ValueError("more than 255 clusters")
        if layer.in_channels < 1 or min(*layer.noise, *layer.count_stds, *layer.count_means) < 0:
            raise ValueError("clusters with a negative number or without channels")
    if isinstance(layer, BatchNormNormals) and min(layer.gamma_std, layer.beta_std) < 0:
        raise ValueError("a batch norm with a negative spread")
    if isinstance(layer, GaborMixture):
        n = len(layer.means[0])
        if not (len(layer.weights) == len(layer.means) == len(layer.covariances)
                and all(len(mean) == n for mean in layer.means)
                and all(len(c) == n and all(len(row) == n for row in c) for c in layer.covariances)):
            raise ValueError("a mixture of unequal sizes")
        if min(covariance[i][i] for covariance in layer.covariances for i in range(n)) < 0:
            raise ValueError("a mixture with a negative variance")
        if min(layer.weights) < 0 or sum(layer.weights) <= 0:
            raise ValueError("a mixture whose weights are no probabilities")
