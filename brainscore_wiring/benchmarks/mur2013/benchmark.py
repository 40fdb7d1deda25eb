"""Does a model find the same objects alike as people say they are? (Mur et al. 2013)

16 people arranged the 92 objects of Kriegeskorte et al. 2008 on a screen, similar ones close
together. The mean of their dissimilarities against those of the layer that the model commits to for
behaviour (in CORnet-S `decoder.avgpool`); raw score: Spearman's correlation over the 4,186 pairs.
Ceiling: the correlation that a model without error can be expected to reach with the mean over
these 16 people. People saw all objects at once and moved them about; the model sees each as the
monkeys of 2008 did, at 2.9 degrees, as the file tells no size.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brainscore_wiring import public_files
from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.matlab import BAD_CONTENT, not_the_data_of, variables
from brainscore_wiring.benchmarks.object_dissimilarity import ObjectDissimilarity

_STUDY = "Mur et al. 2013"
JUDGMENTS = "92_behavRDMs.mat"
_SUBJECTS = 16

BIBTEX = """@article{mur2013human,
  title={Human object-similarity judgments reflect and transcend the primate-{IT} object
         representation},
  author={Mur, Marieke and Meys, Mirjam and Bodurka, Jerzy and Goebel, Rainer and
          Bandettini, Peter A and Kriegeskorte, Nikolaus},
  journal={Frontiers in Psychology},
  volume={4},
  pages={128},
  year={2013},
  doi={10.3389/fpsyg.2013.00128},
  url={https://doi.org/10.3389/fpsyg.2013.00128}
}"""


def behaviour() -> ObjectDissimilarity:
    """The benchmark `Mur2013.behaviour-rdm`."""
    judgments = read_judgments(public_files.fetch(JUDGMENTS))
    public_files.fetch(objects92.SUPPLEMENT)
    return ObjectDissimilarity(
        "Mur2013.behaviour-rdm",
        subjects=judgments,
        recorded=objects92.BEHAVIOUR,
        window=None,
        ceiling_source="the 16 people whose mean is the target",
        parent="behavior",
        bibtex=BIBTEX,
    )


def read_judgments(path: Path) -> np.ndarray:
    """Dissimilarities (16, 4186), one row a person. Raises `WiringError` for a damaged or another
    file."""
    data = variables(path, _STUDY, "rdms_behav_92")
    try:
        judgments = np.array(
            [objects92.as_pairs(record["RDM"]) for record in data["rdms_behav_92"].ravel()]
        )
        if len(judgments) != _SUBJECTS:
            raise ValueError(f"it holds {len(judgments)} people instead of {_SUBJECTS}")
    except BAD_CONTENT as error:
        raise not_the_data_of(_STUDY, path, error) from None
    return judgments
