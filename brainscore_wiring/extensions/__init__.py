"""Your own architectures, birth states, trainable sets, benchmarks and training data.

One Python file each, found without editing the package. Every module in the folders that the
environment variable `BRAINSCORE_WIRING_EXTENSIONS` names (separated as in `PATH`) is a module of
this package, as is every file put here. A benchmark is a folder in their folder `benchmarks`, which
is imported when the benchmark is loaded, because that needs Brain-Score. `docs/extending.md` walks
through what such a file holds.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from brainscore_wiring.errors import WiringError
from brainscore_wiring.registry import import_all

VARIABLE = "BRAINSCORE_WIRING_EXTENSIONS"
#: Ignored in a submission, which contains the extensions that it needs.
_NAMED = os.environ.get(VARIABLE, "") if __name__ == "brainscore_wiring.extensions" else ""
_FOLDERS = [str(Path(folder).expanduser()) for folder in _NAMED.split(os.pathsep) if folder]
__path__ = [*__path__, *_FOLDERS]


def folders() -> list[Path]:
    """The folders with extensions; raises `WiringError` for one that is not there."""
    for folder in _FOLDERS:
        if not Path(folder).is_dir():
            raise WiringError(
                f"{VARIABLE} names '{folder}', which is no folder: correct it or unset "
                "the variable."
            )
    return [Path(folder) for folder in _FOLDERS]


@functools.cache
def load_extensions() -> None:
    """Import all extensions but benchmarks, once.

    Raises `WiringError` for a folder that is not there or a file that fails.
    """
    folders()
    try:
        import_all(__name__)
    except WiringError:
        raise
    except Exception as error:
        raise WiringError(
            f"An extension in {', '.join(_FOLDERS) or __path__[0]} cannot be imported "
            f"({type(error).__name__}: {error})."
        ) from error
