"""Makes the tables and figures of docs/batch_norm.md: `python docs/batch_norm.py`."""

from pathlib import Path

from brainscore_wiring.paper.batch_norm.page import write_page

if __name__ == "__main__":
    write_page(Path(__file__).parent)
