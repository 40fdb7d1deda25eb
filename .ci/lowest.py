"""Print the lowest versions that pyproject.toml declares, as constraints for pip.

python .ci/lowest.py > constraints-lowest.txt
"""

import re
import tomllib
from pathlib import Path

HEAD = "# Lowest declared versions, by `python .ci/lowest.py > constraints-lowest.txt`."


def lowest() -> list[str]:
    """A line `name==version` for each requirement of the package and of its tests."""
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    found = [re.fullmatch(r"([\w-]+)>=([\d.]+)(,<[\d.]+)?", line) for line in declared]
    return sorted(f"{one[1]}=={one[2]}" for one in found)


if __name__ == "__main__":
    print("\n".join([HEAD, *lowest()]))
