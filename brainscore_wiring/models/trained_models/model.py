"""What the models of this folder are made of, by Brain-Score's convention."""

from brainscore_wiring.models.plugin import get_bibtex, get_layers, get_model

__all__ = ["get_bibtex", "get_layers", "get_model"]
