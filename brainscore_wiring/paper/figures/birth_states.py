"""Figure 2: how Kaiming Normal and weight compression sample a birth state, and how it scores
(paper, section 4).

Panels A and B are drawn from the authors' parameter files where they are at hand, else from the
packaged genome, and say from which; `brainscore figures 2B` draws a whole genome. In C the bars at
birth are means of the ten seeds of the paper's text.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes

from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.checkpoints.initial_weights import read_genome
from brainscore_wiring.checkpoints.locate import packaged_genome, published_folder
from brainscore_wiring.paper.figures.genome_pictures import PICTURE_SEED, Layer, convolution_layers
from brainscore_wiring.paper.panels import (
    DARK_BLUE,
    MARGIN,
    Look,
    Panel,
    PaperFigure,
    bar,
    groups,
    new_figure,
    points_of,
)
from brainscore_wiring.paper.plotting import (
    LIGHT_GREY,
    MEDIUM_GREY,
    REFERENCE,
    SMALL,
    WORD_COLOUR,
    Page,
    as_grey,
    colour_mosaic,
)
from brainscore_wiring.scoring.points import Point, Scores
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entries.gabor_mixture import GaborMixture
from brainscore_wiring.weight_compression.genome import Genome
from brainscore_wiring.weight_compression.kaiming_normal import kaiming_normal

FIRST, SECOND = "V1.conv1", "V2.conv2"
SPATIAL = ("V1.conv2", "V2.conv2", "V4.conv2", "IT.conv2")
SAMPLES, SAMPLE, PITCH = 7, 0.27, 0.3
#: Kaiming Normal at birth with batch-norm statistics measured on images. The authors' database has
#: it as the network whose decoder alone was trained: the decoder is on the path of no score.
_MEASURED = ("cornet_s_dt_decoder", "cornet_s_kn_bn")
#: Group -> its bars: words, models, colour, where it stands beside the group's middle.
_BIRTHS: dict[str, tuple[tuple[str, tuple[str, ...], str, float], ...]] = {
    "no training": (
        ("KN", ("cornet_s_kn",), MEDIUM_GREY, -0.31),
        ("KN\nstat.", _MEASURED, LIGHT_GREY, 0.0),
        ("WC", ("cornet_s_wc",), DARK_BLUE, 0.31),
    ),
    "full training": (
        ("KN", ("cornet_s",), MEDIUM_GREY, -0.16),
        ("WC", ("cornet_s_wc_full",), DARK_BLUE, 0.16),
    ),
}
_BAR = 0.3


def figure_2(scores: Scores) -> PaperFigure:
    """Distributions that weights are sampled from with samples of them, a genome's filters, and
    scores at birth.
    """
    genome, origin = _genome(scores)
    figure = new_figure("2", "Birth states and their scores", 5.25, scores, origin=origin)
    layers = {layer.name: layer for layer in convolution_layers(genome)}
    figure.page.write(0.2, 0.42, "A", fontsize=10, weight="bold")
    figure.page.write(0.42, 0.445, "Birth initialisation, layer by layer")
    _draw_sampling(figure.page, layers, 0.8)
    figure.page.write(0.2, 2.86, "B", fontsize=10, weight="bold")
    figure.page.write(
        0.42, 2.885, "Weight compression: sampled V1.conv1 kernels and cluster centres"
    )
    figure.page.picture(MARGIN, 3.2, 1.6, colour_mosaic(layers[FIRST].sample()[:64]))
    figure.page.write(MARGIN, 4.84, "V1.conv1, each to its own scale", fontsize=SMALL)
    figure.page.write(1.85, 4.97, f"A and B: {origin}", fontsize=SMALL, color=WORD_COLOUR)
    for row, name in enumerate(SPATIAL):
        _draw_centres(figure.page, layers[name], 1.85, 3.12 + 0.45 * row)
    _draw_scores(figure.panel("2C", "At birth and trained", 5.3, 0.66, 1.32, 3.6))
    return figure.finished()


def _genome(scores: Scores) -> tuple[Genome, str]:
    """The genome to draw, and in words where it is from."""
    folder = published_folder() if scores.name == "published" else None
    if folder is not None:
        return read_genome(folder), "the authors' parameter files"
    genome = read_genome(packaged_genome())
    images = genome.source.get("diet", "unknown images")
    return genome, f"the packaged genome, fitted to a network trained on {images}"


def _draw_sampling(page: Page, layers: dict[str, Layer], top: float) -> None:
    """A row for each layer and method: distribution, arrow, samples."""
    for row, (name, method) in enumerate(
        ((FIRST, "KN"), (FIRST, "WC"), (SECOND, "KN"), (SECOND, "WC"))
    ):
        layer, y = layers[name], top + 0.5 * row
        colour = MEDIUM_GREY if method == "KN" else DARK_BLUE
        page.write(MARGIN, y + 0.02, method, weight="bold", color=colour)
        page.write(MARGIN, y + 0.15, name, fontsize=SMALL)
        axis = page.axes_at(0.68, y - 0.02, 1.15, 0.3)
        if method == "KN":
            deviation = math.sqrt(2 / (layer.shape[0] * np.prod(layer.shape[2:])))
            words = _draw_normal(axis, deviation, colour)
            weights = kaiming_normal(layer.shape, PICTURE_SEED, name)
        else:
            words = _draw_compressed(axis, layer, colour)
            weights = layer.sample()
        axis.set_yticks([])
        axis.spines["left"].set_visible(False)
        axis.tick_params(labelsize=5.5, length=1.5, pad=1)
        page.write(1.9, y + 0.0, words, fontsize=5.5, linespacing=1.1)
        largest = float(np.abs(weights[:SAMPLES, 0]).max())
        for number in range(SAMPLES):
            kernel = weights[number]
            pixels = colour_mosaic(kernel[None]) if layer.in_colour else as_grey(kernel[0], largest)
            page.picture(2.62 + PITCH * number, y - 0.01, SAMPLE, pixels)
    page.write(0.68, top - 0.16, "distribution", fontsize=SMALL, color=REFERENCE)
    page.write(2.62, top - 0.16, "samples (seed 0)", fontsize=SMALL, color=REFERENCE)


def _draw_normal(axis: Axes, deviation: float, colour: str) -> str:
    values = np.linspace(-4 * deviation, 4 * deviation, 121)
    axis.fill_between(values, np.exp(-0.5 * (values / deviation) ** 2), color=colour, linewidth=0)
    tick = float(f"{2.5 * deviation:.1g}")
    axis.set_xticks([-tick, 0, tick], [f"−{tick:g}", "0", f"{tick:g}"])
    axis.set_ylim(0, 1.05)
    return f"one normal:\nσ = {deviation:.2g}"


def _draw_compressed(axis: Axes, layer: Layer, colour: str) -> str:
    """The density that a genome's entry implies, each component drawn; returns it in words."""
    entry = layer.entry
    if isinstance(entry, GaborMixture):
        parts = [
            (weight, mean[0], math.sqrt(covariance[0][0]))
            for weight, mean, covariance in zip(entry.weights, entry.means, entry.covariances)
        ]
        words = f"spatial frequency\n(cycles / pixel):\n{len(parts)} components"
    elif isinstance(entry, Clusters):
        parts = [
            (count / len(centre), value, noise)
            for count, centre, noise in zip(entry.count_means, entry.centres, entry.noise)
            for value in centre
        ]
        words = f"weights: normals\naround {len(entry.centres)} cluster\ncentres"
    else:
        sample = np.sort(layer.sample().reshape(-1)[:20_000])
        parts = [(1.0, float(sample.mean()), float(sample.std()))]
        words = entry.kind.replace("_", "\n")
    low = min(mean - 3 * deviation for _, mean, deviation in parts)
    high = max(mean + 3 * deviation for _, mean, deviation in parts)
    values = np.linspace(low, high, 241)
    densities = np.array(
        [
            weight / deviation * np.exp(-0.5 * ((values - mean) / deviation) ** 2)
            for weight, mean, deviation in parts
        ]
    )
    axis.fill_between(values, densities.sum(axis=0), color=colour, alpha=0.35, linewidth=0)
    if isinstance(entry, GaborMixture):
        axis.plot(values, densities.T, color=colour, linewidth=0.6)
    else:  # nine weights of each centre, as one
        centres = len(entry.centres) if isinstance(entry, Clusters) else 1
        for rows in densities.reshape(centres, -1, len(values)):
            axis.plot(values, rows.sum(axis=0), color=colour, linewidth=0.6)
    axis.set_ylim(0, densities.sum(axis=0).max() * 1.05)
    axis.locator_params(axis="x", nbins=3)
    return words


