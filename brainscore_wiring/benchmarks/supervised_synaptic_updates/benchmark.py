"""Score what a model's development took: 1 for no supervised synaptic update, 0 for the standard
model's and more.

Paper, sections 3 and 6, figure 4. The score needs the model's training record, or its catalogue
row, and no image.
"""

from __future__ import annotations

from dataclasses import asdict

from brainscore_core.metrics import Score
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.model_interface import BrainModel

from brainscore_wiring.accounting import SCORE_VERSION
from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.checkpoints.training_record import account_of_model
from brainscore_wiring.formatting import count

_IDENTIFIER = "Geiger2022-supervised_synaptic_updates"


class SupervisedSynapticUpdates(BenchmarkBase):
    """1 - log(1 + U) / log(1 + U of the standard model), clipped to [0, 1]; U in the paper's count.

    The figure's axis is logarithmic, so the score is. `attrs["raw"]` is U as an exact integer,
    `attrs["account"]` the whole account as a mapping, with both ways to count synapses; its
    `status` tells whether a training record was scored ("trained") or the recipe of a catalogue row
    ("planned", "at birth").
    """

    def __init__(self) -> None:
        super().__init__(
            identifier=_IDENTIFIER,
            ceiling_func=lambda: Score(1.0),
            version=SCORE_VERSION,
            parent="engineering",
            bibtex=BIBTEX,
        )

    @property
    def ceiling(self) -> Score:
        """1: the fewest updates possible are none. There is nothing to cache."""
        return self._ceiling_func()

    def __call__(self, candidate: BrainModel) -> Score:
        """The score of a model; raises `WiringError` where nothing tells how it was trained."""
        account = account_of_model(candidate)
        score = Score(account.value)
        score.attrs.update(
            raw=account.supervised_synaptic_updates, ceiling=self.ceiling, account=asdict(account)
        )
        if account.supervised_synaptic_updates_true and not account.supervised_synaptic_updates:
            score.attrs["note"] = (
                "the paper's count leaves out batch norms and the decoder, whose "
                f"{count(account.supervised_synaptic_updates_true)} synaptic updates were made"
            )
        return score
