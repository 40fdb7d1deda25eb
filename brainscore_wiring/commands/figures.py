"""`brainscore figures -o FOLDER`: the paper's nine figures from published or own scores. `figures
2B GENOME` draws a genome, `figures learning SWEEP` a sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import percentage, say, say_path, working
from brainscore_wiring.errors import WiringError, WrongUsage, nearest, unknown
from brainscore_wiring.files import check_output

if TYPE_CHECKING:
    from brainscore_wiring.paper.plotting import Page
    from brainscore_wiring.scoring.points import Scores
    from brainscore_wiring.weight_compression.genome import Genome


def _is_typed(context: typer.Context, name: str) -> bool:
    found = context.get_parameter_source(name)
    return found is not None and found.name == "COMMANDLINE"


NUMBERS = [str(number) for number in range(1, 10)]
CORNET_AUTHORS, OWN = "published", "own"


class Figures(TyperGroup):
    """The figures by name; another name is refused with the nearest ones."""

    def resolve_command(self, context, arguments):
        number = arguments[0][:1]
        if number in NUMBERS and arguments[0].upper() not in self.commands:
            raise WrongUsage(
                f"Figures are asked for by --figure: `brainscore figures --figure {number} -o "
                "FOLDER`."
            )
        if self.get_command(context, arguments[0]) is None and not arguments[0].startswith("-"):
            raise unknown("figure", arguments[0], self.commands, "brainscore figures --help")
        return super().resolve_command(context, arguments)


app = typer.Typer(cls=Figures)


@app.callback(invoke_without_command=True)
def figures(
    context: typer.Context,
    output: Annotated[Path | None, options.output("The folder for pictures and pages.")] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            help="A figure's number, 1 to 9; may be given several times. Without it all nine and "
            "the table of claims."
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="published|own",
            help="The authors' published scores (default), or own result tables.",
        ),
    ] = None,
    scores: Annotated[
        list[Path] | None,
        typer.Option(
            help="An own table that `brainscore score --csv` wrote; may be given several times. "
            "Implies --from own."
        ),
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Draw the networks of this own table as stars among the published ones, where "
            "they were scored on the same benchmarks; may be given several times.",
        ),
    ] = None,
    training_data: Annotated[
        str | None,
        typer.Option(
            help="Of own scores on several data sets, the one whose standard model is 100 %.",
        ),
    ] = None,
) -> None:
    """Figures 1 to 9 of the paper, as SVG and PNG, each with a page that sets the paper's claims
    beside the scores.
    """
    if context.invoked_subcommand is not None:
        given = [name for name in context.params if _is_typed(context, name)]
        if given:
            raise WrongUsage(
                f"--{given[0].replace('_', '-')} stands before {context.invoked_subcommand}, which "
                "has options of its own: give them behind it."
            )
        return
    numbers, kind = _numbers(figure), _kind(source, scores, training_data, add)
    if output is None:
        raise WrongUsage("Where do the figures go? Give a folder: `brainscore figures -o FOLDER`.")

    check_output(output / f"figure_{numbers[0]}.svg")
    from brainscore_wiring.paper.figures.paper_figures import write_figures

    with working("reading the scores") as report:
        written, skipped = write_figures(
            _scores(kind, scores or [], training_data, add or [], report), output, numbers, report
        )
    for path in written:
        say_path(path)
    for number, sentence in skipped.items():
        say(f"Figure {number} is not drawn: {sentence}.")
    if skipped and (figure or not written):
        raise typer.Exit(1)


def _numbers(asked: list[str] | None) -> list[int]:
    """The numbers of the figures that are asked for, in the paper's order."""
    for name in asked or []:
        if name not in NUMBERS:
            whole = name[:1] if name[:1] in NUMBERS and name[1:].isalpha() else ""
            raise WrongUsage(
                f"There is no figure '{name}': "
                + (
                    f"panels come with their figure, `--figure {whole}`."
                    if whole
                    else "the paper has figures 1 to 9."
                )
            )
    return sorted({int(name) for name in asked or NUMBERS})


def _kind(
    source: str | None, tables: list[Path] | None, training_data: str | None, add: list[Path] | None
) -> str:
    kind = source or (OWN if tables else CORNET_AUTHORS)
    if kind not in (CORNET_AUTHORS, OWN):
        raise WrongUsage(
            f"Figures are drawn from {CORNET_AUTHORS} or {OWN} scores, not from '{kind}'."
        )
    if kind == OWN and add:
        raise WrongUsage(
            "--add draws own networks among published ones: leave out --from own and --scores."
        )
    if kind == OWN and not tables:
        raise WrongUsage(
            "Own scores come from tables: add `--scores FILE`, a file that `brainscore score --csv "
            "FILE` wrote."
        )
    if kind == CORNET_AUTHORS and (tables or training_data is not None):
        raise WrongUsage(
            f"{'--scores' if tables else '--training-data'} is of own scores: give `--from own`."
        )
    return kind


