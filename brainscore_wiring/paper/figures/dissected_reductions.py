"""Figures 5 and 7: transfer to other networks, each region's part, alternative compressions
(section 7, appendix B.3).

The text does not tell what 5A is relative to; its numbers (91 % in ResNet, 22 % lost in MobileNet)
are of each network's own standard training, and so are the bars here. What the authors drew as
birth states in 5B and 7 had a decoder trained on ImageNet, which the pictures say. It is on
the path of no score: but for the mixture's IT.conv3 these are birth states with measured batch-norm
statistics.
"""

from __future__ import annotations

import textwrap

from brainscore_wiring.accounting import trained_synapses
from brainscore_wiring.architectures import architecture
from brainscore_wiring.paper.panels import (
    DARK_BLUE,
    LIGHT_BLUE,
    Look,
    Panel,
    PaperFigure,
    Series,
    bar,
    groups,
    key,
    mark,
    new_figure,
    points_of,
)
from brainscore_wiring.paper.plotting import BLACK, BLUE, LIGHT_GREY, MEDIUM_GREY, SKY_BLUE, SMALL
from brainscore_wiring.scoring.points import Scores, mean

#: Characters of a network's name in a line below the axis.
_TICK_WIDTH = 16
TRANSFERS = (("resnet50", "resnet50_wc_ct"), ("mobilenet", "mobilenet_wc_ct"))
TECHNIQUES = (
    Series(("cornet_s_dt_decoder",), "KN, decoder trained", LIGHT_GREY),
    Series(("cornet_s_wc_decoder",), "WC, decoder trained", MEDIUM_GREY),
    Series(("cornet_s_ct",), "KN+CT", LIGHT_BLUE),
    Series(("cornet_s_wc_ct",), "WC+CT", DARK_BLUE),
)
#: Compression -> the models with the decoder alone trained and with critical training.
_COMPRESSIONS = {
    "WC\n(clusters)": ("cornet_s_wc_decoder", "cornet_s_wc_ct"),
    "Mixture\nGaussian": (
        "cornet_s_mixture_gaussian_decoder_it_conv3",
        "cornet_s_mixture_gaussian_ct",
    ),
    "Kernel\nnormal": ("cornet_s_kernel_normal_decoder", "cornet_s_kernel_normal_ct"),
    "No Gabor\nprior": ("cornet_s_no_gabor_prior_decoder", "cornet_s_no_gabor_prior_ct"),
}
#: From the first to the last compression, as in the paper.
SHADES = ("#0B3C8C", BLUE, SKY_BLUE, "#A9D8F2")


def figure_5(scores: Scores) -> PaperFigure:
    """WC+CT in other networks, and the absolute scores of birth states and critical training in
    each region.
    """
    figure = new_figure("5", "Training reductions one by one", 3.3, scores)
    _transfers(figure.panel("5A", "Transfer to other networks", 0.78, 0.66, 1.85, 1.85))
    _by_region(figure.panel("5B", "Absolute scores", 3.2, 0.66, 3.65, 1.85))
    drawn = {point.model for point in figure.panels["5B"]}
    entries = [
        (series.words, mark(series.colour, "s", markersize=6))
        for series in TECHNIQUES
        if drawn & {*series.models}
    ]
    entries.append(("standard training", dict(color=BLACK, linewidth=1.4, linestyle="-")))
    key(figure.page, 2.95, 2.93, entries, (0, 1.25, 2.5), columns=3)
    return figure.finished()


