"""The benchmarks that `brainscore score` runs by default, and why one may not run on this machine.
Needs no Brain-Score.
"""

from __future__ import annotations

import functools
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
        """Whether its data are merely absent, so that leaving it out of a default run is no
        failure.
        """
        try:
            return bool(self.missing())
        except WiringError:
            return False


def _fetched(*groups: str) -> Callable[[], str]:
    """What tells in one sentence which files of these groups are absent, and how to get them."""

    def missing() -> str:
        absent = [
            (group, name)
            for group in groups
            for name in public_files.GROUPS[group].files
            if public_files.locate(name) is None
        ]
        if not absent:
            return ""
        fetch = " ".join(dict.fromkeys(group for group, _ in absent))
        return (
            f"{' and '.join(name for _, name in absent)} {'is' if len(absent) == 1 else 'are'} "
            "not on this machine: "
            f"`brainscore data fetch {fetch}` downloads the data, or name a folder that has it in "
            "BRAINSCORE_WIRING_DATA."
        )

    return missing


def _rows() -> list[BenchmarkRow]:
    from brainscore_wiring.scoring.loading import OURS, registered

    properties = sorted(
        name for name in registered(OURS, "benchmarks") if name.startswith("MacaqueV1Tuning-")
    )
    return [
        BenchmarkRow(
            "Geiger2022-supervised_synaptic_updates",
            "how few supervised synaptic updates a model took",
        ),
        BenchmarkRow(
            "MacaqueV1Tuning", "V1: seven published distributions of tuning to gratings, their mean"
        ),
        BenchmarkRow(
            "MacaqueV1Tuning.v2",
            "V1: fifteen published distributions of tuning to gratings, their mean",
            _fetched("ringach2002"),
        ),
        *(
            BenchmarkRow(
                name,
                f"V1: {name.partition('-')[2].replace('_', ' ')}",
                _fetched("ringach2002") if name in public_files.RINGACH_BENCHMARKS else lambda: "",
                default=False,
            )
            for name in properties
        ),
        BenchmarkRow(
            "Cowley2023.V4-pls",
            "V4: predictions of 50 neurons of a monkey on 640 natural images",
            _fetched("cowley2023"),
        ),
        BenchmarkRow(
            "Cowley2023.V4-pls.sessions",
            "V4: predictions of neurons of three monkeys, session by session",
            _fetched("cowley2023", "cowley2023_sessions"),
            default=False,
        ),
        BenchmarkRow(
            "Kriegeskorte2008.IT-rdm",
            "IT: dissimilarities of 92 objects in two monkeys",
            _fetched("kriegeskorte2008"),
        ),
        BenchmarkRow(
            "Kriegeskorte2008.IT-rdm.human",
            "IT: dissimilarities of 92 objects in four humans",
            _fetched("kriegeskorte2008"),
        ),
        BenchmarkRow(
            "Cichy2014.EVC-rdm",
            "V1: dissimilarities of 92 objects in early visual cortex of 15 people",
            _fetched("cichy2014", "kriegeskorte2008"),
        ),
        BenchmarkRow(
            "Cichy2014.IT-rdm",
            "IT: dissimilarities of 92 objects in 15 people",
            _fetched("cichy2014", "kriegeskorte2008"),
        ),
        BenchmarkRow(
            "Mur2013.behaviour-rdm",
            "behaviour: similarity judgments of 92 objects by 16 people",
            _fetched("mur2013", "kriegeskorte2008"),
        ),
        *(
            BenchmarkRow(
                f"Geirhos2021{images}-error_consistency",
                f"behaviour: errors of 10 people on images of {images}s; 1,000 classes",
                default=False,
            )
            for images in ("edge", "silhouette")
        ),
        *(
            BenchmarkRow(
                name,
                f"the paper's {'behavioural' if part == 'behaviour' else part} benchmark",
                functools.partial(brainscore_data.missing_sentence, name),
            )
            for name, part in brainscore_data.PAPER_BENCHMARKS.items()
        ),
        *(
            BenchmarkRow(
                name,
                f"the paper's {'behavioural' if part == 'behaviour' else part} benchmark on "
                "private data",
                functools.partial(brainscore_data.missing_sentence, name),
                default=False,
            )
            for name, part in brainscore_data.PRIVATE_BENCHMARKS.items()
        ),
        *(
            BenchmarkRow(
                name,
                f"mean of the paper's five benchmarks, on {data} data",
                functools.partial(brainscore_data.missing_sentence, name),
                default=False,
            )
            for name, data in zip(brainscore_data.MEANS, ("public", "private"))
        ),
        BenchmarkRow(
            brainscore_data.OFFLINE_PREDICTIVITY,
            "mean of V1 tuning, V4, monkey IT and behaviour; without V2",
            _fetched("ringach2002", "cowley2023", "kriegeskorte2008", "mur2013"),
        ),
    ]


BENCHMARKS: dict[str, BenchmarkRow] = {row.identifier: row for row in _rows()}
