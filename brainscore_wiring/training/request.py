"""A training as it is asked for, and whether a folder holds it, a part of it, or another one."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from brainscore_wiring.architectures import architecture, build, trained_parameters
from brainscore_wiring.architectures.layers import layers_of
from brainscore_wiring.arguments import real_number, several, whole_number
from brainscore_wiring.catalogue import (
    CATALOGUE,
    FULL,
    Variant,
    same_training,
    training_layers,
    variant,
)
from brainscore_wiring.catalogue.training_recipe import RECIPES, SCHEDULES, Recipe
from brainscore_wiring.checkpoints.header import read_header
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.record_file import read_training_record, records_in, renew_record
from brainscore_wiring.checkpoints.resolve import departure, resolve
from brainscore_wiring.checkpoints.training_record import GenomeSource, TrainingRecord
from brainscore_wiring.errors import WiringError, WrongUsage, shortened, unknown
from brainscore_wiring.formatting import listed
from brainscore_wiring.networks.code import code_of, file_of
from brainscore_wiring.training import run_folder
from brainscore_wiring.training.data import open_training_data
from brainscore_wiring.training.data.damage import SKIP, STOP, without_damaged
from brainscore_wiring.training.data.images import LabelledImages
from brainscore_wiring.training.data.memory import in_memory
from brainscore_wiring.training.data.training_data import TrainingData
from brainscore_wiring.training.run import (
    Milestones,
    check_batches,
    check_epochs,
    images_after,
    longer_run,
    past_convergence,
    steps_of,
)
from brainscore_wiring.training.run_folder import CHECKPOINT
from brainscore_wiring.training.schedule import Schedule
from brainscore_wiring.weight_compression.birth import Birth

#: How many held-out images accuracy is measured on by default, where there are as many.
HELD_OUT_PER_IMAGE, FEWEST_HELD_OUT = 10, 200
_Report = Callable[[str], None]


@dataclass(frozen=True)
class Shown:
    """Which images a run shows: how many, of how many classes, and a hash of all."""

    images: int
    classes: int
    manifest_sha256: str
    content_sha256: str | None = None  # unknown of images that were not read

    @classmethod
    def of(cls, data: TrainingData) -> Shown:
        content = getattr(data, "content_sha256", None)
        return cls(len(data), len(data.classes), data.manifest_sha256(), content)

    def differ(self, record: TrainingRecord) -> bool:
        """Whether a record is of other images."""
        before, now = record.data.content_sha256, self.content_sha256
        return (
            record.data.manifest_sha256 != self.manifest_sha256
            or record.data.classes not in (None, self.classes)
            or bool(before and now and before != now)
        )


@dataclass(frozen=True)
class RunImages:
    """A run's images: the data set's, those shown, the held-out ones, and those left out."""

    training: TrainingData
    shown: TrainingData
    held_out: TrainingData | None
    balanced: bool
    damaged: tuple[str, ...]

    @property
    def identity(self) -> Shown:
        """Which images are shown."""
        return Shown.of(self.shown)

    def kept_in_memory(self, workers: int, report: _Report) -> RunImages:
        """The same images, those decoded once that are small enough."""
        held_out = None if self.held_out is None else in_memory(self.held_out, workers, report)
        return dataclasses.replace(
            self, shown=in_memory(self.shown, workers, report), held_out=held_out
        )


@dataclass(frozen=True)
class Training:
    """A training as it is asked for: everything that decides which models come out.

    `images`: how many of the data's, all for None, `balanced` over classes or not. `damaged` ones
    "stop" it before its first update or are left out ("skip"). `epochs`: where models are wanted,
    in ascending order; None trains until convergence. `held_out_images`: how many of the held-out
    images accuracy is measured on (sampled uniformly, seed 0), by default ten for each training
    image, at least 200. Raises `WrongUsage` for what cannot be trained.
    """

    variant: Variant
    birth: Birth
    data: str
    recipe: Recipe
    images: int | None = None
    balanced: bool = False
    damaged: str = STOP
    epochs: tuple[float, ...] | None = None
    held_out_images: int | None = None

    def __post_init__(self) -> None:
        ways = (STOP, SKIP)
        if self.damaged not in ways:
            raise unknown("way with damaged images", self.damaged, ways, "brainscore train --help")
        if self.variant.at_birth and not self.variant.unlabelled_images:
            raise WrongUsage(
                f"Nothing is trained in {self.variant.identifier}: `brainscore birth "
                f"{self.variant.identifier} -o FILE` writes its weights."
            )
        if not self.variant.at_birth:
            check_epochs(self.epochs, self.recipe)

    @classmethod
    def asked(
        cls,
        model: str,
        data: str | Path,
        *,
        trainable: Sequence[str],
        recipe: str,
        changes: Mapping[str, Any],
        seed: int | None,
        genome: str | Path | None = None,
        **more: Any,
    ) -> Training:
        """The training of a model by its name: of the layers in `trainable`, if any, in place of
        its own, with `changes` to a named recipe, another seed or genome; `more` as `of` takes it.
        """
        if recipe not in RECIPES:
            raise unknown("recipe", recipe, RECIPES, "brainscore train --help")
        row = training_layers(variant(model), trainable) if trainable else variant(model)
        birth = birth_of(row, seed, genome)
        own = dataclasses.replace(RECIPES[recipe], **{**row.recipe, **changes})
        return cls.of(row, birth, data, own, **more)

    @classmethod
    def of(
        cls,
        variant: Variant,
        birth: Birth,
        data: str | Path,
        recipe: Recipe,
        *,
        images: int | None = None,
        epochs: float | Iterable[float] | None = None,
        until_convergence: bool = False,
        held_out_images: int | None = None,
        **more: Any,
    ) -> Training:
        """The training with what is not said as the catalogue row has it, whose full set stands
        for all images that there are; `more` are further fields.
        """
        if images is None:
            images = variant.unlabelled_images or (
                variant.images if variant.images < FULL else None
            )
        if epochs is None or variant.measured_statistics:
            epochs = variant.epochs
        wanted = tuple(sorted({real_number("epochs", one) for one in several(epochs)}))
        return cls(
            variant,
            birth,
            str(data),
            recipe,
            None if images is None else whole_number("images", images),
            epochs=None if until_convergence else wanted,
            held_out_images=None
            if held_out_images is None
            else whole_number("held_out_images", held_out_images, 1),
            **more,
        )

    def open(self, workers: int, report: _Report, folder: Path, processes: int = 1) -> RunImages:
        """The images, looked at for damage.

        Raises `WiringError` where they cannot be trained on, or `folder` holds another training:
        before an image is decoded where that can be told.
        """
        training, held_out = open_training_data(self.data, report)
        self._check_classes(training)
        asked = training.subset(self.images, self.birth.seed, self.balanced)
        held_out = held_out and self._measured_on(held_out, len(asked), report)
        self._check_updates(training.name, len(asked), processes)
        self.refuse_other(folder, Shown.of(asked) if self.damaged == STOP else None)
        shown, left_out = without_damaged(asked, self.damaged, workers, report)
        began = run_folder.images_of(folder) if self.damaged == SKIP else None
        if began and isinstance(shown, LabelledImages):  # a run goes on without what is lost
            shown = shown.as_begun(began)
            left_out = tuple(name for name in left_out if name not in began)
            if shown.lost:
                report(f"{len(shown.lost):,} images of this run cannot be read any more: left out")
        if left_out:
            self._check_updates(training.name, len(shown), processes)
        if held_out is not None and not self.variant.at_birth:  # not found out after training
            held_out, bad = without_damaged(held_out, self.damaged, workers, report)
            if bad:
                report(f"{len(bad):,} held-out images are damaged: left out")
        images = RunImages(training, shown, held_out, self.balanced, left_out)
        self.refuse_other(folder, images.identity)
        return images

    def _check_updates(self, data: str, images: int, processes: int) -> None:
        """Raise before the first update for what no training of this name can be."""
        row, genome = self.variant, self.birth.genome
        epochs = self.epochs[-1] if self.epochs else None
        source = GenomeSource.of(genome)
        found = departure(
            row,
            data,
            images,
            self.recipe.image_size,
            None if row.at_birth else epochs,
            source.training_data if source else None,
            dataclasses.asdict(self.recipe),
        )
        if row.training_data == "imagenet" and not row.at_birth and epochs is None:
            found = found or f"no fixed number of epochs, which is {row.epochs:g}"
        if found:
            raise WiringError(
                f"{row.identifier} promises the paper's ImageNet recipe, this training has "
                f"{found}: train {row.plain_identifier}."
            )
        check_batches(images, self.recipe, processes)
        if not self.variant.at_birth:
            self._milestones(images)

    def _measured_on(self, held_out: TrainingData, images: int, report: _Report) -> TrainingData:
        """The held-out images that accuracy is measured on: those of a run of few images alone
        would take longer than its training.
        """
        wanted = self.held_out_images or max(FEWEST_HELD_OUT, HELD_OUT_PER_IMAGE * images)
        if wanted >= len(held_out):
            return held_out
        if not self.held_out_images:
            report(
                f"{wanted:,} of the {len(held_out):,} held-out images will measure accuracy "
                "(--held-out N)"
            )
        return held_out.subset(wanted, seed=0)

    def _check_classes(self, training: TrainingData) -> None:
        of = self.variant.architecture
        classifier = architecture(of).classifier
        outputs = layers_of(of)[classifier].shapes["weight"][0] if classifier else math.inf
        if len(training.classes) > outputs:
            raise WiringError(
                f"The images are of {len(training.classes):,} classes, {of} has {outputs:,} output "
                "classes."
            )

    def refuse_other(self, folder: Path, shown: Shown | None) -> None:
        """Raise `WiringError` where a model or a record in `folder` is of another training.

        `shown`: the images, where they are known yet. Files that were taken away do not matter.
        """
        for path, record in records_in(folder):
            different = self.differences(record, shown)
            if path.suffix == ".safetensors" and read_header(path).sampled.keys() != self._sampled:
                different.append(f"it trained other parameters as '{self.variant.trained}'")
            if different:
                raise WiringError(
                    f"'{folder}' holds another run than was asked for ({path.name}: "
                    f"{listed(different)}): give the same arguments to go on with it, or another "
                    "folder."
                )
            if shown is not None and self._too_long(record, shown.images):
                raise longer_run(folder, record.epochs)

    @cached_property
    def code(self) -> str | None:
        """What the architecture of an extension computes, which may change between two runs."""
        one = architecture(self.variant.architecture)
        return code_of(build(one.name), *file_of(one.network)) if one.of_an_extension else None

    def _milestones(self, images: int) -> Milestones:
        return Milestones(self.epochs, images, self.recipe)

    @property
    def _sampled(self) -> set[str]:
        """The parameters that stay as they are at birth."""
        of = self.variant.architecture
        names = {f"{name}.{part}" for name, layer in layers_of(of).items() for part in layer.shapes}
        return names.difference(trained_parameters(self.variant.trained, names, of))

    def _too_long(self, record: TrainingRecord, images: int) -> bool:
        if self.variant.at_birth:
            return False
        if self.epochs is None:
            return past_convergence(record.epoch_log)
        last = self._milestones(images).last
        return record.images_shown > images_after(last, images, self.recipe)

    def differences(self, record: TrainingRecord, shown: Shown | None) -> list[str]:
        """In which ways a record is not of this training, in words; empty where it is."""
        names = {self.variant.identifier}
        if record.epochs_asked is None:
            names |= {self.variant.plain_identifier}
            same = same_training(dataclasses.replace(self.variant, training_data="any"))
            names |= {name for name, row in CATALOGUE.items() if same_training(row) == same}
        mine, other = _plain(dataclasses.asdict(self.recipe)), _recipe_of(record)
        found = []
        if record.variant not in names:
            found.append(f"it is {shortened(record.variant)}, not {self.variant.identifier}")
        if record.seed != self.birth.seed:
            found.append(f"its seed is {shortened(record.seed)}, not {self.birth.seed}")
        if record.genome_sha256 != (self.birth.genome.sha256() if self.birth.genome else None):
            found.append("it has another genome")
        found += [
            f"its {name.replace('_', ' ')} is {shortened(other.get(name))}, not {value}"
            for name, value in mine.items()
            if other.get(name) != value and not record.at_birth
        ]
        if record.code and self.code and record.code != self.code:
            found.append(f"the code of {self.variant.architecture} was another")
        if shown is not None and shown.differ(record):
            found.append("it has other images")
        if self.variant.continues:
            start = resolve(self.variant.continues).fingerprint
            if record.continues is None or record.continues.fingerprint != start:
                found.append(f"it goes on from another {self.variant.continues}")
        if self._asks_for_other_epochs(record):
            found.append(f"its schedule {self.recipe.schedule} is of other epochs")
        return found

    def _asks_for_other_epochs(self, record: TrainingRecord) -> bool:
        """Whether the schedule, which is made for a number of epochs, was for another one."""
        if self.variant.at_birth or self.epochs is None:
            return False
        if SCHEDULES[self.recipe.schedule].prolongable:
            return False
        if record.epochs_asked is not None:
            return tuple(record.epochs_asked) != self.epochs
        if not record.epoch_log:  # a birth
            return False
        images = record.data.images  # an intermediate checkpoint: compare its learning rate
        steps = self._milestones(images).last
        step = steps_of(record.images_shown, images, self.recipe)
        rate = Schedule(0).before_update(self.recipe, step - 1, steps)
        return not math.isclose(record.epoch_log[-1]["learning_rate"], rate, rel_tol=1e-9)

    def finished(
        self, folder: Path, shown: Shown, held_out: int | None = None
    ) -> TrainingRecord | None:
        """The last record, where all models that are asked for are in `folder`; else None.

        Nothing but the checkpoints is believed; a record beside one that is missing or another is
        written again. Raises `WiringError` where the folder holds another training, and where
        another number of held-out images than there measured accuracy is asked for and `held_out`,
        how many are here, is given.
        """
        self.refuse_other(folder, shown)
        if self.variant.at_birth or not (folder / CHECKPOINT).exists():
            return None
        record = read_training_record(folder / CHECKPOINT)
        asked = None if record.epochs_asked is None else tuple(record.epochs_asked)
        if asked != (self.epochs or ()):
            return None
        measured, wanted = record.held_out, self.held_out_images
        if wanted and held_out and measured and measured.images not in (wanted, held_out):
            raise WiringError(
                f"The accuracy in '{folder}' is of {measured.images:,} held-out images, "
                f"{wanted:,} were asked for: give --held-out {measured.images}, or another folder."
            )
        paths = [folder / CHECKPOINT, *self._milestones(shown.images).along_the_way(folder)]
        if not all(path.exists() for path in paths):
            return None
        for path in paths:
            renew_record(path)
        return record


def _plain(values: Any) -> Any:
    return json.loads(json.dumps(values))


def _recipe_of(record: TrainingRecord) -> dict[str, Any]:
    """A record's recipe; fields that are younger than the record are as they were before."""
    return _plain(dataclasses.asdict(Recipe()) | dict(record.recipe or {}))
