"""A network as a Brain-Score candidate that can be recorded from and given tasks."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from brainscore_vision.model_helpers.brain_transformation.behavior import (
    LabelBehavior,
    OddOneOut,
    ProbabilitiesMapping,
)
from brainscore_vision.model_interface import BrainModel
from torch import nn

from brainscore_wiring.architectures import RegionMap
from brainscore_wiring.architectures.region_map import IMAGENET_CLASSES
from brainscore_wiring.arguments import real_number
from brainscore_wiring.brain.extraction import ActivationsModel
from brainscore_wiring.brain.stimuli import Stimuli
from brainscore_wiring.errors import WiringError, WrongUsage, shortened
from brainscore_wiring.networks.code import code_of
from brainscore_wiring.networks.devices import AUTO
from brainscore_wiring.notebook_view import facts_as_html
from brainscore_wiring.weight_compression.birth import fingerprint_of

if TYPE_CHECKING:
    from brainscore_wiring.accounting import Account

#: So many images that evoke one response are different ones to a network that is not damaged.
MANY_IMAGES = 10


class WiringModel(BrainModel):
    """A network as a Brain-Score candidate.

    `training_record`: that of its weights, None for models that were not trained (in submissions
    the JSON of their checkpoint). `provenance`: where the weights come from, what they were trained
    on and their seed, in words.
    `account`: what their training took, None where that is not known and in submissions.
    `no_names`: why the decoder does not name images by ImageNet's classes, empty where it does.
    Unlike in Brain-Score's own, a recording started after a task is a recording, and nothing is
    cached under a key without the region, the time bin or the weights.
    """

    def __init__(
        self,
        identifier: str,
        network: nn.Module,
        region_map: RegionMap,
        fingerprint: str,
        training_record: Any = None,
        provenance: dict[str, Any] | None = None,
        account: Account | None = None,
        no_names: str = "",
    ):
        self._identifier = identifier
        self.region_map = region_map
        self.fingerprint = fingerprint
        self._code = code_of(network)
        self.training_record = training_record
        self.provenance = provenance or {}
        self.account = account
        self.no_names = no_names
        #: Benchmarks on whose data the layers of regions were searched.
        self.searched_on: frozenset[str] = frozenset()
        self.activations_model = ActivationsModel(
            f"{identifier}@{fingerprint}",
            network,
            region_map.logits,
            region_map.preprocessing,
            region_map.visual_degrees,
        )
        self._task: BrainModel | None = None
        self._recording: tuple[str, list[tuple[float, float]]] | None = None

    def _repr_html_(self) -> str:
        return facts_as_html(
            f"{self.identifier}@{self.fingerprint}",
            {
                "weights": self.provenance.get("weights"),
                "training data": self.provenance.get("diet"),
                "regions": ", ".join(f"{one}: {at}" for one, at in self.region_layer_map.items()),
                "behaviour": self.region_map.behaviour,
                "images span": f"{self.visual_degrees()} degrees",
                "account": self.account and self.account.in_words(),
            },
        )

    def __repr__(self) -> str:
        weights = f", weights: {self.provenance['weights']}" if "weights" in self.provenance else ""
        return f"<WiringModel {self.identifier}@{self.fingerprint}{weights}>"

    @property
    def identifier(self) -> str:
        return self._identifier

    @property
    def network(self) -> nn.Module:
        """What is recorded from. Its weights may be changed; another network is another model."""
        return self.activations_model.network

    def check_weights(self) -> None:
        """Raise `WiringError` where `network` was changed since, in its weights, modules, hooks or
        code: what a fingerprint, an account and a training record say is said of another one.
        """
        what_it_is_now = (
            "`brain_model(model.network, model.region_map, identifier=NAME)` makes a model "
            "of what its network is now."
        )
        if code_of(self.network) != self._code:
            raise WiringError(
                f"{self.identifier}@{self.fingerprint} has other modules, hooks or code than when "
                f"it was made: {what_it_is_now}"
            )
        if self.provenance.get("weights", "none") == "none":  # it has none, or nothing says whose
            return
        if fingerprint_of(self.network.state_dict()) != self.fingerprint:
            raise WiringError(
                f"{self.identifier}@{self.fingerprint} has other weights than when it was made: "
                f"{what_it_is_now}"
            )

    @property
    def region_layer_map(self) -> dict[str, str]:
        """Region -> layer, a copy: what is recorded is what `region_map` says."""
        return dict(self.region_map.regions)

    @property
    def layer_model(self) -> WiringModel:
        """What Brain-Score asks for `region_layer_map`, as for a score's comment."""
        return self

    def visual_degrees(self) -> int:
        """Degrees of visual angle that an image spans for this model."""
        return self.region_map.visual_degrees

    def record_on(self, device: str = AUTO, batch_size: int | None = None) -> None:
        """Record on a device from now on: "auto" (the default: a GPU where there is one), "cpu",
        "cuda", "cuda:1" or "mps"; `batch_size` images at a time.

        `network` itself stays on the processor. Raises `WiringError` for a device that is not here.
        """
        self.activations_model.record_on(device, batch_size)

    def start_task(self, task: str, *args, **kwargs) -> None:
        """Perform a task at the next `look_at`; `BrainModel.Task.passive` ends it.

        Raises `WiringError` for an unknown task, and for naming images by a decoder that was
        trained on other classes than ImageNet's 1,000, whose names Brain-Score gives its units.
        """
        if task == BrainModel.Task.passive:
            self._task = None
            return
        readouts = {
            BrainModel.Task.label: lambda: LabelBehavior(self.identifier, self._read_out),
            BrainModel.Task.probabilities: lambda: ProbabilitiesMapping(
                self.identifier, self._read_out, self.region_map.behaviour
            ),
            BrainModel.Task.odd_one_out: lambda: OddOneOut(
                self.identifier, self._read_out, self.region_map.behaviour
            ),
        }
        if task not in readouts:
            raise WiringError(
                f"{self.identifier} cannot perform the task '{task}', only {', '.join(readouts)}."
            )
        if task == BrainModel.Task.label and self.no_names:
            raise WiringError(
                f"{self.identifier} cannot perform the task '{task}': {self.no_names}, and the "
                f"task asks for ImageNet's {IMAGENET_CLASSES:,} classes."
            )
        readout = readouts[task]()
        readout.start_task(task, *args, **kwargs)
        self._task = readout

    def start_recording(
        self, recording_target: str, time_bins: Sequence[tuple[float, float]] | None
    ) -> None:
        """Record from a region at the next `look_at`, once for each time bin (start, end) in
        milliseconds; None is 70 to 170 ms. Raises `WiringError` for a region that there is not,
        and for what is no time bin.
        """
        region = str(recording_target)
        if region not in self.region_map.regions:
            raise WiringError(
                f"{self.identifier} has no region '{region}', only "
                f"{', '.join(self.region_map.regions)}."
            )
        self._task, self._recording = None, (region, _milliseconds(time_bins))

    def look_at(
        self,
        stimuli: Stimuli,
        number_of_trials: int = 1,
        require_variance: bool = False,
    ):
        """Responses to stimuli: choices of the current task, or an assembly (presentation, neuroid,
        time_bin).

        `stimuli`: a stimulus set, image files, a folder of them, or one (see
        `stimuli.presentations`). With `require_variance` each is shown in `number_of_trials`
        trials, one after another, which differ by microsaccades; else all trials are equal,
        and there is one.
        """
        if self._task is not None:
            return self._task.look_at(
                stimuli, number_of_trials=number_of_trials, require_variance=require_variance
            )
        if self._recording is None:
            raise WiringError(
                f"{self.identifier} was shown stimuli before `start_recording` or `start_task`."
            )
        region, bins = self._recording
        layers = self.layers_of(region, bins)
        with self._as_it_was():
            return self.activations_model.over_time(
                stimuli, layers, region, bins, number_of_trials, require_variance
            )

    @contextlib.contextmanager
    def _as_it_was(self) -> Iterator[None]:
        """Takes what a network notes in its own attributes while it runs for no change of it."""
        unchanged = code_of(self.network) == self._code
        try:
            yield
        finally:
            if unchanged:
                self._code = code_of(self.network)

    def _read_out(self, stimuli: Any, *args: Any, **kwargs: Any) -> Any:
        """What behaviour is read out from.

        Raises `WiringError` where many images evoke the same: no choice follows from that.
        """
        with self._as_it_was():
            found = self.activations_model(stimuli, *args, **kwargs)
        if len(found) >= MANY_IMAGES and (found.values == found.values[:1]).all():
            raise WiringError(
                f"All images evoke the same response in {self.identifier}, so that no choice "
                "follows from it: its weights are damaged."
            )
        return found

    def layers_of(
        self, region: str | None, time_bins: Sequence[tuple[float, float]] | None
    ) -> tuple[str, ...]:
        """The layer mapped to a region in each time bin; without a region, the one behaviour
        is read out from.
        """
        if region is None:
            return (self.region_map.behaviour,)
        return tuple(
            self.region_map.layer(region, time_bin) for time_bin in _milliseconds(time_bins)
        )


