"""`brainscore birth MODEL -o FILE`: the weights of a model before any experience."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brainscore_wiring.catalogue import variant
from brainscore_wiring.commands import completion, options
from brainscore_wiring.commands.console import out, working
from brainscore_wiring.downloads import digest
from brainscore_wiring.files import check_output


def birth(
    model: Annotated[
        str, typer.Argument(help="A model identifier.", autocompletion=completion.catalogue)
    ],
    output: Annotated[Path, options.output("The safetensors file to write.")],
    genome: options.Genome = None,
    seed: options.OtherSeed = None,
) -> None:
    """Sample a model's birth state and write its state dict; prints the file's SHA-256.

    A file of a model at birth says its genome and seed: `brainscore score --model FILE` scores it.
    The same on every machine for a genome file; the authors' folder has its Gabor mixture refitted
    when it is read.
    """
    from brainscore_wiring.checkpoints.initial_weights import write_birth

    row = variant(model)
    check_output(output)
    with working(f"sampling {model}"):
        write_birth(output, row, seed, genome)
    out.print(f"{digest(output)}  {output}")
