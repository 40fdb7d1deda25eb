"""Do a model's V1 and IT find the same objects alike as early visual cortex and IT of 15 people?
(Cichy et al. 2014)

fMRI of people who saw the 92 objects of Kriegeskorte et al. 2008, as given out for the Algonauts
challenge of 2019. The mean of their dissimilarities against those of the model's V1 or IT; raw
score: Spearman's correlation over the 4,186 pairs; ceiling: the correlation that a model without
error can be expected to reach with the mean over these 15 people. Their screen was white; the file
holds no images, and the model sees the objects on grey as the monkeys of 2008 did. Early visual
cortex does not tell trained networks from untrained ones: it is reported and stands outside every
mean.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.matlab import BAD_CONTENT, not_the_data_of, variables
from brainscore_wiring.benchmarks.object_dissimilarity import ObjectDissimilarity

_STUDY = "Cichy et al. 2014"
FMRI_DISSIMILARITIES = "target_fmri.mat"
_SUBJECTS = 15
#: Region of the model -> the name of its counterpart's dissimilarities in the file.
VARIABLES = {"V1": "EVC_RDMs", "IT": "IT_RDMs"}

BIBTEX = """@article{cichy2014resolving,
  title={Resolving human object recognition in space and time},
  author={Cichy, Radoslaw Martin and Pantazis, Dimitrios and Oliva, Aude},
  journal={Nature Neuroscience},
  volume={17},
  number={3},
  pages={455--462},
  year={2014},
  doi={10.1038/nn.3635},
  url={https://doi.org/10.1038/nn.3635}
}"""


def early_visual_cortex() -> ObjectDissimilarity:
    """The benchmark `Cichy2014.EVC-rdm`."""
    return _benchmark("Cichy2014.EVC-rdm", "V1")


def it() -> ObjectDissimilarity:
    """The benchmark `Cichy2014.IT-rdm`."""
    return _benchmark("Cichy2014.IT-rdm", "IT")


def _benchmark(identifier: str, region: str) -> ObjectDissimilarity:
    subjects = read_people(public_files.fetch(FMRI_DISSIMILARITIES))[region]
    public_files.fetch(objects92.SUPPLEMENT)
    return ObjectDissimilarity(
        identifier,
        subjects=subjects,
        recorded=region,
        window=objects92.HUMAN_WINDOW,
        ceiling_source="the 15 people whose mean is the target",
        parent=region,
        bibtex=BIBTEX,
    )


def read_people(path: Path) -> dict[str, np.ndarray]:
    """Region -> dissimilarities (15, 4186), one row a person. Raises `WiringError` for a damaged or
    another file."""
    data = variables(path, _STUDY, *VARIABLES.values())
    try:
        return {region: _people(data[name]) for region, name in VARIABLES.items()}
    except BAD_CONTENT as error:
        raise not_the_data_of(_STUDY, path, error) from None


def _people(matrices: np.ndarray) -> np.ndarray:
    """(15, 4186) from matrices (92, 92, 15), or in the opposite order of axes."""
    matrices = np.asarray(matrices, np.float64)
    if sorted(matrices.shape) != [_SUBJECTS, objects92.IMAGES, objects92.IMAGES]:
        raise ValueError(f"it holds matrices of the shape {matrices.shape}")
    people = np.moveaxis(matrices, matrices.shape.index(_SUBJECTS), 0)
    return np.array([objects92.as_pairs(matrix) for matrix in people])
