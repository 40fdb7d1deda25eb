"""The benchmarks that `brainscore score` runs by default, and why one may not run on this machine.
Needs no Brain-Score.

Each folder in `benchmarks/` says its own rows in a file `rows.py`; one without such a file has a
row for each identifier that it registers, described by the first line of its docstring.
"""

from __future__ import annotations

import ast
from pathlib import Path

from brainscore_wiring import benchmarks
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed
from brainscore_wiring.registry import import_file
from brainscore_wiring.scoring.benchmark_row import MEAN, PARTS, BenchmarkRow
from brainscore_wiring.scoring.brainscore_data import PAPER_BENCHMARKS, PRIVATE_BENCHMARKS
from brainscore_wiring.scoring.plugin_folders import OURS, plugin_folders


def _rows() -> list[BenchmarkRow]:
    """All rows: those of freely available data, the paper's own benchmarks, the means."""
    folders: dict[Path, list[str]] = {}
    for identifier, folder in plugin_folders(OURS, "benchmarks").items():
        folders.setdefault(folder, []).append(identifier)
    rows = [row for folder, names in folders.items() for row in _rows_of(folder, names)]
    rows.sort(key=lambda row: PARTS.index(row.part))
    return [
        *(row for row in rows if row.part != MEAN),
        *(
            BenchmarkRow(name, part, "the paper's benchmark")
            for name, part in PAPER_BENCHMARKS.items()
        ),
        *(
            BenchmarkRow(name, part, "the paper's benchmark on private data", default=False)
            for name, part in PRIVATE_BENCHMARKS.items()
        ),
        *(row for row in rows if row.part == MEAN),
    ]


def _rows_of(folder: Path, identifiers: list[str]) -> list[BenchmarkRow]:
    """The rows that a benchmark folder states, or else of the identifiers that it registers.

    Raises `WiringError` where `rows.py` cannot be used.
    """
    file = folder / "rows.py"
    if not file.is_file():
        text = (folder / "__init__.py").read_text(encoding="utf-8")
        words = (ast.get_docstring(ast.parse(text)) or folder.name).splitlines()[0].rstrip(".")
        return [BenchmarkRow(identifier, "", words) for identifier in identifiers]
    try:
        # without the folder itself, which needs Brain-Score
        rows = list(import_file(file, f"{benchmarks.__name__}.{folder.name}.rows").ROWS)
    except WiringError:
        raise
    except Exception as error:
        raise WiringError(f"'{file}' cannot be read ({type(error).__name__}: {error}).") from error
    odd = set(identifiers) ^ {row.identifier for row in rows}
    if odd:
        raise WiringError(
            f"'{file}' and the lines benchmark_registry[...] beside it must name the same "
            f"benchmarks; only one of the two has {listed(sorted(odd))}."
        )
    for row in rows:
        if row.part not in PARTS:
            raise WiringError(
                f"'{file}' says that {row.identifier} measures '{row.part}'; it can be "
                f"{listed([part for part in PARTS if part])}."
            )
    return rows


BENCHMARKS: dict[str, BenchmarkRow] = {row.identifier: row for row in _rows()}
