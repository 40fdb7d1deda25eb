"""Pickles read without executing anything that is in them.

A pickle may call anything by name. Here a name that is not known stands for an inert `Foreign`,
which takes any arguments and does nothing, so that what lies beside the data never decides whether
the data can be read. The module has what `torch.load` asks of a `pickle_module`.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import IO, Any, ClassVar


class Foreign(dict):
    """An object that was not built: the `name` of its class or function, and what it was given.

    `arguments` of the call, `state` that was to be restored, and its items where it has any.
    """

    name: ClassVar[str] = "?"
    arguments: tuple[Any, ...]
    state: Any

    def __new__(cls, *arguments: Any, **named: Any) -> Foreign:
        made = super().__new__(cls)
        made.arguments, made.state = arguments, None
        return made

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__()

    def __call__(self, *arguments: Any) -> Foreign:
        return type(self)(*arguments)

    __hash__ = object.__hash__  # type: ignore[assignment] # it may be a key or in a set
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def append(self, item: Any) -> None:
        """Items of lists and sets are not kept."""

    extend = add = append


#: What may be built by name: containers and the bytes of old protocols.
PLAIN_CALLS: Mapping[str, Callable[..., Any]] = {
    "collections.OrderedDict": OrderedDict,
    "_codecs.encode": lambda text, encoding="latin1": text.encode("latin1"),
}


#: The one written in Python: the other makes room for as many values as a file claims.
_InPython: Any = pickle._Unpickler


class Unpickler(_InPython):
    """Builds plain values and `known` names, and `Foreign` objects for all others."""

    known: ClassVar[Mapping[str, Callable[..., Any]]] = PLAIN_CALLS
    dispatch: ClassVar = dict(_InPython.dispatch)

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        full = f"{module}.{name}"
        return self.known.get(full) or type("Foreign", (Foreign,), {"name": full})

    def _build(self) -> None:
        """Keep the state of a foreign object; that of all others (hooks, metadata) is left out."""
        state = self.stack.pop()
        if isinstance(self.stack[-1], Foreign):
            self.stack[-1].state = state

    dispatch[pickle.BUILD[0]] = _build


def load(file: IO[bytes], **options: Any) -> Any:
    """The content of a pickle file."""
    return Unpickler(file, **options).load()
