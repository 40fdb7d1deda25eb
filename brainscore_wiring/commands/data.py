"""`brainscore data status` and `brainscore data fetch`: files of others that benchmarks and models need."""

from __future__ import annotations

from typing import Annotated

import typer

from brainscore_wiring.commands.console import out, print_json, working

app = typer.Typer(no_args_is_help=True, help="Public files that benchmarks and models need.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Which public files are on this machine, and which Brain-Score data the paper's benchmarks miss."""
    from brainscore_wiring import public_files
    from brainscore_wiring.scoring import brainscore_data
    rows = [{"file": file.name, "url": file.url, "path": str(path) if path else None}
            for file in public_files.PUBLIC_FILES.values() for path in [public_files.locate(file.name)]]
    benchmarks = [{"benchmark": name, "missing": brainscore_data.missing_sentence(name)}
                  for name in brainscore_data.PAPER_BENCHMARKS]
    if as_json:
        print_json({"files": rows, "benchmarks": benchmarks})
        return
    for row in rows:
        out.print(f"{'*' if row['path'] else ' '} {row['file']}  {row['path'] or row['url']}", highlight=False,
                  soft_wrap=True, markup=False)
    for row in benchmarks:
        out.print(f"{' ' if row['missing'] else '*'} {row['benchmark']}  {row['missing'] or 'all its data are here'}",
                  highlight=False, soft_wrap=True, markup=False)


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="A file name of `brainscore data status`, or kriegeskorte2008.")]
          ) -> None:
    """Download public files and check their SHA-256."""
    from brainscore_wiring import public_files
    names = public_files.KRIEGESKORTE if name == "kriegeskorte2008" else [name]
    for file in names:
        with working(f"fetching {file}"):
            path = public_files.fetch(file)
        out.print(str(path), highlight=False, soft_wrap=True, markup=False)
