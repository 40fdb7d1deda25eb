"""Where a variant's weights are: what the package ships, and the user's weight store. Needs no torch until it loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brainscore_wiring import accounting, folders
from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.files import safetensors_metadata
from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, WEIGHT_COMPRESSION, locate
from brainscore_wiring.weight_compression.births import BIRTH_STATES, FITTED, changed

if TYPE_CHECKING:
    from torch import Tensor

    from brainscore_wiring.weight_compression.genome import Genome
    from brainscore_wiring.checkpoints.wiring_checkpoint import Birth

#: The architecture that genomes are fitted to; other ones are born from its transferred genome.
COMPRESSED = FITTED
#: The identifier of the CORnet authors' own checkpoint.
PUBLISHED = "cornet_s_imagenet"


def checkpoint_path(variant: Variant) -> Path | None:
    """The variant's wiring checkpoint: the user's own one first, then the packaged one."""
    for folder in (folders.weight_store(), folders.packaged()):
        path = folder / f"{variant.identifier}.safetensors"
        if path.is_file():
            return path
    return None


def stored_record(variant: Variant) -> dict[str, Any] | None:
    """The training record of the variant's weights on this machine, read without loading them; None without weights.

    Raises `WiringError` for a file in their place that is no wiring checkpoint or holds another model.
    """
    path = checkpoint_path(variant)
    if path is None:
        return None
    metadata = safetensors_metadata(path)
    try:
        record = dict(json.loads(metadata["record"]))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise WiringError(f"'{path}' is not a wiring checkpoint: remove it, or replace it by the model.safetensors "
                          f"that `brainscore train {variant.identifier} --data DIR -o FOLDER` leaves.") from None
    check_belongs(variant, record, path)
    return record


def imported_from(record: dict[str, Any] | None) -> str:
    """Where a training record says that its weights were imported from, in words; empty for weights trained here."""
    imported = (record or {}).get("imported")
    if not isinstance(imported, dict):
        return ""
    return f"imported from {imported.get('file')} (SHA-256 {imported.get('sha256')})"


def genome_path(variant: Variant) -> Path:
    """The genome file that the variant is born from (it may not exist yet)."""
    return imagenet_genome(variant.birth) if variant.diet == "imagenet" else packaged_genome(variant.birth)


def packaged_genome(birth: str = "weight_compression") -> Path:
    """The genome that the package ships for a birth, fitted on a CORnet-S of a small diet."""
    return folders.packaged() / f"cornet_s{_kind(birth)}.genome.json"


def imagenet_genome(birth: str = "weight_compression") -> Path:
    """Where `brainscore compress cornet_s_imagenet` leaves the genome of a birth."""
    return folders.weight_store() / f"cornet_s_imagenet{_kind(birth)}.genome.json"


def _kind(birth: str) -> str:
    fitted = BIRTH_STATES[birth].genome_of
    return "" if fitted == "weight_compression" else f"_{fitted}"


def evidence_of(variant: Variant) -> dict[str, Any] | None:
    """What `brainscore frontier` found on the best birth state, packaged beside it; None for every other variant."""
    path = folders.packaged() / f"{variant.identifier}.evidence.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def published_folder() -> Path | None:
    """The folder with the authors' parameter files, verified; None where one is missing."""
    paths = [locate(name) for name in WEIGHT_COMPRESSION]
    return paths[0].parent if all(paths) and len({path.parent for path in paths}) == 1 else None


def why_not_loadable(variant: Variant) -> str:
    """Empty where `load_model` will find all it needs, else one sentence on what is missing and how to get it."""
    name = variant.identifier
    if variant.needs:
        return f"{name} cannot be built. {variant.needs}"
    if variant.birth == "none":
        return ""
    try:
        if stored_record(variant) is not None:
            return ""
    except WiringError as error:  # a file in its place that cannot be used
        return str(error)
    if name == PUBLISHED:
        try:
            found = locate(CORNET_S_CHECKPOINT)
        except WiringError as error:  # a file of that name with another content
            return str(error)
        return "" if found else (
            f"{name} needs the CORnet authors' checkpoint: `brainscore data fetch {CORNET_S_CHECKPOINT}` downloads it, "
            f"or put {CORNET_S_CHECKPOINT} into a folder named by BRAINSCORE_WIRING_DATA.")
    reason = _why_no_genome(variant)
    others = ("" if variant.at_birth or variant.continues else
              f"; `brainscore import-weights FILE --as {name}` takes weights of others")
    if reason:
        return f"{reason.removesuffix('.')}{others}."
    if variant.at_birth and not variant.unlabelled_images:
        return ""
    what = "no batch-norm statistics from unlabelled images" if variant.at_birth else "no weights"
    return (f"{name} has {what} on this machine: `brainscore train {name} --data DIR -o FOLDER` makes them; "
            f"copy its model.safetensors to {folders.weight_store() / name}.safetensors{others}.")


