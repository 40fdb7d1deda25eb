"""Every test runs in folders of its own: no cache, weight store or data of the user's is read or written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

_HOME = tempfile.TemporaryDirectory(prefix="brainscore_wiring_test_")
SHARED = Path(__file__).resolve().parents[2] / "shared"

# before anything imports Brain-Score: some of these are read at import time
os.environ.update(BRAINSCORE_WIRING_HOME=f"{_HOME.name}/wiring", RESULTCACHING_HOME=f"{_HOME.name}/result_caching",
                  BRAINSCORE_HOME=f"{_HOME.name}/brain-score", BRAINIO_HOME=f"{_HOME.name}/brainio",
                  BS_INSTALL_DEPENDENCIES="no", MPLBACKEND="agg")
os.environ.pop("BRAINSCORE_WIRING_DATA", None)


@pytest.fixture(scope="session")
def kriegeskorte2008() -> Path:
    """The folder with the published data of Kriegeskorte et al. 2008."""
    return shared("reference/kriegeskorte2008")


def shared(path: str) -> Path:
    """A file or folder of the reference material beside the checkout; skips the test where it is absent."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"reference material absent: {path}")
    return found
