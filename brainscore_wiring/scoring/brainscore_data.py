"""Which of Brain-Score's own data files the paper's five benchmarks need, and which are not on this
machine.

Brain-Score keeps each file as `<sha1>/<file name>` in the folder that `BRAINIO_HOME` names (by
default `~/.brainio`) and downloads it when a benchmark first asks for it. The public twins' files
can be had by anyone, the private ones' only by Brain-Score's own servers; `brainscore_files.toml`
lists all of them. Needs no Brain-Score.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from brainscore_wiring.downloads import ByteCount, digest, download
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed
from brainscore_wiring.public_files import FileState

BUCKET = "https://brainscore-storage.s3.amazonaws.com/brainio-brainscore/"


@dataclass(frozen=True)
class DataFile:
    """A file of Brain-Score's; `version` in the public bucket, "null" if it is the only one."""

    name: str
    sha1: str
    public: bool = True
    version: str = "null"

    bytes: ClassVar[int | None] = None  # not published
    algorithm: ClassVar[str] = "sha1"

    @property
    def home(self) -> Path:
        """Brain-Score's data folder."""
        return brainio_home()

    @property
    def path(self) -> Path:
        """Where Brain-Score looks for it."""
        return self.home / self.sha1 / self.name

    @property
    def url(self) -> str:
        return f"{BUCKET}{self.name}?versionId={self.version}"

    def state(self) -> FileState:
        """Whether it is here, its hash verified."""
        if not self.path.is_file():
            return FileState("missing", self.path, None)
        size = self.path.stat().st_size
        if digest(self.path, self.algorithm) != self.sha1:
            return FileState("damaged", self.path, size, "its SHA-1 is another")
        return FileState("present", self.path, size)

    def fetch(self, progress: ByteCount | None = None) -> Path:
        """The verified file, downloaded if need be; a damaged one is replaced. Raises `WiringError`
        for a private file and where the download fails.
        """
        if self.state().state != "present":
            if not self.public:
                raise WiringError(
                    f"{self.name} is private: only Brain-Score's own servers may read it."
                )
            advice = f"put a copy of it at {self.path}"
            download(
                self.url, self.path, self.sha1, algorithm="sha1", advice=advice, progress=progress
            )
        return self.path


def brainio_home() -> Path:
    """Brain-Score's data folder: `BRAINIO_HOME`, by default `~/.brainio`."""
    return Path(os.environ.get("BRAINIO_HOME", "~/.brainio")).expanduser()


def study(benchmark_identifier: str) -> str:
    """Whose files a benchmark reads: FreemanZiemba2013public.V1-pls -> FreemanZiemba2013public."""
    return benchmark_identifier.partition("-")[0].partition(".")[0]


#: The paper's benchmarks on public data -> what each scores, in the paper's order (section 2).
PAPER_BENCHMARKS = {
    "FreemanZiemba2013public.V1-pls": "V1",
    "FreemanZiemba2013public.V2-pls": "V2",
    "MajajHong2015public.V4-pls": "V4",
    "MajajHong2015public.IT-pls": "IT",
    "Rajalingham2018public-i2n": "behaviour",
}
#: Those on private data, which the paper reports.
PRIVATE_BENCHMARKS = {
    identifier.replace("public", ""): part for identifier, part in PAPER_BENCHMARKS.items()
}
#: The mean over public data, and the paper's headline number over private ones.
BRAIN_PREDICTIVITY = "Geiger2022-brain_predictivity"
PRIVATE_BRAIN_PREDICTIVITY = f"{BRAIN_PREDICTIVITY}.private"
#: Of these two; in the first the neural parts were raw / ceiling.
PREDICTIVITY_VERSION = 2
#: The mean of freely available data, and its parts (see
#: `benchmarks.brain_predictivity.offline`).
OFFLINE_PREDICTIVITY = f"{BRAIN_PREDICTIVITY}.offline"
OFFLINE_BENCHMARKS = {
    "MacaqueV1Tuning.v2": "V1",
    "Cowley2023.V4-pls": "V4",
    "Kriegeskorte2008.IT-rdm": "IT",
    "Mur2013.behaviour-rdm": "behaviour",
}
#: Mean of Brain-Score's data -> the benchmarks that it is the mean of.
MEANS = {BRAIN_PREDICTIVITY: PAPER_BENCHMARKS, PRIVATE_BRAIN_PREDICTIVITY: PRIVATE_BENCHMARKS}
#: Every mean -> the benchmarks that it is the mean of, with the part that each is.
PARTS_OF = MEANS | {OFFLINE_PREDICTIVITY: OFFLINE_BENCHMARKS}

_STUDIES = tomllib.loads(
    Path(__file__).with_name("brainscore_files.toml").read_text(encoding="utf-8")
)
_FILES = {
    identifier: tuple(DataFile(**file) for file in _STUDIES[study(identifier)]["files"])
    for identifier in (*PAPER_BENCHMARKS, *PRIVATE_BENCHMARKS)
}
#: Benchmark -> every file that it reads, each once.
BENCHMARK_FILES: dict[str, tuple[DataFile, ...]] = _FILES | {
    mean: tuple(dict.fromkeys(file for part in parts for file in _FILES[part]))
    for mean, parts in MEANS.items()
}


def benchmarks_of(file: DataFile) -> tuple[str, ...]:
    """The benchmarks that read a file, without their means."""
    return tuple(
        identifier
        for identifier, files in BENCHMARK_FILES.items()
        if file in files and identifier not in MEANS
    )


def missing_files(benchmark_identifier: str) -> list[DataFile]:
    """The files of a benchmark that are not on this machine; others are not read."""
    return [file for file in BENCHMARK_FILES[benchmark_identifier] if not file.path.is_file()]


def missing_sentence(benchmark_identifier: str) -> str:
    """What a benchmark lacks here and how to get it, in one sentence; else empty."""
    missing = missing_files(benchmark_identifier)
    if not missing:
        return ""
    if not all(file.public for file in missing):
        return (
            f"{benchmark_identifier} needs private data that only Brain-Score's own servers may "
            f"read: score {public_twin(benchmark_identifier)} here instead."
        )
    if benchmark_identifier in MEANS:
        parts = MEANS[benchmark_identifier]
        lacking = [identifier for identifier in parts if missing_files(identifier)]
        return (
            f"{benchmark_identifier} is the mean of {len(parts)} benchmarks and has no value "
            f"without all of them: {listed(lacking)} lack{'s' if len(lacking) == 1 else ''} data: "
            f"`brainscore data fetch {benchmark_identifier}` downloads them."
        )
    return (
        f"{benchmark_identifier} needs {len(missing)} of Brain-Score's data files that are not on "
        f"this machine: `brainscore data fetch {benchmark_identifier}` downloads them."
    )


def public_twin(benchmark_identifier: str) -> str:
    """The benchmark on public data beside a private one of the paper."""
    twins = dict(zip(PRIVATE_BENCHMARKS, PAPER_BENCHMARKS)) | {
        PRIVATE_BRAIN_PREDICTIVITY: BRAIN_PREDICTIVITY
    }
    return twins[benchmark_identifier]
