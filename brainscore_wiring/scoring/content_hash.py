"""Content hash of a benchmark: data with their coordinates, settings, functions."""

from __future__ import annotations

import functools
import hashlib
import logging
import types
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from brainscore_core.supported_data_standards.brainio.assemblies import walk_coords
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.utils import LazyLoad

#: Distributions whose versions belong into a key beside a digest, which knows little of their code.
LIBRARIES = (
    "brainscore-wiring",
    "brainscore-vision",
    "brainscore-core",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "xarray",
)
#: Modules of theirs whose functions go by name alone.
_BY_NAME = ("builtins", "numpy", "scipy", "sklearn", "pandas", "xarray")


def content_hash(thing: Any) -> str:
    """SHA-256 over a thing's contents, the same in every process: functions with the data and plain
    values they use, objects with their attributes, assemblies with values and coordinates; data
    that are loaded at first use are loaded.

    Classes, and functions that functions call, go by name: their code is that of `LIBRARIES`.
    """
    digest = hashlib.sha256()
    _feed(digest, thing, {})
    return digest.hexdigest()


def is_data(thing: Any) -> bool:
    """Whether a thing is measurements or stimuli."""
    return type(thing) is LazyLoad or isinstance(thing, (np.ndarray, xr.DataArray, pd.DataFrame))


def _is_plain(thing: Any) -> bool:
    return thing is None or isinstance(thing, (bool, int, float, complex, str, bytes, np.generic))


def _feed(digest: Any, thing: Any, seen: dict[int, Any]) -> None:
    if type(thing) is LazyLoad:  # a transparent proxy
        thing._ensure_loaded()
        thing = thing.content
    name = f"{type(thing).__module__}.{type(thing).__qualname__}"
    if _is_plain(thing):
        digest.update(f"{name} {thing!r}\n".encode())
        return
    if id(thing) in seen:
        digest.update(f"number {list(seen).index(id(thing))} again\n".encode())
        return
    seen[id(thing)] = thing
    parts = _parts(thing)
    digest.update(f"{name} of {len(parts)}\n".encode())
    for part in parts:
        if isinstance(part, bytes):
            digest.update(part)
        else:
            _feed(digest, part, seen)


def _parts(thing: Any) -> list[Any]:
    """What a thing is made of, in an order that is always the same; bytes as they are."""
    if isinstance(thing, np.ndarray):
        if thing.dtype == object:
            codes, values = pd.factorize(thing.reshape(-1))
            return [str(thing.shape), codes.tobytes(), list(values)]
        return [str(thing.shape), str(thing.dtype), np.ascontiguousarray(thing).tobytes()]
    if isinstance(thing, xr.DataArray):
        return [
            list(thing.dims),
            thing.values,
            {
                coordinate: [list(dims), np.asarray(values)]
                for coordinate, dims, values in walk_coords(thing)
            },
            thing.attrs,
        ]
    if isinstance(thing, pd.DataFrame):
        return [thing.to_csv()]
    if isinstance(thing, (list, tuple)):
        return list(thing)
    if isinstance(thing, dict):
        return [
            part for pair in sorted(thing.items(), key=lambda pair: str(pair[0])) for part in pair
        ]
    if isinstance(thing, (set, frozenset)):
        return sorted(map(repr, thing))
    if isinstance(thing, functools.partial):
        return [thing.func, thing.args, thing.keywords]
    if isinstance(thing, types.MethodType):
        return [thing.__func__, thing.__self__]
    if isinstance(thing, types.CodeType):
        return [thing.co_code, list(thing.co_names), list(thing.co_consts)]
    if isinstance(thing, (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)):
        return _named(thing)
    if isinstance(thing, logging.Logger):
        return []
    state = dict(getattr(thing, "__dict__", {}))
    if isinstance(thing, BenchmarkBase):
        state.pop("_ceiling", None)  # where a kept ceiling is put
    for name in list(state):
        if isinstance(getattr(type(thing), name, None), functools.cached_property):
            del state[name]  # it follows from the others
    return [state]


def _named(thing: Any) -> list[Any]:
    module = getattr(thing, "__module__", None) or ""
    parts = [module, getattr(thing, "__qualname__", thing.__name__)]
    if isinstance(thing, types.FunctionType) and module.partition(".")[0] not in _BY_NAME:
        everywhere = [thing.__globals__.get(name) for name in thing.__code__.co_names]
        parts += [
            thing.__code__,
            thing.__defaults__,
            thing.__kwdefaults__,
            [cell.cell_contents for cell in thing.__closure__ or ()],
            [one for one in everywhere if is_data(one) or _is_plain(one)],
        ]
    return parts
