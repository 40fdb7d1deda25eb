"""`brainscore report TABLE [RUN_FOLDER]`: one page on own models beside the paper's, for a
browser.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import say, say_path, working
from brainscore_wiring.errors import WrongUsage

PORT = 8000


def report(
    context: typer.Context,
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="TABLE.csv... [RUN_FOLDER...]",
            help="Files that `brainscore score --csv` wrote, and folders that `brainscore train` "
            "or `sweep` did.",
        ),
    ],
    output: Annotated[Path | None, options.output("The page, such as report.html.")] = None,
    record: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="Show this model's IT and V1 beside the monkey's (about a minute each); may be "
            "repeated.",
        ),
    ] = None,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Show the page on 127.0.0.1; it follows tables and runs."),
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where --serve listens; 0 is any free port.")
    ] = PORT,
) -> None:
    """One HTML page that opens from disk and needs no network: sortable table of own and published
    networks with provenance, seeds and intervals, the paper's plane, differences, learning curves,
    filters, genomes, IT and V1.
    """
    tables = [path for path in inputs if not path.is_dir()]
    folders = [path for path in inputs if path.is_dir()]
    if not tables:
        raise WrongUsage("A report needs a result table: `brainscore score --csv FILE` writes one.")
    if serve == (output is not None):
        raise WrongUsage("Where does the report go? Give either -o FILE.html or --serve.")
    if port != PORT and not serve:
        raise WrongUsage("--port is for --serve.")
    # of this process alone: altair's jsonschema would take seconds for a format that no chart has
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    if output is None:
        _serve(port, tables, folders, context.obj, record or [])
        return
    from brainscore_wiring.paper.report.report_page import write_report_page

    with working("starting") as tell:
        path = write_report_page(tables, folders, output, context.obj, record or (), tell)
    say_path(path)


def _serve(
    port: int, tables: list[Path], folders: list[Path], command: str, record: list[str]
) -> None:
    from brainscore_wiring.paper.report.report_page import recorded_models, report_html
    from brainscore_wiring.paper.report.serve import ReportServer

    with working("starting") as tell:
        recorded = recorded_models(record, tell)

    def page() -> str:
        return report_html(tables, folders, command, recorded, live=True)

    with ReportServer(port, tables, folders, page) as server:
        server.page()
        say(f"The report is at {server.address} and follows its tables; Ctrl-C ends it.")
        server.serve_forever()
