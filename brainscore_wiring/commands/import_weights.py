"""`brainscore import-weights FILE --as MODEL`: weights that others trained become a model of this
machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brainscore_wiring.catalogue import variant
from brainscore_wiring.commands import options
from brainscore_wiring.commands.console import out, working
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import check_output


def import_weights(
    file: Annotated[
        Path, typer.Argument(help="A PyTorch or safetensors file, such as the authors' .pth.tar.")
    ],
    model: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="MODEL",
            help="The model that the weights are; you state its "
            "recipe, and the record says that you do.",
        ),
    ],
    training_data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The data set that was trained on, for models whose name does not promise "
            "ImageNet.",
        ),
    ] = None,
    images: Annotated[
        int | None, typer.Option(min=1, help="How many of its images, if not the model's.")
    ] = None,
    epochs: Annotated[
        float | None, typer.Option(help="How many epochs, if not the model's.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="Which of several state dicts in the file, such as `state_dict_ema` for averaged "
            "weights."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        options.output("Another place than the weight store, where the model loads by its name."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over a checkpoint that is there.")
    ] = False,
) -> None:
    """Make a wiring checkpoint of weights that others trained; nothing in their file is run."""
    from brainscore_wiring import folders

    row = variant(model)
    place = output or folders.weight_store() / f"{model}.safetensors"
    check_output(place)
    if place.exists() and not replace:
        raise WiringError(
            f"'{place}' is there already: add --replace to write over it, or -o FILE for another "
            "place."
        )
    with working(f"reading {file}"):
        from brainscore_wiring.checkpoints import imports

        imported = imports.import_weights(
            file, row, place, training_data=training_data, images=images, epochs=epochs, key=key
        )
    for line in (
        f"{place}: {model}, fingerprint {imported.fingerprint}.",
        f"Imported from {file.name}, SHA-256 {imported.sha256}.",
        f"float16 changed no parameter tensor by more than {imported.change:.2%} "
        f"({imported.changed_most}).",
        *imported.notes,
        f"`brainscore score --model {output or model}` scores it.",
    ):
        out.print(line)
