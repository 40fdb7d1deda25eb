"""Brain-Score benchmark plugins: every folder registers its benchmarks by literal identifier.

Its `rows.py` says in words what they measure and which data they need. Folders of your own are
found in the folder `benchmarks` of your extensions.
"""

from brainscore_wiring.extensions import folders

__path__ = [*__path__, *(str(folder / "benchmarks") for folder in folders())]
