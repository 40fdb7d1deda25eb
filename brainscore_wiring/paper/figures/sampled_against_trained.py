"""Beside figure 2B: the weights that a genome samples against those of a trained network, layer by
layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from brainscore_wiring.paper.figures.genome_pictures import (
    KERNELS_SHOWN,
    PICTURE_SEED,
    Layer,
    convolution_layers,
)
from brainscore_wiring.paper.plotting import (
    MARGIN,
    REFERENCE,
    SAMPLED,
    SMALL,
    TILE,
    TILE_PITCH,
    TRAINED,
    WIDTH,
    Page,
    as_grey,
    colour_mosaic,
    style,
)
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.gabor import gabor
from brainscore_wiring.weight_compression.gabor_fit import fit_gabors
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal

#: Weights and filters drawn from a layer; two samples of one distribution are 0.0086 apart at
#: most, 19 times in 20.
WEIGHTS_COMPARED, FILTERS_COMPARED = 50_000, 100_000
COMPONENTS_SHOWN = 9
IN_ROW = 5


@dataclass(frozen=True)
class LayerWeights:
    """A layer's weights of one origin: the standard deviation of all of them, sorted weights (n)
    and filters (n, k * k) of a fixed random subset, and the first kernels (n, in, k, k).
    """

    std: float
    values: np.ndarray
    filters: np.ndarray
    kernels: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """One convolution: weights that were trained, weights sampled from the genome, and Kaiming
    Normal ones.
    """

    layer: Layer
    trained: LayerWeights
    sampled: LayerWeights
    kaiming: LayerWeights

    def distance(self, other: LayerWeights) -> float:
        """Kolmogorov-Smirnov distance of the trained weights' distribution to another, in [0,
        1].
        """
        from scipy.stats import ks_2samp

        return float(ks_2samp(self.trained.values, other.values, method="asymp").statistic)


def compare_convolutions(
    genome: Genome,
    state: Mapping[str, np.ndarray],
    report: Callable[[str], None] = lambda line: None,
) -> list[Comparison]:
    """Every convolution of the genome beside the trained one in `state` (arrays under the names of
    a state dict).
    """
    comparisons = []
    for layer in convolution_layers(genome):
        report(f"comparing {layer.name}")
        trained = _weights(layer, np.asarray(state[f"{layer.name}.weight"]))
        sampled = _weights(layer, layer.sample())
        comparisons.append(
            Comparison(
                layer,
                trained,
                sampled,
                _weights(layer, kaiming_normal(layer.shape, PICTURE_SEED, layer.name)),
            )
        )
    return comparisons


def _weights(layer: Layer, weights: np.ndarray) -> LayerWeights:
    def some(items: np.ndarray, count: int) -> np.ndarray:
        if len(items) <= count:
            return items
        return items[
            np.sort(
                Stream(PICTURE_SEED, layer.name, "pictured weights").uniform(count) * len(items)
            ).astype(int)
        ]

    filters = some(weights.reshape(-1, int(np.prod(layer.shape[2:]))), FILTERS_COMPARED)
    values = np.sort(some(weights.reshape(-1), WEIGHTS_COMPARED))
    return LayerWeights(
        float(weights.std(dtype=np.float64)), values, filters.copy(), weights[:KERNELS_SHOWN].copy()
    )


def draw_distributions(comparisons: list[Comparison], trained_on: str) -> Page:
    """Cumulative distributions of trained, sampled and Kaiming Normal weights: a panel for each
    convolution, a new row for each area. `trained_on` says what the trained network is.
    """
    places = _places([comparison.layer.name for comparison in comparisons])
    width, height, top = 1.3, 1.42, 0.82
    with style():
        page = Page(top + height * (max(row for row, _ in places) + 1) + 0.1)
        page.write(MARGIN, 0.08, "Weights sampled from the genome against trained ones", fontsize=9)
        page.write(
            MARGIN,
            0.28,
            "Cumulative distributions; sd: standard deviation, KS: Kolmogorov-Smirnov distance to "
            f"trained.\nTrained: {trained_on}.",
        )
        for line, (name, colour) in enumerate(
            (
                ("trained", TRAINED),
                (f"sampled, seed {PICTURE_SEED}", SAMPLED),
                ("Kaiming Normal, dashed", REFERENCE),
            )
        ):
            page.write(
                WIDTH - MARGIN, 0.08 + 0.15 * line, name, color=colour, weight="bold", ha="right"
            )
        for comparison, (row, column) in zip(comparisons, places):
            axis = page.axes_at(
                0.42 + (width + 0.03) * column, top + height * row, width - 0.14, height - 0.5
            )
            _draw_distribution(axis, comparison)
            axis.set_yticks([0, 0.5, 1], ["0", "", "1"] if column == 0 else ["", "", ""])
            axis.set_ylabel("share of weights" if column == 0 else "", labelpad=0)
            axis.set_xlabel("weight" if (row + 1, column) not in places else "", labelpad=1)
    return page


def _places(names: list[str]) -> list[tuple[int, int]]:
    """Row and column of each layer's panel: an area (the name's first part) starts a new row."""
    places, area = [], None
    row, column = -1, 0
    for name in names:
        if name.partition(".")[0] != area or column == IN_ROW:
            row, column = row + 1, 0
        area = name.partition(".")[0]
        places.append((row, column))
        column += 1
    return places


def _draw_distribution(axis: Axes, comparison: Comparison) -> None:
    trained, sampled, kaiming = comparison.trained, comparison.sampled, comparison.kaiming
    limit = 3.2 * max(trained.std, sampled.std) or 1.0
    levels = np.linspace(0, 1, 201)
    for weights, colour, line, dashes in (
        (trained, TRAINED, 1.6, "-"),
        (sampled, SAMPLED, 1.1, "-"),
        (kaiming, REFERENCE, 0.8, "--"),
    ):
        quantiles = np.quantile(weights.values, levels).clip(-limit, limit)
        axis.plot(
            [-limit, *quantiles, limit], [0, *levels, 1], dashes, color=colour, linewidth=line
        )
    words: dict[str, Any] = dict(fontsize=SMALL, va="center", transform=axis.transAxes)
    for line, (number, colour) in enumerate(
        (
            ("sd", TRAINED),
            (f"{trained.std:#.2g}", TRAINED),
            (f"{sampled.std:#.2g}", SAMPLED),
            (f"{kaiming.std:#.2g}", REFERENCE),
        )
    ):
        axis.text(0.02, 0.93 - 0.13 * line, number, color=colour, **words)
    for line, (number, colour) in enumerate(
        (
            ("KS", TRAINED),
            (f"{comparison.distance(sampled):.2f}", SAMPLED),
            (f"{comparison.distance(kaiming):.2f}", REFERENCE),
        )
    ):
        axis.text(0.99, 0.34 - 0.13 * line, number, color=colour, ha="right", **words)
    axis.set(xlim=(-limit, limit), ylim=(-0.02, 1.02))
    axis.set_title(comparison.layer.name, pad=3, weight="bold")
    tick = float(f"{limit * 0.65:.0e}")  # one digit, and far enough inside for the neighbour's
    axis.set_xticks([-tick, 0, tick], [f"−{tick:g}", "0", f"{tick:g}"])


def principal_filters(filters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal components (k * k, k * k) of filters (n, k * k), one per row and the largest first,
    and the share of the filters' variance along each. Signs make each one's largest weight
    positive.
    """
    variances, vectors = np.linalg.eigh(np.cov(filters, rowvar=False, dtype=np.float64))
    components = vectors.T[::-1]
    peaks = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    variances = variances[::-1].clip(0)
    return components * np.sign(peaks), variances / (variances.sum() or 1.0)


