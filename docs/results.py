"""Makes docs/results.md, and what other pages take from docs/scores.csv: `python docs/results.py`;
`python docs/results.py score` scores first.
"""

import sys
from pathlib import Path

from brainscore_wiring.paper import reviewers
from brainscore_wiring.paper.development import page as development
from brainscore_wiring.paper.results import score_models, write_pages

if __name__ == "__main__":
    docs = Path(__file__).parent
    if sys.argv[1:] == ["score"]:
        score_models(docs)
    write_pages(docs)
    development.write_tables(docs)
    reviewers.write_answers(docs)
