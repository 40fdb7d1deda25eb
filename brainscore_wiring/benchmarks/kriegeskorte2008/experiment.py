"""The published data of Kriegeskorte et al. 2008 (doi:10.1016/j.neuron.2008.10.043), read from its
two MATLAB files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.matlab import BAD_CONTENT, not_the_data_of, variables
from brainscore_wiring.benchmarks.objects92 import STUDY, SUPPLEMENT, as_pairs
from brainscore_wiring.files import identity_of

SUBJECTS_FILE = "92_brainRDMs.mat"


@dataclass(frozen=True)
class Experiment(objects92.Objects):
    """The objects, and dissimilarities (1 - correlation) of their 4,186 pairs.

    `monkey` (pairs,): 674 neurons of two macaques' IT. `human` (pairs,): 316 voxels of human IT,
    the mean over four subjects. `subjects` (4, pairs): each subject, averaged over two sessions.
    Pairs in the order of `numpy.triu_indices(92, 1)`.
    """

    monkey: np.ndarray
    human: np.ndarray
    subjects: np.ndarray


def load_dissimilarities() -> Experiment:
    """The experiment from the user's folder, the cache, or the public repository (about 4 MB,
    fetched once)."""
    supplement, subjects = public_files.fetch(SUPPLEMENT), public_files.fetch(SUBJECTS_FILE)
    return _read_once(supplement, subjects, identity_of(supplement), identity_of(subjects))


@cache
def _read_once(supplement: Path, subjects: Path, *identities: tuple) -> Experiment:
    return read_dissimilarities(supplement, subjects)


def read_dissimilarities(supplement: Path, subjects: Path) -> Experiment:
    """The experiment from its two files. Raises `WiringError` where one is damaged or holds
    something else."""
    objects = objects92.read_objects(supplement)
    data = variables(supplement, STUDY, "RDMs_mIT_hIT_fig1")
    try:
        monkey, human = (as_pairs(record["RDM"]) for record in data["RDMs_mIT_hIT_fig1"].ravel())
    except BAD_CONTENT as error:
        raise not_the_data_of(STUDY, supplement, error) from None
    return Experiment(
        objects.images,
        objects.categories,
        objects.properties,
        monkey,
        human,
        _read_subjects(subjects),
    )


def _read_subjects(path: Path) -> np.ndarray:
    data = variables(path, STUDY, "RDMs")
    try:
        sessions = data["RDMs"].reshape(4, 2)
        return np.array(
            [
                np.mean([as_pairs(record["RDM"]) for record in subject], axis=0)
                for subject in sessions
            ]
        )
    except BAD_CONTENT as error:
        raise not_the_data_of(STUDY, path, error) from None
