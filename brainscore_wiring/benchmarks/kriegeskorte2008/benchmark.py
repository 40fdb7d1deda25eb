"""Does a model's IT find the same objects alike as the IT of monkeys and of humans? (Kriegeskorte
et al. 2008)

92 images of isolated objects; the model's dissimilarities, 1 - Pearson correlation over its IT
units, against those of 674 neurons of monkey IT or of 316 voxels of human IT; raw score: Spearman's
correlation over the 4,186 pairs.

Ceiling: the human dissimilarities are the mean over four subjects, so raw is divided by the
correlation that a model without error can be expected to reach with such a mean (.771, see
`benchmarks.dissimilarity.NoiseCeiling`). The bounds for single subjects (.379 to .666) are given
beside it but do not apply: a mean of four is less noisy than one. The monkey dissimilarities are
published only as one matrix, from which no ceiling can be computed; the human one stands in.
"""

from __future__ import annotations

import numpy as np

from brainscore_wiring.benchmarks.dissimilarity import spearman
from brainscore_wiring.benchmarks.kriegeskorte2008 import experiment as published
from brainscore_wiring.benchmarks.object_dissimilarity import ObjectDissimilarity
from brainscore_wiring.benchmarks.objects92 import HUMAN_WINDOW, MONKEY_WINDOW

BIBTEX = """@article{kriegeskorte2008matching,
  title={Matching categorical object representations in inferior temporal cortex of man and monkey},
  author={Kriegeskorte, Nikolaus and Mur, Marieke and Ruff, Douglas A and Kiani, Roozbeh and
          Bodurka, Jerzy and Esteky, Hossein and Tanaka, Keiji and Bandettini, Peter A},
  journal={Neuron},
  volume={60},
  number={6},
  pages={1126--1141},
  year={2008},
  doi={10.1016/j.neuron.2008.10.043},
  url={https://doi.org/10.1016/j.neuron.2008.10.043}
}"""


def monkey_it() -> ObjectDissimilarity:
    """The benchmark `Kriegeskorte2008.IT-rdm`."""
    data = published.load_dissimilarities()
    return _it(
        "Kriegeskorte2008.IT-rdm",
        data,
        data.monkey,
        MONKEY_WINDOW,
        "four human subjects, in place of the monkeys, whose data are one matrix",
    )


def human_it() -> ObjectDissimilarity:
    """The benchmark `Kriegeskorte2008.IT-rdm.human`.

    Its target is the published mean; intervals are over images alone, as those of the monkeys.
    """
    data = published.load_dissimilarities()
    return _it(
        "Kriegeskorte2008.IT-rdm.human",
        data,
        data.human,
        HUMAN_WINDOW,
        "the four human subjects whose mean is the target",
    )


def _it(
    identifier: str,
    data: published.Experiment,
    target: np.ndarray,
    window: tuple[int, int],
    ceiling_source: str,
) -> ObjectDissimilarity:
    return ObjectDissimilarity(
        identifier,
        subjects=data.subjects,
        target=target,
        recorded="IT",
        window=window,
        ceiling_source=ceiling_source,
        parent="IT",
        bibtex=BIBTEX,
        facts={"monkey_human": spearman(data.monkey, data.human)},
    )
