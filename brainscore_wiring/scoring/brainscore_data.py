"""Which of Brain-Score's own data files the paper's five benchmarks need, and which are not on this
machine.

Brain-Score keeps each file as `<sha1>/<file name>` in the folder that `BRAINIO_HOME` names (by
default `~/.brainio`) and downloads it when a benchmark first asks for it. The public twins' files
can be had by anyone, the private ones' only by Brain-Score's own servers. Needs no Brain-Score;
file names, hashes and versions are those of brainscore-vision 2.4.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from brainscore_wiring.downloads import ByteCount, digest, download
from brainscore_wiring.errors import WiringError, unknown
from brainscore_wiring.formatting import listed

BUCKET = "https://brainscore-storage.s3.amazonaws.com/brainio-brainscore/"


@dataclass(frozen=True)
class DataFile:
    """A file of Brain-Score's; `version` in the public bucket, "null" if it is the only one."""

    name: str
    sha1: str
    public: bool = True
    version: str = "null"

    @property
    def path(self) -> Path:
        """Where Brain-Score looks for it."""
        return brainio_home() / self.sha1 / self.name

    @property
    def url(self) -> str:
        return f"{BUCKET}{self.name}?versionId={self.version}"

    @property
    def state(self) -> str:
        """'present', 'missing', or 'damaged' where a file with another content has its place."""
        if not self.path.is_file():
            return "missing"
        return "present" if digest(self.path, "sha1") == self.sha1 else "damaged"

    def fetch(self, progress: ByteCount | None = None) -> Path:
        """Download it, verified by its SHA-1, unless it is here; a damaged one is replaced. Returns
        its path.

        Raises `WiringError` for a private file and where the download fails.
        """
        if self.state != "present":
            if not self.public:
                raise WiringError(
                    f"{self.name} is private: only Brain-Score's own servers may read it."
                )
            download(
                self.url,
                self.path,
                self.sha1,
                algorithm="sha1",
                progress=progress,
                advice=f"put a copy of it at {self.path}",
            )
        return self.path


def brainio_home() -> Path:
    """Brain-Score's data folder: `BRAINIO_HOME`, by default `~/.brainio`."""
    return Path(os.environ.get("BRAINIO_HOME", "~/.brainio")).expanduser()


def _assembly(
    identifier: str, sha1: str, public: bool = True, version: str = "null"
) -> tuple[DataFile]:
    return (DataFile(f"assy_{identifier.replace('.', '_')}.nc", sha1, public, version),)


def _stimuli(
    identifier: str,
    csv_sha1: str,
    zip_sha1: str,
    public: bool = True,
    versions: tuple[str, str] = ("null", "null"),
) -> tuple[DataFile, DataFile]:
    stem = f"stimulus_{identifier.replace('.', '_')}"
    return (
        DataFile(f"{stem}.csv", csv_sha1, public, versions[0]),
        DataFile(f"{stem}.zip", zip_sha1, public, versions[1]),
    )


_FREEMAN_PUBLIC = (
    *_assembly(
        "movshon.FreemanZiemba2013.public",
        "761c08f796db4e342555cdb60eef23a4f19ead43",
        version="W2vx7jdh9utZdVumHHarXa4L1zOrA8Fd",
    ),
    *_stimuli(
        "FreemanZiemba2013.aperture-public",
        "194c9b301a4e3e9cff02481d4c19b39331d52660",
        "3a6fec1fc28c212882d6833e267ea8654d289611",
    ),
)
_FREEMAN_PRIVATE = (
    *_assembly(
        "movshon.FreemanZiemba2013.private",
        "63f636fa2e2b51b47a676768a69b06ce95efdd8f",
        public=False,
        version="wx5LB7Nq42SV74RQ8Cw6EtyabywsnSyG",
    ),
    *_stimuli(
        "FreemanZiemba2013.aperture-private",
        "65bee31483dd743ae2a19c6af03b9abe5f4d5a41",
        "daa724a4797b23929df59c18744923790edf71cb",
        public=False,
        versions=("Klo0lMygUX0IZPkLoypccXH55a1hZjf2", "nZES.el0vF3KXuRrB2ELQOqzCcxumFMY"),
    ),
)
_MAJAJ_PUBLIC = (
    *_assembly("dicarlo.MajajHong2015.public", "13d28ca0ce88ee550b54db3004374ae19096e9b9"),
    *_stimuli(
        "hvm-public",
        "5ca7a3da00d8e9c694a9cd725df5ba0ad6d735af",
        "8aa44e038d7b551efa8077467622f9d48d72e473",
    ),
)
_MAJAJ_PRIVATE = (
    *_assembly(
        "dicarlo.MajajHong2015.private", "7a40d16148d6f82939155f0bd976d310857fb156", public=False
    ),
    *_stimuli(
        "hvm-private",
        "6ff4981722fa05feb73a2bd26bbbba8b50dc29a6",
        "d7b1ca1876dad87e15b0242b4c82c0203ff3cbd3",
        public=False,
    ),
)
# the behavioural readout of both twins is fitted on the public images
_OBJECTOME_PUBLIC = _stimuli(
    "objectome.public",
    "47884e17106a3be471d6481279cab33889b80850",
    "064f2955f98e63867755fee2e3ead8cddf6bfab8",
)
_RAJALINGHAM_PUBLIC = (
    *_OBJECTOME_PUBLIC,
    *_assembly("dicarlo.Rajalingham2018.public", "34c6a8b6f7c523589c1861e4123232e5f7c7df4c"),
)
_RAJALINGHAM_PRIVATE = (
    *_OBJECTOME_PUBLIC,
    *_assembly(
        "dicarlo.Rajalingham2018.private", "516f13793d1c5b72bb445bb4008448ce97a02d23", public=False
    ),
    *_stimuli(
        "objectome.private",
        "ac38e8f7c08fa8294ed25a3bf84a6adb108bf3fc",
        "ccd39f7f9b8b4a92da06e3960d06225e46208593",
        public=False,
    ),
)

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
#: The mean of data that need no account, and its parts (see
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

