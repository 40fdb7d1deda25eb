"""The result of one model on one benchmark: a number with its provenance, or a reason for none."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

import brainscore_wiring
from brainscore_wiring.errors import WiringError
from brainscore_wiring.notebook_view import facts_as_html

SCORED, PLANNED, NOT_RUN = "scored", "planned", "not run"
#: How a number was computed: by this package's exact twins of slow parts, or by brainscore_vision's
#: code as it is.
EXACT, STOCK_REGRESSION = "exact", "stock"
#: Packages whose versions a number may depend on.
PACKAGES = (
    "brainscore_wiring",
    "brainscore_vision",
    "brainscore_core",
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
)
#: Fields of a result that say what weights were trained on, and what that took.
TRAINING = (
    "variant",
    "training_data",
    "training_images",
    "training_epochs",
    "image_size",
    "genome_data",
)
UPDATE_COUNTS = (
    "supervised_updates",
    "supervised_synaptic_updates",
    "supervised_synaptic_updates_true",
)
#: Fields of a result that say which weights a number is of, what they were trained on, and what
#: computed it; a score has them among its attributes.
PROVENANCE = (
    *TRAINING,
    "fingerprint",
    "weights",
    "seed",
    "diet",
    "layers",
    *UPDATE_COUNTS,
    "benchmark_version",
    "computed",
    "versions",
)


@dataclass(frozen=True)
class Result:
    """One model on one benchmark. `status` is "scored", "planned" (the account of an untrained
    recipe) or "not run".

    `score` is relative to `ceiling`; `error` is the benchmark's own (Brain-Score's neural ones give
    that of `raw`). `low` and `high` are the ends of its 95 % interval when what `resampled` names
    is resampled (None: it has none). `weights`: their source, `fingerprint`: the beginning of
    their SHA-256. Updates are None if unknown. `computed` is "exact" or "stock". `variant`: the
    catalogue row, None for stock models; `training_data`: the data set that weights were trained
    on, or batch-norm statistics measured on; `training_images`: the labelled ones,
    `training_epochs`, `image_size` in pixels; `genome_data`: what the genome was fitted on; `diet`:
    the same in words, by the name that tables have for it. `layers`: which module is which region
    in networks of others, what that was searched on, how images are shown where not as usual, and a
    digest of the network's code. `details` are further
    attributes of the score by name; they are in no table.
    """

    model: str
    benchmark: str
    status: str
    score: float | None = None
    raw: float | int | None = None
    ceiling: float | None = None
    error: float | None = None
    seed: int | None = None
    fingerprint: str | None = None
    weights: str | None = None
    diet: str | None = None
    supervised_updates: int | None = None
    supervised_synaptic_updates: int | None = None
    supervised_synaptic_updates_true: int | None = None
    benchmark_version: str | None = None
    computed: str | None = None
    versions: str | None = None
    reason: str = ""
    variant: str | None = None
    training_data: str | None = None
    training_images: int | None = None
    training_epochs: float | None = None
    image_size: int | None = None
    genome_data: str | None = None
    low: float | None = None
    high: float | None = None
    resampled: str | None = None
    layers: str | None = None
    details: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def unclipped(self) -> float | None:
        """The score before it was clipped to [0, 1]: raw over ceiling, where that lies outside."""
        if self.score in (0, 1) and isinstance(self.raw, float) and self.ceiling:
            relative = self.raw / self.ceiling
            if not 0 <= relative <= 1:
                return relative
        return self.score

    @property
    def loaded(self) -> bool:
        """Whether there was a model to score: weights that could be loaded."""
        return self.weights is not None

    @property
    def ran(self) -> bool:
        """Whether the benchmark ran on the model, or its account was planned."""
        return self.status != NOT_RUN

    @property
    def network(self) -> tuple[str, str | None, str | None]:
        """Equal for the same weights under one name, with the same layers for its regions."""
        return self.model, self.fingerprint, self.layers

    @property
    def trained_on(self) -> tuple | str | None:
        """Equal for the same training data; earlier versions wrote it in words alone."""
        if self.training_images is None:
            return self.diet
        return (
            self.training_data,
            self.training_images,
            self.training_epochs,
            self.image_size,
            self.genome_data,
        )

    @property
    def provenance(self) -> dict[str, Any]:
        """What is known of the fields in `PROVENANCE`."""
        known = {name: getattr(self, name) for name in PROVENANCE}
        return {name: value for name, value in known.items() if value is not None}

    @property
    def _name(self) -> str:
        return f"{self.model}@{self.fingerprint}" if self.fingerprint else self.model

    def __repr__(self) -> str:
        found = self.status if self.score is None else f"{self.score:.3f}"
        if self.low is not None and self.high is not None:
            found += f" ({self.low:.3f} to {self.high:.3f})"
        return f"<Result {self._name} on {self.benchmark}: {found}>"

    def _repr_html_(self) -> str:
        error = "" if self.error is None else f" ± {self.error:.3f}"
        score = self.status if self.score is None else f"{self.score:.3f}{error} ({self.status})"
        return facts_as_html(
            f"{self._name} on {self.benchmark}",
            {
                "score": score,
                "95 %": None
                if self.low is None or self.high is None
                else f"{self.low:.3f} to {self.high:.3f}",
                "raw": self.raw,
                "ceiling": self.ceiling,
                "training data": self.diet,
                "weights": self.weights,
                "note": self.reason,
            },
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_score(self) -> Any:
        """Brain-Score's `Score`, with raw score, ceiling, error, interval, details and provenance
        among its attributes.
        """
        from brainscore_core.metrics import Score

        score = Score(self.score)
        score.attrs.update(
            self.details,
            raw=self.raw if isinstance(self.raw, int) else Score(self.raw),
            ceiling=Score(self.ceiling),
            model_identifier=self.model,
            benchmark_identifier=self.benchmark,
            **self.provenance,
        )
        if self.error is not None:
            score.attrs["error"] = self.error
        if self.low is not None:
            score.attrs["interval"] = (self.low, self.high)
        return score


def version_of(package: str) -> str:
    """The version of an installed package; ours is that of the source that runs."""
    ours = package.replace("-", "_") == brainscore_wiring.__name__
    return brainscore_wiring.__version__ if ours else metadata.version(package)


@cache
def versions() -> str:
    """The versions of all packages that a number may depend on, in one line."""
    return "; ".join(f"{package} {version_of(package)}" for package in PACKAGES)


def number(value: Any) -> float | int | None:
    """A plain number out of a Brain-Score `Score`, keeping exact integers; None where there is no
    finite one.

    Raises `WiringError` for several numbers, such as one for each time bin: their mean is none of
    the benchmark's.
    """
    if value is None or isinstance(value, int):
        return value
    values = np.asarray(getattr(value, "values", value))
    if values.dtype == object and values.size == 1 and isinstance(values.item(), int):
        return values.item()
    if values.size > 1:
        along = ", ".join(map(str, getattr(value, "dims", ()))) or "no named dimension"
        raise WiringError(
            f"It gave {values.size} numbers (along {along}), not one score: read it with "
            "`brainscore_wiring.load_benchmark` in Python."
        )
    found = float(values.item()) if values.size else math.nan
    return found if math.isfinite(found) else None
