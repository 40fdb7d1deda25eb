"""The visual diet: which labelled images a model is shown, where they are read from, and what each
looks like when.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

#: The name that stands for generated images in place of a folder or archive.
VISUAL_ATOMS = "visual-atoms"


def open_diet(
    data: str | Path, report: Callable[[str], None] = lambda sentence: None
) -> tuple[Any, Any]:
    """The training images and the held-out ones (or None) of a folder, an archive, or the generated
    `visual-atoms`.
    """
    if str(data) == VISUAL_ATOMS:
        from brainscore_wiring.training.diet.visual_atoms import visual_atoms

        return visual_atoms()
    from brainscore_wiring.training.diet.listing import training_and_held_out

    return training_and_held_out(data, report)