def _why_no_genome(variant: Variant) -> str:
    """Empty where the genome that a variant is born from can be had, else one sentence."""
    if not BIRTH_STATES[variant.birth].sampled or BIRTH_STATES[variant.birth].needs == "none":
        return ""
    if BIRTH_STATES[variant.birth].needs == "authors' files":
        try:
            found = published_folder()
        except WiringError as error:  # a file of that name with another content
            return str(error)
        return "" if found else (
            f"{variant.identifier} is born from the paper authors' parameter files, which are not here yet: "
            "`brainscore data fetch weight_compression` downloads them, or name a folder that has them in "
            "BRAINSCORE_WIRING_DATA.")
    if genome_path(variant).is_file():
        return ""
    if variant.diet != "imagenet":
        return f"{variant.identifier} is born from {genome_path(variant).name}, which this installation does not have."
    as_birth = "" if variant.birth == "weight_compression" else f" --as {variant.birth}"
    return (f"{variant.identifier} is born from the ImageNet genome, which is not here yet: "
            f"`brainscore compress {PUBLISHED}{as_birth}` makes it.")


def birth_of(variant: Variant, seed: int | None = None, genome_file: str | Path | None = None) -> Birth:
    """The variant's birth, from its own genome or another one (a genome file, or a folder of the authors' files)."""
    from brainscore_wiring.checkpoints.wiring_checkpoint import Birth
    if variant.needs or variant.birth == "none":
        reason = variant.needs or "it is a fixed computation with no synapses to draw."
        raise WrongUsage(f"{variant.identifier} has no birth state: {reason}")
    genome = None
    if BIRTH_STATES[variant.birth].sampled:
        genome, origin = _genome_of(variant, genome_file)
        _check_reaches(genome, variant, origin)
        if variant.architecture != COMPRESSED:
            from brainscore_wiring.weight_compression.transfer import transfer
            genome = transfer(genome, variant.architecture)
    elif genome_file is not None:
        raise WrongUsage(f"{variant.identifier} is born from {BIRTH_STATES[variant.birth].words}, which takes no genome.")
    return Birth(variant.architecture, variant.seed if seed is None else seed, genome,
                 tuple(variant.compressed) if genome else None, tuple(variant.default_norms))


def _genome_of(variant: Variant, genome_file: str | Path | None) -> tuple[Genome, str | Path]:
    """The genome of a variant, or the one in `genome_file`, and what to call it in a message."""
    if BIRTH_STATES[variant.birth].needs == "none":
        if genome_file is not None:
            raise WrongUsage(f"{variant.identifier} is born without any stored number: it takes no genome.")
        return BIRTH_STATES[variant.birth].written_genome(), variant.birth
    reason = _why_no_genome(variant)
    if genome_file is None and reason:
        raise WiringError(reason)
    origin = genome_file or (published_folder() if BIRTH_STATES[variant.birth].needs == "authors' files" else genome_path(variant))
    return changed(variant.birth, read_genome(origin)), origin


def _check_reaches(genome: Genome, variant: Variant, origin: str | Path) -> None:
    """Refuse a genome that would leave a compressed convolution to Kaiming Normal without a word.

    Batch norms are all there or, as in the authors' files, all absent.
    """
    if genome.architecture != COMPRESSED:
        raise WiringError(f"'{origin}' is a genome of {genome.architecture}, {variant.identifier} is born from one of "
                          f"{COMPRESSED}.")
    from brainscore_wiring.architectures.layers import input_channels
    every = input_channels(COMPRESSED)
    reached = {name: channels is not None for name, channels in every.items()
               if name.partition(".")[0] in variant.compressed}
    norms = any(name in genome.layers for name, convolution in reached.items() if not convolution)
    missing = [name for name, convolution in reached.items() if (convolution or norms) and name not in genome.layers]
    foreign = sorted(name for name in genome.layers if name not in every)
    if foreign:
        raise WiringError(f"The genome '{origin}' has an entry for {foreign[0]}, which {COMPRESSED} does not.")
    for name, entry in genome.layers.items():
        if getattr(entry, "in_channels", None) not in (None, every[name]):
            raise WiringError(f"The genome '{origin}' describes kernels of {entry.in_channels} channels for {name}, "
                              f"which has {every[name]}: it is damaged.")
    if missing:
        raise WiringError(f"The genome '{origin}' has no entry for {missing[0]}, which {variant.identifier} is born "
                          "from: `brainscore compress CHECKPOINT -o GENOME` writes a whole one.")
    for name in reached if BIRTH_STATES[variant.birth].fitted else ():
        kind, expected = genome.layers[name].kind if name in genome.layers else "", BIRTH_STATES[variant.birth].kind(name)
        if reached[name] and expected and kind != expected:
            raise WiringError(f"The genome '{origin}' describes {name} by {kind}, {variant.identifier} is born from "
                              f"{expected}: `brainscore compress CHECKPOINT --as {variant.birth} -o GENOME` writes "
                              "one.")


