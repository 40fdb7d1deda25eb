"""The answers to reviewers: numbers are those of the tables, and every page they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from brainscore_wiring.paper.reviewers import answers_page

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def page():
    return answers_page(DOCS)


def test_the_page_is_what_the_tables_give(page):
    assert (DOCS / "reviewers.md").read_text(encoding="utf-8") == page


def test_every_answer_names_a_page_that_is_there(page):
    rows = [line for line in page.splitlines() if re.match(r"\| (?!objection)\w", line)]
    assert len(rows) > 20
    for row in rows:
        (place,) = re.findall(r"\| \[[^]]+\]\(([^)]+)\) \|$", row)
        assert (DOCS / place).is_file()
