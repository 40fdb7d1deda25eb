"""Which module of a network stands for which region: the one whose responses fit recordings best,
the regions in the order of the ventral stream.

The recordings are public and, where that can be, others than those that scores are made of:

- V1: dissimilarities of 92 objects in human early visual cortex (`Cichy2014.EVC-rdm`); V1's score
  in means is tuning to gratings.
- V4: neurons of monkey WE, session 190923 of Cowley et al. 2023, to 320 natural images; the scored
  session is another monkey's, of other images.
- IT: dissimilarities of the 92 objects in human IT (`Cichy2014.IT-rdm`); IT's score in means is of
  monkeys, on the same objects.

The public recordings of V2 lie in Brain-Score's storage alone: a network has a V2 where its user
names one.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
from torch import nn

from brainscore_wiring import public_files, saved
from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.benchmarks import objects92
from brainscore_wiring.benchmarks.cichy2014 import benchmark as cichy2014
from brainscore_wiring.benchmarks.cowley2023 import sessions
from brainscore_wiring.benchmarks.dissimilarity import dissimilarities, spearman
from brainscore_wiring.benchmarks.screen import some_of
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.brain.own_network import (
    BEHAVIOR,
    OWN_REGIONS,
    RunModule,
    brain_model,
    penultimate,
    run_modules,
)
from brainscore_wiring.errors import WiringError
from brainscore_wiring.networks.code import code_of
from brainscore_wiring.scoring.caches import no_identifier_caches
from brainscore_wiring.scoring.inner_products import InnerProducts
from brainscore_wiring.scoring.result import versions

#: Part of what a kept search is known by: another number where its rules change.
_VERSION = 1
#: Modules are looked for one level deeper until there are so many of them.
FEWEST_CANDIDATES, MOST_CANDIDATES = 8, 24
#: Larger layers are no candidates: 3,200 images of one would take more than 4 GB.
LARGEST_LAYER = 300_000
V4_SESSION, V4_IMAGES, _FOLDS = "190923", 320, 5


@dataclass(frozen=True)
class SearchedLayers:
    """A region map that was searched: region -> module, the fit of each, and what it was searched
    on, in words and as the benchmarks that are scored on the same data.
    """

    layers: dict[str, str]
    fits: dict[str, float]
    words: str
    benchmarks: frozenset[str]


@dataclass(frozen=True)
class Recordings92:
    """A region's dissimilarities of the 92 objects, the mean over people."""

    region: str
    benchmark: str
    groups: ClassVar = ("cichy2014", "kriegeskorte2008")

    @property
    def words(self) -> str:
        return f"{self.region} on {self.benchmark}"

    def stimuli(self, degrees: float) -> StimulusSet:
        return objects92.objects_on_screen(objects92.load_objects(), degrees)

    def fit(self) -> Callable[[np.ndarray], float]:
        """Spearman's correlation of a layer's dissimilarities (images, units) with the region's."""
        people = cichy2014.read_people(public_files.fetch(cichy2014.FMRI_DISSIMILARITIES))[
            self.region
        ]
        target = people.mean(axis=0)
        return lambda responses: spearman(dissimilarities(responses), target)


class NeuronsV4:
    """Responses of the neurons of a monkey whose recordings have no ceiling and no headline."""

    region, benchmark, groups = "V4", "Cowley2023.V4-pls.sessions", ("cowley2023_sessions",)
    words = f"V4 on {V4_IMAGES} images of session {V4_SESSION} of Cowley2023"

    def stimuli(self, degrees: float) -> StimulusSet:
        session = sessions.load_session(V4_SESSION)
        return some_of(session.on_screen(degrees), range(V4_IMAGES))

    def fit(self) -> Callable[[np.ndarray], float]:
        """Median over neurons of the correlation with predictions for left-out images."""
        neurons = sessions.load_session(V4_SESSION).responses[:, :V4_IMAGES].T
        return lambda responses: predictivity(responses, neurons)


SEARCHES = (
    Recordings92("V1", "Cichy2014.EVC-rdm"),
    NeuronsV4(),
    Recordings92("IT", "Cichy2014.IT-rdm"),
)


