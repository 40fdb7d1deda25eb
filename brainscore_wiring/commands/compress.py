"""`brainscore compress CHECKPOINT -o GENOME`: a trained CORnet-S becomes a genome (paper, section 4
and appendix B).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brainscore_wiring.catalogue import BIRTH_IMAGES
from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import out, percentage, print_json, whole_table, working
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.files import check_output
from brainscore_wiring.weight_compression.births import BIRTH_STATES

#: The birth whose genome is fitted to a CORnet-S unless another one is asked for.
DEFAULT = "weight_compression"

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from brainscore_wiring.training.data.images import LabelledImages
    from brainscore_wiring.weight_compression.fits import FitOptions
    from brainscore_wiring.weight_compression.genome import Genome


def _births() -> str:
    """The births of this package that can be fitted, the paper's first."""
    paper, beyond = (
        [
            birth.name
            for birth in BIRTH_STATES.values()
            if birth.fitted and bool(birth.identifier) == further
        ]
        for further in (False, True)
    )
    paper.sort(key=lambda name: name != DEFAULT)
    return (
        f"{', '.join(paper)} (by default the first); beyond the paper: {', '.join(beyond)}; or an "
        "extension's."
    )


def compress(
    checkpoint: Annotated[
        str,
        typer.Argument(
            help="A checkpoint file of a trained CORnet-S, cornet_s_imagenet for the CORnet "
            "authors' (downloaded), another trained model such as mobilenet, or a "
            "folder with the parameter files of the paper's authors."
        ),
    ],
    output: Annotated[
        Path | None,
        options.output(
            "The genome file to write; by default the weight store, for cornet_s_imagenet and "
            "for a birth state that the package has no genome of."
        ),
    ] = None,
    birth: Annotated[str | None, typer.Option("--as", metavar="BIRTH", help=_births())] = None,
    clusters: Annotated[
        list[str] | None,
        typer.Option(
            metavar="paper|elbow|LAYER=N",
            help="Numbers of clusters: the paper's, those at the elbow, or that of one "
            "layer; may be repeated.",
        ),
    ] = None,
    gabor_components: Annotated[
        str | None,
        typer.Option(
            metavar="N|bic",
            help="Components of V1.conv1's mixture: 4 as in the paper, another number, or chosen "
            "by the Bayesian information criterion.",
        ),
    ] = None,
    noise: Annotated[
        str | None,
        typer.Option(
            metavar="code|text",
            help="Noise within a cluster: the measure of the authors' code, or of the paper's "
            "text.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Images, one folder per class: births that need images use 128 of them, "
            "unlabelled."
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Fit a genome to a trained network and say what it keeps of each layer."""
    published = Path(checkpoint).is_dir()
    output = output or _place(checkpoint, birth)
    check_output(output)
    choices = _choices(clusters, gabor_components, noise)
    if published and (birth or clusters or noise or data):
        raise WrongUsage(
            "The authors' files hold clusters and Gabors that were fitted already: only "
            "--gabor-components can be chosen."
        )
    with working(f"reading {checkpoint}") as report:
        genome = (
            _authors_genome(Path(checkpoint), choices)
            if published
            else _fitted(checkpoint, birth, choices, data, report)
        )
        genome.write(output)
    _show(genome, output, as_json)


def _place(checkpoint: str, birth: str | None) -> Path:
    """Where a genome goes that was given no place: into the weight store, where it is looked up;
    raises `WrongUsage` for one that would stand beside a packaged genome there.
    """
    from brainscore_wiring.checkpoints.locate import (
        CORNET_AUTHORS,
        imagenet_genome,
        own_genome,
        packaged_genome,
    )
    from brainscore_wiring.weight_compression.fits import compression

    if checkpoint == CORNET_AUTHORS:
        return imagenet_genome(birth or DEFAULT)
    if birth is None or packaged_genome(compression(birth).name).is_file():
        raise WrongUsage("The genome needs a place: add -o GENOME.json.")
    return own_genome(birth)


def _choices(
    clusters: list[str] | None, gabor_components: str | None, noise: str | None
) -> FitOptions:
    """The options of the fit; raises `WrongUsage` for words that are none."""
    from brainscore_wiring.weight_compression.births.weight_compression import GABOR_COMPONENTS
    from brainscore_wiring.weight_compression.fits import FitOptions

    numbers, elbow = {}, False
    for word in clusters or []:
        layer, equals, number = word.partition("=")
        if equals and number.isdecimal():
            numbers[layer] = int(number)
        elif word in ("paper", "elbow"):
            elbow = word == "elbow"
        else:
            raise WrongUsage(
                "--clusters takes paper, elbow, or a layer's number such as V2.conv2=6, not "
                f"'{word}'."
            )
    components = gabor_components or str(GABOR_COMPONENTS)
    if components != "bic" and not components.isdecimal():
        raise WrongUsage(f"--gabor-components takes a number or bic, not '{components}'.")
    return FitOptions(
        numbers, elbow, None if components == "bic" else int(components), noise or "code"
    )


def _authors_genome(folder: Path, choices: FitOptions) -> Genome:
    from brainscore_wiring.training.run_folder import CHECKPOINT
    from brainscore_wiring.weight_compression.published import read_published

    if (folder / CHECKPOINT).is_file():
        raise WrongUsage(
            f"'{folder}' is a folder: name the network in it, `brainscore compress "
            f"{folder / CHECKPOINT}`."
        )
    return read_published(folder, choices.seed, choices.gabor_components)


def _fitted(
    checkpoint: str,
    birth: str | None,
    choices: FitOptions,
    data: Path | None,
    report: Callable[[str], None],
) -> Genome:
    """The genome of a checkpoint file, or of the CORnet authors' own."""
    from brainscore_wiring.checkpoints.state_dicts import architecture_of, state_and_source
    from brainscore_wiring.weight_compression.fits import compression, default_compression
    from brainscore_wiring.weight_compression.fitting import check_options, fit_genome

    birth = birth or default_compression(architecture_of(checkpoint))
    described = compression(birth)
    if Path(checkpoint).suffix == ".json":
        raise WrongUsage(
            f"'{checkpoint}' looks like a genome: name the checkpoint file of a trained network "
            "instead."
        )
    if (described.align is not None) != (data is not None):
        raise WrongUsage(
            f"{birth} is fitted to weights and images: add --data DIR."
            if described.align
            else f"{birth} is fitted to the weights alone: leave --data out."
        )
    check_options(birth, choices)
    images = _unlabelled(data) if data else None
    state, source = state_and_source(checkpoint, percentage(f"fetching {checkpoint}", report))
    genome = fit_genome(state, source=source, birth=birth, choices=choices, report=report)
    if described.align and images:
        report("aligning channels with activity")
        genome = described.align(genome, state, _batches(images))
    return genome


def _unlabelled(data: Path) -> LabelledImages:
    """The images that channels are aligned on: 128 of the folder's, sampled with seed 0, or all
    where there are fewer.
    """
    from brainscore_wiring.training.data.listing import training_and_held_out

    images, _ = training_and_held_out(data)
    return images.subset(min(BIRTH_IMAGES, len(images)), seed=0)


def _batches(images: LabelledImages) -> Iterator[Tensor]:
    """Unlabelled images as the network expects them, (32, 3, 224, 224) at a time."""
    from brainscore_wiring.training.data.batches import batches

    return (batch for batch, _ in batches(images.plain_view(image_size=224), batch_size=32))


def _show(genome: Genome, output: Path, as_json: bool) -> None:
    from brainscore_wiring.weight_compression.genome_table import genome_table_in_words, layer_rows

    rows = layer_rows(genome)
    if as_json:
        print_json(rows)
        return
    from rich.table import Table

    table = Table(show_footer=True, box=None, padding=(0, 1, 0, 0))
    totals = [
        f"{sum(row[key] for row in rows):,}" for key in ("stored_numbers", "true_numbers", "bits")
    ]
    for heading, footer in zip(
        ("Layer", "Entry", "Parts", "Stored", "True", "Bits", "Unexplained"),
        ("all", "", "", *totals, ""),
    ):
        table.add_column(
            heading,
            footer,
            justify="left" if heading in ("Layer", "Entry") else "right",
            no_wrap=True,
        )
    for row in rows:
        share = row["unexplained_variance"]
        table.add_row(
            row["layer"],
            row["kind"].replace("_", " "),
            "" if row["parts"] is None else f"{row['parts']:,}",
            f"{row['stored_numbers']:,}",
            f"{row['true_numbers']:,}",
            f"{row['bits']:,}",
            "n/a" if share is None else f"{share:.1%}",
        )
    whole_table(table)
    out.print(
        "Parts: clusters or components. Stored: as the paper counts; true: what is needed, in 32 "
        "bits each. Unexplained: share of the trained weights' variance.",
    )
    out.print(
        f"{output}: {genome_table_in_words(genome)}; SHA-256 {genome.sha256()}.",
    )
