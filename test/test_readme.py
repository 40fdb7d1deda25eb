"""The pages say what their commands say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.paper.pages import filled
from brainscore_wiring.paper.results import parts
from brainscore_wiring.scoring.benchmarks import BENCHMARKS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))


def test_generated_parts_of_every_page_are_those_of_the_scores_and_records():
    again = "brainscore_wiring.paper.results.write_pages(Path('docs'))"
    for name, generated in parts(ROOT / "docs").items():
        page = (ROOT / name).read_text(encoding="utf-8")
        assert filled(page, generated) == page, f"{name} is written again by {again}"


def test_every_model_and_benchmark_named_exists():
    named = set(re.findall(r"--model '?(\w+)(?=[\s'`])", README)) | set(
        re.findall(r"load_model\(['\"](\w+)['\"]\)", README)
    )
    assert named - {"alexnet"} and named - {"alexnet"} <= set(CATALOGUE)
    assert set(re.findall(r"--benchmark ([\w.-]+)", README)) <= set(BENCHMARKS)


def test_the_number_of_variants_is_the_catalogues():
    assert f"{len(CATALOGUE)} variants" in README


@pytest.mark.parametrize("page", re.findall(r"\]\((docs/[\w.]+)\)", README))
def test_pages_and_pictures_are_there(page):
    assert (ROOT / page).is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_that_a_page_names_are_there(page):
    named = re.findall(
        r"`(?:brainscore_wiring/)?((?:\w+/)+\w+\.py)`", page.read_text(encoding="utf-8")
    )
    places = [ROOT, ROOT / "brainscore_wiring", ROOT / "brainscore_wiring" / "weight_compression"]
    assert [name for name in named if not any((place / name).exists() for place in places)] == []
