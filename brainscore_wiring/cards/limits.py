"""What the numbers of a model do not show: the sentences under "Limits" on its card."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from brainscore_wiring.architectures import architecture
from brainscore_wiring.architectures.layers import has_batch_norms
from brainscore_wiring.cards.reproduce import followed
from brainscore_wiring.cards.score_sections import of_these_weights
from brainscore_wiring.catalogue import CATALOGUE, model_without_seed
from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.catalogue.recipes import SIDE_EXPERIMENT
from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
from brainscore_wiring.checkpoints.resolve import ResolvedModel, resolve
from brainscore_wiring.checkpoints.training_record import IMAGENET
from brainscore_wiring.formatting import training_in_words
from brainscore_wiring.scoring.brainscore_data import BENCHMARK_FILES
from brainscore_wiring.weight_compression.births import BIRTH_STATES

if TYPE_CHECKING:
    from brainscore_wiring.scoring.result import Result


def limits(model: ResolvedModel, results: Sequence[Result] = ()) -> list[str]:
    """One sentence each, those that matter most first."""
    checks = (
        _nothing_here,
        _other_data,
        _continued,
        _imported,
        _size,
        _genome,
        _statistics,
        _seeds,
        _architecture,
        _beyond,
    )
    return [*filter(None, (check(model) for check in checks)), *_no_brain_data(model, results)]


def _nothing_here(model: ResolvedModel) -> str:
    if not model.reason:
        return ""
    return "No weights of it are on this machine" + (
        ": its account is a plan." if not model.row.at_birth else "."
    )


def _other_data(model: ResolvedModel) -> str:
    """Whether the weights were trained on less, or other data, than the recipe asks for."""
    record = model.record
    if record is None or model.row.at_birth:
        return ""
    trained = f"Its weights were trained on {training_in_words(record)}"
    if followed(model):
        return (
            f"{trained}; the authors' {model.row.images:,} images were others."
            if model.row.images < FULL
            else ""
        )
    return (
        f"{trained}, not on the {model.row.epochs:g} x {model.row.images:,} ImageNet images "
        "that its recipe asks for: no score of theirs stands for the paper's model, none is "
        "comparable with the paper's percentages."
    )


def _continued(model: ResolvedModel) -> str:
    """What the weights here were trained on that a training of this model would start from."""
    start = resolve(model.row.continues) if model.row.continues and model.reason else None
    if start is None or start.record is None:
        return ""
    return (
        f"A training here would go on from the weights of `{start.identifier}` on this machine, "
        f"which were trained on {training_in_words(start.record)}."
    )


def _imported(model: ResolvedModel) -> str:
    source = model.record.imported if model.record else None
    return f"The weights were {source}; {source.stated}." if source else ""


def _size(model: ResolvedModel) -> str:
    size = model.record.data.image_size if model.record and not model.row.at_birth else None
    shown = architecture(model.row.architecture).region_map.preprocessing.image_size
    return (
        f"It was trained at {size} px and is scored at {shown} px, where an object covers "
        f"{shown / size:.2g} times as many pixels across."
        if size and size != shown
        else ""
    )


def _genome(model: ResolvedModel) -> str:
    """What the network that the genome was fitted on had been trained on."""
    genome = model.genome
    if genome is None or genome.training_data in (None, IMAGENET):
        return ""
    if genome.stated:
        return "What its genome was fitted on is not known."
    return (
        f"Its genome was fitted on a `{genome.trained_as or 'cornet_s'}` trained on "
        f"{genome.training_data}, the paper's on one trained on ImageNet; the supervised updates "
        "of that network are in none of these counts, nor in the paper's."
    )


def _statistics(model: ResolvedModel) -> str:
    row = model.row
    if row.birth == "none" or model.reason or not row.at_birth:
        return ""
    if not has_batch_norms(row.architecture):
        return ""
    if row.unlabelled_images:
        return (
            f"Its batch-norm statistics come from {row.unlabelled_images} unlabelled images, so "
            f"it has seen something: `{_sibling(model, '')}` has not."
            if _sibling(model, "")
            else f"Its statistics were measured on {row.unlabelled_images} unlabelled images, "
            "so it has seen something."
        )
    if row.noise_images:
        return (
            "Its batch-norm statistics come from noise that it is given when it is loaded: it has "
            "seen nothing."
        )
    sibling = f" `{_sibling(model, '_bn')}` has measured ones." if _sibling(model, "_bn") else ""
    if row.architecture != "cornet_s":
        return f"Its batch-norm statistics are at their defaults, 0 and 1.{sibling}"
    return (
        "Its batch-norm statistics are at their defaults, 0 and 1: deep activity is dominated by "
        "what all images share, and matches IT by the objects' outlines on a blank screen "
        "(`docs/untrained_it.md`). A higher score than a trained model's is no sign that training "
        f"harms.{sibling}"
    )


def _sibling(model: ResolvedModel, mark: str) -> str:
    """The same birth with other statistics, where there is one."""
    row = model.row
    base = model_without_seed(row.plain_identifier).removesuffix("_bn").removesuffix("_noise")
    name = f"{base}{mark}{f'_seed{row.seed}' if row.seed else ''}"
    return name if name in CATALOGUE and BIRTH_STATES[row.birth].needs != "images" else ""


def _seeds(model: ResolvedModel) -> str:
    row = model.row
    if row.birth in ("none", "pretrained") or model.reason:
        return ""
    base = model_without_seed(row.identifier)
    others = [
        name for name in CATALOGUE if name != row.identifier and model_without_seed(name) == base
    ]
    if not row.at_birth:  # births of all seeds can be sampled
        others = [name for name in others if not resolve(name).reason]
    if not others:
        return "One seed: how far another one's scores would be from these is not known."
    return (
        f"One seed of {len(others) + 1}: `{others[0]}` is another. Compare models over all seeds."
    )


def _architecture(model: ResolvedModel) -> str:
    if model.row.identifier == CORNET_AUTHORS:
        return (
            "It is the checkpoint that the CORnet authors published, another network than the "
            "paper's own standard model; how it was trained is as they state."
        )
    return architecture(model.row.architecture).limits


def _beyond(model: ResolvedModel) -> str:
    if model.row.recipe.get("feedback") == "skip_only":
        return (
            "Errors travel back through skip connections alone, another gradient than the "
            "paper's: it has no such model."
        )
    return (
        "The paper has no such model." if model.row.section in ("beyond", SIDE_EXPERIMENT) else ""
    )


def _no_brain_data(model: ResolvedModel, results: Sequence[Result]) -> list[str]:
    scored = [
        result.benchmark
        for result in chain.from_iterable(of_these_weights(model, results).values())
    ]
    if not scored or any(name in BENCHMARK_FILES for name in scored):
        return []
    return [
        "None of the scores above is of the paper's five benchmarks: they say nothing on its brain "
        "predictivity as the paper defines it."
    ]
