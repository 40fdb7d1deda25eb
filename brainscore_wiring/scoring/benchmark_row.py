"""What a benchmark measures and needs, in words, and why it may not run on this machine.

A benchmark folder says so in its `rows.py`, which imports no Brain-Score.
"""

from __future__ import annotations

from dataclasses import dataclass

from brainscore_wiring import public_files
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring import brainscore_data

ACCOUNT, MEAN = "account", "mean"
REGIONS = ("V1", "V2", "V4", "IT", "behaviour")
#: The order of rows; "" is a benchmark that says of no part what it measures.
PARTS = (ACCOUNT, *REGIONS, "", MEAN)


@dataclass(frozen=True)
class BenchmarkRow:
    """A benchmark in words.

    `part`: one of `PARTS`; `what` is measured there; `data`: the groups of public files that it
    needs; `default`: scored without being asked for, where its data are here.
    """

    identifier: str
    part: str
    what: str
    data: tuple[str, ...] = ()
    default: bool = True

    @property
    def measures(self) -> str:
        """What is measured, and where in the brain."""
        return f"{self.part}: {self.what}" if self.part in REGIONS else self.what

    def missing(self) -> str:
        """One sentence on which data are absent and how to get them; empty where none are.

        Raises `WiringError` where data are there but wrong.
        """
        if self.identifier in brainscore_data.BENCHMARK_FILES:
            return brainscore_data.missing_sentence(self.identifier)
        absent = {group: public_files.absent(group) for group in self.data}
        names = [name for group in absent.values() for name in group]
        if not names:
            return ""
        return (
            f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not on this machine: "
            f"`brainscore data fetch {' '.join(group for group in absent if absent[group])}` "
            "downloads the data, or name a folder that has it in BRAINSCORE_WIRING_DATA."
        )

    def why_not_here(self) -> str:
        """One sentence on why the benchmark cannot run on this machine; empty where it can."""
        try:
            return self.missing()
        except WiringError as error:
            return str(error)

    def excused(self) -> bool:
        """Whether its data are merely absent: no failure in a default run."""
        try:
            return bool(self.missing())
        except WiringError:
            return False
