"""`brainscore card MODEL`: everything known about a model on one page of Markdown."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Annotated

import typer

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.commands import completion, options
from brainscore_wiring.commands.console import out, say_path
from brainscore_wiring.errors import WrongUsage


def card(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL",
            help="Model identifiers, patterns such as 'cornet_s_wc*', or one checkpoint file "
            "(.safetensors).",
            autocompletion=completion.catalogue,
        ),
    ],
    output: Annotated[
        Path | None, options.output("A folder for a file for each model and an index of them.")
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            help="A table that `brainscore score --csv` wrote: scores of these very weights go on "
            "the cards."
        ),
    ] = None,
) -> None:
    """Print a model's card, or write the cards of many models into a folder."""
    from brainscore_wiring.cards import model_card
    from brainscore_wiring.cards.card_folder import write_cards
    from brainscore_wiring.scoring.table import read_results

    names = list(dict.fromkeys(name for model in models for name in _matching(model)))
    if output is None and len(names) > 1:
        raise WrongUsage(
            f"{len(names)} models were asked for, one is printed at a time: add -o FOLDER to write "
            "a card for each."
        )
    results = read_results(scores) if scores else ()
    if output:
        for path in write_cards(names, output, results):
            say_path(path)
        return
    text = model_card.card(names[0], results)
    if out.is_terminal:
        from rich.markdown import Markdown

        out.print(Markdown(text))
    else:
        print(text, end="")


def _matching(model: str) -> list[str]:
    """The catalogue's models that a pattern matches; a name or file is itself."""
    if model.endswith(".safetensors") or not any(sign in model for sign in "*?["):
        return [model]
    names = fnmatch.filter(CATALOGUE, model)
    if not names:
        raise WrongUsage(f"No model matches '{model}': `brainscore list models` shows them all.")
    return names
