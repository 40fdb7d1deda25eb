"""`brainscore data status` and `brainscore data fetch`: files of others that benchmarks, models and
figures need.
"""

from __future__ import annotations

import itertools
from typing import Annotated

import typer

from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import line, out, percentage, print_json, say, working
from brainscore_wiring.errors import WiringError

app = typer.Typer(help="Files of others that benchmarks, models and figures need.")


@app.command(short_help="Say which files are on this machine and sound.")
def status(as_json: options.Json = False) -> None:
    """Every file: is it on this machine and sound, how large is it, where does it belong, what
    needs it?
    """
    from brainscore_wiring.public_files import users_folder
    from brainscore_wiring.scoring.data_files import needed_files

    users_folder()  # a wrong one is said once
    files = [(file, file.state()) for file in needed_files()]
    if as_json:
        print_json(
            [
                {
                    "file": file.name,
                    "group": file.group,
                    "needed_by": list(file.needed_by),
                    "public": file.public,
                    "state": state.state,
                    "problem": state.problem,
                    "bytes": state.bytes,
                    "path": str(state.path or file.belongs / file.name),
                    file.algorithm: file.expected,
                    "url": file.origin.url if file.public else None,
                }
                for file, state in files
            ]
        )
        return
    for (group, folder), found in itertools.groupby(
        files, key=lambda row: (row[0].group, row[0].home)
    ):
        rows = list(found)
        common = min((file.needed_by for file, _ in rows), key=len)
        width = max(len(file.name) for file, _ in rows)
        access = (
            "" if rows[0][0].public else "  (private: only Brain-Score's own servers may read them)"
        )
        line(f"{group}  for {', '.join(common)}{access}")
        for file, state in rows:
            others = [name for name in file.needed_by if name not in common]
            path = state.path if state.state == "present" else None
            place = (
                path
                if path and folder not in path.parents
                else ""
                if file.belongs == folder
                else f"in {file.belongs.name}"
            )
            line(
                "  ".join(
                    filter(
                        None,
                        (
                            f"  {_MARKS[state.state]} {_megabytes(state.bytes):>9}",
                            f"{file.name:<{width}}",
                            str(place),
                            f"(and for {', '.join(others)})" if others else "",
                            f"damaged: {state.problem}" if state.problem else "",
                        ),
                    )
                ).rstrip()
            )
        line("")
    present = sum(state.state == "present" for _, state in files)
    homes = list(dict.fromkeys(file.home for file, _ in files))
    out.print(
        f"{present} of {len(files)} files are here and sound (*); ! is damaged; ? is a size that "
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

    files = chosen(names or [])
    failed, silent = [], set()
    with working(f"fetching {len(files)} file{'s' * (len(files) != 1)}") as report:
        for file in files:
            server = host(file.origin.url)
            if server in silent and file.state().state != "present":
                failed.append(file)
                continue
            try:
                line(str(file.fetch(percentage(f"fetching {file.name}", report))))
            except WiringError as error:
                failed.append(file)
                say(str(error))
                if isinstance(error, NoConnection):
                    silent.add(server)
    private, public = (
        [file for file in failed if file.public is access] for access in (False, True)
    )
    if private:
        say(_instead_of(private))
    if public:
        say(_what_to_copy(public, asked=len(files)))
    if failed:
        raise typer.Exit(1)


def _what_to_copy(files: list, asked: int) -> str:
    """One sentence for a machine without network: what to copy from another, and where to."""
    from brainscore_wiring.scoring.brainscore_data import listed

    homes = {
        home: [str((file.belongs / file.name).relative_to(home)) for file in rows]
        for home, rows in itertools.groupby(files, key=lambda file: file.home)
    }
    copies = [
        f"{listed(names) if len(names) <= 3 else f'all {len(names)} files'} to {home}"
        for home, names in homes.items()
    ]
    groups = dict.fromkeys(file.group for file in files)
    return (
        f"{len(files)} of {asked} files could not be had: without a network, run `brainscore data "
        f"fetch {' '.join(groups)}` on a machine that has one and copy what it brings, "
        f"{listed(copies)}."
    )


def _instead_of(files: list) -> str:
    """One sentence on private data: which benchmarks are for everyone."""
    from brainscore_wiring.scoring.brainscore_data import PRIVATE_BENCHMARKS, listed, public_twin

    needing = {name for file in files for name in file.needed_by}
    names = [name for name in PRIVATE_BENCHMARKS if name in needing]
    return (
        f"{len(files)} file{'s are' if len(files) > 1 else ' is'} private, and only Brain-Score's "
        f"own servers may read {'them' if len(files) > 1 else 'it'}: in place of {listed(names)}, "
        f"score {listed([public_twin(name) for name in names])} here."
    )
