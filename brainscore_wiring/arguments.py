"""What public functions are given, as plain values: numpy's numbers become Python's, one name
stands for a list of one, and a part of a name for all that have it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from fnmatch import fnmatch
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from typing import Any

from brainscore_wiring.errors import WrongUsage, shortened, unknown

#: Seeds are whole numbers from 0 to this one.
LARGEST_SEED = 2**32 - 1


def real_number(name: str, given: Any) -> int | float:
    """A number as Python's own; raises `WrongUsage` for anything else.

    >>> real_number("epochs", 2), real_number("epochs", 0.5)
    (2, 0.5)
    """
    if not isinstance(given, Real) or isinstance(given, bool):
        raise WrongUsage(f"{name}={shortened(repr(given), 80)} was given: it takes a number.")
    return int(given) if isinstance(given, Integral) else float(given)


def whole_number(name: str, given: Any, least: float = -math.inf, most: float = math.inf) -> int:
    """A whole number as Python's own, from `least` to `most`; raises `WrongUsage` for anything
    else.

    >>> whole_number("images", 64.0)
    64
    """
    found = real_number(name, given)
    if math.isfinite(found) and found == int(found) and least <= found <= most:
        return int(found)
    limits = f" of at least {least:,}" if least > -math.inf else ""
    limits += f" and at most {most:,}" if most < math.inf else ""
    raise WrongUsage(f"{name}={given} was given: it takes a whole number{limits}.")


def seed_of(given: Any) -> int:
    """A seed as Python's own integer; raises `WrongUsage` for one that there is not."""
    return whole_number("seed", given, 0, LARGEST_SEED)


def path_of(name: str, given: Any) -> Path:
    """A path, from the home folder where it begins with ~; raises `WrongUsage` for anything else.

    >>> path_of("genome", "genome.json").name
    'genome.json'
    """
    if isinstance(given, (str, PathLike)):
        return Path(os.path.expanduser(given))
    raise WrongUsage(
        f"{name}={shortened(repr(given), 80)} was given: it takes the path of a file or folder, "
        f"not {type(given).__name__}."
    )


def several(given: Any) -> list[Any]:
    """What a collection holds; a single name or path is one."""
    alone = isinstance(given, (str, Path)) or not isinstance(given, Iterable)
    return [given] if alone else list(given)


def named_like(pattern: Any, names: Iterable[str], kind: str) -> list[str]:
    """The names that a part of one, or a pattern as in a shell, stands for; None stands for all.

    Raises `WrongUsage`, with the nearest names, where there are none.

    >>> named_like("wc", ["cornet_s_kn", "cornet_s_wc", "cornet_s_wc_ct"], "model")
    ['cornet_s_wc', 'cornet_s_wc_ct']
    """
    if pattern is None:
        return list(names)
    text = str(pattern).lower()
    wild = text if set(text) & set("*?[") else f"*{text}*"
    found = [name for name in names if fnmatch(name.lower(), wild)]
    if not found or not isinstance(pattern, str):
        raise unknown(kind, pattern, names, f"brainscore list {kind}s")
    return found
