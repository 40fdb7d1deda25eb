"""One model as a recipe: a row of the catalogue. Needs neither torch nor Brain-Score."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from brainscore_wiring.architectures import SEVERAL, architecture
from brainscore_wiring.weight_compression.births import BIRTH_STATES

#: What names of rows end in that weights trained on other images than ImageNet never stand in for.
IMAGENET_ENDING = "_imagenet"


@dataclass(frozen=True)
class Variant:
    """One model of the paper as a recipe.

    `architecture` a key of `ARCHITECTURES`, `birth` of `BIRTH_STATES`, `trained` one of the
    architecture's trainable sets, or layers ("V2.conv3+IT.conv2"). `compressed`: areas initialised
    from the genome; `default_norms`: batch norms, by the beginning of their name or of its last
    part, that start with gamma 1 and beta 0 nevertheless. `mapping`: which of the architecture's
    `other_origins` a genome is transferred by. `epochs` may be a fraction; `images` are labelled
    ones, `unlabelled_images` or `noise_images` measure batch-norm statistics at birth.
    `training_data`: "any", or "imagenet", where weights trained on others never stand in. `recipe`
    holds what differs from the paper's hyper-parameters, named as in `training_recipe.Recipe`.
    `continues`: the model whose trained weights this one starts from. `figure`, `section` and
    `original_name` point to the paper and to its authors' score database. `not_known`: what is not
    known of how others trained it, in words that go on after "not known is".
    """

    identifier: str
    architecture: str = "cornet_s"
    birth: str = "kaiming_normal"
    compressed: tuple[str, ...] = ()
    default_norms: tuple[str, ...] = ()
    mapping: str = ""
    trained: str = "nothing"
    epochs: float = 0
    images: int = 0
    seed: int = 0
    unlabelled_images: int = 0
    noise_images: int = 0
    training_data: str = "any"
    recipe: Mapping[str, float | str] = field(default_factory=dict, hash=False)
    continues: str = ""
    figure: str = "none"
    section: str = ""
    original_name: str = ""
    not_known: str = ""

    @property
    def by_others(self) -> bool:
        """Whether its weights are those that others published."""
        return self.birth == "pretrained"

    @property
    def at_birth(self) -> bool:
        """Whether nothing in this model was trained with labels."""
        return self.trained == "nothing"

    @property
    def trains_named_layers(self) -> bool:
        """Whether its layers are named in its identifier, so that no row of the catalogue is it and
        its epochs are a plan alone.
        """
        return SEVERAL in self.identifier

    @property
    def measured_statistics(self) -> bool:
        """Whether batch-norm statistics are measured on unlabelled or noise images."""
        return self.unlabelled_images + self.noise_images > 0

    @property
    def trained_words(self) -> str:
        """What is trained, in words; the set's name where its architecture does not have it."""
        one = architecture(self.architecture).trainable_set(self.trained)
        return one.words if one else self.trained.replace("_", " ")

    @property
    def plain_identifier(self) -> str:
        """The identifier of the same model trained on any images: without `_imagenet`."""
        name, plus, layers = self.identifier.partition(SEVERAL)
        return f"{name.removesuffix(IMAGENET_ENDING)}{plus}{layers}"

    @property
    def summary(self) -> str:
        """One sentence: architecture, birth state, trainable set, epochs and images."""
        one = architecture(self.architecture)
        if self.birth == "none":
            return f"{one.words}, a fixed computation without training{one.note}."
        if self.at_birth:
            seen = (
                f"{self.noise_images:,} noise"
                if self.noise_images
                else f"{self.unlabelled_images:,} unlabelled"
            )
            statistics = f", batch-norm statistics from {seen} images"
            return (
                f"{one.words} at birth from "
                f"{self._initialised_from}{statistics if self.measured_statistics else ''}."
            )
        errors = (
            "; errors through skip connections alone"
            if self.recipe.get("feedback") == "skip_only"
            else ""
        )
        return (
            f"{self.training_summary}{errors}; {in_epochs(self.epochs)} of {self.images:,} images."
        )

    @property
    def training_summary(self) -> str:
        """The beginning of a trained model's summary: architecture, birth state, trainable set."""
        return (
            f"{architecture(self.architecture).words} from {self._initialised_from}; trained: "
            f"{self.trained_words}"
        )

    @property
    def _initialised_from(self) -> str:
        if self.continues:
            return f"the trained weights of {self.continues}"
        return BIRTH_STATES[self.birth].words + (
            f" up to {self.compressed[-1]}" if 0 < len(self.compressed) < 4 else ""
        )


def same_training(row: Variant) -> tuple:
    """What rows share that are moments of one training.

    All but the number of epochs and the names.
    """
    return (
        row.architecture,
        row.birth,
        row.compressed,
        row.default_norms,
        row.mapping,
        row.trained,
        row.images,
        row.seed,
        row.training_data,
        tuple(sorted(row.recipe.items())),
        row.continues,
    )


def model_without_seed(identifier: str) -> str:
    """cornet_s_wc_bn_seed42 -> cornet_s_wc_bn: the model that a seed is one instance of."""
    return re.sub(r"_seed\d+", "", identifier)


def seed_in_name(identifier: str) -> int | None:
    """cornet_s_wc_bn_seed42 -> 42; None where the name states no seed."""
    found = re.search(r"_seed(\d+)", identifier)
    return int(found[1]) if found else None


def in_epochs(epochs: float) -> str:
    """A number of epochs in words: 1 epoch, 0.2 epochs."""
    return f"{epochs:g} epoch{'' if epochs == 1 else 's'}"


def image_count(images: int) -> str:
    """A number of images as identifiers spell it: 100, 1k, 500k."""
    return f"{images // 1000}k" if images % 1000 == 0 else str(images)
