"""`brainscore export MODEL -o submission.zip`: models as Brain-Score's leaderboard takes them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brainscore_wiring.commands import completion, options
from brainscore_wiring.commands.console import line, out, working

if TYPE_CHECKING:
    from brainscore_wiring.submission.dry_run import Finding


def export(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL",
            help="Model identifiers or wiring checkpoint files.",
            autocompletion=completion.catalogue,
        ),
    ],
    output: Annotated[Path, options.output("The zip file to write.")],
    public_name: Annotated[
        str | None,
        typer.Option(
            "--as", help="The public identifier of a single model, where it is not the catalogue's."
        ),
    ] = None,
    weights_url: Annotated[
        str | None,
        typer.Option(
            help="Where weights larger than 5 MB will be fetched from: a folder in a bucket "
            "(s3://BUCKET/FOLDER), or its https address."
        ),
    ] = None,
    with_metadata: Annotated[
        bool,
        typer.Option(
            "--metadata/--no-metadata",
            help="Whether to describe models in a metadata.yaml; with one, a person has to read "
            "the pull request.",
        ),
    ] = True,
) -> None:
    """Write a submission to Brain-Score: plugin folders that run without this package, after a dry
    run of its checks.

    Refuses a model whose weights were not trained on what its public identifier promises.
    """
    from brainscore_wiring.submission.zip_file import export as write

    findings: list[Finding] = []
    try:
        with working("reading weights") as report:
            beside = write(
                models, output, public_name, weights_url, with_metadata, report, findings.append
            )
    finally:
        for model, checks in itertools.groupby(findings, lambda finding: finding.model):
            line(model or "the submission")
            for finding in checks:
                wrong = finding.problem
                line(f"  no   {finding.check}: {wrong}" if wrong else f"  yes  {finding.check}")
    size = output.stat().st_size / 1e6
    out.print(f"{output}: {size:,.1f} MB, all {len(findings)} checks passed.")
    for path, url in beside.items():
        out.print(f"Upload {path} to {url} before you submit it: nothing asked for it there yet.")
