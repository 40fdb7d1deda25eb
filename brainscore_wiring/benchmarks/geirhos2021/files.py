"""Images of edges and filled silhouettes, and what ten people called them (Geirhos et al. 2019 and
2021).

The sources keep every image and every person in a file of its own; here they are two archives, as a
user packs them (stimuli/edges/airplane/airplane1.png and so on; edge/edge_subject-01_session_1.csv
and so on). An archive is known by the content of its members.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brainscore_core.supported_data_standards.brainio.assemblies import BehavioralAssembly

from brainscore_wiring import folders, public_files
from brainscore_wiring.benchmarks import screen
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import atomic_write, is_whole_png

_STUDY = "Geirhos et al. 2021"
IMAGE_ARCHIVE = "edges-and-silhouettes.tar"
RESPONSE_ARCHIVE = "responses-edge-silhouette-cueconflict.tar"


@dataclass(frozen=True)
class Dataset:
    """Folders in the archives, and the SHA-256 of a list of their files with each one's SHA-256."""

    stimuli: str
    stimuli_sha256: str
    responses: str
    responses_sha256: str


DATASETS = {
    "edge": Dataset(
        "stimuli/edges/",
        "b9dc260d3de60afd6d032663aadc50f32269385df11f65381d4033b25517e1fb",
        "edge/",
        "158d4cf7546e2411c993680049ec76ec2b6479e573e686dd3b4236d153a0a9cf",
    ),
    "silhouette": Dataset(
        "stimuli/filled-silhouettes/",
        "8b8ede79d8f319a266144c263e17fcf2b116c809a6dd81755df5f9aea6e761c1",
        "silhouette/",
        "ece22769bcb87864028c33cc882c75c2feb24130f7258cb712d26c6eca527223",
    ),
}


def here() -> bool:
    """Whether both archives are in the user's folder or among the fetched files."""
    return all(public_files.users_copy(name) for name in (IMAGE_ARCHIVE, RESPONSE_ARCHIVE))


def load_experiment(name: str) -> BehavioralAssembly:
    """People's choices (presentation: 10 people x 160 images) with their stimulus set, as
    brainscore_vision has them.

    Raises `WiringError` where an archive is damaged or holds something else.
    """
    dataset = DATASETS[name]
    images = members(
        public_files.users_copy(IMAGE_ARCHIVE), dataset.stimuli, dataset.stimuli_sha256
    )
    responses = members(
        public_files.users_copy(RESPONSE_ARCHIVE), dataset.responses, dataset.responses_sha256
    )
    trials = [
        row
        for content in responses.values()
        for row in csv.DictReader(io.StringIO(content.decode("utf-8")))
    ]
    names = [trial["imagename"].rpartition("_")[2].removesuffix(".png") for trial in trials]
    truth = {name: trial["category"] for name, trial in zip(names, trials)}
    columns = {
        "stimulus_id": names,
        "truth": [trial["category"] for trial in trials],
        "choice": [trial["object_response"] for trial in trials],
        "condition": [trial["condition"] for trial in trials],
        "subject": [trial["subj"] for trial in trials],
    }
    assembly = BehavioralAssembly(
        columns["choice"],
        dims=["presentation"],
        coords={column: ("presentation", values) for column, values in columns.items()},
    )
    paths = {Path(path).stem: _written(path, content) for path, content in images.items()}
    stimuli = screen.stimulus_set(
        f"Geirhos2021_{name}",
        paths,
        {
            "truth": [truth[name] for name in paths],
            "condition": np.full(len(paths), trials[0]["condition"]),
        },
    )
    assembly.attrs.update(stimulus_set=stimuli, stimulus_set_identifier=stimuli.identifier)
    return assembly


@functools.cache
def members(path: Path, folder: str, sha256: str) -> dict[str, bytes]:
    """Name -> content of an archive's files in a folder, in alphabetical order. Raises
    `WiringError` for others."""
    try:
        with tarfile.open(path) as archive:
            found = {
                member.name: file.read()
                for member in archive
                if member.isfile() and member.name.startswith(folder)
                if (file := archive.extractfile(member))
            }
    except (OSError, tarfile.TarError, EOFError) as error:
        raise WiringError(
            f"'{path}' does not hold the data of {_STUDY} ({error}): pack it again."
        ) from None
    found = dict(sorted(found.items()))
    if contents(found) != sha256:
        raise WiringError(
            f"'{path}' does not hold the data of {_STUDY}: the {len(found)} files that it has in "
            f"{folder} are not the published ones; pack it again."
        )
    return found


def contents(files: dict[str, bytes]) -> str:
    """The SHA-256 of a list of files (name, SHA-256), in alphabetical order."""
    lines = (
        f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in sorted(files.items())
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _written(name: str, content: bytes) -> Path:
    path = folders.cache() / "geirhos2021-v1" / name
    if not is_whole_png(path):
        with atomic_write(path, flush=False) as temporary:
            temporary.write_bytes(content)
    return path
