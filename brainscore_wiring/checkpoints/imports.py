"""Import weights that others trained as wiring checkpoints.

A file of weights says next to nothing of how they were trained. The importer states it by naming a
catalogue row; the training record marks it as a statement, beside the SHA-256 of the file.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from brainscore_wiring.catalogue import CATALOGUE, Variant, in_epochs, row_along_the_way
from brainscore_wiring.checkpoints.header import read_record_if_any
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.checkpoints.resolve import check_belongs
from brainscore_wiring.checkpoints.state_dicts import ForeignWeights, read_weights
from brainscore_wiring.checkpoints.training_record import IMAGENET, ImportedFrom, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import write_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, digest, public_file
from brainscore_wiring.weight_compression.birth import Birth

#: The largest relative change of a parameter tensor, in the Euclidean norm, that still counts as
#: rounding.
LARGEST_CHANGE = 0.01


@dataclass(frozen=True)
class Imported:
    """A finished import: fingerprint of the weights, the file's SHA-256, the tensor float16 changed
    most, by how much, and what else the user should know, a sentence each.
    """

    fingerprint: str
    sha256: str
    changed_most: str
    change: float
    notes: tuple[str, ...] = ()


def stated_row(
    row: Variant,
    training_data: str | None = None,
    images: int | None = None,
    epochs: float | None = None,
) -> tuple[Variant, str]:
    """The row with the images and epochs that an importer states, and the name of the training
    data.

    Raises `WrongUsage` where weights cannot be imported as this row, or where the statement lacks
    something or says what the row settles.
    """
    name = row.identifier
    if row.at_birth:
        raise WrongUsage(
            f"Nothing is trained in {name}, so there is nothing to import: `brainscore show "
            f"{name}` says where its weights come from."
        )
    if row.continues:
        raise WrongUsage(
            f"{name} continues from the trained weights of {row.continues}, whose account an "
            f"import cannot know: `brainscore train {name} --data DIR -o FOLDER` trains it."
        )
    if row.training_data == "imagenet" or row.by_others:
        promised = (training_data, IMAGENET), (images, row.images), (epochs, row.epochs)
        if not all(said in (None, promise) for said, promise in promised):
            raise WrongUsage(
                f"{name} promises {in_epochs(row.epochs)} of {row.images:,} {IMAGENET} images: "
                "leave --training-data, --images and --epochs out"
                + ("." if row.by_others else f", or import as {row.plain_identifier}.")
            )
        return row, IMAGENET
    if not training_data:
        twin = f"{name}_imagenet"
        instead = (
            f", or import as {twin} what followed the paper's ImageNet recipe"
            if twin in CATALOGUE
            else ""
        )
        raise WrongUsage(
            f"{name} does not say what it was trained on: add --training-data NAME, such as "
            f"{IMAGENET}{instead}."
        )
    if epochs is not None and not 0 < epochs < math.inf:
        raise WrongUsage(
            f"--epochs takes a number above 0, such as {row.epochs:g}, not {epochs:g}."
        )
    return replace(
        row, images=images or row.images, epochs=row.epochs if epochs is None else epochs
    ), training_data


def import_weights(
    file: str | Path,
    row: Variant,
    output: str | Path,
    *,
    training_data: str | None = None,
    images: int | None = None,
    epochs: float | None = None,
    key: str | None = None,
) -> Imported:
    """Write the weights in a file of others as the wiring checkpoint of a catalogue row.

    `training_data`, `images` and `epochs` say what the weights were trained on where the row does
    not promise it; images and epochs are the row's by default. `key` names one of several state
    dicts in the file. Every parameter is stored, since synapses that others froze cannot be sampled
    again: weights of convolutions and the decoder rounded to float16, vectors (those of batch
    norms) and batch-norm statistics as they are. Where the file has a decoder of another shape or
    none, the decoder is that of the birth state, and names no images. Raises `WrongUsage` for a
    statement that cannot be made and `WiringError` for a file that contradicts it; nothing is
    written then.
    """
    row, training_data = stated_row(row, training_data, images, epochs)
    path = Path(file)
    if not path.is_file():
        raise WiringError(f"There is no file '{path}': name the checkpoint file to import.")
    if read_record_if_any(path) is not None:
        raise WiringError(
            f"'{path}' is a wiring checkpoint with a training record of its own, which stands: "
            f"`brainscore score --model {path}` takes it as it is."
        )
    sha256 = digest(path)
    published = sha256.startswith(public_file(CORNET_S_CHECKPOINT).sha256)
    if published and row.identifier != CORNET_AUTHORS:
        raise WiringError(
            f"'{path}' is the CORnet authors' own checkpoint (SHA-256 {sha256[:8]}...), not "
            f"weights of {row.identifier}: import it with `--as {CORNET_AUTHORS}`."
        )
    _check_name(path, row)
    weights = read_weights(path, row.architecture, key)
    if not published:  # that one is known by its hash
        _check_epoch(path, weights.epoch, row)
    birth = Birth(row.architecture, row.seed)  # lays out the file; its decoder alone may stay
    network = birth.network()
    network.load_state_dict(weights.state, strict=False)
    trained = {
        name: weights.state[name]
        for name, _ in network.named_parameters()
        if name not in weights.without
    }
    _check_trained(path, trained)
    rounded = {name: value for name, value in trained.items() if value.ndim > 1}
    changed_most, change = _changed_most(rounded)
    if change > LARGEST_CHANGE:
        raise WiringError(
            f"float16, in which checkpoints are stored, would change {changed_most} by "
            f"{change:.1%}: '{path}' was not imported."
        )
    record = TrainingRecord.stated(
        row,
        training_data,
        imported=ImportedFrom(
            path.name,
            sha256,
            epoch_in_file=weights.epoch,
            key=weights.key or None,
            tensors_left_aside=len(weights.left_aside) or None,
            finished=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            stated="what was trained, on what and for how long was stated with `--as "
            f"{row.identifier}`, not observed"
            + (f"; not known is {row.not_known}" if row.not_known else ""),
        ),
    )
    if weights.without:
        record = replace(record, data=replace(record.data, classes=0))
    check_belongs(row, record, path)
    exact = trained.keys() - rounded.keys()
    written = write_checkpoint(output, birth, network, [*trained], record.to_json(), exact)
    return Imported(written[:8], sha256, changed_most, change, tuple(_notes(weights, record)))


def _notes(weights: ForeignWeights, record: TrainingRecord) -> Iterator[str]:
    """What was found in the file beside the weights, or not found."""
    if weights.key:
        yield f"The weights are those under {weights.key}."
    if weights.epoch is not None and weights.epoch != record.epochs:
        yield (
            f"The file states epoch {weights.epoch:g}, the record {in_epochs(record.epochs)}: "
            "some trainers count from 0, or whole epochs alone."
        )
    if weights.left_aside:
        first = ", ".join(weights.left_aside[:3]) + (", ..." if weights.left_aside[3:] else "")
        yield f"Left aside: {len(weights.left_aside):,} tensors that are not the network's, {first}"
    if weights.without:
        yield (
            f"The decoder ({', '.join(weights.without)}) is not the file's, which has another or "
            "none: brain regions can be scored, naming images cannot."
        )


def _check_trained(path: Path, trained: dict[str, Tensor]) -> None:
    """Refuse kernels that are all 0, which no training leaves."""
    zero = next((name for name, value in trained.items() if value.ndim > 1 and not value.any()), "")
    if zero:
        raise WiringError(
            f"All values of {zero} in '{path}' are 0: these are no trained weights, or those of "
            "another moment."
        )


def _check_name(path: Path, row: Variant) -> None:
    """Refuse a file that has the name under which the paper's authors stored another model."""
    name = path.name.removesuffix(".tar").removesuffix(".pth")
    named = [other.identifier for other in CATALOGUE.values() if other.original_name == name]
    if named and row.identifier not in named:
        raise WiringError(
            f"'{path}' has the name that the paper's authors gave to {' or '.join(named)}, not to "
            f"{row.identifier}: name the model that it is, or rename the file if it is not theirs."
        )


