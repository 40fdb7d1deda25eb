"""Activations of a network for Brain-Score stimuli, prepared as in the paper (appendix A)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
from PIL import Image
from torch import Tensor, nn

from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.arguments import several, whole_number
from brainscore_wiring.brain.features import Features, check_memory, room_for
from brainscore_wiring.brain.microsaccades import Microsaccades, shifted
from brainscore_wiring.brain.pending_requests import (
    PendingRequests,
    Request,
    request_for,
    state_of,
)
from brainscore_wiring.brain.stimuli import PLACES, Coordinates, Stimuli, presentations
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.networks.defaults import precision_of, pytorch_defaults
from brainscore_wiring.networks.devices import AUTO, BATCH_SIZES, device_of, running_on
from brainscore_wiring.networks.pixels import as_tensor, normalised
from brainscore_wiring.networks.recording import record
from brainscore_wiring.networks.rgb import rgb
from brainscore_wiring.progress import counting

#: Colours together in memory: the first area takes a third of the time, the deeper ones the same.
MEMORY_FORMAT = torch.channels_last
#: The step of a layer that is named without one.
LAST = -1
#: An image file and by how many pixels it is shifted to the right and down, if at all.
Presentation = tuple[str, tuple[float, float] | None]


class ActivationsModel:
    """Image files in, activations out: the part of a model that Brain-Score's behavioural readouts
    call.

    `identifier` is `<model>@<fingerprint of its weights>`, so that what is cached under it
    belongs to these weights. Layers are module names; `IT.output-t0` is a recurrent module's first
    step, without a suffix its last. `logits` names the last module. `network` is on the processor;
    to record, it goes to the device and comes back (see `record_on`). Raises
    `WiringError` where the network answers with NaN or infinity.
    """

    def __init__(
        self,
        identifier: str,
        network: nn.Module,
        logits: str,
        preprocessing: Preprocessing,
        visual_degrees: float = 8,
    ):
        self.identifier = identifier
        self._preprocessing, self._visual_degrees = preprocessing, visual_degrees
        self.record_on()
        self.network = network.eval().to(memory_format=MEMORY_FORMAT)
        self.logits = logits
        self._expected: PendingRequests | None = None

    def record_on(self, device: str | torch.device = AUTO, batch_size: int | None = None) -> None:
        """Record on a device from now on (see `devices.device_of`), that many images at a time.

        On a processor 8 by default, the last batch smaller and never padded; on a GPU 64.
        """
        self.device = device_of(device)
        self.batch_size = (
            BATCH_SIZES[self.device.type]
            if batch_size is None
            else whole_number("batch_size", batch_size, 1)
        )

    def __call__(
        self,
        stimuli: Stimuli,
        layers: str | Sequence[str] | None = None,
        stimuli_identifier: str | bool | None = None,
        number_of_trials: int = 1,
        require_variance: bool = False,
    ) -> NeuroidAssembly:
        """Activations (presentation, neuroid) of the layers, side by side; every column of the
        stimuli is kept.

        The network is deterministic: `number_of_trials` changes nothing, unless `require_variance`
        asks for as many presentations of each image, one after another, shifted by microsaccades.
        Nothing is stored on disk, `stimuli_identifier` is accepted for Brain-Score's sake.
        """
        trials = number_of_trials if require_variance else None
        images, shown = self._presentations(stimuli, trials)
        asked = dict.fromkeys(several("logits" if layers is None else layers))
        if not asked:
            raise WrongUsage("No layers were named: give one or several, or none for the logits.")
        layers = [self.logits if layer == "logits" else layer for layer in asked]
        responses = self._responses(images, [(layer,) for layer in layers])
        neuroids = [self._neuroids(layer, shape) for layer, (shape, _) in zip(layers, responses)]
        values = [values[..., 0] for _, values in responses]
        if len(layers) > 1:
            check_memory(sum(value.nbytes for value in values), layers)
            values = [np.concatenate(values, axis=1)]
        return NeuroidAssembly(
            values[0],
            dims=["presentation", "neuroid"],
            coords={"presentation": shown, "neuroid": neuroids[0].append(neuroids[1:])},
        )

    def over_time(
        self,
        stimuli: Stimuli,
        layers: Sequence[str],
        region: str,
        time_bins: Sequence[tuple[float, float]],
        number_of_trials: int = 1,
        require_variance: bool = False,
    ) -> NeuroidAssembly:
        """A region's recording (presentation, neuroid, time_bin): one layer for each time bin, all
        of one shape; trials as in a call.

        A neuroid has the coordinates of its first bin. Where all bins have the same layer, its
        values are there once and cannot be changed.
        """
        trials = number_of_trials if require_variance else None
        images, shown = self._presentations(stimuli, trials)
        request = request_for(layers)
        [(shape, values)] = self._responses(images, [request])
        if len(request) < len(layers):
            values = np.broadcast_to(values, (*values.shape[:2], len(layers)))
        starts, ends = zip(*time_bins)
        return NeuroidAssembly(
            values,
            dims=["presentation", "neuroid", "time_bin"],
            coords={
                "presentation": shown,
                "neuroid": self._neuroids(layers[0], shape, region=region),
                "time_bin_start": ("time_bin", list(starts)),
                "time_bin_end": ("time_bin", list(ends)),
            },
        )

    @contextlib.contextmanager
    def expecting(self, looks: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Iterator[None]:
        """Inside, one pass over the images in some files records all that `looks` will ask of them
        (see `PendingRequests`).

        A look is the image files in the order in which they are shown, and the layers of a
        recording's time bins.
        """
        before = self._expected
        self._expected = PendingRequests(
            [(paths, request_for(layers)) for paths, layers in looks],
            lambda: state_of(self.network),
        )
        try:
            yield
        finally:
            self._expected = before

    def _presentations(
        self, stimuli: Stimuli, trials: int | None
    ) -> tuple[list[Presentation], pd.MultiIndex]:
        """Image files and the coordinates of their presentations: one of each file, or `trials`."""
        paths, shown = presentations(stimuli)
        if not paths:
            raise WiringError("There are no stimuli to look at.")
        if trials is None:
            return [(path, None) for path in paths], _index(shown)
        shifts = Microsaccades.of(trials, self._preprocessing.image_size, self._visual_degrees)
        images: list[Presentation] = [(path, shift) for path in paths for shift in shifts.pixels]
        shown = {name: (dim, np.repeat(values, trials)) for name, (dim, values) in shown.items()}
        return images, _index(shown | shifts.coordinates(len(paths)))

    def _responses(
        self, images: list[Presentation], requests: Sequence[Request]
    ) -> list[tuple[tuple[int, ...], np.ndarray]]:
        """For each request the shape of one image's response and the values (presentation, neuroid,
        layer).
        """
        paths = [path for path, shift in images if shift is None]
        if self._expected is not None and paths:
            return self._expected.responses(
                paths, requests, lambda wanted: self._record(images, wanted)
            )
        recorded = self._record(images, requests)
        return [(recorded[request].shape, recorded[request].array()) for request in requests]

    @pytorch_defaults()
    def _record(
        self, images: Sequence[Presentation], requests: Sequence[Request]
    ) -> dict[Request, Features]:
        """One pass over the images, each file and shift once, batch by batch."""
        self.network.eval()
        wanted = {
            layer: module_and_step(layer, self.network) for request in requests for layer in request
        }
        modules = list(dict.fromkeys(module for module, _ in wanted.values()))
        steps = {
            module: 1 + max(step for other, step in wanted.values() if other == module)
            for module in modules
            if (module, LAST) not in wanted.values()
        }
        places: dict[Presentation, list[int]] = {}
        for number, image in enumerate(images):
            places.setdefault(image, []).append(number)
        different = list(places)
        recorded: dict[Request, Features] = {}
        with (
            running_on(self.device, self.network),
            counting(self.identifier, len(different)) as advance,
        ):
            for start in range(0, len(different), self.batch_size):
                shown = different[start : start + self.batch_size]
                outputs = record(self.network, self._batch(shown), modules, steps)
                responses = {
                    layer: _response(outputs[module], step, layer, len(shown))
                    for layer, (module, step) in wanted.items()
                }
                self._check_finite(responses)
                if not recorded:
                    shapes = {one: (len(one), responses[one[0]].shape[1:]) for one in requests}
                    recorded = room_for(shapes, len(images))
                for request, features in recorded.items():
                    for slot, layer in enumerate(request):
                        for image, response in zip(shown, responses[layer]):
                            for number in places[image]:
                                features.write(slot, number, response)
                advance(len(shown))
        return recorded

    def _check_finite(self, responses: dict[str, np.ndarray]) -> None:
        for layer, values in responses.items():
            if not np.isfinite(values).all():
                raise WiringError(
                    f"{self.identifier} answers images with numbers in {layer} that are none (NaN "
                    "or infinite): its weights or batch-norm statistics are damaged."
                )

    def _batch(self, shown: Sequence[Presentation]) -> torch.Tensor:
        images = torch.stack([shifted(self._image(path), shift) for path, shift in shown])
        layout = MEMORY_FORMAT if self.device.type == "cpu" else torch.contiguous_format
        return images.contiguous(memory_format=layout).to(self.device, precision_of(self.network))

    def _image(self, path: str) -> torch.Tensor:
        try:
            with Image.open(path) as image:
                return prepared(image, self._preprocessing)
        except Image.DecompressionBombError:
            raise WiringError(
                f"The stimulus '{path}' has more pixels than Pillow takes "
                f"({2 * (Image.MAX_IMAGE_PIXELS or 0):,}): make it smaller."
            ) from None
        except (OSError, SyntaxError, ValueError) as error:
            raise WiringError(f"The stimulus '{path}' cannot be read: {error}.") from None

    def _neuroids(self, layer: str, shape: tuple[int, ...], **constant: str) -> pd.MultiIndex:
        """The neuroids of a layer, with coordinates that are the same for all; rows of the map are
        `channel_x`, as in Brain-Score.

        It is the index that xarray makes of such columns, without looking for the different values
        of each.
        """
        count = int(np.prod(shape))
        numbers, same = np.arange(count), np.zeros(count, dtype=np.int8)
        names = [f"{self.identifier}.{layer}.{number}" for number in range(count)]
        order = sorted(range(count), key=names.__getitem__)
        alphabetical = np.empty_like(numbers)
        alphabetical[order] = numbers
        # the values of a column, in order, and which of them each neuroid has
        columns: dict[str, tuple[Any, np.ndarray]] = {
            "neuroid_id": ([names[number] for number in order], alphabetical),
            "neuroid_num": (numbers, numbers),
            "model": ([self.identifier], same),
            "layer": ([layer], same),
            **dict.fromkeys(PLACES, ([-1], same)),
            **{name: ([value], same) for name, value in constant.items()},
        }
        for place, size, indices in zip(PLACES, shape, np.indices(shape)):
            columns[place] = (np.arange(size), indices.ravel())
        levels, codes = zip(*columns.values())
        return pd.MultiIndex(levels, codes, names=columns, verify_integrity=False)


def _index(coordinates: Coordinates) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [np.asarray(values) for _, values in coordinates.values()], names=coordinates
    )


def prepared(image: Image.Image, preprocessing: Preprocessing) -> torch.Tensor:
    """An image as a network is given it: (channel, row, column), float32."""
    side = preprocessing.image_size
    picture = rgb(image).resize((side, side), Image.Resampling.BILINEAR)
    return normalised(as_tensor(picture), preprocessing.mean, preprocessing.std)


def module_and_step(layer: str, network: nn.Module) -> tuple[str, int]:
    """`IT.output-t0` is module IT.output at step 0; what is a module's whole name is its last."""
    found = re.fullmatch(r"(.+)-t(\d+)", layer)
    if found is None or layer in dict(network.named_modules()):
        return layer, LAST
    return found[1], int(found[2])


def not_a_response(layer: str, output: Tensor, images: int) -> WiringError:
    """The error for an output whose first dimension is not the images."""
    shown = "1 image" if images == 1 else f"{images} images"
    return WiringError(
        f"The layer '{layer}' gives {tuple(output.shape)} for {shown}: its first dimension is not "
        "the images, so name a module before or behind it."
    )


def _response(outputs: Sequence[Tensor], step: int, layer: str, images: int) -> np.ndarray:
    """What a module gave at a step, (images, ...); raises `WiringError` where it has no such step,
    or gives something else than a response to each image.
    """
    if step >= len(outputs):
        raise WiringError(f"The layer '{layer}' is one of {len(outputs)} steps, counted from 0.")
    if not outputs[step].ndim or len(outputs[step]) != images:
        raise not_a_response(layer, outputs[step], images)
    return outputs[step].float().cpu().numpy()
