"""Finds models and benchmarks, first in this package, then in brainscore_vision."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import logging
import os
import sys
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

from brainscore_wiring import folders
from brainscore_wiring.architectures import SEVERAL
from brainscore_wiring.catalogue import BIBTEX, CATALOGUE, PYTORCH_FILES, no_model, variant
from brainscore_wiring.checkpoints.resolve import ResolvedModel, resolve
from brainscore_wiring.errors import WiringError, WrongUsage, first_line, unknown
from brainscore_wiring.extensions import calling
from brainscore_wiring.files import is_a_folder
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.own_models import OwnModel, is_own
from brainscore_wiring.scoring.plugin_folders import OURS, STOCK, plugin_folders


def brainscore_vision():
    """brainscore_vision, told to install no plugins and to cache in our cache folder."""
    os.environ.setdefault("BS_INSTALL_DEPENDENCIES", "no")
    os.environ.setdefault("RESULTCACHING_HOME", str(folders.cache() / "result_caching"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # xarray's about the Score class
        import brainscore_vision as vision

    if sys.version_info >= (3, 12):
        _let_xarray_find_its_backends()
    logging.getLogger("result_caching").setLevel(logging.WARNING)
    return vision


def _let_xarray_find_its_backends() -> None:
    """Brain-Score's version of xarray asks entry points for a method that Python 3.12 has not, and
    opens no file there.
    """
    from xarray.backends import plugins

    group = "xarray.backends"
    plugins.entry_points = lambda **asked: (  # type: ignore[assignment]
        metadata.entry_points(**asked) if asked else {group: metadata.entry_points(group=group)}
    )


def check_model_name(name: str) -> None:
    """Raise `WrongUsage`, with the nearest names, for what is neither a model of ours or theirs, a
    checkpoint file nor a network of others (`is_own`).
    """
    if name.endswith(PYTORCH_FILES):
        raise no_model(name)
    if name.endswith(".py"):
        raise WrongUsage(
            f"'{name}' is a Python file: name the function in it that gives the model, too, as in "
            f"'{name}:my_function'."
        )
    known = [*CATALOGUE, *plugin_folders(STOCK, "models")]
    ours = name in CATALOGUE or name in known  # with named layers, too
    if not (ours or name.endswith(".safetensors") or is_own(name)):
        if os.path.isdir(name):
            raise WrongUsage(is_a_folder(name))
        if name.partition(SEVERAL)[0] in CATALOGUE:
            variant(name)  # says which layer there is not
        raise unknown("model", name, known, "brainscore list models")


def check_benchmark_name(name: str) -> None:
    """Raise `WrongUsage`, with the nearest names, for what is no benchmark of ours or theirs."""
    known = {*BENCHMARKS, *plugin_folders(STOCK, "benchmarks")}
    if not isinstance(name, str) or name not in known:
        raise unknown("benchmark", name, sorted(known), "brainscore list benchmarks")


def model_name(model: Any) -> str:
    """How a model is called in tables: the name that was asked for, without the folder of a file of
    the user's own networks, or the identifier of a loaded one.

    Raises `WrongUsage` for what is no model.
    """
    if isinstance(model, (str, Path)):
        name = str(model)
        return OwnModel(name).identifier if is_own(name) else name
    if isinstance(model, (OwnModel, ResolvedModel)) or hasattr(model, "look_at"):
        return model.identifier
    if hasattr(model, "named_modules"):
        raise WrongUsage(
            f"{type(model).__name__} is a network without regions: "
            'brainscore_wiring.brain_model(network, {"V1": ..., "IT": ...}) makes a model of it.'
        )
    raise WrongUsage(
        f"A {type(model).__name__} is no model: give an identifier of `brainscore list models`, a "
        "checkpoint file, or a BrainModel."
    )


def find_model(identifier: str | Path) -> ResolvedModel | None:
    """One of our models, resolved; None for a stock one and a network of others.

    Raises `WrongUsage` for what is neither and `WiringError` for a file that is no wiring
    checkpoint.
    """
    name = str(identifier)
    check_model_name(name)
    return resolve(identifier) if name in CATALOGUE or name.endswith(".safetensors") else None


def load_model(identifier: str | Path | ResolvedModel | OwnModel) -> Any:
    """One of our models by catalogue identifier, checkpoint file or resolved, a network of others
    (`OwnModel`, or its name), else a stock one by name. A loaded model is itself.
    """
    if not isinstance(identifier, (str, Path, OwnModel, ResolvedModel)):
        model_name(identifier)
        return identifier
    if isinstance(identifier, str) and is_own(identifier):
        identifier = OwnModel(identifier)
    if isinstance(identifier, OwnModel):
        brainscore_vision()
        return identifier.load()
    model = identifier if isinstance(identifier, ResolvedModel) else find_model(identifier)
    brainscore_vision()
    if model is None:
        return _stock("load_model", str(identifier))
    from brainscore_wiring.brain.load import load_wiring_model

    return load_wiring_model(model)


def as_loaded(model: Any) -> Any:
    """A loaded model itself, any other as `load_model` gives it.

    Raises `WiringError` for a model of ours with other weights than its fingerprint says.
    """
    if not hasattr(model, "look_at"):
        return load_model(model)
    if hasattr(model, "check_weights"):
        model.check_weights()
    return model


def load_benchmark(identifier: str) -> Any:
    """One of our benchmarks, else a stock one, by name."""
    check_benchmark_name(identifier)
    vision = brainscore_vision()
    if identifier in plugin_folders(OURS, "benchmarks"):
        _import_plugin("benchmarks", identifier)
        with calling(f"Loading the benchmark {identifier}"):
            return vision.benchmark_registry[identifier]()
    return _stock("load_benchmark", identifier)


def _import_plugin(kind: str, identifier: str) -> None:
    """Import the folder of ours that registers a plugin; raises `WiringError` where it fails."""
    folder = plugin_folders(OURS, kind)[identifier]
    try:
        importlib.import_module(f"{OURS}.{kind}.{folder.name}")
    except WiringError:
        raise
    except Exception as error:
        raise WiringError(f"'{folder}' cannot be imported ({first_line(error)}).") from error


def _stock(loader: str, identifier: str) -> Any:
    """A stock plugin; any exception (missing data, no network) becomes one sentence."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(brainscore_vision(), loader)(identifier)
    except Exception as error:
        logging.getLogger(__name__).debug("stock %s(%r)", loader, identifier, exc_info=True)
        raise WiringError(
            f"brainscore_vision could not load {identifier}: it may need a network, or files that "
            f"are not on this machine ({first_line(error)})."
        ) from error


