"""What a model's IT and V1 do beside the monkey's: dissimilarities of 92 objects, and tuning to
gratings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from brainscore_wiring.benchmarks.dissimilarity import dissimilarities, spearman
from brainscore_wiring.benchmarks.macaque_v1_tuning.rows import PROPERTY_NAMES
from brainscore_wiring.benchmarks.macaque_v1_tuning.similarity import histograms
from brainscore_wiring.benchmarks.objects92 import IMAGES, MONKEY_WINDOW
from brainscore_wiring.paper.report.charts import Chart, histogram_chart
from brainscore_wiring.paper.report.pictures import Picture, matrix_picture

MACAQUE = "macaque V1"


def matrices(recorded: dict[str, np.ndarray]) -> list[Picture]:
    """Monkey IT, human IT, and dissimilarities (pairs,) of models, by name."""
    from brainscore_wiring.benchmarks.kriegeskorte2008.experiment import load_dissimilarities

    data = load_dissimilarities()
    monkey_human = f"Spearman's correlation of the two is {spearman(data.monkey, data.human):.2f}."
    pictures = [
        matrix_picture("monkey IT", data.monkey, IMAGES, monkey_human),
        matrix_picture("human IT", data.human, IMAGES, monkey_human),
    ]
    for name, pairs in recorded.items():
        if np.isnan(pairs).any():
            raise ValueError(f"some images drive all IT units of {name} alike")
        about = (
            f"Spearman's correlation with monkey IT {spearman(pairs, data.monkey):.2f}, with human "
            f"IT {spearman(pairs, data.human):.2f} (not over the ceiling)."
        )
        pictures.append(matrix_picture(name, pairs, IMAGES, about))
    return pictures


def tuning_charts(recorded: dict[str, dict[str, np.ndarray]]) -> list[Chart]:
    """The seven published histograms of macaque V1, and those of models: name -> property -> values
    of its units.
    """
    charts = []
    for name, histogram in histograms().items():
        neurons = histogram.counts.sum()
        shares = {f"{MACAQUE} (n = {neurons})": histogram.counts / neurons}
        for model, values in recorded.items():
            counts = histogram.count(values[name])[:-1]
            if counts.sum():
                shares[f"{model} (n = {counts.sum()})"] = counts / counts.sum()
        title = PROPERTY_NAMES[name]
        charts.append(histogram_chart(title, histogram.unit, histogram.edges, shares))
    return charts


def record_models(
    models: Sequence[str], report: Callable[[str], None]
) -> tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]]]:
    """Dissimilarities of 92 objects in each model's IT, and the tuning of its V1 units.

    Raises `WiringError` for a model that does not load here, or data that cannot be had.
    """
    from brainscore_wiring.benchmarks.macaque_v1_tuning.recording import recorded_responses
    from brainscore_wiring.benchmarks.macaque_v1_tuning.tuning import firing_rates, properties
    from brainscore_wiring.benchmarks.objects92 import responses
    from brainscore_wiring.scoring.loading import load_model

    objects, tuning = {}, {}
    for name in models:
        report(f"loading {name}")
        model = load_model(name)
        report(f"{name}: 92 objects")
        objects[name] = dissimilarities(responses(model, "IT", MONKEY_WINDOW))
        report(f"{name}: gratings")
        rates = firing_rates(recorded_responses(model))
        if rates is not None:
            tuning[name] = properties(rates)
    return objects, tuning
