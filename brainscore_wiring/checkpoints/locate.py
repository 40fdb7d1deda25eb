"""Where weights and genomes lie: what the package ships, the user's weight store, published files.
Needs no torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from brainscore_wiring import folders
from brainscore_wiring.catalogue import Variant
from brainscore_wiring.checksums import document_sum
from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import GROUPS, locate
from brainscore_wiring.weight_compression.births import BIRTH_STATES
from brainscore_wiring.weight_compression.genome_file import genome_document

#: The identifier of the CORnet authors' own checkpoint.
CORNET_AUTHORS = "cornet_s_imagenet"


def checkpoint_path(row: Variant) -> Path | None:
    """The row's wiring checkpoint: the user's own one first, then the packaged one."""
    for folder in (folders.weight_store(), folders.packaged()):
        path = folder / f"{row.identifier}.safetensors"
        if path.is_file():
            return path
    return None


def genome_path(row: Variant) -> Path:
    """The genome file that the row is initialised from (it may not exist yet): for a birth state
    that the package has no genome of, the user's own.
    """
    if row.training_data == "imagenet":
        return imagenet_genome(row.birth)
    packaged = packaged_genome(row.birth)
    return packaged if packaged.is_file() else own_genome(row.birth)


def packaged_genome(birth: str = "weight_compression") -> Path:
    """The genome that the package ships for a birth, fitted on a CORnet-S trained on few small
    images, or on a network that others trained on ImageNet.
    """
    return folders.packaged() / f"{BIRTH_STATES[birth].fitted_to}{_suffix(birth)}.genome.json"


def packaged_genome_sha256(birth: str = "weight_compression") -> str:
    """The first eight digits of the SHA-256 of `packaged_genome`; empty without such a file."""
    path = packaged_genome(birth)
    return document_sum(genome_document(path))[:8] if path.is_file() else ""


def own_genome(birth: str) -> Path:
    """Where `brainscore compress CHECKPOINT --as BIRTH` leaves the genome of a birth state that the
    package has none of.
    """
    return folders.weight_store() / packaged_genome(birth).name


def has_own_genome(row: Variant) -> bool:
    """Whether a row is initialised from a genome that the user has fitted to its birth state."""
    path = own_genome(row.birth)
    return BIRTH_STATES[row.birth].sampled and genome_path(row) == path and path.is_file()


def imagenet_genome(birth: str = "weight_compression") -> Path:
    """Where `brainscore compress cornet_s_imagenet` leaves the genome of a birth."""
    return folders.weight_store() / f"cornet_s_imagenet{_suffix(birth)}.genome.json"


def _suffix(birth: str) -> str:
    fitted = BIRTH_STATES[birth].genome_of
    return "" if fitted == "weight_compression" else f"_{fitted}"


def published_folder() -> Path | None:
    """The folder with the authors' parameter files, verified; None where one is missing."""
    paths = [locate(name) for name in GROUPS["weight_compression"].files]
    found = {path.parent if path else None for path in paths}
    return found.pop() if len(found) == 1 else None


def evidence_of(row: Variant) -> dict[str, Any] | None:
    """What `brainscore frontier` found on the best birth state, packaged beside it, and the genome
    that the row is initialised from today as `packaged_genome`; None for every other row.
    """
    path = folders.packaged() / f"{row.identifier}.evidence.json"
    if not path.is_file():
        return None
    today = {"packaged_genome": packaged_genome_sha256(row.birth)}
    return json.loads(path.read_text(encoding="utf-8")) | today


def why_no_genome(row: Variant) -> str:
    """Empty where the genome that a row is initialised from can be had, else one sentence."""
    birth = BIRTH_STATES[row.birth]
    if birth.needs == "none" and birth.of_an_extension:
        try:
            birth.written_genome()
        except WiringError as error:
            return str(error)
    if not birth.sampled or birth.needs == "none":
        return ""
    if birth.needs == "authors' files":
        try:
            found = published_folder()
        except WiringError as error:  # a file of that name with another content
            return str(error)
        return (
            ""
            if found
            else (
                f"{row.identifier} is initialised from the paper authors' parameter files, which "
                "are not here yet: `brainscore data fetch weight_compression` downloads them, or "
                "name a folder that has them in BRAINSCORE_WIRING_DATA."
            )
        )
    if genome_path(row).is_file():
        return ""
    if row.training_data != "imagenet":
        return (
            f"{row.identifier} is initialised from a genome that is not here yet: `brainscore "
            f"compress CHECKPOINT --as {birth.genome_of}` fits it to a trained network and writes "
            f"'{genome_path(row)}'."
        )
    as_birth = "" if row.birth == "weight_compression" else f" --as {row.birth}"
    return (
        f"{row.identifier} is initialised from the ImageNet genome, which is not here yet: "
        f"`brainscore compress {CORNET_AUTHORS}{as_birth}` makes it."
    )
