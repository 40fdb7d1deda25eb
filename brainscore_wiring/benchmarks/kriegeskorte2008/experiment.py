"""The published data of Kriegeskorte et al. 2008 (doi:10.1016/j.neuron.2008.10.043), read from its two MATLAB files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from brainscore_wiring import public_files
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import identity_of

SUPPLEMENT = "Kriegeskorte_Neuron2008_supplementalData.mat"
SUBJECTS = "92_brainRDMs.mat"

IMAGES = 92
PAIRS = IMAGES * (IMAGES - 1) // 2
SIZE = 175  # pixels
#: Yes or no for every object, as the authors sorted them.
PROPERTIES = ("human", "face", "animal", "natural")


@dataclass(frozen=True)
class Experiment:
    """Images (92, 175, 175, 3), uint8, and dissimilarities (1 - correlation) of their 4,186 pairs.

    `monkey` (pairs,): 674 neurons of two macaques' IT. `human` (pairs,): 316 voxels of human IT, the mean over four
    subjects. `subjects` (4, pairs): each subject, averaged over two sessions. Pairs in the order of
    `numpy.triu_indices(92, 1)`. `properties`: name -> (92,) bool.
    """

    images: np.ndarray
    categories: tuple[str, ...]
    properties: dict[str, np.ndarray]
    monkey: np.ndarray
    human: np.ndarray
    subjects: np.ndarray


def load() -> Experiment:
    """The experiment from the user's folder, the cache, or the public repository (about 4 MB, fetched once)."""
    supplement, subjects = public_files.fetch(SUPPLEMENT), public_files.fetch(SUBJECTS)
    return _read_once(supplement, subjects, identity_of(supplement), identity_of(subjects))


@cache
def _read_once(supplement: Path, subjects: Path, *identities: tuple) -> Experiment:
    return read(supplement, subjects)


def read(supplement: Path, subjects: Path) -> Experiment:
    """The experiment from its two files. Raises `WiringError` where one is damaged or holds something else."""
    data = _variables(supplement, "stimuli_92objs", "RDMs_mIT_hIT_fig1")
    try:
        objects = data["stimuli_92objs"].ravel()
        images = np.stack([np.asarray(item["image"], np.uint8) for item in objects])
        categories = tuple(str(item["category"].item()) for item in objects)
        properties = {name: np.array([bool(item[name].item()) for item in objects]) for name in PROPERTIES}
        monkey, human = (_dissimilarities(record["RDM"]) for record in data["RDMs_mIT_hIT_fig1"].ravel())
        if images.shape != (IMAGES, SIZE, SIZE, 3):
            raise ValueError(f"its images have the shape {images.shape}")
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(supplement, error) from None
    return Experiment(images, categories, properties, monkey, human, _read_subjects(subjects))


def _read_subjects(path: Path) -> np.ndarray:
    data = _variables(path, "RDMs")
    try:
        sessions = data["RDMs"].reshape(4, 2)
        above = np.triu_indices(IMAGES, 1)
        return np.array([np.mean([_dissimilarities(np.asarray(record["RDM"])[above]) for record in subject], axis=0)
                         for subject in sessions])
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(path, error) from None


def _dissimilarities(values: Any) -> np.ndarray:
    values = np.asarray(values, np.float64).ravel()
    if values.shape != (PAIRS,) or not np.isfinite(values).all():
        raise ValueError(f"it should hold {PAIRS} dissimilarities")
    return values


def _variables(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Named variables of a MATLAB 5 file: arrays and records are read as data, nothing in it is executed."""
    from scipy.io import loadmat

    try:
        return loadmat(path, variable_names=names)
    except Exception as error:  # the reader raises whatever a damaged byte makes of it
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> WiringError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return WiringError(f"'{path}' does not hold the data of Kriegeskorte et al. 2008 ({reason}): "
                       f"replace it by the published file.")
