"""Figure 2B: what a genome says, as pictures (paper, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from brainscore_wiring.architectures import build
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.checkpoints.training_record import GenomeSource
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.plotting import (
    MARGIN,
    REFERENCE,
    SAMPLED,
    SMALL,
    TILE,
    TILE_PITCH,
    WIDTH,
    Page,
    as_grey,
    colour_mosaic,
    grey_scale,
    style,
)
from brainscore_wiring.random_streams import Stream
from brainscore_wiring.weight_compression.entries.clusters import Clusters
from brainscore_wiring.weight_compression.entry import Entry
from brainscore_wiring.weight_compression.genome import Genome

#: Births are drawn with the paper's first seed.
PICTURE_SEED = 0
KERNELS_SHOWN = 64
#: Pictures in one row of a layer.
_ROW = 8
MOSAIC, LABEL_WIDTH, ROW_HEIGHT, _HEADER = 2.75, 1.05, 0.52, 0.75


@dataclass(frozen=True)
class Layer:
    """A convolution with its weights' shape (out, in, k, k) and the genome's entry for it."""

    name: str
    shape: tuple[int, ...]
    entry: Entry

    @property
    def pointwise(self) -> bool:
        return self.shape[2:] == (1, 1)

    @property
    def in_colour(self) -> bool:
        """Whether its kernels have three colour channels."""
        return self.shape[1] == 3 and not self.pointwise

    def sample(self) -> np.ndarray:
        """Its weights at birth: `shape`, float32."""
        return self.entry.sample(self.shape, PICTURE_SEED, self.name)


def convolution_layers(genome: Genome) -> list[Layer]:
    """The convolutions that the genome describes, in the network's order.

    Raises `WiringError` where there is none, or clusters are not of the kernels' size.
    """
    with torch.device("meta"):
        network = build(genome.architecture)
    layers = [
        Layer(name, tuple(module.weight.shape), genome.layers[name])
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and name in genome.layers
    ]
    if not layers:
        raise WiringError(
            f"The genome has no entry for a convolution of {genome.architecture}, so nothing can "
            "be drawn: `brainscore compress CHECKPOINT -o GENOME` writes a whole genome."
        )
    for layer in layers:
        weights = int(np.prod(layer.shape[2:]))
        if isinstance(layer.entry, Clusters) and len(layer.entry.centres[0]) != weights:
            raise WiringError(
                f"The genome's clusters for {layer.name} have {len(layer.entry.centres[0])} "
                f"weights, its kernels {weights}: it is damaged."
            )
    return layers


def draw_genome(genome: Genome) -> Page:
    """The paper's figure 2B: kernels sampled for the first layer, centres of clusters with their
    mean share, and the 1 x 1 convolutions' centres. An entry of another kind is shown by filters
    that it samples.
    """
    layers = convolution_layers(genome)
    colour = [layer for layer in layers if layer.in_colour][:1]
    spatial = [
        layer
        for layer in layers
        if not layer.pointwise and not (layer.in_colour and not isinstance(layer.entry, Clusters))
    ]
    pointwise = [layer for layer in layers if layer.pointwise]
    rows = {layer.name: _filters(layer) for layer in spatial}
    lines = sum(-(-len(filters) // _ROW) for filters, _, _ in rows.values())
    upper = max(MOSAIC * len(colour), (lines * ROW_HEIGHT + 0.35) if lines else 0)
    header = _HEADER if upper else 0.3
    lower = 0.2 * len(pointwise) + 0.85 if pointwise else 0
    with style():
        page = Page(header + upper + 0.1 + lower)
        page.write(MARGIN, 0.08, _title(genome), fontsize=9)
        for layer in colour:
            page.write(
                MARGIN,
                0.38,
                f"{layer.name}: {min(KERNELS_SHOWN, layer.shape[0])} sampled kernels\n"
                f"({_in_words(layer.entry)}), each to its own scale",
            )
            page.picture(
                MARGIN, _HEADER, MOSAIC - 0.05, colour_mosaic(layer.sample()[:KERNELS_SHOWN])
            )
        if spatial:
            _draw_rows(page, rows, MARGIN + (MOSAIC + 0.15) * len(colour))
        if pointwise:
            _draw_pointwise(page, pointwise, header + upper + 0.35)
    return page


def _title(genome: Genome) -> str:
    """What a genome was fitted to, as far as it says, and its size."""
    stored, true = genome.stored_numbers(), genome.true_numbers()
    source = GenomeSource.from_json(genome.source)
    named = source.trained_as or genome.architecture
    if source.fingerprint:
        named += f" ({source.fingerprint})"
    data = source.training_data if source.training_data != "unknown" else None
    if data:
        named += f", {in_epochs(source.epochs)} of {data}" if source.epochs else f", {data}"
    truth = f" ({true:,} in truth)" if true != stored else ""
    return f"Genome fitted to {named}: {stored:,} numbers as the paper counts{truth}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share == 0 or share >= 0.01 else f"{share:.1%}"


def _in_words(entry: Entry) -> str:
    words = entry.kind.replace("_", " ")
    return words[0].upper() + words[1:] if words.startswith("gabor") else words


def _filters(layer: Layer) -> tuple[np.ndarray, list[str], str]:
    """What to show of a layer: filters (n, k, k), a line under each, and in words what they are.

    Clusters come with the commonest first; of another entry one filter each of some sampled kernels
    is shown.
    """
    size = layer.shape[2:]
    if isinstance(layer.entry, Clusters):
        shares = np.array(layer.entry.count_means) / layer.entry.in_channels
        order = np.argsort(-shares, kind="stable")
        return (
            np.array(layer.entry.centres)[order].reshape(-1, *size),
            [_percent(share) for share in shares[order]],
            f"{len(order)} clusters",
        )
    places = (
        Stream(PICTURE_SEED, layer.name, "pictured filters").uniform(2, _ROW)
        * np.array(layer.shape[:2])[:, None]
    )
    out, channel = places.astype(int)
    return layer.sample()[out, channel], [""] * _ROW, _in_words(layer.entry)


def _draw_rows(page: Page, rows: dict[str, tuple[np.ndarray, list[str], str]], left: float) -> None:
    clustered = [any(words) for _, words, _ in rows.values()]
    page.write(
        left,
        0.38,
        "Spatial convolutions: "
        + (
            "filters that\nthe genome samples"
            if not any(clustered)
            else "cluster centres, and the mean share\nof a kernel's input channels that each "
            "cluster has"
        )
        + ("; else sampled filters" if any(clustered) and not all(clustered) else ""),
    )
    top = _HEADER
    for name, (filters, words, kind) in rows.items():
        largest = float(np.abs(filters).max())
        page.write(left, top - 0.01, name, weight="bold")
        page.write(left, top + 0.12, f"{kind}\nmax ±{largest:#.2g}", fontsize=SMALL)
        for number, (weights, share) in enumerate(zip(filters, words)):
            line, column = divmod(number, _ROW)
            x, y = left + LABEL_WIDTH + TILE_PITCH * column, top + ROW_HEIGHT * line
            page.picture(x, y, TILE, as_grey(weights, largest))
            page.write(x + TILE / 2, y + TILE + 0.03, share, fontsize=SMALL, ha="center")
        top += ROW_HEIGHT * -(-len(filters) // _ROW)
    grey_scale(page, left + LABEL_WIDTH, top + 0.02, "max")


def _draw_pointwise(page: Page, layers: list[Layer], top: float) -> None:
    """One line per 1 x 1 convolution: each cluster's weight and mean share, or the spread of
    sampled weights.
    """
    clusters = [layer.entry for layer in layers if isinstance(layer.entry, Clusters)]
    axis = page.axes_at(LABEL_WIDTH, top, WIDTH - LABEL_WIDTH - 0.25, 0.2 * len(layers))
    for row, layer in enumerate(layers):
        if isinstance(layer.entry, Clusters):
            shares = np.array(layer.entry.count_means) / layer.entry.in_channels
            for (weight,), share in zip(layer.entry.centres, shares):
                axis.plot(weight, row, "o", color=SAMPLED, markersize=4.5)
                axis.annotate(
                    _percent(share),
                    (weight, row),
                    (6 if weight >= 0 else -6, 0),
                    textcoords="offset points",
                    ha="left" if weight >= 0 else "right",
                    va="center",
                    fontsize=SMALL,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                )
        else:
            low, lower, median, upper, high = np.quantile(
                layer.sample(), [0.05, 0.25, 0.5, 0.75, 0.95]
            )
            axis.plot([low, high], [row, row], color=SAMPLED, linewidth=0.8)
            axis.plot([lower, upper], [row, row], color=SAMPLED, linewidth=3, solid_capstyle="butt")
            axis.plot(median, row, "|", color="black", markersize=6)
    axis.axvline(0, color=REFERENCE, linewidth=0.6, zorder=0)
    axis.grid(axis="y", color=REFERENCE, alpha=0.35, linewidth=0.4)
    axis.set_axisbelow(True)
    axis.set_yticks(range(len(layers)), [layer.name for layer in layers])
    axis.set(ylim=(len(layers) - 0.4, -0.6), xlabel="weight")
    axis.margins(x=0.08)
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    parts = (
        [
            "the two-valued weights' centres and mean shares"
            if clusters and all(len(entry.centres) == 2 for entry in clusters)
            else "cluster centres and mean shares"
        ]
        if clusters
        else []
    )
    parts += (
        ["sampled weights, 5 to 95 %, quartiles and median"] if len(clusters) < len(layers) else []
    )
    page.write(MARGIN, top - 0.22, f"1 x 1 convolutions: {'; '.join(parts)}")
