"""Any PyTorch network of images as a Brain-Score candidate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from brainscore_wiring.accounting import Account, TrainedSynapses, account_of_updates
from brainscore_wiring.architectures import ARCHITECTURES, Preprocessing, RegionMap
from brainscore_wiring.architectures.region_map import IMAGENET_CLASSES
from brainscore_wiring.arguments import real_number, whole_number
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.brain.extraction import module_and_step, not_a_response
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.errors import WiringError, WrongUsage, shortened, unknown
from brainscore_wiring.networks.code import code_of
from brainscore_wiring.networks.defaults import precision_of
from brainscore_wiring.networks.recording import record
from brainscore_wiring.weight_compression.birth import fingerprint_of

#: Regions that a network may have, and how the layer is called that behaviour is read out from.
OWN_REGIONS, BEHAVIOR = ("V1", "V2", "V4", "IT"), "behavior"
_SPELLINGS = (BEHAVIOR, "behaviour")


@dataclass(frozen=True)
class RunModule:
    """A module that ran once: its name, and how many values it gave for an image."""

    name: str
    units: int
    linear: bool


def brain_model(
    network: nn.Module,
    layers: Mapping[str, str] | RegionMap,
    *,
    identifier: str | None = None,
    preprocessing: Preprocessing | None = None,
    visual_degrees: int | None = None,
    labelled_images: int | None = None,
    epochs: float = 1,
    trained_synapses: int | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> WiringModel:
    """A network as a candidate that can be recorded from, scored and given tasks.

    `layers`: "V1", "V2", "V4", "IT" or "behavior" -> a module's name, or another model's
    `region_map`. A region that is left out does not exist; behaviour is read out before the last
    linear layer by default. The regions of a CORnet-S keep their recurrent steps; of any other
    module that runs several times, the last output is recorded. Images are shown whole, by default
    as the region map says, or else at 224 px with ImageNet's mean and standard deviation, spanning
    8 degrees. `labelled_images` and
    `epochs`: what its weights were trained on, for its account, in which all parameters are trained
    (in the paper's count the weights of convolutions) unless `trained_synapses` says how many; 0
    images is a network at birth, None leaves it without an account. `provenance`: where the weights
    come from, in words, by the names of `Result`'s fields. Raises `WrongUsage` for regions and
    layers that there are not, what is no network, and numbers that cannot be.
    """
    if not isinstance(network, nn.Module):
        raise WrongUsage(
            f"A {type(network).__name__} is no network: give a torch.nn.Module; "
            '`load_model("torchvision:NAME")` makes one by its name.'
        )
    if not isinstance(layers, (Mapping, RegionMap)):
        raise WrongUsage(
            f"layers={shortened(repr(layers), 80)} was given: it takes a dictionary from regions "
            'to names of modules, such as {"V1": "layer1", "IT": "layer4"}.'
        )
    if visual_degrees is not None and not (
        0 < real_number("visual_degrees", visual_degrees) < math.inf
    ):
        raise WrongUsage(f"An image cannot span {visual_degrees} degrees: give a number above 0.")
    identifier = str(identifier or type(network).__name__)
    account = _stated_account(identifier, network, labelled_images, epochs, trained_synapses)
    if preprocessing is not None and not isinstance(preprocessing, Preprocessing):
        raise WrongUsage(
            f"preprocessing={shortened(repr(preprocessing), 80)} was given: it takes a "
            "Preprocessing of `brainscore_wiring.architectures`, such as "
            "Preprocessing(image_size=64)."
        )
    fingerprint = fingerprint_of(network.state_dict())
    usual = layers if isinstance(layers, RegionMap) else RegionMap({}, "", "")
    preprocessing = preprocessing or usual.preprocessing
    visual_degrees = usual.visual_degrees if visual_degrees is None else visual_degrees
    if isinstance(layers, RegionMap):
        region_map = replace(layers, preprocessing=preprocessing, visual_degrees=visual_degrees)
        no_names = ""
    else:
        ran = run_modules(network, preprocessing.image_size)
        region_map = _region_map(network, ran, layers, preprocessing, visual_degrees)
        units = ran[-1].units
        no_names = "" if units == IMAGENET_CLASSES else f"its last layer has {units:,} units"
    _check_layers(network, region_map)
    trained_on = "unknown" if labelled_images is None else "none"
    if labelled_images:
        trained_on = f"{in_epochs(epochs)} of {labelled_images:,} images (as stated)"
    return WiringModel(
        identifier,
        network,
        region_map,
        fingerprint,
        provenance={
            "weights": "the network that was given",
            "diet": trained_on,
            "layers": how_it_answers(network, region_map),
            "training_images": account and account.labelled_images,
            "training_epochs": account and account.epochs,
            **(provenance or {}),
        },
        account=account,
        no_names=no_names,
    )


def _check_layers(network: nn.Module, region_map: RegionMap) -> None:
    """Raise `WiringError` for layers that do not run, or do not answer each of two images once:
    where there are as many tokens or windows as images in a batch, no shape would tell later.
    """
    size = region_map.preprocessing.image_size
    images = torch.zeros(2, 3, size, size, dtype=precision_of(network))
    named = [*region_map.regions.values(), region_map.behaviour]
    layers = list(dict.fromkeys(module_and_step(layer, network)[0] for layer in named))
    for layer, outputs in record(network.eval(), images, layers).items():
        if not outputs[-1].ndim or len(outputs[-1]) != 2:
            raise not_a_response(layer, outputs[-1], 2)


def how_it_answers(
    network: nn.Module, region_map: RegionMap, *files: Path, searched: str = ""
) -> str:
    """In words, what responses depend on beside the weights: layers, how images are shown where
    not as usual, and the network's code, which may lie in further `files` (see `code_of`).
    `searched`: what the layers were searched on.
    """
    named = [*region_map.regions.items(), (BEHAVIOR, region_map.behaviour)]
    layers = " ".join(f"{region}={layer}" for region, layer in named)
    parts = [f"{layers} ({searched})" if searched else layers]
    shown, usual = region_map.preprocessing, Preprocessing()
    if shown.image_size != usual.image_size:
        parts.append(f"images of {shown.image_size} px")
    if (shown.mean, shown.std) != (usual.mean, usual.std):
        parts.append(f"mean {shown.mean}, std {shown.std}")
    if region_map.visual_degrees != 8:
        parts.append(f"{region_map.visual_degrees:g} degrees")
    if region_map.steps:
        parts.append(f"steps {dict(region_map.steps)}")
    return "; ".join([*parts, f"code {code_of(network, *files)}"])


def _region_map(
    network: nn.Module,
    ran: list[RunModule],
    layers: Mapping[str, str],
    preprocessing: Preprocessing,
    visual_degrees: int,
) -> RegionMap:
    known = dict(network.named_modules())
    for region, layer in layers.items():
        if region not in (*OWN_REGIONS, *_SPELLINGS):
            names = ", ".join((*OWN_REGIONS, BEHAVIOR))
            raise unknown("region", region, (*OWN_REGIONS, BEHAVIOR), f"--layers of {names}")
        if not isinstance(layer, str) or layer not in known or not layer:
            raise unknown("layer", layer, filter(None, known), "network.named_modules()")
    stated = [layer for region, layer in layers.items() if region in _SPELLINGS]
    regions = {region: layers[region] for region in OWN_REGIONS if region in layers}
    return RegionMap(
        regions,
        stated[0] if stated else penultimate(ran),
        ran[-1].name,
        _known_steps(network, regions),
        visual_degrees=visual_degrees,
        preprocessing=preprocessing,
    )


def _known_steps(network: nn.Module, regions: Mapping[str, str]) -> dict[str, tuple[int, int, int]]:
    """The recurrent steps of a network that says how often its modules run, CORnet-S: those of the
    registered architecture that has these regions and runs them as often.
    """
    if not hasattr(type(network), "calls"):
        return {}
    calls = cast(Any, network).calls
    for one in ARCHITECTURES.values():
        known = {
            region: steps
            for region, steps in one.region_map.steps.items()
            if regions.get(region) == one.region_map.regions[region]
        }
        if known and all(calls(regions[region]) == count for region, (*_, count) in known.items()):
            return known
    return {}


def penultimate(ran: Sequence[RunModule]) -> str:
    """The module that ran before the last linear one: what behaviour is read out from."""
    last = max((place for place, one in enumerate(ran) if one.linear), default=len(ran) - 1)
    return ran[max(last - 1, 0)].name


def run_modules(network: nn.Module, image_size: int) -> list[RunModule]:
    """The modules that run once and give one tensor, in the order in which they end; the whole
    network is not among them.

    Where several give the same tensor (a container and its last module), it is the last. Raises
    `WiringError` where the network does not take a batch of such images.
    """
    ran: dict[tuple[int, int], tuple[str, Tensor]] = {}
    calls: dict[str, int] = {}

    def keep(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            calls[name] = calls.get(name, 0) + 1
            if isinstance(output, Tensor) and output.ndim > 1 and len(output) == 1:
                same = id(output), output._version  # counts changes in place
                ran.pop(same, None)
                ran[same] = name, output

        return hook

    modules = {name: module for name, module in network.named_modules() if name}
    handles = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        with torch.no_grad():
            image = torch.zeros(1, 3, image_size, image_size, dtype=precision_of(network))
            network.eval()(image)
    except Exception as error:
        raise WiringError(
            f"{type(network).__name__} does not take images of shape (1, 3, {image_size}, "
            f"{image_size}): {' '.join(str(error).split())[:200]}."
        ) from error
    finally:
        for handle in handles:
            handle.remove()
    found = [
        RunModule(name, output[0].numel(), isinstance(modules[name], nn.Linear))
        for name, output in ran.values()
        if calls[name] == 1
    ]
    if not found:
        raise WiringError(f"{type(network).__name__} has no module that gives one tensor.")
    return found


def _stated_account(
    identifier: str,
    network: nn.Module,
    images: int | None,
    epochs: float,
    synapses: int | None,
) -> Account | None:
    if images is None:
        return None
    images, epochs = whole_number("labelled_images", images, 0), real_number("epochs", epochs)
    synapses = None if synapses is None else whole_number("trained_synapses", synapses, 0)
    if not 0 <= epochs < math.inf:
        raise WrongUsage(f"epochs={epochs} was given: it takes a number of at least 0.")
    convolutions = (module for module in network.modules() if isinstance(module, nn.Conv2d))
    trained = TrainedSynapses(
        sum(convolution.weight.numel() for convolution in convolutions),
        sum(parameter.numel() for parameter in network.parameters()),
    )
    if synapses is not None or not images:
        trained = TrainedSynapses(synapses or 0, synapses or 0)
    return account_of_updates(
        identifier,
        "stated" if images else "at birth",
        round(images * epochs),
        trained,
        images,
        epochs if images else 0,
        0,
        0,
    )