def _scores(
    kind: str,
    tables: list[Path],
    training_data: str | None,
    add: list[Path],
    report: Callable[[str], None],
) -> Scores:
    if kind == OWN:
        from brainscore_wiring.paper.own_scores import own

        return own(tables, training_data)
    if add:
        from brainscore_wiring.paper.own_scores import with_added

        scores, left_out = with_added(add)
        for sentence in left_out:
            say(sentence)
        return scores
    from brainscore_wiring.public_files import fetch
    from brainscore_wiring.scoring.published_scores import PRIVATE, published

    return published(path=fetch(PRIVATE, percentage(f"fetching {PRIVATE}", report)))


@app.command("2B", short_help="Draw what a genome says, and sampled filters.")
def figure_2b(
    genome: Annotated[
        str,
        typer.Argument(
            help="A genome file, a folder with the paper authors' parameter files, or a model "
            "initialised from a genome."
        ),
    ],
    output: Annotated[Path, options.output("The folder for the pictures.")],
    weights: Annotated[
        str | None,
        typer.Option(
            help="A checkpoint file of a trained network, or cornet_s_imagenet, to draw sampled "
            "weights against."
        ),
    ] = None,
) -> None:
    """What a genome says: first-layer kernels, cluster centres and shares; with --weights against a
    trained network.
    """
    from brainscore_wiring.paper.figures.genome_pictures import draw_genome
    from brainscore_wiring.paper.plotting import save_figure

    check_output(output / "2B.svg")
    with working(f"drawing the genome {genome}") as report:
        read = _genome(genome)
        pages = {} if weights is None else _against(read, weights, report)
        pages["2B"] = draw_genome(read)
        paths = [
            path for name, page in sorted(pages.items()) for path in save_figure(page, output, name)
        ]
    for path in paths:
        say_path(path)


@app.command("learning", short_help="Draw learning curves of a sweep.")
def figure_learning(
    sweep: Annotated[
        Path, typer.Argument(help="The folder of a sweep that has left its sweep.csv.")
    ],
    output: Annotated[Path, options.output("The folder for pictures, page and table.")],
    scores: Annotated[
        Path | None,
        typer.Option(
            help="A file that `brainscore score --csv` wrote for models of the sweep, to show "
            "their scores too."
        ),
    ] = None,
) -> None:
    """Learning curves of a sweep: figures 1A, 4A and 4B with held-out accuracy, and a page that
    says what they show.
    """
    from brainscore_wiring.paper.learning.curves import write_learning

    for name in ("learning.svg", "learning.png", "learning.md", "learning.csv"):
        check_output(output / name)
    with working(f"drawing the sweep {sweep}"):
        paths = write_learning(sweep, output, scores)
    for path in paths:
        say_path(path)


def _genome(given: str) -> Genome:
    """The genome in a file or folder, or the one that a model is initialised from."""
    from brainscore_wiring.checkpoints.initial_weights import birth_of, read_genome
    from brainscore_wiring.weight_compression.births import FITTED

    if given not in CATALOGUE:
        if not Path(given).exists():
            close = nearest(given, [name for name, row in CATALOGUE.items() if row.compressed])
            raise WiringError(
                f"There is no genome '{given}': give a file that `brainscore compress CHECKPOINT "
                f"-o GENOME` wrote, or a model such as {' or '.join(close or ['cornet_s_wc'])}."
            )
        return read_genome(given)
    birth = birth_of(CATALOGUE[given])
    genome = birth.genome
    if genome is not None and genome.architecture != FITTED:
        raise WrongUsage(
            f"{given} is initialised from the genome of a {FITTED}: draw that, such as cornet_s_wc."
        )
    if genome is None:
        raise WrongUsage(
            f"{given} is not initialised from a genome: give a model that is, such as cornet_s_wc."
        )
    return replace(genome, layers=birth.entries)


def _against(genome: Genome, weights: str, report: Callable[[str], None]) -> dict[str, Page]:
    """Draw sampled against trained weights; a network that the genome was not fitted to is said to
    be one.
    """
    from brainscore_wiring.checkpoints.locate import CORNET_AUTHORS
    from brainscore_wiring.checkpoints.state_dicts import read_state_dict
    from brainscore_wiring.paper.figures.sampled_against_trained import (
        compare_convolutions,
        draw_distributions,
        draw_filters,
    )
    from brainscore_wiring.weight_compression.birth import fingerprint_of

    if weights == CORNET_AUTHORS:
        from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, fetch

        weights = str(
            fetch(CORNET_S_CHECKPOINT, percentage(f"fetching {CORNET_S_CHECKPOINT}", report))
        )
    report(f"reading {weights}")
    state = read_state_dict(weights, genome.architecture)
    found, fitted = fingerprint_of(state), genome.source.get("fingerprint")
    trained_on = f"{Path(weights).name}, fingerprint {found}"
    if fitted is None:
        trained_on += "; the genome does not say what it was fitted to"
    elif fitted != found:
        trained_on += f"; the genome was fitted to another network, {fitted}"
        say(
            f"The genome was fitted to the network {fitted}, '{weights}' holds {found}: the "
            "pictures say so."
        )
    comparisons = compare_convolutions(
        genome, {name: value.numpy() for name, value in state.items()}, report
    )
    pages = {"2B_weights": draw_distributions(comparisons, trained_on)}
    if not all(comparison.layer.pointwise for comparison in comparisons):
        pages["2B_filters"] = draw_filters(comparisons, trained_on)
    return pages
