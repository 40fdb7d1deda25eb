"""Makes the tables of docs/reviewers.md: `python docs/reviewers.py`."""

from pathlib import Path

from brainscore_wiring.paper.reviewers import write_answers

if __name__ == "__main__":
    write_answers(Path(__file__).parent)
