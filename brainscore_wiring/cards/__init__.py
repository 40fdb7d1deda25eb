"""Model cards: all that is known of a model, as Markdown. Needs neither torch nor Brain-Score."""

from __future__ import annotations

from brainscore_wiring.cards.page import card

__all__ = ["card"]