_FILES = {
    "FreemanZiemba2013public.V1-pls": _FREEMAN_PUBLIC,
    "FreemanZiemba2013public.V2-pls": _FREEMAN_PUBLIC,
    "MajajHong2015public.V4-pls": _MAJAJ_PUBLIC,
    "MajajHong2015public.IT-pls": _MAJAJ_PUBLIC,
    "Rajalingham2018public-i2n": _RAJALINGHAM_PUBLIC,
    "FreemanZiemba2013.V1-pls": _FREEMAN_PRIVATE,
    "FreemanZiemba2013.V2-pls": _FREEMAN_PRIVATE,
    "MajajHong2015.V4-pls": _MAJAJ_PRIVATE,
    "MajajHong2015.IT-pls": _MAJAJ_PRIVATE,
    "Rajalingham2018-i2n": _RAJALINGHAM_PRIVATE,
}
#: Benchmark -> every file that it reads, each once.
BENCHMARK_FILES: dict[str, tuple[DataFile, ...]] = _FILES | {
    mean: tuple(dict.fromkeys(file for part in parts for file in _FILES[part]))
    for mean, parts in MEANS.items()
}


def files_of(benchmark_identifier: str) -> tuple[DataFile, ...]:
    """The files a benchmark reads. Raises `WrongUsage` for one that is not in `BENCHMARK_FILES`."""
    if benchmark_identifier not in BENCHMARK_FILES:
        raise unknown(
            "benchmark of the paper",
            benchmark_identifier,
            BENCHMARK_FILES,
            "brainscore list benchmarks",
        )
    return BENCHMARK_FILES[benchmark_identifier]


def benchmarks_of(file: DataFile) -> tuple[str, ...]:
    """The benchmarks that read a file, without their means."""
    return tuple(
        identifier
        for identifier, files in BENCHMARK_FILES.items()
        if file in files and identifier not in MEANS
    )


def missing_files(benchmark_identifier: str) -> list[DataFile]:
    """The files of a benchmark that are not on this machine; others are not read."""
    return [file for file in files_of(benchmark_identifier) if not file.path.is_file()]


def missing_sentence(benchmark_identifier: str) -> str:
    """What a benchmark lacks here and how to get it, in one sentence; else empty."""
    missing = missing_files(benchmark_identifier)
    if not missing:
        return ""
    if not all(file.public for file in missing):
        return private_sentence(benchmark_identifier)
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


def private_sentence(benchmark_identifier: str) -> str:
    """That a benchmark's data are private, and which is for everyone, in one sentence."""
    return (
        f"{benchmark_identifier} needs private data that only Brain-Score's own servers may read: "
        f"score {public_twin(benchmark_identifier)} here instead."
    )


def public_twin(benchmark_identifier: str) -> str:
    """The benchmark on public data beside a private one of the paper."""
    twins = dict(zip(PRIVATE_BENCHMARKS, PAPER_BENCHMARKS)) | {
        PRIVATE_BRAIN_PREDICTIVITY: BRAIN_PREDICTIVITY
    }
    return twins[benchmark_identifier]
