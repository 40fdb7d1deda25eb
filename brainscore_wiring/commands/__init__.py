"""The `brainscore` command, one file per verb. Nothing heavy is imported before a verb needs it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from brainscore_wiring import __version__
from brainscore_wiring.commands import (
    birth,
    card,
    compare,
    compress,
    data,
    export,
    figures,
    frontier,
    import_weights,
    listing,
    score,
    show,
    sweep,
    train,
)
from brainscore_wiring.errors import ERROR_FILE, Stopped, WiringError, WrongUsage

#: A wrong command line, whether click raises it or the copy of click that newer versions of typer
#: carry. What is used of it here, `BadParameter` has from it.
UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
#: Options that take several values, as in `--learn V2.conv3 IT.conv2`.
SEVERAL_VALUES = ("--learn",)
app = typer.Typer(name="brainscore", add_completion=False, pretty_exceptions_enable=False)


def _say_version(asked: bool) -> None:
    if asked:
        print(f"brainscore_wiring {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Models and benchmarks of 'Wiring Up Vision' for Brain-Score, and the stock ones by name."""


app.command("score")(score.score)
app.command("compare")(compare.compare)
app.add_typer(listing.app, name="list")
app.command("show")(show.show)
app.command("card")(card.card)
app.command("birth")(birth.birth)
app.command("compress")(compress.compress)
app.command("train")(train.train)
app.command("import-weights")(import_weights.import_weights)
app.command("sweep")(sweep.sweep)
app.add_typer(data.app, name="data")
app.add_typer(figures.app, name="figures")
app.command("export")(export.export)
app.command("frontier")(frontier.frontier)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; a user's mistake ends in one sentence.

    Exit status 0: done; 1: not all could be done; 2: wrong usage; 75: asked to terminate, the
    same command goes on; 130: interrupted.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        given = _one_value_each(arguments) or ["--help"]
        sys.exit(app(args=given, prog_name=app.info.name, standalone_mode=False))
    except UsageError as error:
        sys.exit(_say(_with_help(error), 2))
    except WrongUsage as error:
        sys.exit(_say(error, 2))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(_say("stopped.", 130))
    except Stopped as error:
        sys.exit(_say(error, error.status))
    except WiringError as error:
        sys.exit(_say(error, 1))


def _one_value_each(arguments: list[str]) -> list[str]:
    """`--learn A B` as `--learn A --learn B`: click has no options with any number of values."""
    given: list[str] = []
    option = None
    for argument in arguments:
        if argument.startswith("-"):
            option = argument if argument in SEVERAL_VALUES else None
        elif option and given[-1] != option:
            given.append(option)
        given.append(argument)
    return given


def _with_help(error: typer.BadParameter) -> str:
    """What is wrong with a command line, and the command that shows what would be right."""
    command = error.ctx.command_path if error.ctx else app.info.name
    message = error.format_message().rstrip(".")
    return (
        f"{message}{'' if message.endswith('?') else ';'} `{command} --help` shows what it takes."
    )


def _say(sentence: object, status: int) -> int:
    print(f"brainscore: {sentence}", file=sys.stderr)
    if os.environ.get(ERROR_FILE):  # for the program that started this one
        content = json.dumps({"kind": type(sentence).__name__, "sentence": str(sentence)})
        Path(os.environ[ERROR_FILE]).write_text(content, encoding="utf-8")
    return status