def why_no_names(record: Mapping[str, Any]) -> str:
    """Why a decoder with this training record, as JSON, names no images by ImageNet's classes;
    empty where it does, or where that is not stated.
    """
    data = record.get("diet") or {}
    classes = data.get("classes") if record.get("images_shown") else None
    if classes in (None, IMAGENET_CLASSES):
        return ""
    if not classes:
        return "the file that its weights were imported from has no decoder that fits"
    return f"its decoder was trained on the {classes:,} classes of {data.get('name', 'unknown')}"


def _milliseconds(time_bins: Sequence[Any] | None) -> list[tuple[float, float]]:
    """Time bins as plain numbers, by default 70 to 170 ms; a benchmark with one bin gives it as an
    array that holds one pair. They are taken as milliseconds, also where a benchmark means seconds.
    """
    if time_bins is None:
        return [(70, 170)]
    try:
        pairs = [np.asarray(time_bin, dtype=object).tolist() for time_bin in time_bins]
        bins = [(real_number("start", start), real_number("end", end)) for start, end in pairs]
    except (TypeError, ValueError, WrongUsage):  # no pairs, or no numbers in them
        bins = []
    if not bins or not all(-math.inf < start <= end < math.inf for start, end in bins):
        raise WiringError(
            f"Time bins are pairs of a start and an end in milliseconds, such as [(70, 170)],"
            f" not {shortened(repr(time_bins), 80)}."
        )
    return bins
