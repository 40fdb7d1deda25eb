"""Cards of many models as files, with an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from brainscore_wiring.cards.markdown import table
from brainscore_wiring.cards.model_card import card
from brainscore_wiring.checkpoints.resolve import ResolvedModel, resolve
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.files import check_output, write_text
from brainscore_wiring.formatting import count, training_in_words

if TYPE_CHECKING:
    from brainscore_wiring.scoring.result import Result

INDEX, TITLE = "README.md", "# Model cards"


def write_cards(models: Sequence[str], folder: Path, results: Sequence[Result] = ()) -> list[Path]:
    """Write the card of each model and an index of them; returns the paths, the index last.

    Raises `WiringError` where the folder cannot be written or has a README.md that is no index of
    cards.
    """
    index = folder / INDEX
    check_output(index)
    if index.exists() and not index.read_text(encoding="utf-8").startswith(TITLE):
        raise WiringError(
            f"'{index}' is no index of model cards and would be written over: give another folder."
        )
    files = cards(models, results)
    for name, text in files.items():
        write_text(folder / name, text)
    return [folder / name for name in files]


def cards(models: Sequence[str], results: Sequence[Result] = ()) -> Mapping[str, str]:
    """File name -> text, for the card of each model and the index of them.

    Raises `WrongUsage` where two checkpoint files hold the same model, whose cards would have one
    name.
    """
    found: dict[str, ResolvedModel] = {}
    for asked in models:
        model = resolve(asked)
        if model.identifier in found:
            raise WrongUsage(
                f"{model.identifier} was asked for more than once, with other weights: give each "
                "of its checkpoint files a folder of its own."
            )
        found[model.identifier] = model
    return {
        **{f"{name}.md": card(model, results) for name, model in found.items()},
        INDEX: _index([*found.values()]),
    }


def _index(models: Sequence[ResolvedModel]) -> str:
    rows = []
    for model in models:
        name = model.identifier
        updates = (
            count(model.plan.supervised_synaptic_updates)
            + (" (planned)" if not model.row.at_birth else "")
            if model.plan
            else "not counted"
        )
        if model.record:
            updates = count(model.record.account.supervised_synaptic_updates)
        rows.append([f"[{name}]({name}.md)", model.row.summary, _weights(model), updates])
    return (
        f"{TITLE}\n\nWhat {'each model is' if len(rows) > 1 else 'the model is'}, what it took, "
        "and what its "
        "numbers do not stand for. `brainscore card MODEL` prints the card of any variant.\n\n"
        + table(
            [
                "model",
                "the recipe",
                "the weights here",
                "their supervised synaptic updates, else the plan's",
            ],
            rows,
        )
        + "\n"
    )


def _weights(model: ResolvedModel) -> str:
    if model.weights:
        return f"`{model.weights.fingerprint}`: {training_in_words(model.weights.record)}"
    return {"missing": "none", "authors": "its authors' file"}.get(model.source, model.source)
