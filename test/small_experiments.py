"""Small subjects, images and experiments of the real structure, for tests of the brain side and of
scoring.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from brainscore_core.metrics import Score
from brainscore_core.supported_data_standards.brainio.assemblies import (
    BehavioralAssembly,
    NeuroidAssembly,
)
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision import load_ceiling, load_metric
from brainscore_vision.benchmark_helpers.neural_common import NeuralBenchmark, average_repetition
from brainscore_vision.benchmarks import BenchmarkBase
from brainscore_vision.benchmarks.rajalingham2018.benchmarks.benchmark import (
    _DicarloRajalingham2018,
)
from PIL import Image
from torch import nn

from brainscore_wiring import folders
from brainscore_wiring.architectures import Preprocessing, RegionMap
from brainscore_wiring.brain.brain_model import WiringModel

PIXELS = 32


class Recurrent(nn.Module):
    """One convolution whose `output` is called in three steps, as in an area of CORnet-S."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.output = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            x = self.output(nn.functional.leaky_relu(self.conv(x), 0.1))  # never silent
        return x


class Network(nn.Sequential):
    """V1 (4 x 16 x 16), V4 and IT (4 x 8 x 8, three steps each), logits (1000); `shown` counts
    images.
    """

    def __init__(self, seed: int = 0):
        torch.manual_seed(seed)
        super().__init__(
            OrderedDict(
                V1=nn.Sequential(
                    OrderedDict(conv=nn.Conv2d(3, 4, 3, stride=2, padding=1), output=nn.Identity())
                ),
                pool=nn.MaxPool2d(2),
                V4=Recurrent(4),
                IT=Recurrent(4),
                decoder=nn.Sequential(
                    OrderedDict(
                        avgpool=nn.AdaptiveAvgPool2d(2),
                        flatten=nn.Flatten(),
                        linear=nn.Linear(16, 1000),
                    )
                ),
            )
        )
        self.shown = 0
        self.register_forward_pre_hook(self._count)

    @staticmethod
    def _count(network: Network, inputs: tuple[torch.Tensor]) -> None:
        network.shown += len(inputs[0])

    def calls(self, module: str) -> int:
        return 3 if module.startswith(("V4.", "IT.")) else 1


COMMITMENT = RegionMap(
    regions={region: f"{region}.output" for region in ("V1", "V4", "IT")},
    steps={"V4": (70, 100, 3), "IT": (70, 100, 3)},
    behaviour="decoder.avgpool",
    logits="decoder.linear",
    preprocessing=Preprocessing(PIXELS),
)


def subject(seed: int = 0, identifier: str = "small") -> WiringModel:
    """A small network as one of our models."""
    return WiringModel(identifier, Network(seed), COMMITMENT, f"seed{seed:04d}")


def draw(folder: Path, count: int = 12, seed: int = 0) -> list[Path]:
    """Noise images as PNG files 0.png, 1.png, ... in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.RandomState(seed).randint(0, 256, (count, PIXELS, PIXELS, 3), dtype=np.uint8)
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{number}.png")
    return [folder / f"{number}.png" for number in range(count)]


def stimulus_set(paths: Sequence[Path], identifier: str) -> StimulusSet:
    """Images in three categories, under a name."""
    names = [f"image {number}" for number in range(len(paths))]
    objects = [f"object {number % 3}" for number in range(len(paths))]
    stimuli = StimulusSet({"stimulus_id": names, "object_name": objects, "image_label": objects})
    stimuli.stimulus_paths = dict(zip(names, paths))
    stimuli.identifier = identifier
    return stimuli


class Recorded:
    """In place of a metric: keeps the responses that a benchmark hands over."""

    def __init__(self) -> None:
        self.responses: list[NeuroidAssembly] = []

    def __call__(self, source: NeuroidAssembly, target: NeuroidAssembly) -> Score:
        self.responses.append(source)
        return Score(0.5)


def experiment(
    region: str,
    stimuli: StimulusSet,
    identifier: str = "",
    version: int = 1,
    degrees: int = 8,
    time_bin: tuple[int, int] = (70, 170),
    seed: int = 0,
    ceiled: bool = False,
) -> NeuralBenchmark:
    """A neural benchmark of Brain-Score's on three made-up sites, whose metric is `Recorded`.

    Its ceiling is Brain-Score's split-half consistency where `ceiled`, else 0.9, which takes less
    time.
    """
    random = np.random.RandomState(seed)
    signal, repetitions = random.randn(len(stimuli), 3), 4
    trials = np.concatenate(
        [signal + 0.5 * random.randn(*signal.shape) for _ in range(repetitions)]
    )
    assembly = NeuroidAssembly(
        trials[..., None],
        dims=["presentation", "neuroid", "time_bin"],
        coords={
            "stimulus_id": ("presentation", np.tile(stimuli["stimulus_id"].values, repetitions)),
            "object_name": ("presentation", np.tile(stimuli["object_name"].values, repetitions)),
            "repetition": ("presentation", np.repeat(np.arange(repetitions), len(stimuli))),
            "neuroid_id": ("neuroid", [f"site {number}" for number in range(3)]),
            "region": ("neuroid", [region] * 3),
            "time_bin_start": ("time_bin", [time_bin[0]]),
            "time_bin_end": ("time_bin", [time_bin[1]]),
        },
    ).squeeze("time_bin")
    assembly.attrs.update(stimulus_set=stimuli, stimulus_set_identifier=stimuli.identifier)
    ceiler = load_ceiling("internal_consistency")
    return NeuralBenchmark(
        identifier=identifier or f"Small2026.{region}-pls",
        version=version,
        assembly=average_repetition(assembly),
        similarity_metric=Recorded(),
        visual_degrees=degrees,
        number_of_trials=1,
        parent=region,
        ceiling_func=lambda: ceiler(assembly) if ceiled else Score(0.9),
    )


class Behaviour(_DicarloRajalingham2018):
    """Brain-Score's behavioural benchmark on made-up choices."""

    def __init__(self, stimuli: StimulusSet, seed: int = 0):
        self._metric, self._fitting_stimuli = load_metric("i2n"), stimuli
        self._visual_degrees, self._number_of_trials = 8, 2
        random, truths = np.random.RandomState(seed), stimuli["object_name"].values
        objects = sorted(set(truths))
        right = {
            (name, other): 0.6 + 0.4 * random.rand()
            for name in stimuli["stimulus_id"]
            for other in objects
        }
        trials = [
            (name, truth, other, truth if random.rand() < right[name, other] else other)
            for _ in range(30)
            for other in objects
            for name, truth in zip(stimuli["stimulus_id"], truths)
            if other != truth
        ]
        names, truth, other, choices = zip(*trials)
        self._assembly = BehavioralAssembly(
            list(choices),
            dims=["presentation"],
            coords={
                "stimulus_id": ("presentation", list(names)),
                "truth": ("presentation", list(truth)),
                "sample_obj": ("presentation", list(truth)),
                "dist_obj": ("presentation", list(other)),
            },
        )
        self._assembly.attrs["stimulus_set"] = stimuli
        BenchmarkBase.__init__(
            self, "Small2026-i2n", lambda: self._metric.ceiling(self._assembly), version=1
        )


def kept_ceilings() -> list[Path]:
    """The files of ceilings in the cache folder."""
    return sorted((folders.cache() / "ceilings").glob("*.json"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing in this package's cache folder, and plain answers from Brain-Score's."""
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "home"))


@pytest.fixture
def stimuli(tmp_path, request) -> StimulusSet:
    """Drawn images, as a stimulus set with the test's name."""
    return stimulus_set(draw(tmp_path / "images"), request.node.name)
