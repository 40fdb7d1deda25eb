"""The `brainscore` command, one file per verb. Nothing heavy is imported before a verb needs it."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer.main

from brainscore_wiring import __version__, stopping
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
    report,
    score,
    show,
    sweep,
    train,
)
from brainscore_wiring.errors import (
    ERROR_FILE,
    LONGEST_SENTENCE,
    Stopped,
    WiringError,
    WrongUsage,
    shortened,
)

#: A wrong command line, whether click raises it or the copy of click that newer versions of typer
#: carry. What is used of it here, `BadParameter` has from it.
UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
#: Options that take several values, as in `--trainable V2.conv3 IT.conv2`.
_SEVERAL_VALUES = ("--trainable", "--layers", "--clusters", "--cluster", "--log")
#: What writing to standard output may end in.
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EPIPE)
# plain text: words are wrapped and never cut
app = typer.Typer(name="brainscore", pretty_exceptions_enable=False, rich_markup_mode=None)


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
app.command("compare", short_help="Compare the models of score tables, tested over seeds.")(
    compare.compare
)
app.command("report", short_help="Write one HTML page about score tables and runs.")(report.report)
app.add_typer(listing.app, name="list")
app.command("show")(show.show)
app.command("card", short_help="Print a model's card, or write those of many models.")(card.card)
app.command("birth", short_help="Sample a model's birth state and write its weights.")(birth.birth)
app.command("compress", short_help="Fit a genome to a trained network.")(compress.compress)
app.command("train", short_help="Train a model, or go on with a run that was stopped.")(train.train)
app.command("import-weights", short_help="Make a checkpoint of weights that others trained.")(
    import_weights.import_weights
)
app.command("sweep", short_help="Train a grid of models.")(sweep.sweep)
app.add_typer(data.app, name="data")
app.add_typer(figures.app, name="figures", short_help="Draw figures 1 to 9 of the paper.")
app.command("export", short_help="Write a submission to Brain-Score.")(export.export)
app.command("frontier")(frontier.frontier)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; a user's mistake ends in one sentence.

    Exit status 0: done; 1: not all could be done; 2: wrong usage; 75: asked to terminate, the
    same command goes on; 130: interrupted.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if sys.stdout is None:  # closed by the process that started this one
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 it stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what it cannot show is no reason to fail
            stream.reconfigure(errors="brainscore")
    with stopping.handled():
        sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    """The exit status of a command."""
    try:
        _check_no_empty(arguments)
        status = app(
            args=_one_value_each(arguments) or ["--help"],
            prog_name=app.info.name,
            standalone_mode=False,
            obj=shlex.join(["brainscore", *arguments]),  # for pages that say how they were made
        )
        sys.stdout.flush()
        if status == stopping.INTERRUPTED:  # typer's answer to any interrupt
            raise KeyboardInterrupt
        return status or 0
    except Stopped as error:
        return _say(error, error.status)
    except (KeyboardInterrupt, typer.Abort, SystemExit) as error:
        # rich leaves by itself where its output is no longer read
        if isinstance(error, SystemExit) and not stopping.received():
            raise
        stopping.answered()
        return _say("stopped.", stopping.status())
    except Exception as error:
        if stopping.received():  # a request to stop that a library has turned into its own error
            return _say("stopped.", stopping.status())
        return _failed(error, arguments)


def _one_value_each(arguments: list[str]) -> list[str]:
    """`--log A B` as `--log A --log B`: click has no options with any number of values."""
    given: list[str] = []
    option = None
    for argument in arguments:
        if argument.startswith("-"):
            option = argument if argument in _SEVERAL_VALUES else None
        elif option and given[-1] != option:
            given.append(option)
        given.append(argument)
    return given


def _check_no_empty(arguments: list[str]) -> None:
    """Raise `WrongUsage` for an empty argument, as an unset variable of a shell is: as a path it
    would be the working folder.
    """
    for before, argument in zip(["", *arguments], arguments):
        if not argument or (argument.startswith("--") and argument.endswith("=")):
            what = argument.rstrip("=") or (before if before.startswith("-") else "An argument")
            raise WrongUsage(f"{what} is empty: give its value.")


def _failed(error: Exception, arguments: list[str]) -> int:
    """Say what went wrong where it is the user's to mend; raises the error where it is not."""
    if isinstance(error, UsageError):
        return _say(_with_help(error, arguments), 2)
    if isinstance(error, WrongUsage):
        return _say(error, 2)
    if isinstance(error, WiringError):
        return _say(error, 1)
    if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE:
        with contextlib.suppress(OSError, ValueError):  # nothing is left to be written at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _say(f"Standard output cannot be written: {error.strerror}.", 1)
    raise error


def _with_help(error: typer.BadParameter, arguments: list[str]) -> str:
    """What is wrong with a command line, and the command that shows what would be right."""
    command = error.ctx.command_path if error.ctx else app.info.name
    commands = typer.main.get_group(app).commands
    if error.ctx is None and arguments[:1] and arguments[0] in commands:
        command = f"{command} {arguments[0]}"
    message = error.format_message().rstrip(".")
    given = _given(getattr(error, "param", None), arguments)
    if given and given not in message:
        message += f", but '{shortened(given, 40)}' was given"
    return (
        f"{message}{'' if message.endswith('?') else ';'} `{command} --help` shows what it takes."
    )


def _given(parameter: Any, arguments: list[str]) -> str:
    """What a command line gives for an option; empty where it is unknown."""
    names = getattr(parameter, "opts", ())
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        name, equals, value = argument.partition("=")
        if name in names:
            return value if equals else following
    return ""


def _say(said: object, status: int) -> int:
    sentence = shortened(said, 2 * LONGEST_SENTENCE)
    with contextlib.suppress(OSError):  # it is no longer read: the status still tells
        print(f"brainscore: {sentence}", file=sys.stderr)
    if os.environ.get(ERROR_FILE):  # for the program that started this one
        content = json.dumps({"kind": type(said).__name__, "sentence": sentence})
        Path(os.environ[ERROR_FILE]).write_text(content, encoding="utf-8")
    return status
