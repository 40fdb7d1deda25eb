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
from functools import partial
from operator import methodcaller

from matplotlib.axes import Axes

from brainscore_wiring.accounting import trained_synapses
from brainscore_wiring.architectures import architecture
from brainscore_wiring.paper.panels import (
    DARK_BLUE,
    LIGHT_BLUE,
    PaperFigure,
    Series,
    bars,
    finish,
    groups,
    key,
    mark,
    new_figure,
    percent_axis,
    points_of,
    standard_line,
    with_score,
)
from brainscore_wiring.paper.plotting import BLACK, BLUE, LIGHT_GREY, MEDIUM_GREY, SKY_BLUE, SMALL
from brainscore_wiring.scoring.points import Point, Scores, mean

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
    figure.caption += [
        "**A** Average score of ResNet-50 and MobileNet initialised by CORnet-S's weight "
        "compression and critically trained (WC+CT), in percent of the same network's standard "
        "training, with millions of trained parameters as the paper counts them. **B** Absolute "
        "scores (over the ceiling) in each region: Kaiming Normal (KN) and weight compression "
        "(WC), both with a trained decoder, and with critical training (CT); black lines: standard "
        "training. Of WC and WC+CT the paper draws seed 42 alone. The decoder is on the path of no "
        "score, so KN and WC are birth states with batch-norm statistics measured on images."
    ]
    _transfers(
        figure.axes("A", "Transfer to other networks", 0.78, 0.66, 1.85, 1.85), figure, scores
    )
    _by_region(figure.axes("B", "Absolute scores", 3.2, 0.66, 3.65, 1.85), figure, scores)
    drawn = {point.model for point in figure.panels["5B"]}
    entries = [
        (series.words, mark(series.colour, "s", markersize=6))
        for series in TECHNIQUES
        if drawn & {*series.models}
    ]
    key(
        figure.page,
        2.95,
        2.93,
        [*entries, ("standard training", dict(color=BLACK, linewidth=1.4, linestyle="-"))],
        (0, 1.25, 2.5),
        columns=3,
    )
    return finish(figure, scores)


def figure_7(scores: Scores) -> PaperFigure:
    """Alternative weight compressions with the decoder alone trained and with critical training,
    six epochs each.
    """
    figure = new_figure("7", "Alternative weight compressions", 3.3, scores)
    figure.caption += [
        "Average score of networks initialised by each compression, after six epochs: with the "
        "decoder alone trained (grey; the mixture's also IT.conv3), which the paper calls at "
        "birth, and with critical training (blue). The decoder is on the path of no score, so the "
        "other grey bars are scores at birth, with batch-norm statistics measured on images."
    ]
    axis = figure.page.axes_at(0.75, 0.45, 4.2, 2.3)
    points = with_score(figure, scores, points_of(scores, "7"), "7")
    if not points:
        figure.missing(axis, "7", "none of these compressions was scored after six epochs.")
        return finish(figure, scores)
    for place, (models, shade) in enumerate(zip(_COMPRESSIONS.values(), SHADES)):
        for shift, model, colour in zip((-0.2, 0.2), models, (LIGHT_GREY, shade)):
            found = groups(point for point in points if point.model == model)
            bars(axis, [place + shift], found, scores.percent, colour, 0.36)
    axis.set_xticks(range(len(_COMPRESSIONS)), list(_COMPRESSIONS))
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set_xlim(-0.6, len(_COMPRESSIONS) - 0.4)
    percent_axis(axis, scores, map(scores.percent, points))
    standard_line(axis)
    figure.page.write(5.2, 0.5, "after 6 epochs", weight="bold")
    key(
        figure.page,
        5.2,
        0.68,
        [
            ("decoder alone trained", mark(LIGHT_GREY, "s", markersize=6)),
            ("critical training", mark(BLUE, "s", markersize=6)),
        ],
        0,
        columns=1,
    )
    figure.page.write(5.2, 1.05, "(Mixture Gaussian: grey also\ntrains IT.conv3)", fontsize=SMALL)
    return finish(figure, scores)


def _transfers(axis: Axes, figure: PaperFigure, scores: Scores) -> None:
    points = with_score(figure, scores, points_of(scores, "5A"), "5A")
    places, ticks, heights = [], [], []
    for number, pair in enumerate(TRANSFERS):
        standard, ours = ([point for point in points if point.model == model] for model in pair)
        reference = mean(point.average for point in standard)
        if reference is None:
            continue
        for shift, found, colour in ((-0.2, standard, BLACK), (0.2, ours, DARK_BLUE)):
            if found:
                bars(
                    axis,
                    [number + shift],
                    [found],
                    partial(_in_percent_of, reference),
                    colour,
                    0.36,
                )
                axis.text(
                    number + shift,
                    3,
                    f"{trained_synapses(found[0].row).paper / 1e6:.1f} M",
                    ha="center",
                    va="bottom",
                    fontsize=SMALL,
                    color="white",
                    rotation=90,
                )
                heights += [_in_percent_of(reference, point) for point in found]
        places.append(number)
        words = architecture((standard + ours)[0].row.architecture).words
        ticks.append(textwrap.fill(words, _TICK_WIDTH))
    if not heights:
        figure.missing(axis, "5A", "no ResNet-50 or MobileNet with standard training was scored.")
        return
    axis.set_xticks(places, ticks)
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set_xlim(-0.6, len(TRANSFERS) - 0.4)
    percent_axis(axis, scores, heights)
    axis.set_ylabel("average score (% of the same\nnetwork's standard training)")
    standard_line(axis)
    key(
        figure.page,
        0.62,
        2.93,
        [
            ("standard training", mark(BLACK, "s", markersize=6)),
            ("WC+CT", mark(DARK_BLUE, "s", markersize=6)),
            ("M: million trained parameters", dict(linestyle="")),
        ],
        (0, 1.2),
        columns=2,
    )


def _in_percent_of(reference: float, point: Point) -> float:
    """A point's average, which it has, in percent of another's."""
    return 100 * (point.average or 0.0) / reference


def _by_region(axis: Axes, figure: PaperFigure, scores: Scores) -> None:
    points = points_of(scores, "5B")
    highest = 0.0
    for place, region in enumerate(scores.regions):
        for number, series in enumerate(TECHNIQUES):
            found = [
                point for point in points if point.model in series.models and region in point.scores
            ]
            if found:
                bars(
                    axis,
                    [place + (number - 1.5) * 0.2],
                    [found],
                    methodcaller("score", region),
                    series.colour,
                    0.19,
                    words="",
                )
                figure.panels.setdefault("5B", []).extend(
                    p for p in found if p not in figure.panels.get("5B", ())
                )
                highest = max(highest, *(point.scores[region] for point in found))
        standard = scores.reference_in(region)
        if standard is not None:
            axis.plot(
                [place - 0.42, place + 0.42], [standard] * 2, color=BLACK, linewidth=1.4, zorder=5
            )
            highest = max(highest, standard)
    if "5B" not in figure.panels:
        figure.missing(axis, "5B", "none of these networks was scored.")
        return
    axis.set_xticks(
        range(len(scores.regions)),
        [scores.label(region).replace(" (", "\n(") for region in scores.regions],
    )
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set(ylim=(0, highest * 1.08), ylabel="score over ceiling")
