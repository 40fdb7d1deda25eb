"""Networks of others by name: torchvision's, timm's, and what a function in a user's file gives."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Any

from brainscore_wiring.architectures import Preprocessing, RegionMap
from brainscore_wiring.errors import WiringError, WrongUsage, first_line, nearest
from brainscore_wiring.files import no_such_file
from brainscore_wiring.registry import import_file
from brainscore_wiring.scoring.plugin_folders import STOCK, plugin_folders

#: What precedes the colon of a name: a library, a Python file, or a module.
_LIBRARIES = ("torchvision", "timm")
#: Where libraries keep the weights that they download.
_DOWNLOADS = {"torchvision": "~/.cache/torch/hub", "timm": "~/.cache/huggingface"}
#: Options of the command that say something of one network's training.
_OF_ONE = ("--labelled-images", "--epochs", "--trained-synapses")
_NAME = re.compile(
    rf"((?:{'|'.join(_LIBRARIES)})(?=:)|.+\.py(?=:)|[A-Za-z_][\w.]*(?=:[A-Za-z_]\w*$)):(.+)"
)
#: Modules of files and of dotted names -> the user's code that was imported for them, and the
#: modules that a file has imported from its folder.
_LOADED: dict[str, tuple[list[str], dict[str, ModuleType]]] = {}
#: What files of models have imported from their folders, the last ones.
_HELPERS: dict[str, ModuleType] = {}


def is_own(name: str) -> bool:
    """Whether a name is one of an own network: `torchvision:resnet18`, `timm:NAME`,
    `my_models.py:FUNCTION` or `my_package.my_module:FUNCTION`.
    """
    return _NAME.fullmatch(name) is not None and name not in plugin_folders(STOCK, "models")


@dataclass(frozen=True)
class OwnModel:
    """A network of others by name (see `is_own`), and how it becomes a candidate.

    `layers`: (region, module) pairs; without them those that its function gives, else a searched
    mapping. `seed` of the random initialisation; `pretrained`: the library's trained weights
    instead, which it downloads. `labelled_images`, `epochs`, `trained_synapses`: its account, where
    it is stated (see `brain_model`).
    """

    asked: str
    layers: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    pretrained: bool = False
    labelled_images: int | None = None
    epochs: float = 1
    trained_synapses: int | None = None

    @property
    def identifier(self) -> str:
        """Its name in tables: without the folder of a file."""
        return self.asked.rpartition("/")[2]

    @property
    def source_file(self) -> Path | None:
        """The file of the user's that makes it; None for a library's."""
        source = self.asked.rpartition(":")[0]
        if source in _LIBRARIES:
            return None
        file = source if source.endswith(".py") else getattr(_dotted(source), "__file__", None)
        return Path(file) if file else None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of `brainscore score` that ask for it."""
        given = ["--model", self.asked]
        for one in fields(self)[2:]:
            value = getattr(self, one.name)
            if value != one.default:
                option = f"--{one.name.replace('_', '-')}"
                given += [option] if value is True else [option, str(value)]
        for region, module in self.layers:
            given += ["--layers", f"{region}={module}"]
        return tuple(given)

    def load(self) -> Any:
        """The Brain-Score model.

        Raises `WrongUsage` for names and layers that there are not, and `WiringError` where the
        network cannot be made here.
        """
        import torch

        match = _NAME.fullmatch(self.asked)
        assert match, self.asked
        source, name = match.groups()
        preprocessing, layers = None, None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            if source in _LIBRARIES:
                network, preprocessing = _from_library(source, name, self.pretrained)
            elif self.pretrained:
                raise WrongUsage(
                    f"--pretrained is for {' and '.join(_LIBRARIES)}: let the function in "
                    f"{source} load the weights of {name}."
                )
            else:
                network, layers = _from_function(source, name)
        if not hasattr(network, "look_at"):
            return self._candidate(network, layers, preprocessing, source)
        if self.layers:
            raise WrongUsage(f"{self.asked} gives a BrainModel, which has layers of its own.")
        return network

    def _candidate(self, network: Any, given: Any, preprocessing: Any, source: str) -> Any:
        """`given`: the layers that its function gives, if any; those asked for come first."""
        from brainscore_wiring.brain.own_network import brain_model, how_it_answers
        from brainscore_wiring.scoring.layer_search import search_layers

        layers, degrees = dict(self.layers) or given, None
        if isinstance(given, RegionMap):  # images are shown as it says in any case
            preprocessing, degrees = given.preprocessing, given.visual_degrees
        files = [file] if (file := self.source_file) else []
        searched = None if layers else search_layers(network, preprocessing, *files)
        weights, labelled_images = f"from {self.identifier}", self.labelled_images
        if source in _LIBRARIES:
            weights = f"{source}'s {'pretrained' if self.pretrained else 'initialisation'}"
            if labelled_images is None and not self.pretrained:
                labelled_images = 0
        model = brain_model(
            network,
            searched.layers if searched else layers,
            identifier=self.identifier,
            preprocessing=preprocessing,
            visual_degrees=degrees,
            labelled_images=labelled_images,
            epochs=self.epochs,
            trained_synapses=self.trained_synapses,
            provenance={"weights": weights, "seed": None if self.pretrained else self.seed},
        )
        words = searched.words if searched else ""
        model.provenance["layers"] = how_it_answers(
            network, model.region_map, *files, searched=words
        )
        if searched:
            model.searched_on = searched.benchmarks
        return model