def _check_epoch(path: Path, epoch: float | None, row: Variant) -> None:
    """Refuse a file that states another epoch.

    Epochs are counted from 1 or, as by many trainers, from 0; the paper's authors' files state the
    whole ones, 0 for half an epoch.
    """
    if epoch is None or row.epochs in (epoch, epoch + 1) or epoch == math.floor(row.epochs):
        return
    twin = CATALOGUE[row.plain_identifier]
    then = row_along_the_way(twin, epoch)
    instead = (
        f"that would be {then.identifier}"
        if then != twin
        else "--epochs takes what was done"
        + (f" for {twin.identifier}" if row.training_data == "imagenet" else "")
    )
    raise WiringError(
        f"'{path}' states epoch {epoch:g}, which is not {row.identifier} after "
        f"{in_epochs(row.epochs)}: {instead}."
    )


def _changed_most(parameters: dict[str, Tensor]) -> tuple[str, float]:
    """The tensor that float16 changes most, and its relative change in the Euclidean norm.

    Tensors are compared as wholes: single weights near zero may lose all they have without any
    effect.
    """
    changes = {name: _change(value.double()) for name, value in parameters.items()}
    name = max(changes, key=changes.__getitem__)
    return name, changes[name]


def _change(value: Tensor) -> float:
    norm = value.norm().item()
    change = (value.half().double() - value).norm().item()
    # what float16 cannot hold, writing refuses
    return change / norm if norm and math.isfinite(change) else 0.0