def birth_state_of(variant: Variant, seed: int | None = None, genome_file: str | Path | None = None):
    """The state dict of a variant at birth; a `_bn` variant's comes with its measured batch-norm statistics."""
    birth = birth_of(variant, seed, genome_file)
    if variant.continues:
        return weights_to_continue(variant)[0]
    if variant.noise_images:
        from brainscore_wiring.weight_compression.noise_images import with_noise_statistics
        return with_noise_statistics(birth, variant.noise_images)
    if not variant.measured_statistics:
        return birth.state()
    from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
    path = checkpoint_path(variant)
    if path is None and genome_file is None:
        raise WiringError(why_not_loadable(variant))
    if path is None or birth.seed != variant.seed or genome_file is not None:
        raise WiringError(f"{variant.identifier} is stored with statistics of seed {variant.seed} and its own genome: "
                          f"`brainscore train {variant.identifier} --data DIR -o FOLDER` measures others.")
    stored_record(variant)
    return read_checkpoint(path).state


def read_genome(path: str | Path) -> Genome:
    """A genome from a file, or from a folder with the parameter files that the paper's authors published."""
    from brainscore_wiring.weight_compression.genome import Genome
    path = Path(path)
    if path.is_dir():
        from brainscore_wiring.weight_compression.published import read_published
        return read_published(path)
    if not path.exists():
        raise WiringError(f"There is no genome file '{path}': `brainscore compress CHECKPOINT -o GENOME` writes one.")
    return Genome.read(path)


def check_belongs(variant: Variant, record: dict, path: Path) -> None:
    """Refuse weights in the store that are not the variant's: of another model, seed or promise."""
    accounting.account_of_record(record)
    trained_as = record["variant"]
    if trained_as not in (variant.identifier, variant.identifier.removesuffix("_imagenet")):
        raise WiringError(f"'{path}' holds weights of {trained_as}, not of {variant.identifier}.")
    for what, expected in (("trained", variant.trained), ("birth", variant.birth),
                           ("unlabelled_images", variant.unlabelled_images)):
        if record[what] != expected:
            raise WiringError(f"'{path}' states {what.replace('_', ' ')} {record[what]}, {variant.identifier} has "
                              f"{expected}.")
    if record.get("seed") != variant.seed:
        raise WiringError(f"'{path}' was made with seed {record.get('seed')}, {variant.identifier} has seed "
                          f"{variant.seed}: score the file itself with `--model {path}`.")
    check_promise(variant, record, path)


def check_promise(variant: Variant, record: dict, path: str | Path) -> None:
    """Refuse an `_imagenet` name for anything but the paper's recipe: all of ImageNet, the row's epochs, 224 px, its
    genome."""
    if variant.diet != "imagenet":
        return
    diet, source = record.get("diet") or {}, record.get("genome_source")
    source = source if isinstance(source, dict) else {}
    broken = [f"{what} {found}" for what, found, kept in (
        ("diet", diet.get("name"), diet.get("name") == "ImageNet-1k" or variant.measured_statistics),
        ("labelled images", diet.get("images"), diet.get("images", 0) >= 1_270_000 or variant.measured_statistics),
        ("epochs", record.get("epochs"), abs(record.get("epochs", -1) - variant.epochs) < 0.01),
        ("image size", diet.get("image_size"), diet.get("image_size") == 224),
        ("genome from", source.get("diet"), not variant.compressed or source.get("diet") == "ImageNet-1k")) if not kept]
    if broken:
        raise WiringError(f"{variant.identifier} promises the paper's ImageNet recipe, but '{path}' has {broken[0]}: "
                          f"its weights may be called {variant.identifier.removesuffix('_imagenet')}.")


def weights_to_continue(variant: Variant) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The trained weights that a variant starts from, and their training record; `WiringError` where they are not here."""
    from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
    start = CATALOGUE[variant.continues]
    path, record = checkpoint_path(start), stored_record(start)
    if path is None or record is None:
        raise WiringError(f"{variant.identifier} goes on from a trained model that is not here: {why_not_loadable(start)}")
    checkpoint = read_checkpoint(path)
    return checkpoint.state, {**record, "fingerprint": checkpoint.fingerprint}