def with_options(models: Sequence[str], layers: Sequence[str], **options: Any) -> list[Any]:
    """The models, those of others as `OwnModel`s with these options.

    Raises `WrongUsage` for options that no model, or more than one network, would take.
    """
    own = list(dict.fromkeys(name for name in models if is_own(name)))
    pairs = []
    for text in layers:
        region, _, module = text.partition("=")
        if not region or not module:
            raise WrongUsage(f"'{text}' is no layer of a region: give V1=layer1 IT=layer4, say.")
        pairs.append((region, module))
    changed = {name for name, value in options.items() if value != getattr(OwnModel(""), name)}
    given = ["--layers"] if pairs else []
    given += [f"--{name.replace('_', '-')}" for name in sorted(changed)]
    if given and not own:
        raise WrongUsage(
            f"{given[0]} is for a network of others: `--model torchvision:NAME`, `timm:NAME` or "
            "`FILE.py:FUNCTION`."
        )
    single = [name for name in given if name in ("--layers", *_OF_ONE)]
    if single and len(own) > 1:
        raise WrongUsage(
            f"{single[0]} is of one network, and {', '.join(own)} are {len(own)}: score them in "
            "several calls, which may fill one --csv table."
        )
    return [
        OwnModel(name, layers=tuple(pairs), **options) if name in own else name for name in models
    ]


def _from_library(library: str, name: str, pretrained: bool) -> tuple[Any, Preprocessing]:
    """A library's network, and how it sees images."""
    try:
        return {"torchvision": _torchvision, "timm": _timm}[library](name, pretrained)
    except ImportError:
        raise WiringError(f"{library} is not installed: `pip install {library}`.") from None
    except WiringError:
        raise
    except Exception as error:  # a library's constructor or download may raise anything
        said = " ".join(str(error).split())[:200].rstrip(".")
        if pretrained and isinstance(error, OSError):  # no connection, or nothing at its other end
            raise WiringError(
                f"The weights of {library}:{name} could not be downloaded ({said}): give the same "
                f"command where there is a connection, and copy {_DOWNLOADS[library]} from there; "
                "without --pretrained it is initialised at random."
            ) from error
        raise WiringError(f"{library} could not make {name}: {said}.") from error


def _torchvision(name: str, pretrained: bool) -> tuple[Any, Preprocessing]:
    from torchvision import models

    _check_known(
        "torchvision", name, models.list_models(module=models), "torchvision.models.list_models()"
    )
    weights = models.get_model_weights(name).DEFAULT
    image = weights.transforms()  # that the architecture is made for, with any weights
    network = models.get_model(name, weights=weights if pretrained else None)
    return network, Preprocessing(image.crop_size[0], tuple(image.mean), tuple(image.std))


def _timm(name: str, pretrained: bool) -> tuple[Any, Preprocessing]:
    import timm

    if "." in name:  # an architecture and a tag of its trained weights
        pattern = f"{name.partition('.')[0]}.*"
        tagged = timm.list_pretrained(pattern) or timm.list_pretrained()
        _check_known("timm", name, tagged, f"timm.list_pretrained('{pattern}')")
    else:
        _check_known("timm", name, timm.list_models(), "timm.list_models()")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it says each of its attempts
    network = timm.create_model(name, pretrained=pretrained)
    image = timm.data.resolve_model_data_config(network)
    return network, Preprocessing(
        image["input_size"][-1], tuple(image["mean"]), tuple(image["std"])
    )