def figure_7(scores: Scores) -> PaperFigure:
    """Alternative weight compressions with the decoder alone trained and with critical training,
    six epochs each.
    """
    figure = new_figure("7", "Alternative weight compressions", 3.3, scores)
    panel = figure.panel("7", "", 0.75, 0.45, 4.2, 2.3)
    axis, points = panel.axis, panel.with_score()
    if not points:
        panel.missing("none of these compressions was scored after six epochs.")
        return figure.finished()
    for place, (models, shade) in enumerate(zip(_COMPRESSIONS.values(), SHADES)):
        for shift, model, colour in zip((-0.2, 0.2), models, (LIGHT_GREY, shade)):
            for group in groups(point for point in points if point.model == model)[:1]:
                bar(axis, place + shift, list(map(scores.percent, group)), colour, 0.36)
    axis.set_xticks(range(len(_COMPRESSIONS)), list(_COMPRESSIONS))
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set_xlim(-0.6, len(_COMPRESSIONS) - 0.4)
    panel.percent_axis(map(scores.percent, points))
    figure.page.write(5.2, 0.5, "after 6 epochs", weight="bold")
    entries = [
        ("decoder alone trained", mark(LIGHT_GREY, "s", markersize=6)),
        ("critical training", mark(BLUE, "s", markersize=6)),
    ]
    key(figure.page, 5.2, 0.68, entries, 0, columns=1)
    figure.page.write(5.2, 1.05, "(Mixture Gaussian: grey also\ntrains IT.conv3)", fontsize=SMALL)
    return figure.finished()


def _transfers(panel: Panel) -> None:
    """Bars in percent of the same network's standard training, with parameters in millions."""
    axis, points = panel.axis, panel.with_score()
    places, ticks, heights = [], [], []
    for number, pair in enumerate(TRANSFERS):
        standard, ours = ([point for point in points if point.model == model] for model in pair)
        reference = mean(point.average for point in standard)
        if reference is None:
            continue
        for shift, found, colour in ((-0.2, standard, BLACK), (0.2, ours, DARK_BLUE)):
            if found:
                values = [100 * (point.average or 0.0) / reference for point in found]
                bar(axis, number + shift, values, colour, 0.36)
                look: Look = dict(
                    ha="center", va="bottom", fontsize=SMALL, color="white", rotation=90
                )
                millions = trained_synapses(found[0].row).paper / 1e6
                axis.text(number + shift, 3, f"{millions:.1f} M", **look)
                heights += values
        places.append(number)
        words = architecture((standard + ours)[0].row.architecture).words
        ticks.append(textwrap.fill(words, _TICK_WIDTH))
    if not heights:
        panel.missing("no ResNet-50 or MobileNet with standard training was scored.")
        return
    axis.set_xticks(places, ticks)
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set_xlim(-0.6, len(TRANSFERS) - 0.4)
    panel.percent_axis(heights)
    axis.set_ylabel("average score (% of the same\nnetwork's standard training)")
    entries = [
        ("standard training", mark(BLACK, "s", markersize=6)),
        ("WC+CT", mark(DARK_BLUE, "s", markersize=6)),
        ("M: million trained parameters", dict(linestyle="")),
    ]
    key(panel.figure.page, 0.62, 2.93, entries, (0, 1.2), columns=2)


def _by_region(panel: Panel) -> None:
    axis, scores, figure = panel.axis, panel.scores, panel.figure
    points = points_of(scores, "5B")
    highest = 0.0
    for place, region in enumerate(scores.regions):
        for number, series in enumerate(TECHNIQUES):
            found = [
                point for point in points if point.model in series.models and region in point.scores
            ]
            if found:
                values = [point.scores[region] for point in found]
                across = place + (number - 1.5) * 0.2
                bar(axis, across, values, series.colour, 0.19, words=False)
                before = figure.panels.setdefault("5B", [])
                before += [point for point in found if point not in before]
                highest = max(highest, *values)
        standard = scores.reference_in(region)
        if standard is not None:
            ends = [place - 0.42, place + 0.42]
            axis.plot(ends, [standard] * 2, color=BLACK, linewidth=1.4, zorder=5)
            highest = max(highest, standard)
    if "5B" not in figure.panels:
        panel.missing("none of these networks was scored.")
        return
    labels = [scores.label(region).replace(" (", "\n(") for region in scores.regions]
    axis.set_xticks(range(len(labels)), labels)
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set(ylim=(0, highest * 1.08), ylabel="score")
