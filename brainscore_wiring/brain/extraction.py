"""Activations of a network for Brain-Score stimuli, as the paper prepares its images (appendix A)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly, walk_coords
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from PIL import Image
from torch import nn
from torchvision import transforms

from brainscore_wiring.architectures import record
from brainscore_wiring.commitments import Preprocessing
from brainscore_wiring.errors import WiringError

#: Small, so that the large maps of the first area stay in a processor's cache; the last batch is smaller, never padded.
BATCH_SIZE = 8
#: Colours together in memory: the first area takes a third of the time, the deeper ones the same.
LAYOUT = torch.channels_last


class ActivationsModel:
    """Image files in, activations out: the part of a model that Brain-Score's behavioural readouts call.

    `identifier` is `<model>@<fingerprint of its weights>`, so that whatever is cached under it belongs to these weights.
    Layers are module names; `IT.output-t0` is a recurrent module's first step, without a suffix its last.
    `logits` names the last module.
    """

    def __init__(self, identifier: str, network: nn.Module, logits: str, preprocessing: Preprocessing):
        self.identifier = identifier
        self.network = network.eval().to(memory_format=LAYOUT)
        self.logits = logits
        self._prepare = transforms.Compose([
            transforms.Resize((preprocessing.image_size, preprocessing.image_size)), transforms.ToTensor(),
            transforms.Normalize(preprocessing.mean, preprocessing.std)])

    def __call__(self, stimuli: StimulusSet | Sequence[str | Path], layers: Sequence[str] | None = None,
                 stimuli_identifier: str | bool | None = None, number_of_trials: int = 1,
                 require_variance: bool = False) -> NeuroidAssembly:
        """Activations (presentation, neuroid) of the layers, side by side; every column of the stimuli is kept.

        The network is deterministic: `number_of_trials` changes nothing. Trial-to-trial variance cannot be given and
        is refused with `WiringError`. Nothing is stored on disk, `stimuli_identifier` is accepted for Brain-Score's sake.
        """
        layers = [self.logits if layer == "logits" else layer for layer in layers or ["logits"]]
        parts = self.layers(stimuli, layers, require_variance)
        if len(parts) == 1:
            return parts[0]
        coordinates = {name: (dims, values) for name, dims, values in walk_coords(parts[0])}
        coordinates |= {name: (dims, np.concatenate([part[name].values for part in parts]))
                        for name, (dims, _) in coordinates.items() if "neuroid" in dims}
        return NeuroidAssembly(np.concatenate([part.values for part in parts], axis=1), coords=coordinates,
                               dims=parts[0].dims)

    def layers(self, stimuli: StimulusSet | Sequence[str | Path], layers: Sequence[str],
               require_variance: bool = False) -> list[NeuroidAssembly]:
        """One assembly (presentation, neuroid) for each layer, out of one pass over the stimuli."""
        if require_variance:
            raise WiringError(f"{self.identifier} responds the same way at every trial: "
                              "benchmarks that need trial-to-trial variance cannot be run on it.")
        paths, coordinates = _presentations(stimuli)
        if not paths:
            raise WiringError("There are no stimuli to look at.")
        return [NeuroidAssembly(values, dims=["presentation", "neuroid"],
                                coords=coordinates | {name: ("neuroid", column) for name, column
                                                      in self._neuroids(layer, shape).items()})
                for layer, (values, shape) in zip(layers, self._values(paths, layers))]

    def _values(self, paths: list[str], layers: Sequence[str]) -> list[tuple[np.ndarray, tuple[int, ...]]]:
        """Per layer the flat activations (presentation, neuroid) and the shape of one presentation's."""
        modules = [layer.partition("-t")[0] for layer in layers]
        steps = [int(layer.partition("-t")[2] or -1) for layer in layers]
        values: list[tuple[np.ndarray, tuple[int, ...]]] = []
        for start in range(0, len(paths), BATCH_SIZE):
            batch = torch.stack([self._image(path) for path in paths[start:start + BATCH_SIZE]]).contiguous(
                memory_format=LAYOUT)
            outputs = record(self.network, batch, list(dict.fromkeys(modules)))
            for number, (module, step) in enumerate(zip(modules, steps)):
                output = outputs[module][step].numpy()
                if start == 0:
                    shape = output.shape[1:]
                    values.append((np.empty((len(paths), int(np.prod(shape))), np.float32), shape))
                values[number][0][start:start + len(batch)] = output.reshape(len(batch), -1)
        return values

    def _image(self, path: str) -> torch.Tensor:
        try:
            with Image.open(path) as image:
                return self._prepare(image.convert("RGB"))
        except (OSError, SyntaxError) as error:
            raise WiringError(f"The stimulus '{path}' cannot be read: {error}.") from None

    def _neuroids(self, layer: str, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
        """Neuroid coordinates of a layer; rows of the feature map are `channel_x`, as in Brain-Score's own wrapper."""
        count = int(np.prod(shape))
        indices = np.indices(shape).reshape(len(shape), count)
        places = dict.fromkeys(("channel", "channel_x", "channel_y"), np.full(count, -1))
        places |= dict(zip(places, indices))
        numbers = np.arange(count)
        return {"neuroid_id": np.array([f"{self.identifier}.{layer}.{number}" for number in numbers]),
                "neuroid_num": numbers, "model": np.full(count, self.identifier), "layer": np.full(count, layer),
                **places}


def _presentations(stimuli: StimulusSet | Sequence[str | Path]) -> tuple[list[str], dict[str, tuple[str, np.ndarray]]]:
    """Image paths, and the presentation coordinates: all columns of a stimulus set, or just the paths."""
    if isinstance(stimuli, StimulusSet):
        paths = [str(stimuli.get_stimulus(stimulus_id)) for stimulus_id in stimuli["stimulus_id"]]
        columns = {name: ("presentation", stimuli[name].values) for name in stimuli.columns}
        return paths, columns | {"stimulus_path": ("presentation", np.array(paths))}
    paths = [str(path) for path in stimuli]
    return paths, {"stimulus_path": ("presentation", np.array(paths)), "stimulus_id": ("presentation", np.array(paths))}
