"""The `brainscore` command, one file per verb. Nothing heavy is imported before a verb needs it."""

from __future__ import annotations

import sys

import typer

from brainscore_wiring.commands import birth, compress, data, figures, frontier, listing, score, show, train
from brainscore_wiring.errors import Stopped, WiringError, WrongUsage

app = typer.Typer(name="brainscore", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Models and benchmarks of 'Wiring Up Vision' for Brain-Score, and the stock ones by name.")
app.command("score")(score.score)
app.add_typer(listing.app, name="list")
app.command("show")(show.show)
app.command("birth")(birth.birth)
app.command("compress")(compress.compress)
app.command("train")(train.train)
app.add_typer(data.app, name="data")
app.add_typer(figures.app, name="figures")
app.command("frontier")(frontier.frontier)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; a user's mistake ends in one sentence. Exit status 0 done, 1 not all could be done, 2 wrong usage."""
    try:
        app(args=arguments)
    except WrongUsage as error:
        sys.exit(_say(error, 2))
    except KeyboardInterrupt:
        sys.exit(_say("stopped.", 130))
    except Stopped as error:
        sys.exit(_say(error, 130))
    except WiringError as error:
        sys.exit(_say(error, 1))
    except BrokenPipeError:  # the reader of a pipe has gone
        sys.stdout = None


def _say(sentence: object, status: int) -> int:
    print(f"brainscore: {sentence}", file=sys.stderr)
    return status
