"""Brain-Score's own model helpers, told on one loaded object to run each image once and no padding.

Nothing of brainscore_vision is replaced: attributes are put on the model object and its extractor,
and taken off again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from brainscore_vision.model_helpers.activations.core import ActivationsExtractorHelper
from brainscore_vision.model_helpers.activations.pytorch import PytorchWrapper
from brainscore_vision.model_interface import BrainModel
from torch import nn

from brainscore_wiring.brain.features import Features, room_for
from brainscore_wiring.brain.pending_requests import PendingRequests, Request, state_of
from brainscore_wiring.networks.code import code_of
from brainscore_wiring.scoring.content_hash import content_hash


def can_share_stock(model: Any) -> bool:
    """Whether a model is one of Brain-Score's commitments around a PyTorch network, or around
    nothing that has weights.

    Other frameworks' weights cannot be watched, and some of them need batches of one size.
    """
    wrapper = getattr(model, "activations_model", None)
    extractor = getattr(wrapper, "_extractor", None)
    return (
        hasattr(model, "do_behavior")
        and isinstance(extractor, ActivationsExtractorHelper)
        and type(extractor)._from_paths is ActivationsExtractorHelper._from_paths
        and isinstance(getattr(wrapper, "_model", nn.Identity()), nn.Module)
    )


def record_stock_on(model: Any, device: torch.device, batch_size: int | None) -> None:
    """Run a PyTorch model of Brain-Score's wrapper on a device; any other model is left as it is.

    Without a `batch_size` the model's own is kept.
    """
    wrapper = getattr(model, "activations_model", None)
    if isinstance(wrapper, PytorchWrapper):
        wrapper._device = device
        wrapper._model.to(device)
    extractor = getattr(wrapper, "_extractor", None)
    if batch_size and isinstance(extractor, ActivationsExtractorHelper):
        extractor._batch_size = batch_size


def layers(model: Any, region: str | None, time_bins: Sequence[Any]) -> Request | None:
    """The layers of a region or (None) of probabilities; None if they cannot be foreseen."""
    if region is None:
        wanted = model.behavior_model.mapping[BrainModel.Task.probabilities].readout
    elif hasattr(model, "recording_layers"):  # a `CORnetCommitment`
        wanted = [layer for layer in model.layers if layer.startswith(region)]
    else:  # a `ModelCommitment`; a region without a layer chooses one only when it is recorded
        wanted = dict.get(model.layer_model.region_layer_map, region)
    wanted = (wanted,) if isinstance(wanted, str) else tuple(wanted or ())
    # where several layers stand side by side, their order is the wrapper's; a `PytorchWrapper`'s is
    # known
    return (
        wanted
        if len(wanted) == 1 or (wanted and isinstance(model.activations_model, PytorchWrapper))
        else None
    )


def how_stock_answers(model: Any) -> str | None:
    """In words, what responses of a commitment depend on beside its weights: layers of regions and
    of behaviour, degrees, and a digest of its preprocessing and of its network's code; None for
    other models.
    """
    wrapper = getattr(model, "activations_model", None)
    extractor = getattr(wrapper, "_extractor", None)
    if not hasattr(model, "layer_model") or extractor is None:
        return None
    regions = dict(getattr(model.layer_model, "region_layer_map", None) or {})
    readouts = getattr(getattr(model, "behavior_model", None), "mapping", {})
    probabilities = readouts.get(BrainModel.Task.probabilities)
    named = {**regions, "behavior": getattr(probabilities, "readout", None)}
    network = getattr(wrapper, "_model", None)
    code = code_of(network) if isinstance(network, nn.Module) else ""
    shown = content_hash([getattr(extractor, "preprocess", None), code])
    layers = " ".join(
        f"{region}={layer if isinstance(layer, str) else ','.join(map(str, layer))}"
        for region, layer in named.items()
        if layer
    )
    return f"{layers}; {model.visual_degrees()} degrees; preprocessing and code {shown[:8]}"


@contextlib.contextmanager
def sharing(model: Any, looks: Iterable[tuple[list[str], Request]]) -> Iterator[None]:
    """Inside, one pass over the images records all `looks`; no batch is padded."""
    extractor, start_recording = model.activations_model._extractor, model.start_recording

    def leave_task_and_record(*args, **kwargs):
        model.do_behavior = False
        return start_recording(*args, **kwargs)

    single: list[tuple[list[str], Request]] = [
        (list(dict.fromkeys(paths)), (layer,)) for paths, request in looks for layer in request
    ]
    attributes = {
        (extractor, "_pad"): lambda images, batch_size: (images, 0),
        (extractor, "_from_paths"): _OnePass(model.activations_model, single),
        (model, "start_recording"): leave_task_and_record,
    }
    for (owner, name), value in attributes.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name in attributes:
            delattr(owner, name)


class _Unforeseen(Exception):
    """A network's layers are not those asked for (a module that runs twice, say)."""


class _OnePass:
    """In place of an extractor's `_from_paths`: what is expected is recorded in one pass, into
    files where it is large.

    Requests that are not expected take Brain-Score's own way.
    """

    def __init__(self, wrapper: Any, looks: list[tuple[list[str], Request]]):
        self._extractor = wrapper._extractor
        network = getattr(wrapper, "_model", None)
        self._foreseen = {layer for _, (layer,) in looks}
        self._expected = PendingRequests(
            looks, lambda: "" if network is None else state_of(network)
        )
        self._order: list[str] = []

    def __call__(
        self, layers: Sequence[str], stimuli_paths: Sequence[str], require_variance: bool = False
    ) -> NeuroidAssembly:
        extractor, paths = self._extractor, list(stimuli_paths)
        plain = not (
            require_variance
            or extractor._batch_activations_hooks
            or extractor._microsaccade_helper.number_of_trials != 1
        )
        if plain and self._foreseen.issuperset(layers):
            try:
                responses = self._expected.responses(
                    paths,
                    [(layer,) for layer in layers],
                    lambda wanted: self._record(paths, wanted),
                )
                ordered = sorted(
                    zip(layers, responses), key=lambda layer: self._order.index(layer[0])
                )
                return extractor._package(
                    {
                        layer: values[..., 0].reshape(len(paths), *shape)
                        for layer, (shape, values) in ordered
                    },
                    paths,
                    require_variance,
                )
            except _Unforeseen:
                pass
        return type(extractor)._from_paths(extractor, layers, stimuli_paths, require_variance)

    def _record(self, paths: list[str], requests: list[Request]) -> dict[Request, Features]:
        wanted = [layer for (layer,) in requests]
        size, recorded = self._extractor._batch_size, dict[Request, Features]()
        for start in range(0, len(paths), size):
            outputs = self._extractor._get_batch_activations(
                paths[start : start + size], wanted, size, trial_number=0
            )
            if set(outputs) != set(wanted):
                raise _Unforeseen
            self._order += [layer for layer in outputs if layer not in self._order]
            if not recorded:
                shapes = {(layer,): (1, values.shape[1:]) for layer, values in outputs.items()}
                recorded = room_for(shapes, len(paths), next(iter(outputs.values())).dtype)
            for layer, values in outputs.items():
                for number, response in enumerate(values):
                    recorded[layer,].write(0, start + number, response)
        return recorded
