"""One forward pass of each image for all regions, tasks and benchmarks that share it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from brainscore_vision.benchmark_helpers.neural_common import (
    NeuralBenchmark,
    RSABenchmark,
    TrainTestNeuralBenchmark,
    timebins_from_assembly,
)
from brainscore_vision.benchmark_helpers.screen import place_on_screen

from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.brain.pending_requests import Request
from brainscore_wiring.scoring import stock_models

#: The layers a model will ask for: (model, region or None for a readout of probabilities, time
#: bins) -> layers.
Layers = Callable[[Any, "str | None", Any], "Request | None"]


@contextlib.contextmanager
def shared(model: Any, benchmarks: Iterable[Any]) -> Iterator[None]:
    """Inside, a loaded model runs each image once for everything that these loaded benchmarks will
    ask of it.

    At the first presentation of a stimulus set all that the benchmarks request is recorded in
    one pass; a recording is freed when the last benchmark has had it, or at the end. Which images
    they are is told by the files, and whether the model is still the same by its weights, never by
    a name. Responses are what they are outside.

    Models of ours share regions and behavioural readouts. So do stock ones for which `can_share` is
    true: they pad no batch inside, write large recordings to disk batch by batch, and a recording
    started after a task is a recording. Any other model, and a benchmark whose looks cannot be
    foreseen, is left as it is.
    """
    ours = isinstance(model, WiringModel)
    if not ours and not stock_models.can_share_stock(model):
        yield
        return
    layers = WiringModel.layers_of if ours else stock_models.layers
    looks = [look for benchmark in benchmarks for look in _looks(model, benchmark, layers)]
    with model.activations_model.expecting(looks) if ours else stock_models.sharing(model, looks):
        yield


def can_share(model: Any) -> bool:
    """Whether `shared` concerns a model, which can then be recorded after a task."""
    return isinstance(model, WiringModel) or stock_models.can_share_stock(model)


def _looks(model: Any, benchmark: Any, layers: Layers) -> list[tuple[list[str], Request]]:
    """The image files a benchmark shows and the layers it asks for, if they are foreseeable."""
    parts = getattr(benchmark, "benchmarks", None)
    if isinstance(parts, Mapping):
        return [look for part in parts.values() for look in _looks(model, part, layers)]
    try:
        shown = (
            benchmark.looks(model)
            if hasattr(benchmark, "looks")
            else [
                (_on_screen(model, stimuli, benchmark), region, time_bins)
                for stimuli, region, time_bins in _shown(benchmark)
            ]
        )
        wanted = [(paths, layers(model, region, time_bins)) for paths, region, time_bins in shown]
    except (
        Exception
    ):  # what keeps a benchmark from its data keeps it from a score too, and is reported there
        logging.getLogger(__name__).debug("what %s will show", benchmark.identifier, exc_info=True)
        return []
    return [(paths, request) for paths, request in wanted if request]


def _shown(benchmark: Any) -> list[tuple[StimulusSet, str | None, Any]]:
    """A benchmark's stimulus sets, each with region and time bins (None: probabilities)."""
    from brainscore_vision.benchmarks.rajalingham2018.benchmarks.benchmark import (
        _DicarloRajalingham2018,
    )

    if isinstance(benchmark, (NeuralBenchmark, RSABenchmark)):
        return [
            (
                benchmark._assembly.stimulus_set,
                benchmark.region,
                timebins_from_assembly(benchmark._assembly),
            )
        ]
    if isinstance(benchmark, TrainTestNeuralBenchmark):
        return [
            (assembly.stimulus_set, benchmark.region, benchmark.timebins)
            for assembly in (benchmark.train_assembly, benchmark.test_assembly)
        ]
    if isinstance(benchmark, _DicarloRajalingham2018):
        return [
            (benchmark._fitting_stimuli, None, None),
            (benchmark._assembly.stimulus_set, None, None),
        ]
    return []


def _on_screen(model: Any, stimuli: StimulusSet, benchmark: Any) -> list[str]:
    """The files a model is shown, once a benchmark has put its stimuli on the model's screen."""
    placed = place_on_screen(
        stimuli,
        target_visual_degrees=model.visual_degrees(),
        source_visual_degrees=benchmark._visual_degrees,
    )
    return [str(placed.get_stimulus(stimulus_id)) for stimulus_id in placed["stimulus_id"]]
