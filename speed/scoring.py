"""How fast a layer is scored on a neural benchmark: brainscore_vision's own code against this
package's exact twin.

    python speed/scoring.py [--images 60] [--features 200000] [--sites 168] [--only ours]
    python speed/scoring.py --images 3200 --features 100000 --only ours

Both ways run the same `NeuralBenchmark` (10 splits stratified by object, 25 PLS components, median
over sites) on the same made-up features, float32 in a file, and responses, each in a process of its
own with all cores. Memory is the most that a process ever held, and how much of that came on top
once it had opened the data; pages of the features' file count where they were read. Expect the same
score, no site's correlation more than 1e-9 apart, a ratio of times above 50 at the default size
(some minutes, nearly all of them stock), and less than 8 GB at 3,200 images (a minute or two).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

WAYS = ("stock", "ours")
#: Directions that features and responses share; the n-th has 1/n of the first one's variance.
LATENT = 400
CHUNK = 4096
DIMENSIONS = ["presentation", "neuroid", "time_bin"]
TIMES = {"time_bin_start": ("time_bin", [70]), "time_bin_end": ("time_bin", [170])}


def write_data(folder: Path, images: int, features: int, sites: int) -> None:
    """Features (images, features) of rectified units and noisy responses (images, sites) to the
    same images.
    """
    random = np.random.default_rng(0)
    latent = random.standard_normal((images, LATENT), np.float32) / np.sqrt(
        np.arange(1, LATENT + 1, dtype=np.float32)
    )
    values = np.lib.format.open_memmap(
        folder / "features.npy", "w+", np.float32, (images, features)
    )
    for start in range(0, features, CHUNK):
        part = values[:, start : start + CHUNK]
        part[:] = np.maximum(
            latent @ random.standard_normal((LATENT, part.shape[1]), np.float32), 0
        )
    values.flush()
    signal = latent @ random.standard_normal((LATENT, sites))
    np.save(folder / "responses.npy", signal + signal.std() * random.standard_normal(signal.shape))


def presentations(images: int) -> dict[str, tuple[str, list[str]]]:
    """Coordinates of images: as many objects as a tenth of the images allows, at most 64."""
    objects = min(64, images // 10)
    return {
        "stimulus_id": (
            "presentation",
            [f"image_{(number * 7919) % images:05d}" for number in range(images)],
        ),
        "object_name": ("presentation", [f"object_{number % objects}" for number in range(images)]),
        "category_name": (
            "presentation",
            [f"category_{number % objects % 8}" for number in range(images)],
        ),
    }


def make_benchmark(responses: np.ndarray) -> Any:
    """A benchmark of the structure of MajajHong2015's, its ceiling a given number."""
    from brainscore_core.metrics import Score
    from brainscore_core.supported_data_standards.brainio.assemblies import NeuronRecordingAssembly
    from brainscore_core.supported_data_standards.brainio.stimuli import StimulusSet
    from brainscore_vision import load_metric
    from brainscore_vision.benchmark_helpers.neural_common import NeuralBenchmark

    images, sites = responses.shape
    coordinates = presentations(images)
    assembly = NeuronRecordingAssembly(
        responses[:, :, np.newaxis],
        dims=DIMENSIONS,
        coords={
            **coordinates,
            **TIMES,
            "neuroid_id": ("neuroid", [f"site_{number}" for number in range(sites)]),
            "region": ("neuroid", ["IT"] * sites),
        },
    ).squeeze("time_bin")
    stimuli = StimulusSet({name: values for name, (_, values) in coordinates.items()})
    stimuli.identifier = f"made-up-{images}"
    assembly.attrs["stimulus_set"] = stimuli
    metric = load_metric("pls", crossvalidation_kwargs={"stratification_coord": "object_name"})
    return NeuralBenchmark(
        "MadeUp.IT-pls",
        assembly,
        metric,
        visual_degrees=8,
        number_of_trials=1,
        version=1,
        parent="IT",
        ceiling_func=lambda: Score(0.82),
    )


class RecordedModel:
    """A model whose activations are in a file."""

    identifier = "recorded"

    def __init__(self, features: np.ndarray):
        from brainscore_core.supported_data_standards.brainio.assemblies import NeuroidAssembly

        images, count = features.shape
        self._recording = NeuroidAssembly(
            features[:, :, np.newaxis],
            dims=DIMENSIONS,
            coords={
                **presentations(images),
                **TIMES,
                "neuroid_id": ("neuroid", np.arange(count)),
                "layer": ("neuroid", np.full(count, "IT")),
            },
        )

    def visual_degrees(self) -> int:
        return 8

    def start_recording(self, region: str, time_bins: list) -> None:
        pass

    def look_at(self, stimuli: Any, number_of_trials: int) -> Any:
        return self._recording


