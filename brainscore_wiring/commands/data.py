"""`brainscore data status` and `brainscore data fetch`: files of others that benchmarks, models and
figures need.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated

import typer

from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import (
    line,
    out,
    percentage,
    print_json,
    say,
    say_path,
    working,
)
from brainscore_wiring.errors import WiringError
from brainscore_wiring.formatting import listed

if TYPE_CHECKING:
    from brainscore_wiring.scoring.data_files import NeededFile

app = typer.Typer(help="Files of others that benchmarks, models and figures need.")


@app.command(short_help="Say which files are on this machine and sound.")
def status(as_json: options.Json = False) -> None:
    """Every file: is it on this machine and sound, how large is it, where does it belong, what
    needs it?
    """
    from brainscore_wiring.public_files import users_folder
    from brainscore_wiring.scoring.data_files import needed_files

    users_folder()  # a wrong one is said once
    rows = [(*row, row.file.state()) for row in needed_files()]
    if as_json:
        print_json(
            [
                {
                    "file": file.name,
                    "group": group,
                    "needed_by": list(needed_by),
                    "public": file.public,
                    "state": state.state,
                    "problem": state.problem,
                    "bytes": state.bytes,
                    "path": str(state.path),
                    file.algorithm: getattr(file, file.algorithm),
                    "url": file.url if file.public else None,
                }
                for file, group, needed_by, state in rows
            ]
        )
        return
    for group, same in itertools.groupby(rows, key=lambda row: row[1]):
        found = list(same)
        common = min((needed_by for _, _, needed_by, _ in found), key=len)
        width = max(len(file.name) for file, *_ in found)
        access = (
            ""
            if found[0][0].public
            else "  (private: only Brain-Score's own servers may read them)"
        )
        line(f"{group}  for {', '.join(common)}{access}")
        for file, _, needed_by, state in found:
            others = [name for name in needed_by if name not in common]
            place = "" if file.path.parent == file.home else f"in {file.path.parent.name}"
            if state.state == "present" and file.home not in state.path.parents:
                place = str(state.path)
            facts = (
                f"  {_MARKS[state.state]} {_megabytes(state.bytes):>9}",
                f"{file.name:<{width}}",
                place,
                f"(and for {', '.join(others)})" if others else "",
                f"damaged: {state.problem}" if state.problem else "",
            )
            line("  ".join(filter(None, facts)).rstrip())
        line("")
    present = sum(state.state == "present" for *_, state in rows)
    homes = list(dict.fromkeys(file.home for file, *_ in rows))
    out.print(
        f"{present} of {len(rows)} files are here and sound (*); ! is damaged; ? is a size that "
        f"only the server knows. The first groups belong in {homes[0]} or in a folder that "
        f"BRAINSCORE_WIRING_DATA names, Brain-Score's in {homes[1]}, each in the folder of its "
        "SHA-1 (BRAINIO_HOME names another). `brainscore data fetch` downloads all public ones, "
        "`brainscore data fetch NAME ...` some: by group, benchmark or file.",
    )


_MARKS = {"present": "*", "missing": " ", "damaged": "!"}


def _megabytes(size: int | None) -> str:
    if size is None:
        return "?"
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"


@app.command(short_help="Download files, checked against their hashes.")
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Groups, benchmarks or files of `brainscore data status`; without any, all that "
            "are public.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Download files, checked against their known hashes; one that was cut short goes on where it
    stopped.
    """
    from brainscore_wiring.downloads import NoConnection, host
    from brainscore_wiring.scoring.data_files import chosen

    chosen_files = chosen(names or [])
    failed, silent = [], set()
    with working(f"fetching {len(chosen_files)} file{'s' * (len(chosen_files) != 1)}") as report:
        for row in chosen_files:
            server = host(row.file.url)
            if server in silent and row.file.state().state != "present":
                failed.append(row)
                continue
            try:
                say_path(row.file.fetch(percentage(f"fetching {row.file.name}", report)))
            except WiringError as error:
                failed.append(row)
                say(str(error))
                if isinstance(error, NoConnection):
                    silent.add(server)
    private, public = (
        [row for row in failed if row.file.public is access] for access in (False, True)
    )
    if private:
        say(_instead_of(private))
    if public:
        say(_what_to_copy(public, asked=len(chosen_files)))
    if failed:
        raise typer.Exit(1)


def _what_to_copy(rows: list[NeededFile], asked: int) -> str:
    """One sentence for a machine without network: what to copy from another, and where to."""
    homes = {
        home: [str(row.file.path.relative_to(home)) for row in of_home]
        for home, of_home in itertools.groupby(rows, key=lambda row: row.file.home)
    }
    copies = [
        f"{listed(names) if len(names) <= 3 else f'all {len(names)} files'} to {home}"
        for home, names in homes.items()
    ]
    groups = dict.fromkeys(row.group for row in rows)
    return (
        f"{len(rows)} of {asked} files could not be had: without a network, run `brainscore data "
        f"fetch {' '.join(groups)}` on a machine that has one and copy what it brings, "
        f"{listed(copies)}."
    )


def _instead_of(rows: list[NeededFile]) -> str:
    """One sentence on private data: which benchmarks are for everyone."""
    from brainscore_wiring.scoring.brainscore_data import PRIVATE_BENCHMARKS, public_twin

    needing = {name for row in rows for name in row.needed_by}
    names = [name for name in PRIVATE_BENCHMARKS if name in needing]
    return (
        f"{len(rows)} file{'s are' if len(rows) > 1 else ' is'} private, and only Brain-Score's "
        f"own servers may read {'them' if len(rows) > 1 else 'it'}: in place of {listed(names)}, "
        f"score {listed([public_twin(name) for name in names])} here."
    )
