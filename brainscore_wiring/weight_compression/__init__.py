"""Weight compression (paper, section 4, appendix B).

A trained network becomes a genome, births are sampled from it.
"""

from __future__ import annotations
