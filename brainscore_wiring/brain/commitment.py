"""From network to brain: which layer stands for which region, when, and what is read out for behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly, walk_coords
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.model_helpers.brain_transformation.behavior import LabelBehavior, OddOneOut, ProbabilitiesMapping
from brainscore_vision.model_interface import BrainModel
from torch import nn

from brainscore_wiring.brain.extraction import ActivationsModel, Preprocessing
from brainscore_wiring.errors import WiringError


@dataclass(frozen=True)
class Commitment:
    """An architecture's fixed claims about the ventral stream.

    `regions`: region -> module. `steps`: region -> (start of the first recurrent step, length of a step in
    milliseconds after stimulus onset, number of steps); regions without an entry respond at once. `behaviour` is the
    layer that behavioural readouts are fitted on, `logits` the last module.
    """

    regions: dict[str, str]
    behaviour: str
    logits: str
    steps: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    visual_degrees: int = 8
    preprocessing: Preprocessing = Preprocessing()

    def layer(self, region: str, time_bin: tuple[int, int]) -> str:
        """The layer for a region and a requested time bin: the recurrent step whose start is nearest to the bin's.

        Equally near steps: the earlier one. For the bins of the paper's benchmarks this is step 0 everywhere.
        """
        module = self.regions[region]
        if region not in self.steps:
            return module
        first, length, count = self.steps[region]
        step = min(range(count), key=lambda step: abs(first + step * length - time_bin[0]))
        return f"{module}-t{step}"


#: CORnet-S: its authors' commitment of areas and times (paper, section 2, and their public candidate models).
#: ResNet-50 and MobileNet: the paper's authors let public benchmarks choose a layer for each region and did not store
#: the choice. Here areas follow the weights, so that nothing is fitted: a region's layer is the last block that a
#: transfer draws from the CORnet-S area of that name (`weight_compression.transfer`), from nothing else where there is
#: such a one. ResNet-50's V1 is read after pooling, at the resolution of CORnet-S's; behaviour before the decoder.
#: HMAX: simple cells are V1, complex cells V2, where features of shapes begin; its top is all it has for V4, IT and
#: behaviour. It takes values between 0 and 1 and turns them to grey itself.
COMMITMENTS = {
    "cornet_s": Commitment(
        regions={region: f"{region}.output" for region in ("V1", "V2", "V4", "IT")},
        steps={"V2": (70, 100, 2), "V4": (90, 50, 4), "IT": (100, 100, 2)},
        behaviour="decoder.avgpool", logits="decoder.output"),
    "resnet50": Commitment(regions={"V1": "maxpool", "V2": "layer1", "V4": "layer3", "IT": "layer4"},
                           behaviour="avgpool", logits="fc"),
    "mobilenet_v1": Commitment(regions={"V1": "block1", "V2": "block4", "V4": "block9", "IT": "block13"},
                               behaviour="avgpool", logits="classifier"),
    "hmax": Commitment(regions={"V1": "s1_out", "V2": "c1_out", "V4": "c2_out", "IT": "c2_out"},
                       behaviour="c2_out", logits="c2_out",
                       preprocessing=Preprocessing(224, mean=(0, 0, 0), std=(1, 1, 1))),
    # the 256 x 256 RGB image with values 0 to 255, as in the stock model of this name
    "pixels": Commitment(regions=dict.fromkeys(("V1", "V2", "V4", "IT"), "pixels"), behaviour="pixels", logits="pixels",
                         preprocessing=Preprocessing(256, mean=(0, 0, 0), std=(1 / 255, 1 / 255, 1 / 255))),
}


class WiringModel(BrainModel):
    """A network as an experimental subject of Brain-Score.

    `training_record` is the record of its weights (None for models that nobody trained); `provenance` says in words what
    the weights are, `genome_numbers` how many numbers they were born from (None: as the catalogue row says). Unlike the
    stock commitments, a recording started after a task is a recording, and nothing is cached that could forget the
    region, the time bin or the weights.
    """

    def __init__(self, identifier: str, network: nn.Module, commitment: Commitment, fingerprint: str,
                 training_record: dict[str, Any] | None = None, provenance: dict[str, Any] | None = None,
                 genome_numbers: int | None = None):
        self._identifier = identifier
        self.network = network
        self.commitment = commitment
        self.fingerprint = fingerprint
        self.training_record = training_record
        self.provenance = provenance or {}
        self.genome_numbers = genome_numbers
        self.region_layer_map = dict(commitment.regions)
        self.activations_model = ActivationsModel(f"{identifier}@{fingerprint}", network, commitment.logits,
                                                  commitment.preprocessing)
        self._task: BrainModel | None = None
        self._recording: tuple[str, list[tuple[int, int]]] | None = None

    @property
    def identifier(self) -> str:
        return self._identifier

    def visual_degrees(self) -> int:
        """Degrees of visual angle that an image spans for this model."""
        return self.commitment.visual_degrees

    def start_task(self, task: str, *args, **kwargs) -> None:
        """Perform a task at the next `look_at`; `BrainModel.Task.passive` ends it. Raises `WiringError` if unknown."""
        if task == BrainModel.Task.passive:
            self._task = None
            return
        readouts = {BrainModel.Task.label: lambda: LabelBehavior(self.identifier, self.activations_model),
                    BrainModel.Task.probabilities: lambda: ProbabilitiesMapping(
                        self.identifier, self.activations_model, self.commitment.behaviour),
                    BrainModel.Task.odd_one_out: lambda: OddOneOut(
                        self.identifier, self.activations_model, self.commitment.behaviour)}
        if task not in readouts:
            raise WiringError(f"{self.identifier} cannot perform the task '{task}', only {', '.join(readouts)}.")
        readout = readouts[task]()
        readout.start_task(task, *args, **kwargs)
        self._task = readout

    def start_recording(self, recording_target: str, time_bins: Sequence[tuple[int, int]]) -> None:
        """Record from a region at the next `look_at`, once for each time bin (start, end) in milliseconds."""
        region = str(recording_target)
        if region not in self.commitment.regions:
            raise WiringError(f"{self.identifier} has no region '{region}', only "
                              f"{', '.join(self.commitment.regions)}.")
        bins = [(int(start), int(end)) for start, end in (time_bins if time_bins is not None else [(70, 170)])]
        self._task, self._recording = None, (region, bins)

    def look_at(self, stimuli: StimulusSet | list[str], number_of_trials: int = 1, require_variance: bool = False):
        """Responses to stimuli: choices of the current task, or an assembly (presentation, neuroid, time_bin)."""
        if self._task is not None:
            return self._task.look_at(stimuli, number_of_trials=number_of_trials, require_variance=require_variance)
        if self._recording is None:
            raise WiringError(f"{self.identifier} was shown stimuli before `start_recording` or `start_task`.")
        region, bins = self._recording
        layers = [self.commitment.layer(region, time_bin) for time_bin in bins]
        different = list(dict.fromkeys(layers))
        responses = dict(zip(different, self.activations_model.layers(stimuli, different, require_variance)))
        return _with_time([responses[layer] for layer in layers], region, bins)


def _with_time(responses: list[NeuroidAssembly], region: str, bins: list[tuple[int, int]]) -> NeuroidAssembly:
    """Stack one assembly per time bin; a neuroid keeps its first bin's coordinates."""
    first = responses[0]
    starts, ends = zip(*bins)
    coordinates = {name: (dims, values) for name, dims, values in walk_coords(first)}
    coordinates |= {"region": ("neuroid", np.full(first.sizes["neuroid"], region)),
                    "time_bin_start": ("time_bin", list(starts)), "time_bin_end": ("time_bin", list(ends))}
    values = np.stack([response.values for response in responses], axis=-1)
    return NeuroidAssembly(values, coords=coordinates, dims=[*first.dims, "time_bin"])
