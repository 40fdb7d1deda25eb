"""A submission's dry run: unpacked, parsed and tested in a process without this package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from brainscore_wiring.errors import WiringError

PROCESS = Path(__file__).with_name("dry_run_process.py")
#: Where the zip waits in the scratch folder: Brain-Score's code for unpacking wants this name.
ZIP = "submission_0.zip"
#: The process's `BRAINSCORE_HOME` in the scratch folder.
HOME = "brain-score"


@dataclass(frozen=True)
class Finding:
    """A check; `problem`: None if it holds, `model`: empty for the whole submission."""

    model: str
    check: str
    problem: str | None


def dry_run(scratch: Path, found: Callable[[Finding], None]) -> list[Finding]:
    """Check the zip in a scratch folder; `found` hears of each finding.

    Caches and weights that the process writes go into `scratch`. Raises `WiringError` where the
    process itself fails.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("RESULTCACHING")
    }
    environment |= {
        "BRAINSCORE_HOME": str(scratch / HOME),
        "BRAINSCORE_WIRING_HOME": str(scratch / "wiring"),
        "RESULTCACHING_HOME": str(scratch / "result_caching"),
        "BS_INSTALL_DEPENDENCIES": "no",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    process = subprocess.run(
        [sys.executable, "-P", str(PROCESS), str(scratch)],
        capture_output=True,
        text=True,
        env=environment,
    )
    findings = [Finding(*json.loads(line)) for line in process.stdout.splitlines()]
    for finding in findings:
        found(finding)
    if process.returncode:
        last = (process.stderr.strip().splitlines() or ["no word"])[-1]
        raise WiringError(
            f"The dry run of the submission ended with status {process.returncode}: {last}."
        )
    return findings
