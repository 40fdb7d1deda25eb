"""Files of the form of Kriegeskorte et al. 2008 with made content: objects, dissimilarities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import savemat

from brainscore_wiring.benchmarks.kriegeskorte2008.experiment import SUBJECTS_FILE
from brainscore_wiring.benchmarks.objects92 import IMAGE_SIZE, IMAGES, SUPPLEMENT

#: Of the published 92 objects, those that have a property are in these rows.
PROPERTIES = {"human": (0, 24), "face": (12, 36), "animal": (0, 48), "natural": (0, 71)}


def write_objects(folder: Path) -> Path:
    """Write both files; animals and faces evoke similar responses, with noise for each subject."""
    random = np.random.default_rng(2008)
    rows = np.arange(IMAGES)
    has = {name: (first <= rows) & (rows < last) for name, (first, last) in PROPERTIES.items()}
    objects = np.zeros((1, IMAGES), [(name, object) for name in ("image", "category", *has)])
    for row in rows:
        image = np.full((IMAGE_SIZE, IMAGE_SIZE, 3), 128, np.uint8)
        image[40:135, 40:135] = random.integers(0, 256, 3)
        image[60 : 61 + row, 80:95] = random.integers(0, 256, (1 + row, 15, 3))[: 175 - 60]
        category = "natural" if has["natural"][row] else "artificial"
        objects[0, row] = (image, category, *(int(values[row]) for values in has.values()))
    shared = random.normal(size=(IMAGES, 100)) + 2 * sum(
        np.outer(has[name], random.normal(size=100)) for name in ("animal", "face")
    )

    def dissimilarities() -> np.ndarray:
        return 1 - np.corrcoef(shared + 2 * random.normal(size=shared.shape))

    sessions = np.array([[dissimilarities() for _ in range(2)] for _ in range(4)])
    means = np.array([[dissimilarities(), sessions.mean((0, 1))]])  # monkeys, people
    savemat(folder / SUPPLEMENT, {"stimuli_92objs": objects, "RDMs_mIT_hIT_fig1": _records(means)})
    savemat(folder / SUBJECTS_FILE, {"RDMs": _records(sessions)})
    return folder


def _records(matrices: np.ndarray) -> np.ndarray:
    """Structures with a field RDM, as the published files have them."""
    found = np.zeros(matrices.shape[:2], [("RDM", object)])
    for place in np.ndindex(*found.shape):
        found[place] = (matrices[place],)
    return found
