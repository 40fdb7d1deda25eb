"""One kind of error for all that a user can get wrong: one sentence that says what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from os import PathLike

#: The environment variable with the file that a failing command writes its error to: JSON with
#: `kind` and `sentence`.
ERROR_FILE = "BRAINSCORE_WIRING_ERROR_FILE"


#: Characters of a sentence that are shown: what it echoes may be a file's content.
LONGEST_SENTENCE = 2_000
#: Exit status after an interrupt, and after any other request to stop ("try again").
INTERRUPTED, TRY_AGAIN = 130, 75


class WiringError(Exception):
    """Something asked of brainscore_wiring cannot be done; `str(error)` is the one sentence shown
    to the user, without its middle where it is longer than `LONGEST_SENTENCE` characters.
    """

    def __init__(self, sentence: str = ""):
        if len(sentence) > LONGEST_SENTENCE:
            sentence = (
                f"{sentence[: LONGEST_SENTENCE // 2]} [...] {sentence[-LONGEST_SENTENCE // 2 :]}"
            )
        super().__init__(sentence)


class WrongUsage(WiringError):
    """The command is wrong (an unknown name, a bad value): exit status 2."""


class Taken(WiringError):
    """Another process is at work where this one was asked to."""


class Stopped(WiringError):
    """A run was asked to stop and has saved where it is.

    Commands leave with exit status `INTERRUPTED` after an interrupt, else with `TRY_AGAIN`, on
    which a scheduler can requeue.
    """

    def __init__(self, sentence: str, interrupted: bool = True):
        super().__init__(sentence)
        self.status = INTERRUPTED if interrupted else TRY_AGAIN


def shortened(value: object, length: int = 200) -> str:
    """What a file or a user said, for an error: as much of it as can be read."""
    text = str(value)
    return text if len(text) <= length else f"{text[:length]}... ({len(text):,} characters)"


def first_line(error: BaseException) -> str:
    """An exception in one line of at most 200 characters."""
    text = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {text if len(text) <= 200 else text[:197] + '...'}"


def nearest(asked: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The `count` names closest in spelling to the one asked for, best first; where none is close,
    the shortest that contain it, in any case of letters (may be empty).
    """
    names = list(dict.fromkeys(names))
    close = difflib.get_close_matches(asked, names, n=count, cutoff=0.5)
    if close or len(asked) < 2:
        return close
    containing = [name for name in names if asked in name]
    containing = containing or [name for name in names if asked.casefold() in name.casefold()]
    return sorted(containing, key=len)[:count]


def unknown(kind: str, asked: object, names: Iterable[str], command: str) -> WrongUsage:
    """The error for an unknown name, with the nearest ones and the command that lists all."""
    if not isinstance(asked, (str, PathLike)):
        return WrongUsage(
            f"A {type(asked).__name__} is no name of a {kind}: `{command}` shows them all."
        )
    close = nearest(str(asked), names)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    return WrongUsage(f"There is no {kind} '{asked}': {hint}`{command}` shows them all.")
