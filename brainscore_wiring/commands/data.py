"""`brainscore data status` and `brainscore data fetch`: files of others that benchmarks and models need."""

from __future__ import annotations

from typing import Annotated

import typer

from brainscore_wiring.commands.console import line, print_json, working

app = typer.Typer(no_args_is_help=True, help="Public files that benchmarks and models need.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Which public files are on this machine, and which Brain-Score data the paper's benchmarks miss."""
    from brainscore_wiring import public_files
    from brainscore_wiring.scoring import brainscore_data
    rows = [{"file": file.name, "url": file.url, "path": str(path) if path else None}
            for file in public_files.PUBLIC_FILES.values() for path in [public_files.locate(file.name)]]
    benchmarks = [{"benchmark": name, "file": str(file.path), "present": file.path.is_file(), "url": file.url}
                  for name in brainscore_data.PAPER_BENCHMARKS for file in brainscore_data.files_of(name)]
    if as_json:
        print_json({"files": rows, "benchmarks": benchmarks})
        return
    for row in rows:
        line(f"{'*' if row['path'] else ' '} {row['file']}  {row['path'] or row['url']}")
    for name in brainscore_data.PAPER_BENCHMARKS:
        line(f"\n{name}")
        for row in benchmarks:
            if row["benchmark"] == name:
                line(f"{'*' if row['present'] else ' '} {row['file']}")
    line("\nFiles marked * are here. `brainscore data fetch NAME` downloads a file or what a benchmark needs; a folder "
         "named by BRAINSCORE_WIRING_DATA is searched too.")


@app.command()
def fetch(name: Annotated[str, typer.Argument(
        help="A file of `brainscore data status`, kriegeskorte2008, or one of the paper's public benchmarks.")]) -> None:
    """Download public files and check them against their known hashes."""
    from brainscore_wiring import public_files
    from brainscore_wiring.scoring import brainscore_data
    with working(f"fetching {name}"):
        if name in brainscore_data.BENCHMARK_FILES:
            paths = brainscore_data.fetch(name)
        else:
            files = public_files.KRIEGESKORTE if name == "kriegeskorte2008" else [name]
            paths = [public_files.fetch(file) for file in files]
    for path in paths:
        line(str(path))
