"""Model cards: one page of Markdown for each model. Needs neither torch nor Brain-Score."""

from __future__ import annotations

from brainscore_wiring.cards.model_card import card

__all__ = ["card"]
