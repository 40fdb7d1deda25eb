"""Pending layer requests: each stimulus set needs one forward pass for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np
from torch import nn

from brainscore_wiring.brain.features import Features
from brainscore_wiring.files import identity_of
from brainscore_wiring.weight_compression.birth import state_sha256

#: Layers whose responses are asked for together: for a recording one per time bin.
Request = tuple[str, ...]
Images = tuple[Hashable, ...]
Shape = tuple[int, ...]


def request_for(layers: Sequence[str]) -> Request:
    """The layers of a recording's time bins as one request, a layer of all bins once."""
    return tuple(layers) if len(set(layers)) > 1 else tuple(layers[:1])


def images_in(paths: Iterable[str]) -> Images:
    """Path, size and modification time of image files, never a stimulus set's name."""
    return tuple(_image(path) for path in paths)


def state_of(network: nn.Module) -> str:
    """What tells a network from another in this process: its weights, modules, their hooks, and a
    `forward` that was put into one. Plain attributes are not in it, as networks count in them.
    """
    modules = [
        f"{name} {id(module)} {type(module)} {[*module._forward_pre_hooks, *module._forward_hooks]}"
        f" {vars(module).get('forward')}"
        for name, module in network.named_modules()
    ]
    return "\n".join([state_sha256(network.state_dict()), *modules])


def _image(path: str) -> Hashable:
    try:
        return identity_of(path)
    except OSError:  # reading the image raises it again
        return path


class PendingRequests:
    """Requests to come, each for the images in some files, in the order in which they are shown.

    When the images are first shown, all requests to come for them are recorded in one pass. A
    recording is kept until it has been handed out as often as it was expected, under the images,
    the request and `state()`, which identifies the network as it is at that moment: where files,
    weights, modules or hooks were changed, they are recorded again.
    """

    def __init__(self, looks: Iterable[tuple[Sequence[str], Request]], state: Callable[[], str]):
        self._coming: dict[Images, Counter[Request]] = {}
        for paths, request in looks:
            self._coming.setdefault(images_in(paths), Counter())[request] += 1
        self._state = state
        self._kept: dict[Images, tuple[str, dict[Request, Features]]] = {}

    def responses(
        self,
        paths: Sequence[str],
        requests: Sequence[Request],
        record: Callable[[list[Request]], dict[Request, Features]],
    ) -> list[tuple[Shape, np.ndarray]]:
        """For each request the shape of one image's response and the values (images, neurons,
        layers).

        They are kept from an earlier look or come from `record`, together with everything that is
        still to come.
        """
        images = images_in(paths)
        coming = self._coming.get(images, Counter())
        state = self._state() if coming else ""
        of_state, features = self._kept.pop(images, (state, {}))
        if of_state != state:
            features = {}
        missing = [
            request for request in dict.fromkeys([*requests, *coming]) if request not in features
        ]
        if missing:
            features = features | record(missing)
        coming.subtract(set(requests) & set(coming))
        for request in [request for request, times in coming.items() if times == 0]:
            del coming[request]
        if coming:
            self._kept[images] = state, {request: features[request] for request in coming}
        return [
            (features[request].shape, features[request].array(kept=request in coming))
            for request in requests
        ]
