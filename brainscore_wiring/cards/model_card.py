"""A model's card, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from brainscore_wiring.architectures import architecture
from brainscore_wiring.cards.limits import limits
from brainscore_wiring.cards.markdown import bullets, code, paragraphs, table
from brainscore_wiring.cards.reproduce import followed, reproduce
from brainscore_wiring.cards.score_sections import measured, published_score
from brainscore_wiring.cards.sections import account_section, what_it_is
from brainscore_wiring.cards.training_sections import recipe, weights_here
from brainscore_wiring.catalogue import BIBTEX
from brainscore_wiring.checkpoints.locate import has_own_genome
from brainscore_wiring.checkpoints.resolve import ResolvedModel, resolve
from brainscore_wiring.formatting import LICENCE, PAPER_URL, training_in_words

if TYPE_CHECKING:
    from brainscore_wiring.scoring.result import Result


def card(model: str | Path | ResolvedModel, results: Sequence[Result] = ()) -> str:
    """The card of a catalogue row, or of the weights in a wiring checkpoint file, as Markdown; a
    section that has nothing to say is left out.

    `results`: rows of a result table (`scoring.table.read_results`); those of other weights are
    never shown. Raises `WrongUsage` for an unknown identifier and `WiringError` for a file that is
    no wiring checkpoint.
    """
    model = resolve(model)
    sections = {
        "What it is": what_it_is(model),
        "The account": account_section(model),
        "The recipe": recipe(model),
        "The weights here": weights_here(model),
        "Scores": measured(model, results),
        "The score in the paper": published_score(model),
        "Limits": bullets(limits(model, results)),
        "Layers of the regions": _regions(model),
        "How to make and use it": _reproduce(model),
        "How to cite, and the licence": _citation(),
    }
    head = [f"# {model.identifier}", model.row.summary, f"**{_status(model)}**"]
    shown = [f"## {title}\n\n{text}" for title, text in sections.items() if text]
    return paragraphs(*head, *shown) + "\n"


def _status(model: ResolvedModel) -> str:
    """In one sentence, what loading it gives."""
    row, weights = model.row, model.weights
    if weights is None:
        return {
            "missing": "It does not load on this machine yet, see below: this card describes the "
            "recipe.",
            "computed": "It loads on any machine: nothing has to be stored.",
            "authors": "It loads here from the files of its authors.",
            "sampled": "It loads on any machine: its synapses are sampled, the same bits "
            "everywhere."
            if row.training_data == "any" and not has_own_genome(row)
            else "It loads here: its synapses are sampled from the genome in the weight store.",
        }[model.source]
    where = f"from {weights.place}"
    if row.at_birth:
        return f"It loads {where}: synapses that are sampled, with stored batch-norm statistics."
    saw = training_in_words(weights.record)
    if row.trains_named_layers:
        return f"It loads {where}; its weights were trained on {saw}."
    return (
        f"It loads {where}; its weights were trained as the recipe asks: {saw}."
        if followed(model)
        else f"It loads {where}, but its weights are not the recipe's: they were trained on {saw}."
    )


def _regions(model: ResolvedModel) -> str:
    region_map = architecture(model.row.architecture).region_map
    layers = {**region_map.regions, "behaviour": region_map.behaviour}
    columns = {"region": list(layers), "layer": [f"`{module}`" for module in layers.values()]}
    if region_map.steps:
        columns["recurrent steps"] = [_times(region_map.steps.get(region)) for region in layers]
    size = region_map.preprocessing.image_size
    return (
        f"{table(list(columns), zip(*columns.values()))}\n\nAn image is resized to {size} x "
        f"{size} px and spans {region_map.visual_degrees} degrees."
    )


def _times(steps: tuple[int, int, int] | None) -> str:
    if steps is None:
        return ""
    start, length, number = steps
    return f"{number} of {length} ms, the first from {start} ms after the image appears"


def _reproduce(model: ResolvedModel) -> str:
    name = model.row.identifier
    use = code(
        f'import brainscore_wiring\n\nmodel = brainscore_wiring.load_model("{name}")', "python"
    )
    return f"{reproduce(model)}\n\n{use}"


def _citation() -> str:
    terms = "Benchmarks, data sets and weights of others keep their own terms and references."
    return (
        f"{code(BIBTEX, 'bibtex')}\n\nThe paper: {PAPER_URL}. Package, weights and this card: "
        f"{LICENCE}. {terms}"
    )
