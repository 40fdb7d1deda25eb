"""Every variant of the paper as one row, and those beyond it: the only list of models.

Needs neither torch nor Brain-Score. A row states a recipe (birth state, trainable set, epochs,
images, seed). What the weights behind a model were really trained on is in their training record.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike

from brainscore_wiring.architectures import SEVERAL, architecture
from brainscore_wiring.catalogue.paper_runs import FULL, RUNS, SUBSETS
from brainscore_wiring.catalogue.recipes import AREAS, BEST, BEST_NAME, BIRTH_SEEDS
from brainscore_wiring.catalogue.rows import BIRTH_IMAGES, catalogue
from brainscore_wiring.catalogue.variant import (
    Variant,
    image_count,
    in_epochs,
    model_without_seed,
    same_training,
    seed_in_name,
)
from brainscore_wiring.errors import WrongUsage, unknown

__all__ = [
    "AREAS",
    "BEST",
    "BEST_NAME",
    "BIBTEX",
    "BIRTH_IMAGES",
    "BIRTH_SEEDS",
    "CATALOGUE",
    "FULL",
    "PYTORCH_FILES",
    "RUNS",
    "SUBSETS",
    "Variant",
    "image_count",
    "in_epochs",
    "model_without_seed",
    "no_model",
    "row_along_the_way",
    "same_training",
    "seed_in_name",
    "training_layers",
    "variant",
]

BIBTEX = """@inproceedings{geiger2022wiring,
  title = {Wiring Up Vision: Minimizing Supervised Synaptic Updates Needed to Produce a Primate Ventral Stream},
  author = {Geiger, Franziska and Schrimpf, Martin and Marques, Tiago and DiCarlo, James J.},
  booktitle = {International Conference on Learning Representations},
  year = {2022},
  url = {https://openreview.net/forum?id=g1SzIRLQXMM}
}"""  # noqa: E501 - the title is one line wherever it is printed
#: How names of files end that `brainscore import-weights` reads.
PYTORCH_FILES = (".pth", ".pt", ".pth.tar", ".ckpt", ".bin")


class _Catalogue(Mapping[str, Variant]):
    """All rows, made at first access.

    A faulty extension is then an error of what looks. Also `<row>+<layer>+<layer>` and
    `<row>+<trainable set>`, which are no rows of their own: that row's birth, with these layers
    trained (see `training_layers`).
    """

    @functools.cached_property
    def _rows(self) -> Mapping[str, Variant]:
        return catalogue()

    def __getitem__(self, identifier: str) -> Variant:
        row, several, layers = identifier.partition(SEVERAL)
        return (
            training_layers(self._rows[row], layers.split(SEVERAL)) if several else self._rows[row]
        )

    def __contains__(self, identifier: object) -> bool:
        try:
            return isinstance(identifier, str) and self[identifier] is not None
        except (KeyError, WrongUsage):  # no such row, or no such layer in its network
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


#: Identifier -> row.
CATALOGUE: Mapping[str, Variant] = _Catalogue()


def variant(identifier: str | PathLike[str]) -> Variant:
    """The row with this identifier; raises `WrongUsage` with the nearest names for any other."""
    try:
        return CATALOGUE[str(identifier)]
    except KeyError:
        raise no_model(identifier) from None


def no_model(name: str | PathLike[str]) -> WrongUsage:
    """The error for what is no identifier, with the nearest ones; of a PyTorch file, what it is
    for.
    """
    if not str(name).endswith(PYTORCH_FILES):
        return unknown("model", name, CATALOGUE, "brainscore list models")
    return WrongUsage(
        f"'{name}' is a PyTorch file; a model is given by its name or as a wiring checkpoint "
        f"(.safetensors): `brainscore import-weights {name} --as MODEL -o FILE.safetensors` makes "
        "one of it; any other network is loaded by a function in a file of yours, `--model "
        "my_models.py:my_function` (docs/scoring.md)."
    )


def training_layers(row: Variant, layers: Sequence[str]) -> Variant:
    """A row initialised as `row` is, in which these layers, or the trainable set that is named
    alone, are trained and nothing else.

    Epochs and images are those of `row`. Where it is not trained: the set's epochs, one of layers,
    of all of ImageNet.
    Raises `WrongUsage` for a layer that its architecture has not, and for a row that goes on with
    trained weights: a checkpoint stores what is trained, and the rest would be as at birth.
    """
    if row.continues or row.by_others:
        raise WrongUsage(
            f"{row.identifier} goes on with the trained weights of {row.continues or 'others'}: "
            "layers are named of a model that begins at birth."
        )
    one = architecture(row.architecture)
    trained = one.named_layers(layers)
    named = one.trainable.get(trained)
    return replace(
        row,
        identifier=f"{row.identifier.partition(SEVERAL)[0]}{SEVERAL}{trained}",
        trained=trained,
        unlabelled_images=0,
        noise_images=0,
        section="beyond",
        figure="none",
        original_name="",
        epochs=row.epochs or (named and named.epochs) or 1,
        images=FULL if row.at_birth else row.images,
    )


def row_along_the_way(row: Variant, epochs: float) -> Variant:
    """The row for an earlier moment of a row's training.

    The row itself where the catalogue has none; one whose name ends in `_imagenet` promises all
    epochs, so its earlier moments are those of the row without.
    """
    plain = replace(row, training_data="any")
    if row.trains_named_layers:
        return CATALOGUE[row.plain_identifier]
    return next(
        (
            other
            for other in CATALOGUE.values()
            if other.epochs == epochs and same_training(other) == same_training(plain)
        ),
        CATALOGUE.get(row.plain_identifier, row),
    )
