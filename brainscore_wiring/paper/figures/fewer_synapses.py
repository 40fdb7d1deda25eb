"""Figure 3: training only critical layers (paper, section 5).

Panels A and B are drawn from the package's own network and training conditions: a square is a
convolution, coloured where it is trained. The text leaves open which variants C and D join: here
lines join what the paper calls critical (CT) and downstream training (DT), and thin ones the layers
it compares them with.
"""

from __future__ import annotations

from functools import partial

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from brainscore_wiring.accounting import trained_synapses
from brainscore_wiring.architectures import trained_parameters
from brainscore_wiring.architectures.layers import convolutions_of, parameter_counts
from brainscore_wiring.catalogue import AREAS, CATALOGUE
from brainscore_wiring.paper.panels import (
    DARK_BLUE,
    Look,
    Panel,
    PaperFigure,
    Series,
    draw_groups,
    groups,
    key,
    mark,
    new_figure,
)
from brainscore_wiring.paper.plotting import (
    BLACK,
    BLUE,
    DARK_GREY,
    LIGHT_GREY,
    MEDIUM_GREY,
    ORANGE,
    PURPLE,
    SMALL,
)
from brainscore_wiring.scoring.points import AVERAGE, STANDARD, TOP1, Point, Scores

UP_SAMPLING, BATCH_NORM = ORANGE, PURPLE
#: A line joins the models of one series and, where it begins there, standard training.
SERIES = (
    Series(
        ("cornet_s_dt_v2", "cornet_s_dt_v4", "cornet_s_dt_it", "cornet_s_dt_decoder"),
        "DT: areas from below frozen",
        MEDIUM_GREY,
    ),
    Series(("cornet_s_ct_v2", "cornet_s_ct_v4", "cornet_s_ct"), "CT: down-sampling layers", BLUE),
    Series(
        ("cornet_s_conv1_v2", "cornet_s_conv1_v4", "cornet_s_conv1"),
        "up-sampling layers instead",
        UP_SAMPLING,
        "^",
    ),
    Series(
        ("cornet_s_batchnorm_v2", "cornet_s_batchnorm_v4", "cornet_s_batchnorm"),
        "batch norms instead",
        BATCH_NORM,
        "v",
    ),
    Series(
        ("cornet_s_wc_ct_v2", "cornet_s_wc_ct_v4"), "CT from WC, up to V2 and V4", DARK_BLUE, "D"
    ),
    Series(("cornet_s_wc_decoder",), "WC, decoder alone", DARK_BLUE, "s"),
)
THICK = ("cornet_s_dt_v2", "cornet_s_ct_v2")
#: Model -> what stands at its row in panel A.
SCHEMES = {
    "cornet_s": ("all", BLACK),
    "cornet_s_dt_v4": ("DT", MEDIUM_GREY),
    "cornet_s_dt_it": ("DT", MEDIUM_GREY),
    "cornet_s_dt_decoder": ("DT", MEDIUM_GREY),
    "cornet_s_ct_v2": ("CT", BLUE),
    "cornet_s_ct_v4": ("CT", BLUE),
    "cornet_s_ct": ("CT", BLUE),
}


def figure_3(scores: Scores) -> PaperFigure:
    """What critical and downstream training train, and the scores over the number of trained
    parameters.
    """
    figure = new_figure("3", "Scores after training few synapses", 5.42, scores)
    schemes = "What is trained, and how many weights that are"
    _draw_schemes(figure.panel("3A", schemes, 0.62, 0.6, 3.5, 1.6).axis)
    circuit = "An area of CORnet-S (V2, V4, IT)"
    _draw_circuit(figure.panel("3B", circuit, 4.45, 0.6, 2.45, 1.6).axis)
    _over_parameters(figure.panel("3C", "Average score", 0.72, 2.62, 2.6, 1.85), AVERAGE)
    _over_parameters(figure.panel("3D", "ImageNet top-1 accuracy", 4.22, 2.62, 2.6, 1.85), TOP1)
    drawn = {point.model for points in figure.panels.values() for point in points}
    entries = [
        (series.words, mark(series.colour, series.marker))
        for series in SERIES
        if drawn & {*series.models}
    ]
    entries = [("standard training", mark(BLACK)), *entries]
    key(figure.page, 0.62, 5.0, entries, (0, 1.28, 3.0, 4.75), columns=4)
    return figure.finished()


def millions(point: Point) -> float:
    """Millions of parameters that are trained, as the paper counts."""
    return trained_synapses(point.row).paper / 1e6


def _over_parameters(panel: Panel, region: str) -> None:
    axis, scores = panel.axis, panel.scores
    points = panel.with_score(region=region)
    if not panel.compares(points):
        panel.missing(
            "ImageNet accuracy was not measured."
            if region == TOP1 and TOP1 not in scores.benchmarks
            else "besides standard training none of its networks was scored.",
        )
        return
    value = partial(scores.percent, region=region)
    standard = [point for point in points if point.model == STANDARD]
    # first what the paper compares, in thick lines, then in thin ones what lies on them
    for series in SERIES:
        mine = [point for point in points if point.model in series.models]
        found = groups([*standard, *mine] if mine and len(series.models) > 1 else mine)
        size, width = (6, 2) if series.models[0] in THICK else (3.4, 0.8)
        look = (series.colour, series.marker, "-", size, width)
        draw_groups(axis, found, millions, value, *look)
    if standard:
        draw_groups(axis, groups(standard), millions, value, BLACK, size=6.5)
    axis.set(
        xlim=(-1.5, 55), xlabel="number of trained parameters (million)", xticks=range(0, 51, 10)
    )
    panel.percent_axis(map(value, points), region)


