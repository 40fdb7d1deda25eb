"""The answers to reviewers: numbers are those of the tables, and every page they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from brainscore_wiring.paper.reviewers import answer_tables

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def generated():
    return answer_tables(DOCS)


def test_the_page_is_what_the_tables_give(generated):
    page = (DOCS / "reviewers.md").read_text(encoding="utf-8")
    for name, part in generated.items():
        assert f"<!-- {name} -->\n{part}\n<!-- end of {name} -->" in page


def test_every_answer_names_a_page_that_is_there(generated):
    for part in generated.values():
        rows = part.splitlines()[2:]
        assert rows
        for row in rows:
            (place,) = re.findall(r"\| \[[^]]+\]\(([^)]+)\) \|$", row)
            assert (DOCS / place).is_file()