def _check_known(library: str, name: str, known: Sequence[str], listing: str) -> None:
    if name not in known:
        close = " or ".join(f"{library}:{one}" for one in nearest(name, known))
        raise WrongUsage(
            f"{library} has no image classifier '{name}'"
            + (f": did you mean {close}?" if close else f": `{listing}` names its {len(known):,}.")
        )


def _from_function(source: str, name: str) -> tuple[Any, Any]:
    """What a function gives: a BrainModel or network, and the network's region map if it has one.

    The file is a program of the user's, and runs.
    """
    from torch import nn

    with _imported(source) as module:
        function = getattr(module, name, None)
        if not callable(function):
            known = [key for key, value in vars(module).items() if callable(value)]
            close = " or ".join(f"{source}:{one}" for one in nearest(name, known))
            raise WrongUsage(
                f"{source} has no function '{name}'"
                + (f": did you mean {close}?" if close else ".")
            )
        try:
            given = function()
        except Exception as error:
            raise WiringError(f"{source}:{name} failed with {first_line(error)}.") from error
    network, layers = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if not (isinstance(network, nn.Module) or hasattr(network, "look_at")) or not isinstance(
        layers, (Mapping, RegionMap, type(None))
    ):
        raise WiringError(
            f"{source}:{name} gives a {type(given).__name__}: it should give a BrainModel, a "
            'torch.nn.Module, or a module and its layers, as (network, {"IT": "layer4", ...}).'
        )
    return network, layers


@contextlib.contextmanager
def _imported(source: str) -> Iterator[ModuleType]:
    """The module of a Python file, or of a dotted name; inside, a file may import from its folder.

    A file is imported again where it, or what it imports of the user's, was edited.
    """
    from brainscore_wiring.networks.code import files_code

    if not source.endswith(".py"):
        yield _dotted(source)
        return
    path = Path(source).resolve()
    if not path.is_file():
        raise WrongUsage(no_such_file(source, "`--model FILE.py:FUNCTION` is a function in yours"))
    name = f"own_models_{path.stem}_{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"
    code = files_code(path)
    before, helpers = _LOADED.get(name, (None, {}))
    edited = before != code
    helpers = {} if edited else helpers
    with _importing_from(path.parent, helpers):
        if edited:
            sys.modules.pop(name, None)
        try:
            module = import_file(path, name)
        except Exception as error:
            raise WiringError(f"'{source}' cannot be imported: {first_line(error)}.") from error
        _LOADED[name] = code, helpers
        yield module


def _dotted(source: str) -> ModuleType:
    """The module of a dotted name, which Python imports once; raises `WiringError` where its file,
    or what it imports of the user's, was edited since.
    """
    from brainscore_wiring.networks.code import files_code

    try:
        module = importlib.import_module(source)
    except ImportError as error:
        raise WrongUsage(f"The module '{source}' cannot be imported: {error}.") from None
    file = getattr(module, "__file__", None)
    code = files_code(Path(file)) if file else []
    if _LOADED.setdefault(source, (code, {}))[0] != code:
        raise WiringError(
            f"The module '{source}' was edited after it was imported: start Python again, or name "
            f"its file, '{file}:FUNCTION'."
        )
    return module


@contextlib.contextmanager
def _importing_from(folder: Path, helpers: dict[str, ModuleType]) -> Iterator[None]:
    """Inside, modules come from this folder, and not from another one that has some of the same
    name; what the user has imported under such a name stands there again afterwards. `helpers`:
    what was imported from it before, and then what is.
    """
    from brainscore_wiring.networks.code import is_users

    names = {one.stem for one in folder.glob("*.py")} - {"__main__"}
    names |= {one.parent.name for one in folder.glob("*/*.py")}

    def is_theirs(module: ModuleType) -> bool:
        places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
        return any(is_users(place) for place in places if place)

    def theirs() -> dict[str, ModuleType]:
        return {
            name: module
            for name, module in sys.modules.items()
            if name.partition(".")[0] in names and is_theirs(module)
        }

    before = theirs()
    for name in before:
        del sys.modules[name]
    sys.modules.update(helpers)
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        helpers.update(theirs())
        users = {name: one for name, one in before.items() if _HELPERS.get(name) is not one}
        _HELPERS.update(helpers)
        sys.modules.update(users)
