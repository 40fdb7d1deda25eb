"""Makes docs/results.md from what is in docs: `python docs/results.py`; `python docs/results.py
score` scores first.
"""

import sys
from pathlib import Path

from brainscore_wiring.paper.results import score_models, write_pages

if __name__ == "__main__":
    docs = Path(__file__).parent
    if sys.argv[1:] == ["score"]:
        score_models(docs)
    write_pages(docs)
