"""The names of the scores and of the parts of the data. Needs neither torch nor Brain-Score."""

from __future__ import annotations

V1, MONKEY_IT, HUMAN_IT = SCORES = ("v1", "monkey_it", "human_it")
#: IT once more, with every unit standardised over the images: what all images evoke alike, and
#: outlines on a blank screen above all, no longer decides (docs/untrained_it.md).
MONKEY_IT_STANDARDISED, HUMAN_IT_STANDARDISED = CONTROLS = (
    "monkey_it_standardised",
    "human_it_standardised",
)
#: Every score is given on all the data and on two disjoint halves of them: see `halves`.
ALL, HALF_A, HALF_B = DATA_PARTS = ("all", "half_a", "half_b")
#: Every number that is measured: each score in each part as its benchmark gives it, and before
#: clipping to [0, 1].
MEASURED = tuple(
    f"{score}_{part}{clipping}"
    for score in (*SCORES, *CONTROLS)
    for part in DATA_PARTS
    for clipping in ("", "_unclipped")
)