def enable() -> None:
    """Make brainscore_vision's own `load_model`, `load_benchmark` and `score` find our plugins
    beside theirs.

    Replaces two functions of the module, once; an identifier that both packages have stays
    brainscore_vision's.
    """
    vision = brainscore_vision()
    stock, stock_bibtex = vision.import_plugin, vision.load_model_bibtex
    if getattr(stock, "__module__", "") == __name__:
        return  # replaced before

    def is_ours(library_root: str, plugin_type: str, identifier: str) -> bool:
        known = identifier in plugin_folders(OURS, plugin_type) or (
            plugin_type == "models" and identifier in CATALOGUE
        )
        return known and identifier not in plugin_folders(library_root, plugin_type)

    def chained(
        library_root: str, plugin_type: str, identifier: str, registry_prefix: str | None = None
    ):
        if registry_prefix is not None or not is_ours(library_root, plugin_type, identifier):
            return stock(library_root, plugin_type, identifier, registry_prefix)
        if identifier in plugin_folders(OURS, plugin_type):
            return _import_plugin(plugin_type, identifier)
        # a row of an extension
        vision.model_registry[identifier] = functools.partial(load_model, identifier)

    def bibtex(identifier: str) -> str | None:
        return BIBTEX if is_ours(STOCK, "models", identifier) else stock_bibtex(identifier)

    vision.import_plugin, vision.load_model_bibtex = chained, bibtex
