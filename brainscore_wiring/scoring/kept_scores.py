"""Scores as JSON values, exact to the last bit, with raw values, coordinates and errors."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr
from brainscore_core.metrics import Score
from brainscore_core.supported_data_standards.brainio import assemblies
from brainscore_core.supported_data_standards.brainio.assemblies import walk_coords

_CLASSES = {
    one.__name__: one
    for one in (
        xr.DataArray,
        Score,
        assemblies.DataAssembly,
        assemblies.NeuroidAssembly,
        assemblies.NeuronRecordingAssembly,
        assemblies.ModelFeaturesAssembly,
        assemblies.BehavioralAssembly,
        assemblies.PropertyAssembly,
    )
}


def as_json(score: xr.DataArray) -> dict[str, Any] | None:
    """A score as a JSON value; None for one that would not come back as it is."""
    try:
        text = json.dumps(_plain(score))
        plain = json.loads(text)
        return plain if json.dumps(_plain(from_json(plain))) == text else None
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> Any:
    """A value in JSON's terms; raises `TypeError` for what cannot be said in them."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return {"scalar": _array(np.asarray(value))}
    if type(value) is np.ndarray:
        return {"array": _array(value)}
    if type(value) in (tuple, list):
        return {type(value).__name__: [_plain(one) for one in value]}
    if type(value) is dict and all(type(name) is str for name in value):
        return {"dict": {name: _plain(one) for name, one in value.items()}}
    if _CLASSES.get(type(value).__name__) is not type(value):
        raise TypeError(f"{type(value)} has no plain form")
    levels = {
        dim: list(index.names) for dim, index in value.indexes.items() if len(index.names) > 1
    }
    coordinates = [
        [name, list(dims), _array(np.asarray(column))] for name, dims, column in walk_coords(value)
    ]
    return {
        "class": type(value).__name__,
        "name": value.name,
        "dims": list(value.dims),
        "values": _array(value.values),
        "coordinates": coordinates,
        "levels": levels,
        "attributes": {name: _plain(one) for name, one in value.attrs.items()},
    }


def _array(values: np.ndarray) -> dict[str, Any]:
    if values.dtype.kind not in "biufUO":
        raise TypeError(f"values of {values.dtype} have no plain form")
    flat = values.reshape(-1).tolist()
    return {
        "dtype": values.dtype.str,
        "shape": list(values.shape),
        "values": [_plain(one) for one in flat] if values.dtype == object else flat,
    }


def from_json(plain: dict[str, Any]) -> xr.DataArray:
    """The score that `as_json` wrote."""
    coordinates = {name: (dims, _values(column)) for name, dims, column in plain["coordinates"]}
    score = xr.DataArray(
        _values(plain["values"]), coords=coordinates, dims=plain["dims"], name=plain["name"]
    )
    if plain["levels"]:
        score = score.set_index(plain["levels"])
    if plain["class"] != "DataArray":
        score = _CLASSES[plain["class"]](score)
    score.attrs = {name: _value(one) for name, one in plain["attributes"].items()}
    return score


def _value(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    if "class" in plain:
        return from_json(plain)
    [(kind, value)] = plain.items()
    if kind == "dict":
        return {name: _value(one) for name, one in value.items()}
    if kind in ("tuple", "list"):
        return (tuple if kind == "tuple" else list)(_value(one) for one in value)
    return _values(value)[()] if kind == "scalar" else _values(value)


def _values(plain: dict[str, Any]) -> np.ndarray:
    values = np.empty(len(plain["values"]), np.dtype(plain["dtype"]))
    values[:] = (
        [_value(one) for one in plain["values"]] if values.dtype == object else plain["values"]
    )
    return values.reshape(plain["shape"])
