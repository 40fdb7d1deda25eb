"""`brainscore data status` and `brainscore data fetch`: files of others that benchmarks and models need."""

from __future__ import annotations

from typing import Annotated

import typer

from brainscore_wiring.commands.console import line, percentage, print_json, working
from brainscore_wiring.errors import WiringError, unknown

app = typer.Typer(help="Public files that benchmarks and models need.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Which public files are on this machine, and which Brain-Score data the paper's benchmarks miss."""
    from brainscore_wiring import public_files
    from brainscore_wiring.scoring import brainscore_data
    rows = []
    for file in public_files.PUBLIC_FILES.values():
        try:
            path, problem = public_files.locate(file.name), ""
        except WiringError as error:
            path, problem = None, str(error)
        rows.append({"file": file.name, "url": file.url, "path": str(path) if path else None, "problem": problem})
    benchmarks = [{"benchmark": name, "file": str(file.path), "state": file.state, "url": file.url}
                  for name in brainscore_data.PAPER_BENCHMARKS for file in brainscore_data.files_of(name)]
    if as_json:
        print_json({"files": rows, "benchmarks": benchmarks})
        return
    for row in rows:
        line(f"{'*' if row['path'] else ' '} {row['file']}  {row['path'] or row['problem'] or row['url']}")
    for name in brainscore_data.PAPER_BENCHMARKS:
        line(f"\n{name}")
        for row in benchmarks:
            if row["benchmark"] == name:
                line(f"{'*' if row['state'] == 'present' else ' '} {row['file']}"
                     + ("  damaged: remove it and fetch it again" if row["state"] == "damaged" else ""))
    line("\nFiles marked * are here. `brainscore data fetch NAME` downloads a file or what a benchmark needs; a folder "
         "named by BRAINSCORE_WIRING_DATA is searched too.")


@app.command()
def fetch(name: Annotated[str, typer.Argument(
        help="A file of `brainscore data status`, kriegeskorte2008, weight_compression (the authors' parameter files), "
             "or one of the paper's public benchmarks.")]) -> None:
    """Download public files and check them against their known hashes."""
    from brainscore_wiring import public_files
    from brainscore_wiring.scoring import brainscore_data
    known = (*public_files.GROUPS, *public_files.PUBLIC_FILES, *brainscore_data.BENCHMARK_FILES)
    if name not in known:
        raise unknown("public file", name, known, "brainscore data status")
    with working(f"fetching {name}") as report:
        meter = percentage(f"fetching {name}", report)
        if name in brainscore_data.BENCHMARK_FILES:
            paths = brainscore_data.fetch(name, meter)
        else:
            files = public_files.GROUPS.get(name, [name])
            paths = [public_files.fetch(file, meter) for file in files]
    for path in paths:
        line(str(path))
