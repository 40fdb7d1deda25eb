"""What a number of a model does not stand for: the sentences under "Limits" on its card."""

from __future__ import annotations

from brainscore_wiring.cards.known import Known
from brainscore_wiring.cards.reproduce import followed
from brainscore_wiring.cards.scores import of_these_weights
from brainscore_wiring.architectures import architecture
from brainscore_wiring.architectures.layers import has_batch_norms
from brainscore_wiring.catalogue import BIRTH_SEEDS, CATALOGUE
from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.checkpoints.store import PUBLISHED, imported_from, stored_record, why_not_loadable
from brainscore_wiring.scoring.summary import model_without_seed
from brainscore_wiring.sentences import diet_in_words
from brainscore_wiring.weight_compression.births import BIRTH_STATES

#: How the names of the paper's five benchmarks, and of their mean, begin.
PAPER_BENCHMARKS = ("FreemanZiemba2013", "MajajHong2015", "Rajalingham2018", "Geiger2022-brain_predictivity")


def limits(known: Known) -> list[str]:
    """One sentence each, those that matter most first."""
    return [sentence for limit in (_cannot_be_built, _nothing_here, _small_diet, _continued, _imported, _size, _genome,
                                   _statistics, _seeds, _architecture, _beyond, _no_brain_data)
            for sentence in [limit(known)] if sentence]


def _cannot_be_built(known: Known) -> str:
    return f"This package cannot build it. {known.row.needs}" if known.row.needs else ""


def _nothing_here(known: Known) -> str:
    if known.row.needs or not known.reason:
        return ""
    return "No weights of it are on this machine" + (": its account is a plan." if not known.row.at_birth else ".")


def _small_diet(known: Known) -> str:
    """That weights which saw less than the recipe asks for are another model."""
    if not known.weights or known.row.at_birth:
        return ""
    record = known.weights.record
    learned = f"Its weights learned from {diet_in_words(record)}"
    if followed(known):
        return f"{learned}; the authors' {known.row.images:,} images were others." if known.row.images < FULL else ""
    return (f"{learned}, not from the {known.row.epochs:g} x {known.row.images:,} ImageNet images that its recipe asks "
            "for: no score of theirs stands for the paper's model, none is comparable with the paper's percentages.")


def _continued(known: Known) -> str:
    """What it goes on from where the weights of that model are of another diet than the recipe's."""
    start = known.row.continues
    if not start or not known.reason or why_not_loadable(CATALOGUE[start]):
        return ""
    return (f"A training here would go on from the weights of `{start}` on this machine, which learned from "
            f"{diet_in_words(stored_record(CATALOGUE[start]))}.")


def _imported(known: Known) -> str:
    record = known.weights.record if known.weights else None
    return f"The weights were {imported_from(record)}; {record['imported']['stated']}." if imported_from(record) else ""


def _size(known: Known) -> str:
    size = known.weights.record["diet"].get("image_size") if known.weights and not known.row.at_birth else None
    shown = known.commitment.preprocessing.image_size
    return (f"It learned at {size} px and is scored at {shown} px, where an object covers {shown / size:.2g} times as "
            "many pixels across." if size and size != shown else "")


def _genome(known: Known) -> str:
    """That a genome knows what the network that it was fitted on had learned."""
    genome = known.genome
    if known.row.needs or not genome or genome.get("diet") in (None, "ImageNet-1k"):
        return ""
    if genome.get("stated"):
        return "What its genome was fitted on is not known."
    network = genome.get("trained_as", "cornet_s")
    return (f"Its genome was fitted on a `{network}` that had learned from {genome['diet']}, the paper's on one that "
            "had learned from ImageNet; what that network learned from labels is in none of these counts, nor in the "
            "paper's.")


def _statistics(known: Known) -> str:
    row = known.row
    if row.birth == "none" or known.reason or not row.at_birth:
        return ""
    if not has_batch_norms(row.architecture):
        return ""
    if row.unlabelled_images:
        return (f"Its batch-norm statistics come from {row.unlabelled_images} unlabelled images, so it has seen "
                f"something: `{_sibling(known, '')}` has not." if _sibling(known, "") else
                f"It has looked at {row.unlabelled_images} unlabelled images, so it has seen something.")
    if row.noise_images:
        return "Its batch-norm statistics come from noise that it is given when it is loaded: it has seen nothing."
    sibling = f" `{_sibling(known, '_bn')}` has measured ones." if _sibling(known, "_bn") else ""
    if row.architecture != "cornet_s":
        return f"Its batch-norm statistics are a newborn's, 0 and 1.{sibling}"
    return ("Its batch-norm statistics are a newborn's, 0 and 1: deep activity is dominated by what all images share, "
            "and matches IT by the objects' outlines on a blank screen (`docs/untrained_it.md`). A higher score than "
            f"a trained model's is no sign that training harms.{sibling}")


def _sibling(known: Known, mark: str) -> str:
    """The same birth with other statistics, where there is one."""
    row = known.row
    base = model_without_seed(row.identifier).removesuffix("_imagenet").removesuffix("_bn").removesuffix("_noise")
    name = f"{base}{mark}{f'_seed{row.seed}' if row.seed else ''}"
    return name if name in CATALOGUE and BIRTH_STATES[row.birth].needs != "images" else ""


def _seeds(known: Known) -> str:
    row = known.row
    if row.birth in ("none", "pretrained") or known.reason:
        return ""
    base = model_without_seed(row.identifier)
    others = [name for seed in BIRTH_SEEDS if seed != row.seed
              for name in [f"{base}_seed{seed}" if seed else base] if name in CATALOGUE]
    if row.at_birth and others:
        return (f"One seed of {len(others) + 1}: `{others[0]}` is another. How birth states differ can be told from "
                "all of them alone.")
    return "One seed: how far another one's scores would be from these is not known."


def _architecture(known: Known) -> str:
    if known.row.identifier == PUBLISHED:
        return ("It is the checkpoint that the CORnet authors published, another network than the paper's own standard "
                "model; how it was trained is as they state.")
    return architecture(known.row.architecture).limits


def _beyond(known: Known) -> str:
    if known.row.recipe.get("feedback") == "skip_only":
        return ("Errors travel back through skip connections alone, another gradient than the paper's: it has no such "
                "model.")
    return "The paper has no such model." if known.row.section == "beyond" else ""


def _no_brain_data(known: Known) -> str:
    scored = [result.benchmark for results in of_these_weights(known).values() for result in results]
    if not scored or any(name.startswith(PAPER_BENCHMARKS) for name in scored):
        return ""
    return ("The paper's five benchmarks are not among the scores above, whose benchmarks are others: they say nothing "
            "on its brain predictivity as the paper defines it.")
