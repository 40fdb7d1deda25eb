"""Makes the tables of docs/reviewers.md: `python docs/reviewers.py`."""

from pathlib import Path

from brainscore_wiring.paper.reviewers import write_page

if __name__ == "__main__":
    write_page(Path(__file__).parent)
