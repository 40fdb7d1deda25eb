"""The experiments behind the histograms, and the method, as BibTeX."""

from __future__ import annotations

BIBTEX_BY_DOI = {
    "10.1016/0042-6989(82)90112-2": """@article{DeValois1982a,
  author = {De Valois, Russell L. and Yund, E. William and Hepler, Norva},
  title = {The orientation and direction selectivity of cells in macaque visual cortex},
  journal = {Vision Research}, volume = {22}, number = {5}, pages = {531--544}, year = {1982},
  doi = {10.1016/0042-6989(82)90112-2}, url = {https://doi.org/10.1016/0042-6989(82)90112-2}
}
""",
    "10.1016/0042-6989(82)90113-4": """@article{DeValois1982b,
  author = {De Valois, Russell L. and Albrecht, Duane G. and Thorell, Lisa G.},
  title = {Spatial frequency selectivity of cells in macaque visual cortex},
  journal = {Vision Research}, volume = {22}, number = {5}, pages = {545--559}, year = {1982},
  doi = {10.1016/0042-6989(82)90113-4}, url = {https://doi.org/10.1016/0042-6989(82)90113-4}
}
""",
    "10.1152/jn.1976.39.6.1334": """@article{Schiller1976,
  author = {Schiller, Peter H. and Finlay, Barbara L. and Volman, Susan F.},
  title = {Quantitative studies of single-cell properties in monkey striate cortex. {III}. Spatial
           frequency},
  journal = {Journal of Neurophysiology}, volume = {39}, number = {6}, pages = {1334--1351},
  year = {1976}, doi = {10.1152/jn.1976.39.6.1334}, url = {https://doi.org/10.1152/jn.1976.39.6.1334}
}
""",
    "10.1152/jn.00692.2001": """@article{Cavanaugh2002,
  author = {Cavanaugh, James R. and Bair, Wyeth and Movshon, J. Anthony},
  title = {Nature and interaction of signals from the receptive field center and surround in
           macaque {V1} neurons},
  journal = {Journal of Neurophysiology}, volume = {88}, number = {5}, pages = {2530--2546},
  year = {2002}, doi = {10.1152/jn.00692.2001}, url = {https://doi.org/10.1152/jn.00692.2001}
}
""",
    "10.1523/JNEUROSCI.22-13-05639.2002": """@article{Ringach2002,
  author = {Ringach, Dario L. and Shapley, Robert M. and Hawken, Michael J.},
  title = {Orientation selectivity in macaque {V1}: diversity and laminar dependence},
  journal = {Journal of Neuroscience}, volume = {22}, number = {13}, pages = {5639--5651},
  year = {2002}, doi = {10.1523/JNEUROSCI.22-13-05639.2002},
  url = {https://doi.org/10.1523/JNEUROSCI.22-13-05639.2002}
}
""",
}

METHOD_BIBTEX = """@article{Marques2021,
  author = {Marques, Tiago and Schrimpf, Martin and DiCarlo, James J.},
  title = {Multi-scale hierarchical neural network models that bridge from single neurons in the
           primate primary visual cortex to object recognition behavior},
  journal = {bioRxiv}, year = {2021},
  doi = {10.1101/2021.03.01.433495}, url = {https://doi.org/10.1101/2021.03.01.433495}
}
"""