def draw_filters(comparisons: list[Comparison], trained_on: str) -> Page:
    """First-layer kernels (trained, their Gabor fits, sampled) and principal filters of other
    spatial convolutions.
    """
    colour = [comparison for comparison in comparisons if comparison.layer.in_colour][:1]
    spatial = [
        comparison
        for comparison in comparisons
        if not comparison.layer.pointwise and not comparison.layer.in_colour
    ]
    mosaics = 2.75 * len(colour)
    with style():
        page = Page(0.5 + mosaics + (0.45 + 0.52 * len(spatial) if spatial else 0))
        page.write(MARGIN, 0.08, "Filters sampled from the genome against trained ones", fontsize=9)
        page.write(MARGIN, 0.28, f"Trained: {trained_on}.")
        for comparison in colour:
            _draw_kernels(page, comparison, 0.58)
        if spatial:
            _draw_components(page, spatial, 0.58 + mosaics)
    return page


def _draw_kernels(page: Page, comparison: Comparison, top: float) -> None:
    """Trained kernels, the Gabors fitted to them and sampled ones, all to one scale."""
    kernels = comparison.trained.kernels
    largest = np.quantile(np.abs(kernels), 0.99)
    scales = np.full(KERNELS_SHOWN, largest)
    scale = f"(all pictures from −{largest:#.2g} to {largest:#.2g})"
    pictures = {f"{comparison.layer.name}, trained\n{scale}": colour_mosaic(kernels, scales)}
    if comparison.layer.entry.kind.startswith("gabor"):
        fitted = gabor(fit_gabors(kernels)[0], kernels.shape[-1])
        spread = (kernels - kernels.mean(axis=(-2, -1), keepdims=True)).var(dtype=np.float64)
        explained = 1 - ((kernels - fitted) ** 2).mean() / (spread or 1.0)
        pictures[
            f"the Gabors fitted to each of them\n(explain {explained:.0%} of the variance)"
        ] = colour_mosaic(fitted, scales)
    pictures[
        f"sampled from the genome, seed {PICTURE_SEED}\n(no kernel has a trained counterpart)"
    ] = colour_mosaic(comparison.sampled.kernels, scales)
    for column, (words, picture) in enumerate(pictures.items()):
        left = MARGIN + 2.28 * column
        page.write(left, top, words)
        page.picture(left, top + 0.3, 2.2, picture)


def _draw_components(page: Page, comparisons: list[Comparison], top: float) -> None:
    columns = {"trained": MARGIN + 0.72, "sampled": MARGIN + 0.85 + TILE_PITCH * COMPONENTS_SHOWN}
    page.write(MARGIN, top, "Principal filters and the share of the filters' variance along each")
    for words, left in columns.items():
        page.write(
            left, top + 0.17, words, color=TRAINED if words == "trained" else SAMPLED, weight="bold"
        )
    for row, comparison in enumerate(comparisons):
        y = top + 0.34 + 0.52 * row
        page.write(MARGIN, y + 0.07, comparison.layer.name, weight="bold")
        for words, left in columns.items():
            components, shares = principal_filters(getattr(comparison, words).filters)
            size = comparison.layer.shape[2:]
            for number, (component, share) in enumerate(zip(components[:COMPONENTS_SHOWN], shares)):
                x = left + TILE_PITCH * number
                page.picture(x, y, TILE, as_grey(component.reshape(size), np.abs(component).max()))
                page.write(
                    x + TILE / 2, y + TILE + 0.03, f"{share:.0%}", fontsize=SMALL, ha="center"
                )
