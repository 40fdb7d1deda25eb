"""The benchmarks that `brainscore score` runs by default, and why one may not run on this machine. Needs no Brain-Score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from brainscore_wiring import public_files
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring import brainscore_data


@dataclass(frozen=True)
class BenchmarkRow:
    """A benchmark in words; `missing` is empty where its data are here, else one sentence.

    It raises `WiringError` where data are there but wrong.
    """

    identifier: str
    measures: str
    missing: Callable[[], str] = lambda: ""
    default: bool = True  # run without being asked for

    def why_not_here(self) -> str:
        """One sentence on why the benchmark cannot run on this machine; empty where it can."""
        try:
            return self.missing()
        except WiringError as error:
            return str(error)

    def excused(self) -> bool:
        """Whether its data are merely absent, so that leaving it out of a default run is no failure."""
        try:
            return bool(self.missing())
        except WiringError:
            return False


def _kriegeskorte() -> str:
    absent = [name for name in public_files.KRIEGESKORTE if public_files.locate(name) is None]
    if not absent:
        return ""
    return (f"{' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} not on this machine: `brainscore data fetch "
            "kriegeskorte2008` downloads the data, or name a folder that has it in BRAINSCORE_WIRING_DATA.")


def _rows() -> list[BenchmarkRow]:
    from brainscore_wiring.scoring.loading import OURS, registered
    properties = sorted(name for name in registered(OURS, "benchmarks") if name.startswith("MacaqueV1Tuning-"))
    return [
        BenchmarkRow("Geiger2022-supervised_synaptic_updates", "how few supervised synaptic updates a model took"),
        BenchmarkRow("MacaqueV1Tuning", "V1: seven published distributions of tuning to gratings, their mean"),
        *(BenchmarkRow(name, f"V1: {name.partition('-')[2].replace('_', ' ')}", default=False) for name in properties),
        BenchmarkRow("Kriegeskorte2008.IT-rdm", "IT: dissimilarities of 92 objects in two monkeys", _kriegeskorte),
        BenchmarkRow("Kriegeskorte2008.IT-rdm.human", "IT: dissimilarities of 92 objects in four humans", _kriegeskorte),
        *(BenchmarkRow(name, f"the paper's {'behavioural' if part == 'behaviour' else part} benchmark",
                       lambda name=name: brainscore_data.missing_sentence(name))
          for name, part in brainscore_data.PAPER_BENCHMARKS.items()),
        *(BenchmarkRow(name, f"the paper's {'behavioural' if part == 'behaviour' else part} benchmark on private data",
                       lambda name=name: brainscore_data.missing_sentence(name), default=False)
          for name, part in brainscore_data.PRIVATE_BENCHMARKS.items()),
        *(BenchmarkRow(name, f"mean of the paper's five benchmarks, on {data} data",
                       lambda name=name: brainscore_data.missing_sentence(name), default=False)
          for name, data in zip(brainscore_data.MEANS, ("public", "private"))),
    ]


BENCHMARKS: dict[str, BenchmarkRow] = {row.identifier: row for row in _rows()}
