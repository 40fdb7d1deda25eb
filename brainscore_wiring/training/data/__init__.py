"""Training data: which labelled images a model is trained on, where they are read from, and how
each is cropped in which epoch.

Generated images are training data with a name: a module in this folder, or an extension, registers
what makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from brainscore_wiring import extensions, registry
from brainscore_wiring.arguments import path_of
from brainscore_wiring.errors import WiringError, nearest

if TYPE_CHECKING:
    from brainscore_wiring.training.data.training_data import TrainingData

#: Makes the training images and the held-out ones, or None for no held-out ones.
Maker = Callable[[], "tuple[TrainingData, TrainingData | None]"]
_MAKERS: dict[str, Maker] = {}


def register_training_data(name: str, maker: Maker) -> None:
    """Register what `maker` makes as `--data NAME`; raises `WiringError` for a taken name."""
    registry.add(_MAKERS, "sets of training data", name, maker)


def by_name() -> Mapping[str, Maker]:
    """Everything that is registered, by name."""
    registry.import_all(__name__)
    extensions.load_extensions()
    return _MAKERS


def open_training_data(
    data: str | Path, report: Callable[[str], None] = lambda sentence: None
) -> tuple[TrainingData, TrainingData | None]:
    """The training images and the held-out ones (or None) of a folder, an archive, or generated
    ones by name.

    Raises `WiringError` for what is none of them, with the names that are near.
    """
    known = by_name()
    if str(data) in known:
        if Path(data).exists():
            report(f"'{data}' are generated images; './{data}' names the one on disk")
        return _made(str(data), known[str(data)])
    from brainscore_wiring.formatting import listed
    from brainscore_wiring.training.data.archives import LAYOUT
    from brainscore_wiring.training.data.listing import training_and_held_out

    data = path_of("data", data)
    if not data.exists():
        near = nearest(str(data), known)
        raise WiringError(
            f"There is no folder or archive '{data}'"
            f"{f' (did you mean {listed(near)}?)' if near else ''}: {LAYOUT}, or the name of "
            f"generated images ({listed(sorted(known))})."
        )
    return training_and_held_out(data, report)


def _made(name: str, maker: Maker) -> tuple[TrainingData, TrainingData | None]:
    """What a maker makes, with None for no held-out images.

    Raises `WiringError` for what is no training data of this name, and where the first generated
    image has a wrong type, shape or range.
    """
    with extensions.calling(f"Making the training data '{name}'"):
        made = maker()
        if not (isinstance(made, tuple) and len(made) == 2):
            raise WiringError(
                f"What makes the training data '{name}' gave a {type(made).__name__}: it returns "
                "the training images and the held-out ones, or None for the latter."
            )
        from brainscore_wiring.training.data.generated import GeneratedImages

        training, held_out = made
        if training.name != name:
            raise WiringError(
                f"The training data '{name}' call themselves '{training.name}', which records "
                "keep: register them under the same name."
            )
        if isinstance(training, GeneratedImages):
            training.check()
        return training, held_out if held_out is not None and len(held_out) else None