def _draw_schemes(axis: Axes) -> None:
    """A row for each condition, a square for each convolution of CORnet-S and one for the
    decoder.
    """
    parameters = parameter_counts("cornet_s")
    convolutions = [f"{name}.weight" for name in convolutions_of("cornet_s")]
    columns = [*convolutions, "decoder.linear.weight"]
    places, x = {}, 0.0
    for before, name in zip(["", *columns], columns):
        x += 1.6 if before and before.partition(".")[0] != name.partition(".")[0] else 1.0
        places[name] = x
    for row, (model, (words, colour)) in enumerate(SCHEMES.items()):
        trained = set(trained_parameters(CATALOGUE[model].trained, parameters))
        for name in columns:
            square = colour if name in trained else LIGHT_GREY
            axis.add_patch(
                Rectangle((places[name], -row), 0.8, 0.72, linewidth=0, facecolor=square)
            )
        count = sum(parameters[name] for name in convolutions if name in trained)
        axis.text(0.7, -row + 0.36, words, ha="right", va="center", weight="bold", color=colour)
        axis.text(x + 1.2, -row + 0.36, f"{count / 1e6:.1f} M" if count else "0", va="center")
    for area in (*AREAS, "decoder"):
        mine = [place for name, place in places.items() if name.startswith(f"{area}.")]
        middle = (mine[0] + mine[-1] + 0.8) / 2
        axis.text(middle, 1.0, area, ha="center", va="bottom", fontsize=SMALL)
    axis.set(xlim=(-0.9, x + 4.2), ylim=(-len(SCHEMES) + 0.9, 1.6))
    axis.set_axis_off()


def _draw_circuit(axis: Axes) -> None:
    """The convolutions of a recurrent area and how they are wired; places are inches."""
    axis.set(xlim=(0, 2.45), ylim=(0, 1.6))
    axis.set_axis_off()
    line: Look = dict(color="black", linewidth=0.7, solid_joinstyle="miter")
    axis.plot([0.47, 0.47, 1.04], [0.87, 1.31, 1.31], **line)
    axis.plot([1.46, 2.13], [1.31, 1.31], **line)
    axis.plot([2.3, 2.3, 0.47], [0.87, 0.4, 0.4], **line, linestyle="--")
    arrow: Look = dict(arrowstyle="-|>", linewidth=0.7, color="black", mutation_scale=5)
    arrow |= dict(shrinkA=0, shrinkB=0)
    for start, end in (
        ((0.42, 0.87), (0.52, 0.87)),
        ((0.94, 0.87), (1.04, 0.87)),
        ((1.46, 0.87), (1.56, 0.87)),
        ((1.98, 0.87), (2.06, 0.87)),
        ((2.2, 0.87), (2.44, 0.87)),
        ((2.13, 1.31), (2.13, 0.95)),
        ((0.47, 0.4), (0.47, 0.85)),
    ):
        axis.annotate("", end, start, arrowprops=arrow)
    centred: Look = dict(ha="center", va="center", zorder=4)
    for left, bottom, words, colour in (
        (0, 0.7, "conv_\ninput", LIGHT_GREY),
        (0.52, 0.7, "conv1\n1x1, up", LIGHT_GREY),
        (1.04, 0.7, "conv2\n3x3", LIGHT_GREY),
        (1.56, 0.7, "conv3\n1x1, down", BLUE),
        (1.04, 1.14, "skip\n1x1", LIGHT_GREY),
    ):
        axis.add_patch(Rectangle((left, bottom), 0.42, 0.34, facecolor=colour, zorder=3))
        look: Look = dict(linespacing=1.0, color="white" if colour == BLUE else "black")
        axis.text(left + 0.21, bottom + 0.17, words, fontsize=5.5, **look, **centred)
    plus: Look = dict(markerfacecolor="white", markersize=8, markeredgewidth=0.7)
    axis.plot(2.13, 0.87, "o", color="black", zorder=3, **plus)
    axis.text(2.13, 0.865, "+", fontsize=7.5, **centred)
    later = "later steps: from here, without conv_input and skip"
    axis.text(1.35, 0.36, later, ha="center", va="top", fontsize=5.5)
    axis.text(0, 0.2, "frozen", color=DARK_GREY, fontsize=SMALL, weight="bold", va="top")
    axis.text(0.42, 0.2, "trained (CT)", color=BLUE, fontsize=SMALL, weight="bold", va="top")
    axis.text(1.1, 0.2, "batch norm and ReLU not shown", fontsize=5.5, va="top")
