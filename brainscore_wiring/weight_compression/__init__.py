"""Weight compression (paper, section 4 and appendix B): a trained network becomes a genome, births are sampled from it."""

from __future__ import annotations
