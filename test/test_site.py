"""The documentation site has every page; what is built is checked by `make docs`."""

from pathlib import Path

import yaml

TOP = Path(__file__).parents[1]
GENERATED = {"index.md", "contributing.md", "changelog.md", "tutorial.md"}


def listed(entry):
    if isinstance(entry, str):
        return [entry]
    children = entry.values() if isinstance(entry, dict) else entry
    return [page for child in children for page in listed(child)]


def test_every_page_is_in_the_site_once():
    nav = listed(yaml.safe_load((TOP / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    pages = {str(path.relative_to(TOP / "docs")) for path in (TOP / "docs").rglob("*.md")}
    assert sorted(nav) == sorted(pages | GENERATED)