def _draw_centres(page: Page, layer: Layer, left: float, top: float) -> None:
    """A layer's cluster centres, the commonest first, with their mean shares."""
    page.write(left, top + 0.04, layer.name, fontsize=SMALL, weight="bold")
    if not isinstance(layer.entry, Clusters):
        page.write(left, top + 0.16, "no clusters", fontsize=5.5)
        return
    shares = np.array(layer.entry.count_means) / layer.entry.in_channels
    centres = np.array(layer.entry.centres).reshape(-1, *layer.shape[2:])
    largest = float(np.abs(centres).max())
    page.write(left, top + 0.16, f"max ±{largest:#.2g}", fontsize=5.5)
    for number, cluster in enumerate(np.argsort(-shares, kind="stable")[:8]):
        x = left + 0.56 + PITCH * number
        page.picture(x, top, SAMPLE, as_grey(centres[cluster], largest))
        page.write(
            x + SAMPLE / 2, top + SAMPLE + 0.02, f"{shares[cluster]:.0%}", fontsize=5.5, ha="center"
        )


def _draw_scores(panel: Panel) -> None:
    axis, scores = panel.axis, panel.scores
    births = [point for point in points_of(scores, "2C", "2text") if point.model != "pixels"]
    points = panel.with_score([*births, *_measured(scores)])
    if not points:
        panel.missing("none of these networks was scored.")
        return
    for place, kinds in enumerate(_BIRTHS.values()):
        for words, models, colour, shift in kinds:
            mine = (point for point in points if point.model in models)
            for group in groups(mine, lambda point: (point.model,))[:1]:
                bar(axis, place + shift, list(map(scores.percent, group)), colour, _BAR)
                letters = "black" if colour == LIGHT_GREY else "white"
                look: Look = dict(ha="center", va="bottom", fontsize=5, color=letters)
                axis.text(place + shift, 10, f"{words}\nn={len(group)}", **look)
    axis.set_xticks(range(len(_BIRTHS)), _BIRTHS)
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set_xlim(-0.55, len(_BIRTHS) - 0.45)
    panel.percent_axis(map(scores.percent, points))
    panel.pixels_line(beside=True)


def _measured(scores: Scores) -> list[Point]:
    """Kaiming Normal at birth with measured statistics; of the authors' seeds, which are one
    network, the first.
    """
    seed = 0 if scores.name == "published" else None
    decoder = scores.select(model=_MEASURED[0], images=FULL, epochs=1, seed=seed)
    return scores.select(model=_MEASURED[1]) or decoder
