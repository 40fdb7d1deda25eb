"""The lowest versions that are declared are those that continuous integration installs, and the
pinned ones are within what is declared.
"""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]


def pins(name: str) -> dict[str, str]:
    """Package -> version in a file of constraints."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}


def test_the_lowest_versions_are_those_that_are_declared():
    made = runpy.run_path(str(ROOT / ".ci" / "lowest.py"))
    text = (ROOT / "constraints-lowest.txt").read_text(encoding="utf-8")
    assert text == "\n".join([made["HEAD"], *made["lowest"]()]) + "\n"


def test_every_requirement_has_a_lowest_version_that_it_allows():
    lowest = pins("constraints-lowest.txt")
    for requirement in map(Requirement, DECLARED):
        assert requirement.specifier.contains(lowest[requirement.name.lower()]), requirement


def test_pinned_versions_are_within_what_is_declared():
    pinned = pins("constraints.txt")
    for requirement in map(Requirement, DECLARED):
        version = pinned[requirement.name.replace("_", "-").lower()]
        assert requirement.specifier.contains(version), f"{requirement} and not {version}"


def test_continuous_integration_tests_every_declared_python_and_the_lowest_versions():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    versions = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    assert versions == ["3.11", "3.12"]
    for version in versions:
        assert f'"{version}"' in workflow
    assert "--constraint constraints-lowest.txt" in workflow
