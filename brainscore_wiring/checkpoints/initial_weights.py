"""The weights that a model starts from: its birth, or another model's training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from torch import Tensor

from brainscore_wiring.architectures.layers import input_channels
from brainscore_wiring.arguments import path_of, seed_of
from brainscore_wiring.catalogue import Variant
from brainscore_wiring.checkpoints.locate import genome_path, published_folder, why_no_genome
from brainscore_wiring.checkpoints.resolve import check_recipe, resolve
from brainscore_wiring.checkpoints.training_record import DataRecord, GenomeSource, TrainingRecord
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint, write_checkpoint
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.files import save_tensors
from brainscore_wiring.weight_compression.birth import Birth
from brainscore_wiring.weight_compression.births import BIRTH_STATES, GABOR_LAYER, changed
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.noise_images import with_noise_statistics
from brainscore_wiring.weight_compression.transfer import transfer


def birth_of(
    row: Variant, seed: int | None = None, genome: Genome | str | Path | None = None
) -> Birth:
    """The row's birth, from its own genome, or from a given one: a `Genome`, a genome file, or a
    folder of the authors' files.
    """
    if row.by_others or row.birth == "none":
        reason = (
            f"its weights are the ones that others trained: `brainscore show {row.identifier}` "
            "says where they come from."
            if row.by_others
            else "it is a fixed computation with no synapses to sample."
        )
        raise WrongUsage(f"{row.identifier} has no birth state: {reason}")
    found = None
    if BIRTH_STATES[row.birth].sampled:
        found, origin = _genome_of(row, genome)
        if not (found.drawn_from and found.architecture == row.architecture):  # transferred before
            _check_reaches(found, row, origin)
            if row.architecture != found.architecture:
                found = transfer(found, row.architecture, mapping=row.mapping)
    elif genome is not None:
        raise WrongUsage(
            f"{row.identifier} is initialised from {BIRTH_STATES[row.birth].words}, which takes "
            "no genome."
        )
    return Birth(
        row.architecture,
        row.seed if seed is None else seed_of(seed),
        found,
        tuple(row.compressed) if found else None,
        tuple(row.default_norms),
    )


def _genome_of(row: Variant, given: Genome | str | Path | None) -> tuple[Genome, str | Path]:
    """The genome of a row, or the given one, and what to call it in a message."""
    birth = BIRTH_STATES[row.birth]
    if birth.needs == "none":
        if given is not None:
            raise WrongUsage(
                f"{row.identifier} is initialised without any stored number: it takes no genome."
            )
        return birth.written_genome(), row.birth
    if isinstance(given, Genome):
        given.check()
        return changed(row.birth, given), "given"
    if given is None:
        reason = why_no_genome(row)
        place = published_folder() if birth.needs == "authors' files" else genome_path(row)
        if place is None or reason:
            raise WiringError(reason)
    else:
        place = path_of("genome", given)
    return changed(row.birth, read_genome(place, birth.kind(GABOR_LAYER))), place


def _check_reaches(genome: Genome, row: Variant, origin: str | Path) -> None:
    """Refuse a genome that would leave a compressed convolution to Kaiming Normal without a word.

    Batch norms are all there or, as in the authors' files, all absent.
    """
    birth = BIRTH_STATES[row.birth]
    fitted_to = birth.fitted_to
    if genome.architecture != fitted_to:
        raise WiringError(
            f"The genome '{origin}' is of {genome.architecture}, {row.identifier} is initialised "
            f"from one of {fitted_to}."
        )
    every = input_channels(fitted_to)
    reached = {
        name: channels is not None
        for name, channels in every.items()
        if name.partition(".")[0] in row.compressed
    }
    norms = any(name in genome.layers for name, convolution in reached.items() if not convolution)
    missing = [
        name
        for name, convolution in reached.items()
        if (convolution or norms) and name not in genome.layers
    ]
    foreign = sorted(name for name in genome.layers if name not in every)
    if foreign:
        raise WiringError(
            f"The genome '{origin}' has an entry for {foreign[0]}, which {fitted_to} does not."
        )
    for name, entry in genome.layers.items():
        channels = getattr(entry, "in_channels", None)
        if channels not in (None, every[name]):
            raise WiringError(
                f"The genome '{origin}' describes kernels of {channels} channels for {name}, "
                f"which has {every[name]}: it is damaged."
            )
    if missing:
        raise WiringError(
            f"The genome '{origin}' has no entry for {missing[0]}, which {row.identifier} is "
            "initialised from: `brainscore compress CHECKPOINT -o GENOME` writes a whole one."
        )
    for name in reached if birth.fitted else ():
        kind, expected = (
            genome.layers[name].kind if name in genome.layers else "",
            birth.kind(name),
        )
        if reached[name] and expected and kind != expected:
            raise WiringError(
                f"The genome '{origin}' describes {name} by {kind}, {row.identifier} is "
                f"initialised from {expected}: `brainscore compress CHECKPOINT --as {row.birth} -o "
                "GENOME` writes one."
            )


def birth_state_of(
    row: Variant, seed: int | None = None, genome: Genome | str | Path | None = None
) -> dict[str, Tensor]:
    """The state dict at birth, of a `_bn` row with measured batch-norm statistics."""
    birth = birth_of(row, seed, genome)
    if row.continues:
        if birth.seed != row.seed or genome is not None:
            raise WrongUsage(
                f"{row.identifier} begins from the trained weights of {row.continues}: it takes no "
                "other seed and no genome."
            )
        return weights_to_continue(row)[0]
    if row.noise_images:
        return with_noise_statistics(birth, row.noise_images)
    if not row.measured_statistics:
        return birth.state()
    stored = resolve(row)
    if stored.file is None and genome is None:
        raise WiringError(stored.reason)
    if stored.file is None or birth.seed != row.seed or genome is not None:
        raise WiringError(
            f"{row.identifier} is stored with statistics of seed {row.seed} and its own genome: "
            f"`brainscore train {row.identifier} --data DIR -o FOLDER` measures others."
        )
    if stored.weights is None:
        raise WiringError(stored.reason)
    return read_checkpoint(stored.weights.header).state


def write_birth(
    path: Path, row: Variant, seed: int | None = None, genome: Genome | str | Path | None = None
) -> None:
    """Write the state dict at birth; of a row in which nothing is trained or measured as a wiring
    checkpoint, with its genome, seed and record.
    """
    if not row.at_birth or row.measured_statistics:
        save_tensors(path, birth_state_of(row, seed, genome))
        return
    birth = birth_of(row, seed, genome)
    found = birth.genome
    record = TrainingRecord(
        variant=row.identifier,
        architecture=row.architecture,
        birth=row.birth,
        trained=row.trained,
        seed=birth.seed,
        data=DataRecord(0, "none"),
        epochs=0,
        images_shown=0,
        images_skipped=0,
        trained_parameters=0,
        trained_parameters_paper=0,
        supervised_updates=0,
        supervised_synaptic_updates=0,
        supervised_synaptic_updates_true=0,
        unlabelled_images=0,
        genome_numbers=birth.genome_numbers(),
        genome_sha256=found.sha256() if found else None,
        genome=GenomeSource.of(found),
        batch_norm_statistics="0 and 1",
    )
    check_recipe(row, record, path)
    network = birth.network()
    names = [name for name, _ in network.named_parameters()]
    write_checkpoint(path, birth, network, names, record.to_json(), names, network.state_dict())


def read_genome(path: str | Path, first_layer: str = "") -> Genome:
    """A genome from a file, or from a folder with the parameter files that the paper's authors
    published: these have clusters for V1.conv1 too, where `first_layer` asks for them.
    """
    path = Path(path)
    if path.is_dir():
        from brainscore_wiring.weight_compression.published import read_published  # and sklearn

        clusters = first_layer == Clusters.kind
        return read_published(path, first_layer=first_layer if clusters else GaborMixture.kind)
    if not path.exists():
        raise WiringError(
            f"There is no genome file '{path}': `brainscore compress CHECKPOINT -o GENOME` writes "
            "one."
        )
    return Genome.read(path)


def weights_to_continue(row: Variant) -> tuple[dict[str, Tensor], TrainingRecord]:
    """The trained weights that a row starts from, and their training record.

    Raises `WiringError` where they are not here.
    """
    start = resolve(row.continues)
    if start.weights is None:
        raise WiringError(
            f"{row.identifier} continues from a trained model that is not here: {start.reason}"
        )
    return (
        read_checkpoint(start.weights.header).state,
        replace(start.weights.record, fingerprint=start.fingerprint),
    )
