"""Writes the README's tables and docs/results.svg and .png anew: `python docs/results.py`."""

from pathlib import Path

from brainscore_wiring.paper.results import write_readme

if __name__ == "__main__":
    write_readme(Path(__file__).parent)
