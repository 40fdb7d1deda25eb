"""A model's card, section by section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from brainscore_wiring.cards.known import Known, known
from brainscore_wiring.cards.limits import limits
from brainscore_wiring.cards.markdown import bullets, code, table
from brainscore_wiring.cards.reproduce import followed, reproduce
from brainscore_wiring.cards.scores import measured, published
from brainscore_wiring.cards.weights import recipe, weights_here
from brainscore_wiring.cards.what_it_is import account, what_it_is
from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.sentences import LICENCE, PAPER_URL, diet_in_words

if TYPE_CHECKING:
    from brainscore_wiring.scoring.result import Result


def card(model: str | Path, results: Sequence[Result] = ()) -> str:
    """The card of a catalogue row, or of the weights in a wiring checkpoint file, as Markdown.

    `results`: rows of a result table (`scoring.table.read_results`); those of other weights are never shown. Raises
    `WrongUsage` for an unknown identifier and `WiringError` for a file that is no wiring checkpoint.
    """
    return page(known(model, results))


def page(subject: Known) -> str:
    """The card of what is known of a model."""
    sections = ((title, section(subject)) for title, section in SECTIONS.items())
    parts = [f"# {subject.row.identifier}", _opening(subject),
             *(f"## {title}\n\n{text}" for title, text in sections if text)]
    return "\n\n".join(parts) + "\n"


def _opening(subject: Known) -> str:
    row = subject.row
    return f"{row.summary}\n\n**{_status(subject)}**"


def _status(subject: Known) -> str:
    """In one sentence, what somebody who loads it would get."""
    row, weights = subject.row, subject.weights
    if row.needs:
        return "It cannot be built with this package: this card describes its authors' model."
    if subject.reason:
        return "It does not load on this machine yet, see below: this card describes the recipe."
    if weights is None:
        return ("It loads on any machine: nothing has to be stored." if row.birth == "none" else
                "It loads here from the files of its authors." if not row.at_birth else
                "It loads on any machine: its synapses are sampled, the same bits everywhere." if row.diet == "any" else
                "It loads here: its synapses are sampled from the genome in the weight store.")
    where = f"from {weights.place}"
    if row.at_birth:
        return f"It loads {where}: synapses that are sampled, with stored batch-norm statistics."
    saw = diet_in_words(weights.record)
    return (f"It loads {where}; its weights saw what the recipe asks for: {saw}." if followed(subject) else
            f"It loads {where}, but its weights are not the recipe's: they learned from {saw}.")


def _scores(subject: Known) -> str:
    if subject.results or subject.row.needs:
        return measured(subject)
    return (f"`brainscore card {subject.row.identifier} --scores FILE` adds those of a table that `brainscore score "
            "--csv FILE` wrote.")


def _regions(subject: Known) -> str:
    commitment = subject.commitment
    layers = commitment.regions | {"behaviour": commitment.behaviour}
    columns = {"region": list(layers), "layer": [f"`{module}`" for module in layers.values()]}
    if commitment.steps:
        columns["recurrent steps"] = [_times(commitment.steps.get(region)) for region in layers]
    size = commitment.preprocessing.image_size
    return (f"{table(list(columns), zip(*columns.values()))}\n\nAn image is resized to {size} x {size} px and spans "
            f"{commitment.visual_degrees} degrees.")


def _times(steps: tuple[int, int, int] | None) -> str:
    if steps is None:
        return ""
    start, length, number = steps
    return f"{number} of {length} ms, the first from {start} ms after the image appears"


def _reproduce(subject: Known) -> str:
    name = subject.row.identifier
    use = code(f'import brainscore_wiring\n\nmodel = brainscore_wiring.load_model("{name}")', "python")
    return reproduce(subject) + ("" if subject.row.needs else f"\n\n{use}")


def _citation(subject: Known) -> str:
    terms = "Benchmarks, data sets and weights of others keep their own terms and references."
    return f"{code(BIBTEX, 'bibtex')}\n\nThe paper: {PAPER_URL}. Package, weights and this card: {LICENCE}. {terms}"


#: Title -> what stands below it; a section that has nothing to say is left out.
SECTIONS: dict[str, Callable[[Known], str]] = {
    "What it is": what_it_is,
    "The account": account,
    "The recipe": recipe,
    "The weights here": weights_here,
    "Scores": _scores,
    "The score in the paper": published,
    "Limits": lambda subject: bullets(limits(subject)),
    "Layers that stand for regions": _regions,
    "How to make and use it": _reproduce,
    "How to cite, and the licence": _citation,
}