def run(way: str, folder: Path) -> dict[str, Any]:
    """Score the data in a folder in this process: seconds, memory, score, every site's correlation
    in every split.
    """
    os.environ.update(
        BS_INSTALL_DEPENDENCIES="no", RESULTCACHING_HOME=str(folder / way), TQDM_DISABLE="1"
    )
    warnings.simplefilter("ignore")
    benchmark = make_benchmark(np.load(folder / "responses.npy"))
    model = RecordedModel(np.load(folder / "features.npy", mmap_mode="r"))
    if way == "ours":
        from brainscore_wiring.scoring.exact import exact

        benchmark = exact(benchmark)
    parts = time_parts()
    before = most_memory()
    score, seconds = timed(lambda: benchmark(model))
    most = most_memory()
    return {
        "seconds": seconds,
        "most": most,
        "added": most - before,
        "score": float(score),
        "parts": parts,
        "correlations": score.raw.raw.transpose("split", "neuroid").values.tolist(),
    }


def most_memory() -> float:
    """The most gigabytes that this process has held in memory (resident), mapped files included."""
    status = Path("/proc/self/status")
    if status.exists():
        [kilobytes] = [
            line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")
        ]
        return int(kilobytes) / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e9 if sys.platform == "darwin" else 1e6
    )


def time_parts() -> dict[str, float]:
    """From here on, sum the seconds that the package's regression spends in this process by
    part.
    """
    from brainscore_wiring.scoring.partial_least_squares import (
        Fit,
        InnerProducts,
        PartialLeastSquares,
    )

    spent: dict[str, float] = {}

    def watch(owner: type, method: str, part: str) -> None:
        function = getattr(owner, method)

        def watched(*arguments: Any) -> Any:
            result, seconds = timed(lambda: function(*arguments))
            spent[part] = spent.get(part, 0) + seconds
            return result

        setattr(owner, method, watched)

    watch(InnerProducts, "of", "inner products")
    watch(PartialLeastSquares, "fit", "fits")
    watch(Fit, "predict", "predictions")
    return spent


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return function(), time.perf_counter() - started


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--features", type=int, default=200_000)
    parser.add_argument("--sites", type=int, default=168)
    parser.add_argument("--only", choices=WAYS)
    # what a process is told
    parser.add_argument("--run", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.run:
        print(json.dumps(run(options.run[0], Path(options.run[1]))))
        return
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder), options.images, options.features, options.sites)
        size = options.images * options.features * 4e-9
        print(
            f"{options.images:,} images, {options.features:,} features ({size:.2f} GB), "
            f"{options.sites} sites"
        )
        print(
            f"{'':<6}{'seconds':>10}{'most memory (GB)':>18}{'added (GB)':>12}{'score':>22}",
            flush=True,
        )
        for way in [options.only] if options.only else reversed(WAYS):
            output = subprocess.run(
                [sys.executable, __file__, "--run", way, folder],
                check=True,
                text=True,
                stdout=subprocess.PIPE,
            ).stdout
            results[way] = result = json.loads(output.splitlines()[-1])
            print(
                f"{way:<6}{result['seconds']:>10.2f}{result['most']:>18.2f}{result['added']:>12.3f}"
                f"{result['score']:>22.16f}",
                flush=True,
            )
    show(results)


def show(results: dict[str, dict[str, Any]]) -> None:
    if len(results) == 2:
        stock, ours = results["stock"], results["ours"]
        difference = np.abs(np.subtract(stock["correlations"], ours["correlations"])).max()
        print(
            f"stock / ours: {stock['seconds'] / ours['seconds']:.1f} x the time, "
            f"{stock['added'] / ours['added']:.1f} x the added memory; scores differ by "
            f"{abs(stock['score'] - ours['score']):.1e}, correlations by at most {difference:.1e}"
        )
    if "ours" in results:
        parts = results["ours"]["parts"]
        rest = results["ours"]["seconds"] - sum(parts.values())
        print(
            "ours: "
            + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())
            + f", brainscore_vision's splits and alignment {rest:.2f} s"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
