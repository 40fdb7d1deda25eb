"""How fast a layer is scored by each family of metrics: brainscore_vision's own code against this
package's exact twins, on the same made-up data in one process.

    python speed/metrics.py [--images 300] [--features 20000] [--sites 60] [--repeats 3]

One benchmark of each family, of the structure of those on the leaderboard: cross-validated, with
one fixed split for two subjects, and of dissimilarities. Times are minima over repeats, which take
turns; memory is the most that numpy held on top of the data. Expect numbers that differ by less
than 1e-9 and, at the default size, the ratios of docs/scoring.md.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scoring import DIMENSIONS, TIMES, RecordedModel, presentations, timed, write_data

sys.path.insert(0, str(Path(__file__).parents[1]))


def assembly(responses: np.ndarray, rows: slice = slice(None)) -> Any:
    """Recordings of some images, their sites shared by two subjects."""
    from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly
    from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet

    coordinates = presentations(len(responses))
    shown = {name: (dim, values[rows]) for name, (dim, values) in coordinates.items()}
    sites = range(responses.shape[1])
    found = NeuroidAssembly(
        responses[rows, :, np.newaxis],
        dims=DIMENSIONS,
        coords={
            **shown,
            **TIMES,
            "neuroid_id": ("neuroid", [f"site_{site}" for site in sites]),
            "subject": ("neuroid", [f"subject_{site % 2}" for site in sites]),
            "region": ("neuroid", ["IT"] * len(sites)),
        },
    ).squeeze("time_bin")
    stimuli = StimulusSet({name: values for name, (_, values) in shown.items()})
    stimuli.identifier = f"made-up-{rows.start}-{rows.stop}"
    found.attrs["stimulus_set"] = stimuli
    return found


class PartlyShown(RecordedModel):
    """A recorded model that answers the images that it is shown."""

    def look_at(self, stimuli: Any, number_of_trials: int) -> Any:
        shown = np.isin(self._recording["stimulus_id"].values, stimuli["stimulus_id"].values)
        return self._recording if shown.all() else self._recording[shown]


def families(responses: np.ndarray) -> Iterator[tuple[str, Any]]:
    """A stock benchmark for each family of metrics."""
    from brainscore_core.metrics import Score
    from brainscore_vision import load_metric
    from brainscore_vision.benchmark_helpers.neural_common import (
        NeuralBenchmark,
        RSABenchmark,
        TrainTestNeuralBenchmark,
    )
    from brainscore_vision.metrics.regression_correlation.metric import (
        ALPHA_LIST,
        CrossRegressedCorrelation,
        dual_ridge_cv_regression,
        pearsonr_correlation,
        ridge_cv_regression,
    )

    by_object = {"stratification_coord": "object_name"}
    over_splits = {
        "pls": load_metric("pls", crossvalidation_kwargs=by_object),
        "ridge": load_metric("ridge", crossvalidation_kwargs=by_object),
    } | {
        name: CrossRegressedCorrelation(regression(), pearsonr_correlation(), by_object)
        for name, regression in (
            ("ridgecv", ridge_cv_regression),
            ("dual ridgecv", dual_ridge_cv_regression),
        )
    }
    common = {"visual_degrees": 8, "number_of_trials": 1, "version": 1, "parent": "IT"}
    for name, metric in over_splits.items():
        yield (
            f"{name}, 10 splits",
            NeuralBenchmark(
                f"MadeUp.IT-{name}",
                assembly(responses),
                metric,
                ceiling_func=lambda: Score(0.8),
                **common,
            ),
        )
    images = len(responses)
    train, test = slice(0, 4 * images // 5), slice(4 * images // 5, images)
    for name in ("pls_split", "ridge_split", "ridgecv_split", "dual_ridgecv_split"):
        alphas = {"alphas": ALPHA_LIST} if "cv" in name else {}
        yield (
            f"{name}, one split",
            TrainTestNeuralBenchmark(
                f"MadeUp.IT-{name}",
                lambda: Score(0.8),
                train_assembly=assembly(responses, train),
                test_assembly=assembly(responses, test),
                similarity_metric=load_metric(name, **alphas),
                bibtex="",
                **common,
            ),
        )
    yield "rdm", RSABenchmark("MadeUp.IT-rdm", 1, assembly(responses), "IT", 8, 1, "")


def memory_of(run: Callable[[], Any]) -> float:
    """The most bytes that a run holds on top of what there was."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--features", type=int, default=20_000)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            BS_INSTALL_DEPENDENCIES="no",
            RESULTCACHING_HOME=folder,
            RESULTCACHING_DISABLE="1",
            TQDM_DISABLE="1",
        )
        write_data(Path(folder), options.images, options.features, options.sites)
        responses = np.load(Path(folder) / "responses.npy")
        model = PartlyShown(np.load(Path(folder) / "features.npy"))
        from brainscore_wiring.scoring.exact import exact

        print(
            f"{options.images:,} images, {options.features:,} features, {options.sites} sites\n"
            "| metric | stock, s | ours, s | ratio | stock, MB | ours, MB | score | difference |\n"
            "|---|---:|---:|---:|---:|---:|---:|---:|"
        )
        for name, stock in families(responses):
            ways = (stock, exact(stock))
            seconds: list[list[float]] = [[], []]
            scores: list[Any] = [None, None]
            with contextlib.redirect_stderr(io.StringIO()):
                memory = [memory_of(lambda way=way: way(model)) / 1e6 for way in ways]
                for _ in range(options.repeats):
                    for number, way in enumerate(ways):
                        scores[number], spent = timed(lambda way=way: way(model))
                        seconds[number].append(spent)
            stock_s, ours_s = map(min, seconds)
            print(
                f"| {name} | {stock_s:.2f} | {ours_s:.2f} | {stock_s / ours_s:.1f} "
                f"| {memory[0]:,.0f} | {memory[1]:,.0f} | {float(scores[0]):.6f} "
                f"| {abs(float(scores[0]) - float(scores[1])):.0e} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
