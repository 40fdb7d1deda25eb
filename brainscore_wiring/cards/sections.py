"""On a card: what a model is, what is trained in it, and what that takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from brainscore_wiring.accounting import Account, parameter_count, standard_updates
from brainscore_wiring.architectures import BATCH_NORMS, architecture
from brainscore_wiring.architectures.layers import areas_of
from brainscore_wiring.cards.markdown import facts, paragraphs, table
from brainscore_wiring.catalogue.recipes import SIDE_EXPERIMENT
from brainscore_wiring.checkpoints.locate import evidence_of
from brainscore_wiring.checkpoints.resolve import ResolvedModel
from brainscore_wiring.formatting import evidence_in_words, genome_in_words, listed
from brainscore_wiring.weight_compression.births import BIRTH_STATES

#: More modules than this are named in groups.
LONGEST_LIST = 6


def what_it_is(model: ResolvedModel) -> str:
    """Architecture, birth, trainable set, and where the paper has it."""
    row, parameters, evidence = (
        model.row,
        parameter_count(model.row.architecture),
        evidence_of(model.row),
    )
    return facts(
        {
            "architecture": architecture(row.architecture).words
            + (f", {parameters:,} parameters" if parameters else ", nothing in it can be trained"),
            "initialised from": _initialised_from(model),
            "genome": "" if row.birth == "none" else genome_in_words(row, model.plan),
            "seed": "" if row.birth in ("none", "pretrained") else str(row.seed),
            "trained": _trained(model),
            "trained synapses": _synapses(model),
            "in the paper": _in_the_paper(model),
            "its authors' name for it": f"`{row.original_name}`" if row.original_name else "",
            "evidence": evidence_in_words(evidence) + "." if evidence else "",
        }
    )


def _initialised_from(model: ResolvedModel) -> str:
    row = model.row
    if row.continues:
        return f"the trained weights of `{row.continues}`"
    if not BIRTH_STATES[row.birth].sampled:
        return "" if row.birth == "none" else BIRTH_STATES[row.birth].words
    birth = BIRTH_STATES[row.birth]
    if row.compressed == areas_of(birth.fitted_to):
        compressed, rest = "all layers", ""
    else:
        compressed, rest = listed(row.compressed), "; Kaiming Normal above"
    born = f"{birth.words}: {compressed}"
    norms = (
        "all batch norms"
        if "" in row.default_norms
        else "batch norms " + ", ".join(f"`{name}*`" for name in row.default_norms)
    )
    return born + rest + (f"; {norms} at gamma 1, beta 0" if row.default_norms else "")


def _trained(model: ResolvedModel) -> str:
    row = model.row
    if row.at_birth:
        return "nothing"
    trained, words = architecture(row.architecture).trainable_set(row.trained), row.trained_words
    if trained is None:
        return words
    modules = trained.modules
    names = {"": "the whole network", BATCH_NORMS: "every batch norm"}
    parts = (
        [names.get(module, f"`{module}`") for module in modules]
        if len(modules) <= LONGEST_LIST
        else _grouped(modules)
    )
    return words if modules == ("",) else f"{words}: {listed(parts)}"


def _grouped(modules: Sequence[str]) -> list[str]:
    """Modules by their names within blocks: `conv3` and `bn3` of layer1.0, layer1.1, ..."""
    blocks_of: dict[str, list[str]] = {}
    for module in modules:
        block, _, name = module.rpartition(".")
        blocks_of.setdefault(name, []).append(block)
    names_in: dict[tuple[str, ...], list[str]] = {}
    for name, blocks in blocks_of.items():
        names_in.setdefault(tuple(blocks), []).append(f"`{name}`")
    return [
        listed(names) + (f" of {', '.join(blocks)}" if any(blocks) else "")
        for blocks, names in names_in.items()
    ]


def _synapses(model: ResolvedModel) -> str:
    if model.row.at_birth or model.plan is None:
        return ""
    plan, whole = model.plan, parameter_count(model.row.architecture)
    share = f"{plan.trained_synapses_true:,} ({plan.trained_synapses_true / whole:.1%} of all)"
    if plan.trained_synapses_paper == plan.trained_synapses_true:
        return share
    return f"{plan.trained_synapses_paper:,} as the paper counts; all trained parameters: {share}"


def _in_the_paper(model: ResolvedModel) -> str:
    row = model.row
    if row.section == "beyond":
        return "no, it goes beyond the paper"
    if row.section == SIDE_EXPERIMENT:
        return "no, it is a side experiment of the authors"
    section = f"{'section' if row.section.isdigit() else 'appendix'} {row.section}"
    panels = [panel for panel in row.figure.split(";") if panel not in ("none", "2text")]
    figures = f"figure{'s' * (len(panels) > 1)} {listed(panels)}" if panels else ""
    counted = "one of the ten births in the text on figure 2" if "2text" in row.figure else ""
    return "; ".join(
        filter(None, [section, figures, counted or ("" if figures else "in no figure")])
    )


def account_section(model: ResolvedModel) -> str:
    """What development takes: planned by the row, and for the weights here."""
    plan = model.plan
    if plan is None:
        return model.uncounted
    columns = {"at birth" if model.row.at_birth else "the recipe (planned)": plan}
    if model.record:
        trained = model.record.account
        columns = (
            {"at birth": trained}
            if model.row.at_birth
            else {**columns, f"the weights here ({trained.status})": trained}
        )
    rows = {
        name: [text(account) for account in columns.values()] for name, text in _ACCOUNT.items()
    }
    lines = [[name, *texts] for name, texts in rows.items() if any(texts)]
    counted = table(["", *columns], lines, numbers=len(columns))
    return paragraphs(counted, _how_counted(model, plan))


def _share(account: Account) -> str:
    share = account.supervised_synaptic_updates / standard_updates()
    return f"{100 * share:.3g} %" if account.supervised_updates else ""


#: What an account says, line by line; a line that says nothing in any column is left out.
_ACCOUNT: dict[str, Callable[[Account], str]] = {
    "labelled images": lambda account: (
        f"{account.labelled_images:,}" if account.supervised_updates else ""
    ),
    "epochs": lambda account: f"{account.epochs:g}" if account.supervised_updates else "",
    "supervised updates": lambda account: f"{account.supervised_updates:,}",
    "supervised synaptic updates, as the paper counts": lambda account: (
        f"{account.supervised_synaptic_updates:,}"
    ),
    "supervised synaptic updates, all trained parameters": lambda account: (
        f"{account.supervised_synaptic_updates_true:,}"
    ),
    "share of standard training's, as the paper counts": _share,
    "unlabelled images for batch-norm statistics": lambda account: (
        f"{account.unlabelled_images:,}" if account.unlabelled_images else ""
    ),
    "noise images for batch-norm statistics": lambda account: (
        f"{account.noise_images:,}" if account.noise_images else ""
    ),
    "numbers in the genome": lambda account: (
        f"{account.genome_numbers:,}" if account.genome_numbers else ""
    ),
    "score on `Geiger2022-supervised_synaptic_updates`": lambda account: f"{account.value:.3f}",
}


def _how_counted(model: ResolvedModel, plan: Account) -> str:
    row = model.row
    if row.at_birth:
        return ""
    said = [
        "A supervised update is one labelled image shown once; supervised synaptic updates are "
        "those times the trained synapses."
    ]
    if plan.trained_synapses_paper < plan.trained_synapses_true:
        gammas = BIRTH_STATES[row.birth].sampled and architecture(row.architecture).attached_norms
        said.append(
            "The paper counts the weights of convolutions and leaves the decoder out"
            + (
                "; in models initialised from a genome it adds the gammas of the batch norms "
                "beside them."
                if gammas
                else "."
            )
        )
    if row.continues:
        said.append(f"The training of `{row.continues}` before it is counted too.")
    if model.weights is None:
        said.append("Planned: this is what the recipe would take; no weights of it are here.")
    return " ".join(said)