def search_layers(
    network: nn.Module, preprocessing: Preprocessing | None, *files: Path
) -> SearchedLayers:
    """The module for each region whose data are here; behaviour is read out before the decoder.

    The search is kept in the cache folder, under the weights, the network's code (see `code_of`,
    which takes `files`), the candidates and its rules. Raises `WiringError` where no region's data
    are here.
    """
    preprocessing = preprocessing or Preprocessing()
    ran = run_modules(network, preprocessing.image_size)
    layers = candidates(ran)
    here = [one for one in SEARCHES if not any(map(public_files.absent, one.groups))]
    if not here:
        raise WiringError(
            "A layer for each region is searched on public recordings, which are not on this "
            "machine: `brainscore data fetch cichy2014 kriegeskorte2008 cowley2023_sessions` gets "
            "them; or name the layers, as in --layers V1=... V4=... IT=..."
        )
    model = brain_model(network, {}, preprocessing=preprocessing)
    key = json.dumps(
        [
            _VERSION,
            model.fingerprint,
            code_of(network, *files),
            versions(),
            layers,
            asdict(preprocessing),
            [one.words for one in here],
        ]
    )
    fits = saved.read(saved.SEARCHED_LAYERS, key)
    if fits is None:
        with no_identifier_caches():
            fits = _searched(model, layers, here)
        saved.write(saved.SEARCHED_LAYERS, key, fits)
    best = along_the_stream(fits, layers)
    return SearchedLayers(
        {**best, BEHAVIOR: penultimate(ran)},
        {region: fits[region][layer] for region, layer in best.items()},
        f"searched: {', '.join(one.words for one in here)}",
        frozenset(one.benchmark for one in here),
    )


def candidates(ran: Sequence[RunModule]) -> list[str]:
    """The modules among which regions are looked for, from the input on.

    Those of the outer levels (`layer1.0`, not the convolutions in it), one level deeper until there
    are eight, of at most 300,000 units and before the decoder; evenly thinned out to 24.
    """
    decoder = penultimate(ran)
    end = next(place for place, one in enumerate(ran) if one.name == decoder)
    small = [one for one in ran[: end + 1] if 1 < one.units <= LARGEST_LAYER]
    deepest = max((one.name.count(".") for one in small), default=0)
    chosen: list[str] = []
    for depth in range(deepest + 1):
        chosen = [one.name for one in small if one.name.count(".") <= depth]
        if len(chosen) >= FEWEST_CANDIDATES:
            break
    places = np.linspace(0, len(chosen) - 1, min(len(chosen), MOST_CANDIDATES)).round().astype(int)
    return [chosen[place] for place in places]


def along_the_stream(
    fits: Mapping[str, Mapping[str, float]], layers: Sequence[str]
) -> dict[str, str]:
    """Region -> layer: the choice with the largest sum of fits in which the regions follow each
    other along the network as they do along the ventral stream.
    """
    regions = [region for region in OWN_REGIONS if region in fits]
    if len(layers) < len(regions):
        raise WiringError(
            f"The network has {len(layers)} modules that could be regions and {len(regions)} "
            "regions are searched: name the layers, as in --layers V1=... V4=... IT=..."
        )
    choices = itertools.combinations(layers, len(regions))
    best = max(
        choices, key=lambda choice: sum(fits[region][one] for region, one in zip(regions, choice))
    )
    return dict(zip(regions, best))


def _searched(
    model: WiringModel, layers: list[str], searches: Sequence[Any]
) -> dict[str, dict[str, float]]:
    """Region -> layer -> fit; images that several regions share are shown once."""
    fits: dict[str, dict[str, float]] = {}
    shown: dict[tuple[str, ...], list[Any]] = {}
    for one in searches:
        shown.setdefault(one.groups, []).append(one)
    for sharing in shown.values():
        stimuli = sharing[0].stimuli(model.visual_degrees())
        paths = [str(stimuli.get_stimulus(name)) for name in stimuli["stimulus_id"]]
        measures = {one.region: one.fit() for one in sharing}
        with model.activations_model.expecting([(paths, (layer,)) for layer in layers]):
            for layer in layers:
                responses = model.activations_model(paths, layers=[layer]).values
                for region, measure in measures.items():
                    fit = measure(responses)
                    fits.setdefault(region, {})[layer] = fit if np.isfinite(fit) else -1.0
    return fits


def predictivity(features: np.ndarray, neurons: np.ndarray) -> float:
    """How well features (images, units) predict neurons (images, neurons): the median over neurons
    of Pearson's r for left-out images.

    Ridge regression from inner products of images, its penalty the mean of their eigenvalues; five
    folds of neighbouring images.
    """
    inner = InnerProducts.of(features)
    predicted = np.empty_like(neurons, dtype=np.float64)
    for test in np.array_split(np.arange(len(neurons)), _FOLDS):
        train = np.setdiff1d(np.arange(len(neurons)), test)
        known, mean = inner.with_training(train, train), neurons[train].mean(axis=0)
        penalty = np.trace(known) / len(train) + np.finfo(float).tiny
        weights = np.linalg.solve(known + penalty * np.eye(len(train)), neurons[train] - mean)
        predicted[test] = inner.with_training(test, train) @ weights + mean
    correlations = [
        np.corrcoef(predicted[:, number], neurons[:, number])[0, 1]
        for number in range(neurons.shape[1])
    ]
    return float(np.median(correlations))
